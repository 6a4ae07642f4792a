//! Pods in a form in which those that run the same are the same.

use super::Side;
use crate::import::say::mounted_at;
use crate::yaml::{Map, Value};

/// The role of the app's own container, whatever its name.
pub(super) const OWN: &str = "app";

/// Fields that a container has of its pod if it does not set them.
const OF_POD: [&str; 4] = ["runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile"];

/// A pod's `spec`.
pub(super) fn canonical(
    side: &Side<'_>,
    namespace: Option<&str>,
    (name, pod): (&str, &Value),
    claims: &[Value],
) -> Value {
    let mut out: Map = pod.as_map().cloned().unwrap_or_default();
    let containers = pod.list_at(&["containers"]);
    let by_name = containers.iter().find(|one| one.str_at(&["name"]) == Some(name));
    let main = by_name.or(containers.first());
    let of_pod = pod.get("securityContext");
    let mut all = Map::default();
    for container in containers.iter().chain(pod.list_at(&["initContainers"])) {
        let is_main = Some(container) == main;
        let own = container.str_at(&["name"]).unwrap_or_default();
        // A container may have the name by which the app's own is known here.
        let role = match own {
            _ if is_main => OWN.to_owned(),
            OWN => format!("{OWN}-beside"),
            other => other.to_owned(),
        };
        let is_init = pod.list_at(&["initContainers"]).contains(container)
            && container.str_at(&["restartPolicy"]) != Some("Always");
        let place = Place { side, namespace, pod, claims };
        let mut value = place.container(container, of_pod);
        if is_init {
            value.insert("init", true);
        }
        all.insert(role, Value::Map(value));
    }
    out.insert("containers", Value::Map(all));
    out.remove("initContainers");
    out.remove("volumes");
    if let Some(context) = out.get_mut("securityContext").and_then(Value::as_map_mut) {
        for key in OF_POD {
            context.remove(key);
        }
    }
    out.remove("serviceAccount");
    if out.get("serviceAccountName").and_then(Value::as_str) == Some("default") {
        out.remove("serviceAccountName");
    }
    if let Some(tolerations) = out.get_mut("tolerations").and_then(Value::as_seq_mut) {
        for toleration in tolerations.iter_mut().filter_map(Value::as_map_mut) {
            toleration.entry_or("operator", || "Equal".into());
        }
    }
    if let Some(aliases) = out.remove("hostAliases") {
        let mut hosts = Map::default();
        for alias in aliases.as_seq().unwrap_or_default() {
            for name in alias.list_at(&["hostnames"]).iter().filter_map(Value::as_str) {
                hosts.insert(name, alias.get("ip").cloned().unwrap_or_default());
            }
        }
        out.insert("hostAliases", Value::Map(hosts));
    }
    Value::Map(out)
}

#[derive(Clone, Copy)]
struct Place<'a> {
    side: &'a Side<'a>,
    namespace: Option<&'a str>,
    pod: &'a Value,
    claims: &'a [Value],
}

