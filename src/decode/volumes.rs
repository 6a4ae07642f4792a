//! Persistent volumes, files and mounts of the containers.

use std::collections::{BTreeMap, BTreeSet};

use super::decoder::{Decoder, near};
use super::volume_source::{self, SOURCES};
use crate::diagnostics::Span;
use crate::model::{File, Hardening, Kind, Storage, Volumes};
use crate::name::{Check, LABEL_LIMIT, mode};
use crate::spec::View;
use crate::yaml::{Entry, Map, Value};

/// The volumes of a pod while its containers are read.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) all: Volumes,
    /// Every name, and whether the spec chose it.
    names: BTreeMap<String, bool>,
    /// Mounts of volumes by name, which any container may declare.
    wanted: Vec<(String, Span)>,
}

/// The mounts of one container.
#[derive(Default)]
struct Mounts {
    values: Vec<Value>,
    paths: BTreeSet<String>,
}

impl Mounts {
    fn add(&mut self, d: &mut Decoder<'_>, span: Span, mount: Mount<'_>) {
        if !self.paths.insert(mount.path.to_owned()) {
            let why = format!("both are mounted at `{}`", mount.path);
            d.excludes(span, "a mount", "another", &why);
        }
        self.values.push(mount.value());
    }
}

/// A mount of a volume.
#[derive(Clone, Copy, Default)]
struct Mount<'a> {
    volume: &'a str,
    path: &'a str,
    sub_path: Option<&'a str>,
    read_only: bool,
    propagation: Option<&'a str>,
}

impl Mount<'_> {
    fn value(self) -> Value {
        let mut map = Map::default();
        map.push("name", self.volume);
        map.push("mountPath", self.path);
        map.push_some("subPath", self.sub_path);
        map.push_some("readOnly", self.read_only.then_some(true));
        map.push_some("mountPropagation", self.propagation);
        Value::Map(map)
    }
}

/// The volumes of the app, with the mounts of its container.
pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, hardening: &Hardening) -> Pool {
    let mut pool = Pool::default();
    let mut mounts = Mounts::default();
    let program = d.app;
    pool.writable(d, &program, "", &writable(d), &mut mounts);
    if let Some(size) = d.app.text("shm") {
        let span = d.app.span_of("shm");
        let source = Value::from([("medium", "Memory".into()), ("sizeLimit", size.into())]);
        pool.declare(d, span, "shm", false, Some(("emptyDir", source)));
        mounts.add(d, span, Mount { volume: "shm", path: "/dev/shm", ..Mount::default() });
    }
    storage(d, kind, &mut pool, &mut mounts);
    pool.entries(d, &program, "", hardening, &mut mounts);
    files(d, &mut pool, &mut mounts);
    pool.all.mounts = mounts.values;
    pool
}

/// Writable folders of the app, with `/tmp` unless something else is mounted there.
pub(super) fn writable(d: &Decoder<'_>) -> Vec<String> {
    writable_of(&d.app, &["volumes", "storage"])
}

/// The same of any container, whose other mounts are under `others`.
fn writable_of(view: &View<'_>, others: &[&str]) -> Vec<String> {
    let at = |key: &str| view.views(key).into_iter().filter_map(|view| view.string("mount"));
    let mut all: Vec<String> = at("writable").collect();
    let is_tmp = |path: &String| path == "/tmp";
    if !all.iter().any(is_tmp) && !others.iter().flat_map(|key| at(key)).any(|path| is_tmp(&path)) {
        all.insert(0, "/tmp".to_owned());
    }
    all
}

/// Whether some storage is for one node or one pod.
pub(super) fn is_exclusive(d: &Decoder<'_>) -> bool {
    d.app.views("storage").iter().any(|view| is_for_one(view.text("access")))
}

fn is_for_one(access: Option<&str>) -> bool {
    !matches!(access, Some("rwx" | "rox"))
}

