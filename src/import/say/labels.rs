//! Labels and annotations of the objects.

use super::saying::Saying;
use crate::import::draft::Fate;
use crate::import::world::{pairs, template};
use crate::yaml::{Map, Value};

/// Recommended labels that the spec leaves to the app.
const FREE: [&str; 2] = ["app.kubernetes.io/part-of", "app.kubernetes.io/version"];

/// Whether gen sets a label itself.
pub(in crate::import) fn is_of_gen(key: &str) -> bool {
    let starts = ["app.kubernetes.io/", "gitops-gen.dev/", "pod-security.kubernetes.io/"];
    !FREE.contains(&key)
        && (starts.iter().any(|start| key.starts_with(start)) || key.contains("fluxcd.io/"))
}

/// Kinds whose annotations have a key of their own.
const ELSEWHERE: [&str; 4] = ["Service", "Ingress", "HTTPRoute", "ServiceAccount"];

type Pairs = Vec<(String, String)>;

impl Saying<'_> {
    pub(super) fn labels(&mut self) {
        let selector = pairs(self.body, &["spec", "selector", "matchLabels"]);
        let metadata = |value: &Value, field: &str| -> Pairs { pairs(value, &["metadata", field]) };
        let mut own = metadata(self.body, "labels");
        own.retain(|(key, _)| !is_of_gen(key));
        // What is carried along has its own: the app's would be on it, too.
        let carried = self.group.others.iter().map(|at| metadata(self.world.body(*at), "labels"));
        let apart: Pairs = own
            .iter()
            .filter(|(key, value)| {
                carried.clone().flatten().any(|(name, other)| name == *key && other != *value)
            })
            .cloned()
            .collect();
        own.retain(|pair| !apart.contains(pair));
        let pod = template(self.kind, self.body);
        let mut of_pod = metadata(pod, "labels");
        // With a selector of its own, a pod has its labels and none of the others.
        let is_selected = self.draft.keys.contains_key("selector");
        let is_there = |pair: &(String, String)| {
            if is_selected { selector.contains(pair) } else { own.contains(pair) }
        };
        of_pod.retain(|pair| !is_of_gen(&pair.0) && !is_there(pair));
        let on_workload = metadata(self.body, "annotations");
        let on_pods = metadata(pod, "annotations");
        let both: Pairs =
            on_workload.iter().filter(|pair| on_pods.contains(pair)).cloned().collect();
        self.draft.set("annotations", map(&both));
        if self.is_process {
            return;
        }
        self.draft.set("labels", map(&own));
        let rest =
            |all: Pairs| -> Pairs { all.into_iter().filter(|pair| !both.contains(pair)).collect() };
        let said = self.draft.keys.get("metadata").and_then(Value::as_map);
        let mut kinds = said.cloned().unwrap_or_default();
        add(&mut kinds, self.kind, &apart, &rest(on_workload));
        add(&mut kinds, "Pod", &of_pod, &rest(on_pods));
        for (at, fate) in &self.draft.fates {
            if *at == self.group.workload || !matches!(fate, Fate::Same | Fate::Becomes { .. }) {
                continue;
            }
            let object = &self.world.all[*at].object;
            let mut labels = metadata(object.value(), "labels");
            labels.retain(|pair| !is_of_gen(&pair.0) && !own.contains(pair));
            let is_elsewhere = ELSEWHERE.contains(&object.kind());
            let annotations =
                if is_elsewhere { Pairs::new() } else { metadata(object.value(), "annotations") };
            // Those of monitors are the environment's.
            if object.kind() != "ServiceMonitor" {
                add(&mut kinds, object.kind(), &labels, &annotations);
            }
        }
        self.draft.set("metadata", Value::Map(kinds));
    }
}

fn map(pairs: &Pairs) -> Value {
    Value::Map(
        pairs.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str()))).collect(),
    )
}

fn add(kinds: &mut Map, kind: &str, labels: &Pairs, annotations: &Pairs) {
    for (field, pairs) in [("labels", labels), ("annotations", annotations)] {
        for (key, value) in pairs {
            kinds.map_at(kind).map_at(field).insert(key.as_str(), value.as_str());
        }
    }
}
