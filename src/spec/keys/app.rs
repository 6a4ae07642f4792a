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
        Object::new("An application: its source, its build and its workload.", fields)
    });
    &APP
}

fn image_and_source() -> Vec<Field> {
    vec![
        key("source", Shape::Short(source()), "The git source.")
            .example("https://git.example/homelab/demo-app.git")
            .required(),
        key(
            "image",
            Shape::Text(Check::Image),
            "The image to build and run, without a tag; with a tag or digest, a prebuilt image.",
        )
        .example("registry.example/homelab/demo-app")
        .required(),
        key("build", Shape::Object(build()), "Image build settings."),
        key(
            "pullSecret",
            Shape::Text(Check::Name),
            "The Secret (kubernetes.io/dockerconfigjson) for pulling the image.",
        ),
        key("registry", Shape::Object(registry()), "The registry to push the image to."),
    ]
}

fn source() -> Arc<Object> {
    Object::new(
        "A git repository, or a folder in one.",
        vec![
            key("url", Shape::Text(Check::GitUrl), "The URL: https, http or ssh.")
                .example("https://git.example/shop/orders.git")
                .required(),
            key(
                "branch",
                Shape::Text(Check::GitRef),
                "The branch, tag or commit to build, unless a run sets another.",
            )
            .default("main"),
            key("path", Shape::Text(Check::RelativePath), "The app's folder in the repository.")
                .default(".")
                .example("jobs/nightly"),
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret (kubernetes.io/basic-auth or kubernetes.io/ssh-auth) for cloning.",
            )
            .example("git-read"),
        ],
    )
}

fn build() -> Arc<Object> {
    Object::new(
        "Image build settings.",
        vec![
            key(
                "context",
                Shape::Text(Check::RelativePath),
                "The build context, relative to the app's folder.",
            )
            .default("."),
            key(
                "dockerfile",
                Shape::Text(Check::RelativePath),
                "The Dockerfile, relative to the context.",
            )
            .default("Dockerfile"),
            key("target", Shape::Text(Check::NotEmpty), "The build stage, if not the last one."),
            key("args", Shape::Map(Check::EnvName, Box::new(Shape::Literal)), "Build arguments.")
                .example("{VERSION: \"1.2\"}"),
        ],
    )
}

fn workload() -> Vec<Field> {
    let empty = || Object::new("No settings.", vec![]);
    let cronjob = Object::new(
        "A job that runs on a schedule.",
        vec![
            key("schedule", Shape::Text(Check::Schedule), "The schedule: five cron fields.")
                .example("30 2 * * *")
                .required(),
            key("timeZone", Shape::Text(Check::NotEmpty), "The time zone of the schedule.")
                .default("the controller's, usually UTC")
                .example("Europe/Paris"),
            key(
                "concurrency",
                Shape::Word(vec![
                    ("Forbid", "skip a run while one is active"),
                    ("Allow", "run in parallel"),
                    ("Replace", "stop the active run first"),
                ]),
                "Behavior if the previous run is still active.",
            )
            .default("Forbid"),
            key("deadline", Shape::Text(Check::Duration), "The time limit of a run.").default("1h"),
            key("retries", Shape::Int(0, 20), "Maximum number of retries of a failed run.")
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
            "The kind of workload.",
        )
        .default("deployment")
        .example("{cronjob: {schedule: \"30 2 * * *\"}}"),
        key(
            "replicas",
            Shape::Int(0, 10_000),
            "Number of pods; managed by the autoscaler if `scale` is set.",
        )
        .default("1"),
        key(
            "scale",
            Shape::Object(Object::new(
                "Autoscaling (a HorizontalPodAutoscaler).",
                vec![
                    key("min", Shape::Int(1, 10_000), "Minimum number of pods.").default("1"),
                    key("max", Shape::Int(1, 10_000), "Maximum number of pods.").required(),
                    key(
                        "cpu",
                        Shape::Int(1, 1000),
                        "Target CPU utilization, in percent of the request.",
                    )
                    .default("80"),
                    key(
                        "memory",
                        Shape::Int(1, 1000),
                        "Target memory utilization, in percent of the request; off if not set.",
                    ),
                ],
            )),
            "Autoscaling.",
        )
        .example("{min: 2, max: 10, cpu: 70}"),
    ]
}

