//! What must stop a pipeline, and what keeps serving when it does.

use crate::delivery::Delivery;
use crate::story::{image, serves};

/// A failing test, and an image that cannot be built: nothing is deployed.
pub fn before_the_rollout(delivery: &Delivery, serving: &str) {
    let cluster = delivery.cluster;
    let test = "tests/unit/test_broken.py";
    delivery
        .source
        .write(test, "def test_broken():\n    assert 1 == 2\n");
    delivery.push_source("A failing test");
    let run = delivery
        .run("demo-app", "dev")
        .stops_at(cluster, "unit-test");
    let said = run.log(cluster, "unit-test", "run");
    assert!(said.contains("1 failed"), "{said}");
    assert!(run.task("build-image").is_none());
    unchanged(delivery, serving);

    delivery.source.remove(test);
    let dockerfile = delivery.source.read("Dockerfile");
    delivery.source.write(
        "Dockerfile",
        format!("{dockerfile}RUN echo this cannot be built && false\n"),
    );
    delivery.push_source("A Dockerfile that fails");
    let run = delivery
        .run("demo-app", "dev")
        .stops_at(cluster, "build-image");
    let said = run.log(cluster, "build-image", "build");
    assert!(said.contains("this cannot be built"), "{said}");
    assert!(run.task("deploy-app").is_none());
    unchanged(delivery, serving);
    delivery.source.write("Dockerfile", dockerfile);
}

fn unchanged(delivery: &Delivery, serving: &str) {
    assert_eq!(delivery.deployed("dev"), serving);
    serves(delivery, "dev");
}

/// A release that crashes never takes over; one that is too slow stops before the next stage.
pub fn after_the_build(delivery: &Delivery, serving: &str) {
    let cluster = delivery.cluster;
    let config = delivery.source.read("gunicorn.conf.py");
    delivery.source.write(
        "gunicorn.conf.py",
        format!("{config}\nraise SystemExit(\"crashes on purpose\")\n"),
    );
    delivery.push_source("A release that crashes");
    let run = delivery
        .run("demo-app", "dev")
        .stops_at(cluster, "deploy-app");
    let said = run.log(cluster, "deploy-app", "deploy");
    assert!(
        said.contains(&format!("does not run {}", image(&run))),
        "{said}"
    );
    assert!(run.task("integration-test").is_none());
    // The Deployment asks for the new image; the old pod serves until one of it is ready, which is never.
    serves(delivery, "dev");
    let pods = cluster.admin().list("v1", "Pod", "demo-app-dev");
    let ready: Vec<&str> = pods
        .iter()
        .filter(|pod| pod["status"]["containerStatuses"][0]["ready"] == true)
        .filter_map(|pod| pod["spec"]["containers"][0]["image"].as_str())
        .collect();
    assert_eq!(ready, [serving]);
    delivery.source.write("gunicorn.conf.py", config);

    let app = delivery.source.read("demo_app/__init__.py");
    delivery.source.write(
        "demo_app/__init__.py",
        app.replace(
            "    def index():\n",
            "    def index():\n        import time\n\n        time.sleep(1.3)\n",
        ),
    );
    delivery.push_source("A release that is too slow");
    let run = delivery
        .run("demo-app", "dev")
        .stops_at(cluster, "load-test");
    let said = run.log(cluster, "load-test", "load");
    assert!(said.contains("a threshold was not held"), "{said}");
    // It runs in dev, where it was tried, and nowhere else.
    assert_eq!(delivery.deployed("dev"), image(&run));
    assert_ne!(delivery.deployed("staging"), image(&run));
    serves(delivery, "staging");
    delivery.source.write("demo_app/__init__.py", app);
}
