//! `gen check` against Kubernetes itself: the same verdict on its own kinds in everything that gen renders and in Tekton's examples, and
//! on objects that are made wrong in one place.
//!
//! Compared is what the API server refuses when an object is created: strict decoding, then validation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use gitops_gen::check::{
    Cluster, Declared, Family, Finding, Judge, Level, Objects, Parsed, check, parse,
};
use gitops_gen::kubernetes::Object;
use gitops_gen::kubernetes::definitions::Definitions;
use gitops_gen::yaml::Value;
use rayon::prelude::*;

use crate::mutants::{self, Words};
use crate::random::Random;

/// What the oracle has strategies for, and gen rules.
fn is_judged(object: &Object) -> bool {
    let kinds: &[&str] = match object.api_version() {
        "v1" => &[
            "ConfigMap",
            "LimitRange",
            "Namespace",
            "PersistentVolumeClaim",
            "Pod",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
        "apps/v1" => &["DaemonSet", "Deployment", "StatefulSet"],
        "batch/v1" => &["CronJob", "Job"],
        "autoscaling/v2" => &["HorizontalPodAutoscaler"],
        "networking.k8s.io/v1" => &["Ingress", "NetworkPolicy"],
        "policy/v1" => &["PodDisruptionBudget"],
        "rbac.authorization.k8s.io/v1" => {
            &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
        }
        _ => return false,
    };
    kinds.contains(&object.kind())
}

/// An object as the API server gets it: in a namespace, with a name, decrypted.
fn placed(mut object: Object) -> Value {
    let kind = object.kind().to_owned();
    let is_namespaced = kind != "Namespace" && !kind.starts_with("Cluster");
    object.body_mut().remove("sops");
    let metadata = object.metadata_mut();
    if is_namespaced {
        metadata.insert("namespace", "runs");
    }
    if let Some(name) = metadata.get("generateName").and_then(Value::as_str).map(str::to_owned)
        && !metadata.contains_key("name")
    {
        metadata.insert("name", format!("{name}x"));
    }
    object.value().clone()
}

/// The objects in texts that the oracle judges, each once.
fn corpus(texts: &[String]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for text in texts {
        let Ok(parsed) = parse(&Arc::from("case.yaml"), text) else { continue };
        for item in parsed.items.into_iter().filter(|item| is_judged(&item.object)) {
            // What Flux sets is set before the API server sees it.
            if item.object.value().to_string().contains("${") {
                continue;
            }
            let value = placed(item.object);
            if seen.insert(value.to_string()) {
                all.push(value);
            }
        }
    }
    all
}

/// Objects that golden trees and examples have too little of: what users write by hand.
const BY_HAND: &str = include_str!("by_hand.yaml");

fn originals() -> &'static [Value] {
    static ALL: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let mut texts = crate::check::golden_texts();
        texts.extend(crate::check::example_texts().unwrap_or_default());
        texts.push(BY_HAND.to_owned());
        corpus(&texts)
    });
    &ALL
}

/// What gen says of a text with one object, of what the API server judges; a text of its own where it cannot be read.
fn verdict(text: &str) -> Option<String> {
    let parsed = match parse(&Arc::from("case.yaml"), text) {
        Ok(parsed) => parsed,
        Err(error) => return Some(format!("unreadable: {error:?}")),
    };
    let Parsed { items, problems, others, .. } = parsed;
    if let Some(problem) = problems.into_iter().next() {
        return Some(problem);
    }
    if !others.is_empty() {
        return Some("not an object".to_owned());
    }
    let judge = Judge {
        definitions: Definitions::built_in(),
        cluster: &Cluster::default(),
        declared: &Declared::default(),
    };
    let is_admission = |finding: &Finding| {
        finding.level == Level::Error
            && finding.rule.family() == Family::Kubernetes
            && !LATER
                .iter()
                .any(|(rule, part)| finding.rule.name == *rule && finding.what.contains(part))
    };
    let found = check(judge, &Objects::new(items)).into_iter().find(is_admission);
    found.map(|one| format!("{} {}: {}", one.rule.name, one.field, one.what))
}

/// Errors of gen that no API server has, since they are told only when the pods run: rule, and a part of its text.
const LATER: &[(&str, &str)] = &[
    // A probe of a port that no container names is taken, and never succeeds.
    ("kubernetes-reference", "but no port has a name"),
    ("kubernetes-reference", "but the ports are"),
];