impl Place<'_> {
    fn container(self, container: &Value, of_pod: Option<&Value>) -> Map {
        let mut out: Map = container.as_map().cloned().unwrap_or_default();
        out.remove("name");
        out.remove("restartPolicy");
        if let Some(image) = container.str_at(&["image"]) {
            let last = image.rsplit('/').next().unwrap_or(image);
            if !image.contains('@') && !last.contains(':') {
                out.insert("image", format!("{image}:latest"));
            }
        }
        for key in ["command", "args"] {
            let items = container.list_at(&[key]).iter();
            let texts: Vec<Value> = items.map(text).map(Value::from).collect();
            if !texts.is_empty() {
                out.insert(key, texts);
            }
        }
        self.variables(container, &mut out);
        let ports = container.list_at(&["ports"]);
        out.remove("ports");
        let mut by_number = Map::default();
        for port in ports.iter().filter_map(Value::as_map) {
            let number = port.get("containerPort").map(text).unwrap_or_default();
            let protocol = port.get("protocol").map_or_else(|| "TCP".to_owned(), text);
            let mut port = port.clone();
            port.remove("name");
            port.insert("protocol", protocol.as_str());
            // In the node's network, it is the same port.
            if port.get("hostPort") == port.get("containerPort")
                && self.pod.get("hostNetwork").is_some_and(Value::is_true)
            {
                port.remove("hostPort");
            }
            by_number.insert(format!("{number}/{protocol}"), Value::Map(port));
        }
        if !by_number.is_empty() {
            out.insert("ports", Value::Map(by_number));
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if let Some(probe) = out.get_mut(probe).and_then(Value::as_map_mut) {
                asked(probe, ports);
            }
        }
        self.mounts(container, &mut out);
        let context = out.map_at("securityContext");
        for key in OF_POD {
            if let Some(value) = of_pod.and_then(|pod| pod.get(key)) {
                context.entry_or(key, || value.clone());
            }
        }
        // Who runs as another user is not root.
        if context.get("runAsUser").and_then(Value::as_int).is_some_and(|user| user != 0) {
            context.remove("runAsNonRoot");
        }
        for key in ["add", "drop"] {
            let names = super::super::reach::reach(context, &["capabilities"])
                .and_then(|map| map.get_mut(key)?.as_seq_mut());
            for name in names.into_iter().flatten() {
                let upper = text(name).to_uppercase();
                *name = upper.strip_prefix("CAP_").unwrap_or(&upper).into();
            }
        }
        if context.is_empty() {
            out.remove("securityContext");
        }
        out
    }

    /// Variables by name, with those that come of a ConfigMap that is known.
    fn variables(self, container: &Value, out: &mut Map) {
        let mut env = Map::default();
        let mut from = Vec::new();
        for source in container.list_at(&["envFrom"]) {
            let name = source.str_at(&["configMapRef", "name"]);
            let data = name.and_then(|name| self.side.data(self.namespace, name));
            let Some(data) = data else {
                from.push(source.clone());
                continue;
            };
            let prefix = source.str_at(&["prefix"]).unwrap_or_default();
            for (key, value) in data.iter() {
                env.insert(format!("{prefix}{key}"), Value::from([("value", text(value).into())]));
            }
        }
        for variable in container.list_at(&["env"]) {
            let Some(name) = variable.str_at(&["name"]) else { continue };
            let reference = variable.at(&["valueFrom", "configMapKeyRef"]);
            let known = reference.and_then(|reference| {
                let data = self.side.data(self.namespace, reference.str_at(&["name"])?)?;
                data.get(reference.str_at(&["key"])?)
            });
            let value = match (known, variable.get("valueFrom")) {
                (Some(value), _) => Value::from([("value", text(value).into())]),
                (None, Some(source)) => Value::from([("valueFrom", source.clone())]),
                (None, None) => {
                    let value = variable.get("value").map(text).unwrap_or_default();
                    Value::from([("value", value.into())])
                }
            };
            env.insert(name, value);
        }
        for (key, value) in [
            ("env", (!env.is_empty()).then_some(Value::Map(env))),
            ("envFrom", (!from.is_empty()).then_some(Value::Seq(from))),
        ] {
            out.remove(key);
            out.push_some(key, value);
        }
    }

    /// Mounts by path, each with what is mounted.
    fn mounts(self, container: &Value, out: &mut Map) {
        let mut mounts = Map::default();
        for mount in container.list_at(&["volumeMounts"]) {
            let (Some(path), Some(name)) = (mount.str_at(&["mountPath"]), mount.str_at(&["name"]))
            else {
                continue;
            };
            let path = mounted_at(path);
            let mut value: Map = mount.as_map().cloned().unwrap_or_default();
            for key in ["mountPath", "name"] {
                value.remove(key);
            }
            let volumes = self.pod.list_at(&["volumes"]);
            let of_pod = volumes.iter().find(|volume| volume.str_at(&["name"]) == Some(name));
            let of_claims =
                self.claims.iter().find(|claim| claim.str_at(&["metadata", "name"]) == Some(name));
            // The claim of a template stands in place of a volume with its name.
            if of_claims.is_some() {
                value.insert("claimTemplate", name);
            } else if let Some(volume) = of_pod.and_then(Value::as_map) {
                let is_files = self.source(volume, mount.str_at(&["subPath"]), &mut value);
                if is_files {
                    // Kubernetes mounts these so in any case.
                    value.remove("readOnly");
                }
            }
            if path == "/etc/localtime" && value.get("hostPath").is_none() {
                value.remove("readOnly");
            }
            mounts.insert(path, Value::Map(value));
        }
        out.remove("volumeMounts");
        if !mounts.is_empty() {
            out.insert("volumeMounts", Value::Map(mounts));
        }
    }

    /// The source of a volume; whether it is one of files.
    fn source(self, volume: &Map, sub_path: Option<&str>, out: &mut Map) -> bool {
        for (key, value) in volume.iter().filter(|(key, _)| *key != "name") {
            match key {
                "configMap" => {
                    let name = value.str_at(&["name"]).unwrap_or_default();
                    let Some(data) = self.side.data(self.namespace, name) else {
                        out.insert("configMap", value.clone());
                        return true;
                    };
                    let files = files(data, value);
                    match sub_path.and_then(|path| files.get(path)) {
                        Some(one) => {
                            out.remove("subPath");
                            out.insert("file", one.clone());
                        }
                        None => {
                            out.insert("files", Value::Map(files));
                        }
                    }
                    return true;
                }
                "secret" => {
                    let mut secret = value.clone();
                    // A single key is mounted the same, whether the volume has the others or not.
                    if let (Some(_), Value::Map(secret)) = (sub_path, &mut secret) {
                        secret.remove("items");
                    }
                    out.insert("secret", secret);
                    return true;
                }
                "downwardAPI" => {
                    let source = Value::from([("downwardAPI", value.clone())]);
                    let projected = Value::from([("sources", vec![source].into())]);
                    out.insert("projected", projected);
                    return true;
                }
                "projected" => {
                    out.insert("projected", value.clone());
                    return true;
                }
                other => {
                    out.insert(other, value.clone());
                }
            }
        }
        false
    }
}

