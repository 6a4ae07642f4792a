//! Workloads around their pod templates.

use super::case::Case;
use super::form::Form;
use super::metadata::labels_and_annotations;
use super::part::Part;
use super::pod::{self, Of};
use super::rules::{NAME, NUMBER, REQUIRED, SCHEDULE, TOGETHER};
use super::{selector, volume};
use crate::name::Check;
use crate::yaml::Value;

/// A Deployment.
pub(super) fn deployment(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    lasting(case, spec);
    let strategy = spec.get("strategy");
    let rolling = strategy.get("rollingUpdate");
    if strategy.get("type").text() == "Recreate" {
        if rolling.is_set() {
            case.bar(&rolling, "where `type` is `Recreate`");
        }
    } else {
        let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
        share(case, &unavailable, true);
        share(case, &surge, false);
        // Each is a quarter where it is not set.
        if is_none(&unavailable) && is_none(&surge) {
            case.say(&NUMBER, &unavailable, "cannot be 0 where `maxSurge` is 0");
        }
    }
    let deadline = spec.get("progressDeadlineSeconds");
    case.at_least(&deadline, 0);
    let ready = spec.get("minReadySeconds").int().unwrap_or(0);
    if deadline.int().unwrap_or(600) <= ready {
        case.say(&NUMBER, &deadline, format!("must be more than `minReadySeconds`, {ready}"));
    }
}

/// A DaemonSet.
pub(super) fn daemon_set(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    lasting(case, spec);
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    if strategy.get("type").text() == "OnDelete" {
        return;
    }
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    share(case, &unavailable, true);
    share(case, &surge, true);
    let has_surge = surge.is_set() && !is_none(&surge);
    if has_surge && !is_none(&unavailable) {
        case.say(&TOGETHER, &surge, "can be set only where `maxUnavailable` is 0");
    } else if !has_surge && is_none(&unavailable) {
        case.say(&NUMBER, &unavailable, "cannot be 0 where `maxSurge` is 0");
    }
}

/// A StatefulSet.
pub(super) fn stateful_set(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    lasting(case, spec);
    case.form(&NAME, &spec.get("serviceName"), Form::Label);
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    if !matches!(strategy.get("type").text(), "" | "RollingUpdate") && rolling.is_set() {
        case.bar(&rolling, "where `type` is not `RollingUpdate`");
    }
    case.at_least(&rolling.get("partition"), 0);
    let unavailable = rolling.get("maxUnavailable");
    share(case, &unavailable, true);
    if is_none(&unavailable) {
        case.say(&NUMBER, &unavailable, "cannot be 0");
    }
    case.at_least(&spec.get("ordinals").get("start"), 0);
    let retention = spec.get("persistentVolumeClaimRetentionPolicy");
    for key in ["whenDeleted", "whenScaled"] {
        case.word(&retention.get(key), &["Retain", "Delete"]);
    }
}

/// What Deployments, StatefulSets, DaemonSets and ReplicaSets have in common.
pub(super) fn lasting(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    for key in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
        case.at_least(&spec.get(key), 0);
    }
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    selector::of_workload(case, &selector, &template);
    pod::template(case, &template, Of::Lasting);
}

/// Whether a share is set, and nothing.
fn is_none(part: &Part<'_, '_>) -> bool {
    part.int() == Some(0) || part.text().trim_start_matches('0') == "%"
}

/// A whole number that is not negative, or a percentage.
pub(super) fn share(case: &mut Case<'_>, part: &Part<'_, '_>, is_bound: bool) {
    match part.value() {
        Value::Int(_) => case.at_least(part, 0),
        Value::Str(text) => {
            case.exact_form(&NUMBER, part, Form::Percent);
            let share = text.strip_suffix('%').and_then(|number| number.parse::<i64>().ok());
            if is_bound && share.is_some_and(|share| share > 100) {
                case.say(&NUMBER, part, "must not be more than 100%");
            }
        }
        _ => {}
    }
}

