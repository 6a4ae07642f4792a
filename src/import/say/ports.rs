//! The ports of a program, each with the one name by which the spec knows it.

use crate::yaml::Value;

/// A port of a container.
#[derive(Debug, Clone)]
pub(super) struct Port {
    /// Its name in the spec, which is that of the Service's port, if there is one.
    pub(super) name: String,
    /// The number.
    pub(super) number: i64,
    /// `TCP`, `UDP` or `SCTP`.
    pub(super) protocol: String,
    /// The sidecar that listens, if not the app itself.
    pub(super) container: Option<String>,
    /// The protocol inside it.
    pub(super) app_protocol: Option<String>,
    /// Its name in the container, if it has one.
    pub(super) own_name: Option<String>,
    /// Its number on the node, if it has one.
    pub(super) on_node: Option<i64>,
}

/// All ports of a pod.
#[derive(Debug, Clone, Default)]
pub(super) struct Ports {
    pub(super) all: Vec<Port>,
}

impl Ports {
    /// Reads them from the containers, and from the Service what the containers do not tell.
    pub(super) fn read(
        containers: &[Value],
        init: &[Value],
        main: &Value,
        service: Option<&Value>,
    ) -> Self {
        let mut ports = Self::default();
        let helpers = containers.iter().chain(init).filter(|one| *one != main);
        for container in std::iter::once(main).chain(helpers) {
            let of_helper = (container != main).then(|| container.str_at(&["name"])).flatten();
            for port in container.list_at(&["ports"]) {
                let Some(number) = port.get("containerPort").and_then(Value::as_int) else {
                    continue;
                };
                ports.all.push(Port {
                    name: String::new(),
                    number,
                    protocol: port.str_at(&["protocol"]).unwrap_or("TCP").to_owned(),
                    container: of_helper.map(str::to_owned),
                    app_protocol: None,
                    own_name: port.str_at(&["name"]).map(str::to_owned),
                    on_node: port.get("hostPort").and_then(Value::as_int).filter(|it| *it > 0),
                });
            }
        }
        let offered = service.map(|service| service.list_at(&["spec", "ports"]));
        ports.undeclared(offered.unwrap_or_default());
        ports.named(offered.unwrap_or_default());
        ports
    }

    /// A container need not declare what it listens on.
    fn undeclared(&mut self, offered: &[Value]) {
        for port in offered {
            let number = target(port).and_then(|(_, number)| number);
            let protocol = port.str_at(&["protocol"]).unwrap_or("TCP");
            let is_there = |one: &Port| Some(one.number) == number && one.protocol == protocol;
            if let (Some(number), false) = (number, self.all.iter().any(is_there)) {
                self.all.push(Port {
                    name: String::new(),
                    number,
                    protocol: protocol.to_owned(),
                    container: None,
                    app_protocol: None,
                    own_name: None,
                    on_node: None,
                });
            }
        }
    }

    /// Gives each a name: that of the Service's port, else its own, else one by its number.
    fn named(&mut self, offered: &[Value]) {
        let only = self.all.len() == 1;
        let mut taken: Vec<String> = Vec::new();
        for at in 0..self.all.len() {
            let port = &self.all[at];
            let of_service = offered.iter().find(|one| Self::leads_to(one, port));
            let app_protocol = of_service.and_then(|one| one.str_at(&["appProtocol"]));
            let app_protocol = app_protocol.map(str::to_owned);
            let service_name =
                of_service.and_then(|one| one.str_at(&["name"])).filter(|name| is_port_name(name));
            let candidates = [
                service_name.map(str::to_owned),
                port.own_name.clone(),
                (only || !taken.iter().any(|name| name == "http") && port.protocol == "TCP")
                    .then(|| "http".to_owned()),
                Some(format!("port-{}", port.number)),
                Some(format!("{}-{}", port.protocol.to_lowercase(), port.number)),
            ];
            let free = |name: &String| !taken.contains(name);
            let name = candidates.into_iter().flatten().find(free).unwrap_or_default();
            taken.push(name.clone());
            self.all[at].name = name;
            self.all[at].app_protocol = app_protocol;
        }
    }

    /// Whether a Service's port leads to this one.
    pub(super) fn leads_to(offered: &Value, port: &Port) -> bool {
        let protocol = offered.str_at(&["protocol"]).unwrap_or("TCP");
        protocol == port.protocol
            && match target(offered) {
                Some((_, Some(number))) => number == port.number,
                Some((Some(name), None)) => port.own_name.as_deref() == Some(name),
                _ => false,
            }
    }

    /// The main one: `http`, or the first for TCP.
    pub(super) fn main(&self) -> Option<&Port> {
        let mut tcp = self.all.iter().filter(|port| port.protocol == "TCP");
        tcp.clone().find(|port| port.name == "http").or_else(|| tcp.next())
    }

    /// The port that a probe or route means by name or number.
    pub(super) fn find(&self, port: &Value) -> Option<&Port> {
        match port {
            Value::Int(number) => self.all.iter().find(|one| one.number == *number),
            Value::Str(name) => {
                let by_number = name.parse::<i64>().ok();
                self.all.iter().find(|one| {
                    one.own_name.as_deref() == Some(name) || by_number == Some(one.number)
                })
            }
            _ => None,
        }
    }
}

/// Whether the spec takes it as the name of a port.
fn is_port_name(name: &str) -> bool {
    name.len() <= 15
}

/// Name or number of the container's port that a Service's port leads to.
pub(super) fn target(port: &Value) -> Option<(Option<&str>, Option<i64>)> {
    match port.get("targetPort") {
        Some(Value::Str(name)) => match name.parse::<i64>() {
            Ok(number) => Some((None, Some(number))),
            Err(_) => Some((Some(name), None)),
        },
        Some(Value::Int(number)) => Some((None, Some(*number))),
        _ => Some((None, Some(port.get("port")?.as_int()?))),
    }
}
