//! Removed objects if there is no inventory: those with gen's labels that are not in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::Scope;
use super::comparison::Kustomizations;
use super::fetch::walk;
use super::kinds::{Resource, kinds};
use super::problems::Problems;
use super::request::{Purpose, Request};
use super::shared::Shared;
use crate::change::live::{GROUP, bare};
use crate::change::{Change, Class};

/// The label of all rendered objects, and that with the environment.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "gitops-gen");
pub(super) const ENVIRONMENT: &str = "gitops-gen.dev/environment";

/// The query for everything that gen made for an environment.
pub(super) fn selector(environment: &Kustomizations) -> String {
    let (label, made_by) = MANAGED_BY;
    let name = &environment.environment;
    format!("labelSelector={label}={made_by},{ENVIRONMENT}={name}")
}

/// Objects with gen's labels that are not in the tree, if there is no inventory. Flux would not delete them: it
/// deletes only objects in an inventory.
pub(super) async fn by_labels(
    shared: &Arc<Shared>,
    scope: &Scope,
    environment: &Kustomizations,
    problems: &mut Problems,
) -> Vec<Change> {
    let selector = selector(environment);
    let mut changes = Vec::new();
    for resource in made_by_gen(shared, problems).await {
        let found = walk(shared, &resource, None, &selector, |object, found| {
            let text = |path: &str| object.pointer(path).and_then(Value::as_str);
            let identity = crate::kubernetes::Identity {
                group: resource.group.clone(),
                kind: resource.kind.clone(),
                namespace: text("/metadata/namespace").map(str::to_owned),
                name: text("/metadata/name").unwrap_or_default().to_owned(),
            };
            // Objects created by controllers from ours have our labels too.
            let is_owned = object.pointer("/metadata/ownerReferences/0").is_some();
            // Flux labels its objects; another Flux namespace means another repository with an environment of this name.
            let is_elsewhere = text(&format!("/metadata/labels/{GROUP}~1namespace"))
                .is_some_and(|namespace| namespace != environment.namespace);
            if !shared.index.has(&identity) && !is_owned && !is_elsewhere {
                let app = text("/metadata/labels/app.kubernetes.io~1name").map(Arc::from);
                found.push((identity, app, bare(object)));
            }
        })
        .await;
        match found {
            Ok(found) => {
                for (identity, app, live) in found {
                    let app: Option<Arc<str>> = app;
                    let is_asked = scope.apps.as_ref().is_none_or(|apps| {
                        app.as_ref().is_some_and(|app| apps.contains(app.as_ref()))
                    });
                    if is_asked {
                        changes.push(Change {
                            identity,
                            class: Class::Kept,
                            reason: Some(
                                "not in the tree, found by gen's labels: in no inventory, so Flux would leave it"
                                    .to_owned(),
                            ),
                            environment: environment.environment.as_str().into(),
                            app,
                            path: None,
                            origin: None,
                            before: Some(live),
                            after: None,
                        });
                    }
                }
            }
            Err((request, failure)) => {
                problems.refused_one("list", &resource, None, &failure);
                let _ = problems.add(&request, &failure);
            }
        }
    }
    changes
}

/// The kinds rendered by gen that the cluster has.
async fn made_by_gen(shared: &Arc<Shared>, problems: &mut Problems) -> Vec<Resource> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in &shared.entries {
        versions.entry(entry.api_version.clone()).or_default().insert(entry.identity.kind.clone());
    }
    for (version, kinds) in MADE {
        versions
            .entry((*version).to_owned())
            .or_default()
            .extend(kinds.iter().map(|kind| (*kind).to_owned()));
    }
    let mut resources = Vec::new();
    for (version, wanted) in versions {
        match kinds(&shared.caller, &version).await {
            Ok(found) => {
                let found = found.unwrap_or_default();
                resources.extend(wanted.iter().filter_map(|kind| found.get(kind).cloned()));
            }
            Err(failure) => {
                let request = Request::get(Purpose::Discovery, version);
                let _ = problems.add(&request, &failure);
            }
        }
    }
    resources
}

/// Kinds of gen's templates, besides those in the tree now.
const MADE: &[(&str, &[&str])] = &[
    (
        "v1",
        &[
            "ConfigMap",
            "LimitRange",
            "Namespace",
            "PersistentVolumeClaim",
            "ResourceQuota",
            "Service",
            "ServiceAccount",
        ],
    ),
    ("apps/v1", &["Deployment", "StatefulSet"]),
    ("autoscaling/v2", &["HorizontalPodAutoscaler"]),
    ("batch/v1", &["CronJob"]),
    ("networking.k8s.io/v1", &["Ingress", "NetworkPolicy"]),
    ("policy/v1", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io/v1", &["Role", "RoleBinding"]),
    ("tekton.dev/v1", &["Pipeline", "PipelineRun", "Task"]),
    ("triggers.tekton.dev/v1beta1", &["EventListener", "TriggerBinding", "TriggerTemplate"]),
];
