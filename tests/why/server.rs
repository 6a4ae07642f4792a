//! A server on loopback that answers with the objects and logs that a test gives it, as an API server would.

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use crate::support::loopback::Server;

/// What a cluster has and allows.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Objects by the path of their list in their namespace.
    pub lists: BTreeMap<String, Vec<Value>>,
    /// Logs, by the path of the pod.
    pub logs: BTreeMap<String, String>,
    /// Plurals that may not be read.
    pub forbidden: Vec<&'static str>,
}

impl World {
    /// Adds objects written as YAML documents; what Kubernetes calls their list is in `plurals`.
    pub fn add(mut self, group_version: &str, plural: &str, object: Value) -> Self {
        let namespace = object["metadata"]["namespace"].as_str().expect("a namespace");
        let root = if group_version.contains('/') { "apis" } else { "api" };
        let path = format!("/{root}/{group_version}/namespaces/{namespace}/{plural}");
        self.lists.entry(path).or_default().push(object);
        self
    }
}

impl World {
    /// A server that answers as this cluster.
    pub fn serve(self) -> Server {
        Server::start(move |asked, _| self.answer(&asked.line))
    }

    fn answer(&self, asked: &str) -> (u16, String) {
        let (method, path) = asked.split_once(' ').expect("a method and a path");
        assert_eq!(method, "GET", "{asked}");
        let path = path.split('?').next().unwrap_or_default();
        let status = |code: u16, reason: &str| {
            (
                code,
                json!({"kind": "Status", "code": code, "reason": reason, "message": reason})
                    .to_string(),
            )
        };
        let plural = path.rsplit('/').next().unwrap_or_default();
        if self.forbidden.contains(&plural) {
            return status(403, "Forbidden");
        }
        if let Some(text) = path.strip_suffix("/log").and_then(|pod| self.logs.get(pod)) {
            return (200, text.clone());
        }
        // A list over all namespaces holds those of each.
        let is_of = |of: &&String| {
            **of == path
                || (!path.contains("/namespaces/")
                    && of.ends_with(&format!("/{plural}"))
                    && of.starts_with(path.trim_end_matches(plural)))
        };
        let items: Vec<&Value> =
            self.lists.iter().filter(|(of, _)| is_of(of)).flat_map(|(_, all)| all).collect();
        match items.first() {
            Some(first) => {
                let list = json!({
                    "kind": format!("{}List", first["kind"].as_str().expect("a kind")),
                    "apiVersion": first["apiVersion"],
                    "metadata": {},
                    "items": items,
                });
                (200, list.to_string())
            }
            None => status(404, "NotFound"),
        }
    }
}
