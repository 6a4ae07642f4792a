//! What runs the app.

use serde::Serialize;

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
