//! Objects in, tables and pages out.

use gitops_gen::diagnose::{Time, time};
use gitops_gen::diagnostics::{Look, Sources};
use gitops_gen::ops::status::{Column, StatusReport};
use gitops_gen::report::{Show, Style};
use gitops_gen::status::{Cell, Health, Program, Seen, Wanted, cells, layers, page};
use serde_json::{Value, json};

use crate::objects::{
    DIGEST, OLD, applied, cron_job, deployment, event, image, job, kustomization, pod, replica_set,
    run, task_run,
};

fn now() -> Time {
    time("2026-11-23T11:00:00Z").expect("a moment")
}

pub fn wanted(app: &str, env: &str) -> Wanted {
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
        expects_own: true,
    }
}

pub fn report(wanted: &[Wanted], objects: &[Value], width: usize) -> StatusReport {
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
        moves: Vec::new(),
        unknown_moves: Vec::new(),
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
    keep_as(&format!("{name}.txt"), shown);
}

/// The same of the page for a browser, without its style.
fn keep_page(name: &str, report: &StatusReport) {
    let page = report.html();
    let (before, own) = page.split_once("<body>").expect("a body");
    assert!(before.contains("default-src 'none'; style-src 'sha256-"), "{before}");
    assert!(!page.contains("<script") && !page.contains("https://"), "{own}");
    keep_as(&format!("{name}.html"), own);
}

fn keep_as(name: &str, shown: &str) {
    let path = format!("{}/tests/status/shown/{name}", env!("CARGO_MANIFEST_DIR"));
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
    keep_page("none", &report);
}

#[test]
fn one_app_in_three_stages_fits_80_columns() {
    let (wanted, objects) = three();
    let report = report(&wanted, &objects, 80);
    keep("three-80", &shown(&report));
    keep_page("three", &report);
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
}

/// What is held back or wrong does not end what is in progress beside it; and nothing is in progress that is only held back.
#[test]
fn what_is_in_progress_is_known_beside_what_is_worse() {
    let shop = wanted("shop", "dev");
    let of = |flux: &Value, more: &[Value]| {
        let found = cell(&shop, &[std::slice::from_ref(flux), more].concat());
        (found.health, found.busy)
    };
    let well = applied("shop", "dev");
    let mut suspended = well.clone();
    suspended["spec"]["suspend"] = true.into();
    let failed = kustomization("shop-dev", "dev", "False", "BuildFailed", "no");
    let two = |ready: u64, digest: &str| deployment("shop", "dev", ready, 2, &image(digest));
    assert_eq!(of(&suspended, &[two(1, DIGEST)]), (Health::Held, true));
    assert_eq!(of(&suspended, &[two(2, DIGEST)]), (Health::Held, false));
    assert_eq!(of(&failed, &[two(1, DIGEST)]), (Health::Wrong, true));
    let waiting = json!({"reason": "CrashLoopBackOff", "message": "back-off"});
    let pod = pod("shop", "dev", "shop-6d5-a", 1, &waiting);
    assert_eq!(of(&well, &[two(1, DIGEST), pod]), (Health::Wrong, true));
    let running = run("shop", "dev", 40, 0, "Unknown", "Running");
    assert_eq!(of(&suspended, &[two(2, DIGEST), running]), (Health::Held, true));
    // A Kustomization that is being applied, beside one that is held back.
    let mut access = kustomization("shop-dev-access", "dev", "True", "ReconciliationSucceeded", "");
    access["spec"]["suspend"] = true.into();
    let applying = kustomization("shop-dev", "dev", "Unknown", "Progressing", "");
    assert_eq!(of(&applying, &[access, two(2, DIGEST)]), (Health::Held, true));
    // A pin comes only if Flux applies it, and a paused Deployment replaces no pods.
    assert_eq!(of(&well, &[two(2, OLD)]), (Health::Busy, true));
    assert_eq!(of(&suspended, &[two(2, OLD)]), (Health::Held, false));
    assert_eq!(of(&failed, &[two(2, OLD)]), (Health::Wrong, false));
    let mut paused = two(2, DIGEST);
    paused["spec"]["paused"] = true.into();
    paused["status"]["updatedReplicas"] = 1.into();
    assert_eq!(of(&well, &[paused]), (Health::Held, false));
    // A suspended CronJob beside a rollout.
    let programs = [("Deployment", "shop"), ("CronJob", "nightly")]
        .map(|(kind, name)| Program { kind: kind.to_owned(), name: name.to_owned() });
    let both = Wanted { programs: programs.to_vec(), ..shop.clone() };
    let mut nightly = cron_job("nightly", "dev");
    nightly["metadata"]["namespace"] = "shop-dev".into();
    nightly["spec"]["suspend"] = true.into();
    let found = cell(&both, &[well, two(1, DIGEST), nightly]);
    assert_eq!((found.health, found.busy), (Health::Held, true));
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
    objects.push(event("shop-dev", "shop-6d5-a", "Back-off restarting failed container"));
    let stages: Vec<(String, Vec<String>)> =
        [("fetch-source", ""), ("unit-test", "fetch-source"), ("build-image", "unit-test")]
            .iter()
            .map(|(name, after)| {
                ((*name).to_owned(), after.split_whitespace().map(str::to_owned).collect())
            })
            .collect();
    let seen = Seen::new(&objects);
    let mut report = report(&wanted[..1], &objects, 80);
    report.pages = vec![page(&wanted[0], &stages, &wanted, &seen, now())];
    keep("page-80", &shown(&report));
    keep_page("page", &report);
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
    report.pages = vec![page(&all[0], &[], &all, &Seen::new(&objects), now())];
    let text = shown(&report);
    let is_bad = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.contains(is_bad), "{text:?}");
}

