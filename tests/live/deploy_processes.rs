//! `deploy-app` in kubectl mode for an app with processes: jobs before the rollout hold it back until they succeed, each runs once for a
//! version, and one that failed runs again.

use serde_json::Value;

use crate::cluster::{Cluster, cluster};
use crate::deploy::{DIGEST, apply, kubectl, play};
use crate::support::play::Shell;
use crate::support::{Rendered, Repo, list, text};

/// The app, whose migration ends in a way (as the stand-in for the node reads it from the pod's annotation).
fn tree(namespace: &str, migration: &str) -> Vec<Rendered> {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        format!(
            r#"version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: https://git.example/team/shop.git
    image: registry.example/team/shop
    port: 8080
    pipeline: [fetch-source, build-image: {{builder: mock}}, deploy-app: {{wait: 1m}}]
    processes:
      worker: {{command: [./worker]}}
      nightly: {{workload: {{cronjob: "30 2 * * *"}}}}
      migrate: {{workload: {{job: {{when: before, retries: 0}}}}, annotations: {{gen.test/outcome: {migration}}}}}
      warm: {{workload: {{job: after}}}}
"#
        ),
    );
    repo.write("environments/dev.yaml", format!("deploy: kubectl\nnamespace: {namespace}\n"));
    repo.render();
    repo.objects()
}

/// The Jobs of a process by age: name and UID.
fn jobs(cluster: &Cluster, namespace: &str, process: &str) -> Vec<(String, String)> {
    let all = cluster.admin().list("batch/v1", "Job", namespace);
    let mut ours: Vec<&Value> = all
        .iter()
        .filter(|job| text(job, "/metadata/labels/app.kubernetes.io~1component") == process)
        .collect();
    ours.sort_by_key(|job| text(job, "/metadata/creationTimestamp").to_owned());
    ours.into_iter()
        .map(|job| [text(job, "/metadata/name"), text(job, "/metadata/uid")].map(str::to_owned))
        .map(|[name, uid]| (name, uid))
        .collect()
}

fn image(cluster: &Cluster, namespace: &str, name: &str) -> String {
    let found = cluster.admin().get("apps/v1", "Deployment", namespace, name).expect_ok();
    text(&found, "/spec/template/spec/containers/0/image").to_owned()
}

#[test]
fn a_migration_that_fails_holds_the_rollout_back() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    for (index, shell) in Shell::all().into_iter().enumerate() {
        let namespace = format!("processes-{index}");
        let good = tree(&namespace, "succeed");
        apply(cluster, &good);
        let deploy = |objects: &[Rendered], digest: &str| {
            let image = format!("registry.example/team/shop@{digest}");
            play(cluster, &kubectl, objects, "shop-deploy-app", shell).param("image", &image)
        };
        let first = format!("registry.example/team/shop@{DIGEST}");
        let played = deploy(&good, DIGEST).run().succeeds();
        let said = &played.step("deploy").stdout;
        for wanted in [
            "waiting for the job shop-migrate-",
            "deployment \"shop\" successfully rolled out",
            "deployment \"shop-worker\" successfully rolled out",
            "waiting for the job shop-warm-",
        ] {
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
        for name in ["shop", "shop-worker"] {
            assert_eq!(image(cluster, &namespace, name), first);
        }
        let nightly = cluster.admin().get("batch/v1", "CronJob", &namespace, "shop-nightly");
        let containers = "/spec/jobTemplate/spec/template/spec/containers";
        assert_eq!(list(&nightly.expect_ok(), containers)[0]["image"], first);

        // The same version migrates nothing again.
        let migrated = jobs(cluster, &namespace, "migrate");
        assert_eq!(migrated.len(), 1, "{migrated:?}");
        deploy(&good, DIGEST).run().succeeds();
        assert_eq!(jobs(cluster, &namespace, "migrate"), migrated);

        // Another version whose migration fails is not rolled out.
        let other = DIGEST.replace("00", "ff");
        let bad = tree(&namespace, "fail");
        for _ in 0..2 {
            let played = deploy(&bad, &other).run();
            let said = &played.step("deploy").stderr;
            assert!(said.contains("the job shop-migrate-") && said.contains(" failed:"), "{said}");
            assert_eq!(image(cluster, &namespace, "shop"), first);
        }
        let failed = jobs(cluster, &namespace, "migrate");
        assert_eq!(failed.len(), 2, "{failed:?}");

        deploy(&good, &other).run().succeeds();
        assert_eq!(image(cluster, &namespace, "shop"), first.replace(DIGEST, &other));
    }
}
