//! A connection, from a kubeconfig and a context.

use std::path::PathBuf;
use std::time::Duration;

use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::ConfigExt as _;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use tokio::runtime::{Builder, Runtime};
use tower::{BoxError, ServiceBuilder};

use super::cause::{credential_problem, root_cause};
use crate::diagnostics::ClusterError;

/// The time limit for connecting.
const CONNECT: Duration = Duration::from_secs(10);

/// The cluster to use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The kubeconfig; none for the files of KUBECONFIG, else `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context; none for the kubeconfig's current one.
    pub context: Option<String>,
}

impl Target {
    /// Whether somebody said which cluster, with a kubeconfig or a context.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.kubeconfig.is_some() || self.context.is_some()
    }

    /// The same, with this context if it names none.
    #[must_use]
    pub fn or(&self, context: Option<&String>) -> Self {
        Self {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.as_ref().or(context).cloned(),
        }
    }
}

/// A connection to a cluster, with its threads, which end with it.
pub struct Connection {
    pub(super) client: Client,
    /// The server's address, for messages.
    pub(super) server: String,
    runtime: Option<Runtime>,
}

impl Connection {
    /// Reads the kubeconfig. No request is sent yet, but its credential plugin may run.
    ///
    /// # Errors
    /// GEN0901 to GEN0904 and GEN0906.
    pub fn open(target: &Target) -> Result<Self, ClusterError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, |n| n.get().min(4)))
            .thread_name("gen-cluster")
            .enable_all()
            .build()
            .map_err(|error| ClusterError::Credentials { problem: error.to_string() })?;
        let config = runtime.block_on(configure(target))?;
        let server = config.cluster_url.to_string();
        let server = server.trim_end_matches('/').to_owned();
        // The connector uses the runtime that it is created in.
        let client = {
            let _inside = runtime.enter();
            client(config).map_err(|error| match error {
                kube::Error::Auth(error) => {
                    ClusterError::Credentials { problem: credential_problem(&error) }
                }
                other => ClusterError::Tls { server: server.clone(), problem: root_cause(&other) },
            })?
        };
        Ok(Self { client, server, runtime: Some(runtime) })
    }

    /// Runs a future to its end.
    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime
            .as_ref()
            .expect("there is a runtime until the connection is dropped")
            .block_on(future)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A hanging credential plugin must not block the exit.
            runtime.shutdown_background();
        }
    }
}

async fn configure(target: &Target) -> Result<Config, ClusterError> {
    let mut config = if is_in_pod(target) {
        // The service account of the pod, which kubectl uses too if there is no kubeconfig.
        let config = Config::incluster();
        config.map_err(|error| ClusterError::Credentials { problem: error.to_string() })?
    } else {
        let path = shown(target);
        let kubeconfig =
            target.kubeconfig.as_ref().map_or_else(Kubeconfig::read, Kubeconfig::read_from);
        let kubeconfig = kubeconfig.map_err(|error| kubeconfig_problem(&path, &error, &[]))?;
        let contexts: Vec<String> =
            kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
        let options =
            KubeConfigOptions { context: target.context.clone(), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        config.map_err(|error| kubeconfig_problem(&path, &error, &contexts))?
    };
    config.connect_timeout = Some(CONNECT);
    // gen retries requests itself, to keep its time limit.
    config.default_retry = false;
    Ok(config)
}

/// kube's client, but for one thing: what is written is sent at once. Nagle's algorithm would hold the first request of each
/// connection back until the server has acknowledged the end of the handshake, for which it may take 40 ms.
fn client(config: Config) -> kube::Result<Client> {
    if config.proxy_url.is_some() {
        return Client::try_from(config);
    }
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    let mut connector =
        TimeoutConnector::new(config.rustls_https_connector_with_connector(connector)?);
    connector.set_connect_timeout(config.connect_timeout);
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(legacy::Client::builder(TokioExecutor::new()).build(connector));
    Ok(Client::new(service, config.default_namespace))
}

/// Whether the program runs in a pod and uses the pod's own cluster: there is no kubeconfig, and a context in
/// the spec belongs to a person's machine.
fn is_in_pod(target: &Target) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let has_file = home.is_some_and(|home| home.join(".kube/config").exists());
    target.kubeconfig.is_none()
        && is_set("KUBERNETES_SERVICE_HOST")
        && !is_set("KUBECONFIG")
        && !has_file
}

/// A description of the kubeconfig.
fn shown(target: &Target) -> String {
    if let Some(path) = &target.kubeconfig {
        return path.display().to_string();
    }
    match std::env::var("KUBECONFIG") {
        Ok(files) if !files.is_empty() => files,
        _ => "~/.kube/config".to_owned(),
    }
}

fn kubeconfig_problem(path: &str, error: &KubeconfigError, contexts: &[String]) -> ClusterError {
    let path = path.to_owned();
    match error {
        KubeconfigError::FindPath => ClusterError::NoKubeconfig { path },
        KubeconfigError::ReadConfig(io, file) if io.kind() == std::io::ErrorKind::NotFound => {
            ClusterError::NoKubeconfig { path: file.display().to_string() }
        }
        KubeconfigError::LoadContext(name) => {
            let known = contexts.join(", ");
            let hint = match contexts {
                [] => "it has no contexts".to_owned(),
                _ => format!("it has {known}; set `context:` in the environment, or `--context`"),
            };
            ClusterError::NoContext { name: name.clone(), hint }
        }
        // The parser quotes what it read, which may be a token.
        KubeconfigError::Parse(_) => {
            ClusterError::BadKubeconfig { path, problem: "it cannot be parsed".to_owned() }
        }
        other => ClusterError::BadKubeconfig { path, problem: other.to_string() },
    }
}
