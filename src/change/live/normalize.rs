//! What Flux makes of an object of the tree before it sends it.

use serde_json::{Map, Value};

use super::{GROUP, text};
use crate::change::Applier;

/// The object as Flux sends it: with its own labels (SSA manager.go, `SetOwnerLabels`), a Secret's texts encoded, the protocol of
/// ports written out, and without status (SSA normalize/normalize.go, `UnstructuredWithScheme`).
#[must_use]
pub fn as_flux_sends(mut body: Value, applier: Option<&Applier>) -> Value {
    if let Some(applier) = applier {
        let labels = map(map(&mut body, "metadata"), "labels");
        labels.insert(format!("{GROUP}/name"), applier.name.as_str().into());
        labels.insert(format!("{GROUP}/namespace"), applier.namespace.as_str().into());
    }
    let (api, kind) = (text(&body, &["apiVersion"]).to_owned(), text(&body, &["kind"]).to_owned());
    if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("creationTimestamp");
    }
    if let Some(object) = body.as_object_mut().filter(|_| kind != "CustomResourceDefinition") {
        object.shift_remove("status");
    }
    match (api.as_str(), kind.as_str()) {
        ("v1", "Secret") => encode(&mut body),
        ("v1", "Service") => protocols(&mut body, &["spec"]),
        ("v1", "Pod") => pod(&mut body, &["spec"]),
        ("v1", "Namespace") => empty(&mut body, &[], "spec"),
        ("v1", "PersistentVolumeClaim") => empty(&mut body, &["spec"], "resources"),
        ("apps/v1", _) => {
            pod_template(&mut body, &["spec", "template"]);
            match kind.as_str() {
                "Deployment" => empty(&mut body, &["spec"], "strategy"),
                "StatefulSet" => {
                    empty(&mut body, &["spec"], "updateStrategy");
                    claims(&mut body);
                }
                "DaemonSet" => empty(&mut body, &["spec"], "updateStrategy"),
                _ => {}
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

fn map<'v>(value: &'v mut (impl AsMap + ?Sized), key: &str) -> &'v mut Map<String, Value> {
    let entry = value.as_map().entry(key.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if !entry.is_object() {
        *entry = Value::Object(Map::new());
    }
    entry.as_object_mut().expect("it was made one")
}

/// Something that is a mapping, or becomes one.
trait AsMap {
    fn as_map(&mut self) -> &mut Map<String, Value>;
}

impl AsMap for Map<String, Value> {
    fn as_map(&mut self) -> &mut Map<String, Value> {
        self
    }
}

impl AsMap for Value {
    fn as_map(&mut self) -> &mut Map<String, Value> {
        if !self.is_object() {
            *self = Value::Object(Map::new());
        }
        self.as_object_mut().expect("it was made one")
    }
}

fn at_mut<'v>(body: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    path.iter().try_fold(body, |value, key| value.get_mut(key))
}

/// Fields of the Go types that are no pointers stand in what Flux sends even where nobody wrote them, and are its own then.
fn empty(body: &mut Value, path: &[&str], key: &str) {
    if let Some(Value::Object(map)) = at_mut(body, path) {
        map.entry(key.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    }
}

fn pod_template(body: &mut Value, path: &[&str]) {
    empty(body, path, "metadata");
    if let Some(template) = at_mut(body, path) {
        pod(template, &["spec"]);
    }
}

fn pod(body: &mut Value, path: &[&str]) {
    let Some(spec) = at_mut(body, path) else {
        return;
    };
    for (list, has_ports) in [("containers", true), ("initContainers", false)] {
        let items = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in items.into_iter().flatten() {
            empty(container, &[], "resources");
            if has_ports {
                protocols(container, &[]);
            }
        }
    }
}

fn claims(body: &mut Value) {
    let items = at_mut(body, &["spec", "volumeClaimTemplates"]).and_then(Value::as_array_mut);
    for claim in items.into_iter().flatten() {
        empty(claim, &[], "metadata");
        empty(claim, &[], "status");
        empty(claim, &["spec"], "resources");
    }
}

/// The protocol of a port is part of its key in the list, so it must be there
/// (`normalizePodProtoDefault`, `normalizeServiceProtoDefault`).
fn protocols(body: &mut Value, path: &[&str]) {
    let ports =
        at_mut(body, path).and_then(|value| value.get_mut("ports")).and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
        let is_set = port
            .get("protocol")
            .and_then(Value::as_str)
            .is_some_and(|protocol| !protocol.is_empty());
        if !is_set {
            port.insert("protocol".to_owned(), "TCP".into());
        }
    }
}

/// `stringData` into `data` (`normalizeSecret`).
fn encode(body: &mut Value) {
    let Some(Value::Object(texts)) =
        body.as_object_mut().and_then(|object| object.shift_remove("stringData"))
    else {
        return;
    };
    let data = map(body, "data");
    for (key, value) in texts {
        if let Some(text) = value.as_str() {
            data.insert(key, base64(text.as_bytes()).into());
        }
    }
}

/// RFC 4648 with padding, as Go's encoding/json writes bytes.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |group, (at, byte)| group | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..4 {
            if digit > chunk.len() {
                out.push('=');
            } else {
                let index = (group >> (18 - 6 * digit)) & 63;
                out.push(char::from(DIGITS[index as usize]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
