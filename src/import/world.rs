//! The objects of one environment, found by what they are and by what names them.

use std::collections::BTreeMap;

use super::original::Original;
use crate::yaml::Value;

/// The objects of an environment.
#[derive(Debug, Default)]
pub struct World {
    /// All of them.
    pub all: Vec<Original>,
    by_kind: BTreeMap<String, Vec<usize>>,
}

/// The kinds of programs.
pub const WORKLOADS: [(&str, &str); 6] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("", "Pod"),
];

impl World {
    /// Takes them in.
    #[must_use]
    pub fn new(all: Vec<Original>) -> Self {
        let mut by_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, original) in all.iter().enumerate() {
            by_kind.entry(original.object.kind().to_owned()).or_default().push(at);
        }
        Self { all, by_kind }
    }

    /// Those of a kind, in their order.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = (usize, &Original)> {
        self.by_kind.get(kind).into_iter().flatten().map(|&at| (at, &self.all[at]))
    }

    /// The object of a kind and name in a namespace.
    #[must_use]
    pub fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<usize> {
        let mut all = self.of(kind);
        all.find(|(_, it)| it.name() == name && it.namespace() == namespace).map(|(at, _)| at)
    }

    /// The body of an object.
    #[must_use]
    pub fn body(&self, at: usize) -> &Value {
        self.all[at].object.value()
    }

    /// The programs, in their order.
    #[must_use]
    pub fn workloads(&self) -> Vec<usize> {
        let is_one = |original: &Original| {
            let (group, kind) = original.kind();
            WORKLOADS[..5].contains(&(group, kind))
                && !original.is_encrypted()
                && !original.is_owned
                && original.left.is_none()
        };
        (0..self.all.len()).filter(|at| is_one(&self.all[*at])).collect()
    }

    /// The content of a ConfigMap of the namespace: texts only.
    #[must_use]
    pub fn config(&self, namespace: Option<&str>, name: &str) -> Option<(usize, &Value)> {
        let at = self.find("ConfigMap", namespace, name)?;
        Some((at, self.body(at)))
    }
}

/// The pod template of a program.
#[must_use]
pub fn template<'v>(kind: &str, body: &'v Value) -> &'v Value {
    static NONE: Value = Value::Null;
    let keys: &[&str] = match kind {
        "Pod" => &[],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        _ => &["spec", "template"],
    };
    body.at(keys).unwrap_or(&NONE)
}

/// Labels or annotations below these keys, as pairs.
#[must_use]
pub fn pairs(value: &Value, keys: &[&str]) -> Vec<(String, String)> {
    let map = value.at(keys).and_then(Value::as_map);
    let text = |value: &Value| match value {
        Value::Str(text) => Some(text.clone()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(value.to_string()),
        _ => None,
    };
    map.into_iter()
        .flat_map(crate::yaml::Map::iter)
        .filter_map(|(key, value)| Some((key.to_owned(), text(value)?)))
        .collect()
}

/// Names of objects that a pod template mounts or reads: kind and name.
#[must_use]
pub fn references(pod: &Value) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    collect(pod, &mut all);
    all
}

fn collect(value: &Value, all: &mut Vec<(&'static str, String)>) {
    match value {
        Value::Seq(items) => items.iter().for_each(|item| collect(item, all)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let found = match key {
                    "configMapRef" | "configMapKeyRef" | "configMap" => {
                        value.str_at(&["name"]).map(|name| ("ConfigMap", name))
                    }
                    "secretRef" | "secretKeyRef" => {
                        value.str_at(&["name"]).map(|name| ("Secret", name))
                    }
                    "secret" => value
                        .str_at(&["secretName"])
                        .or(value.str_at(&["name"]))
                        .map(|name| ("Secret", name)),
                    "persistentVolumeClaim" => {
                        value.str_at(&["claimName"]).map(|name| ("PersistentVolumeClaim", name))
                    }
                    _ => None,
                };
                all.extend(found.map(|(kind, name)| (kind, name.to_owned())));
                collect(value, all);
            }
        }
        _ => {}
    }
}
