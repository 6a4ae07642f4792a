//! Objects that Flux would delete: those in the inventories of its Kustomizations, but no longer in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::Scope;
use super::comparison::Kustomizations;
use super::fetch::walk;
use super::kinds::{Kinds, Resource, kinds};
use super::labelled::{ENVIRONMENT, MANAGED_BY, by_labels, selector};
use super::namespaces::Namespaces;
use super::problems::Problems;
use super::request::{Failure, Purpose, Request};
use super::shared::{Shared, one};
use crate::change::live::{Deletion, GROUP, InventoryEntry, Kustomization, bare, is_pruned};
use crate::change::{Change, Class};
use crate::diagnostics::ClusterError;

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
    there: &Namespaces,
    problems: &mut Problems,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let api = format!("{GROUP}/v1");
    let needed: Vec<&Kustomizations> = scope
        .environments
        .iter()
        .filter(|environment| !there.is_absent(&environment.namespace))
        .collect();
    if needed.is_empty() {
        return changes;
    }
    let resource = match kinds(&shared.caller, &api).await {
        Ok(Some(kinds)) => kinds.get("Kustomization").cloned(),
        Ok(None) => None,
        Err(failure) => {
            let request = Request::get(Purpose::Discovery, format!("/apis/{api}"));
            let _ = problems.add(&request, &failure);
            return changes;
        }
    };
    let mut stale = Vec::new();
    let mut entry_points = BTreeSet::new();
    for environment in needed {
        let found = match &resource {
            Some(resource) => {
                live(shared, scope, environment, resource, &mut entry_points, problems).await
            }
            None => Some(Live::default()),
        };
        let Some(found) = found else {
            continue;
        };
        for kustomization in &found.suspended {
            problems.note(format!(
                "Kustomization {kustomization} is suspended: Flux makes no changes until it is resumed"
            ));
        }
        if !found.has_inventory {
            problems.note(format!(
                "{}: no Kustomization has an inventory, so removed objects are found by gen's labels",
                environment.environment
            ));
            changes.extend(by_labels(shared, scope, environment, problems).await);
        }
        stale.extend(found.stale);
    }
    if let Some(resource) = &resource {
        stale.extend(entries_of(shared, scope, resource, &entry_points, problems).await);
    }
    changes.extend(look(shared, stale, problems).await);
    changes
}

/// The live Kustomizations of an environment.
#[derive(Default)]
struct Live {
    has_inventory: bool,
    suspended: Vec<String>,
    stale: Vec<Stale>,
}

/// One Kustomization, as far as it is kept.
struct Seen {
    kustomization: Kustomization,
    entry_point: Option<(String, String)>,
    is_removed: bool,
    stale: Vec<InventoryEntry>,
    unreadable: Option<String>,
}

