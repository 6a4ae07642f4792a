//! A server on loopback that answers as an API server would: kinds, names, ConfigMaps and reviews of rights, as a test sets them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use crate::support::loopback::{Asked, Server};

/// What a cluster has and allows.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The kinds of each API version.
    pub kinds: BTreeMap<&'static str, Vec<&'static str>>,
    /// Objects: the path of their list, and their names.
    pub names: BTreeMap<String, BTreeSet<&'static str>>,
    /// The class that is the default.
    pub default_class: Option<&'static str>,
    /// `data` of ConfigMaps, by path.
    pub settings: BTreeMap<&'static str, Value>,
    /// What accounts may do: `shop/deploy get deployments.apps shop`, a `*` for anything behind it.
    pub rights: BTreeSet<String>,
    /// Roles and bindings, by the path of their list.
    pub roles: BTreeMap<&'static str, Vec<Value>>,
    /// Methods and beginnings of paths that are Forbidden.
    pub forbidden: Vec<(&'static str, &'static str)>,
}

impl World {
    /// A server that answers as this cluster.
    pub fn serve(self) -> Server {
        Server::start(move |asked, body| {
            let (status, answer) = self.answer(asked, body);
            (status, answer.to_string())
        })
    }

    fn answer(&self, asked: &Asked, body: &Value) -> (u16, Value) {
        let (method, path) = asked.line.split_once(' ').expect("a method and a path");
        let path = path.split('?').next().unwrap_or_default();
        let is_it = |(of, prefix): &(&str, &str)| *of == method && path.starts_with(prefix);
        if self.forbidden.iter().any(is_it) {
            let text = format!("{path} is forbidden");
            return (
                403,
                json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": text}),
            );
        }
        if method == "POST" {
            return (201, self.review(asked, body));
        }
        let version = path.trim_start_matches("/apis/").trim_start_matches("/api/");
        if let Some(kinds) = self.kinds.get(version) {
            let kinds: Vec<Value> = kinds
                .iter()
                .map(|kind| json!({"name": kind.to_ascii_lowercase(), "kind": kind, "namespaced": true}))
                .collect();
            return (
                200,
                json!({"kind": "APIResourceList", "groupVersion": version, "resources": kinds}),
            );
        }
        if let Some(data) = self.settings.get(path) {
            return (200, json!({"kind": "ConfigMap", "apiVersion": "v1", "data": data}));
        }
        if let Some(roles) = self.roles.get(path) {
            let kind = format!("{}List", roles[0]["kind"].as_str().expect("a kind"));
            let api = "rbac.authorization.k8s.io/v1";
            return (200, json!({"kind": kind, "apiVersion": api, "metadata": {}, "items": roles}));
        }
        if asked.accept.contains("as=PartialObjectMetadataList") {
            let items: Vec<Value> = self.listed(path);
            return (
                200,
                json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": items}),
            );
        }
        let (list, name) = path.rsplit_once('/').expect("a path");
        if self.names.get(list).is_some_and(|names| names.contains(name)) {
            // Whoever asks for the whole of it gets more than a name.
            let is_name = asked.accept.contains("as=PartialObjectMetadata;");
            let kind = if is_name { "PartialObjectMetadata" } else { "Secret" };
            return (
                200,
                json!({"kind": kind, "apiVersion": "meta.k8s.io/v1", "metadata": {"name": name}}),
            );
        }
        (
            404,
            json!({"kind": "Status", "code": 404, "reason": "NotFound", "details": {"name": name}}),
        )
    }

    /// The objects of a list, also of one over all namespaces.
    fn listed(&self, path: &str) -> Vec<Value> {
        let plural = path.rsplit('/').next().unwrap_or_default();
        let mut items = Vec::new();
        for (list, names) in &self.names {
            let namespace =
                list.split("/namespaces/").nth(1).and_then(|rest| rest.split('/').next());
            let namespace = namespace.filter(|_| !list.ends_with("/namespaces"));
            let is_it = list == path
                || !path.contains("/namespaces/") && list.ends_with(&format!("/{plural}"));
            for name in names.iter().filter(|_| is_it) {
                let is_default = self.default_class == Some(name) && plural == "storageclasses";
                let annotations = if is_default {
                    json!({"storageclass.kubernetes.io/is-default-class": "true"})
                } else {
                    json!({})
                };
                let metadata =
                    json!({"name": name, "namespace": namespace, "annotations": annotations});
                items.push(json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}));
            }
        }
        items
    }

    fn review(&self, asked: &Asked, body: &Value) -> Value {
        let spec = &body["spec"];
        let user = spec["user"].as_str().unwrap_or(&asked.user);
        let account = user.trim_start_matches("system:serviceaccount:").replace(':', "/");
        let of = |key: &str| spec["resourceAttributes"][key].as_str().unwrap_or_default();
        let dot = if of("group").is_empty() { "" } else { "." };
        let slash = if of("subresource").is_empty() { "" } else { "/" };
        let question = format!(
            "{account} {} {}{slash}{}{dot}{} {}",
            of("verb"),
            of("resource"),
            of("subresource"),
            of("group"),
            of("name")
        );
        let matches = |right: &String| match right.strip_suffix('*') {
            Some(prefix) => question.starts_with(prefix),
            None => question.trim_end() == right,
        };
        json!({
            "kind": body["kind"], "apiVersion": body["apiVersion"],
            "status": {"allowed": self.rights.iter().any(matches)},
        })
    }
}
