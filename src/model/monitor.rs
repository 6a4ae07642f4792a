//! What is watched of an app: which metrics tell of its requests, and when somebody is told.
//!
//! Templates write the expressions; what needs quoting in one is quoted here.

use serde::Serialize;

use super::App;
use super::decode::Decoder;
use crate::environment::Api;
use crate::name::{Check, milliseconds, seconds};
use crate::spec::View;

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

/// Labels that rules set themselves, or that tell alerts of one kind apart.
const TAKEN: [&str; 12] = [
    "alertname",
    "app",
    "environment",
    "instance",
    "job",
    "name",
    "namespace",
    "pod",
    "quantile",
    "resource",
    "severity",
    "status",
];

/// Reads `metrics` and `alerts`.
pub(super) fn read(d: &mut Decoder<'_>, app: &App) -> Monitor {
    let alerts = alerts(d);
    let view = d.app;
    let written = alerts.is_some() && view.get("alerts").is_some();
    if written && !d.context.environment.has(Api::Prometheus) && d.is_own(view.span_of("alerts")) {
        let why = "`apis` does not name `prometheus`".to_owned();
        let what = format!("the alerts of `{}`", app.name);
        d.unmet(view.span_of("alerts"), &what, why);
    }
    Monitor {
        requests: requests(&view.view("metrics"), app),
        alerts,
    }
}

fn requests(view: &View<'_>, app: &App) -> Option<Requests> {
    let path = app.network.metrics.as_ref()?;
    let text = |key: &str, default: &str| view.string(key).unwrap_or_else(|| default.to_owned());
    // Asked every few seconds by the cluster itself, probes would hide what becomes of everyone else's requests.
    let probes = [&app.network.health, &app.network.ready];
    let mut probes: Vec<&String> = probes.into_iter().flatten().chain([path]).collect();
    probes.sort();
    probes.dedup();
    let probes: Vec<String> = probes.into_iter().map(|path| literal(path)).collect();
    let selector = format!(
        "namespace={},job={},{}!~{}",
        quoted(&app.namespace),
        quoted(&app.name),
        text("route", "endpoint"),
        quoted(&probes.join("|"))
    );
    Some(Requests {
        counter: text("requests", "http_requests_total"),
        durations: text("durations", "http_request_duration_seconds"),
        status: text("status", "status"),
        selector,
    })
}

fn alerts(d: &Decoder<'_>) -> Option<Alerts> {
    let view = d.app;
    if view.text("alerts") == Some("none") {
        return None;
    }
    let view = view.view("alerts");
    let whole = |key: &str, default: u32| match view.text(key) {
        Some("none") => None,
        _ => Some(view.u32(key).unwrap_or(default)),
    };
    let time = |key: &str, default: &str, read: fn(&str) -> Option<u64>| {
        read(view.text(key).unwrap_or(default))
    };
    let in_prod = d.context.environment.name == "prod";
    let severity = if in_prod { "critical" } else { "warning" };
    let labels = d.app.pairs("labels").into_iter();
    Some(Alerts {
        errors: whole("errors", 5),
        latency: time("latency", "1s", milliseconds),
        restarts: whole("restarts", 3),
        saturation: whole("saturation", 90),
        pipeline_failed: view.bool("pipelineFailed").unwrap_or(true),
        pipeline_slow: time("pipelineSlow", "30m", seconds),
        flux_not_ready: time("fluxNotReady", "15m", seconds),
        image_stale: whole("imageStale", 30),
        severity: view
            .string("severity")
            .unwrap_or_else(|| severity.to_owned()),
        labels: labels
            .filter(|(key, _)| {
                Check::Metric.test(key).is_ok()
                    && !key.starts_with("__")
                    && !TAKEN.contains(&key.as_str())
            })
            .collect(),
    })
}

/// A text as PromQL writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A text as a regular expression that means just it.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_just_itself_and_stays_in_its_quotes() {
        assert_eq!(quoted(&literal("/health")), "\"/health\"");
        assert_eq!(quoted(&literal("/a.b\"")), "\"/a\\\\.b\\\"\"");
        assert_eq!(literal("/(x|y)"), r"/\(x\|y\)");
    }
}
