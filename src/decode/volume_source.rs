//! What an entry of `volumes` mounts: a Secret, a folder of the node, a share …

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::security::admit;
use crate::diagnostics::{NameError, Span, SpecError};
use crate::model::Level;
use crate::name::{mode, seconds};
use crate::spec::View;
use crate::yaml::{Map, Node, Value};

/// The keys of an entry that name its source.
pub(super) const SOURCES: [&str; 10] = [
    "secret",
    "configMap",
    "files",
    "claim",
    "empty",
    "ephemeral",
    "nfs",
    "hostPath",
    "csi",
    "projected",
];

/// Name and value of the field of a Pod's volume.
pub(super) type Source = (&'static str, Value);

/// Reads a source by its key.
pub(super) fn read(d: &mut Decoder<'_>, view: &View<'_>, key: &str) -> Source {
    let is_files = matches!(key, "secret" | "configMap" | "projected");
    let with_items = matches!(key, "secret" | "configMap");
    let fits = [
        ("mode", is_files),
        ("key", with_items),
        ("keys", with_items),
        ("optional", with_items),
        ("propagation", matches!(key, "nfs" | "hostPath" | "csi" | "claim")),
    ];
    for (other, _) in fits.into_iter().filter(|(other, fits)| !fits && view.get(other).is_some()) {
        let why = format!("it has no meaning for `{key}`");
        d.excludes(view.span_of(other), &format!("volumes.{other}"), key, &why);
    }
    let text = view.text(key).unwrap_or_default();
    match key {
        "secret" => ("secret", files(d, view, "secretName", text, "defaultMode")),
        "configMap" => ("configMap", files(d, view, "name", text, "defaultMode")),
        "claim" => ("persistentVolumeClaim", Value::from([("claimName", text.into())])),
        "empty" => ("emptyDir", empty(&view.view("empty"))),
        "ephemeral" => ("ephemeral", ephemeral(d, &view.view("ephemeral"))),
        "nfs" => {
            admit(d, view.span_of("nfs"), "volumes.nfs", Level::Baseline);
            let nfs = view.view("nfs");
            let mut need = |key| d.required(&nfs, "volumes.nfs", key).unwrap_or_default();
            ("nfs", Value::from([("server", need("server").into()), ("path", need("path").into())]))
        }
        "hostPath" => {
            admit(d, view.span_of("hostPath"), "volumes.hostPath", Level::Privileged);
            let host = view.view("hostPath");
            let mut map = Map::default();
            map.push("path", d.required(&host, "volumes.hostPath", "path").unwrap_or_default());
            map.push_some("type", host.text("type"));
            ("hostPath", Value::Map(map))
        }
        "csi" => ("csi", csi(d, &view.view("csi"))),
        _ => ("projected", projected(d, view)),
    }
}

/// An empty folder with its limits.
pub(super) fn empty(view: &View<'_>) -> Value {
    let mut map = Map::default();
    map.push_some("medium", view.flag("memory").then_some("Memory"));
    map.push_some("sizeLimit", view.text("size"));
    Value::Map(map)
}

/// A claim of the pod's own. Another mode of access has no meaning for one pod.
fn ephemeral(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let size = d.required(view, "volumes.ephemeral", "size").unwrap_or_default();
    let mut spec = Map::default();
    spec.push("accessModes", vec!["ReadWriteOnce".into()]);
    let requests = Value::from([("storage", size.into())]);
    spec.push("resources", Value::from([("requests", requests)]));
    spec.push_some("storageClassName", view.text("class"));
    Value::from([("volumeClaimTemplate", Value::from([("spec", Value::Map(spec))]))])
}

fn csi(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let driver = d.required(view, "volumes.csi", "driver").unwrap_or_default();
    d.check_length(view.span_of("driver"), &driver, 63);
    let attributes: Map =
        view.pairs("attributes").into_iter().map(|(key, value)| (key, value.into())).collect();
    let mut map = Map::default();
    map.push("driver", driver);
    map.push_some("fsType", view.text("fsType"));
    map.push_some("volumeAttributes", (!attributes.is_empty()).then_some(attributes));
    let secret = view.text("secret").map(|name| Value::from([("name", name.into())]));
    map.push_some("nodePublishSecretRef", secret);
    Value::Map(map)
}

/// A volume of files from a Secret or ConfigMap, whose name is in `field`.
fn files(d: &mut Decoder<'_>, view: &View<'_>, field: &str, name: &str, mode_key: &str) -> Value {
    let key = view.text("key");
    for other in ["keys", "subPath"] {
        if key.is_some() && view.get(other).is_some() {
            let why = "`key` mounts one file";
            d.excludes(view.span_of(other), "volumes.key", &format!("volumes.{other}"), why);
        }
    }
    let items = match key {
        Some(key) => vec![item(key, key)],
        None => items(d, view, &mut BTreeSet::new()),
    };
    let mut map = Map::default();
    map.push(field.to_owned(), name);
    map.push_some(mode_key.to_owned(), view.text("mode").and_then(mode));
    map.push_some("items", (!items.is_empty()).then_some(items));
    map.push_some("optional", view.flag("optional").then_some(true));
    Value::Map(map)
}

fn item(key: &str, path: &str) -> Value {
    Value::from([("key", key.into()), ("path", path.into())])
}

/// `keys`, as a list or as a mapping to paths; `paths` are those of the volume.
fn items(d: &mut Decoder<'_>, view: &View<'_>, paths: &mut BTreeSet<String>) -> Vec<Value> {
    let Some(keys) = view.get("keys") else { return Vec::new() };
    let mut all = Vec::new();
    let listed = keys.items().unwrap_or_default().iter();
    let listed = listed.filter_map(|node| Some((node.as_str()?, node.as_str()?, node.span)));
    let mapped = keys.entries().unwrap_or_default().iter();
    let mapped = mapped
        .filter_map(|entry| Some((entry.key.as_str(), entry.value.as_str()?, entry.value.span)));
    for (key, path, span) in listed.chain(mapped) {
        place(d, path, span, paths);
        all.push(item(key, path));
    }
    if all.is_empty() {
        d.missing(keys.span, "volumes.keys", "an entry with empty `keys`");
    }
    all
}

/// The path of a file in a volume, which no other file can have.
pub(super) fn place(d: &mut Decoder<'_>, path: &str, span: Span, paths: &mut BTreeSet<String>) {
    // Kubernetes writes the content of a volume in folders that begin so.
    if path.starts_with("..") || path == "." {
        d.problems.error(span, NameError::NotRelativePath { text: path.to_owned() });
    }
    if !paths.insert(path.to_owned()) {
        d.excludes(span, path, path, "two files cannot have the same path");
    }
}

fn projected(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let mut paths = BTreeSet::new();
    let mut sources = Vec::new();
    for source in view.views("projected") {
        let missing =
            ("volumes.projected.secret", "a source (or `configMap`, `token` or `fields`)");
        let keys = ["secret", "configMap", "token", "fields"];
        let why = "an entry has only one source";
        let Some((key, node)) = d.one_of(source.span(), keys, |key| source.get(key), missing, why)
        else {
            continue;
        };
        let with_items = matches!(key, "secret" | "configMap");
        for other in ["keys", "optional"] {
            if !with_items && source.get(other).is_some() {
                let why = format!("it has no meaning for `{key}`");
                d.excludes(source.span_of(other), other, key, &why);
            }
        }
        let (field, value) = match key {
            "token" => ("serviceAccountToken", token(d, &source.view("token"), &mut paths)),
            "fields" => ("downwardAPI", fields(d, node, &mut paths)),
            _ => {
                let items = items(d, &source, &mut paths);
                let mut map = Map::default();
                map.push("name", node.as_str().unwrap_or_default());
                map.push_some("items", (!items.is_empty()).then_some(items));
                map.push_some("optional", source.flag("optional").then_some(true));
                (if key == "secret" { "secret" } else { "configMap" }, Value::Map(map))
            }
        };
        sources.push(Value::from([(field, value)]));
    }
    if sources.is_empty() {
        d.missing(view.span_of("projected"), "volumes.projected", "an entry without sources");
    }
    let mut map = Map::default();
    map.push_some("defaultMode", view.text("mode").and_then(mode));
    map.push("sources", sources);
    Value::Map(map)
}

fn token(d: &mut Decoder<'_>, view: &View<'_>, paths: &mut BTreeSet<String>) -> Value {
    let path = view.string_or_default("path");
    place(d, &path, view.span_of("path"), paths);
    let audience = d.required(view, "volumes.projected.token", "audience").unwrap_or_default();
    let lifetime = seconds(&view.string_or_default("expires")).unwrap_or_default();
    // Kubernetes takes no more than 2^32 seconds.
    if !(600..=1 << 32).contains(&lifetime) {
        let path = "volumes.projected.token.expires".to_owned();
        let error = SpecError::OutOfRange {
            path,
            number: format!("{lifetime} seconds"),
            min: 600,
            max: 1 << 32,
        };
        d.error(view.span_of("expires"), error);
    }
    Value::from([
        ("audience", audience.into()),
        ("expirationSeconds", i64::try_from(lifetime).unwrap_or_default().into()),
        ("path", path.into()),
    ])
}

fn fields(d: &mut Decoder<'_>, node: &Node, paths: &mut BTreeSet<String>) -> Value {
    let mut items = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        let Some(field) = entry.value.as_str() else { continue };
        place(d, &entry.key, entry.key_span, paths);
        let field = Value::from([("fieldPath", field.into())]);
        items.push(Value::from([("path", entry.key.as_str().into()), ("fieldRef", field)]));
    }
    if items.is_empty() {
        d.missing(node.span, "volumes.projected.fields", "an entry without fields");
    }
    Value::from([("items", Value::Seq(items))])
}