fn network() -> Vec<Field> {
    vec![
        key(
            "port",
            Shape::Int(1, 65_535),
            "The port it listens on; workers have none.",
        )
        .example("8080"),
        key(
            "health",
            Shape::Text(Check::AbsolutePath),
            "The liveness path; if not set, an open port is enough.",
        )
        .example("/health"),
        key(
            "ready",
            Shape::Text(Check::AbsolutePath),
            "The readiness path.",
        )
        .default("the value of `health`")
        .example("/ready"),
        key(
            "host",
            Shape::Text(Check::Pattern),
            "The external host name.",
        )
        .example("\"{{ app }}.dev.example\""),
        key(
            "tls",
            Shape::Short(Object::new(
                "TLS for external traffic.",
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
                        "cert-manager's ClusterIssuer for the certificate.",
                    ),
                ],
            )),
            "TLS for external traffic.",
        ),
        key(
            "egress",
            Shape::Object(Object::new(
                "An allowed destination.",
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
                        "The port of the target pods, which may differ from the Service's; all if not set.",
                    )
                    .example("5432"),
                ],
            ))
            .list(),
            "Allowed destinations besides DNS. If not set, everything; an empty list, nothing.",
        )
        .example("[{host: orders-db.db.svc, port: 5432}]"),
    ]
}

fn container() -> Vec<Field> {
    vec![
        key("command", Shape::Literal.list(), "The program, replacing the image's entry point."),
        key("args", Shape::Literal.list(), "Arguments.").example("[--since, 24h]"),
        key("env", env(), "Variables.")
            .example("{LOG_LEVEL: info, DATABASE_URL: {secret: orders-db, key: url}}"),
        key(
            "envFrom",
            Shape::Object(Object::new(
                "All keys of a Secret or ConfigMap as environment variables.",
                vec![
                    key("secret", Shape::Text(Check::Name), "The Secret."),
                    key("configMap", Shape::Text(Check::Name), "The ConfigMap."),
                    key("prefix", Shape::Text(Check::EnvName), "A prefix for each name."),
                ],
            ))
            .list(),
            "All keys of Secrets and ConfigMaps as environment variables.",
        ),
        key("resources", Shape::Object(resources()), "Resource requests and limits.")
            .default("{cpu: 50m, memory: 128Mi}"),
        key(
            "user",
            Shape::Int(1, 2_147_483_647),
            "The user ID; if not set, the image must set one other than 0.",
        ),
        key(
            "writable",
            Shape::Text(Check::AbsolutePath).list(),
            "Writable folders besides /tmp; their content is lost with the pod.",
        )
        .example("[/var/cache/app]"),
        key(
            "security",
            Shape::Object(Object::new(
                "An exception to Pod Security `restricted`.",
                vec![
                    key(
                        "level",
                        Shape::Word(vec![
                            ("restricted", "the default, possible for every image"),
                            ("baseline", "for ordinary images, including those that run as root"),
                        ]),
                        "The Pod Security level.",
                    )
                    .default("restricted"),
                    key(
                        "reason",
                        Shape::Text(Check::NotEmpty),
                        "The reason for less than `restricted`.",
                    )
                    .example("the image runs as root"),
                    key("readOnlyRoot", Shape::Bool, "Read-only root file system.")
                        .default("true; false with `baseline`"),
                ],
            )),
            "An exception to Pod Security `restricted`.",
        ),
        key("token", Shape::Bool, "Mount an API token into the pod.").default("false"),
        key("grace", Shape::Int(0, 3600), "Seconds between the stop signal and the kill.")
            .default("30"),
    ]
}

