//! The program against a server that answers as an API server would.

use std::fmt::Write as _;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::objects::{
    DIGEST, OLD, applied, cron_job, deployment, image, pod, replica_set, run, task_run,
};
use crate::support::loopback::Server;
use crate::support::{GEN, Repo};

/// What may not be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Refused {
    /// Plurals that may not be read anywhere.
    everywhere: &'static [&'static str],
    /// Nothing may be listed for the whole cluster.
    in_cluster: bool,
}

/// A server with these objects.
fn serve(objects: Vec<Value>, refused: Refused) -> Server {
    serve_as(move || objects.clone(), refused)
}

/// A server whose objects change.
pub fn serve_as(
    objects: impl Fn() -> Vec<Value> + Send + Sync + 'static,
    refused: Refused,
) -> Server {
    Server::start(move |asked, _| {
        let objects = objects();
        let path = asked.line.strip_prefix("GET ").expect("it only reads");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let plural = path.rsplit('/').next().unwrap_or_default();
        let namespace = path.split("/namespaces/").nth(1).and_then(|rest| rest.split('/').next());
        if refused.everywhere.contains(&plural) || (refused.in_cluster && namespace.is_none()) {
            let status =
                json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"});
            return (403, status.to_string());
        }
        let kind = |object: &Value| object["kind"].as_str().unwrap_or_default().to_owned();
        let runs: Option<Vec<String>> = query.split('&').find_map(|part| {
            let selector =
                part.strip_prefix("labelSelector=tekton.dev%2FpipelineRun%20in%20%28")?;
            Some(selector.trim_end_matches("%29").split("%2C").map(str::to_owned).collect())
        });
        let items: Vec<&Value> = objects
            .iter()
            .filter(|one| format!("{}s", kind(one).to_lowercase()) == plural)
            .filter(|one| namespace.is_none_or(|name| one["metadata"]["namespace"] == name))
            .filter(|one| {
                let run = one["metadata"]["labels"]["tekton.dev/pipelineRun"].as_str();
                runs.as_ref().is_none_or(|runs| runs.iter().any(|name| run == Some(name)))
            })
            .collect();
        let Some(first) = items.first() else {
            return (404, json!({"kind": "Status", "code": 404}).to_string());
        };
        let list = json!({"kind": format!("{}List", kind(first)), "apiVersion": first["apiVersion"],
            "metadata": {}, "items": items});
        (200, list.to_string())
    })
}

fn spec(apps: &[String]) -> String {
    let mut text =
        "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n".to_owned();
    for app in apps {
        let _ = writeln!(
            text,
            "  {app}: {{source: https://git.example/team/{app}.git, image: registry.example/team/shop}}"
        );
    }
    text
}

pub fn repo(apps: &[String], server: &Server) -> Repo {
    Repo::new()
        .file("gen.yaml", spec(apps))
        .file("environments/dev.yaml", "context: here\ndeploy: git\n")
        .file("environments/staging.yaml", "context: here\npromotesFrom: dev\ndeploy: git\n")
        .file("config", server.kubeconfig())
}

fn gen_status(repo: &Repo, arguments: &[&str]) -> Output {
    Command::new(GEN)
        .arg("status")
        .args(arguments)
        .args(["--kubeconfig", "config"])
        .env_clear()
        .current_dir(repo.root())
        .output()
        .expect("the binary under test starts")
}

fn json_of(out: &Output) -> Value {
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| {
        panic!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
    })
}

pub fn shop() -> Vec<String> {
    vec!["shop".to_owned()]
}

