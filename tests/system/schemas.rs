//! Every rendered object has the form that its API says: custom resources by their CRDs, Kubernetes' own kinds by its types.
//! And none has a field that its API does not know, which an API server would drop without a word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Change, Rendered, list, needs, text, trees};

/// Schemas of custom resources, by apiVersion and kind.
struct Schemas {
    by_kind: BTreeMap<(String, String), Schema>,
}

struct Schema {
    schema: Value,
    validator: jsonschema::Validator,
}

/// APIs whose CRDs are not among the definitions, written down from their documentation.
fn written_down() -> Vec<(&'static str, &'static str, Value)> {
    let text = || json!({"type": "string", "minLength": 1});
    let reference = || {
        json!({"type": "object", "required": ["name"], "properties": {
            "group": text(), "kind": text(), "name": text(), "namespace": text(), "sectionName": text(),
            "port": {"type": "integer", "minimum": 1, "maximum": 65535}, "weight": {"type": "integer"}}})
    };
    let object = |spec: Value| {
        json!({"type": "object", "required": ["spec"], "properties": {
            "apiVersion": text(), "kind": text(), "metadata": {"type": "object"}, "spec": spec}})
    };
    let matches = json!({"type": "object", "properties": {
        "path": {"type": "object", "properties": {"type": {"enum": ["Exact", "PathPrefix", "RegularExpression"]}, "value": text()}},
        "method": text()}});
    let rule = json!({"type": "object", "properties": {
        "name": text(),
        "matches": {"type": "array", "items": matches},
        "backendRefs": {"type": "array", "items": reference()},
        "timeouts": {"type": "object", "properties": {"request": text(), "backendRequest": text()}}}});
    let route = json!({"type": "object", "properties": {
        "parentRefs": {"type": "array", "items": reference(), "maxItems": 32},
        "hostnames": {"type": "array", "items": text(), "maxItems": 16},
        "rules": {"type": "array", "items": rule, "maxItems": 16}}});
    let source = json!({"type": "object", "required": ["alias", "kind", "name"], "properties": {
        "alias": text(), "kind": {"enum": ["Bucket", "GitRepository", "OCIRepository", "HelmChart", "ExternalArtifact"]},
        "name": text(), "namespace": text()}});
    let copy = json!({"type": "object", "required": ["from", "to"], "properties": {
        "from": {"type": "string", "pattern": "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"},
        "to": {"type": "string", "pattern": "^@(artifact)/(.*)$"},
        "exclude": {"type": "array", "items": text()}, "strategy": text()}});
    let artifact = json!({"type": "object", "required": ["copy", "name"], "properties": {
        "name": text(), "revision": {"type": "string", "pattern": "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"},
        "originRevision": {"type": "string", "pattern": "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"},
        "copy": {"type": "array", "items": copy, "minItems": 1}}});
    let generator = json!({"type": "object", "required": ["artifacts", "sources"], "properties": {
        "sources": {"type": "array", "items": source, "minItems": 1, "maxItems": 1000},
        "artifacts": {"type": "array", "items": artifact, "minItems": 1, "maxItems": 1000}}});
    vec![
        ("gateway.networking.k8s.io/v1", "HTTPRoute", object(route)),
        ("source.extensions.fluxcd.io/v1beta1", "ArtifactGenerator", object(generator)),
    ]
}

impl Schemas {
    /// From the CRDs that the control plane of the tests has; skips where no variable names them.
    fn load() -> Option<Self> {
        let places = needs::variable("GEN_TEST_DEFINITIONS", "tests/tools/setup definitions")?;
        let mut by_kind = BTreeMap::new();
        // Of a kind that is defined twice the first counts.
        let places: Vec<_> = std::env::split_paths(&places).collect();
        let files = places.iter().rev().flat_map(walkdir::WalkDir::new);
        for file in files.map(|entry| entry.expect("a readable folder")) {
            if file.path().extension().is_none_or(|ending| ending != "yaml") {
                continue;
            }
            let content = std::fs::read_to_string(file.path()).expect("UTF-8");
            for crd in crate::support::documents(&content) {
                let group = text(&crd, "/spec/group");
                for version in list(&crd, "/spec/versions") {
                    let api = format!("{group}/{}", text(version, "/name"));
                    let kind = text(&crd, "/spec/names/kind").to_owned();
                    let schema = version["schema"]["openAPIV3Schema"].clone();
                    by_kind.insert((api, kind), Schema::new(schema));
                }
            }
        }
        for (api, kind, schema) in written_down() {
            by_kind.insert((api.to_owned(), kind.to_owned()), Schema::new(schema));
        }
        Some(Self { by_kind })
    }

    /// What is wrong with an object, or nothing. An object of Kubernetes' own is checked by its type.
    fn problems(&self, object: &Value) -> Vec<String> {
        let key = (text(object, "/apiVersion").to_owned(), text(object, "/kind").to_owned());
        let Some(schema) = self.by_kind.get(&key) else {
            return built_in(object);
        };
        let mut problems: Vec<String> = schema
            .validator
            .iter_errors(object)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        unknown_fields(object, &schema.schema, "", true, &mut problems);
        problems
    }
}