impl Pool {
    /// A volume of the pod; none for the claims of a StatefulSet. `is_own` if the spec chose the name.
    fn declare(
        &mut self,
        d: &mut Decoder<'_>,
        span: Span,
        name: &str,
        is_own: bool,
        source: Option<volume_source::Source>,
    ) {
        d.check_length(span, name, LABEL_LIMIT);
        match self.names.insert(name.to_owned(), is_own) {
            None => {}
            Some(true) if is_own => d.excludes(span, name, name, "volume names must be unique"),
            Some(_) => {
                let why = format!("gen has a volume named `{name}`, and names are unique in a pod");
                d.excludes(span, name, "a volume of the same name", &why);
            }
        }
        if let Some((kind, source)) = source {
            self.all.volumes.push(Value::from([("name", name.into()), (kind, source)]));
        }
    }

    /// A volume of the environment, mounted into the app's own container.
    pub(super) fn add(&mut self, d: &mut Decoder<'_>, span: Span, volume: Value, mount: Value) {
        let name = volume.str_at(&["name"]).unwrap_or_default().to_owned();
        self.declare(d, span, &name, false, None);
        self.all.volumes.push(volume);
        self.all.mounts.push(mount);
    }

    /// The mounts of a container beside the app's own; `prefix` begins the names of volumes without one.
    pub(super) fn container(
        &mut self,
        d: &mut Decoder<'_>,
        view: &View<'_>,
        prefix: &str,
        hardening: &Hardening,
    ) -> Vec<Value> {
        let mut mounts = Mounts::default();
        self.writable(d, view, prefix, &writable_of(view, &["volumes"]), &mut mounts);
        self.entries(d, view, prefix, hardening, &mut mounts);
        mounts.values
    }

    /// The empty folders at these paths of a container.
    fn writable(
        &mut self,
        d: &mut Decoder<'_>,
        container: &View<'_>,
        prefix: &str,
        paths: &[String],
        mounts: &mut Mounts,
    ) {
        let views = container.views("writable");
        for (index, path) in paths.iter().enumerate() {
            let name = match path.as_str() {
                "/tmp" => format!("{prefix}tmp"),
                _ => format!("{prefix}writable-{index}"),
            };
            let view = views.iter().find(|view| view.text("mount") == Some(path));
            let empty = view.map_or_else(|| Value::Map(Map::default()), volume_source::empty);
            let span = view.map_or(container.span(), View::span);
            self.declare(d, span, &name, false, Some(("emptyDir", empty)));
            mounts.add(d, span, Mount { volume: &name, path, ..Mount::default() });
        }
    }

    /// `volumes` of a container; `prefix` begins the names of those without one.
    fn entries(
        &mut self,
        d: &mut Decoder<'_>,
        container: &View<'_>,
        prefix: &str,
        hardening: &Hardening,
        mounts: &mut Mounts,
    ) {
        for (index, view) in container.views("volumes").into_iter().enumerate() {
            let Some(path) = view.text("mount") else {
                d.missing(view.span(), "volumes.mount", "an entry of `volumes`");
                continue;
            };
            let mut written = SOURCES.into_iter().filter(|key| view.get(key).is_some());
            let (source, second) = (written.next(), written.next());
            if let (Some(first), Some(second)) = (source, second) {
                d.excludes(view.span(), first, second, "an entry has only one source");
                continue;
            }
            let (source, name) = match (source, view.text("name")) {
                (Some(source), Some(name)) => (source, name.to_owned()),
                (Some(source), None) => (source, format!("{prefix}volume-{index}")),
                (None, Some(name)) => {
                    self.wanted.push((name.to_owned(), view.span_of("name")));
                    for key in ["mode", "key", "keys", "optional"] {
                        if view.get(key).is_some() {
                            let why = "it stands beside the source of the volume";
                            d.excludes(view.span_of(key), key, "name", why);
                        }
                    }
                    ("", name.to_owned())
                }
                (None, None) => {
                    let listed = SOURCES.join(", ");
                    let why =
                        format!("an entry mounts one of {listed}, or another volume by its `name`");
                    d.needs(view.span(), "volumes", "secret", &why);
                    continue;
                }
            };
            if !source.is_empty() {
                let read = match source {
                    "files" => folder(d, &mut self.all.files, path, &view),
                    _ => volume_source::read(d, &view, source),
                };
                self.declare(d, view.span(), &name, view.get("name").is_some(), Some(read));
            }
            let is_files = matches!(source, "secret" | "configMap" | "files" | "projected");
            if is_files && view.bool("readOnly") == Some(false) {
                let why = "these files are always read only";
                d.excludes(view.span_of("readOnly"), "readOnly: false", source, why);
            }
            let propagation = view.text("propagation");
            if propagation == Some("Bidirectional") && !hardening.privileged {
                let why = "only privileged containers can mount something on the node";
                let span = view.span_of("propagation");
                d.needs(span, "propagation", "security: {privileged: true}", why);
            }
            let mount = Mount {
                volume: &name,
                path,
                sub_path: view.text("key").or_else(|| view.text("subPath")),
                read_only: view.bool("readOnly").unwrap_or(is_files),
                propagation,
            };
            mounts.add(d, view.span(), mount);
        }
    }

