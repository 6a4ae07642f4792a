//! What real users run beside what they build: a database beside the app, several programs of one image, migrations that fail and
//! succeed, containers beside the app's own, a pod on every node, and a Deployment that was there before gen.

use serde_json::Value;

use crate::cluster::{Cluster, eventually};
use crate::delivery::{Delivery, ask_at, publish};
use crate::flux::ready;
use crate::node::{log, namespace_for_pods, node};
use crate::support::{Repo, documents, list, text};

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";
const IMAGE: &str = "docker.io/library/python:3.12-slim";

/// The spec of a release: what the shop says it is, and what its migration does.
fn spec(release: &str, migration: &str) -> String {
    format!(
        r#"version: 1
repository: {{url: "http://git.gen.test:3000/apps.git", branch: main}}
flux: {{retry: 5s, source: {{name: apps}}}}
defaults: {{image: "{IMAGE}", user: 1000}}
apps:
  db:
    workload: statefulset
    port: 5432
    command: [python, -m, http.server, "5432", --directory, /tmp]
  shop:
    metrics: {{path: /, port: metrics}}
    ports: {{http: 8080, metrics: 9090}}
    dependsOn: [db]
    command: [python, -m, http.server, "8080", --directory, /site]
    env: {{RELEASE: {release}}}
    volumes: [{{name: site, mount: /site, empty: 10Mi}}]
    init:
      - {{name: prepare, command: [python, -c, "open('/site/index.html', 'w').write('release {release}')"], volumes: [{{name: site, mount: /site}}]}}
    sidecars:
      exporter: {{command: [python, -m, http.server, "9090", --directory, /site], volumes: [{{name: site, mount: /site, readOnly: true}}]}}
    processes:
      worker: {{command: [python, -c, "import time; time.sleep(100000)"], init: null, sidecars: null, volumes: null}}
      agent: {{workload: daemonset, command: [python, -c, "import time; time.sleep(100000)"], init: null, sidecars: null, volumes: null}}
      nightly: {{workload: {{cronjob: "30 2 * * *"}}, command: [python, -c, "print('nightly of {release}')"], init: null, sidecars: null, volumes: null}}
      migrate:
        workload: {{job: {{when: before, retries: 0}}}}
        command: [python, -c, "import urllib.request as u; print(u.urlopen('http://db.db-home.svc:5432', timeout=20).status); {migration}"]
        init: null
        sidecars: null
        volumes: null
      reindex: {{workload: {{job: manual}}, command: [python, -c, "print('reindexed {release}')"], init: null, sidecars: null, volumes: null}}
  live:
    namespace: {{name: living, create: false}}
    selector: {{app: live}}
    port: 8080
    command: [python, -m, http.server, "8080", --directory, /tmp]
"#
    )
}

/// The apps of this home.
struct Home<'a> {
    cluster: &'a Cluster,
    delivery: Delivery<'a>,
}

impl<'a> Home<'a> {
    fn begin(cluster: &'a Cluster) -> Self {
        let repo = Repo::empty();
        repo.write("gen.yaml", spec("one", "pass"));
        repo.write("environments/home.yaml", "cluster: apps\ncontext: gen-test\n");
        publish(repo.path(), "apps.git");
        Self { cluster, delivery: Delivery { cluster, gitops: repo, source: Repo::empty() } }
    }

    fn release(&self, name: &str, migration: &str) {
        self.delivery.gitops.write("gen.yaml", spec(name, migration));
        self.delivery.generate(["commit", "--push"]).exits(0);
        self.cluster.poke();
    }

    fn get(&self, api: &str, kind: &str, namespace: &str, name: &str) -> Value {
        self.cluster.admin().get(api, kind, namespace, name).expect_ok()
    }

    /// A Kustomization's readiness and message.
    fn flux(&self, name: &str) -> (String, String) {
        let found = self.cluster.admin().get(KUSTOMIZE, "Kustomization", "flux-system", name);
        if !found.is_ok() {
            return ("Unknown".to_owned(), "it is not there".to_owned());
        }
        let (state, message) = (ready(&found.body).0, ready(&found.body).1);
        (state.to_owned(), message.to_owned())
    }

