//! A server on loopback that answers with the objects and logs that a test gives it, as an API server would.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

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

/// The server. Its thread ends with the test program.
pub struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
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

    /// The requests so far: method and path.
    pub fn asked(&self) -> Vec<String> {
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

fn serve(stream: &TcpStream, world: &World, noted: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) <= 2 {
                break;
            }
        }
        let asked = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
        let (status, text) = world.answer(&asked);
        noted.lock().expect("no test panics with it").push(asked);
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