pub fn objects() -> Vec<Value> {
    vec![
        applied("shop", "dev"),
        applied("shop", "staging"),
        deployment("shop", "dev", 2, 2, &image(DIGEST)),
        deployment("shop", "staging", 2, 2, &image(DIGEST)),
        pod("shop", "dev", "shop-6d5-a", 3, &json!(null)),
        replica_set("shop", "dev"),
        run("shop", "dev", 10, 60, "True", "Succeeded"),
        run("shop", "dev", 30, 95, "False", "Failed"),
        task_run("shop", "dev", "shop-dev-30", "unit-test", "False", "StepFailed"),
        task_run("shop", "dev", "shop-dev-10", "unit-test", "True", "Succeeded"),
    ]
}

#[test]
fn the_delivery_is_told_with_the_question_that_explains_it() {
    let server = serve(objects(), Refused::default());
    let out = gen_status(&repo(&shop(), &server), &[]);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert_eq!(out.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&out.stderr));
    for part in [
        "app   dev",
        "main@0f1b7a5",
        "2/2 ready, 3 restarts",
        "run failed: unit-test",
        "shop in dev: PipelineRun shop-dev-30: the task unit-test failed",
        "$ gen why shop --env dev --run shop-dev-30",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_page_of_an_app_has_its_tasks_and_objects() {
    let server = serve(objects(), Refused::default());
    let out = gen_status(&repo(&shop(), &server), &["shop", "-o", "json"]);
    let value = json_of(&out);
    assert_eq!(value["pages"][0]["run"], "shop-dev-30", "{value:#}");
    let layers = value["pages"][0]["layers"].as_array().expect("layers");
    assert!(!layers.is_empty());
    let tree = &value["pages"][0]["objects"][0];
    assert_eq!(tree["what"], "Kustomization shop-dev");
    assert_eq!(tree["below"][0]["what"], "Deployment shop");
    assert_eq!(tree["below"][0]["below"][0]["below"][0]["what"], "Pod shop-6d5-a");
}

/// A thousand apps in two environments of one cluster.
#[test]
fn a_fleet_takes_few_requests() {
    let apps: Vec<String> = (0..1000).map(|number| format!("app-{number:03}")).collect();
    let mut all = Vec::new();
    for app in &apps {
        for env in ["dev", "staging"] {
            all.push(applied(app, env));
            all.push(deployment(app, env, 1, 1, &image(DIGEST)));
            all.push(pod(app, env, &format!("{app}-6d5-a"), 0, &json!(null)));
        }
    }
    all.push(run("app-007", "dev", 30, 95, "False", "Failed"));
    let server = serve(all, Refused::default());
    let out = gen_status(&repo(&apps, &server), &["-o", "json"]);
    let value = json_of(&out);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(value["apps"].as_array().map(Vec::len), Some(2000));
    let requests = server.asked();
    assert!(requests.len() <= 30, "{} requests", requests.len());
    assert_eq!(value["requests"], requests.len());
    let wrong =
        value["apps"].as_array().expect("cells").iter().filter(|one| one["health"] == "failed");
    assert_eq!(wrong.count(), 1);
}

/// A tenant lists in its own namespaces, and sees as much.
#[test]
fn a_tenant_asks_namespace_by_namespace() {
    let server = serve(objects(), Refused { in_cluster: true, ..Refused::default() });
    let out = gen_status(&repo(&shop(), &server), &["-o", "json"]);
    let value = json_of(&out);
    assert_eq!(value["notSeen"], json!([]), "{value:#}");
    assert_eq!(value["apps"][0]["runs"][0]["task"], "unit-test");
    assert!(
        server.asked().iter().any(|one| one.line.contains("/namespaces/shop-dev-ci/pipelineruns"))
    );
}

#[test]
fn what_may_not_be_read_is_named_with_its_right() {
    let refused = Refused { everywhere: &["kustomizations", "pods"], in_cluster: false };
    let server = serve(objects(), refused);
    let out = gen_status(&repo(&shop(), &server), &["--env", "staging", "-o", "json"]);
    let value = json_of(&out);
    assert_eq!(out.status.code(), Some(2), "{value:#}");
    assert_eq!(value["complete"], false);
    let rights: Vec<&str> = value["notSeen"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["right"].as_str())
        .collect();
    assert_eq!(
        rights,
        [
            "list kustomizations.kustomize.toolkit.fluxcd.io in flux-system",
            "list pods in shop-staging"
        ]
    );
    assert_eq!(value["apps"][0]["health"], "unknown");
    assert_eq!(value["apps"][0]["rollout"]["ready"], 2);
}

/// A tenant that lacks a right is told of it only where an app needs it, and the cells of that app are in doubt.
#[test]
fn a_right_is_missing_only_where_something_of_the_kind_can_be() {
    let mut all = objects();
    for app in ["agent", "nightly"] {
        all.push(applied(app, "staging"));
    }
    all.push(cron_job("nightly", "staging"));
    let plurals = &["daemonsets", "jobs"];
    let server = serve(all, Refused { everywhere: plurals, in_cluster: true });
    let repo = repo(&shop(), &server).file(
        "gen.yaml",
        spec(&shop())
            + "  agent: {image: registry.example/team/agent:1, workload: daemonset}\n  \
               nightly: {image: registry.example/team/nightly:1, workload: {cronjob: 0 3 * * *}}\n",
    );
    let out = gen_status(&repo, &["--env", "staging", "-o", "json"]);
    let value = json_of(&out);
    let rights: Vec<&str> = value["notSeen"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["right"].as_str())
        .collect();
    assert_eq!(
        rights,
        ["list daemonsets.apps in agent-staging", "list jobs.batch in nightly-staging"],
        "{value:#}"
    );
    let health: Vec<(&str, &str)> = value["apps"]
        .as_array()
        .expect("cells")
        .iter()
        .map(|one| (one["app"].as_str().unwrap(), one["health"].as_str().unwrap()))
        .collect();
    assert_eq!(health, [("agent", "unknown"), ("nightly", "unknown"), ("shop", "healthy")]);
    assert_eq!(out.status.code(), Some(2));
    let asked = server.asked();
    let is_asked = |part: &str| asked.iter().any(|one| one.line.contains(part));
    assert!(is_asked("/namespaces/agent-staging/daemonsets"));
    assert!(!is_asked("/namespaces/shop-staging/daemonsets"));
    assert!(!is_asked("/namespaces/agent-staging-ci/"));
}

/// A stage that has another image than the next one, and how the app stands there.
#[test]
fn what_a_promotion_would_move_is_shown() {
    let server = serve(objects(), Refused::default());
    let pin = |digest: &str| format!("apps:\n  shop:\n    image: {}\n", image(digest));
    let repo = repo(&shop(), &server)
        .file("environments/dev.pins.yaml", pin(DIGEST))
        .file("environments/staging.pins.yaml", pin(OLD));
    let out = gen_status(&repo, &[]);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let part =
        "a promotion would move:\n  shop from dev (failed) to staging: 91ab22cd → 5f70bf18\n";
    assert!(text.contains(part), "{text}");
    // How dev stands is not known where it was not asked about.
    let out = gen_status(&repo, &["shop", "--env", "staging", "-o", "json"]);
    let value = json_of(&out);
    let moves = json!([{"app": "shop", "from": "dev", "to": "staging", "before": "91ab22cd",
        "after": "5f70bf18", "health": null}]);
    assert_eq!(value["moves"], moves);
    let repo = repo.file("environments/staging.pins.yaml", pin(DIGEST));
    assert_eq!(json_of(&gen_status(&repo, &["-o", "json"]))["moves"], json!([]));
}

/// What `gen promote` would refuse is no move: to a stage without pins, or of an image without a digest.
#[test]
fn what_cannot_be_promoted_is_not_shown_as_a_move() {
    let pin = format!("apps:\n  shop:\n    image: {}\n", image(OLD));
    let repo = |server: &Server| {
        repo(&shop(), server)
            .file("environments/dev.yaml", "context: here\ndeploy: kubectl\n")
            .file("environments/staging.pins.yaml", &pin)
            .file(
                "environments/prod.yaml",
                "context: here\npromotesFrom: staging\ndeploy: kubectl\n",
            )
    };
    let server = serve(objects(), Refused::default());
    let with_digest = repo(&server);
    let value = json_of(&gen_status(&with_digest, &["-o", "json"]));
    let moves = value["moves"].as_array().expect("a list");
    assert_eq!(moves.len(), 1, "{value:#}");
    assert_eq!((&moves[0]["from"], &moves[0]["to"]), (&"dev".into(), &"staging".into()));
    assert_eq!(moves[0]["after"], "5f70bf18");
    assert_eq!(value["unknownMoves"], json!([]));
    // What runs in a stage is not known where that was not asked, and this is said.
    let out = gen_status(&with_digest, &["--env", "staging"]);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let part = "a promotion would move:\n  from dev to staging: not known without `--env dev`\n";
    assert!(text.contains(part), "{text}");
    let value = json_of(&gen_status(&with_digest, &["--env", "staging", "-o", "json"]));
    assert_eq!(value["unknownMoves"], json!([{"from": "dev", "to": "staging"}]), "{value:#}");
    let mut all = objects();
    all.retain(|one| one["kind"] != "Deployment");
    all.push(deployment("shop", "dev", 2, 2, "registry.example/team/shop:1.2"));
    all.push(deployment("shop", "staging", 2, 2, &image(OLD)));
    let server = serve(all, Refused::default());
    let value = json_of(&gen_status(&repo(&server), &["-o", "json"]));
    assert_eq!(value["apps"][0]["running"]["tag"], "1.2", "{value:#}");
    assert_eq!((&value["moves"], &value["unknownMoves"]), (&json!([]), &json!([])));
}

#[test]
fn a_cluster_that_does_not_answer_is_shown_as_such() {
    let server = serve(objects(), Refused::default());
    let repo = repo(&shop(), &server)
        .file("environments/prod.yaml", "context: elsewhere\npromotesFrom: staging\ndeploy: git\n");
    let out = gen_status(&repo, &["--env", "prod", "--env", "staging"]);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert_eq!(out.status.code(), Some(2), "{text}{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.contains("prod: elsewhere does not answer: "), "{text}");
    assert!(text.contains("2/2 ready"), "{text}");
}

#[test]
fn a_wait_ends_with_what_is_still_in_progress() {
    let mut all = objects();
    all.push(run("shop", "dev", 40, 0, "Unknown", "Running"));
    let server = serve(all, Refused::default());
    let repo = repo(&shop(), &server);
    let out = gen_status(&repo, &["--env", "dev", "--wait", "--timeout", "1s"]);
    assert_eq!(out.status.code(), Some(2));
    let error = String::from_utf8(out.stderr).expect("UTF-8");
    insta::assert_snapshot!(error, @r"
    error[GEN1503]: still in progress after 1 s: shop in dev
      help: ask `gen why` what it waits for, or set a longer `--timeout`
    ");
    // Nor does it end because something is on hold.
    let mut suspended = applied("shop", "dev");
    suspended["spec"]["suspend"] = true.into();
    let held = vec![suspended, deployment("shop", "dev", 1, 3, &image(DIGEST))];
    let server = serve(held, Refused::default());
    let repo = repo.file("config", server.kubeconfig());
    let out = gen_status(&repo, &["--env", "dev", "--wait", "--timeout", "1s"]);
    let error = String::from_utf8(out.stderr).expect("UTF-8");
    assert_eq!(out.status.code(), Some(2), "{error}");
    assert!(error.contains("still in progress after 1 s: shop in dev"), "{error}");
    // What is settled needs no wait.
    let server = serve(objects(), Refused::default());
    let repo = repo.file("config", server.kubeconfig());
    let out = gen_status(&repo, &["--env", "staging", "--wait"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
}
