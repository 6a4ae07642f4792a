//! The Service.

use super::ports::{Port, Ports};
use super::saying::Saying;
use crate::import::draft::Fate;
use crate::import::world::pairs;
use crate::yaml::{Map, Value};

/// Fields that are keys of the same name, with the value that says nothing.
const SAME: [(&str, &str); 7] = [
    ("loadBalancerIP", ""),
    ("sessionAffinity", "None"),
    ("externalTrafficPolicy", "Cluster"),
    ("internalTrafficPolicy", "Cluster"),
    ("loadBalancerClass", ""),
    ("ipFamilyPolicy", ""),
    ("publishNotReadyAddresses", "false"),
];

impl Saying<'_> {
    pub(super) fn service(&mut self) {
        if matches!(self.kind, "CronJob" | "Job") {
            return;
        }
        let Some(at) = self.group.service else {
            if !self.ports.all.is_empty() && self.kind != "StatefulSet" {
                self.draft.set("service", "none");
            }
            return;
        };
        let body = self.world.body(at).clone();
        let text = |key: &str| body.str_at(&["spec", key]);
        let mut map = Map::default();
        let headless = text("clusterIP") == Some("None");
        let kind = text("type").unwrap_or("ClusterIP");
        let (port, node_port, ports) = self.offered(&body, headless);
        let name = body.str_at(&["metadata", "name"]).filter(|name| *name != self.group.name);
        map.push_some("name", name);
        map.push_some("port", port);
        if kind != "ClusterIP" && !headless {
            map.push("type", kind);
        }
        map.push_some("nodePort", node_port);
        if headless {
            map.push("headless", true);
        }
        for (key, default) in SAME {
            let value = body.at(&["spec", key]);
            let says =
                |value: &&Value| value.as_str() != Some(default) && value.to_string() != default;
            map.push_some(key, value.filter(says).cloned());
        }
        for key in ["loadBalancerSourceRanges", "ipFamilies"] {
            let items = body.list_at(&["spec", key]).to_vec();
            map.push_some(key, (!items.is_empty()).then_some(items));
        }
        for (name, value) in pairs(&body, &["metadata", "annotations"]) {
            map.map_at("annotations").push(name, value);
        }
        if !ports.is_empty() {
            map.push("ports", Value::Map(ports));
        }
        self.draft.set("service", Value::Map(map));
        self.draft.fate(at, Fate::Same);
    }

    /// The main port's number and that on the nodes, and what differs of the others.
    fn offered(&self, body: &Value, headless: bool) -> (Option<Value>, Option<Value>, Map) {
        let offered = body.list_at(&["spec", "ports"]);
        let main = self.ports.main().or(self.ports.all.first()).map(|port| port.name.clone());
        let (mut number, mut node, mut others) = (None, None, Map::default());
        for port in &self.ports.all {
            let Some(found) = offered.iter().find(|one| Ports::leads_to(one, port)) else {
                others.push(port.name.as_str(), "none");
                continue;
            };
            let own = found.get("port").filter(|own| own.as_int() != Some(port.number));
            let own = own.filter(|_| !headless).cloned();
            let on_nodes = found.get("nodePort").filter(|port| port.as_int() != Some(0)).cloned();
            if main.as_deref() == Some(port.name.as_str()) {
                (number, node) = (own, on_nodes);
            } else {
                let value = other(own, on_nodes);
                others.push_some(port.name.as_str(), value);
            }
        }
        (number, node, others)
    }

    /// The port that a number or name of the Service means.
    pub(super) fn behind(&self, service: &Value, port: &Value) -> Option<&Port> {
        let offered = service.list_at(&["spec", "ports"]);
        let found = offered.iter().find(|one| match port {
            Value::Int(number) => one.get("port").and_then(Value::as_int) == Some(*number),
            Value::Str(name) => one.str_at(&["name"]) == Some(name),
            _ => false,
        })?;
        self.ports.all.iter().find(|one| Ports::leads_to(found, one))
    }
}

fn other(port: Option<Value>, on_nodes: Option<Value>) -> Option<Value> {
    let mut map = Map::default();
    map.push_some("port", port);
    map.push_some("nodePort", on_nodes);
    if map.is_empty() {
        return None;
    }
    Some(super::saying::short(map, "port").unwrap_or_else(Value::Map))
}
