//! The workload of the app.

use serde::{Deserialize, Serialize};

use super::{Amount, Rollout};
use crate::yaml::Value;

/// The kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// Interchangeable pods.
    Deployment,
    /// Pods with stable names and their own volumes.
    StatefulSet,
    /// A pod on every node.
    DaemonSet,
    /// A job on a schedule.
    CronJob,
    /// A job that runs once for each version.
    Job,
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
            Self::DaemonSet => "daemonsets",
            Self::CronJob => "cronjobs",
            Self::Job => "jobs",
            Self::None => "",
        }
    }

    /// Its name in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::CronJob => "CronJob",
            Self::Job => "Job",
            Self::None => "",
        }
    }

    /// Its API group.
    #[must_use]
    pub fn group(self) -> &'static str {
        if matches!(self, Self::CronJob | Self::Job) { "batch" } else { "apps" }
    }

    /// Whether its pods run until they are replaced, so that they can listen, be rolled out and be waited for.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(self, Self::Deployment | Self::StatefulSet | Self::DaemonSet)
    }

    /// Whether its number of pods can be set.
    #[must_use]
    pub fn scales(self) -> bool {
        matches!(self, Self::Deployment | Self::StatefulSet)
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
    /// How late a missed run may start, in seconds.
    pub starting_deadline: u64,
    /// How many runs are kept that succeeded.
    pub succeeded: u32,
    /// How many are kept that failed.
    pub failed: u32,
    /// Time limit of a run, in seconds.
    pub deadline: u64,
    /// Maximum number of retries of a failed run.
    pub retries: i64,
    /// No runs start.
    pub suspend: bool,
    /// How long an ended run is kept, in seconds.
    pub ttl: Option<u64>,
    /// Its pods.
    pub batch: Batch,
}

/// The pods of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Batch {
    /// What happens if the program fails: `Never` or `OnFailure`, as a Pod's `restartPolicy`.
    pub restart: String,
    /// Pods at a time.
    pub parallelism: Option<u32>,
    /// Pods that have to succeed.
    pub completions: Option<u32>,
}

/// When a job runs, beside the rest of its app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// With the new version.
    Release,
    /// Before the new version is rolled out, which waits until the job has succeeded.
    Before,
    /// After the new version is up.
    After,
    /// Only when somebody starts it.
    Manual,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Job {
    /// When it runs.
    pub when: When,
    /// Time limit of all its tries, in seconds.
    pub deadline: u64,
    /// Maximum number of retries.
    pub retries: u32,
    /// Its pods.
    pub batch: Batch,
}

/// Autoscaling.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Scale {
    /// Minimum number of pods.
    pub min: u32,
    /// Maximum number of pods.
    pub max: u32,
    /// Target CPU utilization, in percent of the request.
    pub cpu: Option<u32>,
    /// Target memory utilization, in percent of the request.
    pub memory: Option<u32>,
    /// More metrics, as in a HorizontalPodAutoscaler.
    pub metrics: Vec<Value>,
    /// How fast it scales, in the same shape.
    pub behavior: Value,
}

/// The workload of the app.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
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
    /// When and how long a Job runs.
    pub job: Option<Job>,
    /// Number of pods; none if an autoscaler decides.
    pub replicas: Option<u32>,
    /// The Service in the names of a StatefulSet's pods.
    pub service_name: Option<String>,
    /// Autoscaling.
    pub scale: Option<Scale>,
    /// How new pods replace old ones.
    pub rollout: Rollout,
    /// At least two pods are possible, so spreading makes sense, and a disruption budget if nothing else is said.
    pub several: bool,
    /// What a drain of nodes leaves.
    pub disruption: Option<Disruption>,
}

/// How many pods a drain of nodes leaves: one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disruption {
    /// The most that may be missing.
    pub max_unavailable: Option<Amount>,
    /// The fewest that stay.
    pub min_available: Option<Amount>,
}
