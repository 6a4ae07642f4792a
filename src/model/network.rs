//! Incoming and outgoing traffic of the app.

use serde::Serialize;

use crate::environment::{Gateway, Tls};
use crate::yaml::Value;

/// A port that the container listens on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u32,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The protocol inside it, if set.
    #[serde(rename = "appProtocol")]
    pub app_protocol: Option<String>,
    /// The sidecar that listens on it, if not the app.
    pub container: Option<String>,
    /// Its number on the pod's node, if set.
    #[serde(rename = "hostPort")]
    pub host_port: Option<u32>,
}

impl Port {
    /// Whether connections are opened to it, as by probes and HTTP.
    #[must_use]
    pub fn is_tcp(&self) -> bool {
        self.protocol == "TCP"
    }

    /// Whether gRPC is spoken on it.
    #[must_use]
    pub fn is_grpc(&self) -> bool {
        match &self.app_protocol {
            Some(protocol) => protocol == "grpc",
            None => self.name == "grpc" || self.name.starts_with("grpc-"),
        }
    }

    /// Whether TLS is spoken on it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        match &self.app_protocol {
            Some(protocol) => protocol == "https",
            None => self.name == "https" || self.name.starts_with("https-"),
        }
    }
}

/// A port of the Service, for the port of the container with the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u32,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The port on every node, if set.
    pub node_port: Option<u32>,
    /// The protocol inside it, if set.
    pub app_protocol: Option<String>,
}

/// The Service.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The type: `ClusterIP`, `NodePort` or `LoadBalancer`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Without an address of its own.
    pub headless: bool,
    /// What it offers.
    pub ports: Vec<ServicePort>,
    /// Other fields of its `spec`, in Kubernetes' shape.
    pub settings: Value,
    /// The fields about the families of its addresses, in the same shape.
    pub families: Value,
    /// Its annotations.
    pub annotations: Vec<(String, String)>,
    /// Its labels, besides those of every object.
    pub labels: Vec<(String, String)>,
}

impl Service {
    /// Whether it is reached from outside the cluster.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.kind != "ClusterIP"
    }

    /// The port with that name, if it is offered.
    #[must_use]
    pub fn port(&self, name: &str) -> Option<&ServicePort> {
        self.ports.iter().find(|port| port.name == name)
    }
}

/// The checks of the kubelet, as in a Container.
#[derive(Debug, Clone, Default, PartialEq, Hash, Serialize)]
pub struct Probes {
    /// At the start.
    pub start: Option<Value>,
    /// Liveness.
    pub health: Option<Value>,
    /// Readiness.
    pub ready: Option<Value>,
}

impl Probes {
    /// The paths of their HTTP requests.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let all = [&self.start, &self.health, &self.ready].into_iter().flatten();
        all.filter_map(|probe| probe.str_at(&["httpGet", "path"]))
    }
}

/// A path that leads to the app from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Path {
    /// The path.
    pub path: String,
    /// The type, as an Ingress has it.
    pub path_type: String,
    /// The process whose Service it leads to, by that name; the app's own if not set.
    pub service: Option<String>,
    /// The name of the port.
    pub port: String,
    /// The number of the Service's port.
    pub service_port: u32,
    /// What the app gets instead of the path.
    pub rewrite: Option<String>,
}

/// An Ingress or HTTPRoute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Its annotations.
    pub annotations: Vec<(String, String)>,
    /// Hosts and their paths. Those of an HTTPRoute have the same.
    pub hosts: Vec<(String, Vec<Path>)>,
    /// The hosts of its certificate.
    #[serde(rename = "tlsHosts")]
    pub tls_hosts: Vec<String>,
}

/// A rule of the app's NetworkPolicy.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Access {
    /// The ports, as in a NetworkPolicy.
    pub ports: Vec<Value>,
    /// The callers, as in a NetworkPolicy; everyone if not set.
    pub from: Option<Vec<Value>>,
}

/// A destination that the app is allowed to reach.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Egress {
    /// The namespace of a service.
    pub namespace: Option<String>,
    /// The app in it; all pods if not set.
    pub app: Option<String>,
    /// The labels of the app's pods, for each of its programs that has other ones.
    pub pods: Vec<Value>,
    /// An address range.
    pub cidr: Option<String>,
    /// Ranges within it that are not allowed.
    pub except: Vec<String>,
    /// The port, or the first of several.
    pub port: Option<u32>,
    /// The ports, as in a NetworkPolicy.
    pub ports: Vec<Value>,
}

impl Egress {
    /// A port for TCP of the pods in a namespace.
    #[must_use]
    pub fn in_namespace(namespace: &str, port: u32) -> Self {
        Self {
            namespace: Some(namespace.to_owned()),
            app: None,
            pods: Vec::new(),
            cidr: None,
            except: Vec::new(),
            port: Some(port),
            ports: vec![Value::from([("protocol", "TCP".into()), ("port", port.into())])],
        }
    }
}

/// Incoming and outgoing traffic of the app.
#[derive(Debug, Clone, Default, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// The number of its main port.
    pub port: Option<u32>,
    /// The name of its main port.
    pub main: Option<String>,
    /// All ports.
    pub ports: Vec<Port>,
    /// What offers them.
    pub service: Option<Service>,
    /// The liveness path, if the main port answers it.
    pub health: Option<String>,
    /// The readiness path, if the main port answers it.
    pub ready: Option<String>,
    /// The checks of the kubelet.
    pub probes: Probes,
    /// The path of its metrics.
    pub metrics: Option<String>,
    /// The name of the port with its metrics.
    pub metrics_port: Option<String>,
    /// How often they are read, and within what time.
    #[serde(rename = "metricsTimes")]
    pub metrics_times: (String, String),
    /// The external host name; the first of several.
    pub host: Option<String>,
    /// What leads to it from outside.
    pub routes: Vec<Route>,
    /// The Gateway of its HTTPRoutes; without one, they are Ingresses.
    pub gateway: Option<Gateway>,
    /// The IngressClass.
    pub ingress_class: Option<String>,
    /// Encryption.
    pub tls: Option<Tls>,
    /// Who may call it.
    pub access: Vec<Access>,
    /// Allowed destinations; everything if not set.
    pub egress: Option<Vec<Egress>>,
    /// Its address inside the cluster: `http://NAME.NAMESPACE.svc:PORT`.
    pub url: Option<String>,
}