impl Schema {
    fn new(schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        Self { schema, validator }
    }
}

/// Fields that the schema does not name, which the API server would prune.
fn unknown_fields(
    value: &Value,
    schema: &Value,
    path: &str,
    is_object: bool,
    problems: &mut Vec<String>,
) {
    if schema["x-kubernetes-preserve-unknown-fields"] == true
        || schema["x-kubernetes-int-or-string"] == true
    {
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                unknown_fields(item, &schema["items"], &format!("{path}/{index}"), false, problems);
            }
        }
        Value::Object(map) => {
            let embedded = is_object || schema["x-kubernetes-embedded-resource"] == true;
            for (key, inner) in map {
                let path = format!("{path}/{key}");
                // The API server knows these of every object, whatever its schema says of them.
                if embedded && ["apiVersion", "kind"].contains(&key.as_str()) {
                    continue;
                }
                if embedded && key == "metadata" {
                    problems.extend(
                        metadata(inner).into_iter().map(|problem| format!("{path}: {problem}")),
                    );
                    continue;
                }
                match (&schema["properties"][key], &schema["additionalProperties"]) {
                    (Value::Null, Value::Null | Value::Bool(false)) => {
                        problems.push(format!("{path}: no such field"));
                    }
                    (Value::Null, Value::Bool(true)) => {}
                    (Value::Null, more) => unknown_fields(inner, more, &path, false, problems),
                    (known, _) => unknown_fields(inner, known, &path, false, problems),
                }
            }
        }
        _ => {}
    }
}

fn metadata(value: &Value) -> Vec<String> {
    same::<k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta>(value)
}

/// Reads a value into its type and writes it again: what is lost on the way, the API does not know.
fn same<T: serde::de::DeserializeOwned + serde::Serialize>(value: &Value) -> Vec<String> {
    let read: T = match serde_json::from_value(value.clone()) {
        Ok(read) => read,
        Err(error) => return vec![error.to_string()],
    };
    let written = serde_json::to_value(read).expect("plain data");
    let mut problems = Vec::new();
    differences(value, &written, "", &mut problems);
    problems
}

fn differences(before: &Value, after: &Value, path: &str, problems: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                differences(&before[key], &after[key], &format!("{path}/{key}"), problems);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differences(one, other, &format!("{path}/{index}"), problems);
            }
        }
        (one, other) if one != other => {
            problems.push(format!("{path}: {one} comes back as {other}"));
        }
        _ => {}
    }
}

fn built_in(object: &Value) -> Vec<String> {
    use k8s_openapi::api::{apps, autoscaling, batch, core, networking, policy, rbac};
    match (text(object, "/apiVersion"), text(object, "/kind")) {
        ("v1", "ConfigMap") => same::<core::v1::ConfigMap>(object),
        ("v1", "LimitRange") => same::<core::v1::LimitRange>(object),
        ("v1", "Namespace") => same::<core::v1::Namespace>(object),
        ("v1", "PersistentVolumeClaim") => same::<core::v1::PersistentVolumeClaim>(object),
        ("v1", "ResourceQuota") => same::<core::v1::ResourceQuota>(object),
        ("v1", "Service") => same::<core::v1::Service>(object),
        ("v1", "ServiceAccount") => same::<core::v1::ServiceAccount>(object),
        ("apps/v1", "Deployment") => same::<apps::v1::Deployment>(object),
        ("apps/v1", "StatefulSet") => same::<apps::v1::StatefulSet>(object),
        ("batch/v1", "CronJob") => same::<batch::v1::CronJob>(object),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => {
            same::<autoscaling::v2::HorizontalPodAutoscaler>(object)
        }
        ("networking.k8s.io/v1", "Ingress") => same::<networking::v1::Ingress>(object),
        ("networking.k8s.io/v1", "NetworkPolicy") => same::<networking::v1::NetworkPolicy>(object),
        ("policy/v1", "PodDisruptionBudget") => same::<policy::v1::PodDisruptionBudget>(object),
        ("rbac.authorization.k8s.io/v1", "ClusterRole") => same::<rbac::v1::ClusterRole>(object),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding") => {
            same::<rbac::v1::ClusterRoleBinding>(object)
        }
        ("rbac.authorization.k8s.io/v1", "Role") => same::<rbac::v1::Role>(object),
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => same::<rbac::v1::RoleBinding>(object),
        (api, kind) => vec![format!("no schema for {api} {kind}")],
    }
}

/// Identity as the API server wants it.
fn identity(object: &Rendered) -> Vec<String> {
    let mut problems = Vec::new();
    let name = object.name();
    if name.is_empty() && !object.inner {
        problems.push("no name".to_owned());
    }
    let is_label = |text: &str| {
        text.len() <= 63
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
            && !text.starts_with(['-', '.'])
            && !text.ends_with(['-', '.'])
    };
    if !is_label(name) || !is_label(object.namespace()) {
        problems.push(format!("`{name}` in `{}`", object.namespace()));
    }
    let labels = object.value.pointer("/metadata/labels");
    for (key, value) in labels.and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().unwrap_or("no text");
        let fine = value.len() <= 63
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !fine {
            problems.push(format!("label {key}: {value}"));
        }
    }
    problems
}