/// What is known to differ, and why: a part of what is said by whoever refuses what the other takes, and of the object.
const KNOWN: &[(&str, &str)] = &[
    // A LimitRange without a name gets one; kubectl and kustomize refuse it.
    ("gen alone: document 1: missing `metadata.name`", "LimitRange"),
];

/// What Kubernetes says of texts, by their numbers; skips without it.
fn of_kubernetes(texts: &[String]) -> Option<BTreeMap<usize, Vec<String>>> {
    let verdict = crate::judge(Path::new("-"), Some(&texts.join("\n---\n")))?;
    let mut all: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for line in &verdict.lines {
        let (place, said) = line.split_once(": ").expect("a place");
        let number = place.rsplit('#').next().and_then(|number| number.parse().ok());
        let message = said.split_once(": ").map_or(said, |(_, message)| message);
        if !message.starts_with("warning: ") {
            all.entry(number.expect("a number")).or_default().push(message.to_owned());
        }
    }
    Some(all)
}

/// The texts on which the verdicts differ, in words, and the number of those that Kubernetes refuses.
fn differences(texts: &[String]) -> Option<(Vec<String>, usize)> {
    let theirs = of_kubernetes(texts)?;
    let mut found: Vec<String> = texts
        .par_iter()
        .enumerate()
        .filter_map(|(number, text)| {
            let words = match (verdict(text), theirs.get(&number)) {
                (Some(ours), None) => format!("gen alone: {ours}"),
                (None, Some(theirs)) => format!("Kubernetes alone: {}", theirs.join("; ")),
                _ => return None,
            };
            let is_known = KNOWN.iter().any(|(part, of)| words.contains(part) && text.contains(of));
            (!is_known).then(|| format!("{words}\n    {text}"))
        })
        .collect();
    found.sort();
    Some((found, theirs.len()))
}

/// The control: a difference is told, in both directions, and agreement is not.
#[test]
fn a_difference_of_kinds_is_told() {
    let texts = [
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {a: b}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {a/b: c}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {a: b, a: c}}",
    ]
    .map(str::to_owned);
    let Some(theirs) = of_kubernetes(&texts) else { return };
    assert_eq!(theirs.keys().collect::<Vec<_>>(), [&1, &2]);
    let ours: Vec<bool> = texts.iter().map(|text| verdict(text).is_some()).collect();
    assert_eq!(ours, [false, true, true]);
    assert_eq!(differences(&texts), Some((Vec::new(), 2)));
}

#[test]
fn what_kubernetes_accepts_of_golden_trees_and_examples_is_clean() {
    let texts: Vec<String> = originals().iter().map(Value::to_string).collect();
    assert!(texts.len() > 500, "only {} objects", texts.len());
    let Some((found, refused)) = differences(&texts) else { return };
    let (count, different) = (texts.len(), found.len());
    println!("Kubernetes: {count} objects compared, {refused} refused, {different} differ");
    assert!(found.is_empty(), "{different} differ:\n{}", found.join("\n"));
    // What of the examples is refused shows that not all is accepted, and no more.
    assert!(refused < count / 100, "{refused} of {count} refused");
}