fn cell(wanted: &Wanted, objects: &[Value]) -> Cell {
    cells(std::slice::from_ref(wanted), &Seen::new(objects), now()).remove(0)
}

fn with_program(kind: &str) -> Wanted {
    let programs = vec![Program { kind: kind.to_owned(), name: "shop".to_owned() }];
    Wanted { programs, has_pipeline: false, ..wanted("shop", "dev") }
}

/// Messages come from anywhere, and people put passwords in arguments.
#[test]
fn secrets_in_messages_are_not_shown() {
    const SECRET: &str = "hunter2hunter2";
    let message = format!("exec failed: password={SECRET}");
    // A secret that the longest message cuts has no form.
    let long = format!("{} token={SECRET}", "x".repeat(280));
    let mut failed = run("shop", "dev", 1, 10, "False", "Failed");
    failed["status"]["conditions"][0]["message"] = message.clone().into();
    let mut stopped = deployment("shop", "dev", 1, 1, &image(DIGEST));
    stopped["status"]["conditions"] = json!([{"type": "Progressing", "status": "False",
        "reason": "ProgressDeadlineExceeded", "message": message}]);
    let objects = [
        kustomization("shop-dev", "dev", "False", "BuildFailed", &message),
        stopped,
        pod(
            "shop",
            "dev",
            "shop-6d5-a",
            1,
            &json!({"reason": "CrashLoopBackOff", "message": message}),
        ),
        failed,
        event("shop-dev", "shop", &message),
        event("shop-dev", "shop-6d5-a", &long),
    ];
    let all = [wanted("shop", "dev")];
    let mut report = report(&all, &objects, 400);
    report.pages = vec![page(&all[0], &[], &all, &Seen::new(&objects), now())];
    let text = shown(&report) + &report.json(&Sources::default()).to_string();
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(report.cells[0].wrong.len(), 4, "{text}");
    assert_eq!(text.matches("password=<secret>").count(), 12, "{text}");
}

/// What could not be read may be wrong, and is neither wrong nor well.
#[test]
fn what_could_not_be_read_is_unseen() {
    let well = [applied("shop", "dev"), deployment("shop", "dev", 2, 2, &image(DIGEST))];
    let without = |wanted: &Wanted, objects: &[Value], kind: &str, namespace: Option<&str>| {
        let seen = Seen::new(objects).without(kind, namespace);
        cells(std::slice::from_ref(wanted), &seen, now()).remove(0)
    };
    let shop = wanted("shop", "dev");
    for (kind, namespace) in [
        ("Deployment", "shop-dev"),
        ("Pod", "shop-dev"),
        ("PipelineRun", "shop-dev-ci"),
        ("Kustomization", "flux-system"),
    ] {
        for namespace in [Some(namespace), None] {
            let cell = without(&shop, &well, kind, namespace);
            assert_eq!((cell.health, cell.wrong.len()), (Health::Unseen, 0), "{kind}");
        }
        assert_eq!(without(&shop, &well, kind, Some("another")).health, Health::Well, "{kind}");
    }
    // A refusal in another namespace hides nothing that is missing here.
    let missing = without(&shop, &well[..1], "Deployment", Some("another"));
    assert_eq!((missing.health, missing.wrong.len()), (Health::Wrong, 1));
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "CronJob"] {
        let cell = without(&with_program(kind), &well[..1], kind, Some("shop-dev"));
        assert_eq!((cell.health, cell.wrong.len()), (Health::Unseen, 0), "{kind}");
        let cell = without(&with_program(kind), &well[..1], "Other", None);
        assert_eq!(cell.health, Health::Wrong, "{kind}");
    }
    let cell = without(&with_program("CronJob"), &well[..1], "Job", None);
    assert!(cell.wrong.iter().any(|one| one.what == "CronJob shop"), "{cell:?}");
    // What is of no kind that the app has takes nothing away.
    assert_eq!(without(&shop, &well, "DaemonSet", None).health, Health::Well);
    assert_eq!(
        without(&with_program("Deployment"), &well, "PipelineRun", None).health,
        Health::Well
    );
    // What is wrong is wrong whatever else there is.
    let failed = run("shop", "dev", 1, 10, "False", "Failed");
    let objects = [well.to_vec(), vec![failed]].concat();
    assert_eq!(without(&shop, &objects, "Pod", None).health, Health::Wrong);
}

