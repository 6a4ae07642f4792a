//! Environments side by side: which keys of which apps differ from the environment before, and which line makes each value.

use std::collections::BTreeMap;

use crate::change::HIDDEN;
use crate::diagnostics::{Sources, looks_secret};
use crate::fleet::{Fleet, Prepared};
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
        for app in &prepared.apps {
            let (old, new) = (
                values(&fleet.spec, from, &app.name, sources),
                values(&fleet.spec, prepared, &app.name, sources),
            );
            let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let (old, new) = (old.get(key), new.get(key));
                if old.map(|(value, _)| value) != new.map(|(value, _)| value) {
                    let entry = (at, key.clone(), old.cloned(), new.cloned());
                    all.entry(entry).or_default().push(app.name.clone());
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
) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let place = |span: crate::diagnostics::Span| {
        if span.is_built_in() {
            return "gen".to_owned();
        }
        format!("{}:{}", sources.file(span.file).path, span.start.line)
    };
    if let Some(node) = prepared.environment.app(spec, app) {
        flatten(&node, &mut String::new(), &mut |key, node| {
            let value = node
                .scalar()
                .map_or_else(|| node.to_value().canonical_json(), |one| one.text.clone());
            let name = key.rsplit('.').next().unwrap_or(key);
            let value = if looks_secret(name, &value) { HIDDEN.to_owned() } else { value };
            found.insert(key.to_owned(), (value, place(node.span)));
        });
    }
    if let Some((pin, span)) = prepared.environment.pin(app) {
        let image = found.get("image").map(|(value, _)| value.clone()).unwrap_or_default();
        for (key, value) in [
            ("image", pin.reference(&image)),
            ("helm.version", pin.version.clone()),
            ("source.revision", pin.revision.clone()),
        ] {
            if let Some(value) = value {
                found.insert(key.to_owned(), (value, place(*span)));
            }
        }
    }
    found
}

/// A list is one value, for an overlay replaces it as a whole.
fn flatten(node: &Node, path: &mut String, take: &mut impl FnMut(&str, &Node)) {
    match &node.data {
        Data::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&entry.key);
                flatten(&entry.value, path, take);
                path.truncate(length);
            }
        }
        _ => take(path, node),
    }
}
