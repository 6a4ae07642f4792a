//! The keys of an app: in gen.yaml, in an included file, under `defaults`, and in an environment's overrides.

use std::sync::{Arc, LazyLock};

use super::flow;
use super::monitor::watched;
use super::notify::notify;
use super::shared::{env, permission, registry, resources};
use super::trigger::trigger;
use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};

/// The keys of an app.
#[must_use]
pub fn app() -> &'static Arc<Object> {
    static APP: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let fields = [
            image_and_source(),
            workload(),
            network(),
            watched(),
            container(),
            data(),
            pipeline(),
            rest(),
        ]
        .concat();
        Object::new(
            "An application: where its source is, how it is built, and how it runs.",
            fields,
        )
    });
    &APP
}

fn image_and_source() -> Vec<Field> {
    vec![
        key("source", Shape::Short(source()), "Where its source is.").example("https://git.example/homelab/demo-app.git").required(),
        key("image", Shape::Text(Check::Image), "The image that is built and run, without a tag; with a tag or digest, a ready-made one.")
            .example("registry.example/homelab/demo-app")
            .required(),
        key("build", Shape::Object(build()), "How the image is built."),
        key("pullSecret", Shape::Text(Check::Name), "The Secret (kubernetes.io/dockerconfigjson) to pull the image with."),
        key("registry", Shape::Object(registry()), "The registry that the image is pushed to."),
    ]
}

fn source() -> Arc<Object> {
    Object::new(
        "A git repository, or a folder of one.",
        vec![
            key(
                "url",
                Shape::Text(Check::GitUrl),
                "Its address; https, http or ssh.",
            )
            .example("https://git.example/shop/orders.git")
            .required(),
            key(
                "branch",
                Shape::Text(Check::GitRef),
                "The branch, tag or commit that is built where no run names another.",
            )
            .default("main"),
            key(
                "path",
                Shape::Text(Check::RelativePath),
                "The app's folder in the repository.",
            )
            .default(".")
            .example("jobs/nightly"),
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret (kubernetes.io/basic-auth or kubernetes.io/ssh-auth) to clone with.",
            )
            .example("git-read"),
        ],
    )
}

fn build() -> Arc<Object> {
    Object::new(
        "How the image is built.",
        vec![
            key(
                "context",
                Shape::Text(Check::RelativePath),
                "The folder that is built, in the app's folder.",
            )
            .default("."),
            key(
                "dockerfile",
                Shape::Text(Check::RelativePath),
                "The Dockerfile, in the context.",
            )
            .default("Dockerfile"),
            key(
                "target",
                Shape::Text(Check::NotEmpty),
                "The stage to build, where not the last.",
            ),
            key(
                "args",
                Shape::Map(Check::EnvName, Box::new(Shape::Literal)),
                "Build arguments.",
            )
            .example("{VERSION: \"1.2\"}"),
        ],
    )
}

fn workload() -> Vec<Field> {
    let empty = || Object::new("No settings of its own.", vec![]);
    let cronjob = Object::new(
        "A job that runs on a schedule.",
        vec![
            key(
                "schedule",
                Shape::Text(Check::Schedule),
                "When it runs: five cron fields.",
            )
            .example("30 2 * * *")
            .required(),
            key(
                "timeZone",
                Shape::Text(Check::NotEmpty),
                "The time zone of the schedule.",
            )
            .default("the controller's, usually UTC")
            .example("Europe/Paris"),
            key(
                "concurrency",
                Shape::Word(vec![
                    ("Forbid", "skip a run while one is going on"),
                    ("Allow", "run beside it"),
                    ("Replace", "end it first"),
                ]),
                "What happens when the last run has not ended.",
            )
            .default("Forbid"),
            key(
                "deadline",
                Shape::Text(Check::Duration),
                "How long a run may take.",
            )
            .default("1h"),
            key(
                "retries",
                Shape::Int(0, 20),
                "How often a failed run is tried again.",
            )
            .default("2"),
        ],
    );
    vec![
        key(
            "workload",
            Shape::Variant(vec![
                ("deployment", empty()),
                ("statefulset", empty()),
                ("cronjob", cronjob),
                ("none", empty()),
            ]),
            "What runs it.",
        )
        .default("deployment")
        .example("{cronjob: {schedule: \"30 2 * * *\"}}"),
        key(
            "replicas",
            Shape::Int(0, 10_000),
            "How many pods run; left to the autoscaler where `scale` is set.",
        )
        .default("1"),
        key(
            "scale",
            Shape::Object(Object::new(
                "Scaling by load (a HorizontalPodAutoscaler).",
                vec![
                    key("min", Shape::Int(1, 10_000), "At least so many pods.").default("1"),
                    key("max", Shape::Int(1, 10_000), "At most so many pods.").required(),
                    key(
                        "cpu",
                        Shape::Int(1, 1000),
                        "Average use of the reserved processor time, in percent, that it aims at.",
                    )
                    .default("80"),
                    key(
                        "memory",
                        Shape::Int(1, 1000),
                        "The same for memory; off where not set.",
                    ),
                ],
            )),
            "Scaling by load.",
        )
        .example("{min: 2, max: 10, cpu: 70}"),
    ]
}