#[test]
fn a_kustomization_that_is_missing_is_not_well() {
    let access = kustomization("shop-dev-access", "dev", "True", "ReconciliationSucceeded", "");
    let well = deployment("shop", "dev", 2, 2, &image(DIGEST));
    let shop = wanted("shop", "dev");
    let found = cell(&shop, &[access.clone(), well.clone()]);
    assert_eq!(found.health, Health::Absent);
    // One that has nothing to apply is not missed.
    let only_around = Wanted { expects_own: false, ..shop.clone() };
    assert_eq!(cell(&only_around, &[access, well.clone()]).health, Health::Well);
    // Of all that fail, the first that Flux applies is the cause.
    let failed = |name: &str| kustomization(name, "dev", "False", "BuildFailed", "no");
    let all = ["shop-dev-after", "shop-dev", "shop-dev-before", "shop-dev-access"];
    for first in 0..all.len() {
        let mut objects: Vec<Value> = all[..=first].iter().map(|name| failed(name)).collect();
        objects.push(well.clone());
        let found = cell(&shop, &objects);
        assert_eq!(found.wrong[0].what, format!("Kustomization {}", all[first]));
    }
}

/// What runs and ends is seen by how it ended.
#[test]
fn jobs_that_failed_are_wrong() {
    let nightly = with_program("CronJob");
    let of = |jobs: &[Value]| {
        cell(&nightly, &[&[applied("shop", "dev"), cron_job("shop", "dev")], jobs].concat())
    };
    assert_eq!(of(&[]).health, Health::Well);
    let failed = |hour| job("shop", "dev", hour, Some("shop"), "Failed");
    let complete = |hour| job("shop", "dev", hour, Some("shop"), "Complete");
    let found = of(&[complete(1), failed(2)]);
    assert_eq!(found.health, Health::Wrong);
    assert_eq!(found.wrong[0].what, "Job shop-2");
    assert_eq!(found.wrong[0].why, "BackoffLimitExceeded: m");
    assert_eq!(of(&[complete(3), failed(2)]).health, Health::Well);
    // Of another CronJob.
    assert_eq!(of(&[job("shop", "dev", 2, Some("other"), "Failed")]).health, Health::Well);
    let mut suspended = cron_job("shop", "dev");
    suspended["spec"]["suspend"] = true.into();
    let found = cell(&nightly, &[applied("shop", "dev"), suspended]);
    assert_eq!(
        (found.health, found.held.concat().as_str()),
        (Health::Held, "CronJob shop is suspended")
    );
    // The Job of a program; one that ended may be gone.
    let once = with_program("Job");
    let of = |job: Value| cell(&once, &[applied("shop", "dev"), job]).health;
    assert_eq!(of(job("shop", "dev", 1, None, "Failed")), Health::Wrong);
    assert_eq!(of(job("shop", "dev", 1, None, "Complete")), Health::Well);
    assert_eq!(cell(&once, &[applied("shop", "dev")]).health, Health::Well);
    // No pods are counted.
    let report = report(&[nightly], &[applied("shop", "dev"), cron_job("shop", "dev")], 80);
    assert!(!shown(&report).contains("0/0"), "{}", shown(&report));
}