/// A Job.
pub(super) fn job(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    run(case, spec);
    let selector = spec.get("selector");
    if spec.get("manualSelector").is_true() {
        case.need_set(&selector);
    } else if selector.is_set() {
        case.bar(&selector, "without `manualSelector`: it is made for the Job");
    }
    selector::judge(case, &selector);
}

/// The `spec` of a Job.
fn run(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    for key in [
        "parallelism",
        "completions",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        case.at_least(&spec.get(key), 0);
    }
    let deadline = spec.get("activeDeadlineSeconds");
    if deadline.int().is_some_and(|seconds| seconds < 0) {
        case.say(&NUMBER, &deadline, "must be at least 0");
    }
    if spec.get("completionMode").text() == "Indexed" {
        let completions = spec.get("completions");
        case.need_set(&completions);
        let failed = spec.get("maxFailedIndexes");
        if failed.int().zip(completions.int()).is_some_and(|(failed, all)| failed > all) {
            case.say(&NUMBER, &failed, "must not be more than `completions`");
        }
        case.between(&spec.get("parallelism"), 0, 100_000);
    } else {
        for key in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
            if spec.get(key).is_set() {
                case.bar(&spec.get(key), "where `completionMode` is not `Indexed`");
            }
        }
    }
    let template = spec.get("template");
    pod::template(case, &template, Of::Job);
    let pod = template.get("spec");
    if spec.get("podFailurePolicy").is_set() && pod.get("restartPolicy").text() != "Never" {
        case.say(
            &TOGETHER,
            &pod.get("restartPolicy"),
            "must be `Never` where there is a `podFailurePolicy`",
        );
    }
}

/// A CronJob.
pub(super) fn cron_job(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let (schedule, zone) = (spec.get("schedule"), spec.get("timeZone"));
    if case.need(&schedule) && !is_schedule(schedule.text()) {
        case.say(&SCHEDULE, &schedule, format!("`{}` is not a cron schedule", schedule.text()));
    }
    if zone.is_set() && !is_time_zone(zone.text()) {
        case.say(&SCHEDULE, &zone, format!("`{}` is not a time zone", zone.text()));
    }
    for key in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        case.at_least(&spec.get(key), 0);
    }
    let deadline = spec.get("startingDeadlineSeconds");
    if deadline.int().is_some_and(|seconds| seconds < 0) {
        case.say(&NUMBER, &deadline, "must be at least 0");
    }
    let template = spec.get("jobTemplate");
    labels_and_annotations(case, &template.get("metadata"));
    let job = template.get("spec");
    run(case, &job);
    let selector = job.get("selector");
    if selector.is_set() {
        case.bar(&selector, "for a CronJob: it is made for each Job");
    }
    if job.get("manualSelector").is_true() {
        case.bar(&job.get("manualSelector"), "for a CronJob");
    }
}

/// What Kubernetes takes, which is more than a spec of gen takes: `@every`, and days that never come.
fn is_schedule(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if let Some(duration) = text.strip_prefix("@every ") {
        return !duration.is_empty();
    }
    match fields.as_slice() {
        // With any weekday no day is one that never comes.
        [minute, hour, day, month, _] => {
            let takes = |weekday: &str| {
                let text = format!("{minute} {hour} {day} {month} {weekday}");
                Check::Schedule.test(&text).is_ok()
            };
            Check::Schedule.test(text).is_ok()
                || takes("0") && Check::Schedule.test(&format!("0 0 * * {}", fields[4])).is_ok()
        }
        _ => Check::Schedule.test(text).is_ok(),
    }
}

fn is_time_zone(text: &str) -> bool {
    Check::TimeZone.test(text).is_ok()
}

/// The claims of a StatefulSet.
pub(super) fn claims(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    for claim in spec.get("volumeClaimTemplates").items() {
        let metadata = claim.get("metadata");
        if metadata.get("name").is_empty() {
            case.say(&REQUIRED, &metadata.get("name"), "is required");
        }
        case.form(&NAME, &metadata.get("name"), Form::Label);
        labels_and_annotations(case, &metadata);
        volume::claim(case, &claim.get("spec"));
    }
}
