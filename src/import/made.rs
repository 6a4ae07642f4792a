//! Objects that nobody wrote: controllers make them of others, or the cluster makes them in every namespace.

use super::original::Original;

/// Kinds that are always made.
const KINDS: [&str; 6] =
    ["ControllerRevision", "Event", "Lease", "PersistentVolume", "PodMetrics", "ReplicaSet"];

/// ConfigMaps that each namespace has.
const MAPS: [&str; 2] = ["kube-root-ca.crt", "openshift-service-ca.crt"];

/// Types of Secrets with tokens of accounts and with the state of Helm's releases.
const SECRETS: [&str; 2] = ["kubernetes.io/service-account-token", "helm.sh/release.v1"];

/// Whether nobody wrote an object. `service` finds a Service by its name in the object's namespace.
#[must_use]
pub fn is_made<'o>(one: &Original, service: impl FnOnce(&str) -> Option<&'o Original>) -> bool {
    if one.is_owned {
        return true;
    }
    match one.kind() {
        ("", "ConfigMap") => MAPS.contains(&one.name()),
        ("", "ServiceAccount") => one.name() == "default" && !is_changed(one),
        ("", "Secret") => {
            one.object.value().str_at(&["type"]).is_some_and(|of| SECRETS.contains(&of))
        }
        ("", "Endpoints") => is_of_service(service(one.name())),
        ("discovery.k8s.io", "EndpointSlice") => {
            let label = ["metadata", "labels", "kubernetes.io/service-name"];
            is_of_service(one.object.value().str_at(&label).and_then(service))
        }
        (_, kind) => KINDS.contains(&kind),
    }
}

/// Whether somebody set anything on the account `default`.
fn is_changed(account: &Original) -> bool {
    let keys = ["imagePullSecrets", "automountServiceAccountToken"];
    keys.iter().any(|key| account.object.at(&[key]).is_some())
        || account.object.at(&["metadata", "annotations"]).is_some()
}

/// Kubernetes keeps the endpoints of a Service with a selector; those of one without are written by hand. Where the Service is not
/// there, nobody can tell, and its controller most likely was one.
fn is_of_service(service: Option<&Original>) -> bool {
    service.is_none_or(|service| service.object.at(&["spec", "selector"]).is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kubernetes::{Object, documents};

    fn original(text: &str) -> Original {
        let value = documents(text).expect("it is YAML").remove(0);
        Original::new(Object::new(value).expect("an object"), Arc::from("x.yaml"))
    }

    #[test]
    fn what_somebody_wrote_is_told_from_what_nobody_did() {
        let of = |api: &str, kind: &str, name: &str, more: &str| {
            let text = format!(
                "apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: a}}\n{more}\n"
            );
            is_made(&original(&text), |_| None)
        };
        assert!(of("v1", "ConfigMap", "kube-root-ca.crt", ""));
        assert!(!of("v1", "ConfigMap", "settings", ""));
        assert!(of("v1", "ServiceAccount", "default", ""));
        assert!(!of("v1", "ServiceAccount", "default", "automountServiceAccountToken: false"));
        assert!(!of("v1", "ServiceAccount", "shop", ""));
        assert!(of("v1", "Secret", "sh.helm.release.v1.a.v1", "type: helm.sh/release.v1"));
        assert!(!of("v1", "Secret", "keys", "type: Opaque"));
        assert!(of("apps/v1", "ReplicaSet", "shop-1", ""));
        assert!(!of("v1", "Pod", "shop", ""));
    }

    #[test]
    fn endpoints_are_written_for_a_service_without_a_selector() {
        let service = |spec: &str| {
            original(&format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: a}}\nspec: {{{spec}}}\n"
            ))
        };
        let (selects, does_not) = (service("selector: {app: db}"), service("ports: [{port: 1}]"));
        for text in [
            "apiVersion: v1\nkind: Endpoints\nmetadata: {name: db, namespace: a}\n",
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db-1, namespace: a, labels: {kubernetes.io/service-name: db}}\n",
        ] {
            let endpoints = original(text);
            assert!(is_made(&endpoints, |name| (name == "db").then_some(&selects)));
            assert!(!is_made(&endpoints, |name| (name == "db").then_some(&does_not)));
            assert!(is_made(&endpoints, |_| None));
        }
    }
}
