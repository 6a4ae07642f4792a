//! The workload of the app.

use super::decoder::Decoder;
use super::misfits::refuse_misfits;
use super::{disruption, rollout, volumes};
use crate::diagnostics::SpecError;
use crate::environment::{Deploy, Run};
use crate::model::{Batch, Job, Kind, Scale, Schedule, When, Workload};
use crate::name::seconds;
use crate::spec::View;
use crate::yaml::{Node, Value};

/// The controller looks every ten seconds, so that a run which may be less late may never start (Kubernetes, "CronJob").
const LEAST_LATE: u64 = 10;

/// What `scale` becomes.
const AUTOSCALER: (&str, &str) = ("autoscaling/v2", "HorizontalPodAutoscaler");

/// The target of CPU where no other metric is said, in percent.
const CPU: u32 = 80;

pub(super) fn read(d: &mut Decoder<'_>) -> Workload {
    let view = d.app;
    let written = view.variant("workload");
    let kind = match written.map(|(word, _)| word) {
        None | Some("deployment") => Kind::Deployment,
        Some("statefulset") => Kind::StatefulSet,
        Some("daemonset") => Kind::DaemonSet,
        Some("cronjob") => Kind::CronJob,
        Some("job") => Kind::Job,
        Some(_) => Kind::None,
    };
    let scale = scale(d);
    let scales = kind.scales();
    if !scales {
        for key in ["scale", "replicas"] {
            // A value from `defaults` or from `"*"` is meant for those apps that can use it.
            let span = view.span_of(key);
            if view.get(key).is_some() && d.is_own(span) {
                let why = "only a deployment or a statefulset can have several pods";
                d.excludes(span, key, "workload", why);
            }
        }
    }
    let mut scale = scale.filter(|_| scales);
    let mut replicas = (scales && scale.is_none()).then(|| view.u32_or_default("replicas"));
    let several =
        replicas.is_some_and(|n| n >= 2) || scale.as_ref().is_some_and(|scale| scale.max >= 2);
    if kind == Kind::Deployment && several && volumes::is_exclusive(d) {
        let key = if scale.is_some() { "scale" } else { "replicas" };
        if d.is_own(view.span_of(key)) {
            let why = "the pods of a deployment would share a volume of one node; with `workload: statefulset` each has its own, and with `access: rwx` all share it";
            d.excludes(view.span_of(key), key, "storage", why);
        }
        // A value for many apps is meant for those that can use it.
        (scale, replicas) = (None, Some(1));
    }
    if kind == Kind::DaemonSet && volumes::is_exclusive(d) {
        let why =
            "the pods of all nodes would share a volume of one node; with `access: rwx` they can";
        d.excludes(view.span_of("storage"), "storage", "workload: daemonset", why);
    }
    let listens = view.get("port").is_some() || view.get("ports").is_some();
    let on_node = view.mappings("ports").iter().any(|(_, port)| port.get("hostPort").is_some());
    let port_of_node = on_node || d.app.view("security").flag("hostNetwork") && listens;
    let exclusive = match (volumes::is_exclusive(d), port_of_node) {
        (true, _) => Some("a volume of one node"),
        (_, true) => Some("a port of the node"),
        _ => None,
    };
    let rollout = rollout::read(d, kind, exclusive);
    let several =
        replicas.is_some_and(|n| n >= 2) || scale.as_ref().is_some_and(|scale| scale.min >= 2);
    let disruption = disruption::read(d, kind, several);
    let of = |wanted: Kind| written.filter(|_| kind == wanted).map(|(_, view)| view);
    Workload {
        kind,
        resource: kind.resource(),
        group: kind.group(),
        schedule: of(Kind::CronJob).map(|view| schedule(d, &view)),
        job: of(Kind::Job).map(|view| job(d, &view)),
        replicas,
        service_name: of(Kind::StatefulSet).and_then(|view| view.string("serviceName")),
        scale,
        rollout,
        several,
        disruption,
    }
}

