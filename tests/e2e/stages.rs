//! Through the stages: promotion, a second one, taking it back, and removing the app.

use std::sync::mpsc::Sender;

use crate::delivery::{APP, Delivery, git};
use crate::story::serves;
use crate::support::text;

/// `gen promote` and a commit bring an image to the next stage; where `run: commit` says so, that commit starts its tests. Tells
/// when the stage before may run another image.
fn promote(delivery: &Delivery, args: &[&str], image: &str, told: impl FnOnce()) {
    let to = args[0];
    let known = delivery.runs("demo-app-staging-ci");
    delivery.pull();
    let said = delivery.call(&[&["promote", APP, "--to"], args].concat());
    let said = said.exits(0);
    told();
    let digest = image.split_once("@sha256:").expect("a digest").1;
    assert!(said.stdout.contains(&digest[..12]), "{}{}", said.stdout, said.stderr);
    let differs = delivery.differs();
    let stage = format!("demo-app-{to}");
    let workload = format!("Deployment {stage}/{APP}");
    assert!(differs.iter().any(|change| change.ends_with(&workload)), "{differs:#?}");
    let of_stage = |change: &String| change.contains(&stage);
    assert!(differs.iter().all(of_stage), "{differs:#?}");
    delivery.commit();
    assert_eq!(delivery.deployed(to), image);
    serves(delivery, to);
    if to == "staging" {
        delivery.committed_run("demo-app-staging-ci", &known).succeeds(delivery.cluster);
    }
    delivery.nothing_differs();
}

/// The first image, as far as prod. Tells when dev may run another one.
pub fn promoted(delivery: &Delivery, image: &str, told: &Sender<()>) {
    promote(delivery, &["staging"], image, || {
        told.send(()).expect("the other goes on");
    });
    // The autoscaler has set what the manifest leaves to it.
    let deployment =
        delivery.cluster.admin().get("apps/v1", "Deployment", "demo-app-staging", APP).expect_ok();
    assert_eq!(deployment["spec"]["replicas"], 2);
    promote(delivery, &["prod"], image, || ());
}

/// The second as well; then `git revert` takes prod back to the first.
pub fn reverted(delivery: &Delivery, first: &str, second: &str) {
    // What dev runs by now may have failed its tests; what was proven is named.
    promote(delivery, &["staging", "--image", second], second, || ());
    promote(delivery, &["prod"], second, || ());
    let at = delivery.gitops.path();
    git(at, &["revert", "--no-edit", "HEAD"]);
    assert_eq!(delivery.differs(), ["changed Deployment demo-app-prod/demo-app"]);
    git(at, &["push", "--quiet", "origin", "main"]);
    delivery.applied();
    assert_eq!(delivery.deployed("prod"), first);
    assert_eq!(delivery.deployed("staging"), second);
    serves(delivery, "prod");
    delivery.nothing_differs();
}

/// Another app takes its place in gen.yaml. What the design keeps stays: namespaces, which may hold what nobody can make again, and
/// the account that Flux prunes with; everything else goes.
pub fn removed(delivery: &Delivery) {
    delivery.pull();
    let spec = delivery.gitops.read("gen.yaml");
    let (head, _) = spec.split_once("  demo-app:").expect("the app");
    let other = "  next-app:\n    source: http://git.gen.test:3000/next-app.git\n    image: registry.gen.test:5000/homelab/next-app\n    pipeline: [fetch-source]\n";
    delivery.gitops.write("gen.yaml", format!("{head}{other}"));
    for (name, from, to) in [
        (
            "staging",
            "apps: {\"*\": {replicas: 1}, demo-app: {scale: {min: 2, max: 3, cpu: 80}}}\n",
            "",
        ),
        ("staging", "pipeline: [integration-test, load-test]\n", "pipeline: []\n"),
        ("prod", "pipeline: [integration-test]\n", "pipeline: []\n"),
    ] {
        delivery.gitops.edit(&format!("environments/{name}.yaml"), from, to);
    }
    for name in ["edge", "staging", "prod"] {
        delivery.gitops.remove(&format!("environments/{name}.pins.yaml"));
    }
    delivery.gitops.write(
        "environments/classic.yaml",
        "cluster: homelab\ncontext: gen-test\ndeploy: kubectl\nrun: none\n",
    );
    let said = delivery.generate(["render"]).exits(0).stdout;
    assert!(said.contains("`gen render --forget demo-app`"), "{said}");
    let differs = delivery.differs();
    for change in &differs {
        let expected = match change.split_once(' ').expect("a word before") {
            ("pruned", object) => object.contains("demo-app"),
            ("kept", object) => object.starts_with("PipelineRun demo-app-"),
            ("created", object) => object.contains("next-app"),
            _ => false,
        };
        assert!(expected, "{change} of {differs:#?}");
    }
    delivery.commit();

    let admin = delivery.cluster.admin();
    let pruned = differs.iter().filter_map(|change| change.strip_prefix("pruned "));
    for object in pruned.clone() {
        let (kind, path) = object.split_once(' ').expect("a kind");
        let (namespace, name) = path.split_once('/').expect("a namespace");
        crate::cluster::eventually(
            || (admin.get(api_of(kind), kind, namespace, name).status == 404).then_some(()),
            || format!("{object} is still there"),
        );
    }
    println!("{} objects of the app are gone", pruned.count());
    let gone = |api: &str, kind: &str, namespace: &str| {
        crate::cluster::eventually(
            || admin.list(api, kind, namespace).is_empty().then_some(()),
            || format!("{:?}", admin.list(api, kind, namespace)),
        );
    };
    for environment in ["dev", "edge", "staging", "prod"] {
        let namespace = format!("demo-app-{environment}");
        // Where the task applies the workload, Flux does not know it.
        if environment != "dev" {
            gone("apps/v1", "Deployment", &namespace);
            gone("v1", "Pod", &namespace);
        }
        gone("v1", "Service", &namespace);
        gone("tekton.dev/v1", "Pipeline", &format!("{namespace}-ci"));
        gone("tekton.dev/v1", "Task", &format!("{namespace}-ci"));
        let kept = admin.get("v1", "Namespace", "", &namespace).expect_ok();
        assert_eq!(text(&kept, "/status/phase"), "Active");
        let account = admin
            .list("v1", "ServiceAccount", "flux-system")
            .into_iter()
            .any(|each| text(&each, "/metadata/name").contains(&format!("demo-app-{environment}")));
        assert!(account, "the account of {environment} is retired, not gone");
    }
    delivery.nothing_differs();
}

/// The API of a kind that an app consists of.
fn api_of(kind: &str) -> &'static str {
    match kind {
        "ConfigMap" | "Service" | "ServiceAccount" => "v1",
        "Deployment" => "apps/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "PodDisruptionBudget" => "policy/v1",
        "NetworkPolicy" => "networking.k8s.io/v1",
        "Role" | "RoleBinding" => "rbac.authorization.k8s.io/v1",
        "Kustomization" => "kustomize.toolkit.fluxcd.io/v1",
        "Pipeline" | "Task" => "tekton.dev/v1",
        other => panic!("an app has no {other}"),
    }
}