    fn told(&self) -> String {
        let all = self.cluster.admin().list(KUSTOMIZE, "Kustomization", "flux-system");
        let pods = ["shop-home", "db-home", "living"].into_iter().flat_map(|namespace| {
            let pods = self.cluster.admin().list("v1", "Pod", namespace);
            pods.into_iter()
                .map(|pod| format!("{}: {}", text(&pod, "/metadata/name"), pod["status"]))
        });
        let flux =
            all.iter().map(|each| format!("{}: {:?}", text(each, "/metadata/name"), ready(each)));
        flux.chain(pods).collect::<Vec<_>>().join("\n")
    }

    /// Waits until the shop's Deployment runs a release, and gives its pod.
    fn runs(&self, release: &str) -> Value {
        eventually(
            || {
                let found = self.cluster.admin().get("apps/v1", "Deployment", "shop-home", "shop");
                let now = found.is_ok().then_some(found.body)?;
                let status = &now["status"];
                let done = status["observedGeneration"] == now["metadata"]["generation"]
                    && ["replicas", "updatedReplicas", "availableReplicas"]
                        .iter()
                        .all(|field| status[field] == 1);
                (done && release_of(&now) == release).then_some(())?;
                self.pods("shop-home", "shop-home").pop()
            },
            || self.told(),
        )
    }

    /// The pods of an instance that are not ending.
    fn pods(&self, namespace: &str, instance: &str) -> Vec<Value> {
        let pods = self.cluster.admin().list("v1", "Pod", namespace);
        let ours = |pod: &Value| {
            pod["metadata"]["labels"]["app.kubernetes.io/instance"] == instance
                && pod["metadata"]["deletionTimestamp"].is_null()
        };
        pods.into_iter().filter(ours).collect()
    }

    /// The Job of the migration that has ended in a way, newest last.
    fn migration(&self, way: &str) -> Vec<Value> {
        let jobs = self.cluster.admin().list("batch/v1", "Job", "shop-home");
        let ended = |job: &Value| {
            let conditions = list(job, "/status/conditions");
            text(job, "/metadata/name").starts_with("shop-migrate-")
                && conditions.iter().any(|one| one["type"] == way && one["status"] == "True")
        };
        let mut jobs: Vec<Value> = jobs.into_iter().filter(ended).collect();
        jobs.sort_by_key(|job| text(job, "/metadata/creationTimestamp").to_owned());
        jobs
    }

    /// Runs a Job to its end, and gives what its pod has said.
    fn finish(&self, job: &Value) -> String {
        let made = self.cluster.admin().create(job).expect_ok();
        let name = text(&made, "/metadata/name").to_owned();
        let pod = eventually(
            || {
                let pods = self.cluster.admin().list("v1", "Pod", "shop-home");
                pods.into_iter().find(|pod| {
                    pod["metadata"]["labels"]["job-name"] == *name
                        && pod["status"]["phase"] == "Succeeded"
                })
            },
            || self.told(),
        );
        let container = text(&pod, "/spec/containers/0/name").to_owned();
        log(self.cluster, "shop-home", text(&pod, "/metadata/name"), &container)
    }

    /// What the shop answers on a port of its Service.
    fn answer(&self, port: u16) -> String {
        let service = self.get("v1", "Service", "shop-home", "shop");
        let address = text(&service, "/spec/clusterIP").to_owned();
        let (status, body) =
            ask_at(&format!("{address}:{port}"), "/index.html").expect("an answer");
        assert_eq!(status, 200, "{body}");
        body
    }
}