fn scale(d: &mut Decoder<'_>) -> Option<Scale> {
    let view = d.app.view("scale");
    if !view.is_written() {
        return None;
    }
    let min = view.u32_or_default("min");
    let max = view.u32("max").unwrap_or_else(|| {
        d.missing(view.span(), "scale.max", "`scale`");
        min
    });
    if max < min {
        let error = SpecError::OutOfRange {
            path: "scale.max".to_owned(),
            number: max.to_string(),
            min: min.into(),
            max: 10_000,
        };
        d.error(view.span_of("max"), error);
    }
    let metrics: Vec<Value> = view.items("metrics").iter().map(Node::to_value).collect();
    if !metrics.is_empty() {
        let all = Value::Seq(metrics.clone());
        refuse_misfits(d, view.span_of("metrics"), AUTOSCALER, "metrics", &all);
    }
    let is_outside = |metric: &Value| {
        metric.str_at(&["type"]).is_some_and(|of| ["External", "Object"].contains(&of))
    };
    // Kubernetes, pkg/apis/autoscaling/validation, `validateHorizontalPodAutoscalerSpec`.
    if min == 0 && !metrics.iter().any(is_outside) {
        let why = "without pods, only an `Object` or `External` metric can tell when to start one";
        d.needs(view.span_of("min"), "scale.min: 0", "scale.metrics", why);
    }
    let mut behavior = usual_behavior();
    if let Some(node) = view.get("behavior") {
        let own = node.to_value();
        refuse_misfits(d, node.span, AUTOSCALER, "behavior", &own);
        behavior.overlay(own);
    }
    let cpu = view.u32("cpu").or((metrics.is_empty()).then_some(CPU));
    Some(Scale { min, max, cpu, memory: view.u32("memory"), metrics, behavior })
}

/// Up at once, at most to the double every half minute; down only after five quiet minutes, and by no more than half.
fn usual_behavior() -> Value {
    let policy = |of: &str, value: u32, seconds: u32| {
        let pairs =
            [("type", of.into()), ("value", value.into()), ("periodSeconds", seconds.into())];
        Value::from(pairs)
    };
    let way = |window: u32, policies: Vec<Value>| {
        Value::from([
            ("stabilizationWindowSeconds", window.into()),
            ("selectPolicy", "Max".into()),
            ("policies", Value::Seq(policies)),
        ])
    };
    Value::from([
        ("scaleUp", way(0, vec![policy("Percent", 100, 30), policy("Pods", 4, 30)])),
        ("scaleDown", way(300, vec![policy("Percent", 50, 60)])),
    ])
}

fn job(d: &mut Decoder<'_>, view: &View<'_>) -> Job {
    let when = view.word("when").unwrap_or(When::Release);
    let span = view.span_of("when");
    if when != When::Release && d.process.is_none() {
        let word = view.text("when").unwrap_or_default();
        let why = "only a process has a time of its own; the app itself is what is rolled out";
        d.needs(span, &format!("workload.job: {word}"), "processes", why);
    }
    let environment = d.context.environment;
    if matches!(when, When::Before | When::After)
        && environment.run == Run::Commit
        && environment.deploy != Deploy::Kubectl
    {
        let word = view.text("when").unwrap_or_default();
        let why = "Flux applies the run only after the app, so a job that fails would also hold back the run that mends it; use `run: webhook`";
        d.excludes(span, &format!("workload.job: {word}"), "run: commit", why);
    }
    Job {
        when,
        deadline: seconds(&view.string_or_default("deadline")).unwrap_or_default(),
        retries: view.u32_or_default("retries"),
        batch: batch(view),
    }
}

/// The pods of a run.
fn batch(view: &View<'_>) -> Batch {
    Batch {
        restart: view.string_or_default("restart"),
        parallelism: view.u32("parallelism"),
        completions: view.u32("completions"),
    }
}

fn schedule(d: &mut Decoder<'_>, view: &View<'_>) -> Schedule {
    let schedule = d.required(view, "workload.cronjob", "schedule");
    let late = seconds(&view.string_or_default("startingDeadline")).unwrap_or_default();
    if late < LEAST_LATE {
        let (path, number) = ("workload.cronjob.startingDeadline".to_owned(), format!("{late}s"));
        let (min, max) = (LEAST_LATE.cast_signed(), i64::from(i32::MAX));
        let error = SpecError::OutOfRange { path, number, min, max };
        d.error(view.span_of("startingDeadline"), error);
    }
    Schedule {
        schedule: schedule.unwrap_or_default(),
        time_zone: view.string("timeZone"),
        concurrency: view.string_or_default("concurrency"),
        starting_deadline: late,
        succeeded: view.view("history").u32_or_default("succeeded"),
        failed: view.view("history").u32_or_default("failed"),
        deadline: seconds(&view.string_or_default("deadline")).unwrap_or_default(),
        retries: view.u32_or_default("retries").into(),
        suspend: view.flag("suspend"),
        ttl: view.text("ttl").and_then(seconds),
        batch: batch(view),
    }
}
