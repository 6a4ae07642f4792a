//! Environments side by side: which keys of which apps differ from the environment before, and which line makes each value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::change::{Masker, Step, tell_apart};
use crate::diagnostics::{Sources, Span};
use crate::fleet::{Fleet, Prepared};
use crate::spec::{Spec, is_key_of_app};
use crate::yaml::{Data, Node};

/// A value with its line; nothing where the key is not set.
pub type Side = Option<(String, String)>;

/// A key that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The environment before.
    pub from: String,
    /// The environment.
    pub to: String,
    /// The key of the app.
    pub key: String,
    /// The value before, and its line.
    pub before: Side,
    /// The value, and its line.
    pub after: Side,
    /// The apps.
    pub apps: Vec<String>,
}

/// All differences between neighbours in the chain of promotion, those of several apps once.
#[must_use]
pub fn differences(
    fleet: &Fleet,
    environments: &[&Prepared],
    sources: &Sources,
) -> Vec<Difference> {
    let mut all: BTreeMap<(usize, String, Side, Side), Vec<String>> = BTreeMap::new();
    let before = |at: usize| {
        let from = environments[at].environment.promotes_from.as_deref()?;
        environments.iter().find(|one| one.environment.name == from)
    };
    for (at, prepared) in environments.iter().enumerate() {
        let Some(from) = before(at) else { continue };
        for app in &prepared.apps {
            let (old, new) = (
                values(&fleet.spec, from, &app.name, sources),
                values(&fleet.spec, prepared, &app.name, sources),
            );
            let keys: BTreeSet<&Vec<String>> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let (old, new) = (old.get(key), new.get(key));
                // Two different secrets differ, whatever is shown of them.
                if old.map(|(value, _)| value) != new.map(|(value, _)| value) {
                    let (old, new) = shown(key, old, new);
                    all.entry((at, key.join("."), old, new)).or_default().push(app.name.clone());
                }
            }
        }
    }
    let done = all.into_iter().map(|((at, key, old, new), apps)| Difference {
        from: before(at).map(|one| one.environment.name.clone()).unwrap_or_default(),
        to: environments[at].environment.name.clone(),
        key,
        before: old,
        after: new,
        apps,
    });
    done.collect()
}

/// The keys of an app in an environment with values and lines, the pin among them.
fn values(
    spec: &Spec,
    prepared: &Prepared,
    app: &str,
    sources: &Sources,
) -> BTreeMap<Vec<String>, (Value, String)> {
    let mut found = BTreeMap::new();
    let place = |span: Span| {
        if span.is_built_in() {
            return "gen".to_owned();
        }
        format!("{}:{}", sources.file(span.file).path, span.start.line)
    };
    if let Some(node) = prepared.environment.app(spec, app) {
        flatten(&node, &mut Vec::new(), &mut |key, node| {
            let value = match node.scalar() {
                Some(scalar) => scalar.text.clone().into(),
                None => serde_json::to_value(node.to_value()).unwrap_or_default(),
            };
            found.insert(key.to_vec(), (value, place(node.span)));
        });
    }
    if let Some((pin, span)) = prepared.environment.pin(app) {
        let image = found.get(&["image".to_owned()][..]);
        let image = image.and_then(|(value, _)| value.as_str()).unwrap_or_default();
        for (key, value) in [
            (&["image"][..], pin.reference(image)),
            (&["helm", "version"], pin.version.clone()),
            (&["source", "revision"], pin.revision.clone()),
        ] {
            if let Some(value) = value {
                let key = key.iter().map(|key| (*key).to_owned()).collect();
                found.insert(key, (value.into(), place(*span)));
            }
        }
    }
    found
}

/// Both sides as the page shows them, with their lines.
fn shown(
    key: &[String],
    old: Option<&(Value, String)>,
    new: Option<&(Value, String)>,
) -> (Side, Side) {
    let mut sides = [old, new].map(|side| {
        side.cloned().map(|(mut value, place)| {
            hide(&mut key.to_vec(), &mut value);
            (value, place)
        })
    });
    if let [Some((before, _)), Some((after, _))] = &mut sides {
        tell_apart(before, after);
    }
    let text = |value: Value| match value {
        Value::String(text) => text,
        value => value.to_string(),
    };
    let [old, new] = sides.map(|side| side.map(|(value, place)| (text(value), place)));
    (old, new)
}

/// Hides what is secret in a value of an app's key. `secret` of a reference is the name of a Secret.
fn hide(path: &mut Vec<String>, value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                path.push(key.clone());
                hide(path, value);
                path.pop();
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for item in items {
                hide(path, item);
            }
        }
        // Of the items of a list, one can be the name of the next one: `--token VALUE`.
        one => {
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            let steps = match keys.as_slice() {
                [.., "secret"] if is_key_of_app(&keys) => Vec::new(),
                // The name of a variable is the key of its value.
                [before @ .., name, last @ ("value" | "default")] => {
                    let item = Step::Item { key: "name", value: (*name).to_owned() };
                    let keys = before.iter().map(|key| Step::Key((*key).to_owned()));
                    keys.chain([item, Step::Key((*last).to_owned())]).collect()
                }
                keys => keys.iter().map(|key| Step::Key((*key).to_owned())).collect(),
            };
            Masker::default().value("", &steps, one);
        }
    }
}

/// A list is one value, for an overlay replaces it as a whole.
fn flatten(node: &Node, path: &mut Vec<String>, take: &mut impl FnMut(&[String], &Node)) {
    match &node.data {
        Data::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                path.push(entry.key.clone());
                flatten(&entry.value, path, take);
                path.pop();
            }
        }
        _ => take(path, node),
    }
}
