//! Removed objects if there is no inventory: those with gen's labels that are not in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scope;
use super::comparison::Kustomizations;
use super::discovery::kinds;
use super::fetch::walk;
use super::kinds::Resource;
use super::problems::Problems;
use super::shared::Shared;
use crate::change::live::{GROUP, bare};
use crate::change::{Change, Class};
use crate::kubernetes::json::{list, text};

/// The label of all rendered objects, and that with the environment.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "gitops-gen");
pub(super) const ENVIRONMENT: &str = "gitops-gen.dev/environment";

/// The selector of everything that gen made for an environment.
pub(super) fn selector(environment: &Kustomizations) -> String {
    let (label, made_by) = MANAGED_BY;
    format!("{label}={made_by},{ENVIRONMENT}={}", environment.environment)
}

/// Objects with gen's labels that are not in the tree, if there is no inventory. Flux would not delete them: it
/// deletes only objects in an inventory.
pub(super) async fn by_labels(
    shared: &Shared,
    scope: &Scope,
    environment: &Kustomizations,
    problems: &mut Problems,
) -> Vec<Change> {
    let selector = selector(environment);
    let mut changes = Vec::new();
    for resource in made_by_gen(shared, problems).await {
        let found = walk(shared, &resource, None, &selector, |object, found| {
            let identity = resource.identity(&object);
            // Objects created by controllers from ours have our labels too.
            let is_owned = !list(&object, &["metadata", "ownerReferences"]).is_empty();
            // Flux labels its objects; another Flux namespace means another repository with an environment of this name.
            let flux = text(&object, &["metadata", "labels", &format!("{GROUP}/namespace")]);
            let is_elsewhere = !flux.is_empty() && flux != environment.namespace;
            let app = text(&object, &["metadata", "labels", "app.kubernetes.io/name"]);
            let app = (!app.is_empty()).then(|| Arc::from(app));
            if !shared.index.contains_key(&identity)
                && !is_owned
                && !is_elsewhere
                && scope.has(app.as_deref())
            {
                found.push(Change {
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
                    before: Some(bare(object)),
                    after: None,
                });
            }
        });
        match found.await {
            Ok(found) => changes.extend(found),
            Err(failed) => drop(problems.add(&failed)),
        }
    }
    changes
}

/// The kinds rendered by gen that the cluster has.
async fn made_by_gen(shared: &Shared, problems: &mut Problems) -> Vec<Resource> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in &shared.entries {
        let object = &entry.object;
        versions.entry(&object.api_version).or_default().insert(&object.identity.kind);
    }
    for (version, kinds) in MADE {
        versions.entry(version).or_default().extend(*kinds);
    }
    let mut resources = Vec::new();
    for (version, wanted) in versions {
        match kinds(&shared.caller, version).await {
            Ok(found) => {
                let mut found = found.unwrap_or_default();
                resources.extend(wanted.into_iter().filter_map(|kind| found.remove(kind)));
            }
            Err(failed) => drop(problems.add(&failed)),
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
    (
        "triggers.tekton.dev/v1beta1",
        &["EventListener", "Trigger", "TriggerBinding", "TriggerTemplate"],
    ),
];
