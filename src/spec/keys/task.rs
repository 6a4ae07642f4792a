//! The keys that every task of a pipeline has, beside the settings that its template declares.

use std::sync::{Arc, LazyLock};

use super::flow;
use super::shared::{env, permission, resources};
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// The keys of an own task, and of every task.
#[must_use]
pub fn task_common() -> &'static Arc<Object> {
    static TASK: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let service = Object::new(
            "A container that runs beside the task, such as a database for its tests. The task reaches it on localhost.",
            vec![
                key("name", Shape::Text(Check::Label), "Its name.")
                    .example("db")
                    .required(),
                key("image", Shape::Text(Check::Image), "Its image.")
                    .example("docker.io/library/postgres:17")
                    .required(),
                key("env", env(), "Its variables."),
                key("args", Shape::Literal.list(), "Its arguments."),
                key(
                    "user",
                    Shape::Int(0, 2_147_483_647),
                    "The user number it runs as.",
                )
                .default("the image's"),
                key(
                    "port",
                    Shape::Int(1, 65_535),
                    "The port that must be open before the task begins.",
                )
                .example("5432"),
                key(
                    "ready",
                    Shape::Literal.list(),
                    "A command in it that succeeds when it is ready, where an open port says too little.",
                )
                .example("[pg_isready, -U, postgres]"),
                key(
                    "resources",
                    Shape::Object(resources()),
                    "What it asks for and may use.",
                ),
            ],
        );
        let reference = Object::new(
            "A Task that is not rendered by gen.",
            vec![
                key(
                    "name",
                    Shape::Text(Check::Name),
                    "A Task in the pipeline's namespace.",
                )
                .example("my-task"),
                key(
                    "resolver",
                    Shape::Text(Check::Label),
                    "Tekton's resolver that fetches it.",
                )
                .example("git"),
                key(
                    "params",
                    Shape::Map(Check::NotEmpty, Box::new(Shape::Literal)),
                    "What the resolver needs; pin the revision.",
                )
                .example("{url: …, revision: SHA, pathInRepo: task.yaml}"),
            ],
        );
        Object::new(
            "A task of a pipeline.",
            vec![
                key("use", Shape::Text(Check::Label), "The catalogue task it is, where its name is another.").example("integration-test"),
                key("image", Shape::Text(Check::Image), "The image it runs.").example("docker.io/library/python:3.12-slim"),
                key("script", Shape::Text(Check::NotEmpty), "What it runs, in the app's folder of the source. Without a `#!` line, by `sh -e`.").example("pytest -q"),
                key("ref", Shape::Short(reference), "A Task of the cluster, or one that a resolver fetches."),
                key("params", flow::task_params(), "Parameters of a referenced Task.").example("{mode: fast, digest: {result: build-image.IMAGE_DIGEST}}"),
                key("workspaces", flow::workspaces(), "Workspaces of a referenced Task.").example("{source: source}"),
                key("after", Shape::Either(Box::new(Shape::Text(Check::Label).list()), Box::new(Shape::Text(Check::Label))), "Tasks it waits for, instead of those before it.").example("[unit-test]"),
                key("when", Shape::Object(flow::when()), "When it runs.").example("{branch: main}"),
                key("matrix", flow::matrix(), "Values with each combination of which it is run, at most 256: variables of an own task, parameters of a referenced one. Under `include` stand combinations beside those, and values more for those that agree with them.").example("{PYTHON: [\"3.12\", \"3.13\"], include: [{PYTHON: \"3.14\"}]}"),
                key("retries", Shape::Int(0, 10), "How often it is tried again after a failure.").default("0"),
                key("onError", Shape::Word(vec![("stopAndFail", "the run fails"), ("continue", "the run goes on, and the tasks after it too")]), "What its failure means for the run.").default("stopAndFail"),
                key("timeout", Shape::Text(Check::Duration), "How long it may take.").default("1h").example("15m"),
                key("env", flow::task_env(), "Variables; also what the run knows, which reaches a script in no other way.").example("{DIGEST: {result: build-image.IMAGE_DIGEST}}"),
                key("results", flow::results(), "What the task gives to others. An own task's script writes each to the file that `$RESULT_NAME` names, without a last newline; all together at most about 4 KiB. For a referenced Task: those of its results that others take.").example("[version]"),
                key("resources", Shape::Object(resources()), "What it asks for and may use.").default("{cpu: 100m, memory: 256Mi, limits: {cpu: 2, memory: 2Gi}}"),
                key("permissions", Shape::Object(permission()).list(), "API actions it needs, where gen cannot read them out of its script. An empty list: none."),
                key("serviceAccount", Shape::Text(Check::Name), "An account of yours for this task, instead of the derived one. gen then grants nothing.").example("release-bot"),
                key("placement", Shape::Object(flow::placement()), "On which nodes its pod runs."),
                key("user", Shape::Int(1, 2_147_483_647), "The user number it runs as.").default("65532"),
                key("readOnlyRoot", Shape::Bool, "Whether the root file system is read-only; HOME, /tmp and the source are always writable.").default("true"),
                key("services", Shape::Object(service).list(), "Containers beside it."),
                key("cache", Shape::Text(Check::AbsolutePath).list(), "Folders of the image that must be writable, such as a tool's cache. They end with the task.").example("[/go/pkg/mod]"),
                key("caches", Shape::Word(flow::CACHES.to_vec()).list(), "Tools whose downloads are kept from run to run, on the claim that all runs share: needs `workspace: {shared: true}`.").example("[pip]"),
            ],
        )
    });
    &TASK
}
