//! What the app keeps and mounts.

use serde::Serialize;

use super::decode::Decoder;
use super::workload::Kind;
use crate::diagnostics::SpecError;
use crate::yaml::{Map, Value};

/// A volume that outlives the pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Storage {
    /// Its name; the claim is `<app>-<name>`.
    pub name: String,
    /// Its claim.
    pub claim: String,
    /// Its size.
    pub size: String,
    /// The StorageClass.
    pub class: Option<String>,
}

/// A file from a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct File {
    /// Its key in the ConfigMap.
    pub key: String,
    /// Where it is mounted.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the app keeps and mounts.
#[derive(Debug, Clone, Default, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volumes {
    /// Volumes that outlive the pod.
    pub storage: Vec<Storage>,
    /// Files from the app's ConfigMap.
    pub files: Vec<File>,
    /// `volumes` of the pod, but those of a StatefulSet's claim templates.
    pub volumes: Vec<Value>,
    /// `volumeMounts` of the container.
    pub mounts: Vec<Value>,
}

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, writable: &[String]) -> Volumes {
    let mut all = Volumes::default();
    for (index, path) in writable.iter().enumerate() {
        let name = if path == "/tmp" {
            "tmp".to_owned()
        } else {
            format!("writable-{index}")
        };
        all.volumes
            .push(volume(&name, "emptyDir", Value::Map(Map::default())));
        all.mounts.push(mount(&name, path, None, false));
    }
    storage(d, kind, &mut all);
    mounted(d, &mut all);
    files(d, &mut all);
    let mut paths: Vec<&str> = all
        .mounts
        .iter()
        .filter_map(|mount| mount.str_at(&["mountPath"]))
        .collect();
    paths.sort_unstable();
    if let Some([path, _]) = paths.array_windows().find(|[one, other]| one == other) {
        let why = format!("both would be mounted at `{path}`");
        let (first, second) = ("a mount".to_owned(), "another".to_owned());
        d.problems
            .error(d.app.span(), SpecError::Excludes { first, second, why });
    }
    all
}

fn storage(d: &mut Decoder<'_>, kind: Kind, all: &mut Volumes) {
    for view in d.app.views("storage") {
        let mut need = |key: &str| {
            view.string(key).unwrap_or_else(|| {
                d.missing(view.span(), &format!("storage.{key}"), "`storage`");
                String::new()
            })
        };
        let (name, size, path) = (need("name"), need("size"), need("mount"));
        let claim = d.derived(view.span_of("name"), format!("{}-{name}", d.name));
        if all.storage.iter().any(|other| other.name == name) {
            let why = "every volume has a name of its own".to_owned();
            d.problems.error(
                view.span(),
                SpecError::Excludes {
                    first: name.clone(),
                    second: name.clone(),
                    why,
                },
            );
        }
        if kind != Kind::StatefulSet {
            all.volumes.push(volume(
                &name,
                "persistentVolumeClaim",
                Value::from([("claimName", claim.clone().into())]),
            ));
        }
        all.mounts.push(mount(&name, &path, None, false));
        all.storage.push(Storage {
            name,
            claim,
            size,
            class: view.string("class"),
        });
    }
}

fn mounted(d: &mut Decoder<'_>, all: &mut Volumes) {
    for (index, view) in d.app.views("volumes").into_iter().enumerate() {
        let Some(path) = view.text("mount") else {
            d.missing(view.span(), "volumes.mount", "an entry of `volumes`");
            continue;
        };
        let sources = [
            ("secret", "secret", "secretName"),
            ("configMap", "configMap", "name"),
            ("claim", "persistentVolumeClaim", "claimName"),
            ("empty", "emptyDir", "sizeLimit"),
        ];
        let written: Vec<_> = sources
            .iter()
            .filter_map(|(key, kind, field)| Some((*kind, *field, view.text(key)?)))
            .collect();
        let [(kind, field, text)] = written.as_slice() else {
            let why = "an entry mounts one of secret, configMap, claim and empty".to_owned();
            d.problems.error(
                view.span(),
                SpecError::Needs {
                    key: "volumes".to_owned(),
                    other: "secret".to_owned(),
                    why,
                },
            );
            continue;
        };
        let name = format!("volume-{index}");
        all.volumes
            .push(volume(&name, kind, Value::from([(*field, (*text).into())])));
        all.mounts.push(mount(
            &name,
            path,
            None,
            matches!(*kind, "secret" | "configMap"),
        ));
    }
}

fn files(d: &mut Decoder<'_>, all: &mut Volumes) {
    // By path: what is mounted where does not depend on the order, and a change of it alone must roll no pods.
    let mut pairs = d.app.pairs("files");
    pairs.sort();
    for (path, text) in pairs {
        let key = path.trim_start_matches('/').replace('/', "_").replace(
            |c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c),
            "-",
        );
        all.mounts.push(mount("files", &path, Some(&key), true));
        all.files.push(File { key, path, text });
    }
    if !all.files.is_empty() {
        let config = Value::from([("name", format!("{}-files", d.name).into())]);
        all.volumes.push(volume("files", "configMap", config));
    }
}

fn volume(name: &str, kind: &str, source: Value) -> Value {
    Value::from([("name", name.into()), (kind, source)])
}

fn mount(name: &str, path: &str, sub_path: Option<&str>, read_only: bool) -> Value {
    let mut map = Map::default();
    map.push("name", name);
    map.push("mountPath", path);
    if let Some(sub_path) = sub_path {
        map.push("subPath", sub_path);
    }
    if read_only {
        map.push("readOnly", true);
    }
    Value::Map(map)
}
