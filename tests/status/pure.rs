//! Objects in, tables and pages out.

use gitops_gen::diagnose::{Time, time};
use gitops_gen::diagnostics::{Look, Sources};
use gitops_gen::ops::status::{Column, StatusReport};
use gitops_gen::report::{Show, Style};
use gitops_gen::status::{Cell, Health, Program, Seen, Wanted, cells, layers, page};
use serde_json::{Value, json};

use crate::objects::{
    DIGEST, OLD, applied, deployment, image, kustomization, pod, replica_set, run, task_run,
};

fn now() -> Time {
    time("2026-11-23T11:00:00Z").expect("a moment")
}

fn wanted(app: &str, env: &str) -> Wanted {
    Wanted {
        app: app.to_owned(),
        environment: env.to_owned(),
        instance: format!("{app}-{env}"),
        namespace: format!("{app}-{env}"),
        pipeline_namespace: format!("{app}-{env}-ci"),
        flux_namespace: "flux-system".to_owned(),
        programs: vec![Program { kind: "Deployment".to_owned(), name: app.to_owned() }],
        image: Some(image(DIGEST)),
        revision: Some("0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d".to_owned()),
        by_task: false,
        has_pipeline: true,
    }
}

fn report(wanted: &[Wanted], objects: &[Value], width: usize) -> StatusReport {
    let mut columns: Vec<Column> = Vec::new();
    for one in wanted {
        if !columns.iter().any(|column| column.environment == one.environment) {
            let environment = one.environment.clone();
            columns.push(Column {
                environment,
                context: Some("kind-homelab".to_owned()),
                silent: None,
            });
        }
    }
    StatusReport {
        columns,
        cells: cells(wanted, &Seen::new(objects), now()),
        pages: Vec::new(),
        differences: Vec::new(),
        is_page: false,
        unseen: Vec::new(),
        requests: 5,
        now: now(),
        width,
    }
}

