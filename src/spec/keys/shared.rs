//! Mappings that several files share.

use std::sync::Arc;

use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, Word, key};

/// A text, or where the pod takes it from.
pub(super) fn reference() -> Shape {
    Shape::Reference(reference_object())
}

/// Where a variable's value comes from.
pub(super) fn reference_object() -> Arc<Object> {
    Object::new(
        "Where a variable's value comes from.",
        vec![
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret that holds it. Only its name stands in Git.",
            )
            .example("orders-db"),
            key(
                "configMap",
                Shape::Text(Check::Name),
                "The ConfigMap that holds it.",
            ),
            key(
                "key",
                Shape::Text(Check::DataKey),
                "The key in that Secret or ConfigMap.",
            )
            .example("url"),
            key(
                "field",
                Shape::Text(Check::NotEmpty),
                "A field of the pod, as the downward API names it.",
            )
            .example("metadata.name"),
            key("value", Shape::Literal, "A text that stands in Git.").example("test"),
            key(
                "notSecret",
                Shape::Text(Check::NotEmpty),
                "Why a value that looks like a secret is none.",
            )
            .example("throw-away database of the test"),
            key(
                "optional",
                Shape::Bool,
                "Start also where the Secret or ConfigMap is missing.",
            )
            .default("false"),
        ],
    )
}

/// Variables of a container.
pub(super) fn env() -> Shape {
    Shape::Map(Check::EnvName, Box::new(reference()))
}

/// What a container asks for and may use.
pub(super) fn resources() -> Arc<Object> {
    Object::new(
        "What a container asks for and may use.",
        vec![
            key(
                "cpu",
                Shape::Text(Check::Quantity),
                "Processor time that is reserved.",
            )
            .example("100m"),
            key(
                "memory",
                Shape::Text(Check::Quantity),
                "Memory that is reserved, and by default the most it may use.",
            )
            .example("256Mi"),
            key(
                "limits",
                Shape::Object(Object::new(
                    "The most that it may use.",
                    vec![
                        key(
                            "cpu",
                            Shape::Text(Check::Quantity),
                            "Processor time; more is throttled.",
                        )
                        .default("1"),
                        key(
                            "memory",
                            Shape::Text(Check::Quantity),
                            "Memory; more ends the container.",
                        )
                        .default("what `memory` reserves"),
                    ],
                )),
                "The most that it may use.",
            ),
        ],
    )
}

/// One rule of a Role.
pub(super) fn permission() -> Arc<Object> {
    Object::new(
        "API actions that a task needs, as in a Role.",
        vec![
            key(
                "apiGroups",
                Shape::Text(Check::Any).list(),
                "API groups; the core group is an empty text.",
            )
            .default("[\"\"]")
            .example("[apps]"),
            key(
                "resources",
                Shape::Text(Check::NotEmpty).list(),
                "Kinds, in the plural.",
            )
            .example("[deployments]")
            .required(),
            key(
                "resourceNames",
                Shape::Text(Check::Name).list(),
                "Names, where not every object of the kind is meant.",
            )
            .example("[orders]"),
            key(
                "verbs",
                Shape::Text(Check::NotEmpty).list(),
                "What is done with them.",
            )
            .example("[get, patch]")
            .required(),
            key(
                "in",
                Shape::Word(vec![
                    ("app", "the app's namespace"),
                    ("pipeline", "the pipeline's namespace"),
                ]),
                "In which namespace.",
            )
            .default("app"),
        ],
    )
}

