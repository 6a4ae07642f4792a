//! A server on loopback that answers as an API server would: objects by path, as a test sets them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::wait::until;

/// Path → status and answer.
type Answers = Arc<Mutex<BTreeMap<String, (u16, Value)>>>;

/// The server. Its thread ends with the test program.
pub struct Server {
    address: String,
    answers: Answers,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// One that knows no object.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = Answers::default();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (known, noted) = (Arc::clone(&answers), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (known, noted) = (Arc::clone(&known), Arc::clone(&noted));
                std::thread::spawn(move || serve(&stream, &known, &noted));
            }
        });
        Self { address, answers, asked }
    }

    /// What it answers for a path from now on.
    pub fn set(&self, path: &str, status: u16, value: Value) {
        let mut answers = self.answers.lock().expect("no test panics with it");
        answers.insert(path.to_owned(), (status, value));
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics with it").clone()
    }

    /// Waits until a path has been asked for twice from now on.
    pub fn is_asked_again(&self, path: &str) {
        let line = format!("GET {path}");
        let count = || self.asked().iter().filter(|asked| **asked == line).count();
        let before = count();
        let is_asked = until(Duration::from_mins(1), || count() >= before + 2);
        assert!(is_asked, "nobody asks for {path}: {:?}", self.asked());
    }

    /// A kubeconfig with this server as its current context, and as the context `other`.
    pub fn kubeconfig(&self) -> String {
        let context = |name: &str| json!({"name": name, "context": {"cluster": "c", "user": "u"}});
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.address}}],
            "users": [{"name": "u", "user": {"token": "canary-token"}}],
            "contexts": [context("here"), context("other")],
            "current-context": "here",
        })
        .to_string()
    }
}

fn serve(stream: &TcpStream, answers: &Answers, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        while reader.read_line(&mut header).unwrap_or(0) > 2 {
            header.clear();
        }
        let mut words = line.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        asked.lock().expect("no test panics with it").push(format!("{method} {path}"));
        let found = answers.lock().expect("no test panics with it").get(path).cloned();
        let nothing = || (404, json!({"kind": "Status", "code": 404, "reason": "NotFound"}));
        let (status, value) = found.unwrap_or_else(nothing);
        let body = value.to_string();
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = stream;
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The path of a Kustomization.
pub fn kustomization_path(name: &str) -> String {
    format!("/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/{name}")
}

/// A Kustomization that has applied a commit.
pub fn kustomization(name: &str, commit: &str) -> Value {
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "status": {"lastAppliedRevision": format!("main@sha1:{commit}")},
    })
}

/// The path of a Deployment.
pub fn deployment_path(namespace: &str, name: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
}

/// A Deployment of one pod that runs an image.
pub fn deployment(namespace: &str, name: &str, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "generation": 1},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": name, "image": image}]}}},
        "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
    })
}
