//! Variables and resources of a container.

use super::saying::Saying;
use super::storage::mounts_of;
use crate::diagnostics::looks_secret;
use crate::import::draft::Fate;
use crate::name::billionths;
use crate::yaml::{Map, Value};

/// What a container may use if nobody says more: without a limit, gen would make its request the limit.
const ROOM: &str = "1Gi";

impl Saying<'_> {
    pub(super) fn environment(&mut self) {
        let (env, from) = self.variables(&self.main.clone(), "env");
        self.draft.set("env", Value::Map(env));
        self.draft.set("envFrom", Value::Seq(from));
    }

    /// `env` and `envFrom` of a container; `key` is where they are written.
    pub(super) fn variables(&mut self, container: &Value, key: &str) -> (Map, Vec<Value>) {
        let mut env = Map::default();
        let mut from = Vec::new();
        for source in container.list_at(&["envFrom"]) {
            let prefix = source.str_at(&["prefix"]).filter(|prefix| !prefix.is_empty());
            if let Some(name) = source.str_at(&["configMapRef", "name"]) {
                if let Some(data) = self.inlined(name) {
                    for (name, value) in data.iter().filter(|(name, _)| is_variable(name)) {
                        let name = format!("{}{name}", prefix.unwrap_or_default());
                        let value = self.literal(&name, value, key);
                        env.insert(name, value);
                    }
                    continue;
                }
                from.push(referred("configMap", name, prefix));
            } else if let Some(name) = source.str_at(&["secretRef", "name"]) {
                from.push(referred("secret", name, prefix));
            }
        }
        for variable in container.list_at(&["env"]) {
            let Some(name) = variable.str_at(&["name"]) else { continue };
            let value = match variable.get("valueFrom") {
                None => {
                    let value = variable.get("value").cloned().unwrap_or_else(|| "".into());
                    self.literal(name, &value, key)
                }
                Some(source) => match self.sourced(name, source, key) {
                    Some(value) => value,
                    None => continue,
                },
            };
            env.insert(name, value);
        }
        (env, from)
    }

    /// A value that stands in the clear. One that looks like a secret is not taken along.
    fn literal(&mut self, name: &str, value: &Value, key: &str) -> Value {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !looks_secret(name, &text) {
            return text.into();
        }
        let secret = format!("{}-env", self.draft.name);
        let why = format!(
            "the value of `{name}` stood in the clear: it is left out, and belongs into the Secret `{secret}`"
        );
        self.draft.decided.push((format!("env.{name}"), why));
        let note = format!("its values stood in the clear: create the Secret `{secret}`");
        self.draft.note(key, note);
        Value::from([("secret", secret.as_str().into()), ("key", name.into())])
    }

    fn sourced(&mut self, name: &str, source: &Value, key: &str) -> Option<Value> {
        for (field, word) in [("secretKeyRef", "secret"), ("configMapKeyRef", "configMap")] {
            let Some(reference) = source.get(field) else { continue };
            let (object, of) = (reference.str_at(&["name"])?, reference.str_at(&["key"])?);
            if word == "configMap"
                && let Some(value) = self.inlined(object).and_then(|data| data.get(of).cloned())
            {
                return Some(self.literal(name, &value, key));
            }
            let mut map = Map::default();
            map.push(word, object);
            map.push("key", of);
            if reference.get("optional").is_some_and(Value::is_true) {
                map.push("optional", true);
            }
            return Some(Value::Map(map));
        }
        let field = source
            .str_at(&["fieldRef", "fieldPath"])
            .or_else(|| source.str_at(&["resourceFieldRef", "resource"]))?;
        Some(Value::from([("field", field.into())]))
    }

    pub(super) fn resources(&mut self) {
        let container = self.main.clone();
        let (map, is_chosen) = resources_of(&container);
        if is_chosen {
            self.draft.note("resources", "had no memory limit: choose one, or `none`");
        }
        self.draft.set("resources", Value::Map(map));
    }

    /// What the ConfigMap holds, if it is the app's alone and the spec says its content.
    pub(super) fn inlined(&self, name: &str) -> Option<Map> {
        let (at, body) = self.world.config(self.group.namespace.as_deref(), name)?;
        if !self.group.configs.contains(&at) || body.get("binaryData").is_some() {
            return None;
        }
        let data = body.get("data").and_then(Value::as_map)?;
        data.iter().all(|(_, value)| !matches!(value, Value::Map(_) | Value::Seq(_))).then(|| {
            let text =
                |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            data.iter().map(|(key, value)| (key, Value::from(text(value)))).collect()
        })
    }

    /// Says where the content of the app's own ConfigMaps went.
    pub(super) fn inlined_fates(&mut self) {
        for &at in &self.group.configs {
            let name = self.world.all[at].name();
            let fate = if self.inlined(name).is_some() {
                let why = "its content is in the spec, and a change of it rolls the pods";
                Fate::Within { key: self.place_of(name), why: why.to_owned() }
            } else {
                self.draft.raw.push(at);
                Fate::Raw
            };
            self.draft.fates.push((at, fate));
        }
    }

    /// The keys that hold the content of a ConfigMap, by how the pod uses it.
    fn place_of(&self, name: &str) -> String {
        let is_it = |volume: &&Value| volume.str_at(&["configMap", "name"]) == Some(name);
        let volumes = self.pod.list_at(&["volumes"]);
        let mut places = Vec::new();
        let mut mounts = Vec::new();
        for container in
            self.pod.list_at(&["containers"]).iter().chain(self.pod.list_at(&["initContainers"]))
        {
            let text = container.to_string();
            let env = ["env", "envFrom"].map(|key| Value::Seq(container.list_at(&[key]).to_vec()));
            let named = Value::from(name).to_string();
            if text.contains(&named) && env.iter().any(|env| env.to_string().contains(&named)) {
                places.push("env");
            }
            for volume in volumes.iter().filter(is_it) {
                mounts.extend(mounts_of(container, volume.str_at(&["name"]).unwrap_or_default()));
            }
        }
        let is_file = |mount: &&Value| mount.get("subPath").is_some();
        if mounts.iter().any(is_file) {
            places.push("files");
        }
        if mounts.iter().any(|mount| !is_file(mount)) {
            places.push("volumes");
        }
        places.dedup();
        places.join(", ")
    }
}

