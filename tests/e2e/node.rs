//! The node itself: a pod runs on it, reaches the API server, a name and a Service.

use serde_json::{Value, json};

use crate::cluster::{Cluster, cluster, eventually};
use crate::images;
use crate::support::text;

/// The cluster with its node, which `make e2e` makes. Tests that need it are ignored elsewhere.
pub fn node() -> &'static Cluster {
    node_with(images::all)
}

fn node_with(has: fn() -> Vec<Value>) -> &'static Cluster {
    static IMAGES: std::sync::Once = std::sync::Once::new();
    IMAGES.call_once(|| images::write(has()));
    cluster().expect("tests/tools/e2e names its cluster")
}

/// Makes a namespace, and waits for the account that its pods run under.
pub fn namespace_for_pods(cluster: &Cluster, name: &str) {
    let admin = cluster.admin();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    admin.create(&namespace).expect_ok();
    eventually(
        || admin.get("v1", "ServiceAccount", name, "default").is_ok().then_some(()),
        || format!("no account in {name}"),
    );
}

/// What a container of a pod has said.
pub fn log(cluster: &Cluster, namespace: &str, pod: &str, container: &str) -> String {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}");
    let answer = cluster.admin().get_path(&path);
    // Not JSON, so the answer keeps it as a message.
    match &answer.body {
        Value::Object(_) => text(&answer.body, "/message").to_owned(),
        other => other.to_string(),
    }
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn a_pod_runs_and_reaches_what_it_should() {
    let cluster = node();
    let namespace = "node";
    namespace_for_pods(cluster, namespace);
    let admin = cluster.admin();
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe", "namespace": namespace},
        "spec": {
            "restartPolicy": "Never",
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "probe", "image": "docker.io/curlimages/curl:8.16.0",
                "command": ["sh", "-c", "id -u; curl -sk https://kubernetes.default.svc/version | grep gitVersion; curl -s -o /dev/null -w '%{http_code}\\n' http://registry.gen.test:5000/v2/"],
                "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}},
            }],
        },
    });
    admin.create(&pod).expect_ok();
    let get = || admin.get("v1", "Pod", namespace, "probe").expect_ok();
    eventually(
        || {
            let phase = get();
            ["Succeeded", "Failed"].contains(&text(&phase, "/status/phase")).then_some(())
        },
        || get()["status"].to_string(),
    );
    let said = log(cluster, namespace, "probe", "probe");
    println!("{said}");
    assert!(said.starts_with("65532\n"), "{said}");
    assert!(said.contains("v1.37.2") && said.trim_end().ends_with("200"), "{said}");
}

/// For `tests/tools/e2e ends`: a node with a pod that runs until somebody ends it.
#[test]
#[ignore = "waits to be ended"]
fn waits_to_be_ended() {
    let cluster = node_with(images::fewest);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "waits", "namespace": "default"},
        "spec": {"containers": [{"name": "waits", "image": images::PAUSE}]},
    });
    cluster.admin().create(&pod).expect_ok();
    let get = || {
        let pod = cluster.admin().get("v1", "Pod", "default", "waits");
        pod.expect_ok()
    };
    eventually(
        || (text(&get(), "/status/phase") == "Running").then_some(()),
        || get()["status"].to_string(),
    );
    println!("the node waits to be ended");
    std::thread::park_timeout(std::time::Duration::from_hours(1));
}
