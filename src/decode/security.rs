//! The rights of the app's pods, each only at the Pod Security level that admits it.

use super::decoder::Decoder;
use crate::diagnostics::Span;
use crate::model::{Hardening, Kind, Level, Security};
use crate::name::{BASELINE_CAPABILITIES, SAFE_SYSCTLS};
use crate::spec::View;
use crate::yaml::{Map, Value};

/// The level that the spec sets.
pub(super) fn level(d: &Decoder<'_>) -> Level {
    d.app.view("security").word("level").unwrap_or(Level::Restricted)
}

/// An error if the app's level does not admit what stands at `span`.
pub(super) fn admit(d: &mut Decoder<'_>, span: Span, key: &str, least: Level) {
    let level = level(d);
    if level < least {
        let other = format!("security: {{level: {}, reason: …}}", least.word());
        let why = format!("namespaces at the level `{}` refuse such pods", level.word());
        d.needs(span, key, &other, &why);
    }
}

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind) -> Security {
    let view = d.app.view("security");
    let level = level(d);
    if level != Level::Restricted && view.get("reason").is_none() {
        let why = "exceptions need a reason";
        d.needs(view.span(), "security.level", "reason", why);
    }
    let program = d.app;
    user(d, &program);
    let group = view.u32("group");
    if group.is_some() && d.app.get("user").is_none() {
        let why = "container runtimes take a group only beside a user";
        d.needs(view.span_of("group"), "security.group", "user", why);
    }
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        // Kubernetes, pkg/apis/core/validation, `validateHostUsers`.
        if view.flag(key) && view.bool("hostUsers") == Some(false) {
            let (first, why) = (
                format!("security.{key}"),
                "pods that share the node's namespaces share its users",
            );
            d.excludes(view.span_of("hostUsers"), "security.hostUsers: false", &first, why);
        }
        if view.flag(key) {
            admit(d, view.span_of(key), &format!("security.{key}"), Level::Privileged);
        }
    }
    // Raw manifests can have pods, and so can a chart.
    let has_others = ["helm", "extra"].iter().any(|key| d.app.get(key).is_some());
    if kind == Kind::None && !has_others && view.is_written() && d.is_own(view.span()) {
        d.excludes(view.span(), "security", "workload: none", "there are no pods");
    }
    let host_network = view.flag("hostNetwork");
    if host_network && d.app.get("egress").is_some() && d.is_own(d.app.span_of("egress")) {
        let why = "a NetworkPolicy does not reach pods in the node's network";
        d.excludes(d.app.span_of("egress"), "egress", "security.hostNetwork", why);
    }
    if host_network && kind != Kind::None {
        let what = format!("the NetworkPolicy of `{}`", d.name);
        d.unmet(view.span_of("hostNetwork"), &what, "none restricts pods in the node's network");
    }
    let ids = view.items("groups").iter().filter_map(|node| node.to_value().as_int());
    Security {
        level,
        container: hardening(d, &view, "security"),
        group: group.or_else(|| d.app.u32("user")),
        groups: ids.filter_map(|id| u32::try_from(id).ok()).collect(),
        fs_group: view.u32("fsGroup"),
        sysctls: sysctls(d, &view),
        host_network,
        host_pid: view.flag("hostPID"),
        host_ipc: view.flag("hostIPC"),
    }
}

/// `user` of a container; root only where the level admits it.
pub(super) fn user(d: &mut Decoder<'_>, view: &View<'_>) -> Option<u32> {
    let user = view.u32("user");
    if user == Some(0) {
        admit(d, view.span_of("user"), "user: 0", Level::Baseline);
    }
    user
}

