//! A Secret's state from its metadata. Its values stay in the cluster; its keys come from the managed fields: the server records for
//! each manager the names of its fields, without their values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Expected;

/// The state of a Secret in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It exists, with all keys.
    There,
    /// It exists; its metadata does not show its keys.
    Somehow,
    /// It exists, without these keys.
    Incomplete(Vec<String>),
    /// It does not exist.
    Missing,
    /// Unknown, for this reason.
    Unknown(String),
}

/// The state from the metadata in the cluster, if the Secret exists.
#[must_use]
pub fn state(expected: &Expected, live: Option<&Value>) -> State {
    let Some(live) = live else {
        return State::Missing;
    };
    let Some(keys) = keys(live) else {
        return State::Somehow;
    };
    let lacking: Vec<String> =
        expected.keys.keys().filter(|key| !keys.contains(key.as_str())).cloned().collect();
    if lacking.is_empty() { State::There } else { State::Incomplete(lacking) }
}

/// The keys set by managers; none if no manager is recorded, as for a Secret from before managed fields existed.
fn keys(live: &Value) -> Option<BTreeSet<&str>> {
    let managers = live.pointer("/metadata/managedFields")?.as_array()?;
    let places = ["/fieldsV1/f:data", "/fieldsV1/f:stringData"];
    let sets = managers.iter().flat_map(|manager| places.map(|place| manager.pointer(place)));
    let mut sets = sets.flatten().filter_map(Value::as_object).peekable();
    sets.peek()?;
    let keys = sets.flat_map(|fields| fields.keys());
    Some(keys.filter_map(|key| key.strip_prefix("f:")).collect())
}

/// The Roles for checking these Secrets, as YAML. Kubernetes has no permission for metadata alone, so they name each Secret.
#[must_use]
pub fn role<'a>(secrets: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut namespaces: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (namespace, name) in secrets {
        namespaces.entry(namespace).or_default().insert(name);
    }
    let roles = namespaces.into_iter().map(|(namespace, names)| {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: gen-secrets\n  namespace: {namespace}\nrules:\n  # This also allows reading the values, which gen never requests.\n  - {{apiGroups: [\"\"], resources: [secrets], resourceNames: [{names}], verbs: [get]}}\n"
        )
    });
    roles.collect::<Vec<_>>().join("---\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::Target;

    fn expected() -> Expected {
        let keys = ["password", "username"].map(|key| (key.to_owned(), String::new()));
        Expected {
            environment: String::new(),
            cluster: String::new(),
            target: Target::default(),
            namespace: "shop".to_owned(),
            name: "login".to_owned(),
            kind: "Opaque",
            keys: keys.into(),
            optional: BTreeMap::new(),
            users: BTreeSet::new(),
            breaks: BTreeSet::new(),
            then: BTreeSet::new(),
        }
    }

    #[test]
    fn keys_are_those_that_managers_have_set() {
        let live =
            |managers: Value| json!({"metadata": {"name": "login", "managedFields": managers}});
        let sets = |place: &str, keys: &[&str]| {
            let fields = keys.iter().map(|key| (format!("f:{key}"), json!({})));
            let mut fields: serde_json::Map<String, Value> = fields.collect();
            fields.insert(".".to_owned(), json!({}));
            json!({"manager": "x", "fieldsV1": {place: fields, "f:type": {}}})
        };
        let said = |managers| state(&expected(), Some(&live(managers)));
        let both = sets("f:data", &["password", "username"]);
        assert_eq!(said(json!([both])), State::There);
        let apart =
            json!([sets("f:data", &["password"]), sets("f:stringData", &["username", "more"])]);
        assert_eq!(said(apart), State::There);
        let one = json!([sets("f:data", &["password"])]);
        assert_eq!(said(one), State::Incomplete(vec!["username".to_owned()]));
        let none = json!([sets("f:data", &[])]);
        let lacking = ["password", "username"].map(str::to_owned).to_vec();
        assert_eq!(said(none), State::Incomplete(lacking));
        assert_eq!(said(json!([{"manager": "x", "fieldsV1": {"f:type": {}}}])), State::Somehow);
        assert_eq!(state(&expected(), Some(&json!({"metadata": {}}))), State::Somehow);
        assert_eq!(state(&expected(), None), State::Missing);
    }

    #[test]
    fn a_role_names_what_is_asked_about() {
        let text = role([("b", "two"), ("a", "one"), ("b", "three"), ("b", "two")].into_iter());
        insta::assert_snapshot!(text, @r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          name: gen-secrets
          namespace: a
        rules:
          # This also allows reading the values, which gen never requests.
          - {apiGroups: [""], resources: [secrets], resourceNames: [one], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          name: gen-secrets
          namespace: b
        rules:
          # This also allows reading the values, which gen never requests.
          - {apiGroups: [""], resources: [secrets], resourceNames: [three, two], verbs: [get]}
        "#);
    }
}