fn network() -> Vec<Field> {
    vec![
        key(
            "port",
            Shape::Int(1, 65_535),
            "The port it listens on; a worker has none.",
        )
        .example("8080"),
        key(
            "health",
            Shape::Text(Check::AbsolutePath),
            "The path that answers while it lives; without it, an open port has to do.",
        )
        .example("/health"),
        key(
            "ready",
            Shape::Text(Check::AbsolutePath),
            "The path that answers when it may get requests.",
        )
        .default("what `health` says")
        .example("/ready"),
        key(
            "host",
            Shape::Text(Check::Pattern),
            "The host name under which it is reached from outside.",
        )
        .example("\"{{ app }}.dev.example\""),
        key(
            "tls",
            Shape::Short(Object::new(
                "Encryption of what comes from outside.",
                vec![
                    key(
                        "secret",
                        Shape::Text(Check::Name),
                        "The Secret (kubernetes.io/tls) with the certificate.",
                    )
                    .example("orders-tls"),
                    key(
                        "issuer",
                        Shape::Text(Check::Name),
                        "cert-manager's ClusterIssuer that makes it.",
                    ),
                ],
            )),
            "Encryption of what comes from outside.",
        ),
        key(
            "egress",
            Shape::Object(Object::new(
                "A place that the app may reach.",
                vec![
                    key(
                        "host",
                        Shape::Text(Check::Host),
                        "A service of the cluster: NAME.NAMESPACE.svc.",
                    )
                    .example("orders-db.db.svc"),
                    key("cidr", Shape::Text(Check::Cidr), "An address range.")
                        .example("203.0.113.0/24"),
                    key(
                        "port",
                        Shape::Int(1, 65_535),
                        "The port of the pods behind it, which may differ from the Service's; all where not set.",
                    )
                    .example("5432"),
                ],
            ))
            .list(),
            "What it may reach, DNS apart. Where not set, everything; an empty list, nothing.",
        )
        .example("[{host: orders-db.db.svc, port: 5432}]"),
    ]
}

fn container() -> Vec<Field> {
    vec![
        key(
            "command",
            Shape::Literal.list(),
            "The program, instead of the image's entry point.",
        ),
        key("args", Shape::Literal.list(), "Its arguments.").example("[--since, 24h]"),
        key("env", env(), "Variables.")
            .example("{LOG_LEVEL: info, DATABASE_URL: {secret: orders-db, key: url}}"),
        key(
            "envFrom",
            Shape::Object(Object::new(
                "All keys of a Secret or ConfigMap as variables.",
                vec![
                    key("secret", Shape::Text(Check::Name), "The Secret."),
                    key("configMap", Shape::Text(Check::Name), "The ConfigMap."),
                    key(
                        "prefix",
                        Shape::Text(Check::EnvName),
                        "What is put before each name.",
                    ),
                ],
            ))
            .list(),
            "All keys of Secrets and ConfigMaps as variables.",
        ),
        key(
            "resources",
            Shape::Object(resources()),
            "What it asks for and may use.",
        )
        .default("{cpu: 50m, memory: 128Mi}"),
        key(
            "user",
            Shape::Int(1, 2_147_483_647),
            "The user number it runs as; without it, the image must name one that is not 0.",
        ),
        key(
            "writable",
            Shape::Text(Check::AbsolutePath).list(),
            "Folders that it writes to, besides /tmp; they end with the pod.",
        )
        .example("[/var/cache/app]"),
        key(
            "security",
            Shape::Object(Object::new(
                "An exception from Pod Security `restricted`.",
                vec![
                    key(
                        "level",
                        Shape::Word(vec![
                            ("restricted", "what every image can be built for"),
                            ("baseline", "an ordinary image, also one that runs as root"),
                        ]),
                        "The level of Pod Security.",
                    )
                    .default("restricted"),
                    key(
                        "reason",
                        Shape::Text(Check::NotEmpty),
                        "Why less than `restricted`.",
                    )
                    .example("the image runs as root"),
                    key(
                        "readOnlyRoot",
                        Shape::Bool,
                        "Whether the root file system is read-only.",
                    )
                    .default("true; false with `baseline`"),
                ],
            )),
            "An exception from Pod Security `restricted`.",
        ),
        key(
            "token",
            Shape::Bool,
            "Whether the pod gets a token for the API server.",
        )
        .default("false"),
        key(
            "grace",
            Shape::Int(0, 3600),
            "Seconds between the request to end and the end.",
        )
        .default("30"),
    ]
}

