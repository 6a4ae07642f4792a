//! Environments side by side: which keys of which apps differ from the environment before, and which line makes each value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diagnostics::{Sources, Span};
use crate::fleet::{Fleet, Prepared};
use crate::model::App;
use crate::ops::hidden;
use crate::spec::Spec;
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
        let is_in_both = |app: &&App| fleet.spec.has(&app.name, &from.environment.name);
        for app in prepared.apps.iter().filter(is_in_both) {
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
            found.insert(key.to_vec(), (hidden::plain(node), place(node.span)));
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
    let places = [old, new].map(|side| side.map(|(_, place)| place.clone()));
    let values = [old, new].map(|side| side.map(|(value, _)| value.clone()));
    let [before, after] = hidden::both(key, values);
    let [old, new] = places;
    (before.zip(old), after.zip(new))
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
