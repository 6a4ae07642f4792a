//! What Tekton accepts, and is not what was meant.

use super::entry::{rules, tekton};
use crate::check::finding::{Level, Rule};

const fn advice(
    id: &'static str,
    name: &'static str,
    level: Level,
    holds: &'static str,
    otherwise: &'static str,
    cure: &'static str,
    source: &'static str,
) -> Rule {
    Rule { id, name, level, holds, otherwise, cure, source }
}

rules! {
    UNUSED_PARAM = advice("CHK1601", "tekton-unused-param", Level::Info,
        "A parameter that a Task, StepAction or Pipeline declares is used in it.",
        "Whoever sets it waits for an effect in vain.",
        "use the parameter, or remove it",
        tekton!(docs "tasks/#specifying-parameters"));
    UNUSED_WORKSPACE = advice("CHK1602", "tekton-unused-workspace", Level::Info,
        "A workspace that a Pipeline declares is given to one of its tasks.",
        "Every run has to bind a volume that nothing uses.",
        "give it to a task, or remove it",
        tekton!(docs "workspaces/"));
    UNWRITTEN = advice("CHK1603", "tekton-unwritten-result", Level::Warning,
        "A result that a Task declares is written by one of its steps.",
        "Tasks that use the result fail with the reason `InvalidTaskResultReference`.",
        "write it: `printf '%s' \"$value\" >\"$(results.NAME.path)\"`",
        tekton!(docs "tasks/#emitting-results"));
    NEGATIVE = advice("CHK1604", "tekton-negative", Level::Error,
        "Timeout and retries of a task in a Pipeline are not negative.",
        "The Pipeline is accepted, and each of its runs fails when it creates the TaskRun.",
        "set a positive value, or remove it",
        tekton!("v1/taskrun_validation.go"));
    OUTSIDE = advice("CHK1605", "tekton-undeclared-param-outside", Level::Warning,
        "Parameters that sidecars, volumes and workspaces of a Task use are declared too.",
        "Tekton looks only at steps: here `$(params.NAME)` stays as it is, and the pod fails or gets the text.",
        "declare the parameter, or use the name of one that is declared",
        tekton!("v1/task_validation.go"));
    CONTEXT = advice("CHK1606", "tekton-context-unknown", Level::Warning,
        "`$(context.…)` in each task of a Pipeline names something that Tekton knows.",
        "Tekton looks only at the last task of a list: the text stays as it is.",
        "use `context.pipelineRun.{name,namespace,uid}`, `context.pipeline.name` or `context.pipelineTask.retries`",
        tekton!(docs "variables/"));
    STATUS = advice("CHK1607", "tekton-status-unknown", Level::Warning,
        "A status that is used beside a result is that of a task which the Pipeline has, and only in `finally`.",
        "Tekton does not look at a status beside a result: the text stays as it is.",
        "use the name of a task in `tasks`",
        tekton!("v1/pipeline_validation.go"));
    JSON = advice("CHK1608", "tekton-list-of-no-strings", Level::Warning,
        "The items of a list or mapping that is given to a parameter are strings.",
        "Tekton takes the whole list or mapping as one string of JSON, so that the types no longer agree.",
        "quote the items: `\"1\"`, `\"true\"`, `\"n\"`",
        tekton!("v1/param_types.go"));
    CHAINS = advice("CHK1609", "tekton-chains-annotation", Level::Warning,
        "Runs are created without annotations of `chains.tekton.dev`.",
        "Tekton drops them without a word.",
        "remove the annotation: Chains sets it",
        tekton!("v1/pipelinerun_defaults.go"));
    WORKSPACE_VARIABLE = advice("CHK1610", "tekton-workspace-variable", Level::Warning,
        "`$(workspaces.NAME.…)` names a workspace that the Task or Pipeline declares.",
        "The text stays as it is, and the script works in a folder of that name or fails.",
        "declare the workspace, or use the name of one that is declared",
        tekton!(docs "workspaces/#using-workspace-variables-in-tasks"));
    STEP_RESULT = advice("CHK1611", "tekton-step-result", Level::Warning,
        "`$(steps.STEP.results.RESULT)` names an earlier step, and a result that it has where that is known.",
        "The step fails, or gets the text as it is.",
        "use the name of an earlier step and of a result of it",
        tekton!(docs "stepactions/#emitting-results"));
    UNREACHABLE = advice("CHK1612", "tekton-never-runs", Level::Warning,
        "A `when` expression without variables is true.",
        "The task is skipped in each run, and with it what depends on it.",
        "remove the expression or the task",
        tekton!(docs "pipelines/#guard-task-execution-using-when-expressions"));
    RESULT_TYPE = advice("CHK1613", "tekton-pipeline-result-type", Level::Warning,
        "A result of a Pipeline is of the type of the task's result that it is made of.",
        "The run succeeds, and the result is missing or of another type.",
        "set `type` as the task's result has it, with `[*]` for a whole list or object",
        tekton!(docs "pipelines/#emitting-results-from-a-pipeline"));
    ENV_TWICE = advice("CHK1614", "tekton-env-twice", Level::Warning,
        "A step sets each variable once.",
        "The last one wins.",
        "remove one of the two",
        "https://github.com/IBM/tekton-lint");
}
