//! From a field of a rendered object back to the line of the spec that decided it.
//!
//! Each value of an app in an environment keeps the place of the layer that wrote it: app, environment, pins. A field is traced by
//! its name and its value; where that does not name one place, nothing is said of it, and the app's own place stands for all.

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

/// A text that is as long as this is seldom written in two places by chance.
const TELLING: usize = 8;

impl<'a> Blame<'a> {
    /// Over the files that a fleet was read from.
    #[must_use]
    pub fn new(fleet: &'a Fleet, sources: &'a Sources) -> Self {
        Self { fleet, sources }
    }

    /// Where an object comes from: its app, its raw manifests, or the environment's file. `path` is its file in the tree.
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

    /// Where the value of a field is written, where one place is.
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
            if pin.image.as_deref() == Some(&text) || revision == Some(&text) {
                return self.place(*span);
            }
        }
        let node = environment.app(&self.fleet.spec, app)?;
        let names = names(path);
        let mut found = Found::default();
        search(&node, "", &text, &names, &mut found);
        let spans = if found.by_name.is_empty() { found.by_value } else { found.by_name };
        let places: BTreeSet<Span> = spans.into_iter().collect();
        match places.into_iter().collect::<Vec<_>>().as_slice() {
            [span] => self.place(*span),
            _ => None,
        }
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

/// What the value could be called in the spec: the field's name, and the variable's where it is one.
fn names(path: &FieldPath) -> Vec<&str> {
    let mut names = Vec::new();
    for step in path.0.iter().rev() {
        match step {
            Step::Key(key) => names.push(key.as_str()),
            Step::Item { value, .. } => names.push(value),
            Step::Order => {}
        }
        if names.len() == 2 {
            break;
        }
    }
    names
}

#[derive(Default)]
struct Found {
    /// Places where name and value are those.
    by_name: Vec<Span>,
    /// Places where the value is, and is telling.
    by_value: Vec<Span>,
}

fn search(node: &Node, key: &str, text: &str, names: &[&str], found: &mut Found) {
    match &node.data {
        Data::Scalar(scalar) if scalar.text == text && !node.span.is_built_in() => {
            if names.contains(&key) {
                found.by_name.push(node.span);
            } else if text.chars().count() >= TELLING {
                found.by_value.push(node.span);
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
