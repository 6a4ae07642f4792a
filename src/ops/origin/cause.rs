//! Which line of the spec a field depends on: found by experiment. Each scalar of the spec that could matter is changed in memory, and
//! each scalar, list and mapping removed, the app is made again, and the fields that differ depend on it. So nothing has to know how a
//! key becomes a field, and a line that a later layer overrides is never blamed.

use std::collections::BTreeMap;

use super::edit::{self, Leaf};
use super::fields::{Path, leaves, same};
use crate::decode::{Context, decode};
use crate::diagnostics::{Diagnostics, Span};
use crate::environment::environments;
use crate::fleet::{Fleet, Prepared};
use crate::kubernetes::Object;
use crate::manifests::{Before, Plan, Shared, Unit, traced};
use crate::model::{App, Catalogue};
use crate::ops::mounted::filled;
use crate::ops::raw::Raw;
use crate::ops::rendering::unit_of;
use crate::spec::Spec;
use crate::yaml::{Node, Value};

/// A part of the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// gen.yaml, for all apps: `defaults` and what else is not an app.
    Root,
    /// The app.
    App,
    /// The environment's file.
    Environment,
}

/// A line of the spec that a field depends on.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The part.
    pub layer: Layer,
    /// The key, from the top of its part.
    pub key: String,
    /// The place.
    pub span: Span,
    /// Only without the line the field is another, or not there: the line does not make the value.
    pub only_there: bool,
}

/// What an app is made of.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    /// All apps in all environments.
    pub fleet: &'a Fleet,
    /// The environment.
    pub prepared: &'a Prepared,
    /// The tasks.
    pub catalogue: &'a Catalogue,
    /// The app.
    pub app: &'a App,
    /// What it takes from files.
    pub raw: &'a Raw,
}

/// How well a cause explains a field; less is better: the text of the line stands in the field, the line was changed and not removed,
/// it changes few other fields.
type Rank = (bool, bool, usize);

/// The cause of each field of one object, `objects[index]`, by path.
#[must_use]
pub fn causes(made: Made<'_>, objects: &[Object], index: usize) -> BTreeMap<Path, Cause> {
    let fields = leaves(objects[index].value());
    let mut best: BTreeMap<Path, (Rank, Cause)> = BTreeMap::new();
    for (layer, node, leaf) in candidates(made) {
        let mut tried = Vec::new();
        for text in leaf.text.iter().flat_map(|text| edit::others(text)) {
            if let Some(after) = again(made, layer, &edit::with(node, &leaf.way, &text)) {
                tried.push((false, after));
                break;
            }
        }
        if let Some(after) = again(made, layer, &edit::without(node, &leaf.way)) {
            tried.push((true, after));
        }
        for (is_removal, after) in tried {
            let other = counterpart(objects, index, &after);
            let differs = |path: &Path, value: &Value| {
                let before = objects[index].value();
                other.is_none_or(|other| same(before, path, other.value()) != Some(value))
            };
            let changed: Vec<_> =
                fields.iter().filter(|(path, value)| differs(path, value)).collect();
            for (path, value) in &changed {
                let rank = (
                    !leaf.text.as_ref().is_some_and(|text| holds(value, text)),
                    is_removal,
                    changed.len(),
                );
                if best.get(path).is_none_or(|(known, _)| rank < *known) {
                    let cause = Cause {
                        layer,
                        key: leaf.key.clone(),
                        span: leaf.span,
                        only_there: is_removal,
                    };
                    best.insert(path.clone(), (rank, cause));
                }
            }
        }
    }
    best.into_iter().map(|(path, (_, cause))| (path, cause)).collect()
}

/// Keys of files that say nothing of objects by themselves.
const NOT_TRIED: [&str; 5] = ["version", "include", "apps", "patches", "check"];

fn candidates<'a>(made: Made<'a>) -> Vec<(Layer, &'a Node, Leaf)> {
    let Made { fleet, prepared, app, .. } = made;
    let mut all = Vec::new();
    let mut add = |layer, node: &'a Node, skip: &dyn Fn(&str) -> bool| {
        all.extend(edit::leaves(node, skip).into_iter().map(|leaf| (layer, node, leaf)));
    };
    add(Layer::Root, &fleet.spec.root, &|key| NOT_TRIED.contains(&key));
    if let Some(own) = fleet.spec.apps.get(&app.name) {
        add(Layer::App, &own.value, &|key| key == "patches");
    }
    if let Some(file) = fleet.spec.environments.get(&prepared.environment.name) {
        add(Layer::Environment, &file.node, &|key| key != "apps" && NOT_TRIED.contains(&key));
        // Overrides of other apps say nothing of this one.
        let of_others = |leaf: &Leaf| {
            let mut keys = leaf.key.splitn(3, '.');
            keys.next() == Some("apps")
                && keys.next().is_some_and(|name| name != "*" && name != app.name)
        };
        all.retain(|(layer, _, leaf)| *layer != Layer::Environment || !of_others(leaf));
    }
    all
}

