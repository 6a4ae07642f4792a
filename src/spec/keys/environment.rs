//! The keys of an environment, and of the pins that machines write beside it.

use std::sync::{Arc, LazyLock};

use super::app::app;
use super::monitor::monitoring;
use super::shared::{flux, images, registry};
use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};

/// The keys of environments/NAME.yaml.
#[must_use]
pub fn environment() -> &'static Arc<Object> {
    static ENVIRONMENT: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let fields = [place(), delivery(), overrides(), cluster()].concat();
        Object::new("environments/NAME.yaml: one environment.", fields)
    });
    &ENVIRONMENT
}

fn place() -> Vec<Field> {
    vec![
        key(
            "cluster",
            Shape::Text(Check::Label),
            "The folder under clusters/; environments may share one.",
        )
        .default("the environment's name"),
        key(
            "context",
            Shape::Text(Check::NotEmpty),
            "The kube context of the cluster.",
        )
        .example("kind-homelab"),
        key(
            "namespace",
            Shape::Text(Check::Pattern),
            "The namespace of the apps; pipelines run in the same with `-ci` behind it.",
        )
        .default("\"{{ app }}-{{ env }}\""),
    ]
}

fn delivery() -> Vec<Field> {
    vec![
        key(
            "deploy",
            Shape::Word(vec![
                ("git", "the deploy task commits the new digest, and Flux rolls it out"),
                ("kubectl", "the deploy task applies the workload itself, as in a first homelab"),
                ("image-automation", "the deploy task tags the image, Flux's image controllers pin it, and CI renders"),
            ]),
            "Who rolls a new image out.",
        )
        .default("git"),
        key(
            "run",
            Shape::Word(vec![
                ("none", "nothing starts runs; `gen run` prints one to create by hand"),
                ("webhook", "Tekton Triggers starts a run for a push"),
                ("commit", "a PipelineRun stands in Git, and a commit that changes what it consumes starts the next; keep pruners away, since one that is removed runs again"),
            ]),
            "What starts a run of the pipeline.",
        )
        .default("none"),
        key(
            "pipeline",
            Shape::Either(Box::new(Shape::Text(Check::Label).list()), Box::new(Shape::Word(vec![("all", "every task"), ("none", "no pipeline")]))),
            "Which of the app's tasks run here.",
        )
        .default("all; none where `promotesFrom` is set")
        .example("[integration-test, load-test]"),
        key("promotesFrom", Shape::Text(Check::Label), "The environment whose images come here next.").example("dev"),
        key(
            "promote",
            Shape::Object(Object::new(
                "How images come here.",
                vec![key("via", Shape::Word(vec![("commit", "a commit on the branch"), ("branch", "a branch and a pull request")]), "How a promotion is committed.").default("commit; branch in `prod`")],
            )),
            "How images come here.",
        ),
    ]
}

fn overrides() -> Vec<Field> {
    let target = Object::new(
        "Which objects a patch changes; `*` in a name stands for anything.",
        vec![
            key("group", Shape::Text(Check::Any), "The API group."),
            key("version", Shape::Text(Check::Any), "The API version."),
            key("kind", Shape::Text(Check::NotEmpty), "The kind.").example("Deployment"),
            key("name", Shape::Text(Check::NotEmpty), "The name.").example("demo-app"),
            key("namespace", Shape::Text(Check::NotEmpty), "The namespace."),
            key(
                "labels",
                Shape::Map(Check::LabelKey, Box::new(Shape::Literal)),
                "Labels that it must have.",
            ),
        ],
    );
    let patch = Object::new(
        "A change to rendered objects.",
        vec![
            key("target", Shape::Object(target), "Which objects.").required(),
            key(
                "merge",
                Shape::Free,
                "A strategic merge patch: lists merge by their keys, null removes.",
            )
            .example("{spec: {minReadySeconds: 5}}"),
            key("json", Shape::Free, "A list of RFC 6902 operations.")
                .example("[{op: add, path: /spec/minReadySeconds, value: 5}]"),
        ],
    );
    vec![
        key(
            "apps",
            Shape::Map(Check::NotEmpty, Box::new(Shape::Object(app().clone()))),
            "What is different here, by app; `\"*\"` is for all.",
        )
        .example("{\"*\": {replicas: 1}}"),
        key(
            "patches",
            Shape::Object(patch).list(),
            "Changes to rendered objects, for what the spec has no key for.",
        ),
    ]
}

