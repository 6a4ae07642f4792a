//! Small changes of a spec, by which `cause` finds out what a line of it does.

use crate::diagnostics::Span;
use crate::yaml::{Data, Entry, Node, Scalar, Style};

/// A way to a scalar, a list or a mapping in a node: the number of the entry or item at each level.
pub(super) type Way = Vec<usize>;

/// A part of a node: the way to it, its keys and place, and the text of a scalar.
pub(super) struct Leaf {
    pub(super) way: Way,
    pub(super) key: String,
    pub(super) span: Span,
    pub(super) text: Option<String>,
}

/// The scalars, lists and mappings of a node, except for those below entries at the top that `skip` names. What is in a list or a mapping
/// comes before it.
pub(super) fn leaves(node: &Node, skip: &dyn Fn(&str) -> bool) -> Vec<Leaf> {
    fn walk(node: &Node, span: Span, way: &mut Way, keys: &mut Vec<String>, found: &mut Vec<Leaf>) {
        let mut text = None;
        match &node.data {
            Data::Scalar(scalar) => text = Some(scalar.text.clone()),
            Data::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    way.push(index);
                    walk(item, item.span, way, keys, found);
                    way.pop();
                }
            }
            Data::Map(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    way.push(index);
                    keys.push(entry.key.clone());
                    walk(&entry.value, place(entry), way, keys, found);
                    keys.pop();
                    way.pop();
                }
            }
        }
        found.push(Leaf { way: way.clone(), key: keys.join("."), span, text });
    }
    // A list or mapping in lines of its own begins a line below its key.
    fn place(entry: &Entry) -> Span {
        match entry.value.data {
            Data::Scalar(_) => entry.value.span,
            _ => entry.key_span,
        }
    }
    let mut found = Vec::new();
    for (index, entry) in node.entries().unwrap_or_default().iter().enumerate() {
        if !skip(&entry.key) {
            let keys = &mut vec![entry.key.clone()];
            walk(&entry.value, place(entry), &mut vec![index], keys, &mut found);
        }
    }
    // What gen itself filled in stands on no line.
    found.retain(|leaf| !leaf.span.is_built_in());
    found
}

/// Other texts of about the same form, the likeliest to be valid first.
pub(super) fn others(text: &str) -> Vec<String> {
    match text {
        "true" => return vec!["false".to_owned()],
        "false" => return vec!["true".to_owned()],
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return [number.checked_add(1), number.checked_sub(1)]
            .into_iter()
            .flatten()
            .map(|n| n.to_string())
            .collect();
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return vec![format!("1{text}"), format!("{text}x")];
    }
    // A digest keeps its length.
    if let Some((before, digest)) = text.split_once("@sha256:") {
        let other: String = digest.chars().map(|c| if c == '0' { '1' } else { '0' }).collect();
        return vec![format!("{before}@sha256:{other}"), format!("{before}x@sha256:{digest}")];
    }
    vec![format!("{text}x"), format!("x{text}")]
}

/// The node with another text at the end of a way.
pub(super) fn with(node: &Node, way: &[usize], text: &str) -> Node {
    let mut node = node.clone();
    if let Some(place) = find(&mut node, way) {
        let style = match &place.data {
            Data::Scalar(scalar) => scalar.style,
            _ => Style::Quoted,
        };
        place.data = Data::Scalar(Scalar { text: text.to_owned(), style });
    }
    node
}

/// The node without what is at the end of a way.
pub(super) fn without(node: &Node, way: &[usize]) -> Node {
    let mut node = node.clone();
    if let Some((last, before)) = way.split_last()
        && let Some(place) = find(&mut node, before)
    {
        match &mut place.data {
            Data::Map(entries) => drop(entries.remove(*last)),
            Data::Seq(items) => drop(items.remove(*last)),
            Data::Scalar(_) => {}
        }
    }
    node
}

fn find<'n>(node: &'n mut Node, way: &[usize]) -> Option<&'n mut Node> {
    way.iter().try_fold(node, |node, index| match &mut node.data {
        Data::Map(entries) => entries.get_mut(*index).map(|entry| &mut entry.value),
        Data::Seq(items) => items.get_mut(*index),
        Data::Scalar(_) => None,
    })
}