/// The files that a ConfigMap's volume shows, by path.
fn files(data: &Map, volume: &Value) -> Map {
    let usual = volume.get("defaultMode").cloned();
    let mut files = Map::default();
    let mut add = |key: &str, path: &str, mode: Option<&Value>| {
        let Some(content) = data.get(key) else { return };
        let mut file = Map::default();
        file.push("text", text(content));
        let mode = mode.cloned().or_else(|| usual.clone());
        let mode = mode.filter(|mode| mode.as_int() != Some(0o644));
        file.push_some("mode", mode);
        files.insert(path, Value::Map(file));
    };
    let items = volume.list_at(&["items"]);
    if items.is_empty() {
        data.keys().for_each(|key| add(key, key, None));
    }
    for item in items {
        if let (Some(key), Some(path)) = (item.str_at(&["key"]), item.str_at(&["path"])) {
            add(key, path, item.get("mode"));
        }
    }
    files
}

/// Ports by number.
fn asked(probe: &mut Map, ports: &[Value]) {
    for handler in ["httpGet", "tcpSocket", "grpc"] {
        let Some(handler) = probe.get_mut(handler).and_then(Value::as_map_mut) else { continue };
        let Some(Value::Str(name)) = handler.get("port") else { continue };
        let number = if let Ok(number) = name.parse::<i64>() {
            Some(number.into())
        } else {
            let mut named = ports.iter().filter(|port| port.str_at(&["name"]) == Some(name));
            named.next().and_then(|port| port.get("containerPort").cloned())
        };
        if let Some(number) = number {
            handler.insert("port", number);
        }
    }
}

/// A scalar as a string.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