#[test]
fn every_object_is_valid_and_has_no_unknown_field() {
    let Some(schemas) = Schemas::load() else {
        return;
    };
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    for (tree, objects) in trees() {
        for object in objects {
            *kinds.entry(object.kind().to_owned()).or_default() += 1;
            let found = schemas.problems(&object.value);
            let found = found.into_iter().chain(identity(object));
            problems.extend(found.map(|problem| format!("{tree}: {}: {problem}", object.title())));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    println!("valid: {kinds:?}");
    // Nothing that gen can render is left out of the specs.
    for kind in [
        "Alert",
        "ArtifactGenerator",
        "ClusterRole",
        "ConfigMap",
        "CronJob",
        "Deployment",
        "EventListener",
        "GitRepository",
        "HTTPRoute",
        "HorizontalPodAutoscaler",
        "Ingress",
        "Kustomization",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "Pipeline",
        "PipelineRun",
        "PodDisruptionBudget",
        "PrometheusRule",
        "Provider",
        "Receiver",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Service",
        "ServiceAccount",
        "ServiceMonitor",
        "StatefulSet",
        "Task",
        "TriggerBinding",
        "TriggerTemplate",
    ] {
        assert!(kinds.contains_key(kind), "no {kind} was rendered");
    }
}

/// Kubernetes' own kinds need no file beside the repository.
#[test]
fn kubernetes_own_objects_survive_their_types() {
    let mut problems = Vec::new();
    let own = |api: &str| api == "v1" || !api.contains('.') || api.contains(".k8s.io/");
    for (tree, objects) in trees() {
        for object in objects {
            let api = text(&object.value, "/apiVersion");
            if own(api) && !api.starts_with("gateway.") {
                let found = built_in(&object.value).into_iter();
                problems
                    .extend(found.map(|problem| format!("{tree}: {}: {problem}", object.title())));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_misspelt_field_is_caught() {
    let objects: Vec<&Rendered> = trees().iter().flat_map(|(_, objects)| objects).collect();
    let first = |kind: &str| {
        objects
            .iter()
            .find(|object| object.kind() == kind)
            .unwrap_or_else(|| panic!("no {kind}"))
            .value
            .clone()
    };
    let own: [(&str, Change); 5] = [
        ("Deployment", |o| o["spec"]["minReadySecond"] = json!(5)),
        ("Deployment", |o| {
            o["spec"]["template"]["spec"]["containers"][0]["portz"] = json!([]);
        }),
        ("Deployment", |o| o["spec"]["replicas"] = json!("2")),
        ("Role", |o| o["rules"][0]["verb"] = json!(["get"])),
        ("Namespace", |o| o["metadata"]["label"] = json!({})),
    ];
    for (kind, change) in own {
        let mut object = first(kind);
        change(&mut object);
        assert!(!built_in(&object).is_empty(), "{object}");
    }
    let Some(schemas) = Schemas::load() else {
        return;
    };
    let custom: [(&str, Change); 17] = [
        ("Task", |o| o["spec"]["steps"][0]["resources"] = json!({})),
        ("Task", |o| o["spec"]["step"] = json!([])),
        ("Task", |o| {
            o["spec"]["stepTemplate"]["securityContext"]["runAsUsr"] = json!(1);
        }),
        ("Task", |o| o["spec"]["steps"][0]["image"] = json!(1)),
        ("Pipeline", |o| {
            o["spec"]["tasks"][0]["runafter"] = json!([]);
        }),
        ("PipelineRun", |o| {
            o["spec"]["serviceAccountName"] = json!("x");
        }),
        ("PipelineRun", |o| {
            o["spec"]["timeout"] = json!("1h");
        }),
        ("Kustomization", |o| o["spec"]["dependOn"] = json!([])),
        ("Kustomization", |o| o["spec"]["prune"] = json!("true")),
        ("GitRepository", |o| o["spec"]["sparse"] = json!([])),
        ("ServiceMonitor", |o| {
            o["spec"]["endpoints"][0]["intervall"] = json!("30s");
        }),
        ("PrometheusRule", |o| {
            o["spec"]["groups"][0]["rules"][0]["exprr"] = json!("up");
        }),
        ("Receiver", |o| {
            o["spec"]["secretref"] = json!({"name": "x"});
        }),
        ("Receiver", |o| o["spec"]["type"] = json!("pigeon")),
        ("Provider", |o| o["spec"]["type"] = json!("smoke-signals")),
        ("HTTPRoute", |o| o["spec"]["hostname"] = json!("x")),
        ("ArtifactGenerator", |o| {
            o["spec"]["artifacts"][0]["copies"] = json!([]);
        }),
    ];
    for (kind, change) in custom {
        let mut object = first(kind);
        assert!(schemas.problems(&object).is_empty());
        change(&mut object);
        assert!(!schemas.problems(&object).is_empty(), "{object}");
    }
}
