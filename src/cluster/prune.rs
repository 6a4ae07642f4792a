//! Objects that Flux would delete: those in the inventories of its Kustomizations, but no longer in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::Scope;
use super::comparison::Kustomizations;
use super::discovery::{Kinds, kinds};
use super::entry::applier_of;
use super::fetch::walk;
use super::kinds::Resource;
use super::labelled::{ENVIRONMENT, MANAGED_BY, by_labels, selector};
use super::namespaces::Namespaces;
use super::problems::Problems;
use super::request::Failed;
use super::shared::Shared;
use crate::change::live::{Deletion, GROUP, InventoryEntry, Kustomization, bare, is_pruned};
use crate::change::{Applier, Change, Class};
use crate::diagnostics::ClusterError;
use crate::kubernetes::Identity;
use crate::kubernetes::KUSTOMIZATIONS;
use crate::kubernetes::json::text;

/// An object in an inventory, but not in the tree.
struct Stale {
    entry: InventoryEntry,
    environment: Arc<str>,
    app: Option<Arc<str>>,
    of: Arc<Kustomization>,
    /// The Kustomization itself is removed; the fate of its objects.
    deletion: Option<Deletion>,
    /// It is in the inventory of Flux's entry, which also has objects of others: the compared environments.
    among_others: Option<Arc<BTreeSet<Arc<str>>>>,
}

/// Finds what would be pruned.
pub(super) async fn prune(
    shared: &Arc<Shared>,
    scope: &Scope,
    namespaces: &Namespaces,
    problems: &mut Problems,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let is_needed = |environment: &&Kustomizations| !namespaces.is_absent(&environment.namespace);
    let needed: Vec<&Kustomizations> = scope.environments.iter().filter(is_needed).collect();
    if needed.is_empty() {
        return changes;
    }
    let resource = match kinds(&shared.caller, &format!("{GROUP}/v1")).await {
        Ok(kinds) => kinds.and_then(|mut kinds| kinds.remove("Kustomization")),
        Err(failed) => {
            problems.add(&failed);
            return changes;
        }
    };
    let mut stale = Vec::new();
    let mut entry_points = BTreeSet::new();
    for environment in needed {
        let mut has_inventory = false;
        if let Some(resource) = &resource {
            let seen = seen(shared, environment, resource).await;
            let seen = match seen {
                Ok(seen) => seen,
                Err(failed) => {
                    problems.add(&failed);
                    continue;
                }
            };
            for mut seen in seen {
                has_inventory |= seen.of.has_inventory;
                entry_points.extend(seen.entry_point.take());
                stale.extend(seen.stale(shared, scope, environment, problems));
            }
        }
        if !has_inventory {
            problems.note(format!(
                "{}: no Kustomization has an inventory, so removed objects are found by gen's labels",
                environment.environment
            ));
            changes.extend(by_labels(shared, scope, environment, problems).await);
        }
    }
    if let Some(resource) = &resource {
        stale.extend(entries_of(shared, scope, resource, entry_points, problems).await);
    }
    changes.extend(look(shared, stale, problems).await);
    changes
}

/// One live Kustomization, as far as it is kept.
struct Seen {
    of: Kustomization,
    entry_point: Option<Applier>,
    /// What of its inventory is not in the tree.
    entries: Vec<InventoryEntry>,
    unreadable: Option<String>,
}

/// The live Kustomizations of an environment.
async fn seen(
    shared: &Shared,
    environment: &Kustomizations,
    resource: &Resource,
) -> Result<Vec<Seen>, Failed> {
    let namespace = Some(environment.namespace.as_str());
    walk(shared, resource, namespace, &selector(environment), |object, seen| {
        let mut unreadable = None;
        let entries = InventoryEntry::of(&object)
            .filter_map(|entry| entry.map_err(|text| unreadable = Some(text)).ok())
            .filter(|entry| !shared.index.contains_key(&entry.identity))
            .collect();
        let of = Kustomization::read(&object);
        seen.push(Seen { of, entry_point: applier_of(&object), entries, unreadable });
    })
    .await
}

