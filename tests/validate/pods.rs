//! Pod Security: `gen check` has the verdict of the API server's own evaluator on generated pods, at both levels.
//!
//! The generator aims at the fields that the standards judge. What Kubernetes would refuse anyway is left out: no admission matters for
//! it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gitops_gen::check::{Cluster, Declared, Item, Judge, Objects, Within, check};
use gitops_gen::kubernetes::Object;
use gitops_gen::kubernetes::definitions::Definitions;
use gitops_gen::yaml::{Map, Value};
use serde_json::json;

use crate::random::Random;

const LEVELS: [&str; 2] = ["baseline", "restricted"];

fn value(of: serde_json::Value) -> Value {
    Value::from(of)
}

/// Sets one of some values, in one of `of` cases.
fn perhaps(random: &mut Random, map: &mut Map, of: usize, key: &str, values: &[serde_json::Value]) {
    if random.below(of) == 0 {
        map.insert(key, value(random.pick(values).clone()));
    }
}

/// What the security contexts of pods and containers have in common. A sound one is what `restricted` wants.
fn context(random: &mut Random, sound: bool) -> Map {
    let mut map = Map::default();
    if sound {
        map.insert("runAsNonRoot", true);
        map.insert("seccompProfile", value(json!({"type": "RuntimeDefault"})));
    }
    let rare = if sound { 12 } else { 3 };
    perhaps(random, &mut map, rare, "runAsUser", &[json!(0), json!(1), json!(1000), json!(null)]);
    perhaps(random, &mut map, rare, "runAsNonRoot", &[json!(true), json!(false), json!(null)]);
    let profiles = [
        json!({"type": "RuntimeDefault"}),
        json!({"type": "Unconfined"}),
        json!({"type": "Localhost", "localhostProfile": "a.json"}),
        json!(null),
    ];
    perhaps(random, &mut map, rare, "seccompProfile", &profiles);
    perhaps(random, &mut map, rare, "appArmorProfile", &profiles);
    let selinux = [
        json!({"type": "container_t"}),
        json!({"type": "container_engine_t", "level": "s0"}),
        json!({"type": "spc_t"}),
        json!({"user": "system_u"}),
        json!({"role": "system_r"}),
        json!({"type": "", "user": ""}),
        json!({}),
    ];
    perhaps(random, &mut map, 2 * rare, "seLinuxOptions", &selinux);
    let windows = [json!({"hostProcess": false}), json!({"runAsUserName": "x"}), json!({})];
    perhaps(random, &mut map, 3 * rare, "windowsOptions", &windows);
    map
}

fn handler(random: &mut Random) -> serde_json::Value {
    let host = *random.pick(&["", "", "127.0.0.1", "example.test"]);
    match random.below(4) {
        0 => json!({"httpGet": {"port": 80, "path": "/", "host": host}}),
        1 => json!({"tcpSocket": {"port": 80, "host": host}}),
        2 => json!({"exec": {"command": ["true"]}}),
        _ => json!({"httpGet": {"port": 80}}),
    }
}

fn container(random: &mut Random, name: &str, sound: bool, is_regular: bool) -> Value {
    let mut map = Map::default();
    map.insert("name", name);
    map.insert("image", "i");
    let is_whole = sound && random.below(2) == 0;
    let mut of = context(random, is_whole);
    let rare = if sound { 12 } else { 3 };
    if sound {
        of.insert("allowPrivilegeEscalation", false);
        of.insert("capabilities", value(json!({"drop": ["ALL"]})));
    }
    perhaps(random, &mut of, 2 * rare, "privileged", &[json!(false), json!(false), json!(true)]);
    let escalation = [json!(true), json!(false), json!(null)];
    perhaps(random, &mut of, rare, "allowPrivilegeEscalation", &escalation);
    let capabilities = [
        json!({"drop": ["ALL"]}),
        json!({"drop": ["all"]}),
        json!({"drop": ["NET_RAW", "ALL"], "add": ["NET_BIND_SERVICE"]}),
        json!({"drop": ["ALL"], "add": ["CHOWN"]}),
        json!({"add": ["SYS_ADMIN"]}),
        json!({"add": ["CAP_CHOWN"]}),
        json!({"add": ["NET_BIND_SERVICE", "KILL"]}),
        json!({"drop": ["NET_RAW"]}),
        json!({}),
    ];
    perhaps(random, &mut of, rare, "capabilities", &capabilities);
    perhaps(random, &mut of, 2 * rare, "procMount", &[json!("Default"), json!("Unmasked")]);
    if sound || random.below(3) > 0 {
        map.insert("securityContext", of);
    }
    let ports = [
        json!([{"containerPort": 80}]),
        json!([{"containerPort": 80, "hostPort": 0}]),
        json!([{"containerPort": 80}, {"containerPort": 81, "hostPort": 8081}]),
    ];
    perhaps(random, &mut map, rare, "ports", &ports);
    if is_regular {
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let probe = handler(random);
            perhaps(random, &mut map, 2 * rare, key, &[probe]);
        }
        if random.below(2 * rare) == 0 {
            let one = *random.pick(&["postStart", "preStop"]);
            map.insert("lifecycle", value(json!({one: handler(random)})));
        }
    }
    Value::Map(map)
}

