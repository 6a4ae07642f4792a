//! `dependsOn` of Kustomizations: the apps of one wait for the apps of the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::import::applied::Applied;
use crate::import::draft::Draft;
use crate::import::world::World;
use crate::yaml::Value;

/// The longest list of apps that one waits for.
const LONGEST: usize = 20;

/// Sets `dependsOn` of apps. What the new tree does not have of the order is added to the notes.
pub(in crate::import) fn wait(applied: &mut Applied, world: &World, drafts: &mut [Draft]) {
    let mut of: BTreeMap<Arc<str>, BTreeSet<String>> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.is_program()) {
        for by in makers(draft, world) {
            of.entry(by).or_default().insert(draft.name.clone());
        }
    }
    let mut graph = Graph::default();
    for draft in drafts.iter() {
        let there = draft.keys.get("dependsOn").and_then(Value::as_seq).unwrap_or_default();
        for other in there.iter().filter_map(Value::as_str) {
            graph.add(&draft.name, other);
        }
    }
    let mut lost: BTreeMap<Arc<str>, BTreeSet<String>> = BTreeMap::new();
    for (by, named) in &applied.waits {
        // What is of no app waits for nothing.
        let none = BTreeSet::new();
        let own = of.get(by).unwrap_or(&none);
        for name in named {
            let wanted = apps(name, applied, &of, &mut BTreeSet::new());
            let others: Vec<&String> = wanted.iter().filter(|app| !own.contains(*app)).collect();
            let is_kept = !own.is_empty() && !others.is_empty() && others.len() <= LONGEST;
            let is_kept =
                is_kept && own.iter().all(|app| others.iter().all(|other| graph.add(app, other)));
            if !is_kept {
                lost.entry(Arc::clone(by)).or_default().insert(format!("`{name}`"));
            }
        }
    }
    for draft in drafts.iter_mut() {
        let Some(wanted) = graph.edges.get(&draft.name).filter(|wanted| !wanted.is_empty()) else {
            continue;
        };
        let there = draft.keys.get("dependsOn").and_then(Value::as_seq).unwrap_or_default();
        let there = there.iter().filter_map(Value::as_str).map(str::to_owned);
        let all: BTreeSet<String> = there.chain(wanted.iter().cloned()).collect();
        draft.set("dependsOn", Value::Seq(all.into_iter().map(Value::from).collect()));
    }
    for (by, names) in lost {
        let names: Vec<String> = names.into_iter().collect();
        let note = format!("order not kept: depends on {}", names.join(", "));
        applied.notes.entry(by).or_default().push(note);
    }
}

/// The Kustomizations that made the objects of an app.
fn makers(draft: &Draft, world: &World) -> BTreeSet<Arc<str>> {
    draft.fates.iter().filter_map(|(at, _)| world.all[*at].by.clone()).collect()
}

/// The apps of a Kustomization; if it has none, those that it waits for.
fn apps(
    name: &str,
    applied: &Applied,
    of: &BTreeMap<Arc<str>, BTreeSet<String>>,
    met: &mut BTreeSet<String>,
) -> BTreeSet<String> {
    if !met.insert(name.to_owned()) {
        return BTreeSet::new();
    }
    if let Some(own) = of.get(name) {
        return own.clone();
    }
    let further = applied.waits.get(name).into_iter().flatten();
    further.flat_map(|further| apps(further, applied, of, met)).collect()
}

/// Who waits for whom, without circles.
#[derive(Default)]
struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Adds an edge, unless that makes a circle.
    fn add(&mut self, from: &str, to: &str) -> bool {
        let mut open = vec![to.to_owned()];
        let mut met = BTreeSet::new();
        while let Some(place) = open.pop() {
            if place == from {
                return false;
            }
            if met.insert(place.clone()) {
                open.extend(self.edges.get(&place).into_iter().flatten().cloned());
            }
        }
        self.edges.entry(from.to_owned()).or_default().insert(to.to_owned())
            || self.edges[from].contains(to)
    }
}
