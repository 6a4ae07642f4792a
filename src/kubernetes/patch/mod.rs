//! Patches: an environment's changes to objects, for anything without a key in the spec.
//!
//! A patch has a target and a change: a fragment to merge, or operations. It works on a
//! copy, so that a patch that fails, or touches protected fields, changes nothing. Whether every patch matched an object is
//! for the caller to check, who alone sees the whole environment.

mod item;
pub mod json;
mod list;
pub mod operation;
mod path;
pub mod pointer;
mod protect;
mod shapes;
pub mod strategic;
pub mod target;

#[cfg(test)]
mod tests;

pub use list::Patches;
pub use target::{Target, glob};

use crate::diagnostics::Span;
use crate::diagnostics::{Diagnostic, Diagnostics, PatchError, SpecError};
use crate::yaml::{Node, Value};
use operation::{Action, Operation};
use path::Step;
use protect::Breach;

/// One patch of an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// The target objects.
    pub target: Target,
    /// The change.
    pub change: Change,
    /// The app whose objects alone it is for.
    pub app: Option<String>,
    /// It stands outside an environment's file, so it need not match an object in each.
    pub everywhere: bool,
    /// Its location.
    pub span: Span,
}

/// The change of a patch.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A fragment for a strategic merge.
    Merge(Node),
    /// Operations of RFC 6902.
    Json(Vec<Operation>),
}

const KEYS: [&str; 3] = ["target", "merge", "json"];

impl Patch {
    /// Reads `{target: …, merge: …}` or `{target: …, json: …}`.
    ///
    /// # Errors
    /// All errors: unknown keys, no target or no change, two changes, invalid operations.
    pub fn read(node: &Node) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let Some(entries) = node.entries() else {
            target::wrong_type(&mut problems, node, "patches", "a list of patches, each a mapping");
            return Err(problems);
        };
        for entry in entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            let error = SpecError::UnknownKey {
                key: entry.key.clone(),
                place: "a patch".to_owned(),
                hint: crate::kubernetes::near::hint(&entry.key, &KEYS),
            };
            problems.error(entry.key_span, error);
        }
        let target = node.get("target").map(|node| Target::read(node, &mut problems));
        if target.is_none() && problems.is_empty() {
            missing(&mut problems, node, "patches.target", "this patch");
        }
        let change = read_change(node, &mut problems);
        let values = ["merge", "json"].iter().filter_map(|key| node.get(key));
        for (text, span) in values.flat_map(Node::read_otherwise) {
            problems.error(span, PatchError::ReadOtherwise { text: text.to_owned() });
        }
        match (target, change) {
            (Some(target), Some(change)) if problems.is_empty() => {
                Ok(Self { target, change, app: None, everywhere: false, span: node.span })
            }
            _ => Err(problems),
        }
    }

    /// For the objects of one app alone.
    #[must_use]
    pub fn of_app(self, app: &str) -> Self {
        Self { app: Some(app.to_owned()), ..self }
    }

    /// For all environments.
    #[must_use]
    pub fn of_all(self) -> Self {
        Self { everywhere: true, ..self }
    }

    /// Whether it may be for objects of this app; `None` stands for objects that belong to no app.
    #[must_use]
    pub fn is_for(&self, app: Option<&str>) -> bool {
        self.app.is_none() || self.app.as_deref() == app
    }

    /// Patches an object if it matches. Returns whether it did.
    ///
    /// # Errors
    /// An impossible change, or one to a protected field; `pinned_image` is the image that promotion has selected for
    /// this app. The object is then unchanged.
    pub fn apply(
        &self,
        object: &mut Value,
        pinned_image: Option<&str>,
    ) -> Result<bool, Diagnostics> {
        if !self.target.matches_object(object) {
            return Ok(false);
        }
        self.change(object, pinned_image).map(|()| true)
    }

    /// The same for an object whose name the API server makes: `names` are like those that it can get.
    ///
    /// # Errors
    /// As in [`Patch::apply`].
    pub fn apply_unnamed(&self, object: &mut Value, names: &[&str]) -> Result<bool, Diagnostics> {
        if !names.iter().any(|name| self.target.matches_named(object, name)) {
            return Ok(false);
        }
        self.change(object, None).map(|()| true)
    }

    fn change(&self, object: &mut Value, pinned_image: Option<&str>) -> Result<(), Diagnostics> {
        let mut patched = object.clone();
        let outcome = match &self.change {
            Change::Merge(patch) => {
                let text = |key: &str| object.str_at(&[key]).unwrap_or_default();
                strategic::merge(text("apiVersion"), text("kind"), &mut patched, patch)
            }
            Change::Json(operations) => json::apply(operations, &mut patched),
        };
        let mut problems =
            outcome.map_or_else(|error| Diagnostics::from(*error), |()| Diagnostics::default());
        if problems.is_empty() {
            for breach in protect::breaches(object, &patched, pinned_image) {
                let at = self.locate(&breach);
                let (what, hint) = (breach.what, breach.hint.to_owned());
                problems.push(Diagnostic::error(PatchError::Protected { what, hint }).at(at));
            }
        }
        if problems.is_empty() {
            *object = patched;
            return Ok(());
        }
        let mut named = Diagnostics::default();
        for problem in problems {
            named.push(problem.note(None, format!("while patching {}", describe(object))));
        }
        Err(named)
    }

    /// The error of a patch that matches no object in the environment; `seen` has kind and name of each.
    #[must_use]
    pub fn without_match<'a>(
        &self,
        seen: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Diagnostic {
        let kind = self.target.kind.as_deref().unwrap_or_default();
        let name = self.target.name.as_deref().unwrap_or_default();
        let distance = |(other_kind, other_name): &(&str, &str)| {
            let by_kind = if kind.is_empty() { 0 } else { strsim::osa_distance(kind, other_kind) };
            let by_name = if name.is_empty() { 0 } else { strsim::osa_distance(name, other_name) };
            by_kind + by_name
        };
        let nearest = seen.into_iter().map(|object| (distance(&object), object)).min();
        let hint = nearest.map_or_else(
            || "the environment renders no objects".to_owned(),
            |(_, (kind, name))| format!("the nearest is the {kind} `{name}`"),
        );
        let target = self.target.describe();
        Diagnostic::error(PatchError::NoTarget { target, hint }).at(self.span)
    }

    /// The part of the patch that changes a protected field.
    fn locate(&self, breach: &Breach) -> Span {
        match &self.change {
            Change::Merge(patch) => deepest(patch, &breach.path),
            Change::Json(operations) => operations
                .iter()
                .rev()
                .find(|operation| touches(operation, &breach.path))
                .map_or(self.span, |operation| operation.span),
        }
    }
}