const VOLUMES: &[&str] = &[
    r#"{"emptyDir": {}}"#,
    r#"{"emptyDir": {}, "hostPath": null}"#,
    r#"{"hostPath": {"path": "/x"}}"#,
    r#"{"configMap": {"name": "c"}}"#,
    r#"{"secret": {"secretName": "s"}}"#,
    r#"{"projected": {"sources": []}}"#,
    r#"{"downwardAPI": {"items": []}}"#,
    r#"{"persistentVolumeClaim": {"claimName": "p"}}"#,
    r#"{"nfs": {"server": "n", "path": "/x"}}"#,
    r#"{"csi": {"driver": "d.example.test"}}"#,
    r#"{"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}"#,
    r#"{"image": {"reference": "a/b:1"}}"#,
    r#"{"iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn.2001-04.com.example:a", "lun": 0}}"#,
    r#"{"fc": {"targetWWNs": ["a"], "lun": 1}}"#,
    r#"{"cephfs": {"monitors": ["a"]}}"#,
];

const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_keepalive_time",
    "net/ipv4/tcp_syncookies",
    "kernel.msgmax",
    "net.core.somaxconn",
    "net.ipv4.ip_forward",
];

/// The template of a pod; half of them keep to `restricted`, but for a thing or two.
fn template(random: &mut Random) -> Value {
    let sound = random.below(2) == 0;
    let rare = if sound { 25 } else { 8 };
    let mut spec = Map::default();
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        perhaps(random, &mut spec, 2 * rare, key, &[json!(true), json!(false)]);
    }
    perhaps(random, &mut spec, 5, "hostUsers", &[json!(true), json!(false), json!(false)]);
    let is_whole = sound && random.below(3) > 0;
    let mut of = context(random, is_whole);
    if random.below(rare / 2) == 0 {
        let name = *random.pick(SYSCTLS);
        of.insert("sysctls", value(json!([{"name": name, "value": "1"}])));
    }
    if random.below(4) > 0 {
        spec.insert("securityContext", of);
    }
    if random.below(3) == 0 {
        let text: &&str = random.pick(VOLUMES);
        let mut volume = serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        volume["name"] = json!("v");
        spec.insert("volumes", value(json!([volume])));
    }
    let mut containers = Vec::new();
    for number in 0..=random.below(2) {
        containers.push(container(random, &format!("c{number}"), sound, true));
    }
    // Only such a pod may ask for it.
    if spec.get("hostUsers") == Some(&Value::Bool(false)) && random.below(3) == 0 {
        let first = containers[0].as_map_mut().expect("a container");
        first.map_at("securityContext").insert("procMount", "Unmasked");
    }
    spec.insert("containers", containers);
    if random.below(3) == 0 {
        spec.insert("initContainers", vec![container(random, "i", sound, false)]);
    }
    if random.below(8) == 0 {
        let mut one = container(random, "e", sound, false);
        one.as_map_mut().expect("a container").remove("ports");
        spec.insert("ephemeralContainers", vec![one]);
    }
    let mut metadata = value(json!({"labels": {"a": "b"}}));
    if random.below(15) == 0 {
        let profile = *random.pick(&["runtime/default", "unconfined", "localhost/x"]);
        let key = "container.apparmor.security.beta.kubernetes.io/c0";
        metadata = value(json!({"labels": {"a": "b"}, "annotations": {key: profile}}));
    }
    Value::from([("metadata", metadata), ("spec", Value::Map(spec))])
}

/// A pod of Windows, of which Kubernetes itself refuses what belongs to Linux.
fn of_windows(random: &mut Random) -> Value {
    let is_host = random.below(2) == 0;
    let context = match random.below(3) {
        _ if is_host => json!({"windowsOptions": {"hostProcess": true, "runAsUserName": "x"}}),
        0 => json!({}),
        1 => json!({"runAsNonRoot": false}),
        _ => json!({"runAsNonRoot": true}),
    };
    let mut spec = json!({
        "os": {"name": "windows"},
        "containers": [{"name": "c", "image": "i"}],
        "securityContext": context,
    });
    if is_host {
        spec["hostNetwork"] = json!(true);
    }
    value(json!({"metadata": {"labels": {"a": "b"}}, "spec": spec}))
}

/// A pod, or what makes one.
fn workload(random: &mut Random, number: usize) -> Value {
    let template = if random.below(12) == 0 { of_windows(random) } else { template(random) };
    let metadata = json!({"name": format!("w{number}"), "namespace": "n"});
    let selector = json!({"matchLabels": {"a": "b"}});
    let mut made = match random.below(4) {
        0 => {
            let mut pod = template;
            let map = pod.as_map_mut().expect("a template");
            map.insert("apiVersion", "v1");
            map.insert("kind", "Pod");
            let of = map.map_at("metadata");
            of.insert("name", format!("w{number}"));
            of.insert("namespace", "n");
            return pod;
        }
        1 => json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata,
            "spec": {"serviceName": "s", "selector": selector}}),
        2 => json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {}}),
        _ => json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
            "spec": {"selector": selector}}),
    };
    let is_job = made["kind"] == "Job";
    let mut object = value(made.take());
    let spec = object.as_map_mut().expect("an object").map_at("spec");
    spec.insert("template", template);
    if is_job {
        spec.map_at("template").map_at("spec").insert("restartPolicy", "Never");
    }
    object
}

