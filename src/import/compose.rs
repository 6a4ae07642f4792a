//! Compose files, as a start: their programs are said as if they ran in Kubernetes already.
//!
//! What they are made of is no object, so it has no verdict; what could not be taken along is noted in the spec.

use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// Where images go that are built.
pub(crate) const REGISTRY: &str = "registry.example/you";

/// A label of gen's own, so that the spec need not say it.
const NAME: &str = "app.kubernetes.io/name";

/// Whether a document is a Compose file.
#[must_use]
pub fn is_compose(value: &Value) -> bool {
    let services = value.get("services").and_then(Value::as_map);
    services.is_some_and(|services| {
        !services.is_empty()
            && services.iter().all(|(_, it)| it.get("image").is_some() || it.get("build").is_some())
    })
}

/// The programs of a Compose file as objects.
#[must_use]
pub fn compose(value: &Value) -> Vec<Object> {
    let mut all = Vec::new();
    let named = value.get("volumes").and_then(Value::as_map).cloned().unwrap_or_default();
    for (name, service) in
        value.get("services").and_then(Value::as_map).into_iter().flat_map(Map::iter)
    {
        let name = label(name);
        let image =
            service.str_at(&["image"]).map_or_else(|| format!("{REGISTRY}/{name}"), str::to_owned);
        let mut container = Map::default();
        container.push("name", name.as_str());
        container.push("image", image);
        for (key, field) in [("entrypoint", "command"), ("command", "args")] {
            let words = words(service.get(key));
            container.push_some(field, (!words.is_empty()).then_some(words));
        }
        let env = variables(service.get("environment"));
        container.push_some("env", (!env.is_empty()).then_some(env));
        let ports = ports(service);
        let listed: Vec<Value> = ports
            .iter()
            .map(|(_, port, protocol)| {
                Value::from([
                    ("containerPort", (*port).into()),
                    ("protocol", protocol.as_str().into()),
                ])
            })
            .collect();
        container.push_some("ports", (!listed.is_empty()).then_some(listed));
        if let Some(probe) = check(service) {
            container.push("livenessProbe", probe);
        }
        let (mounts, volumes, claims) = mounts(service, &name, &named);
        container.push_some("volumeMounts", (!mounts.is_empty()).then_some(mounts));
        let mut pod = Map::default();
        pod.push("containers", vec![Value::Map(container)]);
        pod.push_some("volumes", (!volumes.is_empty()).then_some(volumes));
        let replicas = service.at(&["deploy", "replicas"]).cloned();
        all.extend(program(&name, pod, replicas));
        all.extend(claims);
        if !ports.is_empty() {
            all.extend(offered(&name, &ports));
        }
    }
    all
}

/// Whether an image is one that has to be built.
#[must_use]
pub(super) fn is_built(image: &str) -> bool {
    image.strip_prefix(REGISTRY).is_some_and(|rest| rest.starts_with('/'))
}

/// A Deployment.
pub(super) fn program(name: &str, pod: Map, replicas: Option<Value>) -> Option<Object> {
    let labels = || Value::from([(NAME, name.into())]);
    let template =
        Value::from([("metadata", Value::from([("labels", labels())])), ("spec", Value::Map(pod))]);
    let mut spec = Map::default();
    spec.push_some("replicas", replicas);
    spec.push("selector", Value::from([("matchLabels", labels())]));
    spec.push("template", template);
    object("apps/v1", "Deployment", name, Value::Map(spec))
}

/// A Service.
pub(super) fn offered(name: &str, ports: &[(i64, i64, String)]) -> Option<Object> {
    let ports: Vec<Value> = ports
        .iter()
        .map(|(offered, port, protocol)| {
            Value::from([
                ("port", (*offered).into()),
                ("targetPort", (*port).into()),
                ("protocol", protocol.as_str().into()),
            ])
        })
        .collect();
    let selector = Value::from([(NAME, name.into())]);
    let spec = Value::from([("selector", selector), ("ports", ports.into())]);
    object("v1", "Service", name, spec)
}

