//! What can become of an app between two commits: by its spec, by somebody's hand in the cluster, or by both.

use serde_json::{Value, json};

/// What somebody does to an object of the app, under the name of some program.
pub enum Hand {
    Nothing,
    /// A merge patch on an object of that kind.
    Merge(&'static str, &'static str, Value),
    /// RFC 6902.
    Json(&'static str, &'static str, Value),
    Delete(&'static str),
}

use Hand::{Delete, Json, Merge, Nothing};

/// An app, named after what happens to it.
pub struct Situation {
    pub name: &'static str,
    /// Its keys when Flux applies it, and afterwards.
    pub before: &'static str,
    pub after: &'static str,
    pub hand: Hand,
    /// What the next commit does: `created`, `changed`, `pruned` or `kept`, and a kind.
    pub changes: &'static [&'static str],
    /// Whether Flux's client says so, too.
    pub is_seen: bool,
}

const WEB: &str = "port: 8080";

fn edited(
    name: &'static str,
    before: &'static str,
    after: &'static str,
    changes: &'static [&'static str],
) -> Situation {
    Situation { name, before, after, hand: Nothing, changes, is_seen: true }
}

fn by_hand(
    name: &'static str,
    spec: &'static str,
    hand: Hand,
    changes: &'static [&'static str],
) -> Situation {
    Situation { name, before: spec, after: spec, hand, changes, is_seen: true }
}

/// Those in which the spec is edited.
#[allow(clippy::too_many_lines, reason = "a table")]
fn of_specs() -> Vec<Situation> {
    let (rights, more) = (
        "port: 8080, permissions: [{resources: [pods], verbs: [get]}]",
        "port: 8080, permissions: [{resources: [pods], verbs: [get, list]}]",
    );
    let (low, high) = ("port: 8080, env: {LEVEL: info}", "port: 8080, env: {LEVEL: debug}");
    let (here, there) =
        ("port: 8080, host: '{{ app }}.here.test'", "port: 8080, host: '{{ app }}.there.test'");
    let (file, other) =
        ("port: 8080, files: {/etc/a.toml: a}", "port: 8080, files: {/etc/a.toml: b}");
    let (few, many) = ("port: 8080, scale: {max: 3}", "port: 8080, scale: {max: 5}");
    let (near, far) = (
        "port: 8080, egress: [{cidr: 10.0.0.0/8}]",
        "port: 8080, egress: [{cidr: 10.0.0.0/8}, {cidr: 192.0.2.0/24}]",
    );
    let (night, noon) = (
        "workload: {cronjob: {schedule: '30 2 * * *'}}",
        "workload: {cronjob: {schedule: '30 12 * * *'}}",
    );
    vec![
        edited("untouched", WEB, WEB, &[]),
        edited("image", WEB, "port: 8080, image: 2", &["changed Deployment"]),
        edited(
            "replicas",
            WEB,
            "port: 8080, replicas: 3",
            &["changed Deployment", "created PodDisruptionBudget", "changed Role"],
        ),
        edited("env-added", WEB, low, &["changed Deployment"]),
        edited("env-changed", low, high, &["changed Deployment"]),
        edited("env-removed", low, WEB, &["changed Deployment"]),
        edited(
            "port",
            WEB,
            "port: 9090",
            &["changed Deployment", "changed NetworkPolicy", "changed Service"],
        ),
        edited("resources", WEB, "port: 8080, resources: {cpu: 75m}", &["changed Deployment"]),
        edited("health", WEB, "port: 8080, health: /health", &["changed Deployment"]),
        edited("grace", WEB, "port: 8080, grace: 5", &["changed Deployment"]),
        edited(
            "rights-given",
            WEB,
            rights,
            &[
                "created Role",
                "created RoleBinding",
                "changed Deployment",
                "changed ServiceAccount",
            ],
        ),
        edited(
            "rights-taken",
            rights,
            WEB,
            &["pruned Role", "pruned RoleBinding", "changed Deployment", "changed ServiceAccount"],
        ),
        edited("rights-changed", rights, more, &["changed Role"]),
        edited(
            "host-added",
            WEB,
            here,
            &["created Ingress", "changed NetworkPolicy", "changed Role"],
        ),
        edited("host-changed", here, there, &["changed Ingress"]),
        edited(
            "host-removed",
            here,
            WEB,
            &[
                "pruned Ingress",
                "changed NetworkPolicy",
                "changed Role",
                "created Role",
                "created RoleBinding",
            ],
        ),
        edited(
            "file-added",
            WEB,
            file,
            &["created ConfigMap", "changed Role", "changed Deployment"],
        ),
        edited("file-changed", file, other, &["changed ConfigMap", "changed Deployment"]),
        edited(
            "file-removed",
            file,
            WEB,
            &[
                "pruned ConfigMap",
                "changed Role",
                "changed Deployment",
                "created Role",
                "created RoleBinding",
            ],
        ),
        edited(
            "storage-added",
            WEB,
            "port: 8080, storage: [{name: data, size: 1Gi, mount: /data}]",
            &[
                "created PersistentVolumeClaim",
                "changed Namespace",
                "changed Role",
                "changed Deployment",
            ],
        ),
        edited("egress-added", WEB, near, &["changed NetworkPolicy"]),
        edited("egress-changed", near, far, &["changed NetworkPolicy"]),
        edited("scale-added", WEB, few, &["created HorizontalPodAutoscaler", "changed Role"]),
        edited("scale-changed", few, many, &["changed HorizontalPodAutoscaler"]),
        edited(
            "scale-removed",
            few,
            WEB,
            &[
                "pruned HorizontalPodAutoscaler",
                "changed Role",
                "created Role",
                "created RoleBinding",
            ],
        ),
        edited("schedule", night, noon, &["changed CronJob"]),
    ]
}