/// The rights of a container; `path` is that of the mapping.
pub(super) fn hardening(d: &mut Decoder<'_>, view: &View<'_>, path: &str) -> Hardening {
    let level = level(d);
    let privileged = view.flag("privileged");
    if privileged {
        admit(d, view.span_of("privileged"), &format!("{path}.privileged"), Level::Privileged);
        for key in ["capabilities", "privilegeEscalation"] {
            if view.get(key).is_some() {
                let why = "a privileged container has all rights";
                d.excludes(view.span_of(key), key, "privileged", why);
            }
        }
    }
    let escalation = view.flag("privilegeEscalation");
    if escalation {
        let span = view.span_of("privilegeEscalation");
        admit(d, span, &format!("{path}.privilegeEscalation"), Level::Baseline);
    }
    // The pod has the runtime's filter already.
    let seccomp = profile(d, view, path, "seccomp");
    let seccomp = seccomp.filter(|profile| profile.str_at(&["type"]) != Some("RuntimeDefault"));
    let app_armor = profile(d, view, path, "appArmor");
    let (add, drop) = capabilities(d, &view.view("capabilities"), path);
    Hardening {
        read_only_root: view.bool("readOnlyRoot").unwrap_or(level == Level::Restricted),
        escalation,
        privileged,
        add,
        drop,
        seccomp,
        app_armor,
    }
}

/// A profile of seccomp or AppArmor, as in a Container.
fn profile(d: &mut Decoder<'_>, view: &View<'_>, path: &str, key: &str) -> Option<Value> {
    let node = view.get(key)?;
    let mut map = Map::default();
    if let Some(word) = node.as_str() {
        if word == "Unconfined" {
            admit(d, view.span_of(key), &format!("{path}.{key}: Unconfined"), Level::Privileged);
        }
        map.push("type", word);
    } else {
        map.push("type", "Localhost");
        let local = view.view(key);
        map.push("localhostProfile", d.required(&local, &format!("security.{key}"), "localhost")?);
    }
    Some(Value::Map(map))
}

fn capabilities(d: &mut Decoder<'_>, view: &View<'_>, path: &str) -> (Vec<String>, Vec<String>) {
    let add = view.texts("add");
    for (name, node) in add.iter().zip(view.items("add")) {
        let least = match name.as_str() {
            "NET_BIND_SERVICE" => Level::Restricted,
            name if BASELINE_CAPABILITIES.contains(&name) => Level::Baseline,
            _ => Level::Privileged,
        };
        admit(d, node.span, &format!("{path}.capabilities.add: [{name}]"), least);
    }
    // What an image of root's needs least. `restricted` asks for all.
    let default: &[&str] =
        if level(d) == Level::Restricted { &["ALL"] } else { &["MKNOD", "NET_RAW"] };
    let of_gen = || default.iter().map(|&name| name.to_owned());
    let written = view.get("drop").is_some();
    let mut drop = view.texts("drop");
    if let Some(both) = add.iter().find(|name| *name != "ALL" && drop.contains(name)) {
        let why = format!("`{both}` is in both");
        d.excludes(view.span(), "add", "drop", &why);
    }
    if !written {
        drop = of_gen().filter(|name| !add.contains(name)).collect();
    } else if level(d) == Level::Restricted {
        drop = of_gen().collect();
    }
    (add, drop)
}

fn sysctls(d: &mut Decoder<'_>, view: &View<'_>) -> Vec<(String, String)> {
    let all = view.pairs("sysctls");
    for entry in view.entries("sysctls") {
        let name = entry.key.as_str();
        if !SAFE_SYSCTLS.contains(&name) {
            admit(d, entry.key_span, &format!("security.sysctls.{name}"), Level::Privileged);
        }
        let (of_network, of_memory) =
            ("net.", ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."]);
        let of_node = [
            ("hostNetwork", name.starts_with(of_network)),
            ("hostIPC", of_memory.iter().any(|start| name.starts_with(start))),
        ];
        for (key, _) in of_node.into_iter().filter(|(key, is_of)| *is_of && view.flag(key)) {
            let why = "it would change the node's own setting";
            d.excludes(entry.key_span, name, key, why);
        }
    }
    all
}
