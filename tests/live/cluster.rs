//! The control plane that all tests of this program share.

#![allow(dead_code, reason = "each test uses a part of what several share")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::requests::{Caller, Kinds};
use crate::support::needs::tool;
use crate::support::text;
use crate::support::wait::until_every;

/// How long anything on the cluster may take. Far beyond what it does on a machine with nothing else to do.
pub const PATIENCE: Duration = Duration::from_mins(3);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User<'a> {
    /// Everything, as a member of `system:masters`.
    Admin,
    /// get, list and watch on everything, and nothing else.
    Reader,
    /// Only what every authenticated user may.
    Nobody,
    /// A service account, impersonated by the administrator: namespace and name.
    Account(&'a str, &'a str),
}

/// A running control plane.
pub struct Cluster {
    told: Value,
    runtime: Runtime,
    kinds: OnceLock<Kinds>,
    clients: [kube::Client; 3],
    // The supervisor ends everything when this closes, which it does however this program ends.
    _alive: ChildStdin,
    _supervisor: Child,
}

/// The control plane; skips the test where there is none.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    let program = tool("GEN_TEST_CLUSTER", "cluster")?;
    Some(CLUSTER.get_or_init(|| {
        let start = Instant::now();
        let cluster = Cluster::start(&program);
        println!("the control plane was up after {:?}", start.elapsed());
        cluster
    }))
}

impl Cluster {
    fn start(program: &Path) -> Self {
        let mut supervisor = Command::new(program)
            .arg("up")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let alive = supervisor.stdin.take().expect("a pipe");
        let mut line = String::new();
        let stdout = supervisor.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("UTF-8");
        let told: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("no control plane ({error}); what it said is above"));
        let runtime = Runtime::new().expect("a runtime");
        let clients = ["admin", "reader", "nobody"]
            .map(|role| client(&runtime, text(&told["kubeconfigs"], &format!("/{role}"))));
        Self {
            told,
            runtime,
            kinds: OnceLock::new(),
            clients,
            _alive: alive,
            _supervisor: supervisor,
        }
    }

    /// The path of a kubeconfig for a user of the control plane's own, with one context.
    pub fn kubeconfig(&self, user: User) -> &Path {
        let role = match user {
            User::Admin => "admin",
            User::Reader => "reader",
            User::Nobody => "nobody",
            User::Account(..) => panic!("a service account has no kubeconfig here"),
        };
        Path::new(text(&self.told["kubeconfigs"], &format!("/{role}")))
    }

    /// The context in every kubeconfig.
    pub fn context(&self) -> &str {
        text(&self.told, "/context")
    }

    /// The API server's address: `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        text(&self.told, "/url")
    }

    /// The authority that signed the API server's certificate, as PEM.
    pub fn authority(&self) -> &str {
        text(&self.told, "/ca")
    }

    /// The token of a user of the control plane's own.
    pub fn token(&self, role: &str) -> &str {
        text(&self.told["tokens"], &format!("/{role}"))
    }

    /// The folder with the servers' logs, `NAME.log`.
    pub fn logs(&self) -> &Path {
        Path::new(text(&self.told, "/logs"))
    }

    /// The process of a server, such as `kube-apiserver`.
    pub fn process(&self, server: &str) -> u32 {
        let all =
            std::fs::read(self.logs().join("processes.json")).expect("the servers' processes");
        let all: Value = serde_json::from_slice(&all).expect("JSON");
        let process = all[server].as_u64().expect("a server");
        u32::try_from(process).expect("a process")
    }

    /// Requests as somebody.
    pub fn as_user<'a>(&'a self, user: User<'a>) -> Caller<'a> {
        let client = match user {
            User::Admin | User::Account(..) => &self.clients[0],
            User::Reader => &self.clients[1],
            User::Nobody => &self.clients[2],
        };
        Caller::new(self, client, user)
    }

    /// Requests as the administrator.
    pub fn admin(&self) -> Caller<'_> {
        self.as_user(User::Admin)
    }

    /// What the API server serves, as it was when first asked for.
    pub fn kinds(&self) -> &Kinds {
        self.kinds.get_or_init(|| Kinds::discover(&self.admin()))
    }

    /// Waits for an answer.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Makes a namespace that no other test has, and names it.
    pub fn namespace(&self, prefix: &str) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{prefix}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.admin().create(&namespace).expect_ok();
        name
    }

    /// Has Flux look at every source now, and waits until it has: its source-controller offers new commits afterwards.
    pub fn poke(&self) {
        let address = text(&self.told, "/control").trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the stand-ins listen");
        write!(
            stream,
            "POST /poke HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .expect("it is read");
        // What fails there is said in the sources' status, where the tests look.
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
    }
}

fn client(runtime: &Runtime, kubeconfig: &str) -> kube::Client {
    let _entered = runtime.enter();
    let read = kube::config::Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
    let options = kube::config::KubeConfigOptions::default();
    let config = runtime
        .block_on(kube::Config::from_custom_kubeconfig(read, &options))
        .expect("a usable kubeconfig");
    kube::Client::try_from(config).expect("a client")
}

/// Asks again until there is an answer. Panics with what `otherwise` says when that takes too long.
#[track_caller]
pub fn eventually<T>(mut ask: impl FnMut() -> Option<T>, otherwise: impl Fn() -> String) -> T {
    until_every(Duration::from_millis(100), PATIENCE, &mut ask)
        .unwrap_or_else(|| panic!("after {PATIENCE:?}: {}", otherwise()))
}