    /// All volumes, when every container has been read.
    pub(super) fn finish(self, d: &mut Decoder<'_>) -> Volumes {
        for (name, span) in &self.wanted {
            if self.names.get(name) != Some(&true) {
                let known = self.names.iter().filter(|(_, is_own)| **is_own);
                let problem = near(
                    "has no source, and no other entry has that name",
                    name,
                    known.map(|(name, _)| name.as_str()),
                );
                d.bad_link(*span, &format!("volumes.{name}"), problem);
            }
        }
        self.all
    }
}

fn storage(d: &mut Decoder<'_>, kind: Kind, pool: &mut Pool, mounts: &mut Mounts) {
    let keeps = d.app.text("onRemove") != Some("delete");
    for view in d.app.views("storage") {
        let mut need = |key| d.required(&view, "storage", key).unwrap_or_default();
        let (name, size, path) = (need("name"), need("size"), need("mount"));
        for key in ["claim", "keep"] {
            if kind == Kind::StatefulSet && view.get(key).is_some() {
                let why = match key {
                    "claim" => "each of its pods has a claim of its own",
                    _ => "its claims are kept or deleted together: set `onRemove`",
                };
                d.excludes(
                    view.span_of(key),
                    &format!("storage.{key}"),
                    "workload: statefulset",
                    why,
                );
            }
        }
        let scales = d.app.get("scale").is_some().then_some("scale");
        let is_several = d.app.u32("replicas").is_some_and(|number| number > 1);
        if kind == Kind::StatefulSet
            && view.get("volume").is_some()
            && let Some(key) = scales.or(is_several.then_some("replicas"))
        {
            let why = "each pod has a claim of its own, and a volume is bound to one";
            d.excludes(view.span_of("volume"), "storage.volume", key, why);
        }
        let claim = view.string("claim").unwrap_or_else(|| format!("{}-{name}", d.name));
        if view.get("claim").is_none() {
            d.derived(view.span_of("name"), claim.clone());
        }
        if pool.all.storage.iter().any(|other| other.claim == claim && other.name != name) {
            d.excludes(view.span_of("claim"), &claim, &claim, "claims must be unique");
        }
        let source = Value::from([("claimName", claim.as_str().into())]);
        let source = (kind != Kind::StatefulSet).then_some(("persistentVolumeClaim", source));
        pool.declare(d, view.span(), &name, true, source);
        let access = view.text("access");
        let mount = Mount {
            volume: &name,
            path: &path,
            sub_path: view.text("subPath"),
            read_only: access == Some("rox"),
            propagation: None,
        };
        mounts.add(d, view.span(), mount);
        pool.all.exclusive |= is_for_one(access);
        pool.all.storage.push(Storage {
            name,
            claim,
            size,
            class: view
                .string("class")
                .map(|class| if class == "none" { String::new() } else { class }),
            volume: view.string("volume"),
            data_source: data_source(d, &view),
            access: match access {
                Some("rwx") => "ReadWriteMany",
                Some("rwop") => "ReadWriteOncePod",
                Some("rox") => "ReadOnlyMany",
                _ => "ReadWriteOnce",
            },
            keep: view.bool("keep").unwrap_or(keeps),
        });
    }
}

