//! The story of the demo application, from an empty cluster: brought up, built, deployed, tested; delivered again while it serves, and
//! through the stages; stopped where it is broken; taken back and removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::delivery::{Delivery, ask};
use crate::images::push_base;
use crate::node::node;
use crate::run::Run;
use crate::support::text;
use crate::tekton;

/// Says where the story is, and how long it took to come there.
pub fn chapter(start: Instant, title: &str) {
    println!("\n== {title} ({} s)", start.elapsed().as_secs());
}

#[test]
fn the_demo_is_delivered() {
    let Some(cluster) = node() else { return };
    let start = Instant::now();
    push_base();
    tekton::install(cluster);
    let delivery = Delivery::begin(cluster);
    delivery.give_deploy_key("demo-app-edge-ci");

    chapter(start, "Flux brings clusters/homelab up");
    delivery.generate(["commit", "--push"]).exits(0);
    delivery.bootstrap();

    chapter(start, "a run builds, deploys and tests in dev");
    let first = delivery.run("demo-app", "dev").succeeds(cluster);
    let tests = first.log(cluster, "unit-test", "run");
    assert!(tests.contains(" passed in "), "{tests}");
    let first = image(&first);
    assert_eq!(delivery.deployed("dev"), first);
    serves(&delivery, "dev");

    chapter(start, "a committed run deploys by a commit in edge");
    let committed = delivery.committed_run("demo-app-edge-ci", &[]);
    let deployed = image(&committed.succeeds(cluster));
    delivery.applied();
    assert_eq!(delivery.deployed("edge"), deployed);
    serves(&delivery, "edge");
    delivery.pull();
    let pins = delivery.gitops.read("environments/edge.pins.yaml");
    assert!(pins.contains(&deployed), "{pins}");
    // The commit of a run has started no other.
    assert_eq!(delivery.runs("demo-app-edge-ci").len(), 1);
    delivery.nothing_differs();

    chapter(start, "commits alone bring it to staging and prod");
    crate::stages::promoted(&delivery, &first);

    chapter(start, "the classic failure, and its remedy");
    crate::accounts::classic(&delivery, &first);
    crate::accounts::forbidden(&delivery);

    chapter(start, "broken sources stop the pipeline");
    crate::failures::before_the_rollout(&delivery, &first);

    chapter(start, "a second commit rolls out under load");
    let second = under_load(&delivery);
    assert_ne!(first, second);

    chapter(start, "a release that is too slow, and one that crashes");
    crate::failures::after_the_build(&delivery, &second);

    chapter(start, "a release is taken back by git revert");
    crate::stages::reverted(&delivery, &first, &second);

    chapter(start, "the app is removed");
    crate::stages::removed(&delivery);
    chapter(start, "done");
}

/// What a run has built.
pub fn image(run: &Run) -> String {
    format!("{}@{}", run.result("IMAGE_URL"), run.result("IMAGE_DIGEST"))
}

/// The app answers through its Service.
#[track_caller]
pub fn serves(delivery: &Delivery, environment: &str) {
    for (path, says) in [
        ("/health", "ok"),
        ("/ready", "ready"),
        ("/metrics", "http_requests_total"),
    ] {
        let (status, body) = delivery.ask(environment, path).expect("an answer");
        assert!(
            status == 200 && body.contains(says),
            "{path}: {status} {body}"
        );
    }
}

/// Delivers another commit to dev while somebody asks all the time. No request may fail.
fn under_load(delivery: &Delivery) -> String {
    delivery
        .source
        .write("demo_app/release.py", "RELEASE = \"second\"\n");
    delivery.push_source("The second release");
    let service = delivery
        .cluster
        .admin()
        .get("v1", "Service", "demo-app-dev", "demo-app")
        .expect_ok();
    let address = text(&service, "/spec/clusterIP").to_owned();
    let end = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicUsize::new(0));
    let asking = {
        let (end, count) = (Arc::clone(&end), Arc::clone(&count));
        std::thread::spawn(move || {
            let mut failed = Vec::new();
            while !end.load(Ordering::Relaxed) {
                match ask(&address, "/") {
                    Ok((200, _)) => {}
                    other => failed.push(format!("{other:?}")),
                }
                count.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
            failed
        })
    };
    let run = delivery.run("demo-app", "dev").succeeds(delivery.cluster);
    let image = image(&run);
    assert_eq!(delivery.deployed("dev"), image);
    end.store(true, Ordering::Relaxed);
    let failed = asking.join().expect("it asks");
    let count = count.load(Ordering::Relaxed);
    println!("{count} requests meanwhile, {} failed", failed.len());
    assert!(failed.is_empty(), "{failed:?}");
    assert!(count > 200, "{count}");
    image
}
