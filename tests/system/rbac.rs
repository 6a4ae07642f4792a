//! RBAC as the API server decides it: what an account may do by the Roles and bindings of a tree.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Rendered, list, text};

/// The kinds that gen renders, in the plural: written down, not derived.
const PLURALS: &[(&str, &str)] = &[
    ("ConfigMap", "configmaps"),
    ("CronJob", "cronjobs"),
    ("Deployment", "deployments"),
    ("EventListener", "eventlisteners"),
    ("HTTPRoute", "httproutes"),
    ("HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("Ingress", "ingresses"),
    ("NetworkPolicy", "networkpolicies"),
    ("PersistentVolumeClaim", "persistentvolumeclaims"),
    ("Pipeline", "pipelines"),
    ("PipelineRun", "pipelineruns"),
    ("PodDisruptionBudget", "poddisruptionbudgets"),
    ("Service", "services"),
    ("PrometheusRule", "prometheusrules"),
    ("ServiceMonitor", "servicemonitors"),
    ("StatefulSet", "statefulsets"),
    ("Task", "tasks"),
    ("Trigger", "triggers"),
    ("TriggerBinding", "triggerbindings"),
    ("TriggerTemplate", "triggertemplates"),
];

/// The plural of a kind.
#[track_caller]
pub fn plural(kind: &str) -> &'static str {
    PLURALS
        .iter()
        .find(|(known, _)| *known == kind)
        .unwrap_or_else(|| panic!("the plural of {kind} is not in PLURALS"))
        .1
}

/// The API group of an object.
pub fn group(object: &Value) -> &str {
    text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group)
}

/// An account: namespace and name.
pub type Account<'a> = (&'a str, &'a str);

/// One action.
#[derive(Debug, Clone, Copy)]
pub struct Action<'a> {
    pub verb: &'a str,
    pub group: &'a str,
    pub resource: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
}

/// The rules that an account has: namespace (empty for all of the cluster) and rule.
pub fn rules_of<'a>(
    objects: &'a [&'a Rendered],
    (namespace, name): Account<'_>,
) -> Vec<(&'a str, &'a Value)> {
    let mut rules = Vec::new();
    for binding in objects
        .iter()
        .filter(|object| ["RoleBinding", "ClusterRoleBinding"].contains(&object.kind()))
    {
        let is_subject = list(&binding.value, "/subjects").iter().any(|subject| {
            text(subject, "/kind") == "ServiceAccount"
                && text(subject, "/namespace") == namespace
                && text(subject, "/name") == name
        });
        if !is_subject {
            continue;
        }
        let kind = text(&binding.value, "/roleRef/kind");
        let role = objects.iter().find(|role| {
            role.kind() == kind
                && role.name() == text(&binding.value, "/roleRef/name")
                && (kind == "ClusterRole" || role.namespace() == binding.namespace())
        });
        let role = role.unwrap_or_else(|| panic!("{} binds no role", binding.title()));
        rules.extend(list(&role.value, "/rules").iter().map(|rule| (binding.namespace(), rule)));
    }
    rules
}

/// Whether a rule allows an action.
pub fn allows(rule: &Value, action: Action<'_>) -> bool {
    let has =
        |key: &str, word: &str| list(rule, key).iter().any(|item| item == word || item == "*");
    // The name of a new object is not known to the API server when it decides about `create`.
    let only = list(rule, "/resourceNames");
    let is_named =
        only.is_empty() || (action.verb != "create" && only.iter().any(|name| name == action.name));
    has("/verbs", action.verb)
        && has("/apiGroups", action.group)
        && has("/resources", action.resource)
        && is_named
}

/// Whether an account may do something.
pub fn may(objects: &[&Rendered], account: Account<'_>, action: Action<'_>) -> bool {
    rules_of(objects, account).into_iter().any(|(namespace, rule)| {
        (namespace.is_empty() || namespace == action.namespace) && allows(rule, action)
    })
}

/// What no rule may grant, from Kubernetes' RBAC good practices; the words of what is wrong with one.
pub fn forbidden(rule: &Value) -> Vec<String> {
    let words = |key: &str| -> BTreeSet<&str> {
        list(rule, key).iter().filter_map(Value::as_str).collect()
    };
    let (groups, resources, verbs) = (words("/apiGroups"), words("/resources"), words("/verbs"));
    let mut problems = Vec::new();
    for word in groups.iter().chain(&resources).chain(&verbs) {
        if word.contains('*') {
            problems.push(format!("`{word}`"));
        }
    }
    for verb in ["escalate", "bind", "impersonate", "deletecollection"] {
        if verbs.contains(verb) {
            problems.push(verb.to_owned());
        }
    }
    for resource in [
        "secrets",
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/ephemeralcontainers",
        "pods/proxy",
        "services/proxy",
        "serviceaccounts",
        "serviceaccounts/token",
        "nodes",
        "nodes/proxy",
        "roles",
        "rolebindings",
        "clusterroles",
        "clusterrolebindings",
        "namespaces",
    ] {
        if resources.contains(resource) {
            problems.push(resource.to_owned());
        }
    }
    if rule.get("nonResourceURLs").is_some() || groups.contains("rbac.authorization.k8s.io") {
        problems.push("rights over rights".to_owned());
    }
    problems
}

#[test]
fn forbidden_rules_are_caught() {
    let bad = [
        r#"{"apiGroups": ["*"], "resources": ["pods"], "verbs": ["get"]}"#,
        r#"{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}"#,
        r#"{"apiGroups": [""], "resources": ["pods/*"], "verbs": ["get"]}"#,
        r#"{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}"#,
        r#"{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}"#,
        r#"{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}"#,
        r#"{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["patch"]}"#,
        r#"{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}"#,
        r#"{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}"#,
    ];
    for rule in bad {
        let rule: Value = serde_json::from_str(rule).expect("JSON");
        assert!(!forbidden(&rule).is_empty(), "{rule}");
    }
}
