//! Objects of a cluster, found by kind, by name and by the app that they belong to.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnose::{Mask, Time};
use crate::kubernetes::json::{list, text};

/// Objects of one cluster.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    by_name: BTreeMap<(&'a str, &'a str, &'a str), &'a Value>,
    by_instance: BTreeMap<(&'a str, &'a str), Vec<&'a Value>>,
    /// TaskRuns by namespace and run.
    tasks: BTreeMap<(&'a str, &'a str), Vec<&'a Value>>,
    by_owner: BTreeMap<Owned<'a>, Vec<&'a Value>>,
    /// Kinds that could not be read, with the namespace; none for all of them.
    unread: Vec<(&'a str, Option<&'a str>)>,
    all: &'a [Value],
}

/// Kind and namespace of objects, kind and name of their owner.
type Owned<'a> = (&'a str, &'a str, &'a str, &'a str);

impl<'a> Seen<'a> {
    /// Objects as the API server gives them.
    #[must_use]
    pub fn new(all: &'a [Value]) -> Self {
        let mut seen = Self { all, ..Self::default() };
        for object in all {
            let kind = text(object, &["kind"]);
            let namespace = text(object, &["metadata", "namespace"]);
            let name = text(object, &["metadata", "name"]);
            seen.by_name.insert((kind, namespace, name), object);
            let instance = label(object, "app.kubernetes.io/instance");
            if !instance.is_empty() {
                seen.by_instance.entry((kind, instance)).or_default().push(object);
            }
            let run = label(object, "tekton.dev/pipelineRun");
            if kind == "TaskRun" && !run.is_empty() {
                seen.tasks.entry((namespace, run)).or_default().push(object);
            }
            for owner in list(object, &["metadata", "ownerReferences"]) {
                let key = (kind, namespace, text(owner, &["kind"]), text(owner, &["name"]));
                seen.by_owner.entry(key).or_default().push(object);
            }
        }
        seen
    }

    /// Without a kind that could not be read in a namespace, or in none.
    #[must_use]
    pub fn without(mut self, kind: &'a str, namespace: Option<&'a str>) -> Self {
        self.unread.push((kind, namespace));
        self
    }

    /// Whether there may be objects of a kind that could not be read.
    #[must_use]
    pub fn lacks(&self, kind: &str, namespace: &str) -> bool {
        let is_it = |(of, place): &(&str, Option<&str>)| {
            *of == kind && place.is_none_or(|place| place == namespace)
        };
        self.unread.iter().any(is_it)
    }

    /// An object.
    #[must_use]
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a Value> {
        self.by_name.get(&(kind, namespace, name)).copied()
    }

    /// The objects of a kind with an app's label, in a namespace.
    pub fn of<'s>(
        &'s self,
        kind: &'s str,
        instance: &'s str,
        namespace: &'s str,
    ) -> impl Iterator<Item = &'a Value> {
        let all = self.by_instance.get(&(kind, instance)).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(move |one| text(one, &["metadata", "namespace"]) == namespace)
    }

    /// The TaskRuns of a run.
    #[must_use]
    pub fn tasks<'s>(&'s self, namespace: &'s str, run: &'s str) -> &'s [&'a Value] {
        self.tasks.get(&(namespace, run)).map_or(&[], Vec::as_slice)
    }

    /// The objects that another one made.
    #[must_use]
    pub fn owned<'s>(&'s self, kind: &'s str, owner: &'s Value) -> &'s [&'a Value] {
        let (of, name) = (text(owner, &["kind"]), text(owner, &["metadata", "name"]));
        let namespace = text(owner, &["metadata", "namespace"]);
        self.by_owner.get(&(kind, namespace, of, name)).map_or(&[], Vec::as_slice)
    }

    /// Everything of a kind.
    pub fn all(&self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.all.iter().filter(move |one| text(one, &["kind"]) == kind)
    }
}

/// A label; empty if it is not set.
pub(super) fn label<'v>(object: &'v Value, key: &str) -> &'v str {
    text(object, &["metadata", "labels", key])
}

/// A condition by type.
pub(super) fn condition<'v>(object: &'v Value, kind: &str) -> Option<&'v Value> {
    list(object, &["status", "conditions"]).iter().find(|one| text(one, &["type"]) == kind)
}

/// A moment in an object.
pub(super) fn moment(object: &Value, keys: &[&str]) -> Option<Time> {
    text(object, keys).parse().ok()
}

/// A number in an object.
pub(super) fn number(object: &Value, keys: &[&str]) -> Option<u64> {
    keys.iter().try_fold(object, |value, key| value.get(key))?.as_u64()
}

/// The first line of a message, without secrets. They are hidden before it is cut: half a secret has no form.
pub(super) fn first_line(message: &str) -> String {
    const LONGEST: usize = 300;
    let line = message.trim().lines().next().unwrap_or_default().trim();
    Mask::default().text(line).chars().take(LONGEST).collect()
}

/// Leaves of an object what is read here: a fleet has tens of thousands of them.
pub fn slim(object: &mut Value) {
    let kind = text(object, &["kind"]).to_owned();
    let Some(map) = object.as_object_mut() else { return };
    if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| {
            ["name", "namespace", "labels", "generation", "creationTimestamp", "ownerReferences"]
                .contains(&key.as_str())
        });
    }
    if ["PipelineRun", "TaskRun", "Pod"].contains(&kind.as_str()) {
        map.remove("spec");
    }
    if let Some(status) = map.get_mut("status").and_then(Value::as_object_mut)
        && (kind == "PipelineRun" || kind == "TaskRun")
    {
        status.retain(|key, _| {
            ["conditions", "startTime", "completionTime", "skippedTasks"].contains(&key.as_str())
        });
    }
}
