//! The workload of the app.

use serde::Serialize;

/// The kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// Interchangeable pods.
    Deployment,
    /// Pods with stable names and their own volumes.
    StatefulSet,
    /// A job on a schedule.
    CronJob,
    /// None: only a pipeline.
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
        if self == Self::CronJob { "batch" } else { "apps" }
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
    /// Behavior if the previous run is still active.
    pub concurrency: String,
    /// Time limit of a run, in seconds.
    pub deadline: u64,
    /// Maximum number of retries of a failed run.
    pub retries: i64,
}

/// Autoscaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Scale {
    /// Minimum number of pods.
    pub min: u32,
    /// Maximum number of pods.
    pub max: u32,
    /// Target CPU utilization, in percent of the request.
    pub cpu: u32,
    /// Target memory utilization, in percent of the request.
    pub memory: Option<u32>,
}

/// The workload of the app.
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
    /// Number of pods; none if an autoscaler decides.
    pub replicas: Option<u32>,
    /// Autoscaling.
    pub scale: Option<Scale>,
    /// At least two pods are possible, so a disruption budget and spreading make sense.
    pub several: bool,
}