/// The objects of the app after a change of the spec; nothing if it would be refused.
fn again(made: Made<'_>, layer: Layer, node: &Node) -> Option<Vec<Object>> {
    let Made { fleet, prepared, catalogue, app, raw } = made;
    let mut spec: Spec = fleet.spec.clone();
    let name = &prepared.environment.name;
    match layer {
        Layer::Root => spec.root = node.clone(),
        Layer::App => spec.apps.get_mut(&app.name)?.value = node.clone(),
        Layer::Environment => spec.environments.get_mut(name)?.node = node.clone(),
    }
    let (all, found) = environments(&spec);
    if found.has_errors() {
        return None;
    }
    let environment = all.into_iter().find(|one| one.name == *name)?;
    let mut found = Diagnostics::default();
    let context = Context { spec: &spec, environment: &environment, catalogue };
    let changed = decode(context, &app.name, &mut found);
    if found.has_errors() {
        return None;
    }
    let changed = filled(&changed, &raw.mounted).ok()?.into_owned();
    let apps: Vec<App> = prepared
        .apps
        .iter()
        .map(|one| if one.name == app.name { changed.clone() } else { one.clone() })
        .collect();
    let plan = Plan::new(&environment, &apps).ok()?;
    let shared = Shared::new(&environment);
    let unit = Unit {
        environment: &environment,
        plan: &plan,
        shared: &shared,
        ..unit_of(fleet, prepared)
    };
    let objects = traced(unit, &changed, &raw.manifests, &Before::default()).ok()?;
    Some(objects.into_iter().map(|one| one.object).collect())
}

/// The same object among others, even if it is called otherwise there, or is in another namespace.
fn counterpart<'o>(objects: &[Object], index: usize, others: &'o [Object]) -> Option<&'o Object> {
    let object = &objects[index];
    let is_among =
        |one: &Object, all: &[Object]| all.iter().any(|other| other.identity() == one.identity());
    if let Some(exact) = others.iter().find(|one| one.identity() == object.identity()) {
        return Some(exact);
    }
    // What is itself in both is nobody else.
    let of_kind = |one: &&Object| one.kind() == object.kind();
    let before: Vec<&Object> =
        objects.iter().filter(of_kind).filter(|one| !is_among(one, others)).collect();
    let after: Vec<&Object> =
        others.iter().filter(of_kind).filter(|one| !is_among(one, objects)).collect();
    let is_named = |one: &&&Object| one.name() == object.name();
    if objects.iter().filter(of_kind).filter(|one| one.name() == object.name()).count() == 1
        && let Some(moved) = after.iter().find(is_named)
    {
        return Some(moved);
    }
    let place = before.iter().position(|one| one.identity() == object.identity())?;
    (before.len() == after.len()).then(|| after[place])
}

/// Whether a text of the spec stands in a value, or is the value.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::Str(value) => value == text || (text.len() > 2 && value.contains(text)),
        Value::Int(_) => value.as_int().is_some_and(|number| number.to_string() == text),
        Value::Bool(value) => value.to_string() == text,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::documents;

    /// `NAMESPACE/NAME` of each object.
    fn roles(names: &[&str]) -> Vec<Object> {
        let role = |name: &&str| {
            let (namespace, name) = name.split_once('/').expect("a namespace");
            let text = format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
            );
            Object::new(documents(&text).expect("YAML").remove(0)).expect("an object")
        };
        names.iter().map(role).collect()
    }

    #[test]
    fn the_counterpart_is_that_of_the_same_namespace() {
        for (before, index, after, wanted) in [
            (&["a/x", "b/x"][..], 1, &["a/x", "b/x"][..], Some("b/x")),
            (&["a/x", "b/x"], 1, &["b/x"], Some("b/x")),
            // Gone, and not the one of the other namespace.
            (&["a/x", "b/x"], 1, &["a/x"], None),
            // Moved to another namespace, or called otherwise.
            (&["a/x", "a/y"], 0, &["a/y", "c/x"], Some("c/x")),
            (&["a/x", "b/x"], 0, &["b/x", "c/x"], Some("c/x")),
            (&["a/x", "a/y"], 0, &["a/y", "a/z"], Some("a/z")),
            (&["a/x"], 0, &["a/y", "a/z"], None),
        ] {
            let (before, after) = (roles(before), roles(after));
            let found = counterpart(&before, index, &after);
            let found =
                found.map(|one| format!("{}/{}", one.namespace().unwrap_or_default(), one.name()));
            assert_eq!(found.as_deref(), wanted, "{index}: {after:?}");
        }
    }
}
