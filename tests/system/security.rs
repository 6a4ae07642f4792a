//! Pod Security: the profiles `baseline` and `restricted` as the standard writes them (kubernetes.io/docs/concepts/security/
//! pod-security-standards), over the `spec` of a pod.

use serde_json::{Value, json};

use crate::support::{Change, list, text};

/// What a level says against a pod.
pub fn violations(level: &str, pod: &Value) -> Vec<String> {
    match level {
        "privileged" => Vec::new(),
        "baseline" => baseline(pod),
        "restricted" => [baseline(pod), restricted(pod)].concat(),
        other => vec![format!("no level `{other}`")],
    }
}

/// All containers of a pod.
fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["/initContainers", "/containers", "/ephemeralContainers"]
        .into_iter()
        .flat_map(|key| list(pod, key))
}

/// The security contexts of a pod, its own first.
fn contexts(pod: &Value) -> impl Iterator<Item = &Value> {
    let of_containers = containers(pod).map(|container| &container["securityContext"]);
    std::iter::once(&pod["securityContext"]).chain(of_containers)
}

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const SYSCTLS: [&str; 11] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
];

fn baseline(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |broken: bool, what: &str| {
        if broken {
            found.push(what.to_owned());
        }
    };
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        add(pod[key] == true, key);
    }
    add(list(pod, "/volumes").iter().any(|volume| volume.get("hostPath").is_some()), "hostPath");
    for sysctl in list(pod, "/securityContext/sysctls") {
        add(!SYSCTLS.contains(&text(sysctl, "/name")), "sysctl");
    }
    for context in contexts(pod) {
        add(context["privileged"] == true, "privileged");
        add(context["windowsOptions"]["hostProcess"] == true, "hostProcess");
        let added = list(context, "/capabilities/add").iter();
        add(
            added.filter_map(Value::as_str).any(|capability| !CAPABILITIES.contains(&capability)),
            "capabilities.add",
        );
        add(text(context, "/seccompProfile/type") == "Unconfined", "seccomp Unconfined");
        add(text(context, "/appArmorProfile/type") == "Unconfined", "AppArmor Unconfined");
        add(!["", "Default"].contains(&text(context, "/procMount")), "procMount");
        let selinux = text(context, "/seLinuxOptions/type");
        let types =
            ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
        let named = ["/seLinuxOptions/user", "/seLinuxOptions/role"]
            .iter()
            .any(|key| !text(context, key).is_empty());
        add(!types.contains(&selinux) || named, "seLinux");
    }
    for container in containers(pod) {
        let host_port = list(container, "/ports")
            .iter()
            .any(|port| port["hostPort"].as_i64().unwrap_or(0) != 0);
        add(host_port, "hostPort");
        for hook in [
            "/livenessProbe",
            "/readinessProbe",
            "/startupProbe",
            "/lifecycle/preStop",
            "/lifecycle/postStart",
        ] {
            for action in ["httpGet", "tcpSocket"] {
                let host = text(container, &format!("{hook}/{action}/host"));
                add(!host.is_empty(), "host of a probe");
            }
        }
    }
    found
}

