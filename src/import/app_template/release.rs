//! A release: its names and labels.

use super::values::{Problem, Values};
use crate::yaml::{Map, Value};

/// Which release it is, and by which rules its objects are named.
#[derive(Debug, Clone)]
pub(super) struct Release {
    /// Its name.
    pub(super) name: String,
    /// Where its objects live.
    pub(super) namespace: String,
    /// How its objects are named, before anything is added.
    pub(super) full: String,
    /// The label `app.kubernetes.io/name`.
    pub(super) app: String,
    /// The label that tells its programs apart; version 4 renamed it.
    pub(super) label: &'static str,
    /// By the rules of version 4.
    pub(super) is_fourth: bool,
    /// What `global` adds to all objects.
    labels: Map,
    annotations: Map,
}

impl Release {
    /// Reads `global`. `major` is the chart's version.
    pub(super) fn new(
        (name, namespace): (&str, &str),
        major: u32,
        values: &mut Values,
    ) -> Result<Self, Problem> {
        let mut global = values.map("global")?;
        let app = global.text("nameOverride")?.unwrap_or_else(|| name.to_owned());
        let full = global.text("fullnameOverride")?;
        let usual = || if name.contains(&*app) { name.to_owned() } else { format!("{name}-{app}") };
        let full = full.unwrap_or_else(usual);
        let (labels, annotations) =
            (global.map("labels")?.rest(), global.map("annotations")?.rest());
        global.end()?;
        Ok(Self {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            full,
            app,
            label: if major == 3 {
                "app.kubernetes.io/component"
            } else {
                "app.kubernetes.io/controller"
            },
            is_fourth: major == 4,
            labels,
            annotations,
        })
    }

    /// The name of an object; `appends` where it stands among several of its kind.
    pub(super) fn named(
        &self,
        values: &mut Values,
        id: &str,
        appends: bool,
    ) -> Result<String, Problem> {
        let mut name = self.full.clone();
        let differs = |name: &str, part: &str| name != part && !name.ends_with(&format!("-{part}"));
        if self.is_fourth {
            if let Some(given) = values.text("forceRename")? {
                return Ok(given.to_lowercase());
            }
            if let Some(prefix) = values.text("prefix")?.filter(|prefix| *prefix != name) {
                name = format!("{prefix}-{name}");
            }
            if appends && differs(&name, id) {
                name = format!("{name}-{id}");
            }
            if let Some(suffix) = values.text("suffix")?.filter(|suffix| differs(&name, suffix)) {
                name = format!("{name}-{suffix}");
            }
            return Ok(name.to_lowercase());
        }
        match values.text("nameOverride")? {
            Some(given) if given == "-" || given == name => {}
            Some(given) => name = format!("{name}-{given}"),
            None if appends && name != id => name = format!("{name}-{id}"),
            None => {}
        }
        Ok(name)
    }

    /// The labels by which the pods of a program are chosen.
    pub(super) fn selector(&self, controller: &str) -> Map {
        let mut map = Map::default();
        map.push(self.label, controller);
        map.push("app.kubernetes.io/instance", self.name.as_str());
        map.push("app.kubernetes.io/name", self.app.as_str());
        map
    }

    /// Metadata with the labels and annotations that were asked for. The chart's own labels say only who made the object.
    pub(super) fn metadata(&self, name: &str, values: &mut Values) -> Result<Value, Problem> {
        let mut map = Map::default();
        map.push("name", name);
        map.push("namespace", self.namespace.as_str());
        for (key, all) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            let mut given = all.clone();
            for (key, value) in values.map(key)?.rest().iter() {
                given.insert(key.to_owned(), text(value));
            }
            map.push_some(key, (!given.is_empty()).then_some(given));
        }
        Ok(Value::Map(map))
    }
}

/// A scalar as a text.
pub(super) fn text(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => Value::Str(value.to_string()),
        other => other.clone(),
    }
}
