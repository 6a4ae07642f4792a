//! The workload of the app.

use super::decoder::Decoder;
use crate::diagnostics::SpecError;
use crate::model::{Kind, Scale, Schedule, Workload};
use crate::name::seconds;
use crate::spec::View;

pub(super) fn read(d: &mut Decoder<'_>) -> Workload {
    let view = d.app;
    let written = view.variant("workload");
    let kind = match written.map(|(word, _)| word) {
        None | Some("deployment") => Kind::Deployment,
        Some("statefulset") => Kind::StatefulSet,
        Some("cronjob") => Kind::CronJob,
        Some(_) => Kind::None,
    };
    let scale = scale(d);
    let running = matches!(kind, Kind::Deployment | Kind::StatefulSet);
    if !running {
        for key in ["scale", "replicas"] {
            // A value from `defaults` or from `"*"` is meant for those apps that can use it.
            let span = view.span_of(key);
            if view.get(key).is_some() && d.is_own(span) {
                let why = "only a deployment or a statefulset can have several pods";
                d.excludes(span, key, "workload", why);
            }
        }
    }
    let mut scale = scale.filter(|_| running);
    let mut replicas = (running && scale.is_none()).then(|| view.u32_or_default("replicas"));
    let several = replicas.is_some_and(|n| n >= 2) || scale.is_some_and(|scale| scale.max >= 2);
    if kind == Kind::Deployment && several && !view.views("storage").is_empty() {
        let key = if scale.is_some() { "scale" } else { "replicas" };
        if d.is_own(view.span_of(key)) {
            let why = "the pods of a deployment would share a ReadWriteOnce volume, which the pods of one node can mount; with `workload: statefulset` each has its own";
            d.excludes(view.span_of(key), key, "storage", why);
        }
        // A value for many apps is meant for those that can use it.
        (scale, replicas) = (None, Some(1));
    }
    let cronjob = written.filter(|_| kind == Kind::CronJob);
    Workload {
        kind,
        resource: kind.resource(),
        group: kind.group(),
        schedule: cronjob.map(|(_, view)| schedule(d, &view)),
        replicas,
        scale,
        several: replicas.is_some_and(|n| n >= 2) || scale.is_some_and(|scale| scale.min >= 2),
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
    Some(Scale { min, max, cpu: view.u32_or_default("cpu"), memory: view.u32("memory") })
}

fn schedule(d: &mut Decoder<'_>, view: &View<'_>) -> Schedule {
    let schedule = d.required(view, "workload.cronjob", "schedule");
    Schedule {
        schedule: schedule.unwrap_or_default(),
        time_zone: view.string("timeZone"),
        concurrency: view.string_or_default("concurrency"),
        deadline: seconds(&view.string_or_default("deadline")).unwrap_or_default(),
        retries: view.u32_or_default("retries").into(),
    }
}
