//! The keys of an environment, and of its machine-written pins.

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
            "The folder under clusters/; environments can share one.",
        )
        .default("the environment's name"),
        key("context", Shape::Text(Check::NotEmpty), "The kube context.").example("kind-homelab"),
        key(
            "namespace",
            Shape::Text(Check::Pattern),
            "The namespace of the apps; pipelines run in the same name with the suffix `-ci`.",
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
                ("kubectl", "the deploy task applies the workload directly, as in a first homelab"),
                ("image-automation", "the deploy task tags the image, Flux's image controllers pin it, and CI renders"),
            ]),
            "How new images are rolled out.",
        )
        .default("git"),
        key(
            "run",
            Shape::Word(vec![
                ("none", "no automatic runs; `gen run` prints one to create by hand"),
                ("webhook", "Tekton Triggers starts a run on push"),
                ("commit", "a PipelineRun is committed to Git, and a commit that changes its inputs starts the next; keep pruners away, since a removed run starts again"),
            ]),
            "What starts pipeline runs.",
        )
        .default("none"),
        key(
            "pipeline",
            Shape::Either(Box::new(Shape::Text(Check::Label).list()), Box::new(Shape::Word(vec![("all", "every task"), ("none", "no pipeline")]))),
            "The app tasks to run in this environment.",
        )
        .default("all; none if `promotesFrom` is set")
        .example("[integration-test, load-test]"),
        key("promotesFrom", Shape::Text(Check::Label), "The environment to promote images from.").example("dev"),
        key(
            "promote",
            Shape::Object(Object::new(
                "Promotion settings.",
                vec![key("via", Shape::Word(vec![("commit", "a commit on the branch"), ("branch", "a branch and a pull request")]), "How promotions are committed.").default("commit; branch in `prod`")],
            )),
            "Promotion settings.",
        ),
    ]
}

fn overrides() -> Vec<Field> {
    let target = Object::new(
        "The objects to patch; `*` in a name matches anything.",
        vec![
            key("group", Shape::Text(Check::Any), "The API group."),
            key("version", Shape::Text(Check::Any), "The API version."),
            key("kind", Shape::Text(Check::NotEmpty), "The kind.").example("Deployment"),
            key("name", Shape::Text(Check::NotEmpty), "The name.").example("demo-app"),
            key("namespace", Shape::Text(Check::NotEmpty), "The namespace."),
            key(
                "labels",
                Shape::Map(Check::LabelKey, Box::new(Shape::Literal)),
                "Required labels.",
            ),
        ],
    );
    let patch = Object::new(
        "A change to rendered objects.",
        vec![
            key("target", Shape::Object(target), "The objects to patch.").required(),
            key(
                "merge",
                Shape::Free,
                "A strategic merge patch: keyed lists are merged, null removes.",
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
            "Overrides by app; `\"*\"` applies to all.",
        )
        .example("{\"*\": {replicas: 1}}"),
        key(
            "patches",
            Shape::Object(patch).list(),
            "Patches for rendered objects, for anything without a key in the spec.",
        ),
    ]
}

fn cluster() -> Vec<Field> {
    let amounts = |doc: &str| {
        Object::new(
            doc,
            vec![
                key("cpu", Shape::Text(Check::Quantity), "CPU.").example("4"),
                key("memory", Shape::Text(Check::Quantity), "Memory.").example("8Gi"),
            ],
        )
    };
    let mut quota = (*amounts("Limits on the sum of all pods in a namespace.")).clone();
    quota.fields.push(key("pods", Shape::Int(1, 100_000), "Number of pods.").example("50"));
    quota
        .fields
        .push(key("storage", Shape::Text(Check::Quantity), "Amount of storage.").example("100Gi"));
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
            "Optional APIs of this cluster; what needs others is left out, with a notice from render.",
        )
        .default("[]")
        .example("[triggers, prometheus]"),
        key(
            "gateway",
            Shape::Object(Object::new(
                "The Gateway for HTTPRoutes.",
                vec![
                    key("name", Shape::Text(Check::Name), "The name.").example("public").required(),
                    key("namespace", Shape::Text(Check::Label), "The namespace.").example("gateways").required(),
                ],
            )),
            "The Gateway for HTTPRoutes, instead of an Ingress.",
        ),
        key(
            "ingress",
            Shape::Object(Object::new("Ingress settings.", vec![key("class", Shape::Text(Check::Name), "The IngressClass.").default("the cluster's").example("traefik")])),
            "Ingress settings.",
        ),
        key("registry", Shape::Object(registry()), "The registry to push images to."),
        key("images", images(), "Images of the tools used by tasks, by tool."),
        key(
            "tekton",
            Shape::Object(Object::new(
                "Tekton's configuration in this cluster.",
                vec![
                    key("setSecurityContext", Shape::Bool, "Tekton's flag `set-security-context` is on, so that pipelines can run under Pod Security `restricted`.").default("false"),
                    key("dashboard", Shape::Text(Check::HttpUrl), "The URL of Tekton's dashboard, for links to runs in messages.").example("https://tekton.homelab.example"),
                ],
            )),
            "Tekton's configuration in this cluster.",
        ),
        key(
            "monitoring",
            Shape::Object(monitoring()),
            "How Prometheus and Grafana discover their targets.",
        ),
        key("quota", Shape::Object(Arc::new(quota)), "Limits on the sum of all pods in a namespace (a ResourceQuota)."),
        key("limits", Shape::Object(amounts("Defaults for containers without requests and limits.")), "Defaults for containers without requests and limits (a LimitRange)."),
        // The pruner's webhook rejects more than 100 of either.
        key(
            "history",
            Shape::Object(Object::new(
                "Number of ended runs to keep per pipeline, with their claims; Tekton's pruner removes older ones.",
                vec![
                    key("succeeded", Shape::Int(1, 100), "Successful runs.").default("5"),
                    key("failed", Shape::Int(1, 100), "Failed runs.").default("5"),
                ],
            )),
            "Number of ended runs to keep per pipeline, with `pruner` in `apis` and without committed runs. Bounded by the pruner's own configuration, which rejects more.",
        )
        .example("{succeeded: 10, failed: 3}"),
        key("flux", Shape::Object(flux()), "Flux settings that differ from gen.yaml."),
    ]
}

/// The keys of environments/NAME.pins.yaml.
#[must_use]
pub fn pins() -> &'static Arc<Object> {
    static PINS: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let pin = Object::new(
            "Machine-written state of an app.",
            vec![
                key(
                    "image",
                    // Empty if Flux has yet to choose the first: it updates only existing values.
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
                    "A tag instead; never promoted, since it can move.",
                )
                .example("v1.4.2"),
                key("revision", Shape::Text(Check::GitRef), "The commit to build."),
                key(
                    "nonce",
                    Shape::Int(0, i64::MAX),
                    "A number; incrementing it restarts the run.",
                ),
            ],
        );
        let apps =
            key("apps", Shape::Map(Check::Label, Box::new(Shape::Object(pin))), "Pins, by app.");
        Object::new(
            "environments/NAME.pins.yaml: written by machines, not edited by hand.",
            vec![apps],
        )
    });
    &PINS
}
