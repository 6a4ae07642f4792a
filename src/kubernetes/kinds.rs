//! Kinds: their plural, as in RBAC, and whether they are namespaced.

use kube::core::{ApiResource, GroupVersionKind};

use super::definitions::Definitions;

/// Whether the kind is namespaced; so is one that nothing is known of.
#[must_use]
pub fn is_namespaced(api_version: &str, kind: &str) -> bool {
    Definitions::built_in().kind(api_version, kind).is_none_or(|known| known.is_namespaced)
}

/// The plural of the kind, as in RBAC and URLs: as it is defined, else by English rules.
#[must_use]
pub fn plural(api_version: &str, kind: &str) -> String {
    let known = Definitions::built_in().kind(api_version, kind);
    known.map_or_else(|| by_english(api_version, kind), |known| known.plural.to_owned())
}

/// The plural by English rules, as Kubernetes' own generators make it.
pub(super) fn by_english(api_version: &str, kind: &str) -> String {
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
            // Not as English makes them.
            ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "network-attachment-definitions"),
            ("argoproj.io/v1alpha1", "EventBus", "eventbus"),
            ("chaos-mesh.org/v1alpha1", "PodChaos", "podchaos"),
            ("redis.redis.opstreelabs.in/v1beta2", "Redis", "redis"),
            ("redis.redis.opstreelabs.in/v1beta2", "RedisCluster", "redisclusters"),
            ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", "mongodbcommunity"),
        ] {
            assert_eq!(plural(api, kind), resource, "{kind}");
        }
    }
}