/// Those in which somebody edits the cluster. What a program of that name sets beside what is in the tree, Flux leaves alone.
#[allow(clippy::too_many_lines, reason = "a table")]
fn of_hands() -> Vec<Situation> {
    const BOT: &str = "team-bot";
    const KUBECTL: &str = "kubectl-edit";
    let spec = |value: Value| json!({"spec": value});
    let label = |key: &str| json!({"metadata": {"labels": {key: "other"}}});
    let note = |key: &str, value: &str| json!({"metadata": {"annotations": {key: value}}});
    let rights = "port: 8080, permissions: [{resources: [pods], verbs: [get]}]";
    let level = "port: 8080, env: {LEVEL: info}";
    let variable = json!([{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "X", "value": "1"}}]);
    let replace =
        |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
    let two = "port: 8080, replicas: 2";
    let host = "port: 8080, host: '{{ app }}.hand.test'";
    let file = "port: 8080, files: {/etc/a.toml: a}";
    let night = "workload: {cronjob: {schedule: '30 2 * * *'}}";
    let image = "/spec/template/spec/containers/0/image";
    vec![
        by_hand(
            "scaled",
            two,
            Merge("Deployment", "kubectl", spec(json!({"replicas": 5}))),
            &["changed Deployment"],
        ),
        by_hand(
            "autoscaled",
            "port: 8080, scale: {max: 3}",
            Merge("Deployment", BOT, spec(json!({"replicas": 3}))),
            &[],
        ),
        by_hand(
            "set-image",
            WEB,
            Json("Deployment", BOT, replace(image, json!("registry.example/hand:1"))),
            &["changed Deployment"],
        ),
        by_hand("label-added", WEB, Merge("Deployment", BOT, label("team")), &[]),
        by_hand(
            "label-changed",
            WEB,
            Merge("Deployment", BOT, label("app.kubernetes.io/name")),
            &["changed Deployment"],
        ),
        by_hand("annotated", WEB, Merge("Service", BOT, note("team", "a")), &[]),
        by_hand("variable-of-a-bot", level, Json("Deployment", BOT, variable.clone()), &[]),
        by_hand("deadline", WEB, Merge("Deployment", BOT, spec(json!({"deadline": true}))), &[]),
        by_hand("suspended", night, Merge("CronJob", BOT, spec(json!({"suspend": true}))), &[]),
        by_hand(
            "rules",
            rights,
            Json("Role", BOT, replace("/rules/0/verbs", json!(["get", "delete"]))),
            &["changed Role"],
        ),
        by_hand(
            "data",
            file,
            Merge("ConfigMap", BOT, json!({"data": {"etc_a.toml": "by hand"}})),
            &["changed ConfigMap"],
        ),
        by_hand(
            "affinity",
            WEB,
            Merge("Service", BOT, spec(json!({"sessionAffinity": "ClientIP"}))),
            &[],
        ),
        by_hand(
            "lowered",
            WEB,
            Merge(
                "Namespace",
                BOT,
                json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}),
            ),
            &["changed Namespace"],
        ),
        by_hand("no-deployment", WEB, Delete("Deployment"), &["created Deployment"]),
        by_hand("no-service", WEB, Delete("Service"), &["created Service"]),
        by_hand("no-binding", rights, Delete("RoleBinding"), &["created RoleBinding"]),
        by_hand("no-ingress", host, Delete("Ingress"), &["created Ingress"]),
        by_hand("no-policy", WEB, Delete("NetworkPolicy"), &["created NetworkPolicy"]),
        // Its client says nothing of what Flux leaves alone.
        Situation {
            is_seen: false,
            after: "port: 8080, image: 2",
            ..by_hand(
                "left-alone",
                WEB,
                Merge("Deployment", BOT, note("kustomize.toolkit.fluxcd.io/reconcile", "disabled")),
                &["kept Deployment"],
            )
        },
        Situation {
            after: "port: 8080, replicas: 4",
            ..by_hand(
                "both",
                two,
                Json("Deployment", BOT, replace(image, json!("registry.example/hand:1"))),
                &["changed Deployment"],
            )
        },
        // Flux takes the fields that kubectl's commands own, before it applies; its client does not look at who owns them.
        Situation {
            is_seen: false,
            ..by_hand(
                "variable-of-kubectl",
                level,
                Json("Deployment", KUBECTL, variable),
                &["changed Deployment"],
            )
        },
    ]
}

pub fn all() -> Vec<Situation> {
    of_specs().into_iter().chain(of_hands()).collect()
}
