//! Short forms into long ones, before layers are merged: `source: URL` means `source: {url: URL}`, and only then can an
//! environment add a branch to it.

use super::table::Shape;
use crate::yaml::{Data, Entry, Node, Scalar};

/// Converts a checked value to its long form.
pub fn expand(node: &mut Node, shape: &Shape) {
    if node.is_null() {
        return;
    }
    match shape {
        Shape::List(item) => {
            if let Data::Seq(items) = &mut node.data {
                for node in items {
                    expand(node, item);
                }
            }
        }
        Shape::Map(_, value) => {
            if let Data::Map(entries) = &mut node.data {
                for entry in entries {
                    expand(&mut entry.value, value);
                }
            }
        }
        Shape::Short(object) if matches!(node.data, Data::Scalar(_)) => {
            let first = &object.fields[0].key;
            wrap(node, first, Clone::clone);
        }
        Shape::Object(object) | Shape::Short(object) | Shape::Reference(object) => {
            if let Data::Map(entries) = &mut node.data {
                for entry in entries {
                    if let Some(field) = object.field(&entry.key) {
                        expand(&mut entry.value, &field.shape);
                    }
                }
            }
        }
        Shape::Variant(variants) => {
            if let Data::Scalar(Scalar { text, .. }) = &node.data {
                let word = text.clone();
                wrap(node, &word, |node| Node::empty_map(node.span));
            } else if let Data::Map(entries) = &mut node.data {
                for entry in entries {
                    if entry.value.is_null() {
                        entry.value = Node::empty_map(entry.value.span);
                    }
                    if let Some((_, object)) = variants.iter().find(|(word, _)| *word == entry.key)
                    {
                        expand(&mut entry.value, &object.settings());
                    }
                }
            }
        }
        Shape::Either(first, second) => {
            expand(node, Shape::meant(first, second, node));
        }
        _ => {}
    }
}

fn wrap(node: &mut Node, key: &str, inner: impl Fn(&Node) -> Node) {
    let value = inner(node);
    let entry = Entry { key: key.to_owned(), key_span: node.span, value };
    node.data = Data::Map(vec![entry]);
}
