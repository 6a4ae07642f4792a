//! The order of tasks as written: one after the other, with nested lists in parallel.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use crate::diagnostics::{Span, SpecError};
use crate::environment::Selection;
use crate::model::Catalogue;
use crate::yaml::{Data, Node};

/// A task as written in the spec.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) settings: Option<&'a Node>,
    pub(super) span: Span,
}

impl<'a> Named<'a> {
    /// A task without settings.
    pub(super) fn plain(name: &'a str, span: Span) -> Self {
        Self { name, settings: None, span }
    }

    fn read(node: &'a Node) -> Option<Self> {
        match &node.data {
            Data::Scalar(scalar) => Some(Self::plain(&scalar.text, node.span)),
            Data::Map(entries) => entries.first().map(|entry| Self {
                name: &entry.key,
                settings: Some(&entry.value).filter(|value| !value.is_null()),
                span: entry.key_span,
            }),
            Data::Seq(_) => None,
        }
    }

    /// One of its settings.
    pub(super) fn setting(&self, key: &str) -> Option<&'a Node> {
        self.settings.and_then(|settings| settings.written(key))
    }

    /// The name of its catalogue task.
    pub(super) fn used(&self) -> &'a str {
        self.setting("use").and_then(Node::as_str).unwrap_or(self.name)
    }
}

/// The tasks of a pipeline with those that each waits for, by their order alone.
pub(super) type Layout<'a> = Vec<(Named<'a>, Vec<String>)>;

/// Adds items one after the other; returns the names for the next one to wait for.
fn sequence<'a>(layout: &mut Layout<'a>, items: &'a [Node], before: Vec<String>) -> Vec<String> {
    items.iter().fold(before, |before, node| item(layout, node, before, true))
}

fn item<'a>(
    layout: &mut Layout<'a>,
    node: &'a Node,
    before: Vec<String>,
    parallel: bool,
) -> Vec<String> {
    match (node.items(), Named::read(node)) {
        (Some(items), _) if parallel => {
            items.iter().flat_map(|node| item(layout, node, before.clone(), false)).collect()
        }
        (Some(items), _) => sequence(layout, items, before),
        (None, Some(named)) => {
            layout.push((named, before));
            vec![named.name.to_owned()]
        }
        (None, None) => before,
    }
}

/// The task that lets runs follow each other.
pub(super) const QUEUE: &str = "wait-for-runs";

/// The task that removes a run's folder.
pub(super) const CLEAN: &str = "clean-source";

/// The pipeline if the spec sets none.
const DEFAULT: [&str; 3] = ["fetch-source", "build-image", "deploy-app"];

/// The same for an app: one whose image is ready has nothing to build.
pub(super) fn default_for(ready: bool) -> &'static [&'static str] {
    if ready { &[] } else { &DEFAULT }
}

pub(super) fn layout<'a>(items: Option<&'a Node>, default: &[&'a str]) -> Layout<'a> {
    let mut layout = Layout::new();
    if let Some(items) = items.and_then(Node::items) {
        sequence(&mut layout, items, Vec::new());
    } else {
        let mut before = Vec::new();
        for name in default {
            layout.push((Named::plain(name, Span::BUILT_IN), before));
            before = vec![(*name).to_owned()];
        }
    }
    layout
}

/// Catalogue tasks that the environment selects but the app does not have: they run last, with their defaults. The environment means
/// all its apps, so those that make and roll out an image pass over an app whose image is ready.
pub(super) fn added<'a>(
    catalogue: &Catalogue,
    selection: &'a Selection,
    tasks: &[(Named<'a>, Vec<String>)],
    ready: bool,
) -> Layout<'a> {
    let Selection::Tasks(names) = selection else {
        return Layout::new();
    };
    let mut added = Layout::new();
    for (name, span) in names {
        let Some(declaration) = catalogue.get(name) else { continue };
        let spared = ready && (declaration.builds || DEFAULT.contains(&name.as_str()));
        if spared || tasks.iter().any(|(named, _)| named.name == name) {
            continue;
        }
        let before = added.last().or(tasks.last());
        let before = before.map(|(named, _)| named.name.to_owned());
        added.push((Named::plain(name, *span), before.into_iter().collect()));
    }
    added
}

pub(super) fn refuse_twice<'a>(d: &mut Decoder<'_>, tasks: impl Iterator<Item = Named<'a>>) {
    let mut seen = BTreeSet::new();
    for named in tasks {
        if !seen.insert(named.name) {
            let name = named.name.to_owned();
            d.error(named.span, SpecError::DuplicateTask { name });
        }
    }
}