#[test]
fn everything_that_is_wrong_is_told() {
    let programs = ["web", "worker"]
        .map(|name| Program { kind: "Deployment".to_owned(), name: name.to_owned() });
    let two = Wanted { programs: programs.to_vec(), ..wanted("shop", "dev") };
    let missing = cell(&two, &[applied("shop", "dev")]);
    let all: Vec<(&str, &str)> =
        missing.wrong.iter().map(|one| (one.what.as_str(), one.why.as_str())).collect();
    let why = "applied by Flux, but not in the cluster";
    assert_eq!(all, [("Deployment web", why), ("Deployment worker", why)]);
    let waiting = json!({"reason": "CrashLoopBackOff", "message": "back-off"});
    let objects = [
        applied("shop", "dev"),
        deployment("shop", "dev", 2, 2, &image(DIGEST)),
        pod("shop", "dev", "shop-6d5-a", 1, &waiting),
        pod("shop", "dev", "shop-6d5-b", 1, &waiting),
    ];
    assert_eq!(cell(&wanted("shop", "dev"), &objects).wrong.len(), 2);
}

/// A cluster resolves no tag: what runs has the tag of the pin, or another.
#[test]
fn a_pin_by_tag_is_compared_by_tag() {
    let tagged = |tag: &str| format!("registry.example/team/shop:{tag}");
    let shop = Wanted { image: Some(tagged("1.3")), ..wanted("shop", "dev") };
    let of = |image: &str| {
        cell(&shop, &[applied("shop", "dev"), deployment("shop", "dev", 2, 2, image)]).health
    };
    assert_eq!(of(&tagged("1.3")), Health::Well);
    assert_eq!(of(&tagged("1.2")), Health::Busy);
}

/// Flux writes a colon of a name as two underscores, and joins the parts by one.
#[test]
fn names_in_an_inventory_are_read_as_flux_writes_them() {
    let mut own = applied("shop", "dev");
    own["status"]["inventory"]["entries"] = json!([
        {"id": "shop-dev_system__view_rbac.authorization.k8s.io_Role", "v": "v1"},
        {"id": "_shop__reader_rbac.authorization.k8s.io_ClusterRole", "v": "v1"},
        {"id": "shop-dev_shop_apps_Deployment", "v": "v1"},
        {"id": "shop-dev_shop__Service", "v": "v1"},
        {"id": "nonsense", "v": "v1"},
    ]);
    let shop = wanted("shop", "dev");
    let page = page(&shop, &[], &[], &Seen::new(&[own]), now());
    let below: Vec<&str> = page.tree[0].below.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(
        below,
        ["Role system:view", "ClusterRole shop:reader", "Deployment shop", "Service shop"]
    );
}

#[test]
fn the_pods_of_a_nightly_job_are_on_the_page() {
    let mut own = applied("shop", "dev");
    own["status"]["inventory"]["entries"] =
        json!([{"id": "shop-dev_shop_batch_CronJob", "v": "v1"}]);
    let mut pod = pod("shop", "dev", "shop-2-x", 0, &json!(null));
    pod["metadata"]["ownerReferences"] = json!([{"kind": "Job", "name": "shop-2"}]);
    let objects =
        [own, cron_job("shop", "dev"), job("shop", "dev", 2, Some("shop"), "Failed"), pod];
    let page = page(&with_program("CronJob"), &[], &[], &Seen::new(&objects), now());
    let job = &page.tree[0].below[0].below[0];
    assert_eq!((job.what.as_str(), job.stands.as_str()), ("Job shop-2", "failed"));
    assert_eq!(job.below[0].what, "Pod shop-2-x");
}

#[test]
fn an_event_is_on_the_page_of_its_app_only() {
    let at = |app: &str| Wanted { namespace: "apps".to_owned(), ..wanted(app, "dev") };
    let all = [at("shop"), at("shop-api")];
    let objects = [
        event("apps", "shop-1", "of shop"),
        event("apps", "shop-api-1", "of the api"),
        event("apps", "shopping-1", "of neither"),
        event("other", "shop-2", "elsewhere"),
        event("flux-system", "shop-dev-access", "access of shop"),
        event("flux-system", "shop-api-dev", "applied of the api"),
    ];
    let seen = Seen::new(&objects);
    let of = |wanted: &Wanted| {
        let lines = page(wanted, &[], &all, &seen, now()).events;
        let mut lines: Vec<String> = lines
            .iter()
            .filter_map(|line| line.rsplit_once(": "))
            .map(|(_, of)| of.to_owned())
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(of(&all[0]), ["access of shop", "of shop"]);
    assert_eq!(of(&all[1]), ["applied of the api", "of the api"]);
}