fn restricted(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let volumes = [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    for volume in list(pod, "/volumes") {
        let keys = volume.as_object().into_iter().flat_map(|map| map.keys());
        if let Some(kind) =
            keys.map(String::as_str).find(|key| *key != "name" && !volumes.contains(key))
        {
            found.push(format!("volume {kind}"));
        }
    }
    let of_pod = &pod["securityContext"];
    for container in containers(pod) {
        let name = text(container, "/name");
        let own = &container["securityContext"];
        let mut add = |broken: bool, what: &str| {
            if broken {
                found.push(format!("{name}: {what}"));
            }
        };
        let of = |pointer: &str| own.pointer(pointer).or_else(|| of_pod.pointer(pointer));
        add(own["allowPrivilegeEscalation"] != false, "allowPrivilegeEscalation");
        add(of("/runAsNonRoot") != Some(&json!(true)), "runAsNonRoot");
        add(of("/runAsUser") == Some(&json!(0)), "runAsUser 0");
        let seccomp = of("/seccompProfile/type").and_then(Value::as_str);
        add(
            !["RuntimeDefault", "Localhost"].contains(&seccomp.unwrap_or_default()),
            "seccompProfile",
        );
        let drop = list(own, "/capabilities/drop");
        add(!drop.iter().any(|c| c == "ALL"), "capabilities.drop");
        let add_only = list(own, "/capabilities/add").iter().all(|c| c == "NET_BIND_SERVICE");
        add(!add_only, "capabilities.add");
    }
    found
}

/// One change a rule, to a pod that `restricted` takes.
#[test]
fn every_rule_catches_what_breaks_it() {
    let good = json!({
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "app",
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}},
            "ports": [{"containerPort": 80}],
            "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
        }],
        "initContainers": [],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    });
    assert!(violations("restricted", &good).is_empty());
    let changes: [(&str, Change); 25] = [
        ("baseline", |p| p["hostNetwork"] = json!(true)),
        ("baseline", |p| p["hostPID"] = json!(true)),
        ("baseline", |p| {
            p["volumes"][0] = json!({"name": "x", "hostPath": {}});
        }),
        ("baseline", |p| {
            p["securityContext"]["sysctls"] = json!([{"name": "kernel.msgmax"}]);
        }),
        ("baseline", |p| {
            p["containers"][0]["securityContext"]["privileged"] = json!(true);
        }),
        ("baseline", |p| {
            p["containers"][0]["securityContext"]["windowsOptions"] = json!({"hostProcess": true});
        }),
        ("baseline", |p| {
            p["containers"][0]["securityContext"]["capabilities"]["add"] = json!(["SYS_ADMIN"]);
        }),
        ("baseline", |p| {
            p["containers"][0]["securityContext"]["seccompProfile"] = json!({"type": "Unconfined"});
        }),
        ("baseline", |p| {
            p["securityContext"]["appArmorProfile"] = json!({"type": "Unconfined"});
        }),
        ("baseline", |p| {
            p["containers"][0]["securityContext"]["procMount"] = json!("Unmasked");
        }),
        ("baseline", |p| {
            p["securityContext"]["seLinuxOptions"] = json!({"type": "spc_t"});
        }),
        ("baseline", |p| {
            p["securityContext"]["seLinuxOptions"] = json!({"role": "x"});
        }),
        ("baseline", |p| {
            p["containers"][0]["ports"][0]["hostPort"] = json!(80);
        }),
        ("baseline", |p| {
            p["containers"][0]["livenessProbe"]["httpGet"]["host"] = json!("10.0.0.1");
        }),
        ("baseline", |p| {
            p["initContainers"] = json!([{"name": "x", "securityContext": {"privileged": true}}]);
        }),
        ("restricted", |p| {
            p["volumes"][0] = json!({"name": "x", "nfs": {}});
        }),
        ("restricted", |p| {
            p["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = Value::Null;
        }),
        ("restricted", |p| {
            p["securityContext"]["runAsNonRoot"] = Value::Null;
        }),
        ("restricted", |p| {
            p["containers"][0]["securityContext"]["runAsNonRoot"] = json!(false);
        }),
        ("restricted", |p| {
            p["containers"][0]["securityContext"]["runAsUser"] = json!(0);
        }),
        ("restricted", |p| {
            p["securityContext"]["runAsUser"] = json!(0);
        }),
        ("restricted", |p| {
            p["securityContext"]["seccompProfile"] = Value::Null;
        }),
        ("restricted", |p| {
            p["containers"][0]["securityContext"]["capabilities"]["drop"] = json!(["NET_RAW"]);
        }),
        ("restricted", |p| {
            p["containers"][0]["securityContext"]["capabilities"]["add"] = json!(["CHOWN"]);
        }),
        ("restricted", |p| {
            p["initContainers"] = json!([{"name": "prepare"}]);
        }),
    ];
    for (index, (level, change)) in changes.iter().enumerate() {
        let mut pod = good.clone();
        change(&mut pod);
        assert!(!violations(level, &pod).is_empty(), "change {index}");
        if *level == "restricted" {
            assert!(violations("baseline", &pod).is_empty(), "change {index}");
        }
        assert!(violations("privileged", &pod).is_empty());
    }
}
