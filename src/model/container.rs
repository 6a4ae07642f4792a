//! The app's container: what it runs, with what, and how far it is locked in.

use serde::Serialize;

use super::Level;
use super::decode::Decoder;
use crate::diagnostics::{Diagnostics, Span, SpecError, looks_secret};
use crate::spec::View;
use crate::yaml::{Entry, Map, Node, Value};

/// How far a container is locked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// The level of Pod Security that it keeps to.
    pub level: Level,
    /// The root file system is read-only.
    pub read_only_root: bool,
}

/// The app's container. What goes into the object as it is already has Kubernetes' shape.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The program.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// `env`, as in a Container.
    pub env: Value,
    /// `envFrom`, as in a Container.
    pub env_from: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user number.
    pub user: Option<u32>,
    /// Folders that it writes to; `/tmp` among them.
    pub writable: Vec<String>,
    /// How far it is locked in.
    pub security: Security,
    /// It gets a token for the API server.
    pub token: bool,
    /// Seconds between the request to end and the end.
    pub grace: u32,
    /// The Secret to pull with.
    pub pull_secret: Option<String>,
}

pub(super) fn read(d: &mut Decoder<'_>, has_permissions: bool) -> Container {
    let view = d.app;
    let env = env(&view, d.problems);
    let env_from = env_from(&view, d.problems);
    let security = security(&view, d);
    let mut writable = view.texts("writable");
    if !writable.iter().any(|path| path == "/tmp") {
        writable.insert(0, "/tmp".to_owned());
    }
    Container {
        command: view.texts("command"),
        args: view.texts("args"),
        env,
        env_from,
        resources: resources(&view.view("resources"), ["50m", "128Mi", "1", ""]),
        user: view.u32("user"),
        writable,
        security,
        token: has_permissions || view.flag("token"),
        grace: view.u32("grace").unwrap_or(30),
        pull_secret: view.string("pullSecret"),
    }
}

fn security(view: &View<'_>, d: &mut Decoder<'_>) -> Security {
    let security = view.view("security");
    let level = if security.text("level") == Some("baseline") {
        Level::Baseline
    } else {
        Level::Restricted
    };
    if level != Level::Restricted && security.get("reason").is_none() {
        let why = "who reads it later wants to know".to_owned();
        d.problems.error(
            security.span(),
            SpecError::Needs {
                key: "security.level".to_owned(),
                other: "reason".to_owned(),
                why,
            },
        );
    }
    Security {
        level,
        read_only_root: security
            .bool("readOnlyRoot")
            .unwrap_or(level == Level::Restricted),
    }
}

/// `resources` of a container. The defaults: cpu and memory that are reserved, cpu and memory at most (empty: what is reserved).
pub(super) fn resources(
    view: &View<'_>,
    [cpu, memory, cpu_limit, memory_limit]: [&str; 4],
) -> Value {
    let reserved_memory = view.text("memory").unwrap_or(memory);
    let reserved_cpu = view.text("cpu").unwrap_or(cpu);
    let limits = view.view("limits");
    let default_memory_limit = if memory_limit.is_empty() || view.get("memory").is_some() {
        reserved_memory
    } else {
        memory_limit
    };
    // A limit below what is reserved is refused by the API server, so a large reservation raises the default limit.
    let default_cpu_limit = if millis(reserved_cpu) > millis(cpu_limit) {
        reserved_cpu
    } else {
        cpu_limit
    };
    Value::from([
        (
            "limits",
            Value::from([
                (
                    "cpu",
                    limits.text("cpu").unwrap_or(default_cpu_limit).into(),
                ),
                (
                    "memory",
                    limits.text("memory").unwrap_or(default_memory_limit).into(),
                ),
            ]),
        ),
        (
            "requests",
            Value::from([
                ("cpu", reserved_cpu.into()),
                ("memory", reserved_memory.into()),
            ]),
        ),
    ])
}

fn millis(cpu: &str) -> u64 {
    let (number, factor) = cpu
        .strip_suffix('m')
        .map_or((cpu, 1000.0), |number| (number, 1.0));
    let number: f64 = number.parse().unwrap_or_default();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let millis = (number * factor).clamp(0.0, 1e12) as u64;
    millis
}

