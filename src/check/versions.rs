//! API versions that are gone, or on their way out.

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::Objects;

/// The rules about versions.
pub static RULES: &[&Rule] = &[&REMOVED, &DEPRECATED];

static REMOVED: Rule = Rule {
    id: "CHK2010",
    name: "api-removed",
    level: Level::Error,
    holds: "An object's API version is served by Kubernetes.",
    otherwise: "The API server answers `no matches for kind`, and nothing of the Kustomization is applied.",
    cure: "use the version that replaced it",
    source: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
};

static DEPRECATED: Rule = Rule {
    id: "CHK2011",
    name: "api-deprecated",
    level: Level::Warning,
    holds: "An object's API version is not deprecated by its project.",
    otherwise: "A later release no longer serves it, and what is stored has to be migrated before that.",
    cure: "use the stable version",
    source: "https://fluxcd.io/flux/cmd/flux_migrate/",
};

/// API versions that Kubernetes no longer serves: version, kinds (all if empty), what replaced them, and the release that dropped them.
const GONE: [(&str, &str, &str, &str); 22] = [
    ("extensions/v1beta1", "Ingress", "networking.k8s.io/v1", "1.22"),
    ("extensions/v1beta1", "", "apps/v1", "1.16"),
    ("apps/v1beta1", "", "apps/v1", "1.16"),
    ("apps/v1beta2", "", "apps/v1", "1.16"),
    ("networking.k8s.io/v1beta1", "Ingress IngressClass", "networking.k8s.io/v1", "1.22"),
    ("batch/v1beta1", "", "batch/v1", "1.25"),
    ("policy/v1beta1", "PodDisruptionBudget", "policy/v1", "1.25"),
    ("policy/v1beta1", "PodSecurityPolicy", "Pod Security admission", "1.25"),
    ("autoscaling/v2beta1", "", "autoscaling/v2", "1.25"),
    ("autoscaling/v2beta2", "", "autoscaling/v2", "1.26"),
    ("discovery.k8s.io/v1beta1", "", "discovery.k8s.io/v1", "1.25"),
    ("events.k8s.io/v1beta1", "", "events.k8s.io/v1", "1.25"),
    ("node.k8s.io/v1beta1", "", "node.k8s.io/v1", "1.25"),
    ("rbac.authorization.k8s.io/v1alpha1", "", "rbac.authorization.k8s.io/v1", "1.22"),
    ("rbac.authorization.k8s.io/v1beta1", "", "rbac.authorization.k8s.io/v1", "1.22"),
    ("apiextensions.k8s.io/v1beta1", "", "apiextensions.k8s.io/v1", "1.22"),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1",
        "1.22",
    ),
    ("apiregistration.k8s.io/v1beta1", "", "apiregistration.k8s.io/v1", "1.22"),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "certificates.k8s.io/v1", "1.22"),
    ("coordination.k8s.io/v1beta1", "Lease", "coordination.k8s.io/v1", "1.22"),
    ("scheduling.k8s.io/v1beta1", "", "scheduling.k8s.io/v1", "1.22"),
    (
        "storage.k8s.io/v1beta1",
        "CSIDriver CSINode StorageClass VolumeAttachment",
        "storage.k8s.io/v1",
        "1.22",
    ),
];

/// Versions that their projects deprecate: version, kinds (all if empty), what replaces them.
const OLD: [(&str, &str, &str); 19] = [
    ("kustomize.toolkit.fluxcd.io/v1beta1", "", "kustomize.toolkit.fluxcd.io/v1"),
    ("kustomize.toolkit.fluxcd.io/v1beta2", "", "kustomize.toolkit.fluxcd.io/v1"),
    ("source.toolkit.fluxcd.io/v1beta1", "", "source.toolkit.fluxcd.io/v1"),
    ("source.toolkit.fluxcd.io/v1beta2", "", "source.toolkit.fluxcd.io/v1"),
    ("helm.toolkit.fluxcd.io/v2beta1", "", "helm.toolkit.fluxcd.io/v2"),
    ("helm.toolkit.fluxcd.io/v2beta2", "", "helm.toolkit.fluxcd.io/v2"),
    ("notification.toolkit.fluxcd.io/v1beta1", "", "notification.toolkit.fluxcd.io/v1beta3"),
    ("notification.toolkit.fluxcd.io/v1beta2", "Receiver", "notification.toolkit.fluxcd.io/v1"),
    ("notification.toolkit.fluxcd.io/v1beta2", "", "notification.toolkit.fluxcd.io/v1beta3"),
    ("image.toolkit.fluxcd.io/v1beta1", "", "image.toolkit.fluxcd.io/v1"),
    ("image.toolkit.fluxcd.io/v1beta2", "", "image.toolkit.fluxcd.io/v1"),
    ("tekton.dev/v1alpha1", "Task Pipeline TaskRun PipelineRun", "tekton.dev/v1"),
    ("tekton.dev/v1beta1", "Task Pipeline TaskRun PipelineRun ClusterTask", "tekton.dev/v1"),
    (
        "triggers.tekton.dev/v1alpha1",
        "EventListener TriggerBinding TriggerTemplate Trigger ClusterTriggerBinding",
        "triggers.tekton.dev/v1beta1",
    ),
    (
        "gateway.networking.k8s.io/v1beta1",
        "Gateway GatewayClass HTTPRoute",
        "gateway.networking.k8s.io/v1",
    ),
    ("external-secrets.io/v1alpha1", "", "external-secrets.io/v1"),
    ("external-secrets.io/v1beta1", "", "external-secrets.io/v1"),
    ("cert-manager.io/v1alpha2", "", "cert-manager.io/v1"),
    ("cert-manager.io/v1beta1", "", "cert-manager.io/v1"),
];

fn is_of(kinds: &str, kind: &str) -> bool {
    kinds.is_empty() || kinds.split(' ').any(|one| one == kind)
}

/// Judges the versions of all objects.
pub(super) fn check(objects: &Objects, found: &mut Found) {
    for item in objects {
        let (api, kind) = (item.object.api_version(), item.object.kind());
        let gone = GONE.iter().find(|(version, kinds, ..)| *version == api && is_of(kinds, kind));
        if let Some((_, _, instead, release)) = gone {
            let text = format!("`{api}` of {kind} is gone since Kubernetes {release}");
            let said = format!("no matches for kind \"{kind}\" in version \"{api}\"");
            found.add(&REMOVED, item, "apiVersion", text).said(said).cure(format!("use {instead}"));
        }
        let old = OLD.iter().find(|(version, kinds, _)| *version == api && is_of(kinds, kind));
        if let Some((_, _, instead)) = old {
            let text = format!("`{api}` of {kind} is deprecated");
            found.add(&DEPRECATED, item, "apiVersion", text).cure(format!("use `{instead}`"));
        }
    }
}