/// An object.
pub(super) fn object(api: &str, kind: &str, name: &str, spec: Value) -> Option<Object> {
    let metadata = Value::from([("name", name.into())]);
    let entries =
        [("apiVersion", api.into()), ("kind", kind.into()), ("metadata", metadata), ("spec", spec)];
    Object::new(Value::from(entries)).ok()
}

/// A name as Kubernetes takes it.
#[must_use]
pub(crate) fn label(name: &str) -> String {
    let name = name.trim().to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    name.trim_matches('-').to_owned()
}

/// A command as a list, or as a text that has no quotes in it.
fn words(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Seq(items)) => items.clone(),
        Some(Value::Str(text)) if text.contains(['"', '\'', '$', '|', '&', ';']) => {
            ["/bin/sh", "-c", text.as_str()].map(Value::from).to_vec()
        }
        Some(Value::Str(text)) => text.split_whitespace().map(Value::from).collect(),
        _ => Vec::new(),
    }
}

fn variables(value: Option<&Value>) -> Vec<Value> {
    let pair =
        |name: &str, value: &str| Value::from([("name", name.into()), ("value", value.into())]);
    match value {
        Some(Value::Seq(items)) => items
            .iter()
            .filter_map(|item| item.as_str()?.split_once('='))
            .map(|(name, value)| pair(name, value))
            .collect(),
        Some(Value::Map(map)) => map
            .iter()
            .filter(|(_, value)| **value != Value::Null)
            .map(|(name, value)| {
                pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Offered port, port of the container, and protocol.
fn ports(service: &Value) -> Vec<(i64, i64, String)> {
    let one = |port: &Value| {
        if let Some(target) = port.get("target").and_then(Value::as_int) {
            return Some((target, target, "TCP".to_owned()));
        }
        let text = port.as_str().map_or_else(|| port.to_string(), str::to_owned);
        let (numbers, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let mut parts = numbers.rsplit(':');
        let target: i64 = parts.next()?.parse().ok()?;
        let published = parts.next().and_then(|part| part.parse().ok()).unwrap_or(target);
        Some((published, target, protocol.to_uppercase()))
    };
    ["ports", "expose"].iter().flat_map(|key| service.list_at(&[key])).filter_map(one).collect()
}

fn check(service: &Value) -> Option<Value> {
    let asked = service.at(&["healthcheck", "test"])?;
    let command: Vec<Value> = match asked {
        Value::Str(text) => ["/bin/sh", "-c", text.as_str()].map(Value::from).to_vec(),
        Value::Seq(items) => match items.first()?.as_str()? {
            "CMD" => items[1..].to_vec(),
            "CMD-SHELL" => ["/bin/sh", "-c"]
                .map(Value::from)
                .into_iter()
                .chain(items.get(1).cloned())
                .collect(),
            _ => return None,
        },
        _ => return None,
    };
    Some(Value::from([("exec", Value::from([("command", command.into())]))]))
}

/// Mounts, volumes and claims of the named volumes; a folder of the machine is not taken along.
fn mounts(service: &Value, name: &str, named: &Map) -> (Vec<Value>, Vec<Value>, Vec<Object>) {
    let (mut mounts, mut volumes, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    for written in service.list_at(&["volumes"]).iter().filter_map(Value::as_str) {
        let mut parts = written.split(':');
        let (Some(source), Some(path)) = (parts.next(), parts.next()) else { continue };
        if !named.contains_key(source) {
            continue;
        }
        let own = label(source);
        let claim = format!("{name}-{own}");
        let mount = [("name", own.as_str().into()), ("mountPath", path.into())];
        mounts.push(Value::from(mount));
        let of = Value::from([("claimName", claim.as_str().into())]);
        volumes.push(Value::from([("name", own.as_str().into()), ("persistentVolumeClaim", of)]));
        let size = Value::from([("storage", "1Gi".into())]);
        let spec = Value::from([
            ("accessModes", vec![Value::from("ReadWriteOnce")].into()),
            ("resources", Value::from([("requests", size)])),
        ]);
        claims.extend(object("v1", "PersistentVolumeClaim", &claim, spec));
    }
    (mounts, volumes, claims)
}