/// `env` of a container, from a mapping of names to texts and references.
pub(super) fn env(view: &View<'_>, problems: &mut Diagnostics) -> Value {
    let entries = view.entries("env");
    Value::Seq(
        entries
            .into_iter()
            .filter_map(|entry| variable(entry, problems))
            .collect(),
    )
}

pub(super) fn variable(entry: &Entry, problems: &mut Diagnostics) -> Option<Value> {
    let mut map = Map::default();
    map.push("name", entry.key.as_str());
    if let Some(scalar) = entry.value.scalar() {
        if looks_secret(&entry.key, &scalar.text) {
            problems.error(
                entry.value.span,
                SpecError::LiteralSecret {
                    name: entry.key.clone(),
                },
            );
            return None;
        }
        map.push("value", scalar.text.as_str());
        return Some(Value::Map(map));
    }
    let node = &entry.value;
    let text = |key: &str| {
        node.get(key)
            .and_then(Node::scalar)
            .map(|scalar| scalar.text.as_str())
    };
    let written: Vec<&str> = ["secret", "configMap", "field", "value"]
        .into_iter()
        .filter(|key| text(key).is_some())
        .collect();
    match written.as_slice() {
        [one] => match *one {
            "value" => map.push("value", text("value")?),
            "field" => map.push(
                "valueFrom",
                Value::from([(
                    "fieldRef",
                    Value::from([("fieldPath", text("field")?.into())]),
                )]),
            ),
            kind => {
                let Some(key) = text("key") else {
                    missing_key(&entry.key, node.span, problems);
                    return None;
                };
                let mut reference = Map::default();
                reference.push("name", text(kind)?);
                reference.push("key", key);
                if text("optional") == Some("true") {
                    reference.push("optional", true);
                }
                let name = if kind == "secret" {
                    "secretKeyRef"
                } else {
                    "configMapKeyRef"
                };
                map.push("valueFrom", Value::from([(name, Value::Map(reference))]));
            }
        },
        [] => {
            let missing = SpecError::Missing {
                path: format!("env.{}.secret", entry.key),
                place: format!("`env.{}` (or `configMap`, `field` or `value`)", entry.key),
            };
            problems.error(node.span, missing);
            return None;
        }
        [first, second, ..] => {
            let why = "a variable has one value".to_owned();
            problems.error(
                node.span,
                SpecError::Excludes {
                    first: (*first).to_owned(),
                    second: (*second).to_owned(),
                    why,
                },
            );
            return None;
        }
    }
    if let Some(value) = text("value")
        && looks_secret(&entry.key, value)
        && text("notSecret").is_none()
    {
        problems.error(
            node.span,
            SpecError::LiteralSecret {
                name: entry.key.clone(),
            },
        );
        return None;
    }
    Some(Value::Map(map))
}

fn missing_key(name: &str, span: Span, problems: &mut Diagnostics) {
    problems.error(
        span,
        SpecError::Missing {
            path: format!("env.{name}.key"),
            place: format!("`env.{name}`"),
        },
    );
}

fn env_from(view: &View<'_>, problems: &mut Diagnostics) -> Value {
    let mut all = Vec::new();
    for from in view.views("envFrom") {
        let (name, kind) = match (from.text("secret"), from.text("configMap")) {
            (Some(secret), None) => (secret, "secretRef"),
            (None, Some(config)) => (config, "configMapRef"),
            (Some(_), Some(_)) => {
                let why = "an entry names one source".to_owned();
                problems.error(
                    from.span(),
                    SpecError::Excludes {
                        first: "secret".to_owned(),
                        second: "configMap".to_owned(),
                        why,
                    },
                );
                continue;
            }
            (None, None) => {
                problems.error(
                    from.span(),
                    SpecError::Missing {
                        path: "envFrom.secret".to_owned(),
                        place: "an entry of `envFrom` (or `configMap`)".to_owned(),
                    },
                );
                continue;
            }
        };
        let mut map = Map::default();
        if let Some(prefix) = from.text("prefix") {
            map.push("prefix", prefix);
        }
        map.push(kind, Value::from([("name", name.into())]));
        all.push(Value::Map(map));
    }
    Value::Seq(all)
}
