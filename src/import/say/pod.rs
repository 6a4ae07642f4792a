//! Where pods run, and what they see beside their containers.

use super::saying::Saying;
use crate::yaml::{Map, Value};

/// Fields that are keys with a text.
const TEXTS: [(&str, &str); 3] = [
    ("priority", "priorityClassName"),
    ("runtimeClass", "runtimeClassName"),
    ("scheduler", "schedulerName"),
];

/// The word for when a node pulls the image of a container, if that is not what it does anyway.
pub(super) fn pull(container: &Value) -> Option<&'static str> {
    let image = container.str_at(&["image"]).unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or(image);
    let is_latest = !image.contains('@') && (!last.contains(':') || last.ends_with(":latest"));
    match container.str_at(&["imagePullPolicy"])? {
        "Always" if !is_latest => Some("always"),
        "IfNotPresent" if is_latest => Some("missing"),
        "Never" => Some("never"),
        _ => None,
    }
}

impl Saying<'_> {
    pub(super) fn pod_settings(&mut self) {
        let pod = self.pod;
        let text = |key: &str| pod.str_at(&[key]);
        let mut placement = Map::default();
        let mut nodes: Map =
            pod.get("nodeSelector").and_then(Value::as_map).cloned().unwrap_or_default();
        placement.push_some("arch", nodes.remove("kubernetes.io/arch"));
        placement.push_some("nodeSelector", (!nodes.is_empty()).then_some(nodes));
        let tolerations: Vec<Value> =
            pod.list_at(&["tolerations"]).iter().map(toleration).collect();
        placement.push_some("tolerations", (!tolerations.is_empty()).then_some(tolerations));
        placement.push_some("affinity", pod.get("affinity").cloned());
        let spread = pod.list_at(&["topologySpreadConstraints"]);
        if let Some(spread) = spread.iter().map(spread_over).collect::<Option<Vec<Value>>>()
            && !spread.is_empty()
        {
            placement.push("spread", Value::Seq(spread));
        }
        self.draft.set("placement", Value::Map(placement));
        for (key, field) in TEXTS {
            self.draft.set_some(key, text(field));
        }
        let mut dns = Map::default();
        let network = pod.get("hostNetwork").is_some_and(Value::is_true);
        let usual = if network { "ClusterFirstWithHostNet" } else { "ClusterFirst" };
        dns.push_some("policy", text("dnsPolicy").filter(|policy| *policy != usual));
        for (key, field) in [("servers", "nameservers"), ("searches", "searches")] {
            let items = pod.list_at(&["dnsConfig", field]).to_vec();
            dns.push_some(key, (!items.is_empty()).then_some(items));
        }
        for option in pod.list_at(&["dnsConfig", "options"]) {
            if let Some(name) = option.str_at(&["name"]) {
                let value = option.get("value").cloned().unwrap_or_else(|| "".into());
                dns.map_at("options").push(name.to_owned(), value);
            }
        }
        self.draft.set("dns", Value::Map(dns));
        let mut hosts = Map::default();
        for alias in pod.list_at(&["hostAliases"]) {
            let ip = alias.str_at(&["ip"]).unwrap_or_default();
            for name in alias.list_at(&["hostnames"]).iter().filter_map(Value::as_str) {
                hosts.insert(name, ip);
            }
        }
        self.draft.set("hostAliases", Value::Map(hosts));
        if pod.get("enableServiceLinks").is_some_and(Value::is_true) {
            self.draft.set("serviceLinks", true);
        }
        if pod.get("shareProcessNamespace").is_some_and(Value::is_true) {
            self.draft.set("shareProcesses", true);
        }
        self.draft.set_some("hostname", text("hostname"));
        let grace = pod.get("terminationGracePeriodSeconds").and_then(Value::as_int);
        self.draft.set_some("grace", grace.filter(|grace| *grace != 30));
        self.draft.set_some("pull", pull(self.main));
        let policy = self.main.str_at(&["terminationMessagePolicy"]);
        self.draft.set_some("terminationMessagePolicy", policy.filter(|policy| *policy != "File"));
    }
}

fn toleration(toleration: &Value) -> Value {
    let mut map = Map::default();
    map.push_some("key", toleration.str_at(&["key"]));
    map.push_some("value", toleration.str_at(&["value"]).filter(|value| !value.is_empty()));
    map.push_some("effect", toleration.str_at(&["effect"]));
    map.push_some("seconds", toleration.get("tolerationSeconds").cloned());
    Value::Map(map)
}

/// A constraint over the pods of the app itself, as the spec has it.
fn spread_over(constraint: &Value) -> Option<Value> {
    let mut map = Map::default();
    map.push(
        "over",
        match constraint.str_at(&["topologyKey"])? {
            "kubernetes.io/hostname" => "node",
            "topology.kubernetes.io/zone" => "zone",
            label => label,
        },
    );
    let skew = constraint.get("maxSkew").and_then(Value::as_int);
    map.push_some("skew", skew.filter(|skew| *skew != 1));
    if constraint.str_at(&["whenUnsatisfiable"]) == Some("DoNotSchedule") {
        map.push("required", true);
    }
    Some(super::saying::short(map, "over").unwrap_or_else(Value::Map))
}
