//! How each list of an object is merged, as data.
//!
//! A shape names only the fields that need a rule of their own. Where it is silent, maps merge and lists are replaced
//! whole, which is what Kubernetes does for custom resources too.

mod kubernetes;
mod shape;
mod tekton;

pub(super) use shape::{How, Key, Shape};

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
