//! The rules of merging, as constants that tables are made of.

/// The fields of a mapping with their own rules.
pub(crate) type Shape = &'static [Field];

/// The rule of one field.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its merge strategy.
    pub how: How,
    /// The rules below it: for the mapping, or for each item of the list.
    pub inner: Shape,
}

/// The merge strategy of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Maps merge; lists are replaced.
    Plain,
    /// A list whose items are identified by a key.
    Keyed(Key),
    /// A list of scalars, each once.
    Set,
    /// Replaced whole even though it is a mapping.
    Whole,
}

/// The identity of the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// The merge key.
    pub name: &'static str,
    /// A second field and its default, which decides between items with the same key. Kubernetes' strategic merge knows
    /// only the first and would fold port 53 over UDP into port 53 over TCP; server-side apply knows both.
    pub second: Option<(&'static str, &'static str)>,
}

pub(super) const fn map(name: &'static str, inner: Shape) -> Field {
    let how = How::Plain;
    Field { name, how, inner }
}

pub(super) const fn list(name: &'static str, key: &'static str, inner: Shape) -> Field {
    let how = How::Keyed(Key { name: key, second: None });
    Field { name, how, inner }
}

pub(super) const fn ports(key: &'static str) -> Field {
    list_by_two("ports", key, ("protocol", "TCP"))
}

pub(super) const fn list_by_two(
    name: &'static str,
    key: &'static str,
    second: (&'static str, &'static str),
) -> Field {
    let how = How::Keyed(Key { name: key, second: Some(second) });
    Field { name, how, inner: &[] }
}

pub(super) const fn set(name: &'static str) -> Field {
    let (how, inner) = (How::Set, &[]);
    Field { name, how, inner }
}

pub(super) const fn whole(name: &'static str) -> Field {
    let (how, inner) = (How::Whole, &[]);
    Field { name, how, inner }
}

/// The kinds of one API group that share a shape.
pub(super) struct Row {
    pub group: &'static str,
    pub names: &'static [&'static str],
    pub shape: Shape,
}
