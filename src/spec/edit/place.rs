//! The path to what stands at a place.

use super::change::Step;
use crate::diagnostics::Position;
use crate::yaml::{Data, Node};

/// The path to the entry whose key begins at a place, or to the value that does.
#[must_use]
pub fn find(root: &Node, at: Position) -> Option<Vec<Step>> {
    let mut path = Vec::new();
    below(root, at, &mut path).then_some(path)
}

fn below(node: &Node, at: Position, path: &mut Vec<Step>) -> bool {
    let mut try_one = |step: Step, is_here: bool, value: &Node| {
        path.push(step);
        let found = is_here || below(value, at, path);
        if !found {
            path.pop();
        }
        found
    };
    match &node.data {
        Data::Scalar(_) => false,
        Data::Seq(items) => (0..).zip(items).any(|(index, item)| {
            let is_here = item.span.start == at && matches!(item.data, Data::Scalar(_));
            try_one(Step::Item(index), is_here, item)
        }),
        Data::Map(entries) => entries.iter().any(|entry| {
            // A mapping in a block begins where its first key does.
            let is_scalar = matches!(entry.value.data, Data::Scalar(_));
            let is_here = entry.key_span.start == at || (is_scalar && entry.value.span.start == at);
            try_one(Step::Key(entry.key.clone()), is_here, &entry.value)
        }),
    }
}
