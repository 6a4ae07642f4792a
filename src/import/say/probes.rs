//! What the kubelet asks the containers.

use super::ports::{Port, Ports};
use super::saying::{Saying, short};
use super::{duration, literals};
use crate::yaml::{Map, Value};

/// Times of a check if the spec does not give them: between two checks, and how many failures count.
struct Usual {
    every: i64,
    failures: i64,
}

const HEALTH: Usual = Usual { every: 10, failures: 3 };
const READY: Usual = Usual { every: 5, failures: 2 };
const START: Usual = Usual { every: 5, failures: 30 };

/// The keys, with the fields of a container.
const CHECKS: [(&str, &str, Usual); 3] = [
    ("health", "livenessProbe", HEALTH),
    ("ready", "readinessProbe", READY),
    ("start", "startupProbe", START),
];

impl Saying<'_> {
    pub(super) fn checks(&mut self) {
        if matches!(self.kind, "CronJob" | "Job") {
            return;
        }
        let main = self.ports.main().map(|port| port.name.clone());
        let own = Ports {
            all: self.ports.all.iter().filter(|port| port.container.is_none()).cloned().collect(),
        };
        let health = self.main.get("livenessProbe");
        for (key, field, usual) in CHECKS {
            let Some(probe) = self.main.get(field) else { continue };
            let as_health = (key == "ready" || key == "start").then_some(health).flatten();
            let value = said(probe, &own, main.as_deref(), &usual, as_health);
            if let Some(value) = value {
                self.draft.set(key, value);
            }
        }
        // A check of an open port opens no port that is for datagrams.
        if self.main.get("livenessProbe").is_none() && !own.all.is_empty() && own.main().is_none() {
            return;
        }
        let stop = self.main.at(&["lifecycle", "preStop"]);
        if let Some(stop) = stop {
            let exec = literals(stop.list_at(&["exec", "command"]));
            let sleep = stop.at(&["sleep", "seconds"]).and_then(Value::as_int);
            if !exec.is_empty() {
                self.draft.set("preStop", Value::from([("exec", Value::Seq(exec))]));
            } else if let Some(time) = sleep {
                self.draft.set("preStop", Value::from([("sleep", duration(time).into())]));
            }
        }
    }

    /// The checks of a sidecar.
    pub(super) fn checks_of(&self, container: &Value, name: &str, map: &mut Map) {
        let of_it = self.ports.all.iter().filter(|port| port.container.as_deref() == Some(name));
        let own = Ports { all: of_it.cloned().collect() };
        let main = own.main().map(|port| port.name.clone());
        for (key, field, usual) in CHECKS {
            let Some(probe) = container.get(field) else { continue };
            map.push_some(key, said(probe, &own, main.as_deref(), &usual, None));
        }
    }
}

/// A check in the words of the spec; nothing if it is the one that gen makes of `health`.
fn said(
    probe: &Value,
    ports: &Ports,
    main: Option<&str>,
    usual: &Usual,
    health: Option<&Value>,
) -> Option<Value> {
    let mut map = Map::default();
    let same = health.is_some_and(|health| handler(probe) == handler(health));
    if !same {
        // Without a word about it, the request would be that of `health`.
        let is_open_port = health.is_some() && probe.get("tcpSocket").is_some();
        map.push_some("tcp", is_open_port.then_some(true));
        asked(probe, ports, main, &mut map);
    }
    let number = |key: &str| probe.get(key).and_then(Value::as_int);
    let delay = number("initialDelaySeconds").filter(|time| *time != 0);
    let every = number("periodSeconds").filter(|time| *time != usual.every);
    let usual_timeout = match health.filter(|_| same) {
        Some(health) => health.get("timeoutSeconds").and_then(Value::as_int).unwrap_or(3),
        None => 3,
    };
    let timeout = number("timeoutSeconds").filter(|time| *time != usual_timeout);
    map.push_some("delay", delay.map(duration));
    map.push_some("every", every.map(duration));
    map.push_some("timeout", timeout.map(duration));
    map.push_some("failures", number("failureThreshold").filter(|count| *count != usual.failures));
    map.push_some("success", number("successThreshold").filter(|count| *count != 1));
    if map.is_empty() && same {
        return None;
    }
    if map.is_empty() {
        map.push("tcp", true);
    }
    Some(short(map, "path").unwrap_or_else(Value::Map))
}

fn handler(probe: &Value) -> Vec<Option<&Value>> {
    ["httpGet", "exec", "grpc", "tcpSocket"].map(|key| probe.get(key)).to_vec()
}

fn asked(probe: &Value, ports: &Ports, main: Option<&str>, map: &mut Map) {
    // A port that is declared has a name; the main one needs none.
    let port = |value: Option<&Value>| -> Option<Value> {
        let value = value?;
        match ports.find(value) {
            Some(Port { name, .. }) if Some(name.as_str()) == main => None,
            Some(port) => Some(port.name.as_str().into()),
            None => Some(match value.as_str().and_then(|text| text.parse::<i64>().ok()) {
                Some(number) => number.into(),
                None => value.clone(),
            }),
        }
    };
    if let Some(get) = probe.get("httpGet") {
        map.push("path", get.str_at(&["path"]).unwrap_or("/"));
        map.push_some("port", port(get.get("port")));
        map.push_some("scheme", get.str_at(&["scheme"]).filter(|scheme| *scheme != "HTTP"));
        for header in get.list_at(&["httpHeaders"]) {
            if let (Some(name), Some(value)) = (header.str_at(&["name"]), header.get("value")) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                map.map_at("headers").push(name.to_owned(), value);
            }
        }
    } else if probe.get("exec").is_some() {
        map.push("exec", Value::Seq(literals(probe.list_at(&["exec", "command"]))));
    } else if let Some(grpc) = probe.get("grpc") {
        let mut settings = Map::default();
        settings.push_some("port", port(grpc.get("port")));
        settings.push_some("service", grpc.str_at(&["service"]).filter(|name| !name.is_empty()));
        map.push("grpc", if settings.is_empty() { true.into() } else { Value::Map(settings) });
    } else if let Some(tcp) = probe.get("tcpSocket") {
        map.push_some("port", port(tcp.get("port")));
    }
}