fn data() -> Vec<Field> {
    let from = Shape::Object(Object::new(
        "Something mounted into the container.",
        vec![
            key("mount", Shape::Text(Check::AbsolutePath), "Where.")
                .example("/etc/tls")
                .required(),
            key("secret", Shape::Text(Check::Name), "A Secret."),
            key("configMap", Shape::Text(Check::Name), "A ConfigMap."),
            key(
                "claim",
                Shape::Text(Check::Name),
                "A PersistentVolumeClaim that exists.",
            ),
            key(
                "empty",
                Shape::Text(Check::Quantity),
                "An empty folder of at most this size.",
            )
            .example("1Gi"),
        ],
    ));
    vec![
        key(
            "storage",
            Shape::Object(Object::new(
                "A volume that outlives the pod.",
                vec![
                    key("name", Shape::Text(Check::Label), "Its name.")
                        .example("scratch")
                        .required(),
                    key("size", Shape::Text(Check::Quantity), "Its size.")
                        .example("5Gi")
                        .required(),
                    key(
                        "mount",
                        Shape::Text(Check::AbsolutePath),
                        "Where it is mounted.",
                    )
                    .example("/scratch")
                    .required(),
                    key("class", Shape::Text(Check::Name), "The StorageClass.")
                        .default("the cluster's"),
                ],
            ))
            .list(),
            "Volumes that outlive the pod: one claim each, or one for every pod of a StatefulSet.",
        )
        .example("[{name: data, size: 5Gi, mount: /data}]"),
        key(
            "volumes",
            from.list(),
            "Secrets, ConfigMaps, claims and empty folders to mount.",
        ),
        key(
            "files",
            Shape::Map(Check::AbsolutePath, Box::new(Shape::Text(Check::Any))),
            "Files with their text, mounted from a ConfigMap; a change rolls the pods.",
        )
        .example("{/etc/app/app.toml: \"debug = true\\n\"}"),
        key(
            "extra",
            Shape::Text(Check::RelativePath),
            "A folder of raw manifests that go into the app's namespace.",
        )
        .example("manifests/nightly"),
    ]
}

fn pipeline() -> Vec<Field> {
    vec![
        key("pipeline", Shape::Tasks, "The tasks, in order; a list within the list runs in parallel.")
            .default("[fetch-source, build-image, deploy-app]")
            .example("[fetch-source, unit-test: {image: \"python:3.12\", script: pytest}, build-image, deploy-app]"),
        key("finally", Shape::Tasks, "Tasks that run at the end, whatever happened, beside each other. `rollback` puts back the image that ran before, where the run has failed.").example("[rollback]"),
        key("params", flow::params(), "Parameters of a run: a default, or `{type, default, doc}`. `gen run --param` sets them; tasks take them as `{param: NAME}`.").example("{log-level: info, platforms: [linux/amd64]}"),
        key("runs", Shape::Object(flow::runs()), "How runs of the pipeline are made."),
        key("serviceAccount", Shape::Text(Check::Name), "An account of yours for the whole pipeline, instead of the derived ones. gen then grants nothing.").example("default"),
        key(
            "workspace",
            Shape::Object(Object::new(
                "The volume that the tasks of a run share.",
                vec![
                    key("size", Shape::Text(Check::Quantity), "Its size.").default("1Gi"),
                    key("class", Shape::Text(Check::Name), "The StorageClass.").default("the cluster's"),
                    key("shared", Shape::Bool, "One claim for all runs, instead of one for each.").default("false"),
                ],
            )),
            "The volume that the tasks of a run share.",
        ),
        key("notify", Shape::Object(notify()), "Who is told when a deployment succeeds or fails."),
        key("trigger", Shape::Variant(vec![("github", trigger()), ("gitlab", trigger()), ("gitea", trigger())]), "Whose webhooks start runs, where the environment says `run: webhook`.").example("github"),
        key("permissions", Shape::Object(permission()).list(), "What the app's own pods may do in their namespace; gives them a token."),
    ]
}

fn rest() -> Vec<Field> {
    vec![
        key(
            "labels",
            Shape::Map(Check::LabelKey, Box::new(Shape::Literal)),
            "Labels on every object of the app.",
        )
        .example("{team: orders}"),
        key(
            "annotations",
            Shape::Map(Check::LabelKey, Box::new(Shape::Literal)),
            "Annotations on the workload and its pods.",
        ),
        key(
            "onRemove",
            Shape::Word(vec![
                ("keep", "volumes and their namespace stay"),
                ("delete", "everything goes"),
            ]),
            "What becomes of its volumes when the app is removed.",
        )
        .default("keep"),
    ]
}
