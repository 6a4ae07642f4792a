//! The story of the demo application, from an empty cluster: brought up, built, deployed, tested; delivered again while it serves, and
//! through the stages; stopped where it is broken; taken back and removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::delivery::{Delivery, ask};
use crate::images::push_base;
use crate::node::node;
use crate::run::Run;
use crate::support::text;
use crate::support::wait::pass;
use crate::tekton;

/// Says where the story is, and how long it took to come there.
pub fn chapter(start: Instant, title: &str) {
    println!("\n== {title} ({} s)", start.elapsed().as_secs());
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn the_demo_is_delivered() {
    let cluster = node();
    let start = Instant::now();
    push_base();
    tekton::install(cluster);
    let delivery = Delivery::begin(cluster);
    delivery.give_deploy_key("demo-app-edge-ci");

    chapter(start, "Flux brings clusters/homelab up");
    // What was there before is the namespace with the deploy key.
    let changes = delivery.changes(&[]);
    let (created, other): (Vec<String>, Vec<String>) =
        changes.into_iter().partition(|change| change.starts_with("created "));
    assert_eq!(other, ["changed Namespace /demo-app-edge-ci"]);
    assert!(created.len() > 60, "{created:#?}");
    delivery.generate(["commit", "--push"]).exits(0);
    delivery.bootstrap();
    delivery.nothing_differs();

    chapter(start, "a run builds, deploys and tests in dev");
    let first = delivery.run("demo-app", "dev").succeeds(cluster);
    let tests = first.log(cluster, "unit-test", "run");
    assert!(tests.contains(" passed in "), "{tests}");
    // What runs beside the task was ready when it began.
    assert!(tests.contains("the store says 200"), "{tests}");
    let first = image(&first);
    assert_eq!(delivery.deployed("dev"), first);
    serves(&delivery, "dev");

    // Two people go on side by side, each with clones of their own; where one of them fails, the other waits no longer.
    let (promoted, is_promoted) = channel();
    let (released, is_released) = channel();
    let other = delivery.of_another();
    let (delivery, other, first) = (&delivery, &other, first.as_str());
    std::thread::scope(|both| {
        both.spawn(move || stages(start, delivery, first, &promoted, &is_released));
        both.spawn(move || releases(start, other, first, &is_promoted, &released));
    });
    delivery.nothing_differs();

    chapter(start, "the app is removed");
    crate::stages::removed(delivery);
    chapter(start, "done");
}

/// Who commits to the GitOps repository: through the stages, to an environment more, and back.
fn stages(
    start: Instant,
    delivery: &Delivery,
    first: &str,
    promoted: &Sender<()>,
    is_released: &Receiver<String>,
) {
    let cluster = delivery.cluster;
    chapter(start, "a committed run deploys by a commit in edge");
    let committed = delivery.committed_run("demo-app-edge-ci", &[]);
    let deployed = image(&committed.succeeds(cluster));
    delivery.applied();
    assert_eq!(delivery.deployed("edge"), deployed);
    serves(delivery, "edge");
    delivery.pull();
    let pins = delivery.gitops.read("environments/edge.pins.yaml");
    assert!(pins.contains(&deployed), "{pins}");
    // The commit of a run has started no other.
    assert_eq!(delivery.runs("demo-app-edge-ci").len(), 1);
    delivery.nothing_differs();

    chapter(start, "commits alone bring it to staging and prod");
    crate::stages::promoted(delivery, first, promoted);

    chapter(start, "the classic failure, and its remedy");
    crate::accounts::classic(delivery, first);
    crate::accounts::forbidden(delivery);

    let second = is_released.recv().expect("the second release");
    chapter(start, "a release is taken back by git revert");
    crate::stages::reverted(delivery, first, &second);
}

/// Who commits to the application's source: what is broken, what is good, and what only seems so.
fn releases(
    start: Instant,
    delivery: &Delivery,
    first: &str,
    is_promoted: &Receiver<()>,
    released: &Sender<String>,
) {
    // What is promoted is what dev runs, which is about to be another.
    is_promoted.recv().expect("the promotion of the first");
    chapter(start, "a second commit rolls out under load");
    let second = under_load(delivery);
    assert_ne!(first, second);
    released.send(second.clone()).expect("the other goes on");

    chapter(start, "what is broken stops the pipeline");
    crate::failures::broken(delivery, &second);

    chapter(start, "a release that is too slow stops it, too, and is taken back");
    crate::failures::too_slow(delivery, &second);
}

/// What a run has built.
pub fn image(run: &Run) -> String {
    format!("{}@{}", run.result("IMAGE_URL"), run.result("IMAGE_DIGEST"))
}

/// The app answers through its Service.
#[track_caller]
pub fn serves(delivery: &Delivery, environment: &str) {
    for (path, says) in
        [("/health", "ok"), ("/ready", "ready"), ("/metrics", "http_requests_total")]
    {
        let (status, body) = delivery.ask(environment, path).expect("an answer");
        assert!(status == 200 && body.contains(says), "{path}: {status} {body}");
    }
}

/// Delivers another commit to dev while somebody asks all the time. No request may fail.
fn under_load(delivery: &Delivery) -> String {
    delivery.source.write("demo_app/release.py", "RELEASE = \"second\"\n");
    delivery.push_source("The second release");
    let service =
        delivery.cluster.admin().get("v1", "Service", "demo-app-dev", "demo-app").expect_ok();
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
                pass(Duration::from_millis(20));
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
