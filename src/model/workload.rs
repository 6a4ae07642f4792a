//! What runs the app.

use serde::Serialize;

use super::decode::Decoder;
use crate::diagnostics::SpecError;
use crate::name::seconds;

/// The kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// Interchangeable pods.
    Deployment,
    /// Pods with names and volumes of their own.
    StatefulSet,
    /// A job on a schedule.
    CronJob,
    /// Nothing: a pipeline alone.
    None,
}

impl Kind {
    /// The kind in the plural, as the API names it.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::CronJob => "cronjobs",
            Self::None => "",
        }
    }

    /// Its API group.
    #[must_use]
    pub fn group(self) -> &'static str {
        if self == Self::CronJob {
            "batch"
        } else {
            "apps"
        }
    }
}

/// When a CronJob runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Five cron fields.
    pub schedule: String,
    /// The time zone.
    pub time_zone: Option<String>,
    /// What happens when the last run has not ended.
    pub concurrency: String,
    /// Seconds that a run may take.
    pub deadline: u64,
    /// How often a failed run is tried again.
    pub retries: i64,
}

/// Scaling by load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Scale {
    /// At least so many pods.
    pub min: u32,
    /// At most so many.
    pub max: u32,
    /// Percent of the reserved processor time.
    pub cpu: u32,
    /// Percent of the reserved memory.
    pub memory: Option<u32>,
}

/// What runs the app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// The kind.
    pub kind: Kind,
    /// The kind in the plural.
    pub resource: &'static str,
    /// Its API group.
    pub group: &'static str,
    /// When a CronJob runs.
    pub schedule: Option<Schedule>,
    /// Pods; nothing where an autoscaler decides.
    pub replicas: Option<u32>,
    /// Scaling.
    pub scale: Option<Scale>,
    /// There are, or may be, at least two pods: a disruption budget and spreading make sense.
    pub several: bool,
}

pub(super) fn read(d: &mut Decoder<'_>) -> Workload {
    let view = d.app;
    let kind = match view.variant("workload").map(|(word, _)| word) {
        None | Some("deployment") => Kind::Deployment,
        Some("statefulset") => Kind::StatefulSet,
        Some("cronjob") => Kind::CronJob,
        Some(_) => Kind::None,
    };
    let scale = view.view("scale");
    let scale = scale.is_written().then(|| {
        let min = scale.u32("min").unwrap_or(1);
        let max = scale.u32("max").unwrap_or_else(|| {
            d.missing(scale.span(), "scale.max", "`scale`");
            min
        });
        if max < min {
            let error = SpecError::OutOfRange {
                path: "scale.max".to_owned(),
                number: max.to_string(),
                min: min.into(),
                max: 10_000,
            };
            d.problems.error(scale.span_of("max"), error);
        }
        Scale {
            min,
            max,
            cpu: scale.u32("cpu").unwrap_or(80),
            memory: scale.u32("memory"),
        }
    });
    if kind == Kind::CronJob || kind == Kind::None {
        for key in ["scale", "replicas"] {
            // A value from `defaults` or from `"*"` is meant for those apps that can have it.
            if view.get(key).is_some() && d.is_own(view.span_of(key)) {
                let why = "only a deployment or statefulset has several pods".to_owned();
                d.problems.error(
                    view.span_of(key),
                    SpecError::Excludes {
                        first: key.to_owned(),
                        second: "workload".to_owned(),
                        why,
                    },
                );
            }
        }
    }
    let running = matches!(kind, Kind::Deployment | Kind::StatefulSet);
    let scale = scale.filter(|_| running);
    let replicas = (running && scale.is_none()).then(|| view.u32("replicas").unwrap_or(1));
    Workload {
        kind,
        resource: kind.resource(),
        group: kind.group(),
        schedule: (kind == Kind::CronJob).then(|| schedule(d)),
        replicas,
        scale,
        several: replicas.is_some_and(|n| n >= 2) || scale.is_some_and(|scale| scale.min >= 2),
    }
}

fn schedule(d: &mut Decoder<'_>) -> Schedule {
    let Some((_, view)) = d.app.variant("workload") else {
        unreachable!("only asked for a CronJob")
    };
    let schedule = view.string("schedule").unwrap_or_else(|| {
        d.missing(
            view.span(),
            "workload.cronjob.schedule",
            "`workload.cronjob`",
        );
        String::new()
    });
    Schedule {
        schedule,
        time_zone: view.string("timeZone"),
        concurrency: view
            .string("concurrency")
            .unwrap_or_else(|| "Forbid".to_owned()),
        deadline: view.text("deadline").and_then(seconds).unwrap_or(3600),
        retries: view.int("retries").unwrap_or(2),
    }
}
