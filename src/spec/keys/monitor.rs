//! The keys of observability: an app's metrics, alerts and traces, and an environment's Prometheus and Grafana.

use std::sync::Arc;

use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};

/// An app's metrics, alerts and traces.
pub(super) fn watched() -> Vec<Field> {
    vec![
        key(
            "metrics",
            Shape::Short(metrics()),
            "The path and names of its metrics in Prometheus format.",
        )
        .example("/metrics"),
        key(
            "alerts",
            or_none(Shape::Object(alerts()), "no alerts at all"),
            "Alert thresholds, with `prometheus` in `apis`. Each can be `none`.",
        )
        .example("{errors: 1, latency: 500ms, severity: critical}"),
        key(
            "tracing",
            Shape::Short(tracing()),
            "The OpenTelemetry collector for the app's traces: sets `OTEL_…` variables, which `env` can override.",
        )
        .example("http://otel-collector.observability.svc:4318"),
    ]
}

fn or_none(shape: Shape, doc: &'static str) -> Shape {
    let none = Shape::Word(vec![("none", doc)]);
    // The error of the second one is reported, and a mapping is recognized by its type.
    match shape {
        Shape::Object(_) => Shape::Either(Box::new(shape), Box::new(none)),
        shape => Shape::Either(Box::new(none), Box::new(shape)),
    }
}

fn metrics() -> Arc<Object> {
    let name = |word: &str, doc: &str, default: &str| {
        key(word, Shape::Text(Check::Metric), doc).default(default)
    };
    Object::new(
        "Metrics in Prometheus format.",
        vec![
            key("path", Shape::Text(Check::AbsolutePath), "The path.").example("/metrics"),
            name("requests", "The counter of requests.", "http_requests_total"),
            name(
                "durations",
                "The histogram of request durations, in seconds, without `_bucket`.",
                "http_request_duration_seconds",
            ),
            name("status", "The HTTP status label of both.", "status"),
            name("route", "The path label of both, used to exclude probes.", "endpoint"),
        ],
    )
}

fn alerts() -> Arc<Object> {
    let whole = |word: &str, max: i64, doc: &str, default: &str| {
        let shape = or_none(Shape::Int(1, max), "no such alert");
        key(word, shape, doc).default(default)
    };
    let time = |word: &str, doc: &str, default: &str| {
        let shape = or_none(Shape::Text(Check::Duration), "no such alert");
        key(word, shape, doc).default(default)
    };
    Object::new(
        "Alert thresholds.",
        vec![
            whole(
                "errors",
                100,
                "Percentage of requests answered with 5xx, for 10 minutes.",
                "5",
            ),
            time(
                "latency",
                "The 99th percentile of request duration, for 10 minutes.",
                "1s",
            ),
            whole(
                "restarts",
                1000,
                "Restarts of a container within an hour.",
                "3",
            ),
            whole(
                "saturation",
                100,
                "Percentage of its memory or CPU limit used by a pod, for 15 minutes.",
                "90",
            ),
            key(
                "pipelineFailed",
                Shape::Bool,
                "A failed pipeline run.",
            )
            .default("true"),
            time(
                "pipelineSlow",
                "Average duration of successful runs in the last hour.",
                "30m",
            ),
            time(
                "fluxNotReady",
                "Time since Flux could last apply the app.",
                "15m",
            ),
            whole(
                "imageStale",
                3650,
                "Days since the last rollout.",
                "30",
            ),
            key(
                "severity",
                Shape::Word(vec![
                    ("critical", "page somebody"),
                    ("warning", "handle in working hours"),
                    ("info", "no immediate action"),
                ]),
                "The label `severity` of user-visible alerts: errors, latency, and Flux not ready. The others have `warning`, or `info` for slow runs and stale images.",
            )
            .default("warning; critical in `prod`"),
        ],
    )
}

fn tracing() -> Arc<Object> {
    Object::new(
        "The destination of traces.",
        vec![
            key(
                "endpoint",
                Shape::Text(Check::HttpUrl),
                "The collector's endpoint (OTLP).",
            )
            .example("http://otel-collector.observability.svc:4318"),
            key(
                "protocol",
                Shape::Word(vec![
                    ("http/protobuf", "usually on port 4318"),
                    ("grpc", "usually on port 4317"),
                ]),
                "The OTLP protocol.",
            )
            .default("grpc on port 4317, else http/protobuf"),
            key(
                "sample",
                Shape::Int(0, 100),
                "Percentage of traces kept that start here; called services follow their caller.",
            )
            .default("100"),
            key(
                "headers",
                Shape::Short(Object::new(
                    "Headers required by the collector.",
                    vec![
                        key("secret", Shape::Text(Check::Name), "The Secret.").required(),
                        key(
                            "key",
                            Shape::Text(Check::DataKey),
                            "The key in it, with `NAME=VALUE` as its value, or several separated by commas.",
                        )
                        .default("headers"),
                    ],
                )),
                "Headers required by the collector, such as a token, from a Secret.",
            )
            .example("otel-headers"),
        ],
    )
}

/// How an environment's Prometheus and Grafana discover their targets.
pub(super) fn monitoring() -> Arc<Object> {
    let labels = || Shape::Map(Check::LabelKey, Box::new(Shape::Literal));
    let dashboard = Object::new(
        "The dashboard for the environment's apps, their pipelines and Flux.",
        vec![
            key(
                "namespace",
                Shape::Text(Check::Label),
                "The namespace of its ConfigMap, which must exist.",
            )
            .default("Flux's"),
            key("labels", labels(), "Labels that Grafana's sidecar selects by.")
                .default("{grafana_dashboard: \"1\"}"),
            key(
                "folder",
                Shape::Text(Check::NotEmpty),
                "The folder in Grafana, as the sidecar's annotation `grafana_folder`.",
            ),
        ],
    );
    let namespace_label = Object::new(
        "The metric labels that hold the namespace of the observed object.",
        vec![
            key(
                "tekton",
                Shape::Text(Check::Metric),
                "For Tekton's runs; `exported_namespace` if its controller is scraped without `honorLabels`.",
            )
            .default("namespace"),
            key(
                "flux",
                Shape::Text(Check::Metric),
                "For `gotk_resource_info`, from kube-state-metrics.",
            )
            .default("exported_namespace"),
        ],
    );
    Object::new(
        "How Prometheus and Grafana discover their targets.",
        vec![
            key("labels", labels(), "Labels that the Prometheus operator selects by.")
                .example("{release: kube-prometheus-stack}"),
            key(
                "namespace",
                Shape::Text(Check::Label),
                "The namespace of Prometheus, which gets access to the metrics port.",
            )
            .default("monitoring"),
            key(
                "dashboard",
                or_none(Shape::Object(dashboard), "no dashboard"),
                "One Grafana dashboard for the apps, their pipelines and Flux.",
            ),
            key(
                "namespaceLabel",
                Shape::Object(namespace_label),
                "Labels that depend on the scrape configuration of Prometheus.",
            ),
        ],
    )
}