/// Whether gen refuses the pods of an object in a namespace that enforces a level.
fn is_refused(object: &Value, level: &str) -> bool {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n",
        "labels": {"pod-security.kubernetes.io/enforce": level}}});
    let items = [value(namespace), object.clone()].map(|value| Item {
        object: Object::new(value).expect("an object"),
        file: Arc::from("case.yaml"),
        within: Within::default(),
    });
    let judge = Judge {
        definitions: Definitions::built_in(),
        cluster: &Cluster::default(),
        declared: &Declared::default(),
    };
    let found = check(judge, &Objects::new(items.into()));
    found.iter().any(|finding| finding.rule.name == "pod-security")
}

/// Ephemeral containers come to a pod later, by an update; admission judges that as it judges a creation.
fn is_of_creation(said: &str) -> bool {
    said.contains("phemeral") && said.contains("Forbidden")
}

/// The evaluator's reasons, each of which some pod has to meet.
const REASONS: &[&str] = &[
    "allowPrivilegeEscalation != false",
    "forbidden AppArmor profile",
    "forbidden sysctls",
    "host namespaces",
    "hostPath volumes",
    "hostPort",
    "hostProcess",
    "non-default capabilities",
    "privileged",
    "probe or lifecycle host",
    "procMount",
    "restricted volume types",
    "runAsNonRoot != true",
    "runAsUser=0",
    "seLinuxOptions",
    "seccompProfile",
    "unrestricted capabilities",
];

/// What is said against an object at a level.
type Refused = BTreeMap<(usize, String), String>;

/// What the evaluator has against each object by its number, level by level; and those that Kubernetes refuses anyway.
fn of_kubernetes(objects: &[Value]) -> Option<(Refused, BTreeSet<usize>)> {
    let stream: Vec<String> = objects.iter().map(Value::to_string).collect();
    let stream = stream.join("\n---\n");
    let verdict = crate::judge_with(&["--pod-security"], Path::new("-"), Some(&stream))?;
    assert_eq!(verdict.count("Pod Security's levels"), objects.len(), "{}", verdict.judged);
    let (mut of_level, mut invalid) = (BTreeMap::new(), BTreeSet::new());
    for line in &verdict.lines {
        let (place, said) = line.split_once(": ").expect("a place");
        let number = place.rsplit('#').next().and_then(|number| number.parse().ok());
        let number = number.expect("a number");
        let (_, said) = said.split_once(": ").expect("an object");
        if let Some(of) = said.strip_prefix("pod-security ") {
            let (level, detail) = of.split_once(": ").expect("a level");
            of_level.insert((number, level.to_owned()), detail.to_owned());
        } else if !said.starts_with("warning: ") && !is_of_creation(said) {
            invalid.insert(number);
        }
    }
    Some((of_level, invalid))
}

#[test]
fn generated_pods_have_the_verdict_of_admission() {
    let wanted = if std::env::var_os("GEN_SOAK").is_some() { 50_000 } else { 2_000 };
    let seed = std::env::var("GEN_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut random = Random::new(seed);
    let objects: Vec<Value> = (0..wanted).map(|number| workload(&mut random, number)).collect();
    let Some((refused, invalid)) = of_kubernetes(&objects) else { return };
    let valid: Vec<usize> = (0..objects.len()).filter(|number| !invalid.contains(number)).collect();
    let mut different = Vec::new();
    for level in LEVELS {
        let mut count = 0;
        for &number in &valid {
            let theirs = refused.get(&(number, level.to_owned()));
            let ours = is_refused(&objects[number], level);
            count += usize::from(theirs.is_some());
            if ours != theirs.is_some() {
                let said = theirs.map_or("gen alone refuses it", String::as_str);
                different.push(format!("{level}: {said}\n    {}", objects[number]));
            }
        }
        println!("Pod Security {level}: {} pods compared, {count} refused", valid.len());
        // Neither only what is allowed nor only what is refused.
        assert!(count > valid.len() / 10 && count < valid.len() * 19 / 20, "{count} at {level}");
    }
    println!("Pod Security: {} verdicts differ", different.len());
    for reason in REASONS {
        let is_met = refused.iter().any(|((number, _), said)| {
            // Kubernetes demands `hostNetwork` beside it.
            let is_alone = !said.contains("), ") || *reason == "hostProcess";
            said.contains(reason) && valid.contains(number) && is_alone
        });
        assert!(is_met, "`{reason}` alone is met by no pod");
    }
    let is_later = |number: &&usize| objects[**number].to_string().contains("ephemeralContainers");
    let later = valid.iter().filter(is_later).count();
    assert!(later > 50, "only {later} pods with ephemeral containers");
    assert!(valid.len() >= 500, "only {} pods, {} are invalid", valid.len(), invalid.len());
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}
