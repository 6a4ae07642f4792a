//! Metrics of an app's requests, and its alerts.
//!
//! Templates write the expressions; strings in them are quoted here.

use super::decoder::Decoder;
use crate::environment::Api;
use crate::model::{Alerts, App, Monitor, Requests};
use crate::name::{Check, milliseconds, seconds};
use crate::spec::View;

/// Labels set by the rules themselves, or used to distinguish alerts of one kind.
const TAKEN: &str =
    "alertname app environment instance job name namespace pod quantile resource severity status";

/// Reads `metrics` and `alerts`.
pub(super) fn read(d: &mut Decoder<'_>, app: &App) -> Monitor {
    let alerts = alerts(d);
    let view = d.app;
    let written = alerts.is_some() && view.get("alerts").is_some();
    let span = view.span_of("alerts");
    if written && !d.context.environment.has(Api::Prometheus) && d.is_own(span) {
        let what = format!("the alerts of `{}`", app.name);
        d.unmet(span, &what, "`apis` does not include `prometheus`");
    }
    Monitor { requests: requests(&view.view("metrics"), app), alerts }
}

fn requests(view: &View<'_>, app: &App) -> Option<Requests> {
    let path = app.network.metrics.as_ref()?;
    // Probes, sent by the cluster every few seconds, would hide the fate of real requests.
    let mut probes: Vec<&str> = app.network.probes.paths().chain([path.as_str()]).collect();
    probes.sort_unstable();
    probes.dedup();
    let probes: Vec<String> = probes.into_iter().map(literal).collect();
    let selector = format!(
        "namespace={},job={},{}!~{}",
        quoted(&app.namespace),
        quoted(&app.name),
        view.string_or_default("route"),
        quoted(&probes.join("|"))
    );
    Some(Requests {
        counter: view.string_or_default("requests"),
        durations: view.string_or_default("durations"),
        status: view.string_or_default("status"),
        selector,
    })
}

fn alerts(d: &Decoder<'_>) -> Option<Alerts> {
    let view = d.app;
    if view.text("alerts") == Some("none") {
        return None;
    }
    let view = view.view("alerts");
    let whole = |key: &str| (view.text(key) != Some("none")).then(|| view.u32_or_default(key));
    // `none` is not a duration.
    let time =
        |key: &str, read: fn(&str) -> Option<u64>| read(view.string_or_default(key).as_str());
    let severity = match d.context.environment.name.as_str() {
        "prod" => "critical",
        _ => "warning",
    };
    let labels = d.app.pairs("labels").into_iter();
    Some(Alerts {
        errors: whole("errors"),
        latency: time("latency", milliseconds),
        restarts: whole("restarts"),
        saturation: whole("saturation"),
        pipeline_failed: view.bool("pipelineFailed").unwrap_or(true),
        pipeline_slow: time("pipelineSlow", seconds),
        flux_not_ready: time("fluxNotReady", seconds),
        image_stale: whole("imageStale"),
        severity: view.text("severity").unwrap_or(severity).to_owned(),
        labels: labels
            .filter(|(key, _)| {
                Check::Metric.test(key).is_ok()
                    && !key.starts_with("__")
                    && TAKEN.split(' ').all(|taken| taken != key)
            })
            .collect(),
    })
}

/// A PromQL string literal.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A regular expression that matches just this string.
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