fn release_of(deployment: &Value) -> &str {
    let env = list(deployment, "/spec/template/spec/containers/0/env");
    env.iter().find(|one| one["name"] == "RELEASE").map_or("", |one| text(one, "/value"))
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn what_real_users_run_comes_up_and_is_released() {
    let home = Home::begin(node());
    let admin = home.cluster.admin();
    let (set, pod) = live_before(&home);

    home.delivery.generate(["commit", "--push"]).exits(0);
    home.delivery.follow("apps", "./clusters/apps/flux");
    let first = home.runs("one");
    assert_eq!(
        (home.answer(8080).as_str(), home.answer(9090).as_str()),
        ("release one", "release one")
    );
    let migrated = home.migration("Complete").pop().expect("the first migration");
    let times =
        [text(&migrated, "/status/completionTime"), text(&first, "/metadata/creationTimestamp")];
    assert!(times[0] <= times[1], "the migration ends before the pods begin: {times:?}");
    for (kind, name, ready) in [
        ("Deployment", "shop-worker", "/status/availableReplicas"),
        ("DaemonSet", "shop-agent", "/status/numberAvailable"),
    ] {
        let is_ready = || {
            let found = home.get("apps/v1", kind, "shop-home", name);
            (found.pointer(ready) == Some(&Value::from(1))).then_some(())
        };
        eventually(is_ready, || home.told());
    }
    let nightly = home.get("batch/v1", "CronJob", "shop-home", "shop-nightly");
    let mut job = nightly["spec"]["jobTemplate"].clone();
    job["apiVersion"] = "batch/v1".into();
    job["kind"] = "Job".into();
    job["metadata"] = serde_json::json!({"name": "by-hand", "namespace": "shop-home"});
    assert!(home.finish(&job).contains("nightly of one"));
    let printed = home.delivery.generate(["run", "shop", "--env", "home", "--process", "reindex"]);
    assert!(home.finish(&documents(&printed.exits(0).stdout)[0]).contains("reindexed one"));

    // A Deployment that was there before: the same ReplicaSet, the same pod.
    eventually(|| (home.flux("live-home").0 == "True").then_some(()), || home.told());
    assert_eq!(live_now(&home), (set, pod));
    let adopted = home.get("apps/v1", "Deployment", "living", "live");
    assert_eq!(adopted["metadata"]["labels"]["app.kubernetes.io/managed-by"], "gitops-gen");
    let namespace = admin.get("v1", "Namespace", "", "living").expect_ok();
    assert!(namespace["metadata"]["labels"]["app.kubernetes.io/managed-by"].is_null());
    home.delivery.nothing_differs();

    // A migration that fails: the old version goes on serving.
    home.release("two", "raise SystemExit('the table is locked')");
    eventually(
        || {
            let (state, message) = home.flux("shop-home-before");
            (state == "False" && message.contains("shop-migrate-")).then_some(())
        },
        || home.told(),
    );
    assert_eq!(home.migration("Failed").len(), 1);
    let (state, message) = home.flux("shop-home");
    assert!(state == "False" && message.contains("shop-home-before"), "{state} {message}");
    let still = home.runs("one");
    assert_eq!(still["metadata"]["uid"], first["metadata"]["uid"]);
    assert_eq!(home.answer(8080), "release one");

    // One that succeeds: then the new pods start.
    home.release("three", "pass");
    let third = home.runs("three");
    let migrated = home.migration("Complete").pop().expect("the third migration");
    let times =
        [text(&migrated, "/status/completionTime"), text(&third, "/metadata/creationTimestamp")];
    assert!(times[0] <= times[1], "the migration ends before the pods begin: {times:?}");
    assert_eq!(home.answer(8080), "release three");
    // What failed has been pruned.
    eventually(|| home.migration("Failed").is_empty().then_some(()), || home.told());
}

/// Makes the Deployment `live` as somebody has before, and waits for its pod. The result is what must stay.
fn live_before(home: &Home<'_>) -> (String, String) {
    namespace_for_pods(home.cluster, "living");
    home.delivery.gitops.run(["render"]).exits(0);
    let rendered = home.delivery.gitops.read("clusters/apps/home/live/app/workload.yaml");
    let accounts = home.delivery.gitops.read("clusters/apps/home/live/access/accounts.yaml");
    let admin = home.cluster.admin();
    for mut object in documents(&accounts).into_iter().chain(documents(&rendered)) {
        if ["ServiceAccount", "Deployment"].contains(&text(&object, "/kind")) {
            object["metadata"]["labels"] = serde_json::json!({"app": "live"});
            admin.create(&object).expect_ok();
        }
    }
    eventually(
        || {
            let live = home.get("apps/v1", "Deployment", "living", "live");
            (live["status"]["availableReplicas"] == 1).then_some(())
        },
        || home.told(),
    );
    live_now(home)
}

/// The ReplicaSet and the pod of the Deployment `live`.
fn live_now(home: &Home<'_>) -> (String, String) {
    let only = |kind: &str, api: &str| {
        let all = home.cluster.admin().list(api, kind, "living");
        assert_eq!(all.len(), 1, "{kind}: {}", home.told());
        text(&all[0], "/metadata/uid").to_owned()
    };
    (only("ReplicaSet", "apps/v1"), only("Pod", "v1"))
}
