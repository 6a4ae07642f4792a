//! What the kubelet asks a container, and what it does before it stops it.

use super::decoder::{Decoder, excludes, needs};
use super::ports::main;
use crate::diagnostics::SpecError;
use crate::model::{Kind, Network, Port, Probes};
use crate::name::seconds;
use crate::spec::{View, hint, listed};
use crate::yaml::{Map, Value};

/// What a check does, without its times.
#[derive(Clone)]
struct Asked {
    /// The handler's key and value, as in a Probe.
    handler: (&'static str, Value),
    timeout: Option<u32>,
    delay: Option<u32>,
}

/// Times, and how often: if the spec does not give them.
struct Times {
    every: u32,
    failures: u32,
}

const HANDLERS: [&str; 4] = ["path", "exec", "grpc", "tcp"];

/// Reads `start`, `health` and `ready`.
pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, ports: &[Port]) -> Probes {
    if !kind.is_running() {
        return Probes::default();
    }
    let is_none = |key: &str| d.app.text(key) == Some("none");
    let [no_start, no_health, no_ready] = ["start", "health", "ready"].map(is_none);
    let [start, health, ready] = ["start", "health", "ready"].map(|key| d.app.view(key));
    let of_health = if no_health { None } else { asked(d, "health", &health, ports) };
    // With `health: none`, what is written with a handler of its own still counts.
    let own = |d: &mut Decoder<'_>, key: &str, view: &View<'_>| -> Option<Asked> {
        let has_own = HANDLERS.iter().any(|handler| is_set(view, handler));
        if has_own || (no_health && view.is_written()) || view.get("port").is_some() {
            return asked(d, key, view, ports);
        }
        refuse_parts(d, key, view, &[]);
        if of_health.is_none() && view.is_written() && !health.is_written() {
            d.fits(view.span(), false, || needs(key, "port", "nothing listens without a port"));
        }
        let mut asked = of_health.clone()?;
        asked.timeout = time(view, "timeout").or(asked.timeout);
        Some(asked)
    };
    let mut of_start = if no_start { None } else { own(d, "start", &start) };
    let mut of_ready = if no_ready { None } else { own(d, "ready", &ready) };
    if let Some(asked) = &mut of_start {
        // Who waits with the liveness check wants no restart until then.
        let of_health = of_health.as_ref().and_then(|health| health.delay);
        asked.delay = time(&start, "delay").or(of_health);
    }
    if let Some(asked) = &mut of_ready {
        asked.delay = time(&ready, "delay");
    }
    let success = ready.is_written().then(|| ready.u32("success")).flatten();
    Probes {
        start: of_start.map(|asked| probe(&asked, &start, &Times { every: 5, failures: 30 }, None)),
        health: of_health
            .map(|asked| probe(&asked, &health, &Times { every: 10, failures: 3 }, None)),
        ready: of_ready
            .map(|asked| probe(&asked, &ready, &Times { every: 5, failures: 2 }, success)),
    }
}

/// The checks of a sidecar: those that are written.
pub(super) fn of_sidecar(d: &mut Decoder<'_>, sidecar: &View<'_>, ports: &[Port]) -> Probes {
    let [start, health, ready] = ["start", "health", "ready"].map(|key| sidecar.view(key));
    let of_health =
        if health.is_written() { asked(d, "sidecars.health", &health, ports) } else { None };
    let mut own = |key: &str, view: &View<'_>| -> Option<Asked> {
        if !view.is_written() {
            return None;
        }
        let has_own = HANDLERS.iter().any(|handler| is_set(view, handler));
        let asked = if has_own || view.get("port").is_some() || of_health.is_none() {
            asked(d, &format!("sidecars.{key}"), view, ports)?
        } else {
            refuse_parts(d, &format!("sidecars.{key}"), view, &[]);
            let asked = of_health.clone()?;
            Asked { timeout: time(view, "timeout").or(asked.timeout), ..asked }
        };
        Some(Asked { delay: time(view, "delay"), ..asked })
    };
    let (of_start, of_ready) = (own("start", &start), own("ready", &ready));
    let times = |every, failures| Times { every, failures };
    let made = |asked: Option<Asked>, view: &View<'_>, times, success| {
        asked.map(|asked| probe(&asked, view, &times, success))
    };
    Probes {
        start: made(of_start, &start, times(5, 30), None),
        health: made(of_health, &health, times(10, 3), None),
        ready: made(of_ready, &ready, times(5, 2), ready.u32("success")),
    }
}