async fn live(
    shared: &Arc<Shared>,
    scope: &Scope,
    environment: &Kustomizations,
    resource: &Resource,
    entry_points: &mut BTreeSet<(String, String)>,
    problems: &mut Problems,
) -> Option<Live> {
    let selector = selector(environment);
    let namespace = Some(environment.namespace.as_str());
    let seen = walk(shared, resource, namespace, &selector, |object, seen| {
        let kustomization = Kustomization::read(&object);
        let label = |key: &str| {
            object
                .pointer(&format!("/metadata/labels/{GROUP}~1{key}"))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let is_removed = !environment.names.contains(&kustomization.name);
        let mut unreadable = None;
        let stale = InventoryEntry::of(&object)
            .filter_map(|entry| match entry {
                Ok(entry) => Some(entry),
                Err(text) => {
                    unreadable = Some(text);
                    None
                }
            })
            .filter(|entry| !shared.index.has(&entry.identity))
            .collect();
        seen.push(Seen {
            entry_point: label("namespace").zip(label("name")),
            is_removed,
            stale,
            unreadable,
            kustomization,
        });
    })
    .await;
    let seen = match seen {
        Ok(seen) => seen,
        Err((request, failure)) => {
            problems.refused_one("list", resource, namespace, &failure);
            let _ = problems.add(&request, &failure);
            return None;
        }
    };
    let name: Arc<str> = environment.environment.as_str().into();
    let mut live = Live::default();
    for seen in seen {
        live.has_inventory |= seen.kustomization.has_inventory;
        entry_points.extend(seen.entry_point.clone());
        let app = app_of(&seen.kustomization.name, &name, shared);
        let is_asked = match (&scope.apps, &app) {
            (None, _) => true,
            (Some(apps), Some(app)) => apps.contains(app.as_ref()),
            (Some(_), None) => false,
        };
        if !is_asked {
            continue;
        }
        if let Some(entry) = seen.unreadable {
            problems
                .error(ClusterError::BadInventory { name: seen.kustomization.name.clone(), entry });
        }
        if seen.kustomization.suspended {
            live.suspended.push(seen.kustomization.name.clone());
        }
        let of = Arc::new(seen.kustomization);
        let deletion = seen.is_removed.then(|| of.on_deletion());
        live.stale.extend(seen.stale.into_iter().map(|entry| Stale {
            entry,
            environment: Arc::clone(&name),
            app: app.clone(),
            of: Arc::clone(&of),
            deletion: deletion.clone(),
            among_others: None,
        }));
    }
    Some(live)
}

/// The app of a Kustomization: known from its objects in the tree, or from its name if they were removed.
fn app_of(name: &str, environment: &str, shared: &Shared) -> Option<Arc<str>> {
    let known = shared.entries.iter().find(|entry| {
        entry.applier.as_ref().is_some_and(|applier| applier.name == name) && entry.app.is_some()
    });
    if let Some(entry) = known {
        return entry.app.clone();
    }
    let name = name.strip_suffix("-access").or_else(|| name.strip_suffix("-run")).unwrap_or(name);
    let app = name.strip_suffix(environment)?.strip_suffix('-')?;
    Some(app.into())
}

/// Rendered Flux objects in the entry's inventory: removed Kustomizations, sources, alerts. The entry is the
/// Kustomization in the labels of the others; it also has objects not managed by gen.
async fn entries_of(
    shared: &Arc<Shared>,
    scope: &Scope,
    resource: &Resource,
    entry_points: &BTreeSet<(String, String)>,
    problems: &mut Problems,
) -> Vec<Stale> {
    let mut stale = Vec::new();
    let environments: Arc<BTreeSet<Arc<str>>> = Arc::new(
        scope
            .environments
            .iter()
            .map(|environment| Arc::from(environment.environment.as_str()))
            .collect(),
    );
    let no_environment: Arc<str> = "".into();
    for (namespace, name) in entry_points {
        let request = Request::get(Purpose::Get, resource.object(Some(namespace), name));
        let object = match one(shared, resource, &request, name).await {
            Ok(Some(object)) => object,
            Ok(None) => continue,
            Err(failure) => {
                problems.refused_one("get", resource, Some(namespace), &failure);
                let _ = problems.add(&request, &failure);
                continue;
            }
        };
        let of = Arc::new(Kustomization::read(&object));
        if of.suspended {
            problems.note(format!(
                "Kustomization {name} is suspended: Flux makes no changes until it is resumed"
            ));
        }
        for entry in InventoryEntry::of(&object) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(entry) => {
                    problems.error(ClusterError::BadInventory { name: name.clone(), entry });
                    continue;
                }
            };
            let identity = &entry.identity;
            let is_flux = identity.group.ends_with("toolkit.fluxcd.io")
                || identity.group == "source.extensions.fluxcd.io";
            // A Kustomization of the tree that is out of scope was not removed.
            let is_in_tree = identity.kind == "Kustomization"
                && scope
                    .environments
                    .iter()
                    .any(|environment| environment.names.contains(&identity.name));
            let app = (identity.kind == "Kustomization")
                .then(|| {
                    let mut names = environments.iter();
                    names.find_map(|environment| app_of(&identity.name, environment, shared))
                })
                .flatten();
            // For a subset of the apps, only objects with their names can be distinguished from those out of scope.
            let is_asked = scope
                .apps
                .as_ref()
                .is_none_or(|apps| app.as_ref().is_some_and(|app| apps.contains(app.as_ref())));
            if is_flux && is_asked && !is_in_tree && !shared.index.has(identity) {
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
    let versions: BTreeSet<String> = stale.iter().map(|stale| stale.entry.api_version()).collect();
    let mut known: BTreeMap<String, Result<Kinds, Failure>> = BTreeMap::new();
    for version in versions {
        let answer = kinds(&shared.caller, &version).await;
        known.insert(version, answer);
    }
    let mut changes = Vec::new();
    let mut tasks = JoinSet::new();
    for stale in stale {
        let version = stale.entry.api_version();
        match known.get(&version) {
            Some(Ok(Some(kinds))) => {
                if let Some(resource) = kinds.get(&stale.entry.identity.kind).cloned() {
                    let shared = Arc::clone(shared);
                    tasks.spawn(async move {
                        let identity = &stale.entry.identity;
                        let path = resource.object(identity.namespace.as_deref(), &identity.name);
                        let request = Request::get(Purpose::Get, path);
                        let answer = one(&shared, &resource, &request, &identity.name).await;
                        (stale, resource, request, answer)
                    });
                }
            }
            Some(Err(failure)) => {
                let request = Request::get(Purpose::Discovery, version);
                let reason = problems.add(&request, failure);
                changes.push(change(&stale, Class::NotCompared, Some(reason), None));
            }
            // A removed kind took its objects with it.
            _ => {}
        }
    }
    while let Some(joined) = tasks.join_next().await {
        let Ok((stale, resource, request, answer)) = joined else {
            continue;
        };
        match answer {
            Ok(None) => {}
            Ok(Some(live)) => changes.extend(verdict(&stale, &live)),
            Err(failure) => {
                let namespace = stale.entry.identity.namespace.as_deref();
                problems.refused_one("get", &resource, namespace, &failure);
                let reason = problems.add(&request, &failure);
                changes.push(change(&stale, Class::NotCompared, Some(reason), None));
            }
        }
    }
    changes.sort_by(|a, b| (&a.environment, &a.identity).cmp(&(&b.environment, &b.identity)));
    changes
}

/// The outcome for a live object that is not in the tree.
fn verdict(stale: &Stale, live: &Value) -> Option<Change> {
    // The entry's inventory also has objects of others: only gen's are reported.
    let label = |key: &str| {
        let labels = live.pointer("/metadata/labels").and_then(Value::as_object);
        labels.and_then(|labels| labels.get(key)).and_then(Value::as_str).unwrap_or_default()
    };
    let mut environment = Arc::clone(&stale.environment);
    if let Some(environments) = &stale.among_others {
        let is_ours = label(MANAGED_BY.0) == MANAGED_BY.1;
        environment = Arc::clone(environments.get(label(ENVIRONMENT)).filter(|_| is_ours)?);
    }
    let change = |class, reason: String| {
        let mut change = change(stale, class, Some(reason), Some(live.clone()));
        change.environment = Arc::clone(&environment);
        Some(change)
    };
    if let Err(reason) = is_pruned(live, &stale.of) {
        return change(Class::Kept, format!("not in the tree, but kept: {reason}"));
    }
    let name = &stale.of.name;
    match &stale.deletion {
        Some(Deletion::Orphans(reason)) => {
            change(Class::Kept, format!("not in the tree, but kept: {reason}"))
        }
        Some(Deletion::Deletes) => {
            change(Class::Pruned, format!("with Kustomization {name}, which is not in the tree"))
        }
        None if !stale.of.prune => change(
            Class::Kept,
            format!("not in the tree, but kept: Kustomization {name} does not prune"),
        ),
        None => change(Class::Pruned, format!("in the inventory of Kustomization {name}")),
    }
}

fn change(stale: &Stale, class: Class, reason: Option<String>, live: Option<Value>) -> Change {
    Change {
        identity: stale.entry.identity.clone(),
        class,
        reason,
        environment: Arc::clone(&stale.environment),
        app: stale.app.clone(),
        path: None,
        origin: None,
        before: live.map(bare),
        after: None,
    }
}
