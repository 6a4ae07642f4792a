//! The merge rules of an object's lists, as data.
//!
//! A shape has only the fields that need their own rule. For others, maps merge and lists are replaced
//! as a whole, as Kubernetes does for custom resources.

mod kubernetes;
mod shape;
mod tekton;

pub(super) use shape::{How, Key, Shape};

/// The shape of a kind; empty for unknown kinds.
pub(super) fn of(api: &str, kind: &str) -> Shape {
    let group = crate::kubernetes::split_api(api).0;
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
