//! Secrets that come of other objects: nobody has to create them.

use std::collections::BTreeSet;

use super::Object;
use crate::yaml::Value;

/// Namespace and name of each Secret that the object makes, or that it is.
#[must_use]
pub fn made_secrets(object: &Object) -> BTreeSet<(String, String)> {
    let value = object.value();
    let text = |path: &[&str]| value.str_at(path);
    let own = Some(object.name());
    let names: Vec<Option<&str>> = match (object.group(), object.kind()) {
        ("", "Secret") | ("onepassword.com", "OnePasswordItem") => vec![own],
        ("external-secrets.io", "ExternalSecret") => {
            // These add to a Secret that exists, or make none.
            if matches!(text(&["spec", "target", "creationPolicy"]), Some("Merge" | "None")) {
                return BTreeSet::new();
            }
            vec![text(&["spec", "target", "name"]).or(own)]
        }
        ("bitnami.com", "SealedSecret") => {
            vec![text(&["spec", "template", "metadata", "name"]).or(own)]
        }
        ("cert-manager.io", "Certificate") | ("k8s.bitwarden.com", "BitwardenSecret") => {
            vec![text(&["spec", "secretName"])]
        }
        (
            "secrets.hashicorp.com",
            "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret",
        ) => {
            let creates = value.at(&["spec", "destination", "create"]).is_some_and(Value::is_true);
            vec![text(&["spec", "destination", "name"]).filter(|_| creates)]
        }
        ("isindir.github.com", "SopsSecret") => {
            let templates = value.at(&["spec", "secretTemplates"]).and_then(Value::as_seq);
            let templates = templates.unwrap_or_default().iter();
            templates.map(|template| template.str_at(&["name"])).collect()
        }
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => {
            let objects = value.at(&["spec", "secretObjects"]).and_then(Value::as_seq);
            let objects = objects.unwrap_or_default().iter();
            objects.map(|object| object.str_at(&["secretName"])).collect()
        }
        _ => Vec::new(),
    };
    let namespace = object.namespace().unwrap_or_default();
    let names = names.into_iter().flatten().filter(|name| !name.is_empty());
    names.map(|name| (namespace.to_owned(), name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::FileId;
    use crate::yaml::read_one;

    #[test]
    fn what_makes_a_secret_names_it() {
        for (object, makes) in [
            ("{apiVersion: v1, kind: Secret, metadata: {name: a}}", "a"),
            (
                "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: a}}",
                "a",
            ),
            (
                "{apiVersion: external-secrets.io/v1beta1, kind: ExternalSecret, metadata: {name: a}, spec: {target: {name: b}}}",
                "b",
            ),
            (
                "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: a}, spec: {target: {creationPolicy: Merge}}}",
                "",
            ),
            (
                "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: a}, spec: {template: {metadata: {name: a}}}}",
                "a",
            ),
            (
                "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a}, spec: {secretName: tls}}",
                "tls",
            ),
            (
                "{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: {name: a}, spec: {destination: {name: b, create: true}}}",
                "b",
            ),
            (
                "{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: {name: a}, spec: {destination: {name: b}}}",
                "",
            ),
            (
                "{apiVersion: isindir.github.com/v1alpha3, kind: SopsSecret, metadata: {name: a}, spec: {secretTemplates: [{name: b}, {name: c}]}}",
                "b c",
            ),
            (
                "{apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: a}, spec: {secretObjects: [{secretName: b}]}}",
                "b",
            ),
            ("{apiVersion: onepassword.com/v1, kind: OnePasswordItem, metadata: {name: a}}", "a"),
            ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", ""),
        ] {
            let node = read_one(FileId::BUILT_IN, object).expect("YAML");
            let object = Object::new(node.to_value()).expect("an object");
            let names: Vec<String> = made_secrets(&object).into_iter().map(|made| made.1).collect();
            assert_eq!(names.join(" "), makes, "{object:?}");
        }
    }
}
