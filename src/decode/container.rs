//! The app's container, and what it shares with containers of tasks: variables and resources.

use super::decoder::Decoder;
use super::{pod, security, volumes};
use crate::diagnostics::{SpecError, looks_secret};
use crate::model::{Container, Kind};
use crate::name::{billionths, is_container_resource};
use crate::spec::View;
use crate::yaml::{Entry, Map, Node, Value};

/// Requests of CPU and memory, and limits: of memory, the request.
pub(super) const DEFAULTS: [&str; 4] = ["50m", "128Mi", "1", ""];

/// The key of space on the node's disk.
const DISK: &str = "ephemeralStorage";

/// The word for a limit that there is not.
const NONE: &str = "none";

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, has_permissions: bool) -> Container {
    let view = d.app;
    let env = env(d, &view);
    let env_from = env_from(d, &view);
    let security = security::read(d, kind);
    let pod = pod::read(d, kind, security.host_network);
    let pull_secrets = view.texts("pullSecret");
    let mut twice = pull_secrets.iter().enumerate();
    if let Some((_, name)) = twice.find(|(at, name)| pull_secrets[..*at].contains(name)) {
        d.excludes(view.span_of("pullSecret"), name, name, "the list has it twice");
    }
    Container {
        command: view.texts("command"),
        args: view.texts("args"),
        fields: fields(d, &view),
        env,
        env_from,
        resources: resources(d, &view, DEFAULTS),
        user: view.u32("user"),
        writable: volumes::writable(d),
        security,
        token: has_permissions || view.flag("token"),
        grace: view.u32_or_default("grace"),
        pre_stop: None,
        termination_message_policy: view.string("terminationMessagePolicy"),
        pull_secret: pull_secrets.first().cloned(),
        pull_secrets,
        pull: pull(&view),
        service_links: view.flag("serviceLinks"),
        pod,
        helpers: Vec::new(),
    }
}

/// Where a container runs, and what it reads.
pub(super) fn fields(d: &mut Decoder<'_>, view: &View<'_>) -> Vec<(&'static str, Value)> {
    let (stdin, tty) = (view.flag("stdin"), view.flag("tty"));
    if tty && !stdin {
        let why = "a terminal without input is of no use";
        d.needs(view.span_of("tty"), "tty", "stdin", why);
    }
    let folder = view.text("workdir").map(|folder| ("workingDir", folder.into()));
    let flags = [("stdin", stdin), ("tty", tty)].into_iter().filter(|(_, is_set)| *is_set);
    folder.into_iter().chain(flags.map(|(key, _)| (key, true.into()))).collect()
}

