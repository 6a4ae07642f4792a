//! Through the stages: promotion, a second one, taking it back, and removing the app.

use crate::delivery::{APP, Delivery, git};
use crate::story::serves;
use crate::support::text;

/// `gen promote` and a commit bring an image to the next stage; where `run: commit` says so, that commit starts its tests.
fn promote(delivery: &Delivery, to: &str, image: &str) {
    let known = delivery.runs("demo-app-staging-ci");
    delivery.pull();
    let said = delivery.generate(["promote", APP, "--to", to]).exits(0);
    let digest = image.split_once("@sha256:").expect("a digest").1;
    assert!(
        said.stdout.contains(&digest[..12]),
        "{}{}",
        said.stdout,
        said.stderr
    );
    // What the next commit changes, and nothing else.
    let differs = delivery.differs();
    assert!(
        differs.contains(&format!("Deployment demo-app-{to}/{APP}")),
        "{differs}"
    );
    for other in ["dev", "edge", "staging", "prod"] {
        let mentioned = differs.contains(&format!(" demo-app-{other}/"));
        assert_eq!(mentioned, other == to, "{other}:\n{differs}");
    }
    delivery.commit();
    assert_eq!(delivery.deployed(to), image);
    serves(delivery, to);
    if to == "staging" {
        delivery
            .committed_run("demo-app-staging-ci", &known)
            .succeeds(delivery.cluster);
    }
    delivery.nothing_differs();
}

/// The first image, as far as prod.
pub fn promoted(delivery: &Delivery, image: &str) {
    promote(delivery, "staging", image);
    // The autoscaler has set what the manifest leaves to it.
    let deployment = delivery
        .cluster
        .admin()
        .get("apps/v1", "Deployment", "demo-app-staging", APP)
        .expect_ok();
    assert_eq!(deployment["spec"]["replicas"], 2);
    promote(delivery, "prod", image);
}

/// The second as well; then `git revert` takes prod back to the first.
pub fn reverted(delivery: &Delivery, first: &str, second: &str) {
    delivery.pull();
    // What dev runs now failed its load test; what was proven is named.
    delivery
        .generate(["promote", APP, "--to", "staging", "--image", second])
        .exits(0);
    let known = delivery.runs("demo-app-staging-ci");
    delivery.commit();
    assert_eq!(delivery.deployed("staging"), second);
    delivery
        .committed_run("demo-app-staging-ci", &known)
        .succeeds(delivery.cluster);
    promote(delivery, "prod", second);
    let at = delivery.gitops.path();
    git(at, &["revert", "--no-edit", "HEAD"]);
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
        (
            "staging",
            "pipeline: [integration-test, load-test]\n",
            "pipeline: []\n",
        ),
        ("prod", "pipeline: [integration-test]\n", "pipeline: []\n"),
    ] {
        delivery
            .gitops
            .edit(&format!("environments/{name}.yaml"), from, to);
    }
    for name in ["edge", "staging", "prod"] {
        delivery
            .gitops
            .remove(&format!("environments/{name}.pins.yaml"));
    }
    delivery.gitops.write(
        "environments/classic.yaml",
        "cluster: homelab\ncontext: gen-test\ndeploy: kubectl\nrun: none\n",
    );
    let said = delivery.generate(["render"]).exits(0).stdout;
    assert!(said.contains("`gen render --forget demo-app`"), "{said}");
    delivery.commit();

    let admin = delivery.cluster.admin();
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
