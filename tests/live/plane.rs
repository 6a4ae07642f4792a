//! The control plane itself: the servers, users and stand-ins that the other tests rely on.

use std::process::Command;

use serde_json::{Value, json};

use crate::cluster::{User, cluster, eventually};
use crate::flux::{self, Source};
use crate::support::{Repo, text};

#[test]
fn servers_say_their_version_and_know_the_users() {
    let Some(cluster) = cluster() else { return };
    let version = cluster.admin().get_path("/version").expect_ok();
    assert_eq!(text(&version, "/gitVersion"), "v1.37.2");
    let secrets = "/api/v1/namespaces/default/secrets";
    assert_eq!(cluster.admin().get_path(secrets).status, 200);
    assert_eq!(cluster.as_user(User::Reader).get_path(secrets).status, 200);
    assert_eq!(cluster.as_user(User::Nobody).get_path(secrets).status, 403);
    let account = cluster.as_user(User::Account("default", "default"));
    let refused = account.get_path(secrets);
    assert_eq!(refused.status, 403);
    assert!(
        refused.message().contains(r#"User "system:serviceaccount:default:default" cannot list"#),
        "{}",
        refused.message()
    );
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "not-made"}});
    assert_eq!(cluster.as_user(User::Reader).create(&namespace).status, 403);
}

fn deployment(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": "registry.example/none"}]},
            },
        },
    })
}

#[test]
fn deployments_come_up_unless_they_are_to_fail() {
    let Some(cluster) = cluster() else { return };
    let admin = cluster.admin();
    let namespace = cluster.namespace("outcomes");
    admin.create(&deployment(&namespace, "succeeds")).expect_ok();
    let mut fails = deployment(&namespace, "fails");
    fails["spec"]["template"]["metadata"]["annotations"] = json!({"gen.test/outcome": "fail"});
    admin.create(&fails).expect_ok();
    let get = |name: &str| admin.get("apps/v1", "Deployment", &namespace, name).expect_ok();
    let up = eventually(
        || {
            let now = get("succeeds");
            (now["status"]["availableReplicas"] == 2).then_some(now)
        },
        || get("succeeds")["status"].to_string(),
    );
    assert_eq!(up["status"]["observedGeneration"], up["metadata"]["generation"]);
    let reason = "/status/containerStatuses/0/state/waiting/reason";
    eventually(
        || {
            let pods = admin.list("v1", "Pod", &namespace);
            let waiting = pods.iter().filter(|pod| text(pod, reason) == "ImagePullBackOff");
            (waiting.count() == 2).then_some(())
        },
        || format!("{:?}", admin.list("v1", "Pod", &namespace)),
    );
    assert_eq!(get("fails")["status"]["availableReplicas"], Value::Null);
}

#[test]
fn claims_are_bound_and_runs_end() {
    let Some(cluster) = cluster() else { return };
    let admin = cluster.admin();
    let namespace = cluster.namespace("outcomes");
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    admin.create(&claim).expect_ok();
    let run = |name: &str, outcome: &str| {
        json!({
            "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
            "metadata": {"name": name, "namespace": namespace, "annotations": {"gen.test/outcome": outcome}},
            "spec": {"pipelineRef": {"name": "none"}},
        })
    };
    for outcome in ["succeed", "fail", "wait"] {
        admin.create(&run(outcome, outcome)).expect_ok();
    }
    let get =
        |api: &str, kind: &str, name: &str| admin.get(api, kind, &namespace, name).expect_ok();
    eventually(
        || {
            let claim = get("v1", "PersistentVolumeClaim", "data");
            (text(&claim, "/status/phase") == "Bound").then_some(())
        },
        || "the claim is not bound".to_owned(),
    );
    for (name, wanted) in [("succeed", "True"), ("fail", "False")] {
        eventually(
            || {
                let run = get("tekton.dev/v1", "PipelineRun", name);
                (text(&run, "/status/conditions/0/status") == wanted).then_some(())
            },
            || get("tekton.dev/v1", "PipelineRun", name).to_string(),
        );
    }
    let waits = get("tekton.dev/v1", "PipelineRun", "wait");
    assert_eq!(waits.get("status"), None);
}