/// The path of a check, if it is a request to the main port.
pub(super) fn path(probe: Option<&Value>, main: Option<&Port>) -> Option<String> {
    let (request, main) = (probe?.get("httpGet")?, main?);
    let port = request.get("port")?;
    let is_main =
        port.as_str() == Some(main.name.as_str()) || port.as_int() == Some(main.port.into());
    is_main.then(|| request.str_at(&["path"]).map(str::to_owned)).flatten()
}

fn is_set(view: &View<'_>, handler: &str) -> bool {
    match handler {
        "grpc" | "tcp" => view.get(handler).is_some_and(|node| node.as_str() != Some("false")),
        _ => view.get(handler).is_some(),
    }
}

fn time(view: &View<'_>, key: &str) -> Option<u32> {
    view.text(key).and_then(seconds).and_then(|time| u32::try_from(time).ok())
}

/// What a check does: the one handler that is written, or whether the main port is open.
fn asked(d: &mut Decoder<'_>, key: &str, view: &View<'_>, ports: &[Port]) -> Option<Asked> {
    let mut written: Vec<&str> =
        HANDLERS.into_iter().filter(|handler| is_set(view, handler)).collect();
    // A value for many apps gives way to one of the app itself.
    if written.iter().any(|handler| d.is_own(view.span_of(handler))) {
        written.retain(|handler| d.is_own(view.span_of(handler)));
    }
    if let [first, second, ..] = written[..] {
        let (first, second) = (format!("{key}.{first}"), format!("{key}.{second}"));
        d.excludes(view.span(), &first, &second, "a check does only one thing");
    }
    let handler = match written.first().copied() {
        Some("exec") => {
            refuse_parts(d, key, view, &[]);
            let command = view.texts("exec");
            if command.is_empty() {
                d.missing(view.span_of("exec"), &format!("{key}.exec"), &format!("`{key}`"));
            }
            Some(("exec", Value::from([("command", command.as_slice().into())])))
        }
        Some("grpc") => {
            refuse_parts(d, key, view, &["port"]);
            grpc(d, key, view, ports)
        }
        Some("path") => request(d, key, view, ports),
        _ => {
            refuse_parts(d, key, view, &["port"]);
            let port = port(d, key, view, ports)?;
            Some(("tcpSocket", Value::from([("port", port.value)])))
        }
    };
    let (timeout, delay) = (time(view, "timeout"), time(view, "delay"));
    Some(Asked { handler: handler?, timeout, delay })
}

/// Keys that only some handlers take.
fn refuse_parts(d: &mut Decoder<'_>, key: &str, view: &View<'_>, taken: &[&str]) {
    let parts = [("port", "tcp"), ("scheme", "path"), ("headers", "path")];
    for (part, other) in parts.into_iter().filter(|(part, _)| !taken.contains(part)) {
        if view.is_written() && view.get(part).is_some() {
            let (part_path, other) = (format!("{key}.{part}"), format!("{key}.{other}"));
            let why = "it is a part of a check that is made there";
            d.fits(view.span_of(part), false, || needs(&part_path, &other, why));
        }
    }
}

/// A port that is asked.
struct Target {
    value: Value,
    number: u32,
    is_https: bool,
}

/// The port under `port`, or the main one.
fn port(d: &mut Decoder<'_>, key: &str, view: &View<'_>, ports: &[Port]) -> Option<Target> {
    let of_port = |port: &Port| Target {
        value: port.name.as_str().into(),
        number: port.port,
        is_https: port.is_https(),
    };
    let Some(text) = view.text("port") else {
        let main = main(ports).map(of_port);
        if main.is_none() && view.is_written() {
            let why = match ports {
                [] => "nothing listens without a port",
                _ => "nothing answers a connection without a port for TCP",
            };
            d.fits(view.span(), false, || needs(key, "port", why));
        }
        return main;
    };
    if let Ok(number) = text.parse::<u32>() {
        let declared = ports.iter().find(|port| port.port == number && port.is_tcp());
        let is_https = declared.is_some_and(Port::is_https);
        return Some(Target { value: number.into(), number, is_https });
    }
    let tcp = ports.iter().filter(|port| port.is_tcp());
    let found = tcp.clone().find(|port| port.name == text).map(of_port);
    if found.is_none() {
        let names = tcp.map(|port| port.name.as_str());
        let hint = hint(text, names.clone(), || match names.clone().next() {
            None => "declare it under `ports`, with `container` if a sidecar listens".to_owned(),
            Some(_) => format!("ports for TCP: {}", listed(names.clone())),
        });
        let (path, text) = (format!("{key}.port"), text.to_owned());
        d.fits(view.span_of("port"), false, || SpecError::NotOneOf { path, text, hint });
    }
    found
}