fn data() -> Vec<Field> {
    let from = Shape::Object(Object::new(
        "A volume mounted into the container.",
        vec![
            key("mount", Shape::Text(Check::AbsolutePath), "Where.").example("/etc/tls").required(),
            key("secret", Shape::Text(Check::Name), "A Secret."),
            key("configMap", Shape::Text(Check::Name), "A ConfigMap."),
            key("claim", Shape::Text(Check::Name), "An existing PersistentVolumeClaim."),
            key("empty", Shape::Text(Check::Quantity), "An empty folder with this size limit.")
                .example("1Gi"),
        ],
    ));
    vec![
        key(
            "storage",
            Shape::Object(Object::new(
                "A persistent volume.",
                vec![
                    key("name", Shape::Text(Check::Label), "The name.")
                        .example("scratch")
                        .required(),
                    key("size", Shape::Text(Check::Quantity), "The size.")
                        .example("5Gi")
                        .required(),
                    key("mount", Shape::Text(Check::AbsolutePath), "The mount path.")
                        .example("/scratch")
                        .required(),
                    key("class", Shape::Text(Check::Name), "The StorageClass.")
                        .default("the cluster's"),
                ],
            ))
            .list(),
            "Persistent volumes: one claim each, or one per pod of a StatefulSet.",
        )
        .example("[{name: data, size: 5Gi, mount: /data}]"),
        key("volumes", from.list(), "Secrets, ConfigMaps, claims and empty folders to mount."),
        key(
            "files",
            Shape::Map(Check::AbsolutePath, Box::new(Shape::Text(Check::Any))),
            "Files by path, mounted from a ConfigMap; a change restarts the pods.",
        )
        .example("{/etc/app/app.toml: \"debug = true\\n\"}"),
        key(
            "extra",
            Shape::Text(Check::RelativePath),
            "A folder of raw manifests for the app's namespace.",
        )
        .example("manifests/nightly"),
    ]
}

fn pipeline() -> Vec<Field> {
    vec![
        key("pipeline", Shape::Tasks, "The tasks, in order; a nested list runs in parallel.")
            .default("[fetch-source, build-image, deploy-app]")
            .example("[fetch-source, unit-test: {image: \"python:3.12\", script: pytest}, build-image, deploy-app]"),
        key("finally", Shape::Tasks, "Tasks at the end of every run, in parallel. `rollback` restores the previous image if the run failed.").example("[rollback]"),
        key("params", flow::params(), "Run parameters: a default, or `{type, default, doc}`. Set with `gen run --param`; used by tasks as `{param: NAME}`.").example("{log-level: info, platforms: [linux/amd64]}"),
        key("runs", Shape::Object(flow::runs()), "Settings of pipeline runs."),
        key("serviceAccount", Shape::Text(Check::Name), "Your own account for the whole pipeline instead of the derived ones. gen then grants no permissions.").example("default"),
        key(
            "workspace",
            Shape::Object(Object::new(
                "The volume shared by the tasks of a run.",
                vec![
                    key("size", Shape::Text(Check::Quantity), "The size.").default("1Gi"),
                    key("class", Shape::Text(Check::Name), "The StorageClass.").default("the cluster's"),
                    key("shared", Shape::Bool, "One claim for all runs, instead of one per run.").default("false"),
                ],
            )),
            "The volume shared by the tasks of a run.",
        ),
        key("notify", Shape::Object(notify()), "Notifications about deployments."),
        key("trigger", Shape::Variant(vec![("github", trigger()), ("gitlab", trigger()), ("gitea", trigger())]), "The webhooks that start runs, with `run: webhook` in the environment.").example("github"),
        key("permissions", Shape::Object(permission()).list(), "Permissions of the app's pods in their namespace; implies a token."),
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
                ("keep", "volumes and their namespace are kept"),
                ("delete", "everything is deleted"),
            ]),
            "What happens to its volumes if the app is removed.",
        )
        .default("keep"),
    ]
}
