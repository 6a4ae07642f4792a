//! What Flux would delete: what the inventories of its Kustomizations hold and the tree does not any more.

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

/// An object that an inventory holds and the tree does not.
struct Stale {
    entry: InventoryEntry,
    environment: Arc<str>,
    app: Option<Arc<str>>,
    of: Arc<Kustomization>,
    /// The Kustomization itself goes; what then becomes of its objects.
    deletion: Option<Deletion>,
    /// It stands in the inventory of Flux's entry, beside things of others: the environments of gen that are compared.
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
                live(
                    shared,
                    scope,
                    environment,
                    resource,
                    &mut entry_points,
                    problems,
                )
                .await
            }
            None => Some(Live::default()),
        };
        let Some(found) = found else {
            continue;
        };
        for kustomization in &found.suspended {
            problems.note(format!(
                "Kustomization {kustomization} is suspended: Flux changes nothing of it until it is resumed"
            ));
        }
        if !found.has_inventory {
            problems.note(format!(
                "{}: no Kustomization has an inventory, so what is gone from the tree is looked for by gen's labels",
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

/// What the Kustomizations of an environment say.
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
            problems.error(ClusterError::BadInventory {
                name: seen.kustomization.name.clone(),
                entry,
            });
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

/// The app of a Kustomization: known from its objects in the tree, or from its name where they are gone.
fn app_of(name: &str, environment: &str, shared: &Shared) -> Option<Arc<str>> {
    let known = shared.entries.iter().find(|entry| {
        entry
            .applier
            .as_ref()
            .is_some_and(|applier| applier.name == name)
            && entry.app.is_some()
    });
    if let Some(entry) = known {
        return entry.app.clone();
    }
    let name = name
        .strip_suffix("-access")
        .or_else(|| name.strip_suffix("-run"))
        .unwrap_or(name);
    let app = name.strip_suffix(environment)?.strip_suffix('-')?;
    Some(app.into())
}

/// Flux's own objects of gen that the entry's inventory holds: Kustomizations that are gone, sources, alerts. The entry is the
/// Kustomization whose labels the others carry; it holds things of others too, which are none of gen's.
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
                "Kustomization {name} is suspended: Flux changes nothing of it until it is resumed"
            ));
        }
        for entry in InventoryEntry::of(&object) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(entry) => {
                    problems.error(ClusterError::BadInventory {
                        name: name.clone(),
                        entry,
                    });
                    continue;
                }
            };
            let identity = &entry.identity;
            let is_flux = identity.group.ends_with("toolkit.fluxcd.io")
                || identity.group == "source.extensions.fluxcd.io";
            // A Kustomization of the tree that was left out of what is compared is not gone.
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
            // Of a part of the apps, only what is theirs by its name can be told from what was left out.
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

/// Looks at each of them: is it there, and would Flux delete it?
async fn look(shared: &Arc<Shared>, stale: Vec<Stale>, problems: &mut Problems) -> Vec<Change> {
    let versions: BTreeSet<String> = stale
        .iter()
        .map(|stale| stale.entry.api_version())
        .collect();
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
            // A kind that is gone took its objects with it.
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

/// What becomes of an object that is gone from the tree and still there.
fn verdict(stale: &Stale, live: &Value) -> Option<Change> {
    // The entry's inventory holds what others put there: only what gen made is gen's to tell.
    let label = |key: &str| {
        let labels = live.pointer("/metadata/labels").and_then(Value::as_object);
        labels
            .and_then(|labels| labels.get(key))
            .and_then(Value::as_str)
            .unwrap_or_default()
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
        return change(
            Class::Kept,
            format!("gone from the tree, and kept: {reason}"),
        );
    }
    let name = &stale.of.name;
    match &stale.deletion {
        Some(Deletion::Orphans(reason)) => change(
            Class::Kept,
            format!("gone from the tree, and kept: {reason}"),
        ),
        Some(Deletion::Deletes) => change(
            Class::Pruned,
            format!("with Kustomization {name}, which is gone from the tree"),
        ),
        None if !stale.of.prune => change(
            Class::Kept,
            format!("gone from the tree, and kept: Kustomization {name} does not prune"),
        ),
        None => change(
            Class::Pruned,
            format!("in the inventory of Kustomization {name}"),
        ),
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