fn shown(report: &StatusReport) -> String {
    let style = Style { look: Look::Plain, is_verbose: false, is_summary: false };
    let text: String = report.answer(style).collect();
    for line in text.lines() {
        assert!(line.chars().count() <= report.width, "{line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

/// Compares what is shown with a file, or writes it.
fn keep(name: &str, shown: &str) {
    let path = format!("{}/tests/status/shown/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, shown).expect("it is written");
    }
    let expected = std::fs::read_to_string(&path).expect("UPDATE=1 writes it");
    assert_eq!(shown, expected, "{name}");
}

/// One app in three stages: failed in dev, on its way in staging, well in prod.
fn three() -> (Vec<Wanted>, Vec<Value>) {
    let all = ["dev", "staging", "prod"].map(|env| wanted("shop", env));
    let mut objects = vec![
        applied("shop", "dev"),
        applied("shop", "staging"),
        applied("shop", "prod"),
        deployment("shop", "dev", 1, 2, &image(DIGEST)),
        deployment("shop", "staging", 2, 2, &image(OLD)),
        deployment("shop", "prod", 4, 4, &image(DIGEST)),
        pod(
            "shop",
            "dev",
            "shop-6d5-a",
            7,
            &json!({"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=shop"}),
        ),
        pod("shop", "dev", "shop-6d5-b", 0, &json!(null)),
        task_run("shop", "dev", "shop-dev-30", "unit-test", "False", "StepFailed"),
        task_run("shop", "dev", "shop-dev-30", "fetch-source", "True", "Succeeded"),
    ];
    for (minute, seconds) in [(0, 100), (5, 220), (10, 60), (20, 180)] {
        objects.push(run("shop", "dev", minute, seconds, "True", "Succeeded"));
    }
    objects.push(run("shop", "dev", 30, 95, "False", "Failed"));
    objects.push(run("shop", "staging", 50, 0, "Unknown", "Running"));
    (all.to_vec(), objects)
}

#[test]
fn no_apps_are_said() {
    let report = report(&[], &[], 80);
    keep("none-80", &shown(&report));
}

#[test]
fn one_app_in_three_stages_fits_80_columns() {
    let (wanted, objects) = three();
    keep("three-80", &shown(&report(&wanted, &objects, 80)));
}

#[test]
fn and_200_columns() {
    let (wanted, objects) = three();
    keep("three-200", &shown(&report(&wanted, &objects, 200)));
}

#[test]
fn of_a_thousand_apps_those_are_shown_that_are_not_well() {
    let names: Vec<String> = (0..1000).map(|number| format!("app-{number:03}")).collect();
    let all: Vec<Wanted> =
        names.iter().flat_map(|app| ["dev", "prod"].map(|env| wanted(app, env))).collect();
    let mut objects = Vec::new();
    for one in &all {
        objects.push(applied(&one.app, &one.environment));
        let ready = u64::from(one.app != "app-500" || one.environment != "prod");
        let mut deployment = deployment(&one.app, &one.environment, ready, 1, &image(DIGEST));
        if ready == 0 {
            deployment["status"]["conditions"] = json!([{"type": "Progressing", "status": "False",
                "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"app-500-6d5\" has timed out progressing."}]);
        }
        objects.push(deployment);
    }
    keep("thousand-80", &shown(&report(&all, &objects, 80)));
    // What cannot be reached says it once.
    let mut silent = report(&all, &[], 80);
    for column in &mut silent.columns {
        column.silent = Some("the connection failed".to_owned());
    }
    silent.cells = all.iter().map(Cell::unseen).collect();
    assert_eq!(shown(&silent).lines().count(), 4, "{}", shown(&silent));
}

#[test]
fn what_stands_is_told_apart() {
    let health =
        |objects: &[Value]| cells(&[wanted("shop", "dev")], &Seen::new(objects), now())[0].clone();
    let base = |deployment: Value| vec![applied("shop", "dev"), deployment];
    let well = deployment("shop", "dev", 2, 2, &image(DIGEST));
    assert_eq!(health(&base(well.clone())).health, Health::Well);
    assert_eq!(health(&[]).health, Health::Absent);
    // Flux has applied the pin, and the old image runs yet.
    assert_eq!(health(&base(deployment("shop", "dev", 2, 2, &image(OLD)))).health, Health::Busy);
    assert_eq!(health(&base(deployment("shop", "dev", 1, 2, &image(DIGEST)))).health, Health::Busy);
    let mut paused = well.clone();
    paused["spec"]["paused"] = true.into();
    let cell = health(&base(paused));
    assert_eq!(
        (cell.health, cell.held.as_slice()),
        (Health::Held, &["Deployment shop is paused".to_owned()][..])
    );
    let mut suspended = applied("shop", "dev");
    suspended["spec"]["suspend"] = true.into();
    let cell = health(&[suspended, well.clone()]);
    assert_eq!(cell.held, ["Kustomization shop-dev is suspended"]);
    // The first that fails is the cause of the others that wait.
    let cell = health(&[
        kustomization("shop-dev-access", "dev", "False", "BuildFailed", "kustomize build failed"),
        kustomization(
            "shop-dev",
            "dev",
            "False",
            "DependencyNotReady",
            "dependency 'x' is not ready",
        ),
        well.clone(),
    ]);
    assert_eq!(cell.health, Health::Wrong);
    assert_eq!(cell.wrong[0].what, "Kustomization shop-dev-access");
    assert_eq!(cell.wrong[0].ask, "why shop --env dev");
    // A run that somebody stopped is not a failure.
    let stopped = run("shop", "dev", 1, 10, "False", "Cancelled");
    assert_eq!(health(&[applied("shop", "dev"), well.clone(), stopped]).health, Health::Well);
    let missing = health(&[applied("shop", "dev")]);
    assert_eq!(missing.wrong[0].what, "Deployment shop");
    // What lacks only because it may not be read is not wrong.
    let mut doubted = missing;
    doubted.doubt(&wanted("shop", "dev"), false, true);
    assert_eq!((doubted.health, doubted.wrong.len()), (Health::Unseen, 0));
}

#[test]
fn tasks_stand_in_layers() {
    let stage = |name: &str, after: &[&str]| {
        (name.to_owned(), after.iter().map(|&one| one.to_owned()).collect::<Vec<_>>())
    };
    let stages = [
        stage("fetch", &[]),
        stage("test", &["fetch"]),
        stage("lint", &["fetch"]),
        stage("build", &["test", "lint"]),
    ];
    assert_eq!(layers(&stages), [vec!["fetch"], vec!["test", "lint"], vec!["build"]]);
    // A circle, which no spec has, ends as well.
    assert_eq!(layers(&[stage("a", &["b"]), stage("b", &["a"])]).concat().len(), 2);
}

#[test]
fn a_page_has_tasks_objects_and_events() {
    let (wanted, mut objects) = three();
    objects.push(replica_set("shop", "dev"));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": "e1", "namespace": "shop-dev"},
        "involvedObject": {"kind": "Pod", "name": "shop-6d5-a"},
        "reason": "BackOff", "message": "Back-off restarting failed container", "lastTimestamp": "2026-11-23T10:58:00Z",
    }));
    let stages: Vec<(String, Vec<String>)> =
        [("fetch-source", ""), ("unit-test", "fetch-source"), ("build-image", "unit-test")]
            .iter()
            .map(|(name, after)| {
                ((*name).to_owned(), after.split_whitespace().map(str::to_owned).collect())
            })
            .collect();
    let seen = Seen::new(&objects);
    let mut report = report(&wanted[..1], &objects, 80);
    report.pages = vec![page(&wanted[0], &stages, &seen, now())];
    keep("page-80", &shown(&report));
    assert_eq!(report.json(&Sources::default())["pages"][0]["layers"][1][0]["state"], "failed");
}

/// Names and messages are anybody's.
#[test]
fn hostile_texts_are_shown_and_not_sent_to_the_terminal() {
    let objects = [
        kustomization(
            "shop-dev",
            "dev",
            "False",
            "Bad\u{1b}[31m",
            "\u{1b}]0;title\u{7} \u{202e}txt",
        ),
        pod(
            "shop",
            "dev",
            "a\u{1b}[2J",
            1,
            &json!({"reason": "CrashLoopBackOff", "message": "x\u{9b}y"}),
        ),
        json!({"kind": "PipelineRun", "metadata": 7, "status": [1]}),
        json!({"kind": "Event", "metadata": {"namespace": "shop-dev"}, "involvedObject": {"name": "shop"},
            "lastTimestamp": "2026-11-23T10:58:00Z", "reason": "\u{1b}c", "message": "\r\n\u{8}"}),
    ];
    let all = [wanted("shop", "dev")];
    let mut report = report(&all, &objects, 80);
    report.pages = vec![page(&all[0], &[], &Seen::new(&objects), now())];
    let text = shown(&report);
    let is_bad = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.contains(is_bad), "{text:?}");
}
