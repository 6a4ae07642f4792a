//! What Flux makes of an object of the tree before it sends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::GROUP;
use crate::change::Applier;
use crate::kubernetes::json::{at_mut, map_mut, text};

/// The object as Flux sends it: with its own labels (SSA manager.go, `SetOwnerLabels`), a Secret's texts encoded, the protocol of
/// ports written out, and without status (SSA normalize/normalize.go, `UnstructuredWithScheme`).
#[must_use]
pub fn as_flux_sends(mut body: Value, applier: Option<&Applier>) -> Value {
    let Some(object) = body.as_object_mut() else {
        return body;
    };
    if let Some(applier) = applier {
        let labels = entry(entry(object, "metadata"), "labels");
        labels.insert(format!("{GROUP}/name"), applier.name.as_str().into());
        labels.insert(format!("{GROUP}/namespace"), applier.namespace.as_str().into());
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("creationTimestamp");
    }
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api, kind) = (text("apiVersion"), text("kind"));
    if kind != "CustomResourceDefinition" {
        object.shift_remove("status");
    }
    if (api.as_str(), kind.as_str()) == ("v1", "Secret") {
        encode(object);
    }
    if api == "apps/v1" {
        pod_template(&mut body, &["spec", "template"]);
    }
    match (api.as_str(), kind.as_str()) {
        ("v1", "Service") => protocols(&mut body, &["spec", "ports"]),
        ("v1", "Pod") => body.get_mut("spec").map_or((), pod),
        ("v1", "Namespace") => empty(&mut body, &[], "spec"),
        ("v1", "PersistentVolumeClaim") => empty(&mut body, &["spec"], "resources"),
        ("apps/v1", "Deployment") => empty(&mut body, &["spec"], "strategy"),
        ("apps/v1", "DaemonSet") => empty(&mut body, &["spec"], "updateStrategy"),
        ("apps/v1", "StatefulSet") => {
            empty(&mut body, &["spec"], "updateStrategy");
            for claim in items(&mut body, &["spec", "volumeClaimTemplates"]) {
                empty(claim, &[], "metadata");
                empty(claim, &[], "status");
                empty(claim, &["spec"], "resources");
            }
        }
        ("batch/v1", "Job") => pod_template(&mut body, &["spec", "template"]),
        ("batch/v1", "CronJob") => {
            empty(&mut body, &["spec", "jobTemplate"], "metadata");
            pod_template(&mut body, &["spec", "jobTemplate", "spec", "template"]);
        }
        _ => {}
    }
    body
}

/// Whether the object's content is encrypted with SOPS, so that gen cannot know what Flux would apply (KC decryptor,
/// `IsEncryptedSecret`).
#[must_use]
pub fn is_encrypted(body: &Value) -> bool {
    body.get("sops").is_some_and(Value::is_object)
}

/// The mapping under a key, which becomes one if it is not.
fn entry<'v>(map: &'v mut Map<String, Value>, key: &str) -> &'v mut Map<String, Value> {
    let value = map.entry(key).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it was made one")
}

/// Struct fields that are not pointers in the Go types are part of what Flux sends even if nobody wrote them, and are then its own.
fn empty(body: &mut Value, path: &[&str], key: &str) {
    if let Some(map) = map_mut(body, path) {
        map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    }
}

fn pod_template(body: &mut Value, path: &[&str]) {
    empty(body, path, "metadata");
    if let Some(spec) = at_mut(body, path).and_then(|template| template.get_mut("spec")) {
        pod(spec);
    }
}

fn pod(spec: &mut Value) {
    for list in ["containers", "initContainers"] {
        for container in items(spec, &[list]) {
            empty(container, &[], "resources");
            if list == "containers" {
                protocols(container, &["ports"]);
            }
        }
    }
}

/// The protocol of a port is part of its key in the list, so it must be there
/// (`normalizePodProtoDefault`, `normalizeServiceProtoDefault`).
fn protocols(body: &mut Value, path: &[&str]) {
    for port in items(body, path) {
        if text(port, &["protocol"]).is_empty()
            && let Some(port) = port.as_object_mut()
        {
            port.insert("protocol".to_owned(), "TCP".into());
        }
    }
}

fn items<'v>(body: &'v mut Value, path: &[&str]) -> impl Iterator<Item = &'v mut Value> {
    at_mut(body, path).and_then(Value::as_array_mut).into_iter().flatten()
}

/// `stringData` into `data` (`normalizeSecret`), encoded as Go's encoding/json writes bytes.
fn encode(secret: &mut Map<String, Value>) {
    if let Some(Value::Object(texts)) = secret.shift_remove("stringData") {
        let encoded = texts
            .into_iter()
            .filter_map(|(key, value)| Some((key, STANDARD.encode(value.as_str()?).into())));
        entry(secret, "data").extend(encoded);
    }
}
