//! What containers mount besides persistent volumes.

use super::saying::Saying;
use super::storage::mounts_of;
use crate::yaml::{Map, Value};

/// What a container mounts, as the spec has it.
#[derive(Default)]
pub(super) struct Mounted {
    pub(super) writable: Vec<Value>,
    pub(super) volumes: Vec<Value>,
    /// Files by path, of the app's own container only.
    pub(super) files: Map,
    shm: Option<Value>,
}

impl Saying<'_> {
    pub(super) fn volumes(&mut self) {
        let main = self.main.clone();
        let Mounted { writable, volumes, files, shm } = self.mounted(&main, true);
        self.draft.set("volumes", Value::Seq(volumes));
        self.draft.set("files", Value::Map(files));
        self.draft.set("writable", Value::Seq(writable));
        self.draft.set_some("shm", shm);
    }

    pub(super) fn mounted(&mut self, container: &Value, is_main: bool) -> Mounted {
        let mut mounted = Mounted::default();
        let mut stored: Vec<String> = Vec::new();
        for mount in container.list_at(&["volumeMounts"]) {
            let Some(name) = mount.str_at(&["name"]) else { continue };
            // The first mount of a claim is said with the claim.
            let of_storage =
                is_main && self.is_storage(name) && !stored.iter().any(|one| one == name);
            if of_storage {
                stored.push(name.to_owned());
            } else if self.shared.iter().any(|one| one == name) {
                let mut entry = Map::default();
                entry.push_some(
                    "mount",
                    mount.str_at(&["mountPath"]).map(super::storage::mounted_at),
                );
                entry.push("name", name);
                Self::rest(mount, &mut entry, false);
                mounted.volumes.push(Value::Map(entry));
            } else {
                self.first(mount, name, is_main, &mut mounted);
            }
        }
        mounted
    }

    fn is_storage(&self, name: &str) -> bool {
        let storage = self.draft.keys.get("storage").and_then(Value::as_seq).unwrap_or_default();
        storage.iter().any(|entry| entry.str_at(&["name"]) == Some(name))
    }

    /// The first mount of a volume, with its source.
    fn first(&mut self, mount: &Value, name: &str, is_main: bool, mounted: &mut Mounted) {
        let volumes = self.pod.list_at(&["volumes"]);
        let Some(volume) = volumes.iter().find(|one| one.str_at(&["name"]) == Some(name)) else {
            return;
        };
        let uses = self.uses(name);
        let path = super::storage::mounted_at(mount.str_at(&["mountPath"]).unwrap_or_default());
        let sub_path = mount.str_at(&["subPath"]);
        if let Some(empty) = volume.get("emptyDir").filter(|_| uses == 1 && sub_path.is_none()) {
            let settings = emptied(empty);
            if path == "/dev/shm" && is_main && settings.get("size").is_some() {
                mounted.shm = settings.get("size").cloned();
            } else if !(path == "/tmp" && settings.is_empty()) {
                let mut entry = Map::default();
                entry.push("mount", path);
                for (key, value) in settings.iter() {
                    entry.push(key.to_owned(), value.clone());
                }
                mounted
                    .writable
                    .push(super::saying::short(entry, "mount").unwrap_or_else(Value::Map));
            }
            return;
        }
        let config = volume.get("configMap").filter(|_| uses == 1);
        if let (Some(config), Some(key), true) = (config, sub_path, is_main)
            && let Some(content) = self.content(config, key)
        {
            mounted.files.push(path.to_owned(), content);
            return;
        }
        let mut entry = Map::default();
        entry.push("mount", path);
        if uses > 1 {
            entry.push("name", name);
        }
        if !self.source(volume, sub_path, uses == 1, &mut entry) {
            self.unsaid(volume, mount, is_main);
            return;
        }
        if uses > 1 {
            self.shared.push(name.to_owned());
        }
        let is_files = ["secret", "configMap", "projected", "downwardAPI"];
        let is_files = is_files.iter().any(|key| volume.get(key).is_some());
        Self::rest(mount, &mut entry, is_files);
        mounted.volumes.push(Value::Map(entry));
    }

    /// How often the containers mount a volume.
    fn uses(&self, name: &str) -> usize {
        let all = ["containers", "initContainers"].map(|key| self.pod.list_at(&[key]));
        all.into_iter().flatten().map(|one| mounts_of(one, name).count()).sum()
    }

    /// How a volume is mounted.
    fn rest(mount: &Value, entry: &mut Map, is_files: bool) {
        if !entry.contains_key("key") {
            entry.push_some("subPath", mount.str_at(&["subPath"]));
        }
        if !is_files && mount.get("readOnly").is_some_and(Value::is_true) {
            entry.push("readOnly", true);
        }
        let propagation = mount.str_at(&["mountPropagation"]).filter(|word| *word != "None");
        entry.push_some("propagation", propagation);
    }

    /// The source of a volume; whether the spec has it.
    fn source(&self, volume: &Value, sub_path: Option<&str>, alone: bool, entry: &mut Map) -> bool {
        for (field, key, name) in
            [("configMap", "configMap", "name"), ("secret", "secret", "secretName")]
        {
            let Some(source) = volume.get(field) else { continue };
            if let (Some(files), "configMap") = (self.folder(source), field) {
                entry.push("files", Value::Map(files));
                return true;
            }
            let Some(of) = source.str_at(&[name]) else { return false };
            entry.push(key, of);
            let items = keys(source);
            match (sub_path, items) {
                (Some(one), Value::Null) if alone => entry.push("key", one),
                (_, Value::Null) => {}
                (_, items) => entry.push("keys", items),
            }
            entry.push_some("mode", source.get("defaultMode").and_then(octal));
            if source.get("optional").is_some_and(Value::is_true) {
                entry.push("optional", true);
            }
            return true;
        }
        let text = |keys: &[&str]| volume.str_at(keys);
        if let Some(claim) = text(&["persistentVolumeClaim", "claimName"]) {
            entry.push("claim", claim);
        } else if let Some(ephemeral) = ephemeral(volume) {
            let settings = super::saying::short(ephemeral, "size").unwrap_or_else(Value::Map);
            entry.push("ephemeral", settings);
        } else if let Some(empty) = volume.get("emptyDir") {
            let settings = emptied(empty);
            entry.push("empty", super::saying::short(settings, "size").unwrap_or_else(Value::Map));
        } else if let (Some(server), Some(path)) =
            (text(&["nfs", "server"]), text(&["nfs", "path"]))
        {
            entry.push("nfs", Value::from([("server", server.into()), ("path", path.into())]));
        } else if let Some(path) = text(&["hostPath", "path"]) {
            let mut host = Map::default();
            host.push("path", path);
            host.push_some("type", text(&["hostPath", "type"]).filter(|kind| !kind.is_empty()));
            entry.push("hostPath", super::saying::short(host, "path").unwrap_or_else(Value::Map));
        } else if let Some(driver) = text(&["csi", "driver"]) {
            let mut csi = Map::default();
            csi.push("driver", driver);
            csi.push_some("attributes", volume.at(&["csi", "volumeAttributes"]).cloned());
            csi.push_some("secret", text(&["csi", "nodePublishSecretRef", "name"]));
            csi.push_some("fsType", text(&["csi", "fsType"]));
            entry.push("csi", Value::Map(csi));
        } else if let Some(projected) = volume.get("projected") {
            let Some(sources) = projections(projected.list_at(&["sources"])) else { return false };
            entry.push("projected", Value::Seq(sources));
            entry.push_some("mode", projected.get("defaultMode").and_then(octal));
        } else if let Some(fields) = volume.get("downwardAPI") {
            let Some(fields) = pod_fields(fields.list_at(&["items"])) else { return false };
            entry.push("projected", vec![Value::from([("fields", Value::Map(fields))])]);
        } else {
            return false;
        }
        true
    }

    /// The text of a key of an own ConfigMap, as the spec has it.
    fn content(&self, config: &Value, path: &str) -> Option<Value> {
        self.folder(config)?.get(path).cloned()
    }

    /// The files of an own ConfigMap, by path.
    fn folder(&self, config: &Value) -> Option<Map> {
        let data = self.inlined(config.str_at(&["name"])?)?;
        let usual = config.get("defaultMode").and_then(octal);
        let mut files = Map::default();
        let items = config.list_at(&["items"]);
        let all: Vec<(String, String, Option<String>)> = if items.is_empty() {
            let every = data.keys().map(|key| (key.to_owned(), key.to_owned(), usual.clone()));
            every.collect()
        } else {
            let one = |item: &Value| {
                let mode = item.get("mode").and_then(octal).or_else(|| usual.clone());
                let [key, path] = ["key", "path"].map(|key| item.str_at(&[key]).map(str::to_owned));
                Some((key?, path?, mode))
            };
            items.iter().filter_map(one).collect()
        };
        for (key, path, mode) in all {
            let text = data.get(&key)?.clone();
            let value = match mode {
                Some(mode) => Value::from([("text", text), ("mode", mode.as_str().into())]),
                None => text,
            };
            files.push(path, value);
        }
        (!files.is_empty()).then_some(files)
    }

    /// A volume that the spec has no word for: a patch adds it and its mount.
    fn unsaid(&mut self, volume: &Value, mount: &Value, is_main: bool) {
        if !is_main {
            return;
        }
        let name = self.draft.name.clone();
        let container = Value::from([
            ("name", name.as_str().into()),
            ("volumeMounts", vec![mount.clone()].into()),
        ]);
        let pod = Value::from([
            ("containers", vec![container].into()),
            ("volumes", vec![volume.clone()].into()),
        ]);
        let fragment = super::in_template(self.kind, Value::from([("spec", pod)]));
        let kind = self.kind.to_owned();
        self.draft.patch(&kind, &name, fragment);
    }
}

