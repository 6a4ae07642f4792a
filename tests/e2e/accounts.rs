//! Accounts, for real: the classic Forbidden and its remedy, what a task's token is refused, and tasks that have none.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cluster::eventually;
use crate::delivery::Delivery;
use crate::node::log;
use crate::support::{list, text};

/// An environment whose deploy step runs under the account `default`: gen warns, the run fails with the Forbidden line; without that
/// setting it succeeds.
pub fn classic(delivery: &Delivery, image: &str) {
    let cluster = delivery.cluster;
    delivery.pull();
    let environment = |account: &str| {
        format!(
            "cluster: homelab\ncontext: gen-test\ndeploy: kubectl\nrun: none\npipeline: [deploy-app]\n\
             apps: {{demo-app: {{finally: [], image: \"{image}\"{account}}}}}\n"
        )
    };
    let file = "environments/classic.yaml";
    delivery.gitops.write(file, environment(", serviceAccount: default"));
    let said = delivery.generate(["render"]).exits(0);
    let warned = "the account `default` of the task `deploy-app` is not allowed to create deployments.apps; get, list, patch, watch deployments.apps \"demo-app\"";
    assert!(said.stderr.contains("GEN0451") && said.stderr.contains(warned), "{}", said.stderr);
    let differs = delivery.differs();
    assert!(!differs.is_empty());
    for change in &differs {
        let own = change.starts_with("created ") && change.contains("demo-app-classic");
        assert!(own, "{differs:#?}");
    }
    delivery.commit();
    delivery.nothing_differs();
    let run = delivery.run("demo-app", "classic").stops_at(cluster, "deploy-app");
    let said = run.log(cluster, "deploy-app", "deploy");
    let forbidden = "User \"system:serviceaccount:demo-app-classic-ci:default\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"demo-app-classic\"";
    assert!(said.contains("Error from server (Forbidden)") && said.contains(forbidden), "{said}");
    println!("{}", said.lines().last().unwrap_or_default());

    delivery.gitops.write(file, environment(""));
    let said = delivery.generate(["render"]).exits(0);
    assert!(!said.stderr.contains("GEN0451"), "{}", said.stderr);
    assert_eq!(
        delivery.differs(),
        [
            "created Role demo-app-classic/demo-app-deploy-app",
            "created RoleBinding demo-app-classic/demo-app-deploy-app",
            "created ServiceAccount demo-app-classic-ci/demo-app-deploy-app",
            "created ServiceAccount demo-app-classic-ci/demo-app-pipeline",
        ]
    );
    delivery.commit();
    delivery.run("demo-app", "classic").succeeds(cluster);
    assert_eq!(delivery.deployed("classic"), image);
    delivery.nothing_differs();
}

/// What no task may: method and path.
fn calls() -> Vec<(&'static str, String)> {
    let mut calls = Vec::new();
    for namespace in ["demo-app-dev", "demo-app-dev-ci", "flux-system", "demo-app-prod"] {
        let core = format!("/api/v1/namespaces/{namespace}");
        let apps = format!("/apis/apps/v1/namespaces/{namespace}");
        let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
        calls.extend([
            ("GET", format!("{core}/secrets")),
            ("GET", format!("{core}/configmaps")),
            ("POST", format!("{core}/pods")),
            ("DELETE", format!("{core}/pods")),
            ("POST", format!("{core}/serviceaccounts/default/token")),
            ("DELETE", format!("{apps}/deployments")),
            ("POST", format!("{rbac}/roles")),
            ("POST", format!("{rbac}/rolebindings")),
        ]);
    }
    calls.extend(
        [
            ("GET", "/api/v1/secrets"),
            ("GET", "/api/v1/nodes"),
            ("GET", "/api/v1/namespaces"),
            ("POST", "/api/v1/namespaces"),
            ("DELETE", "/api/v1/namespaces/demo-app-prod"),
            ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
            ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"),
            ("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
            ("GET", "/api/v1/nodes/gen-node/proxy/pods"),
            ("GET", "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"),
            ("GET", "/apis/tekton.dev/v1/namespaces/demo-app-dev-ci/pipelineruns"),
            ("DELETE", "/apis/tekton.dev/v1/namespaces/demo-app-dev-ci/pipelines/demo-app"),
        ]
        .map(|(method, path)| (method, path.to_owned())),
    );
    calls
}

/// From inside a pod of the pipeline, with the deploy task's own token: all of them are refused, and what it is for is not. The pods
/// of tasks that need nothing have no token.
pub fn forbidden(delivery: &Delivery) {
    let cluster = delivery.cluster;
    let (namespace, account) = ("demo-app-dev-ci", "demo-app-deploy-app");
    let calls = calls();
    assert!(calls.len() >= 40, "{}", calls.len());
    let allowed = ("GET", "/apis/apps/v1/namespaces/demo-app-dev/deployments/demo-app".to_owned());
    let asked: Vec<String> =
        calls.iter().chain([&allowed]).map(|(method, path)| format!("{method} {path}")).collect();
    // One on a line, and the last line has an end.
    let asked = asked.join("\n") + "\n";
    let script = r#"
        token=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)
        printf %s "$CALLS" | while read -r method path; do
          status=$(curl -sk -o /dev/null -w '%{http_code}' -X "$method" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
            $([ "$method" != POST ] || echo --data-binary {}) "https://kubernetes.default.svc$path")
          echo "$status $method $path"
        done
    "#;
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "asks", "namespace": namespace},
        "spec": {
            "restartPolicy": "Never", "serviceAccountName": account,
            "containers": [{
                "name": "asks", "image": "docker.io/curlimages/curl:8.16.0", "command": ["sh", "-c", script],
                "env": [{"name": "CALLS", "value": asked}],
                "securityContext": {
                    "runAsNonRoot": true, "runAsUser": 65532, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
                },
            }],
        },
    });
    let admin = cluster.admin();
    admin.create(&pod).expect_ok();
    let get = || admin.get("v1", "Pod", namespace, "asks").expect_ok();
    eventually(
        || (text(&get(), "/status/phase") == "Succeeded").then_some(()),
        || get()["status"].to_string(),
    );
    let said = log(cluster, namespace, "asks", "asks");
    let (refused, other): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| line.starts_with("403 "));
    assert_eq!(other, [format!("200 {} {}", allowed.0, allowed.1)], "{said}");
    assert_eq!(refused.len(), calls.len(), "{said}");
    println!("{} forbidden calls from inside a pod are refused", refused.len());

    let has_token = |pod: &Value| {
        list(pod, "/spec/volumes").iter().any(|volume| {
            list(volume, "/projected/sources")
                .iter()
                .any(|source| source.get("serviceAccountToken").is_some())
        })
    };
    let mut with = BTreeSet::new();
    let mut without = BTreeSet::new();
    for pod in admin.list("v1", "Pod", namespace) {
        let task = text(&pod, "/metadata/labels/tekton.dev~1pipelineTask").to_owned();
        if !task.is_empty() {
            if has_token(&pod) {
                with.insert(task);
            } else {
                without.insert(task);
            }
        }
    }
    let named = |tasks: BTreeSet<String>| tasks.into_iter().collect::<Vec<_>>().join(", ");
    let (with, without) = (named(with), named(without));
    assert_eq!(with, "deploy-app");
    assert_eq!(without, "build-image, fetch-source, integration-test, lint, load-test, unit-test");
    println!("tokens: {with}; none: {without}");
}