impl Seen {
    /// The objects that are not in the tree, unless they are out of scope.
    fn stale(
        self,
        shared: &Shared,
        scope: &Scope,
        environment: &Kustomizations,
        problems: &mut Problems,
    ) -> Vec<Stale> {
        let Self { of, entries, unreadable, .. } = self;
        let app = app_of(&of.name, &environment.environment, shared);
        if !scope.has(app.as_deref()) {
            return Vec::new();
        }
        if let Some(entry) = unreadable {
            problems.error(ClusterError::BadInventory { name: of.name.clone(), entry });
        }
        note_suspended(&of, problems);
        let is_removed = !environment.names.contains(&of.name);
        let deletion = is_removed.then(|| of.on_deletion());
        let (of, name) = (Arc::new(of), Arc::from(environment.environment.as_str()));
        let stale = entries.into_iter().map(|entry| Stale {
            entry,
            environment: Arc::clone(&name),
            app: app.clone(),
            of: Arc::clone(&of),
            deletion: deletion.clone(),
            among_others: None,
        });
        stale.collect()
    }
}

fn note_suspended(of: &Kustomization, problems: &mut Problems) {
    if of.suspended {
        problems.note(format!(
            "Kustomization {} is suspended: Flux makes no changes until it is resumed",
            of.name
        ));
    }
}

/// The app of a Kustomization: known from its objects in the tree, or from its name if they were removed.
fn app_of(name: &str, environment: &str, shared: &Shared) -> Option<Arc<str>> {
    let objects = shared.entries.iter().map(|entry| &entry.object);
    let mut known =
        objects.filter(|object| object.applier.as_ref().is_some_and(|of| of.name == name));
    known.find_map(|object| object.app.clone()).or_else(|| {
        let mut ends = KUSTOMIZATIONS.into_iter().filter(|end| !end.is_empty());
        let name = ends.find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        Some(name.strip_suffix(environment)?.strip_suffix('-')?.into())
    })
}

/// Rendered Flux objects in the entry's inventory: removed Kustomizations, sources, alerts. The entry is the
/// Kustomization in the labels of the others; it also has objects not managed by gen.
async fn entries_of(
    shared: &Shared,
    scope: &Scope,
    resource: &Resource,
    entry_points: BTreeSet<Applier>,
    problems: &mut Problems,
) -> Vec<Stale> {
    let mut stale = Vec::new();
    let names = scope.environments.iter().map(|environment| environment.environment.as_str());
    let environments: Arc<BTreeSet<Arc<str>>> = Arc::new(names.map(Arc::from).collect());
    let no_environment: Arc<str> = "".into();
    for Applier { namespace, name } in entry_points {
        let (group, kind) = (GROUP.to_owned(), "Kustomization".to_owned());
        let identity = Identity { group, kind, namespace: Some(namespace), name };
        let object = match shared.one(resource, &identity).await {
            Ok(Some(object)) => object,
            Ok(None) => continue,
            Err(failed) => {
                problems.add(&failed);
                continue;
            }
        };
        let of = Arc::new(Kustomization::read(&object));
        note_suspended(&of, problems);
        for entry in InventoryEntry::of(&object) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(entry) => {
                    problems.error(ClusterError::BadInventory { name: of.name.clone(), entry });
                    continue;
                }
            };
            let Identity { group, kind, name, .. } = &entry.identity;
            let is_flux =
                group.ends_with("toolkit.fluxcd.io") || group == "source.extensions.fluxcd.io";
            let is_kustomization = kind == "Kustomization";
            // A Kustomization of the tree that is out of scope was not removed.
            let is_in_tree = is_kustomization
                && scope.environments.iter().any(|environment| environment.names.contains(name));
            let mut names = environments.iter().filter(|_| is_kustomization);
            let app = names.find_map(|environment| app_of(name, environment, shared));
            // For a subset of the apps, only objects with their names can be distinguished from those out of scope.
            let is_asked = scope.has(app.as_deref());
            if is_flux && is_asked && !is_in_tree && !shared.index.contains_key(&entry.identity) {
                stale.push(Stale {
                    entry,
                    environment: Arc::clone(&no_environment),
                    app,
                    of: Arc::clone(&of),
                    deletion: None,
                    among_others: Some(Arc::clone(&environments)),
                });
            }
        }
    }
    stale
}

