//! The destination of an app's traces: variables for OpenTelemetry's SDKs, and egress to the collector.

use super::decoder::Decoder;
use crate::model::Egress;
use crate::yaml::Value;

/// The destination of traces.
pub(super) struct Tracing {
    endpoint: String,
    protocol: String,
    sample: u32,
    headers: Option<(String, String)>,
}

/// Reads `tracing`.
pub(super) fn read(d: &mut Decoder<'_>) -> Option<Tracing> {
    let view = d.app.view("tracing");
    if !view.is_written() {
        return None;
    }
    let endpoint = d.required(&view, "tracing", "endpoint")?;
    let protocol = match place(&endpoint) {
        Some((_, 4317)) => "grpc",
        _ => "http/protobuf",
    };
    let protocol = view.text("protocol").unwrap_or(protocol).to_owned();
    let headers = view.view("headers");
    let secret = headers.is_written().then(|| d.required(&headers, "tracing.headers", "secret"));
    Some(Tracing {
        endpoint,
        protocol,
        sample: view.u32_or_default("sample"),
        headers: secret.flatten().map(|secret| (secret, headers.string_or_default("key"))),
    })
}

/// Host and port of a URL.
fn place(url: &str) -> Option<(&str, u32)> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    match host.rsplit_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((host, if scheme == "https" { 443 } else { 80 })),
    }
}

impl Tracing {
    /// The collector as an allowed destination, if it is a Service of the cluster.
    pub(super) fn egress(&self) -> Option<Egress> {
        let (host, port) = place(&self.endpoint)?;
        let mut labels = host.split('.');
        let (_, namespace, service) = (labels.next()?, labels.next()?, labels.next()?);
        (service == "svc").then(|| Egress::in_namespace(namespace, port))
    }

    /// Adds variables that the app does not set itself.
    pub(super) fn add(&self, env: &mut Value, app: &str, environment: &str, namespace: &str) {
        const POD: &str = "OTEL_RESOURCE_ATTRIBUTES_POD_NAME";
        let Value::Seq(all) = env else { return };
        let attributes = format!(
            "deployment.environment.name={environment},k8s.namespace.name={namespace},k8s.pod.name=$({POD})"
        );
        let field = Value::from([("fieldPath", "metadata.name".into())]);
        let text = |text: &str| ("value", Value::from(text));
        let mut wanted = vec![
            ("OTEL_SERVICE_NAME", text(app)),
            (POD, ("valueFrom", Value::from([("fieldRef", field)]))),
            ("OTEL_RESOURCE_ATTRIBUTES", text(&attributes)),
            ("OTEL_TRACES_EXPORTER", text("otlp")),
            // Metrics are scraped and logs are read from the container, so neither is sent a second time.
            ("OTEL_METRICS_EXPORTER", text("none")),
            ("OTEL_LOGS_EXPORTER", text("none")),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", text(&self.endpoint)),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", text(&self.protocol)),
            ("OTEL_TRACES_SAMPLER", text("parentbased_traceidratio")),
            ("OTEL_TRACES_SAMPLER_ARG", text(&self.ratio())),
        ];
        if let Some((secret, key)) = &self.headers {
            let reference =
                Value::from([("name", secret.as_str().into()), ("key", key.as_str().into())]);
            let from = ("valueFrom", Value::from([("secretKeyRef", reference)]));
            wanted.push(("OTEL_EXPORTER_OTLP_HEADERS", from));
        }
        for (name, (key, value)) in wanted {
            if all.iter().all(|variable| variable.str_at(&["name"]) != Some(name)) {
                all.push(Value::from([("name", name.into()), (key, value)]));
            }
        }
    }

    /// The share of traces to keep, from 0 to 1.
    fn ratio(&self) -> String {
        match self.sample {
            100 => "1".to_owned(),
            0 => "0".to_owned(),
            percent => format!("0.{percent:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_in_the_cluster_is_a_place_to_reach() {
        let tracing = |endpoint: &str| Tracing {
            endpoint: endpoint.to_owned(),
            protocol: String::new(),
            sample: 7,
            headers: None,
        };
        let inside = tracing("http://otel.observability.svc:4318/v1").egress();
        let place = inside.map(|place| (place.namespace.unwrap_or_default(), place.port));
        assert_eq!(place, Some(("observability".to_owned(), Some(4318))));
        assert!(tracing("https://otlp.example.test").egress().is_none());
        assert_eq!(tracing("").ratio(), "0.07");
        assert_eq!(super::place("https://otlp.example.test"), Some(("otlp.example.test", 443)));
    }
}
