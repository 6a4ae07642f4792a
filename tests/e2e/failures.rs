//! What must stop a pipeline, and what keeps serving when it does.

use crate::delivery::{APP, Delivery};
use crate::run::Run;
use crate::story::{image, serves};

/// A failing test and an image that cannot be built are not deployed; a release that crashes never takes over. Side by side, each of
/// a commit of its own.
pub fn broken(delivery: &Delivery, serving: &str) {
    let cluster = delivery.cluster;
    let commits = [
        ("tests/unit/test_broken.py", "def test_broken():\n    assert 1 == 2\n"),
        ("Dockerfile", "RUN echo this cannot be built && false\n"),
        ("gunicorn.conf.py", "raise SystemExit(\"crashes on purpose\")\n"),
    ];
    let runs = commits.map(|(file, lines)| {
        let source = &delivery.source;
        let before = source.has(file).then(|| source.read(file));
        source.write(file, before.clone().unwrap_or_default() + lines);
        let commit = delivery.push_source(&format!("Break {file}"));
        match before {
            Some(before) => source.write(file, before),
            None => source.remove(file),
        }
        let revision = format!("revision={commit}");
        delivery.begin_run(["run", APP, "--env", "dev", "--param", &revision])
    });
    let [failing, unbuilt, crashing] = runs.map(|run| delivery.end_of(&run));

    let run = failing.stops_at(cluster, "unit-test");
    let said = run.log(cluster, "unit-test", "run");
    assert!(said.contains("1 failed"), "{said}");
    assert!(run.task("build-image").is_none());

    let run = unbuilt.stops_at(cluster, "build-image");
    let said = run.log(cluster, "build-image", "build");
    assert!(said.contains("this cannot be built"), "{said}");
    assert!(run.task("deploy-app").is_none());

    let run = crashing.stops_at(cluster, "deploy-app");
    let said = run.log(cluster, "deploy-app", "deploy");
    assert!(said.contains(&format!("does not run {}", image(&run))), "{said}");
    assert!(run.task("integration-test").is_none());

    // The old pod has served all the time, since none of the new ones was ever ready; and nothing asks for those any more.
    taken_back(delivery, &run, serving);
    let admin = cluster.admin();
    let pods = admin.list("v1", "Pod", "demo-app-dev");
    let ready: Vec<&str> = pods
        .iter()
        .filter(|pod| pod["status"]["containerStatuses"][0]["ready"] == true)
        .filter_map(|pod| pod["spec"]["containers"][0]["image"].as_str())
        .collect();
    assert_eq!(ready, [serving]);
}

/// The run has put the image back that served before it.
fn taken_back(delivery: &Delivery, run: &Run, serving: &str) {
    let said = run.log(delivery.cluster, "rollback", "roll-back");
    let going = format!("going back from {}", image(run));
    assert!(said.contains(&going), "{said}");
    assert_eq!(delivery.deployed("dev"), serving);
    serves(delivery, "dev");
}

/// A release that is too slow is found out where it runs: the pipeline stops, dev gets back what served before, and no stage after
/// dev gets anything.
pub fn too_slow(delivery: &Delivery, serving: &str) {
    let cluster = delivery.cluster;
    let app = delivery.source.read("demo_app/__init__.py");
    delivery.source.write(
        "demo_app/__init__.py",
        app.replace(
            "    def index():\n",
            "    def index():\n        import time\n\n        time.sleep(1.3)\n",
        ),
    );
    delivery.push_source("A release that is too slow");
    let run = delivery.run(APP, "dev").stops_at(cluster, "load-test");
    let said = run.log(cluster, "load-test", "load");
    assert!(said.contains("a threshold was not held"), "{said}");
    taken_back(delivery, &run, serving);
    for environment in ["edge", "staging", "prod"] {
        assert_ne!(delivery.deployed(environment), image(&run), "{environment}");
        serves(delivery, environment);
    }
}