fn request(
    d: &mut Decoder<'_>,
    key: &str,
    view: &View<'_>,
    ports: &[Port],
) -> Option<(&'static str, Value)> {
    let port = port(d, key, view, ports)?;
    let mut map = Map::default();
    map.push_some("path", view.text("path"));
    map.push("port", port.value);
    map.push_some("scheme", view.text("scheme").or(port.is_https.then_some("HTTPS")));
    let headers = view.pairs("headers").into_iter();
    let headers: Vec<Value> = headers
        .map(|(name, value)| Value::from([("name", name.into()), ("value", value.into())]))
        .collect();
    map.push_some("httpHeaders", (!headers.is_empty()).then_some(Value::Seq(headers)));
    Some(("httpGet", Value::Map(map)))
}

fn grpc(
    d: &mut Decoder<'_>,
    key: &str,
    view: &View<'_>,
    ports: &[Port],
) -> Option<(&'static str, Value)> {
    let settings = view.view("grpc");
    let path = format!("{key}.grpc");
    let named = || ports.iter().find(|port| port.is_tcp() && port.is_grpc());
    let number = if settings.is_written() && settings.get("port").is_some() {
        if view.get("port").is_some() {
            let (first, second) = (format!("{path}.port"), format!("{key}.port"));
            let why = "both are the port of the check";
            d.excludes(view.span_of("port"), &first, &second, why);
        }
        port(d, &path, &settings, ports)?.number
    } else if let (None, Some(named)) = (view.get("port"), named()) {
        named.port
    } else {
        port(d, key, view, ports)?.number
    };
    let mut map = Map::default();
    map.push("port", number);
    map.push_some("service", settings.is_written().then(|| settings.text("service")).flatten());
    Some(("grpc", Value::Map(map)))
}

fn probe(asked: &Asked, view: &View<'_>, times: &Times, success: Option<u32>) -> Value {
    let (key, handler) = &asked.handler;
    let mut map = Map::default();
    map.push(*key, handler.clone());
    map.push_some("initialDelaySeconds", asked.delay);
    map.push("periodSeconds", time(view, "every").unwrap_or(times.every));
    map.push("timeoutSeconds", asked.timeout.unwrap_or(3));
    map.push("failureThreshold", view.u32("failures").unwrap_or(times.failures));
    map.push_some("successThreshold", success);
    Value::Map(map)
}

/// Reads `preStop`, which has to end before the pod is killed.
pub(super) fn pre_stop(
    d: &mut Decoder<'_>,
    kind: Kind,
    network: &Network,
    grace: u32,
) -> Option<Value> {
    let span = d.app.span_of("preStop");
    let is_written = d.app.get("preStop").is_some();
    if !kind.is_running() {
        let why = "a job ends by itself";
        let fits = !is_written || kind == Kind::None;
        d.fits(span, fits, || excludes("preStop", "workload", why));
        return None;
    }
    let sleep = |time: u32| Value::from([("sleep", Value::from([("seconds", time.into())]))]);
    if !is_written {
        return (!network.ports.is_empty() && grace >= 10).then(|| sleep(5));
    }
    if d.app.text("preStop") == Some("none") {
        return None;
    }
    let view = d.app.view("preStop");
    let missing = ("preStop.sleep", "`preStop` (or its `exec`)");
    let why = "only one thing happens before the stop signal";
    let (key, node) = d.one_of(span, ["sleep", "exec"], |key| view.get(key), missing, why)?;
    if key == "exec" {
        let command = node.texts();
        if command.is_empty() {
            d.missing(node.span, "preStop.exec", "`preStop`");
        }
        return Some(Value::from([(
            "exec",
            Value::from([("command", command.as_slice().into())]),
        )]));
    }
    let time = time(&view, "sleep")?;
    if time >= grace {
        let (first, second) = (format!("preStop.sleep: {time}s"), format!("grace: {grace}"));
        let why = "the pod would be killed in its sleep, without a stop signal";
        d.excludes(node.span, &first, &second, why);
    }
    Some(sleep(time))
}
