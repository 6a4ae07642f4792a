//! Persistent volumes, files and mounts of the app.

use super::decoder::Decoder;
use crate::model::{File, Kind, Storage, Volumes};
use crate::name::Check;
use crate::yaml::{Map, Value};

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, writable: &[String]) -> Volumes {
    let mut all = Volumes::default();
    for (index, path) in writable.iter().enumerate() {
        let name = if path == "/tmp" { "tmp".to_owned() } else { format!("writable-{index}") };
        let empty = Value::Map(Map::default());
        all.volumes.push(volume(&name, "emptyDir", empty));
        all.mounts.push(mount(&name, path, None, false));
    }
    storage(d, kind, &mut all);
    mounted(d, &mut all);
    files(d, &mut all);
    let of_gen = |volume: &&Value| {
        volume.str_at(&["name"]).is_some_and(|name| all.storage.iter().any(|own| own.name == name))
    };
    // The volumes of a StatefulSet's storage are not among the others.
    let meets = all.volumes.iter().filter(of_gen).count();
    if meets > if kind == Kind::StatefulSet { 0 } else { all.storage.len() } {
        let why = "gen has a volume of that name, and names are unique in a pod";
        d.excludes(d.app.span_of("storage"), "storage", "a volume of the same name", why);
    }
    let mut paths: Vec<&str> =
        all.mounts.iter().filter_map(|mount| mount.str_at(&["mountPath"])).collect();
    paths.sort_unstable();
    if let Some([path, _]) = paths.array_windows().find(|[one, other]| one == other) {
        let why = format!("both are mounted at `{path}`");
        d.excludes(d.app.span(), "a mount", "another", &why);
    }
    all
}

fn storage(d: &mut Decoder<'_>, kind: Kind, all: &mut Volumes) {
    for view in d.app.views("storage") {
        let mut need = |key| d.required(&view, "storage", key).unwrap_or_default();
        let (name, size, path) = (need("name"), need("size"), need("mount"));
        let claim = d.derived(view.span_of("name"), format!("{}-{name}", d.name));
        if all.storage.iter().any(|other| other.name == name) {
            let why = "volume names must be unique";
            d.excludes(view.span(), &name, &name, why);
        }
        if kind != Kind::StatefulSet {
            let source = Value::from([("claimName", claim.as_str().into())]);
            all.volumes.push(volume(&name, "persistentVolumeClaim", source));
        }
        all.mounts.push(mount(&name, &path, None, false));
        all.storage.push(Storage { name, claim, size, class: view.string("class") });
    }
}

/// Sources of mounts: the key, the kind of volume, and the field with the name.
const SOURCES: [(&str, &str, &str); 4] = [
    ("secret", "secret", "secretName"),
    ("configMap", "configMap", "name"),
    ("claim", "persistentVolumeClaim", "claimName"),
    ("empty", "emptyDir", "sizeLimit"),
];

fn mounted(d: &mut Decoder<'_>, all: &mut Volumes) {
    for (index, view) in d.app.views("volumes").into_iter().enumerate() {
        let Some(path) = view.text("mount") else {
            d.missing(view.span(), "volumes.mount", "an entry of `volumes`");
            continue;
        };
        let written: Vec<_> = SOURCES
            .into_iter()
            .filter_map(|(key, kind, field)| Some((kind, field, view.text(key)?)))
            .collect();
        let [(kind, field, text)] = written[..] else {
            let why = "an entry mounts one of secret, configMap, claim or empty";
            d.needs(view.span(), "volumes", "secret", why);
            continue;
        };
        let name = format!("volume-{index}");
        let source = Value::from([(field, text.into())]);
        all.volumes.push(volume(&name, kind, source));
        let read_only = matches!(kind, "secret" | "configMap");
        all.mounts.push(mount(&name, path, None, read_only));
    }
}

fn files(d: &mut Decoder<'_>, all: &mut Volumes) {
    // Sorted by path: the order does not matter, and a change of it alone must not restart pods.
    let mut pairs = d.app.pairs("files");
    pairs.sort();
    for (index, (path, text)) in pairs.into_iter().enumerate() {
        let key = path
            .trim_start_matches('/')
            .replace('/', "_")
            .replace(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c), "-");
        // Two paths can come to one key, and a path to one that Kubernetes rejects.
        let is_free = |key: &String| {
            Check::DataKey.test(key).is_ok() && all.files.iter().all(|file| file.key != *key)
        };
        let numbered = (index..).map(|number| format!("file-{number}"));
        let key = std::iter::once(key).chain(numbered).find(is_free).unwrap_or_default();
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
    map.push_some("subPath", sub_path);
    map.push_some("readOnly", read_only.then_some(true));
    Value::Map(map)
}
