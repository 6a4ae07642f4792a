//! How each list of an object is merged, as data.
//!
//! A shape names only the fields that need a rule of their own. Where it is silent, maps merge and lists are replaced
//! whole, which is what Kubernetes does for custom resources too.

mod kubernetes;
mod tekton;

/// The fields of a mapping that have a rule of their own.
pub(super) type Shape = &'static [Field];

/// The rule of one field.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What merging means for it.
    pub how: How,
    /// The rules below it: of the mapping, or of each item of the list.
    pub inner: Shape,
}

/// What merging means for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Maps merge; lists are replaced.
    Plain,
    /// A list whose items are known by a key.
    Keyed(Key),
    /// A list of scalars, each once.
    Set,
    /// Replaced whole even though it is a mapping.
    Whole,
}

/// What the items of a list are known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// The merge key.
    pub name: &'static str,
    /// A second field and its default, which decides between items with the same key. Kubernetes' strategic merge knows
    /// only the first and would fold port 53 over UDP into port 53 over TCP; server-side apply knows both.
    pub second: Option<(&'static str, &'static str)>,
}

const fn map(name: &'static str, inner: Shape) -> Field {
    let how = How::Plain;
    Field { name, how, inner }
}

const fn list(name: &'static str, key: &'static str, inner: Shape) -> Field {
    let how = How::Keyed(Key {
        name: key,
        second: None,
    });
    Field { name, how, inner }
}

const fn ports(key: &'static str) -> Field {
    list_by_two("ports", key, ("protocol", "TCP"))
}

const fn list_by_two(
    name: &'static str,
    key: &'static str,
    second: (&'static str, &'static str),
) -> Field {
    let how = How::Keyed(Key {
        name: key,
        second: Some(second),
    });
    Field {
        name,
        how,
        inner: &[],
    }
}

const fn set(name: &'static str) -> Field {
    let (how, inner) = (How::Set, &[]);
    Field { name, how, inner }
}

const fn whole(name: &'static str) -> Field {
    let (how, inner) = (How::Whole, &[]);
    Field { name, how, inner }
}

/// The kinds of one API group that share a shape.
struct Row {
    group: &'static str,
    names: &'static [&'static str],
    shape: Shape,
}

/// The shape of a kind; empty for kinds that gen has no table for.
pub(super) fn of(api: &str, kind: &str) -> Shape {
    let group = super::target::split_api(api).0;
    let table = kubernetes::KINDS.iter().chain(tekton::KINDS);
    table
        .filter(|row| row.group == group)
        .find(|row| row.names.contains(&kind))
        .map_or(&[], |row| row.shape)
}

/// The rule of a field in a shape.
pub(super) fn field(shape: Shape, name: &str) -> (How, Shape) {
    let found = shape.iter().find(|field| field.name == name);
    found.map_or((How::Plain, &[]), |field| (field.how, field.inner))
}