/// The settings of Flux, of all environments or one.
pub(super) fn flux() -> Arc<Object> {
    Object::new(
        "How Flux reads and applies the tree.",
        vec![
            key("namespace", Shape::Text(Check::Label), "Where Flux runs, and where all Flux objects and apply accounts live.").default("flux-system"),
            key(
                "source",
                Shape::Short(Object::new(
                    "The GitRepository that Flux reads the tree from.",
                    vec![
                        key("name", Shape::Text(Check::Name), "Its name.").default("flux-system, which `flux bootstrap` makes"),
                        key("create", Shape::Bool, "Render one for the environment, with a sparse checkout of its folder, instead of using bootstrap's.").default("false"),
                        key("interval", Shape::Text(Check::Duration), "How often Flux looks for commits.").default("1m"),
                        key("secret", Shape::Text(Check::Name), "The Secret with the credentials for the repository.").example("flux-system"),
                    ],
                )),
                "The GitRepository that Flux reads the tree from.",
            ),
            key("interval", Shape::Text(Check::Duration), "How often Flux applies again what has not changed.").default("10m"),
            key("retry", Shape::Text(Check::Duration), "How soon Flux tries again after a failure.").default("1m"),
            key("timeout", Shape::Text(Check::Duration), "How long an apply may take, waiting for healthy workloads included.").default("5m"),
            key("serviceAccount", Shape::Text(Check::Name), "The account that applies namespaces, accounts and roles; by default the controller's own."),
            key("dependsOn", Shape::Text(Check::Name).list(), "Kustomizations that apply what the apps need, such as Tekton itself.").example("[tekton]"),
            key(
                "decryption",
                Shape::Object(Object::new(
                    "How Flux decrypts SOPS files.",
                    vec![
                        key("provider", Shape::Word(vec![("sops", "Mozilla SOPS")]), "The tool.").default("sops"),
                        key("secret", Shape::Text(Check::Name), "The Secret with the keys.").example("sops-age"),
                    ],
                )),
                "How Flux decrypts SOPS files among `extra` manifests.",
            ),
            key(
                "receiver",
                Shape::Variant(
                    ["github", "gitlab", "gitea", "generic"]
                        .into_iter()
                        .map(|host| (host, receiver()))
                        .collect(),
                ),
                "The webhook by which this repository's host tells Flux of a push, which then reads it at once. Of environments that share a cluster, one is enough. `generic` takes any request that is signed as `flux trigger receiver` signs it.",
            )
            .example("{github: {host: flux.homelab.example, tls: {issuer: letsencrypt}}}"),
        ],
    )
}

/// Encryption of what webhooks are sent to; `secret` is the Secret that is taken where none is named.
pub(super) fn webhook_tls(secret: &str) -> Field {
    let keys = vec![
        key(
            "secret",
            Shape::Text(Check::Name),
            "The Secret (kubernetes.io/tls) with the certificate.",
        )
        .default(secret),
        key(
            "issuer",
            Shape::Text(Check::Name),
            "cert-manager's ClusterIssuer that makes it.",
        ),
    ];
    let about = "Encryption of the webhooks.";
    key("tls", Shape::Short(Object::new(about, keys)), about).example("{issuer: letsencrypt}")
}

fn receiver() -> Arc<Object> {
    Object::new(
        "A webhook of the repository.",
        vec![
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret whose key `token` signs the webhooks, in Flux's namespace.",
            )
            .default("gen-ENV-webhook"),
            key(
                "host",
                Shape::Text(Check::Host),
                "The host name under which it is reached; without it, no Ingress is rendered.",
            )
            .example("flux.homelab.example"),
            webhook_tls("gen-ENV-webhook-tls"),
        ],
    )
}

/// The images of the tools that tasks run.
pub(super) fn images() -> Shape {
    Shape::Map(Check::Label, Box::new(Shape::Text(Check::Image)))
}

/// A registry that tasks push to.
pub(super) fn registry() -> Arc<Object> {
    Object::new(
        "The registry that images are pushed to.",
        vec![
            key("insecure", Shape::Bool, "It speaks plain HTTP or has a certificate nobody signed, as registries at home do.").default("false"),
            key("secret", Shape::Text(Check::Name), "The Secret (kubernetes.io/dockerconfigjson) with the credentials to push.").example("registry-push"),
        ],
    )
}

/// Kubernetes' kinds of workload.
pub(super) fn on() -> Vec<Word> {
    vec![
        ("failure", "only when something failed"),
        ("always", "after every run"),
    ]
}
