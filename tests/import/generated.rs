//! Random folders: whatever is in them, there is an answer, and each object has a verdict.

use serde_json::{Value, json};

use crate::coverage::dry;
use crate::random::Random;
use crate::support::Repo;

/// Number of folders; with `GEN_SOAK=1` the larger one.
const FOLDERS: [u64; 2] = [8, 500];

fn name(random: &mut Random) -> String {
    (*random.pick(&["web", "api", "db", "web-worker", "cache", "a", "x-1", "0"])).to_owned()
}

fn labels(random: &mut Random) -> Value {
    let key = *random.pick(&["app", "app.kubernetes.io/name", "k8s-app", "tier"]);
    json!({key: name(random)})
}

/// A value that a field might have, or ought not to.
fn odd(random: &mut Random) -> Value {
    match random.below(9) {
        0 => json!(null),
        1 => json!(-1),
        2 => json!("{{ app }}"),
        3 => json!([{"a": [1, 2]}]),
        4 => json!({"x": {"y": "z"}}),
        5 => json!("a\nb\n"),
        6 => json!(true),
        7 => json!("../../etc/passwd"),
        _ => json!(4_294_967_296_u64),
    }
}

fn container(random: &mut Random) -> Value {
    let mut made = json!({"name": name(random), "image": *random.pick(&["r/a:1", "r/b", "docker.io/library/redis:8@sha256:aa", "not an image"])});
    let fields = [
        ("command", json!(["sh", "-c", "echo $(HOME) $$"])),
        ("args", json!([1, true, "x"])),
        (
            "ports",
            json!([{"containerPort": 80, "name": "http"}, {"containerPort": 53, "protocol": "UDP"}]),
        ),
        (
            "env",
            json!([{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
        ),
        (
            "envFrom",
            json!([{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "s"}, "prefix": "P_"}]),
        ),
        (
            "livenessProbe",
            json!({"httpGet": {"path": "/", "port": "http"}, "terminationGracePeriodSeconds": 5}),
        ),
        ("readinessProbe", json!({"tcpSocket": {"port": 9999}, "periodSeconds": 1})),
        ("resources", json!({"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": 2}})),
        ("securityContext", json!({"runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}})),
        (
            "volumeMounts",
            json!([{"name": "v", "mountPath": "/v"}, {"name": "c", "mountPath": "/c/x", "subPath": "x"}]),
        ),
        (
            "lifecycle",
            json!({"postStart": {"exec": {"command": ["true"]}}, "preStop": {"sleep": {"seconds": 3}}}),
        ),
        ("stdin", json!(true)),
    ];
    for (key, value) in fields {
        match random.below(8) {
            0..4 => made[key] = value,
            4 => made[key] = odd(random),
            _ => {}
        }
    }
    made
}

fn workload(random: &mut Random) -> Value {
    let kind = *random.pick(&["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job"]);
    let labels = labels(random);
    let mut pod =
        json!({"containers": (0..=random.below(2)).map(|_| container(random)).collect::<Vec<_>>()});
    let fields = [
        ("initContainers", json!([container(random)])),
        (
            "volumes",
            json!([{"name": "v", "emptyDir": {}}, {"name": "c", "configMap": {"name": "settings"}}]),
        ),
        ("serviceAccountName", json!(name(random))),
        ("securityContext", json!({"runAsNonRoot": true, "fsGroup": 5})),
        ("hostNetwork", json!(true)),
        ("nodeSelector", json!({"kubernetes.io/arch": "arm64", "x": "y"})),
        ("tolerations", json!([{"operator": "Exists"}])),
        ("affinity", json!({"nodeAffinity": {}})),
    ];
    for (key, value) in fields {
        match random.below(10) {
            0..3 => pod[key] = value,
            3 => pod[key] = odd(random),
            _ => {}
        }
    }
    let template = json!({"metadata": {"labels": labels}, "spec": pod});
    let api = if matches!(kind, "CronJob" | "Job") { "batch/v1" } else { "apps/v1" };
    let spec = match kind {
        "CronJob" => {
            json!({"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}})
        }
        "Job" => json!({"template": template}),
        _ => {
            json!({"selector": {"matchLabels": labels}, "template": template, "replicas": random.below(4), "serviceName": name(random)})
        }
    };
    json!({"apiVersion": api, "kind": kind, "metadata": {"name": name(random)}, "spec": spec})
}

fn object(random: &mut Random) -> Value {
    let mut made = match random.below(9) {
        0..4 => workload(random),
        4 => {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name(random)}, "spec": {"selector": labels(random), "ports": [{"port": 80, "targetPort": "http"}, {"port": 53, "protocol": "UDP"}]}})
        }
        5 => {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"x": "1", "A_B": "two\nlines\n"}})
        }
        6 => {
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name(random)}, "spec": {"rules": [{"host": "a.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": name(random), "port": {"number": 80}}}}]}}]}})
        }
        7 => {
            json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name(random)}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": name(random)}, "maxReplicas": 3, "metrics": odd(random)}})
        }
        _ => {
            json!({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": name(random)}, "spec": odd(random)})
        }
    };
    if random.below(3) > 0 {
        made["metadata"]["namespace"] = json!(*random.pick(&["one", "two", "kube-system"]));
    }
    if random.below(12) == 0 {
        made["metadata"][*random.pick(&["labels", "annotations", "name", "finalizers"])] =
            odd(random);
    }
    if random.below(12) == 0 {
        made["spec"] = odd(random);
    }
    made
}

#[test]
fn each_object_of_any_folder_has_a_verdict() {
    let first: u64 =
        std::env::var("GEN_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let is_long = std::env::var_os("GEN_SOAK").is_some_and(|value| value == "1");
    for seed in first..first + FOLDERS[usize::from(is_long)] {
        let mut random = Random::new(seed);
        let mut repo = Repo::new();
        let mut count = 0;
        for file in 0..=random.below(3) {
            let objects: Vec<Value> = (0..=random.below(6)).map(|_| object(&mut random)).collect();
            let is_object = |value: &&Value| {
                value["metadata"]["name"].as_str().is_some_and(|name| !name.is_empty())
            };
            count += objects.iter().filter(is_object).count();
            let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
            repo = repo.file(&format!("in/{file}.json"), list.to_string());
        }
        if count == 0 {
            continue;
        }
        let report = dry(repo.root(), &["in".into()]);
        let judged = report.import.proof.judged.len();
        assert_eq!(judged, count, "seed {seed}");
    }
}