/// Kubernetes' own group has only claims to fill a volume from (pkg/apis/core/validation, `validateDataSource`).
fn data_source(d: &mut Decoder<'_>, storage: &View<'_>) -> Option<Value> {
    let view = storage.view("dataSource");
    if !view.is_written() {
        return None;
    }
    let name = d.required(&view, "storage.dataSource", "name")?;
    let (group, kind) = (view.text("group"), view.string_or_default("kind"));
    if group.is_none() && kind != "PersistentVolumeClaim" {
        let why = "without a group, only a claim can be the source";
        d.needs(view.span_of("kind"), "storage.dataSource.kind", "storage.dataSource.group", why);
    }
    let mut map = Map::default();
    map.push_some("apiGroup", group);
    map.push("kind", kind);
    map.push("name", name);
    Some(Value::Map(map))
}

fn files(d: &mut Decoder<'_>, pool: &mut Pool, mounts: &mut Mounts) {
    let mut items = Vec::new();
    for (entry, view) in by_path(&d.app) {
        let (path, span) = (entry.key.as_str(), entry.key_span);
        let Some(key) = file(d, &mut pool.all.files, path, span, &view) else { continue };
        let mount = Mount {
            volume: "files",
            path,
            sub_path: Some(&key),
            read_only: true,
            propagation: None,
        };
        mounts.add(d, span, mount);
        items.push(item(&key, &key, &view));
    }
    if !items.is_empty() {
        let mut config = Map::default();
        config.push("name", format!("{}-files", d.name));
        // What is not listed is not there, so it is all or none of them.
        let is_listed = items.iter().any(|item| item.get("mode").is_some());
        config.push_some("items", is_listed.then_some(items));
        let span = d.app.span_of("files");
        pool.declare(d, span, "files", false, Some(("configMap", Value::Map(config))));
    }
}

/// `files`, sorted by path: their order does not matter, and a change of it alone must not restart pods.
fn by_path<'a>(view: &View<'a>) -> Vec<(&'a Entry, View<'a>)> {
    let mut entries = view.mappings("files");
    entries.sort_by_key(|(entry, _)| entry.key.as_str());
    entries
}

/// A folder with exactly these files.
fn folder(
    d: &mut Decoder<'_>,
    all: &mut Vec<File>,
    mount: &str,
    view: &View<'_>,
) -> volume_source::Source {
    let mut items = Vec::new();
    for (entry, of_file) in by_path(view) {
        let (name, span) = (entry.key.as_str(), entry.key_span);
        volume_source::place(d, name, span, &mut BTreeSet::new());
        let path = format!("{}/{name}", mount.trim_end_matches('/'));
        let Some(key) = file(d, all, &path, span, &of_file) else { continue };
        items.push(item(&key, name, &of_file));
    }
    if items.is_empty() {
        d.missing(view.span_of("files"), "volumes.files", "an entry with empty `files`");
    }
    let name = format!("{}-files", d.name);
    ("configMap", Value::from([("name", name.into()), ("items", Value::Seq(items))]))
}

fn item(key: &str, path: &str, view: &View<'_>) -> Value {
    let mut item = Map::default();
    item.push("key", key);
    item.push("path", path);
    item.push_some("mode", view.text("mode").and_then(mode));
    Value::Map(item)
}

/// Takes a file in. Returns its key in the ConfigMap.
fn file(
    d: &mut Decoder<'_>,
    all: &mut Vec<File>,
    path: &str,
    span: Span,
    view: &View<'_>,
) -> Option<String> {
    let keys = ["text", "from"];
    let missing = ("files.text", "a file (or `from`)");
    let why = "a file has only one source";
    let (kind, source) = match view.scalar() {
        Some(text) => ("text", text),
        None => d.one_of(view.span(), keys, |key| view.text(key), missing, why)?,
    };
    let key = path
        .trim_start_matches('/')
        .replace('/', "_")
        .replace(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c), "-");
    // Two paths can come to one key, and a path to one that Kubernetes rejects.
    let is_free =
        |key: &String| Check::DataKey.test(key).is_ok() && all.iter().all(|file| file.key != *key);
    let numbered = (all.len()..).map(|number| format!("file-{number}"));
    let key = std::iter::once(key).chain(numbered).find(is_free).unwrap_or_default();
    let from = (kind == "from").then(|| source.to_owned());
    let text = if from.is_some() { String::new() } else { source.to_owned() };
    all.push(File { key: key.clone(), path: path.to_owned(), text, binary: None, from, span });
    Some(key)
}