#[test]
fn flux_applies_prunes_and_reports_what_is_committed() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("source");
    let map = |name: &str, value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata: {{key: {value}}}\n"
        )
    };
    let source = Source::new(cluster, Repo::empty(), &namespace);
    source.repo().write("tree/one.yaml", map("one", "first"));
    source.repo().write("tree/two.yaml", map("two", "first"));
    let commit = source.commit();
    source.follow("./tree");
    source.wait(&commit);
    let get = |name: &str| cluster.admin().get("v1", "ConfigMap", &namespace, name);
    assert_eq!(get("two").expect_ok()["data"]["key"], "first");

    source.repo().write("tree/one.yaml", map("one", "second"));
    source.repo().remove("tree/two.yaml");
    source.wait(&source.commit());
    assert_eq!(get("one").expect_ok()["data"]["key"], "second");
    assert_eq!(get("two").status, 404);

    source.repo().write("tree/one.yaml", "kind: [not an object\n");
    let broken = source.commit();
    eventually(
        || {
            let entry = source.kustomization("flux-system");
            let tried = text(&entry, "/status/lastAttemptedRevision").ends_with(&broken);
            (tried && flux::ready(&entry).0 == "False").then_some(())
        },
        || source.told(),
    );
    // Nothing asked of the broken commit is done.
    assert_eq!(get("one").expect_ok()["data"]["key"], "second");
}

#[test]
fn sources_are_what_the_source_controller_makes_of_them() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("source");
    let source = Source::new(cluster, Repo::empty(), &namespace);
    source.repo().write("tree/one.yaml", "first");
    source.repo().write("other/two.yaml", "second");
    // It leaves such files out of an artifact.
    source.repo().write(".github/workflows/ci.yaml", "third");
    let mut wanted = source.bootstrap("./tree")[0].clone();
    wanted["spec"]["ref"]["branch"] = json!("later");
    cluster.admin().create(&wanted).expect_ok();
    let api = text(&wanted, "/apiVersion");
    let get = || cluster.admin().get(api, "GitRepository", &namespace, "flux-system").expect_ok();
    let said = |status: &str, message: &str| {
        eventually(
            || {
                let now = get();
                let (is, why) = flux::ready(&now);
                (is == status && why.contains(message)).then(|| now.clone())
            },
            || get()["status"].to_string(),
        )
    };
    let first = source.commit();
    said("False", "couldn't find remote ref \"refs/heads/later\"");

    source.git(&["branch", "later"]);
    cluster.poke();
    let ready = said("True", &format!("stored artifact for revision 'later@sha1:{first}'"));
    let files = |source: &Value| {
        let address = text(source, "/status/artifact/url");
        let archive = cluster.logs().join("sources").join(text(source, "/status/artifact/path"));
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        let output = Command::new("tar").arg("-tzf").arg(archive).output().expect("tar runs");
        let all = String::from_utf8(output.stdout).expect("UTF-8");
        all.lines().filter(|line| line.contains(".yaml")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(files(&ready), ["other/two.yaml", "tree/one.yaml"]);

    let sparse = json!({"spec": {"sparseCheckout": ["tree"]}});
    cluster.admin().merge(&ready, "test", &sparse).expect_ok();
    let only = eventually(
        || Some(files(&get())).filter(|files| files.len() == 1),
        || get()["status"].to_string(),
    );
    assert_eq!(only, ["tree/one.yaml"]);
}

#[test]
fn tekton_admits_and_converts_its_kinds() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("admitted");
    let admin = cluster.admin();
    let object = |api: &str, kind: &str, spec: Value| {
        let metadata = json!({"name": "probe", "namespace": namespace});
        json!({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})
    };
    // Each is a mistake that no schema shows.
    let task = |steps: Value| object("tekton.dev/v1", "Task", json!({"steps": steps}));
    let nobody = json!([{"name": "one", "taskRef": {"name": "any"}, "runAfter": ["nobody"]}]);
    let refused = [
        (task(json!([])), "validation.webhook.pipeline.tekton.dev", "missing field(s): spec.steps"),
        (
            object("tekton.dev/v1", "Pipeline", json!({"tasks": nobody})),
            "validation.webhook.pipeline.tekton.dev",
            "nobody wasn't present in Pipeline",
        ),
        (
            object("triggers.tekton.dev/v1beta1", "EventListener", json!({})),
            "validation.webhook.triggers.tekton.dev",
            "spec.triggers",
        ),
    ];
    for (object, webhook, why) in &refused {
        let answer = admin.create(object);
        let said = answer.message();
        assert!(said.contains(webhook) && said.contains(why), "{}: {said}", answer.status);
    }
    let step = json!({"name": "one", "image": "registry.example/one", "computeResources": {"limits": {"memory": "1Mi"}}});
    admin.create(&task(json!([step]))).expect_ok();
    let old = admin.get("tekton.dev/v1beta1", "Task", &namespace, "probe").expect_ok();
    assert_eq!(text(&old, "/spec/steps/0/resources/limits/memory"), "1Mi");
}