fn emptied(empty: &Value) -> Map {
    let mut map = Map::default();
    let size = empty.get("sizeLimit");
    let text = |size: &Value| size.as_str().map_or_else(|| size.to_string(), str::to_owned);
    map.push_some("size", size.map(text));
    if empty.str_at(&["medium"]) == Some("Memory") {
        map.push("memory", true);
    }
    map
}

/// The items of a Secret or ConfigMap: a list where paths are keys; null for all.
fn keys(source: &Value) -> Value {
    let items = source.list_at(&["items"]);
    if items.is_empty() {
        return Value::Null;
    }
    let pair = |item: &Value| {
        Some((item.str_at(&["key"])?.to_owned(), Value::from(item.str_at(&["path"])?)))
    };
    let all: Map = items.iter().filter_map(pair).collect();
    if all.iter().all(|(key, path)| path.as_str() == Some(key)) {
        return Value::Seq(all.keys().map(Value::from).collect());
    }
    Value::Map(all)
}

/// A claim of the pod's own, if it is one that the spec can say.
fn ephemeral(volume: &Value) -> Option<Map> {
    let template = volume.at(&["ephemeral", "volumeClaimTemplate"])?;
    let spec = template.get("spec")?.as_map()?;
    let known = ["accessModes", "resources", "storageClassName", "volumeMode"];
    let is_plain =
        template.get("metadata").is_none() && spec.keys().all(|key| known.contains(&key));
    let modes = template.list_at(&["spec", "accessModes"]);
    if !is_plain || modes.len() != 1 || modes[0].as_str() != Some("ReadWriteOnce") {
        return None;
    }
    let mut map = Map::default();
    map.push("size", template.at(&["spec", "resources", "requests", "storage"])?.clone());
    map.push_some("class", template.str_at(&["spec", "storageClassName"]));
    Some(map)
}