fn cluster() -> Vec<Field> {
    let amounts = |doc: &str| {
        Object::new(
            doc,
            vec![
                key("cpu", Shape::Text(Check::Quantity), "Processor time.").example("4"),
                key("memory", Shape::Text(Check::Quantity), "Memory.").example("8Gi"),
            ],
        )
    };
    let mut quota = (*amounts("What all pods of a namespace may ask for together.")).clone();
    quota
        .fields
        .push(key("pods", Shape::Int(1, 100_000), "How many pods.").example("50"));
    quota
        .fields
        .push(key("storage", Shape::Text(Check::Quantity), "How much storage.").example("100Gi"));
    vec![
        key(
            "apis",
            Shape::Word(vec![
                ("triggers", "Tekton Triggers"),
                ("prometheus", "the Prometheus operator"),
                ("gateway", "the Gateway API"),
                ("image-automation", "Flux's image controllers"),
                ("artifact-generator", "Flux's source-watcher, from Flux 2.7"),
                ("pruner", "Tekton's pruner, with `enforcedConfigLevel: namespace`"),
            ])
            .list(),
            "Optional APIs that this cluster has; what needs another is left out, and render says so.",
        )
        .default("[]")
        .example("[triggers, prometheus]"),
        key(
            "gateway",
            Shape::Object(Object::new(
                "The Gateway that HTTPRoutes attach to.",
                vec![
                    key("name", Shape::Text(Check::Name), "Its name.").example("public").required(),
                    key("namespace", Shape::Text(Check::Label), "Its namespace.").example("gateways").required(),
                ],
            )),
            "The Gateway that HTTPRoutes attach to, instead of an Ingress.",
        ),
        key(
            "ingress",
            Shape::Object(Object::new("How Ingresses are served.", vec![key("class", Shape::Text(Check::Name), "The IngressClass.").default("the cluster's").example("traefik")])),
            "How Ingresses are served.",
        ),
        key("registry", Shape::Object(registry()), "The registry that images are pushed to."),
        key("images", images(), "Images of the tools that tasks run, by tool."),
        key(
            "tekton",
            Shape::Object(Object::new(
                "How Tekton is set up here.",
                vec![
                    key("setSecurityContext", Shape::Bool, "Tekton's flag `set-security-context` is on, so that pipelines can run under Pod Security `restricted`.").default("false"),
                    key("dashboard", Shape::Text(Check::HttpUrl), "The address of Tekton's dashboard, for links to runs in messages.").example("https://tekton.homelab.example"),
                ],
            )),
            "How Tekton is set up here.",
        ),
        key(
            "monitoring",
            Shape::Object(monitoring()),
            "How Prometheus and Grafana find what they watch.",
        ),
        key("quota", Shape::Object(Arc::new(quota)), "What all pods of a namespace may ask for together (a ResourceQuota)."),
        key("limits", Shape::Object(amounts("What a container gets where it says nothing.")), "What a container gets where it says nothing (a LimitRange)."),
        // The pruner's webhook refuses more than 100 of either.
        key(
            "history",
            Shape::Object(Object::new(
                "How many ended runs of a pipeline stay, with the claims made for them; Tekton's pruner removes older ones.",
                vec![
                    key("succeeded", Shape::Int(1, 100), "Runs that succeeded.").default("5"),
                    key("failed", Shape::Int(1, 100), "Runs that failed.").default("5"),
                ],
            )),
            "How many ended runs of a pipeline stay, where `apis` names `pruner` and runs do not stand in Git. At most what the pruner's own configuration allows; it refuses more.",
        )
        .example("{succeeded: 10, failed: 3}"),
        key("flux", Shape::Object(flux()), "How Flux reads and applies the tree, where it differs from gen.yaml."),
    ]
}

/// The keys of environments/NAME.pins.yaml.
#[must_use]
pub fn pins() -> &'static Arc<Object> {
    static PINS: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let pin = Object::new(
            "What machines decide for an app.",
            vec![
                key(
                    "image",
                    // Empty where Flux is to choose the first: it sets only what is there.
                    Shape::Either(
                        Box::new(Shape::Text(Check::Image)),
                        Box::new(Shape::Choice(vec![String::new()])),
                    ),
                    "The image with its digest.",
                )
                .example("registry.example/shop/orders@sha256:…"),
                key(
                    "tag",
                    Shape::Text(Check::NotEmpty),
                    "A tag instead; it may name another image tomorrow, so it is never promoted.",
                )
                .example("v1.4.2"),
                key(
                    "revision",
                    Shape::Text(Check::GitRef),
                    "The commit that a run builds.",
                ),
                key(
                    "nonce",
                    Shape::Int(0, i64::MAX),
                    "A number that starts a run again.",
                ),
            ],
        );
        let apps = key(
            "apps",
            Shape::Map(Check::Label, Box::new(Shape::Object(pin))),
            "Pins, by app.",
        );
        Object::new(
            "environments/NAME.pins.yaml: what machines write; nobody edits it by hand.",
            vec![apps],
        )
    });
    &PINS
}
