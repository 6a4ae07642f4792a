//! The order in which the spec writes its tasks: one after the other, lists within the list beside each other.

use std::collections::BTreeSet;

use super::catalogue::Catalogue;
use super::decode::Decoder;
use super::pipeline::Named;
use crate::diagnostics::{Span, SpecError};
use crate::environment::Selection;
use crate::yaml::{Data, Node};

/// The tasks of a pipeline with what each waits for, by their order alone.
#[derive(Default)]
pub(super) struct Layout<'a> {
    pub(super) tasks: Vec<(Named<'a>, Vec<String>)>,
}

impl<'a> Layout<'a> {
    /// Items one after the other; gives the names that whatever comes next waits for.
    fn sequence(&mut self, items: &'a [Node], before: Vec<String>) -> Vec<String> {
        items
            .iter()
            .fold(before, |before, item| self.item(item, before, true))
    }

    fn item(&mut self, item: &'a Node, before: Vec<String>, parallel: bool) -> Vec<String> {
        match &item.data {
            Data::Seq(items) if parallel => items
                .iter()
                .flat_map(|item| self.item(item, before.clone(), false))
                .collect(),
            Data::Seq(items) => self.sequence(items, before),
            _ => match named(item) {
                Some(named) => {
                    let name = named.name.to_owned();
                    self.tasks.push((named, before));
                    vec![name]
                }
                None => before,
            },
        }
    }
}

fn named(node: &Node) -> Option<Named<'_>> {
    match &node.data {
        Data::Scalar(scalar) => Some(Named {
            name: &scalar.text,
            settings: None,
            span: node.span,
        }),
        Data::Map(entries) => entries.first().map(|entry| Named {
            name: &entry.key,
            settings: Some(&entry.value).filter(|value| !value.is_null()),
            span: entry.key_span,
        }),
        Data::Seq(_) => None,
    }
}

/// What a pipeline is where the spec names none.
pub(super) const DEFAULT: [&str; 3] = ["fetch-source", "build-image", "deploy-app"];

pub(super) fn layout<'a>(items: Option<&'a Node>, default: &[&'a str]) -> Layout<'a> {
    let mut layout = Layout::default();
    if let Some(items) = items.and_then(Node::items) {
        layout.sequence(items, Vec::new());
    } else {
        let mut before = Vec::new();
        for name in default {
            layout.tasks.push((
                Named {
                    name,
                    settings: None,
                    span: Span::BUILT_IN,
                },
                before,
            ));
            before = vec![(*name).to_owned()];
        }
    }
    layout
}

/// Catalogue tasks that the environment names and the app does not: they run at the end, with their defaults.
pub(super) fn added<'a>(
    catalogue: &Catalogue,
    selection: &'a Selection,
    tasks: &[(Named<'a>, Vec<String>)],
) -> Vec<(Named<'a>, Vec<String>)> {
    let Selection::Tasks(names) = selection else {
        return Vec::new();
    };
    let mut added: Vec<(Named<'a>, Vec<String>)> = Vec::new();
    for (name, span) in names {
        if tasks.iter().any(|(named, _)| named.name == name) || catalogue.get(name).is_none() {
            continue;
        }
        let before = added
            .last()
            .map(|(named, _)| named.name)
            .or_else(|| tasks.last().map(|(named, _)| named.name));
        added.push((
            Named {
                name,
                settings: None,
                span: *span,
            },
            before.into_iter().map(str::to_owned).collect(),
        ));
    }
    added
}

pub(super) fn refuse_twice<'a>(d: &mut Decoder<'_>, tasks: impl Iterator<Item = Named<'a>>) {
    let mut seen = BTreeSet::new();
    for named in tasks {
        if !seen.insert(named.name) {
            d.problems.error(
                named.span,
                SpecError::DuplicateTask {
                    name: named.name.to_owned(),
                },
            );
        }
    }
}
