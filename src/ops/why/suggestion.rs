//! The change of the spec that mends a failure, where it is sure: one key, at a known place.

use std::collections::BTreeSet;

use crate::diagnose::{Diagnosis, Ref, Snapshot};
use crate::diagnostics::{Position, Sources, Span};
use crate::fleet::{Fleet, Prepared};
use crate::model::App;
use crate::spec::edit::{Edit, Step, find};
use crate::yaml::{Node, read_one};

use super::wanted::Wanted;
use super::{limits, rights};

/// A change of the spec.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The diagnosis that it is for, by its place in the report.
    pub of: usize,
    /// The file.
    pub file: String,
    /// The line that the cause comes from.
    pub line: usize,
    /// The change; none if only a person can make it.
    pub edit: Option<Edit>,
    /// What it does, or why gen does not make it.
    pub title: String,
    /// What to know about it.
    pub notes: Vec<String>,
    /// Environment and app, of each app that reads this place.
    pub affects: BTreeSet<(String, String)>,
    /// What must hold with it, in each environment where it is made.
    pub wanted: Vec<Wanted>,
}

impl Suggestion {
    /// Whether another one makes the same change.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.edit.is_some() && (&self.file, &self.edit) == (&other.file, &other.edit)
    }
}

/// What suggestions are made from.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) sources: &'a Sources,
    pub(super) snapshot: &'a Snapshot,
    /// The environment where it failed, if that is known.
    pub(super) environment: Option<&'a str>,
}

impl<'a> Known<'a> {
    /// The apps in which it can have failed.
    pub(super) fn apps(self) -> impl Iterator<Item = (&'a Prepared, &'a App)> {
        let is_it = move |(prepared, _): &(&Prepared, &App)| {
            self.environment.is_none_or(|name| prepared.environment.name == name)
        };
        self.all_apps().filter(is_it)
    }

    /// The apps of all environments: they may read the same line.
    pub(super) fn all_apps(self) -> impl Iterator<Item = (&'a Prepared, &'a App)> {
        let all = self.fleet.environments.iter();
        all.flat_map(|prepared| prepared.apps.iter().map(move |app| (prepared, app)))
    }

    /// The environment in the labels of what failed.
    fn labelled(self, diagnosis: &Diagnosis) -> Option<&'a str> {
        let of = diagnosis.evidence.iter().map(|seen| &seen.of);
        let all = std::iter::once(&diagnosis.what).chain(of);
        let mut all = all.chain(diagnosis.chain.iter().map(|link| &link.of));
        let label = |of: &Ref| {
            let thing = self.snapshot.find(&of.kind, &of.namespace, &of.name)?;
            Some(thing.label("gitops-gen.dev/environment")).filter(|label| !label.is_empty())
        };
        all.find_map(label)
    }
}

/// The suggestions for a diagnosis.
pub(super) fn suggestions(known: Known<'_>, of: usize, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    let environment = known.environment.or_else(|| known.labelled(diagnosis));
    let known = Known { environment, ..known };
    let id = diagnosis.signature.map(|signature| signature.id.as_str()).unwrap_or_default();
    let found = match id {
        _ if !diagnosis.denied.is_empty() => rights::denied(known, diagnosis),
        "B12" => rights::no_account(known, diagnosis),
        "G4" => limits::of_program(known, diagnosis),
        "B2" => limits::of_step(known, diagnosis),
        "B4" => limits::time_of_step(known, diagnosis),
        "B5" => limits::time_of_task(known, diagnosis),
        _ => Vec::new(),
    };
    let mut all: Vec<Suggestion> = Vec::new();
    for one in found {
        // One line may be read for several environments.
        match all.iter_mut().find(|other| other.is_same(&one)) {
            Some(other) => {
                other.affects.extend(one.affects);
                other.wanted.extend(one.wanted);
            }
            None => all.push(Suggestion { of, ..one }),
        }
    }
    all
}

/// A place in a file that a person wrote.
pub(super) struct Spot {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) path: Vec<Step>,
    pub(super) root: Node,
}

impl Spot {
    /// The place of a span; none for what gen supplies.
    pub(super) fn of(sources: &Sources, span: Span) -> Option<Self> {
        Self::at(sources, span, span.start)
    }

    fn at(sources: &Sources, span: Span, at: Position) -> Option<Self> {
        if span.is_built_in() {
            return None;
        }
        let file = sources.file(span.file);
        let root = read_one(span.file, &file.text).ok()?;
        let path = find(&root, at)?;
        Some(Self { file: file.path.to_string(), line: span.start.line as usize, path, root })
    }

    /// Whether it stands under an app's own name, so that nothing else reads it.
    pub(super) fn is_of_app(&self, app: &str) -> bool {
        self.path.starts_with(&Step::keys(&["apps", app]))
    }

    /// The path to keys below it.
    pub(super) fn below(&self, keys: &[&str]) -> Vec<Step> {
        [self.path.clone(), Step::keys(keys)].concat()
    }

    /// What stands at keys below it.
    pub(super) fn get(&self, keys: &[&str]) -> Option<&Node> {
        let path = self.below(keys);
        path.iter().try_fold(&self.root, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Item(at) => node.items()?.get(*at),
        })
    }
}
