//! A server on loopback that answers as an API server would: kinds, names, ConfigMaps and reviews of rights, as a test sets them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

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

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: String,
    pub accept: String,
    pub user: String,
}

/// The server. Its thread ends with the test program.
pub struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (world, asked) = (Arc::new(world), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (world, noted) = (Arc::clone(&world), Arc::clone(&noted));
                std::thread::spawn(move || serve(&stream, &world, &noted));
            }
        });
        Self { address, asked }
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics with it").clone()
    }

    pub fn kubeconfig(&self) -> String {
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.address}}],
            "users": [{"name": "u", "user": {"token": "canary-token"}}],
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "here",
        })
        .to_string()
    }
}

fn serve(stream: &TcpStream, world: &World, noted: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let (mut accept, mut user, mut length) = (String::new(), String::new(), 0);
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) <= 2 {
                break;
            }
            let (name, value) = header.split_once(':').expect("a header");
            match name.to_ascii_lowercase().as_str() {
                "accept" => value.trim().clone_into(&mut accept),
                "impersonate-user" => value.trim().clone_into(&mut user),
                "content-length" => length = value.trim().parse().expect("a number"),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
        let asked = Asked { line, accept, user };
        let (status, answer) = world.answer(&asked, &body);
        noted.lock().expect("no test panics with it").push(asked);
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        let mut stream = stream;
        if stream.write_all(format!("{head}{text}").as_bytes()).is_err() {
            return;
        }
    }
}

impl World {
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
