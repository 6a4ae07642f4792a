//! The containers of a program of a release.

use super::network::{Service, probed};
use super::release::text;
use super::values::{Problem, Values};
use super::volumes::{Named, Volume};
use crate::yaml::{Map, Value};

/// What a container may refer to.
pub(super) struct Around<'a> {
    pub(super) services: &'a [Service],
    pub(super) volumes: Vec<&'a Volume>,
    pub(super) configs: &'a Named,
    pub(super) secrets: &'a Named,
}

/// Fields that values name as Kubernetes does.
const FIELDS: [&str; 10] = [
    "workingDir",
    "securityContext",
    "lifecycle",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "ports",
    "resources",
    "restartPolicy",
    "stdin",
    "tty",
];

/// Containers in the order in which they start: by name, but each after those that it depends on.
pub(super) fn ordered(mut left: Vec<(String, Values)>) -> Result<Vec<(String, Values)>, Problem> {
    let mut after = Vec::new();
    for (name, one) in &mut left {
        let on = match one.take("dependsOn") {
            None => Vec::new(),
            Some(Value::Str(name)) => vec![name],
            Some(Value::Seq(names)) => {
                names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(_) => return Err(format!("`{}.dependsOn` is no list", one.path())),
        };
        after.push((name.clone(), on));
    }
    let mut all: Vec<(String, Values)> = Vec::new();
    while !left.is_empty() {
        let is_free = |(name, _): &(String, Values)| {
            let on = after.iter().find(|(of, _)| of == name).map(|(_, on)| on.as_slice());
            let mut on = on.unwrap_or_default().iter();
            on.all(|name| all.iter().any(|(done, _)| done == name))
        };
        let Some(next) = left.iter().position(is_free) else {
            return Err("containers depend on each other, or on none of the program".to_owned());
        };
        all.push(left.remove(next));
    }
    Ok(all)
}

/// A container.
pub(super) fn container(
    around: &Around<'_>,
    controller: &str,
    (id, mut one): (&str, Values),
) -> Result<Value, Problem> {
    let mut map = Map::default();
    map.push("name", one.text("nameOverride")?.unwrap_or_else(|| id.to_owned()));
    let mut image = one.map("image")?;
    let (repository, tag) = (image.needs("repository")?, image.text("tag")?);
    let digest = image.text("digest")?;
    let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
    map.push("image", format!("{repository}{tag}{digest}"));
    map.push_some("imagePullPolicy", image.text("pullPolicy")?);
    image.end()?;
    for key in ["command", "args"] {
        let words = match one.take(key) {
            Some(Value::Str(word)) => Some(vec![Value::Str(word)]),
            Some(Value::Seq(words)) => Some(words.iter().map(text).collect()),
            Some(_) => return Err(format!("`{}.{key}` is no list", one.path())),
            None => None,
        };
        map.push_some(key, words);
    }
    for field in FIELDS {
        map.push_some(field, one.take(field));
    }
    map.push_some("env", variables(&mut one)?);
    let from = one.list("envFrom")?;
    let from: Vec<Value> =
        from.into_iter().map(|one| source(around, one)).collect::<Result<_, _>>()?;
    map.push_some("envFrom", (!from.is_empty()).then_some(from));
    let usual = probed(around.services, controller);
    let mut probes = one.map("probes")?;
    for name in ["liveness", "readiness", "startup"] {
        let found = probe(probes.map(name)?, usual.as_ref())?;
        map.push_some(format!("{name}Probe"), found);
    }
    probes.end()?;
    let mounts: Vec<Value> =
        around.volumes.iter().flat_map(|volume| volume.mounts(controller, id)).collect();
    map.push_some("volumeMounts", (!mounts.is_empty()).then_some(mounts));
    one.end()?;
    Ok(Value::Map(map))
}

/// Variables: a mapping by name, or a list as in Kubernetes.
fn variables(one: &mut Values) -> Result<Option<Vec<Value>>, Problem> {
    let path = format!("{}.env", one.path());
    let mut all = Vec::new();
    match one.take("env") {
        None => return Ok(None),
        Some(Value::Seq(items)) => {
            for item in items {
                let Some(name) = item.str_at(&["name"]) else {
                    return Err(format!("an item of `{path}` has no name"));
                };
                let mut map = item.as_map().cloned().unwrap_or_default();
                map.remove("name");
                all.push(variable(name, &Value::Map(map)));
            }
        }
        Some(Value::Map(map)) => {
            let mut entries: Vec<(&str, &Value)> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            for (name, value) in entries {
                if value.get("dependsOn").is_some() {
                    return Err(format!("gen does not read `{path}.{name}.dependsOn`"));
                }
                all.push(variable(name, value));
            }
        }
        Some(_) => return Err(format!("`{path}` is no mapping")),
    }
    Ok(Some(all))
}

fn variable(name: &str, value: &Value) -> Value {
    let mut map = Map::default();
    map.push("name", name);
    match (value.get("value"), value.get("valueFrom"), value) {
        (Some(given), _, _) => map.push("value", text(given)),
        (None, Some(from), _) => map.push("valueFrom", from.clone()),
        // A reference without `valueFrom` around it.
        (None, None, Value::Map(_)) => map.push("valueFrom", value.clone()),
        (None, None, Value::Null) => map.push("value", ""),
        _ => map.push("value", text(value)),
    }
    Value::Map(map)
}

/// An item of `envFrom`.
fn source(around: &Around<'_>, mut one: Values) -> Result<Value, Problem> {
    let mut map = Map::default();
    map.push_some("prefix", one.text("prefix")?);
    for (short, long, named) in
        [("configMap", "configMapRef", around.configs), ("secret", "secretRef", around.secrets)]
    {
        let mut reference = one.map(long)?;
        let id = one.text(short)?.or(reference.text("identifier")?);
        let known = |id: &String| {
            let found = named.iter().find(|(known, _)| known == id);
            found.map(|(_, name)| name.clone())
        };
        let given = reference.text("name")?;
        let name = given.or_else(|| id.map(|id| known(&id).unwrap_or(id)));
        if let Some(name) = name {
            let mut it = Map::default();
            it.push("name", name);
            it.push_some("optional", reference.take("optional"));
            map.push(long, it);
        }
        reference.end()?;
    }
    one.end()?;
    Ok(Value::Map(map))
}

/// A probe, by default of the port that the program's first Service leads to.
fn probe(mut one: Values, probed: Option<&(String, Value)>) -> Result<Option<Value>, Problem> {
    let is_enabled = one.flag("enabled", false)?;
    let is_custom = one.flag("custom", false)?;
    let (kind, port) = (one.text("type")?, one.take("port"));
    let (path, service) = (one.text("path")?, one.text("service")?);
    let spec = one.map("spec")?;
    one.end()?;
    if !is_enabled {
        return Ok(None);
    }
    if is_custom {
        return Ok(Some(Value::Map(spec.rest())));
    }
    // Without a Service the chart makes no probe.
    let Some((protocol, default)) = probed else { return Ok(None) };
    let kind = match kind.as_deref() {
        Some("AUTO") => protocol.as_str(),
        Some(kind) => kind,
        None => "TCP",
    };
    let mut handler = Map::default();
    handler.push("port", port.unwrap_or_else(|| default.clone()));
    let name = match kind {
        "HTTP" | "HTTPS" => {
            handler.push_some("path", path);
            handler.push("scheme", kind);
            "httpGet"
        }
        "GRPC" => {
            handler.push_some("service", service);
            "grpc"
        }
        _ => "tcpSocket",
    };
    let mut map = Map::default();
    map.push(name, handler);
    // Only these: others are for a probe of one's own.
    let mut spec = spec;
    for field in ["initialDelaySeconds", "failureThreshold", "timeoutSeconds", "periodSeconds"] {
        map.push_some(field, spec.take(field));
    }
    spec.end()?;
    Ok(Some(Value::Map(map)))
}