/// Permissions in octal; nothing for the usual ones.
fn octal(mode: &Value) -> Option<String> {
    let mode = mode.as_int()?;
    (mode != 0o644).then(|| format!("{mode:04o}"))
}

fn projections(sources: &[Value]) -> Option<Vec<Value>> {
    let one = |source: &Value| {
        let mut map = Map::default();
        for kind in ["secret", "configMap"] {
            if let Some(of) = source.get(kind) {
                map.push(kind, of.str_at(&["name"])?);
                let items = keys(of);
                map.push_some("keys", (items != Value::Null).then_some(items));
                let optional = of.get("optional").is_some_and(Value::is_true);
                map.push_some("optional", optional.then_some(true));
            }
        }
        if let Some(token) = source.get("serviceAccountToken") {
            let mut settings = Map::default();
            settings.push("audience", token.str_at(&["audience"])?);
            settings.push_some("path", token.str_at(&["path"]).filter(|path| *path != "token"));
            let time = token.get("expirationSeconds").and_then(Value::as_int);
            settings.push_some("expires", time.filter(|time| *time != 3600).map(super::duration));
            map.push(
                "token",
                super::saying::short(settings, "audience").unwrap_or_else(Value::Map),
            );
        }
        if let Some(fields) = source.get("downwardAPI") {
            map.push("fields", Value::Map(pod_fields(fields.list_at(&["items"]))?));
        }
        (!map.is_empty()).then_some(Value::Map(map))
    };
    sources.iter().map(one).collect()
}

fn pod_fields(items: &[Value]) -> Option<Map> {
    let one = |item: &Value| {
        let field = item.str_at(&["fieldRef", "fieldPath"])?;
        Some((item.str_at(&["path"])?.to_owned(), Value::from(field)))
    };
    items.iter().map(one).collect()
}