#[test]
fn mutants_have_the_verdict_of_kubernetes() {
    let count = if std::env::var_os("GEN_SOAK").is_some() { 200_000 } else { 5_000 };
    let seed = std::env::var("GEN_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let objects = originals();
    let mut by_kind: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for object in objects {
        by_kind.entry(object.str_at(&["kind"]).unwrap_or_default()).or_default().push(object);
    }
    let kinds: Vec<&Vec<&Value>> = by_kind.values().collect();
    let all: Vec<&Value> = objects.iter().collect();
    let mut random = Random::new(seed);
    let texts: Vec<String> = (0..count)
        .map(|_| {
            // No kind is left out because others are many.
            let of = if random.below(2) == 0 { *random.pick(&kinds) } else { &all };
            let mutant = mutants::mutant_anywhere(&mut random, of, &WORDS);
            if random.below(60) == 0 { repeated(&mut random, &mutant) } else { mutant.to_string() }
        })
        .collect();
    let mut found = Vec::new();
    let mut refused = 0;
    // The oracle keeps what it reads.
    for some in texts.chunks(20_000) {
        let Some((different, of)) = differences(some) else { return };
        found.extend(different);
        refused += of;
    }
    println!(
        "Kubernetes: {count} mutants of {} objects of {} kinds compared, {refused} refused, {} differ",
        objects.len(),
        kinds.len(),
        found.len()
    );
    assert!(refused > count / 5 && refused < count * 19 / 20, "{refused} of {count} refused");
    for one in &found {
        println!("{}", one.lines().next().unwrap_or_default());
    }
    let allowed = count / 200;
    assert!(found.len() <= allowed, "{} of {count} differ:\n{}", found.len(), found.join("\n"));
}

/// The object as text with one of its fields twice.
fn repeated(random: &mut Random, object: &Value) -> String {
    let text = object.to_string();
    let starts: Vec<usize> = text.match_indices("{\"").map(|(at, _)| at + 1).collect();
    let at = *random.pick(&starts);
    let field = text[at..].split(':').next().unwrap_or_default();
    let is_whole = field.matches('"').count() == 2;
    if is_whole { format!("{}{field}:null,{}", &text[..at], &text[at..]) } else { text }
}

const WORDS: Words = Words {
    keys: &[
        "imgae",
        "image",
        "name",
        "namespace",
        "labels",
        "annotations",
        "ports",
        "port",
        "targetPort",
        "nodePort",
        "hostPort",
        "protocol",
        "env",
        "value",
        "valueFrom",
        "volumes",
        "volumeMounts",
        "subPath",
        "readOnly",
        "emptyDir",
        "secret",
        "configMap",
        "resources",
        "requests",
        "limits",
        "cpu",
        "memory",
        "replicas",
        "selector",
        "matchLabels",
        "type",
        "strategy",
        "rollingUpdate",
        "maxSurge",
        "maxUnavailable",
        "minAvailable",
        "livenessProbe",
        "httpGet",
        "tcpSocket",
        "path",
        "pathType",
        "host",
        "schedule",
        "timeZone",
        "restartPolicy",
        "hostNetwork",
        "hostPID",
        "runAsUser",
        "privileged",
        "allowPrivilegeEscalation",
        "capabilities",
        "apiGroups",
        "verbs",
        "resourceNames",
        "nonResourceURLs",
        "kind",
        "apiGroup",
        "cidr",
        "endPort",
        "policyTypes",
        "data",
        "stringData",
        "binaryData",
        "externalTrafficPolicy",
        "clusterIP",
        "sessionAffinity",
        "tolerations",
        "operator",
        "effect",
        "topologyKey",
        "key",
        "a/b/c",
        "-x",
    ],
    texts: &[
        "",
        "A_B",
        "a.b",
        "-x",
        "x-",
        "a b",
        "a/b",
        "..",
        "../x",
        "/x",
        "/x/../y",
        "//",
        "x",
        "http",
        "web",
        "TCP",
        "tcp",
        "UDP",
        "0",
        "8080",
        "70000",
        "a-port-name-too-long",
        "1--2",
        "500m",
        "1Gi",
        "-1",
        "1GB",
        "1e3",
        "0.5",
        "5Zi",
        "100",
        "25%",
        "101%",
        "0%",
        "1000000",
        "* * * * *",
        "0 0 * * 7",
        "*/5 * * *",
        "@daily",
        "Europe/Berlin",
        "Europe/Berln",
        "10.0.0.0/8",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "300.0.0.1",
        "10.0.0.1",
        "::1",
        "fd00::/8",
        "*.example.test",
        "*",
        "example.test/x",
        "Always",
        "Never",
        "OnFailure",
        "Recreate",
        "RollingUpdate",
        "OnDelete",
        "ClusterIP",
        "NodePort",
        "LoadBalancer",
        "ExternalName",
        "None",
        "Local",
        "Exact",
        "Prefix",
        "In",
        "Exists",
        "Equal",
        "NoExecute",
        "Role",
        "ClusterRole",
        "User",
        "ServiceAccount",
        "rbac.authorization.k8s.io",
        "metadata.name",
        "metadata.labels['a']",
        "status.podIP",
        "limits.cpu",
        "spec.replicas",
        "kubernetes.io/tls",
        "Utilization",
        "AverageValue",
        "ReadWriteOnce",
        "ReadWriteMany",
        "RuntimeDefault",
        "Localhost",
        "Unmasked",
        "a-name-that-is-much-longer-than-the-sixty-three-characters-which-are-allowed",
    ],
    numbers: &[-1, 0, 1, 2, 80, 100, 1_000, 65_535, 65_536, 100_000, 3_000_000_000],
};
