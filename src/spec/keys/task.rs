//! The keys of every task of a pipeline, besides the settings declared by its template.

use std::sync::{Arc, LazyLock};

use super::flow;
use super::shared::{env, permission, resources};
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// The keys of an inline task, and of every task.
#[must_use]
pub fn task_common() -> &'static Arc<Object> {
    static TASK: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let service = Object::new(
            "A sidecar of the task, such as a database for tests, reachable on localhost.",
            vec![
                key("name", Shape::Text(Check::Label), "The name.").example("db").required(),
                key("image", Shape::Text(Check::Image), "The image.")
                    .example("docker.io/library/postgres:17")
                    .required(),
                key("env", env(), "Environment variables."),
                key("args", Shape::Literal.list(), "Arguments."),
                key("user", Shape::Int(0, 2_147_483_647), "The user ID.").default("the image's"),
                key(
                    "port",
                    Shape::Int(1, 65_535),
                    "The port that must be open before the task starts.",
                )
                .example("5432"),
                key(
                    "ready",
                    Shape::Literal.list(),
                    "A readiness command run in it, if an open port is not enough.",
                )
                .example("[pg_isready, -U, postgres]"),
                key("resources", Shape::Object(resources()), "Resource requests and limits."),
            ],
        );
        let reference = Object::new(
            "A Task not rendered by gen.",
            vec![
                key("name", Shape::Text(Check::Name), "A Task in the pipeline's namespace.")
                    .example("my-task"),
                key("resolver", Shape::Text(Check::Label), "The Tekton resolver.").example("git"),
                key(
                    "params",
                    Shape::Map(Check::NotEmpty, Box::new(Shape::Literal)),
                    "The resolver's parameters; pin the revision.",
                )
                .example("{url: …, revision: SHA, pathInRepo: task.yaml}"),
            ],
        );
        Object::new(
            "A task of a pipeline.",
            vec![
                key("use", Shape::Text(Check::Label), "The catalogue task, if the name differs.").example("integration-test"),
                key("image", Shape::Text(Check::Image), "The image.").example("docker.io/library/python:3.12-slim"),
                key("script", Shape::Text(Check::NotEmpty), "The script, run in the app's folder of the source; by `sh -e` if it has no `#!` line.").example("pytest -q"),
                key("ref", Shape::Short(reference), "A Task in the cluster, or one fetched by a resolver."),
                key("params", flow::task_params(), "Parameters of a referenced Task.").example("{mode: fast, digest: {result: build-image.IMAGE_DIGEST}}"),
                key("workspaces", flow::workspaces(), "Workspaces of a referenced Task.").example("{source: source}"),
                key("after", Shape::Either(Box::new(Shape::Text(Check::Label).list()), Box::new(Shape::Text(Check::Label))), "Tasks to wait for, instead of those listed before.").example("[unit-test]"),
                key("when", Shape::Object(flow::when()), "Conditions for running it.").example("{branch: main}"),
                key("matrix", flow::matrix(), "Values to combine, with one run per combination, at most 256: variables of an inline task, parameters of a referenced one. `include` adds combinations, and further values to matching ones.").example("{PYTHON: [\"3.12\", \"3.13\"], include: [{PYTHON: \"3.14\"}]}"),
                key("retries", Shape::Int(0, 10), "Maximum number of retries.").default("0"),
                key("onError", Shape::Word(vec![("stopAndFail", "the run fails"), ("continue", "the run continues, including dependent tasks")]), "The effect of its failure on the run.").default("stopAndFail"),
                key("timeout", Shape::Text(Check::Duration), "The time limit.").default("1h").example("15m"),
                key("env", flow::task_env(), "Environment variables, including run parameters and results, which cannot be used in a script directly.").example("{DIGEST: {result: build-image.IMAGE_DIGEST}}"),
                key("results", flow::results(), "Results for other tasks. The script of an inline task writes each to the file `$RESULT_NAME`, without a trailing newline; about 4 KiB in total. For a referenced Task: its results that other tasks use.").example("[version]"),
                key("resources", Shape::Object(resources()), "Resource requests and limits.").default("{cpu: 100m, memory: 256Mi, limits: {cpu: 2, memory: 2Gi}}"),
                key("permissions", Shape::Object(permission()).list(), "API permissions, if gen cannot read them from the script. An empty list: none."),
                key("serviceAccount", Shape::Text(Check::Name), "Your own account for this task instead of the derived one. gen then grants no permissions.").example("release-bot"),
                key("placement", Shape::Object(flow::placement()), "Node selection for its pod."),
                key("user", Shape::Int(1, 2_147_483_647), "The user ID.").default("65532"),
                key("readOnlyRoot", Shape::Bool, "Read-only root file system; HOME, /tmp and the source stay writable.").default("true"),
                key("services", Shape::Object(service).list(), "Sidecar containers."),
                key("cache", Shape::Text(Check::AbsolutePath).list(), "Writable folders of the image, such as a tool's cache, discarded after the task.").example("[/go/pkg/mod]"),
                key("caches", Shape::Word(flow::CACHES.to_vec()).list(), "Tools whose downloads are kept between runs, on the claim shared by all runs: needs `workspace: {shared: true}`.").example("[pip]"),
            ],
        )
    });
    &TASK
}