/// Checks each of them: does it exist, and would Flux delete it?
async fn look(shared: &Arc<Shared>, stale: Vec<Stale>, problems: &mut Problems) -> Vec<Change> {
    let mut known: BTreeMap<String, Result<Kinds, Failed>> = BTreeMap::new();
    for version in stale.iter().map(|stale| stale.entry.api_version()).collect::<BTreeSet<_>>() {
        let answer = kinds(&shared.caller, &version).await;
        known.insert(version, answer);
    }
    let mut changes = Vec::new();
    let mut tasks = JoinSet::new();
    for stale in stale {
        match &known[&stale.entry.api_version()] {
            Ok(kinds) => {
                // A removed kind took its objects with it.
                let kinds = kinds.as_ref();
                let resource = kinds.and_then(|kinds| kinds.get(&stale.entry.identity.kind));
                if let Some(resource) = resource.cloned() {
                    let shared = Arc::clone(shared);
                    tasks.spawn(async move {
                        let answer = shared.one(&resource, &stale.entry.identity).await;
                        (stale, answer)
                    });
                }
            }
            Err(failed) => changes.push(unknown(&stale, failed, problems)),
        }
    }
    for (stale, answer) in tasks.join_all().await {
        match answer {
            Ok(live) => changes.extend(live.and_then(|live| verdict(&stale, live))),
            Err(failed) => changes.push(unknown(&stale, &failed, problems)),
        }
    }
    changes.sort_by(|a, b| (&a.environment, &a.identity).cmp(&(&b.environment, &b.identity)));
    changes
}

fn unknown(stale: &Stale, failed: &Failed, problems: &mut Problems) -> Change {
    change(stale, Class::NotCompared, problems.add(failed), None)
}

/// The outcome for a live object that is not in the tree.
fn verdict(stale: &Stale, live: Value) -> Option<Change> {
    // The entry's inventory also has objects of others: only gen's are reported.
    let label = |key: &str| text(&live, &["metadata", "labels", key]);
    let environment = match &stale.among_others {
        None => &stale.environment,
        Some(environments) => {
            let is_ours = label(MANAGED_BY.0) == MANAGED_BY.1;
            environments.get(label(ENVIRONMENT)).filter(|_| is_ours)?
        }
    };
    let Kustomization { name, prune, .. } = &*stale.of;
    let kept = match (is_pruned(&live, &stale.of), &stale.deletion) {
        (Err(reason), _) => Some(reason),
        (_, Some(Deletion::Orphans(reason))) => Some((*reason).to_owned()),
        (_, None) if !prune => Some(format!("Kustomization {name} does not prune")),
        _ => None,
    };
    let (class, reason) = match (kept, &stale.deletion) {
        (Some(reason), _) => (Class::Kept, format!("not in the tree, but kept: {reason}")),
        (None, Some(_)) => {
            (Class::Pruned, format!("with Kustomization {name}, which is not in the tree"))
        }
        (None, None) => (Class::Pruned, format!("in the inventory of Kustomization {name}")),
    };
    let environment = Arc::clone(environment);
    Some(Change { environment, ..change(stale, class, reason, Some(live)) })
}

fn change(stale: &Stale, class: Class, reason: String, live: Option<Value>) -> Change {
    Change {
        identity: stale.entry.identity.clone(),
        class,
        reason: Some(reason),
        environment: Arc::clone(&stale.environment),
        app: stale.app.clone(),
        path: None,
        origin: None,
        before: live.map(bare),
        after: None,
    }
}
