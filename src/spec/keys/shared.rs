//! Mappings that several files share.

use std::sync::Arc;

use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, Word, key};

/// A string, or its source.
pub(super) fn reference() -> Shape {
    Shape::Reference(reference_object())
}

/// The source of a variable's value.
pub(super) fn reference_object() -> Arc<Object> {
    Object::new(
        "The source of a variable's value.",
        vec![
            key("secret", Shape::Text(Check::Name), "The Secret. Only its name is in Git.")
                .example("orders-db"),
            key("configMap", Shape::Text(Check::Name), "The ConfigMap."),
            key("key", Shape::Text(Check::DataKey), "The key in the Secret or ConfigMap.")
                .example("url"),
            key("field", Shape::Text(Check::NotEmpty), "A pod field, as in the downward API.")
                .example("metadata.name"),
            key("value", Shape::Literal, "A plain value, kept in Git.").example("test"),
            key(
                "notSecret",
                Shape::Text(Check::NotEmpty),
                "The reason why a value that looks like a secret is not one.",
            )
            .example("throw-away database of the test"),
            key("optional", Shape::Bool, "Start even if the Secret or ConfigMap is missing.")
                .default("false"),
        ],
    )
}

/// Variables of a container.
pub(super) fn env() -> Shape {
    Shape::Map(Check::EnvName, Box::new(reference()))
}

/// Resource requests and limits of a container.
pub(super) fn resources() -> Arc<Object> {
    Object::new(
        "Resource requests and limits.",
        vec![
            key("cpu", Shape::Text(Check::Quantity), "The CPU request.").example("100m"),
            key(
                "memory",
                Shape::Text(Check::Quantity),
                "The memory request, and the default memory limit.",
            )
            .example("256Mi"),
            key(
                "limits",
                Shape::Object(Object::new(
                    "Resource limits.",
                    vec![
                        key(
                            "cpu",
                            Shape::Text(Check::Quantity),
                            "The CPU limit; usage beyond it is throttled.",
                        )
                        .default("1"),
                        key(
                            "memory",
                            Shape::Text(Check::Quantity),
                            "The memory limit; beyond it the container is killed.",
                        )
                        .default("the memory request"),
                    ],
                )),
                "Resource limits.",
            ),
        ],
    )
}

/// One rule of a Role.
pub(super) fn permission() -> Arc<Object> {
    Object::new(
        "API permissions, as in a Role.",
        vec![
            key(
                "apiGroups",
                Shape::Text(Check::Any).list(),
                "API groups; the core group is an empty string.",
            )
            .default("[\"\"]")
            .example("[apps]"),
            key("resources", Shape::Text(Check::NotEmpty).list(), "Resources, in the plural.")
                .example("[deployments]")
                .required(),
            key(
                "resourceNames",
                Shape::Text(Check::Name).list(),
                "Object names, to restrict the rule.",
            )
            .example("[orders]"),
            key("verbs", Shape::Text(Check::NotEmpty).list(), "The verbs.")
                .example("[get, patch]")
                .required(),
            key(
                "in",
                Shape::Word(vec![
                    ("app", "the app's namespace"),
                    ("pipeline", "the pipeline's namespace"),
                ]),
                "The namespace.",
            )
            .default("app"),
        ],
    )
}

/// The settings of Flux, for all environments or one.
pub(super) fn flux() -> Arc<Object> {
    Object::new(
        "How Flux reads and applies the tree.",
        vec![
            key("namespace", Shape::Text(Check::Label), "The namespace of Flux, of all Flux objects, and of the apply accounts.").default("flux-system"),
            key(
                "source",
                Shape::Short(Object::new(
                    "The GitRepository with the rendered tree.",
                    vec![
                        key("name", Shape::Text(Check::Name), "The name.").default("flux-system, created by `flux bootstrap`"),
                        key("create", Shape::Bool, "Render one for the environment, with a sparse checkout of its folder, instead of using bootstrap's.").default("false"),
                        key("interval", Shape::Text(Check::Duration), "The polling interval for new commits.").default("1m"),
                        key("secret", Shape::Text(Check::Name), "The Secret with the repository's credentials.").example("flux-system"),
                    ],
                )),
                "The GitRepository with the rendered tree.",
            ),
            key("interval", Shape::Text(Check::Duration), "The interval at which Flux reapplies an unchanged tree.").default("10m"),
            key("retry", Shape::Text(Check::Duration), "The retry interval after a failure.").default("1m"),
            key("timeout", Shape::Text(Check::Duration), "The time limit of an apply, including the wait for healthy workloads.").default("5m"),
            key("serviceAccount", Shape::Text(Check::Name), "The account that applies namespaces, accounts and roles; by default the controller's own."),
            key("dependsOn", Shape::Text(Check::Name).list(), "Kustomizations with the apps' prerequisites, such as Tekton itself.").example("[tekton]"),
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
                "The webhook that notifies Flux of a push, so that it reads the repository at once. One is enough for environments that share a cluster. `generic` accepts any request signed as by `flux trigger receiver`.",
            )
            .example("{github: {host: flux.homelab.example, tls: {issuer: letsencrypt}}}"),
        ],
    )
}

/// TLS for a webhook endpoint; `secret` is the default Secret.
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
            "cert-manager's ClusterIssuer for the certificate.",
        ),
    ];
    let about = "TLS for the webhooks.";
    key("tls", Shape::Short(Object::new(about, keys)), about).example("{issuer: letsencrypt}")
}

fn receiver() -> Arc<Object> {
    Object::new(
        "A webhook of the repository.",
        vec![
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret in Flux's namespace with the signing key in its key `token`.",
            )
            .default("gen-ENV-webhook"),
            key(
                "host",
                Shape::Text(Check::Host),
                "The external host name; if not set, no Ingress is rendered.",
            )
            .example("flux.homelab.example"),
            webhook_tls("gen-ENV-webhook-tls"),
        ],
    )
}

/// The images of the tools used by tasks.
pub(super) fn images() -> Shape {
    Shape::Map(Check::Label, Box::new(Shape::Text(Check::Image)))
}

/// A registry to push to.
pub(super) fn registry() -> Arc<Object> {
    Object::new(
        "The registry to push images to.",
        vec![
            key(
                "insecure",
                Shape::Bool,
                "Use plain HTTP or an untrusted certificate, as homelab registries do.",
            )
            .default("false"),
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret (kubernetes.io/dockerconfigjson) with push credentials.",
            )
            .example("registry-push"),
        ],
    )
}

/// Kubernetes' kinds of workload.
pub(super) fn on() -> Vec<Word> {
    vec![("failure", "only after a failure"), ("always", "after every run")]
}
