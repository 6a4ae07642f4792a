//! Traces a field of a rendered object to the line of the spec that set it.
//!
//! Each value of an app in an environment keeps the location of the layer that set it: app, environment, pins. A field is traced by
//! its name and value; if that is ambiguous, it has no location, and the app's own location is used.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::change::{FieldPath, Origin, Step};
use crate::diagnostics::{Sources, Span};
use crate::fleet::{Fleet, Prepared};
use crate::yaml::{Data, Node};

/// Traces fields.
pub struct Blame<'a> {
    fleet: &'a Fleet,
    sources: &'a Sources,
}

/// A string of this length is unlikely to be in two places by chance.
const TELLING: usize = 8;

impl<'a> Blame<'a> {
    /// For a fleet and the files that it was read from.
    #[must_use]
    pub fn new(fleet: &'a Fleet, sources: &'a Sources) -> Self {
        Self { fleet, sources }
    }

    /// The origin of an object: its app, its raw manifests, or the environment's file. `path` is its file in the tree.
    #[must_use]
    pub fn object(&self, environment: &str, app: Option<&str>, path: &str) -> Option<Origin> {
        let prepared = self.prepared(environment)?;
        let app = app.and_then(|name| prepared.apps.iter().find(|app| app.name == name));
        match app {
            Some(app) if path.contains("/app/extra") => {
                self.place(app.extra_span).or_else(|| self.place(app.span))
            }
            Some(app) => self.place(app.span),
            None => Some(Origin { file: format!("environments/{environment}.yaml"), line: 1 }),
        }
    }

    /// The location of a field's value, if unambiguous.
    #[must_use]
    pub fn field(
        &self,
        environment: &str,
        app: &str,
        path: &FieldPath,
        value: &Value,
    ) -> Option<Origin> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            _ => return None,
        };
        let environment = &self.prepared(environment)?.environment;
        if let Some((pin, span)) = environment.pin(app) {
            let revision = pin.revision.as_deref();
            let version = pin.version.as_deref();
            let pinned = [pin.image.as_deref(), version, revision];
            if pinned.contains(&Some(&text)) {
                return self.place(*span);
            }
        }
        let node = environment.app(&self.fleet.spec, app)?;
        let mut found = Found::default();
        search(&node, "", &text, &names(path), &mut found);
        let mut spans = if found.by_name.is_empty() { found.by_value } else { found.by_name };
        if spans.len() == 1 { self.place(spans.pop_first()?) } else { None }
    }

    fn prepared(&self, environment: &str) -> Option<&'a Prepared> {
        let mut all = self.fleet.environments.iter();
        all.find(|prepared| prepared.environment.name == environment)
    }

    fn place(&self, span: Span) -> Option<Origin> {
        (!span.is_built_in()).then(|| Origin {
            file: self.sources.file(span.file).path.to_string(),
            line: span.start.line as usize,
        })
    }
}

/// Possible names of the value in the spec: the field's name, and the name of a variable.
fn names(path: &FieldPath) -> Vec<&str> {
    let names = path.0.iter().rev().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Item { value, .. } => Some(value),
        Step::Order => None,
    });
    names.take(2).collect()
}

#[derive(Default)]
struct Found {
    /// Locations with the name and the value.
    by_name: BTreeSet<Span>,
    /// Locations with the value, if it is long enough.
    by_value: BTreeSet<Span>,
}

fn search(node: &Node, key: &str, text: &str, names: &[&str], found: &mut Found) {
    match &node.data {
        Data::Scalar(scalar) if scalar.text == text && !node.span.is_built_in() => {
            if names.contains(&key) {
                found.by_name.insert(node.span);
            } else if text.chars().count() >= TELLING {
                found.by_value.insert(node.span);
            }
        }
        Data::Scalar(_) => {}
        Data::Seq(items) => items.iter().for_each(|item| search(item, key, text, names, found)),
        Data::Map(entries) => {
            for entry in entries {
                search(&entry.value, &entry.key, text, names, found);
            }
        }
    }
}
