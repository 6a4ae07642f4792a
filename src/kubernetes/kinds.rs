//! Kinds: their plural, as in RBAC, and whether they are namespaced.

use kube::core::{ApiResource, GroupVersionKind};

/// Cluster-scoped kinds that can appear in a manifest.
const CLUSTER_SCOPED: [&str; 22] = [
    "Namespace",
    "Node",
    "PersistentVolume",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "StorageClass",
    "IngressClass",
    "PriorityClass",
    "RuntimeClass",
    "CSIDriver",
    "CSINode",
    "VolumeAttachment",
    "APIService",
    "GatewayClass",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ClusterIssuer",
    "ClusterInterceptor",
    "ClusterTriggerBinding",
];

/// Whether the kind is namespaced.
#[must_use]
pub fn is_namespaced(kind: &str) -> bool {
    !CLUSTER_SCOPED.contains(&kind)
}

/// The plural of the kind, as in RBAC and URLs. English rules, as in Kubernetes' own generators, with explicit exceptions.
#[must_use]
pub fn plural(api_version: &str, kind: &str) -> String {
    match kind {
        "Endpoints" => return "endpoints".to_owned(),
        "PodMetrics" => return "pods".to_owned(),
        "NodeMetrics" => return "nodes".to_owned(),
        _ => {}
    }
    let (group, version) = super::split_api(api_version);
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)).plural
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_those_of_the_api() {
        for (api, kind, resource) in [
            ("apps/v1", "Deployment", "deployments"),
            ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
            ("networking.k8s.io/v1", "Ingress", "ingresses"),
            ("v1", "Service", "services"),
            ("v1", "Endpoints", "endpoints"),
            ("tekton.dev/v1", "Task", "tasks"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
            ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
            ("gateway.networking.k8s.io/v1", "Gateway", "gateways"),
            ("triggers.tekton.dev/v1beta1", "TriggerBinding", "triggerbindings"),
            ("monitoring.coreos.com/v1", "Prometheus", "prometheuses"),
        ] {
            assert_eq!(plural(api, kind), resource, "{kind}");
        }
    }
}
