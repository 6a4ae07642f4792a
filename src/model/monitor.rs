//! What is watched of an app: which metrics tell of its requests, and when somebody is told.

use serde::Serialize;

/// What is watched of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Monitor {
    /// What its metrics tell of requests; nothing where it has none.
    pub requests: Option<Requests>,
    /// When somebody is told; nothing where nobody is.
    pub alerts: Option<Alerts>,
}

/// What metrics tell of requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Requests {
    /// The counter.
    pub counter: String,
    /// The histogram, without `_bucket`.
    pub durations: String,
    /// The label with the HTTP status.
    pub status: String,
    /// The matchers of the app's own series, those of probes left out: what stands between the braces.
    pub selector: String,
}

/// Each threshold is missing where nobody wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alerts {
    /// Percent of requests.
    pub errors: Option<u32>,
    /// Milliseconds.
    pub latency: Option<u64>,
    /// Restarts in an hour.
    pub restarts: Option<u32>,
    /// Percent of the limit.
    pub saturation: Option<u32>,
    /// Of each failed run.
    pub pipeline_failed: bool,
    /// Seconds.
    pub pipeline_slow: Option<u64>,
    /// Seconds.
    pub flux_not_ready: Option<u64>,
    /// Days.
    pub image_stale: Option<u32>,
    /// The label `severity` of what users notice.
    pub severity: String,
    /// The app's own labels that a series may have, by which alerts are routed.
    pub labels: Vec<(String, String)>,
}