fn referred(kind: &str, name: &str, prefix: Option<&str>) -> Value {
    let mut map = Map::default();
    map.push(kind.to_owned(), name);
    map.push_some("prefix", prefix);
    Value::Map(map)
}

/// Where a container runs, and what it reads.
pub(super) fn placed(container: &Value) -> Map {
    let mut map = Map::default();
    map.push_some("workdir", container.str_at(&["workingDir"]).filter(|folder| !folder.is_empty()));
    let is_open = container.get("stdin").is_some_and(Value::is_true);
    let has_terminal = is_open && container.get("tty").is_some_and(Value::is_true);
    map.push_some("stdin", is_open.then_some(true));
    map.push_some("tty", has_terminal.then_some(true));
    map
}

/// Whether Kubernetes makes a variable of a key.
fn is_variable(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Requests and limits, and whether a limit of memory was chosen here, because there was none.
pub(super) fn resources_of(container: &Value) -> (Map, bool) {
    let amount = |kind: &str, key: &str| {
        let value = container.at(&["resources", kind, key])?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let (mut map, mut limits) = (Map::default(), Map::default());
    for (key, usual) in [("cpu", "50m"), ("memory", "128Mi")] {
        let (request, limit) = (amount("requests", key), amount("limits", key));
        // Kubernetes requests what is the limit if nothing else is said.
        let request = request.or_else(|| limit.clone());
        let is_usual = request.as_deref().is_none_or(|it| billionths(it) == billionths(usual));
        map.push_some(key, request.filter(|_| !is_usual));
    }
    let request = amount("requests", "cpu").or_else(|| amount("limits", "cpu"));
    let is_more = |one: &str, other: &str| billionths(one) > billionths(other);
    let usual = match request.as_deref() {
        Some(request) if is_more(request, "1") => request,
        _ => "1",
    };
    let cpu = amount("limits", "cpu");
    limits.push_some("cpu", cpu.filter(|cpu| billionths(cpu) != billionths(usual)));
    let request = amount("requests", "memory");
    let mut is_chosen = false;
    if let Some(limit) = amount("limits", "memory") {
        let usual = request.unwrap_or_else(|| limit.clone());
        if billionths(&usual) != billionths(&limit) {
            limits.push("memory", limit);
        }
    } else {
        is_chosen = true;
        let request = request.unwrap_or_else(|| "128Mi".to_owned());
        let room = if is_more(&request, ROOM) { request } else { ROOM.to_owned() };
        limits.push("memory", room);
    }
    map.push_some("ephemeralStorage", amount("requests", "ephemeral-storage"));
    limits.push_some("ephemeralStorage", amount("limits", "ephemeral-storage"));
    if !limits.is_empty() {
        map.push("limits", Value::Map(limits));
    }
    let devices: Map = container
        .at(&["resources", "limits"])
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(Map::iter)
        .filter(|(name, _)| name.contains('/'))
        .filter_map(|(name, _)| Some((name, amount("limits", name)?.parse::<i64>().ok()?)))
        .map(|(name, count)| (name, Value::from(count)))
        .collect();
    map.push_some("devices", (!devices.is_empty()).then_some(devices));
    (map, is_chosen)
}
