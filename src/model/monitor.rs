//! Metrics of an app's requests, and its alerts.

use serde::Serialize;

/// Metrics and alerts of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Monitor {
    /// Metrics of its requests, if it has any.
    pub requests: Option<Requests>,
    /// Alerts; none if they are turned off.
    pub alerts: Option<Alerts>,
}

/// Metrics of requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Requests {
    /// The counter of requests.
    pub counter: String,
    /// The histogram of durations, without `_bucket`.
    pub durations: String,
    /// The label with the HTTP status.
    pub status: String,
    /// The matchers of the app's own series without probes, as between the braces of a selector.
    pub selector: String,
}

/// Alert thresholds; a missing one is turned off.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alerts {
    /// Percentage of requests answered with 5xx.
    pub errors: Option<u32>,
    /// Milliseconds.
    pub latency: Option<u64>,
    /// Restarts in an hour.
    pub restarts: Option<u32>,
    /// Percentage of the memory or CPU limit.
    pub saturation: Option<u32>,
    /// Alert on each failed run.
    pub pipeline_failed: bool,
    /// Seconds.
    pub pipeline_slow: Option<u64>,
    /// Seconds.
    pub flux_not_ready: Option<u64>,
    /// Days.
    pub image_stale: Option<u32>,
    /// The label `severity` of user-visible alerts.
    pub severity: String,
    /// The app's labels that are valid on a series, for routing alerts.
    pub labels: Vec<(String, String)>,
}