/// When the node pulls an image.
pub(super) fn pull(view: &View<'_>) -> Option<&'static str> {
    Some(match view.text("pull")? {
        "always" => "Always",
        "missing" => "IfNotPresent",
        _ => "Never",
    })
}

/// `resources` of a container. The defaults: requests for CPU and memory, limits for CPU and memory (empty: the request). A limit of
/// `none` is left out, and so are `limits` that would be empty.
///
/// Kubernetes rejects a limit below the request, so one that is written moves the default of the other.
pub(super) fn resources(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    [cpu, memory, cpu_limit, memory_limit]: [&str; 4],
) -> Value {
    let view = view.view("resources");
    let limits = view.view("limits");
    let has_none = view.text("limits") == Some(NONE);
    let is_less = |one: &str, other: &str| billionths(one) < billionths(other);
    let mut of = |key: &str, default: &str, default_limit: &str| {
        let written = limits.text(key);
        let (request, limit) = (view.text(key), written.filter(|limit| *limit != NONE));
        if let (Some(request), Some(limit)) = (request, limit)
            && is_less(limit, request)
        {
            let [request, limit] = [request, limit].map(str::to_owned);
            let key = key.to_owned();
            d.error(limits.span_of(&key), SpecError::LimitBelowRequest { key, limit, request });
        }
        let lower = limit.filter(|limit| is_less(limit, default));
        let request = request.or(lower).unwrap_or(default);
        let default_limit = if is_less(default_limit, request) { request } else { default_limit };
        let is_none = has_none || written == Some(NONE);
        ((!is_none).then(|| limit.unwrap_or(default_limit).to_owned()), request.to_owned())
    };
    let (cpu_limit, cpu) = of("cpu", cpu, cpu_limit);
    let is_sized = memory_limit.is_empty() || view.get("memory").is_some();
    let (memory_limit, memory) = of("memory", memory, if is_sized { "0" } else { memory_limit });
    let devices = view.entries("devices");
    for device in &devices {
        if !is_extended_resource(&device.key) {
            let (path, text) = ("resources.devices".to_owned(), device.key.clone());
            let hint = "write the whole name, with the domain of its maker, as in `nvidia.com/gpu`"
                .to_owned();
            d.error(device.key_span, SpecError::NotOneOf { path, text, hint });
        }
    }
    let disk = [view.text(DISK), limits.text(DISK)];
    if let [Some(request), Some(limit)] = disk
        && is_less(limit, request)
    {
        let [request, limit] = [request, limit].map(str::to_owned);
        let error = SpecError::LimitBelowRequest { key: DISK.to_owned(), limit, request };
        d.error(limits.span_of(DISK), error);
    }
    let amounts = |cpu: Option<String>, memory: Option<String>, disk: Option<&str>| {
        let mut map = Map::default();
        map.push_some("cpu", cpu);
        map.push_some("memory", memory);
        map.push_some("ephemeral-storage", disk);
        // Nobody can have less of a device than was asked for (Kubernetes, "Extended resources").
        for device in &devices {
            map.push(device.key.as_str(), device.value.as_str().unwrap_or_default());
        }
        map
    };
    let mut all = Map::default();
    let limits = amounts(cpu_limit, memory_limit, disk[1]);
    all.push_some("limits", (!limits.is_empty()).then_some(limits));
    all.push("requests", amounts(Some(cpu), Some(memory), disk[0]));
    Value::Map(all)
}

/// Whether a label's key is the name of an extended resource (Kubernetes, pkg/apis/core/helper, `IsExtendedResourceName`): a quota
/// writes `requests.` before it, and that has to fit into a domain, too. No node has one of Kubernetes' own domain.
fn is_extended_resource(name: &str) -> bool {
    let domain = name.split_once('/').map(|(domain, _)| domain);
    domain.is_some_and(|domain| domain.len() <= 244 && !domain.starts_with("requests."))
        && !name.contains("kubernetes.io/")
}

/// `env` of a container, from a mapping of names to strings and references.
pub(super) fn env(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let entries = view.entries("env").into_iter();
    Value::Seq(entries.filter_map(|entry| variable(d, entry)).collect())
}

pub(super) fn variable(d: &mut Decoder<'_>, entry: &Entry) -> Option<Value> {
    let (key, value) = match entry.value.as_str() {
        Some(text) => ("value", literal(d, entry, text)?),
        None => sourced(d, entry)?,
    };
    let name = entry.key.as_str();
    Some(Value::from([("name", name.into()), (key, value)]))
}

/// `value` or `valueFrom`, from a mapping with the source of the value.
fn sourced(d: &mut Decoder<'_>, entry: &Entry) -> Option<(&'static str, Value)> {
    let node = &entry.value;
    let is_set = |key: &str, value: &Node| !value.is_null() || (key == "value" && value.is_blank());
    let text = |key: &str| node.get(key).filter(|value| is_set(key, value)).and_then(Node::as_str);
    let kinds = ["secret", "configMap", "field", "value"];
    let place = format!("env.{}", entry.key);
    let among = format!("`{place}` (or `configMap`, `field` or `value`)");
    let missing = (&*format!("{place}.secret"), &*among);
    let why = "a variable has only one value";
    let (kind, source) = d.one_of(node.span, kinds, text, missing, why)?;
    let (reference, map) = match kind {
        "value" if text("notSecret").is_some() => return Some((kind, source.into())),
        "value" => return Some((kind, literal(d, entry, source)?)),
        "field" if is_container_resource(source) => {
            ("resourceFieldRef", Value::from([("resource", source.into())]))
        }
        "field" => ("fieldRef", Value::from([("fieldPath", source.into())])),
        _ => {
            let Some(key) = text("key") else {
                d.missing(node.span, &format!("{place}.key"), &format!("`{place}`"));
                return None;
            };
            let optional = text("optional") == Some("true");
            let mut map = Map::default();
            map.push("name", source);
            map.push("key", key);
            map.push_some("optional", optional.then_some(true));
            let reference = match kind {
                "secret" => "secretKeyRef",
                _ => "configMapKeyRef",
            };
            (reference, Value::Map(map))
        }
    };
    Some(("valueFrom", Value::from([(reference, map)])))
}

/// A value kept in Git; nothing, and an error, if it looks like a secret.
fn literal(d: &mut Decoder<'_>, entry: &Entry, text: &str) -> Option<Value> {
    if looks_secret(&entry.key, text) {
        let name = entry.key.clone();
        d.error(entry.value.span, SpecError::LiteralSecret { name });
        return None;
    }
    Some(text.into())
}

/// `envFrom` of a container.
pub(super) fn env_from(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let mut all = Vec::new();
    for from in view.views("envFrom") {
        let missing = ("envFrom.secret", "an entry of `envFrom` (or `configMap`)");
        let (keys, why) = (["secret", "configMap"], "an entry has only one source");
        let source = d.one_of(from.span(), keys, |key| from.text(key), missing, why);
        let Some((key, name)) = source else { continue };
        let kind = if key == "secret" { "secretRef" } else { "configMapRef" };
        let mut map = Map::default();
        map.push_some("prefix", from.text("prefix"));
        map.push(kind, Value::from([("name", name.into())]));
        all.push(Value::Map(map));
    }
    Value::Seq(all)
}