fn missing(problems: &mut Diagnostics, node: &Node, path: &str, place: &str) {
    let error = SpecError::Missing { path: path.to_owned(), place: place.to_owned() };
    problems.error(node.span, error);
}

fn read_change(node: &Node, problems: &mut Diagnostics) -> Option<Change> {
    match (node.entry("merge"), node.entry("json")) {
        (Some(merge), None) => {
            if merge.value.entries().is_none() {
                target::wrong_type(problems, &merge.value, "patches.merge", "a mapping");
            }
            Some(Change::Merge(merge.value.clone()))
        }
        (None, Some(json)) => match operation::read(&json.value) {
            Ok(operations) => Some(Change::Json(operations)),
            Err(errors) => {
                problems.extend(errors);
                None
            }
        },
        (Some(_), Some(json)) => {
            let error = SpecError::Excludes {
                first: "merge".to_owned(),
                second: "json".to_owned(),
                why: "their order would be ambiguous".to_owned(),
            };
            problems.error(json.key_span, error);
            None
        }
        (None, None) => {
            if problems.is_empty() {
                let place = "this patch, which has no `json` either";
                missing(problems, node, "patches.merge", place);
            }
            None
        }
    }
}

fn describe(object: &Value) -> String {
    let kind = object.str_at(&["kind"]).unwrap_or("object");
    let name = object
        .str_at(&["metadata", "name"])
        .or_else(|| object.str_at(&["metadata", "generateName"]))
        .unwrap_or_default();
    format!("the {kind} `{name}`")
}

/// The depth to which a merge patch follows a path.
fn deepest(patch: &Node, steps: &[Step]) -> Span {
    let (mut node, mut span) = (patch, patch.span);
    for step in steps {
        match step {
            Step::Key(key) => match node.entry(key) {
                Some(entry) => (node, span) = (&entry.value, entry.key_span),
                None => break,
            },
            Step::Item(name) => {
                let named = |item: &&Node| {
                    let scalar = item.get("name").and_then(Node::scalar);
                    scalar.is_some_and(|scalar| scalar.text == *name)
                };
                match node.items().and_then(|items| items.iter().find(named)) {
                    Some(item) => (node, span) = (item, item.span),
                    None => break,
                }
            }
        }
    }
    span
}

/// Whether an operation is at, above or below a path; list items are not compared.
fn touches(operation: &Operation, path: &[Step]) -> bool {
    let agrees = |tokens: &[String]| {
        tokens.iter().zip(path).all(|(token, step)| match step {
            Step::Key(key) => key == token,
            Step::Item(_) => true,
        })
    };
    match &operation.action {
        Action::Test(_) => false,
        Action::Move(from) if agrees(from.pointer.tokens()) => true,
        _ => agrees(operation.path.pointer.tokens()),
    }
}
