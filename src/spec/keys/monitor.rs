//! The keys of what is watched: an app's metrics, alerts and traces, and how an environment's Prometheus and Grafana are set up.

use std::sync::Arc;

use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};

/// What an app says of its metrics, its alerts and its traces.
pub(super) fn watched() -> Vec<Field> {
    vec![
        key(
            "metrics",
            Shape::Short(metrics()),
            "The path of its metrics in Prometheus format, and what they are called.",
        )
        .example("/metrics"),
        key(
            "alerts",
            or_none(Shape::Object(alerts()), "no alerts at all"),
            "When somebody is told, where `apis` names `prometheus`. Each may be `none`.",
        )
        .example("{errors: 1, latency: 500ms, severity: critical}"),
        key(
            "tracing",
            Shape::Short(tracing()),
            "Where an app with OpenTelemetry sends its traces: variables `OTEL_…`, which `env` may override.",
        )
        .example("http://otel-collector.observability.svc:4318"),
    ]
}

fn or_none(shape: Shape, doc: &'static str) -> Shape {
    let none = Shape::Word(vec![("none", doc)]);
    // The error of the second is the one that is told, and a mapping is known by its kind.
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
            key("path", Shape::Text(Check::AbsolutePath), "Their path.").example("/metrics"),
            name(
                "requests",
                "The counter of requests.",
                "http_requests_total",
            ),
            name(
                "durations",
                "The histogram of how long requests take, in seconds, without `_bucket`.",
                "http_request_duration_seconds",
            ),
            name(
                "status",
                "The label of both that holds the HTTP status.",
                "status",
            ),
            name(
                "route",
                "The label of both that holds the path, by which requests of probes are left out.",
                "endpoint",
            ),
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
        "When somebody is told.",
        vec![
            whole(
                "errors",
                100,
                "More than this percentage of requests answered with 5xx, for 10 minutes.",
                "5",
            ),
            time(
                "latency",
                "One request in a hundred takes longer than this, for 10 minutes.",
                "1s",
            ),
            whole(
                "restarts",
                1000,
                "A container restarted more often than this within an hour.",
                "3",
            ),
            whole(
                "saturation",
                100,
                "A pod uses more than this percentage of the memory or processor time that it may use, for 15 minutes.",
                "90",
            ),
            key(
                "pipelineFailed",
                Shape::Bool,
                "A run of the pipeline failed.",
            )
            .default("true"),
            time(
                "pipelineSlow",
                "Successful runs of the last hour took longer than this, on average.",
                "30m",
            ),
            time(
                "fluxNotReady",
                "Flux has not been able to apply the app for so long.",
                "15m",
            ),
            whole(
                "imageStale",
                3650,
                "Nothing new has been rolled out for so many days.",
                "30",
            ),
            key(
                "severity",
                Shape::Word(vec![
                    ("critical", "somebody is woken up"),
                    ("warning", "somebody looks in working hours"),
                    ("info", "nobody needs to do anything at once"),
                ]),
                "The label `severity` of what users notice: errors, latency, and Flux not ready. Of the others it is `warning`, of slow runs and stale images `info`.",
            )
            .default("warning; critical in `prod`"),
        ],
    )
}

fn tracing() -> Arc<Object> {
    Object::new(
        "Where traces go.",
        vec![
            key(
                "endpoint",
                Shape::Text(Check::HttpUrl),
                "The collector's address (OTLP).",
            )
            .example("http://otel-collector.observability.svc:4318"),
            key(
                "protocol",
                Shape::Word(vec![
                    ("http/protobuf", "usually on port 4318"),
                    ("grpc", "usually on port 4317"),
                ]),
                "How it is spoken with.",
            )
            .default("grpc on port 4317, else http/protobuf"),
            key(
                "sample",
                Shape::Int(0, 100),
                "How many of a hundred traces are kept that begin here; what is called follows its caller.",
            )
            .default("100"),
            key(
                "headers",
                Shape::Short(Object::new(
                    "Headers that the collector asks for.",
                    vec![
                        key("secret", Shape::Text(Check::Name), "The Secret.").required(),
                        key(
                            "key",
                            Shape::Text(Check::DataKey),
                            "The key in it, which holds `NAME=VALUE`, several with commas between.",
                        )
                        .default("headers"),
                    ],
                )),
                "Headers that the collector asks for, such as a token, from a Secret.",
            )
            .example("otel-headers"),
        ],
    )
}

/// How an environment's Prometheus and Grafana find what they are to show.
pub(super) fn monitoring() -> Arc<Object> {
    let labels = || Shape::Map(Check::LabelKey, Box::new(Shape::Literal));
    let dashboard = Object::new(
        "The dashboard of the environment's apps, their pipelines and Flux.",
        vec![
            key(
                "namespace",
                Shape::Text(Check::Label),
                "The namespace of its ConfigMap, which must be there.",
            )
            .default("Flux's"),
            key(
                "labels",
                labels(),
                "Labels by which Grafana's sidecar finds it.",
            )
            .default("{grafana_dashboard: \"1\"}"),
            key(
                "folder",
                Shape::Text(Check::NotEmpty),
                "The folder in Grafana, as the sidecar's annotation `grafana_folder`.",
            ),
        ],
    );
    let namespace_label = Object::new(
        "In which label metrics of other programs hold the namespace of the object that they are about.",
        vec![
            key(
                "tekton",
                Shape::Text(Check::Metric),
                "Of Tekton's runs; `exported_namespace` where its controller is scraped without `honorLabels`.",
            )
            .default("namespace"),
            key(
                "flux",
                Shape::Text(Check::Metric),
                "Of `gotk_resource_info`, which kube-state-metrics gives.",
            )
            .default("exported_namespace"),
        ],
    );
    Object::new(
        "How Prometheus and Grafana find what they watch.",
        vec![
            key(
                "labels",
                labels(),
                "Labels that the Prometheus operator selects by.",
            )
            .example("{release: kube-prometheus-stack}"),
            key(
                "namespace",
                Shape::Text(Check::Label),
                "The namespace that Prometheus runs in, which may then reach the metrics port.",
            )
            .default("monitoring"),
            key(
                "dashboard",
                or_none(Shape::Object(dashboard), "no dashboard"),
                "A Grafana dashboard of the apps, their pipelines and Flux, in one.",
            ),
            key(
                "namespaceLabel",
                Shape::Object(namespace_label),
                "Labels that differ with how Prometheus scrapes.",
            ),
        ],
    )
}
