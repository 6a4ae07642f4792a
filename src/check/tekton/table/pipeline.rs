//! What holds in a Pipeline and in an embedded `pipelineSpec`.

use super::entry::{refused, rules, tekton};
use crate::check::finding::Rule;

rules! {
    EMPTY = refused("CHK1201", "tekton-pipeline-empty",
        "A Pipeline is not empty.",
        "add tasks",
        tekton!("v1/pipeline_validation.go"));
    NAME = refused("CHK1202", "tekton-task-name",
        "The name of a task in a Pipeline is a DNS label.",
        "use up to 63 lower-case letters, digits and hyphens",
        tekton!("v1/pipeline_validation.go"));
    TWICE = refused("CHK1203", "tekton-task-twice",
        "The tasks of a Pipeline have different names, those in `finally` included.",
        "rename or remove one of the two",
        tekton!("v1/pipeline_validation.go"));
    SOURCE = refused("CHK1204", "tekton-task-source",
        "A task of a Pipeline has either a `taskRef` or a `taskSpec`.",
        "keep one of the two",
        tekton!("v1/pipeline_validation.go"));
    EMBEDDED_KIND = refused("CHK1205", "tekton-embedded-kind",
        "A `taskSpec` with steps has no `apiVersion` and no `kind`.",
        "remove both",
        tekton!("v1/pipeline_validation.go"));
    CUSTOM = refused("CHK1206", "tekton-custom-task",
        "A custom task has a `kind` and an `apiVersion` with a group, as in `example.dev/v1`.",
        "set both; for a Task of Tekton's own leave both out, as ClusterTasks are no more",
        tekton!(docs "pipelines/#using-custom-tasks"));
    ON_ERROR = refused("CHK1207", "tekton-task-on-error",
        "`onError` of a task is `continue`, without retries, or `stopAndFail`.",
        "write `continue` or `stopAndFail`; drop `retries` beside `continue`",
        tekton!("v1/pipeline_validation.go"));
    MISSING = refused("CHK1208", "tekton-missing-task",
        "What a task waits for, by `runAfter` or by a result that it uses, is a task of the Pipeline.",
        "use the name of a task in `tasks`",
        "https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/reconciler/pipeline/dag/dag.go");
    CYCLE = refused("CHK1209", "tekton-task-cycle",
        "The tasks of a Pipeline do not wait for each other in a circle.",
        "remove one of the dependencies",
        "https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/reconciler/pipeline/dag/dag.go");
    PARAM_TWICE = refused("CHK1210", "tekton-task-param-twice",
        "A task of a Pipeline is given each parameter once.",
        "remove one of the two",
        tekton!("v1/param_types.go"));
    STATUS = refused("CHK1211", "tekton-task-status",
        "Only tasks in `finally` use the status of other tasks.",
        "use a `when` on a result, or move the task to `finally`",
        tekton!(docs "pipelines/#using-execution-status-of-pipelinetask"));
    STATUS_MISSING = refused("CHK1212", "tekton-status-of-missing-task",
        "A status that is used in `finally` is that of a task in `tasks`.",
        "use the name of a task in `tasks`",
        tekton!("v1/pipeline_validation.go"));
    WORKSPACES = refused("CHK1213", "tekton-pipeline-workspace",
        "The workspaces that a Pipeline declares have names, each of them once.",
        "rename or remove one of the two",
        tekton!("v1/pipeline_validation.go"));
    RESULT = refused("CHK1214", "tekton-pipeline-result",
        "The result of a Pipeline consists of results of its tasks: `$(tasks.TASK.results.RESULT)`.",
        "refer to a result of a task that the Pipeline has",
        tekton!(docs "pipelines/#emitting-results-from-a-pipeline"));
    CHILD_RESULT = refused("CHK1215", "tekton-child-pipeline-result",
        "Results of a task that is a Pipeline itself are not used.",
        "write what is needed to a workspace",
        tekton!("v1/pipeline_validation.go"));
    FINALLY_ALONE = refused("CHK1216", "tekton-finally-alone",
        "A Pipeline with `finally` has `tasks`.",
        "move the tasks from `finally` to `tasks`",
        tekton!("v1/pipeline_validation.go"));
    FINALLY_AFTER = refused("CHK1217", "tekton-finally-run-after",
        "Tasks in `finally` have no `runAfter`: they all start when the tasks have ended.",
        "remove `runAfter`",
        tekton!("v1/pipeline_validation.go"));
    FINALLY_RESULT = refused("CHK1218", "tekton-finally-result",
        "Tasks in `finally` use only results of tasks in `tasks`.",
        "use the result of a task in `tasks`",
        tekton!("v1/pipeline_validation.go"));
    MATRIX = refused("CHK1219", "tekton-matrix",
        "A matrix gives each parameter once, none that `params` gives too, and no more combinations than the cluster allows.",
        "remove the parameter from one of the two places, or split the matrix",
        tekton!(docs "matrix/"));
    MATRIX_RESULT = refused("CHK1220", "tekton-matrix-result",
        "Results of a task with a matrix are strings, and are used as a whole: `$(tasks.TASK.results.RESULT[*])`.",
        "use `[*]`, and let the result be a string",
        tekton!(docs "matrix/#results"));
    PREFIX = refused("CHK1221", "tekton-variable-prefix",
        "A variable begins with `params`, `tasks`, `finally`, `context`, `workspaces` or `results`.",
        "write `${NAME}` for a variable of the shell",
        tekton!(docs "variables/"));
    TASK_WORKSPACE = refused("CHK1222", "tekton-task-workspace",
        "The workspaces that a task is given are declared by the Pipeline, each of them once.",
        "declare the workspace in the Pipeline's `workspaces`",
        tekton!("v1/pipeline_validation.go"));
}
