//! What Tekton's controllers find out only when something runs, and what is known before where the objects are there.

use super::entry::{rules, tekton, triggers};
use crate::check::finding::{Level, Rule};

/// A rule of a controller.
const fn fails(
    id: &'static str,
    name: &'static str,
    holds: &'static str,
    otherwise: &'static str,
    cure: &'static str,
    source: &'static str,
) -> Rule {
    Rule { id, name, level: Level::Error, holds, otherwise, cure, source }
}

/// A rule of which it is not certain that the controller needs it.
const fn doubtful(mut rule: Rule) -> Rule {
    rule.level = Level::Warning;
    rule
}

rules! {
    RUN_PARAM = fails("CHK1501", "tekton-run-param-missing",
        "A run gives every parameter of its Pipeline or Task that has no default.",
        "The run fails at once with the reason `ParameterMissing`.",
        "add the parameter to the run, or a default",
        tekton!(docs "pipelineruns/#specifying-parameters"));
    RUN_PARAM_TYPE = fails("CHK1502", "tekton-run-param-type",
        "A run gives parameters of the type that its Pipeline or Task declares.",
        "The run fails at once with the reason `ParameterTypeMismatch`.",
        "write the value as a string, list or mapping, as declared",
        tekton!(docs "pipelineruns/#specifying-parameters"));
    RUN_PARAM_KEYS = fails("CHK1503", "tekton-param-keys",
        "The value of a parameter that is an object has all keys that are declared, in itself or in the default.",
        "The run fails at once with the reason `ObjectParameterMissKeys`.",
        "add the keys",
        tekton!(docs "tasks/#object-type"));
    INDEX = fails("CHK1504", "tekton-array-index",
        "The index of a parameter that is a list is within the list.",
        "The run fails at once with the reason `ParamArrayIndexingInvalid`.",
        "use a smaller index, or give more items",
        tekton!(docs "tasks/#parameter-interpolation"));
    RUN_WORKSPACE = fails("CHK1505", "tekton-run-workspace",
        "A run binds every workspace of its Pipeline or Task that is not optional.",
        "The run fails at once with the reason `InvalidWorkspaceBindings`.",
        "bind the workspace in the run, or make it optional",
        tekton!(docs "workspaces/#using-workspaces-in-pipelineruns"));
    TASK_PARAM = fails("CHK1506", "tekton-task-param-missing",
        "A Pipeline gives each of its tasks every parameter that has no default.",
        "The task fails with the reason `TaskRunValidationFailed` when its turn comes.",
        "add the parameter to the task's `params`",
        tekton!(docs "pipelines/#specifying-parameters-in-pipelinetasks"));
    TASK_PARAM_UNKNOWN = doubtful(fails("CHK1507", "tekton-task-param-unknown",
        "A Pipeline gives its tasks only parameters that they declare.",
        "The value is passed and used by nothing: mostly the name is misspelt.",
        "use the name of a parameter that the Task declares, or remove it",
        tekton!(docs "pipelines/#specifying-parameters-in-pipelinetasks")));
    TASK_PARAM_TYPE = fails("CHK1508", "tekton-task-param-type",
        "A Pipeline gives its tasks parameters of the type that they declare.",
        "The task fails with the reason `TaskRunValidationFailed` when its turn comes.",
        "write the value as a string, list or mapping, as declared",
        tekton!(docs "pipelines/#specifying-parameters-in-pipelinetasks"));
    TASK_WORKSPACE = fails("CHK1509", "tekton-task-workspace-missing",
        "A Pipeline binds every workspace of its tasks that is not optional, and none that they do not have.",
        "The task fails with the reason `TaskRunValidationFailed` when its turn comes.",
        "bind it under the name that the Task declares",
        tekton!(docs "workspaces/#using-workspaces-in-pipelines"));
    OPTIONAL = fails("CHK1510", "tekton-optional-workspace",
        "A workspace that is optional in the Pipeline is not bound to one that the Task requires.",
        "The run fails at once with the reason `RequiredWorkspaceMarkedOptional`.",
        "make it optional in the Task, or required in the Pipeline",
        tekton!(docs "workspaces/#optional-workspaces"));
    RUN_SPECS = fails("CHK1511", "tekton-run-specs-task",
        "`taskRunSpecs` of a PipelineRun name tasks of its Pipeline, and `stepSpecs` steps of its Task.",
        "The run fails at once with the reason `InvalidTaskRunSpecs`, or the setting is without effect.",
        "use the name of a task that the Pipeline has",
        tekton!(docs "pipelineruns/#specifying-taskrunspecs"));
    RESULT = fails("CHK1512", "tekton-missing-result",
        "A result that a Pipeline uses is declared by the task that it names.",
        "The run fails at once with the reason `InvalidTaskResultReference`.",
        "declare the result in the Task, or use the name of one that it has",
        tekton!(docs "pipelines/#passing-one-tasks-results-into-the-parameters-or-when-expressions-of-another"));
    RESULT_TYPE = doubtful(fails("CHK1513", "tekton-result-type-mismatch",
        "A result is used as what it is: with `[*]` or an index if it is a list, with a key if it is an object.",
        "The run fails with the reason `InvalidTaskResultReference` when the task's turn comes.",
        "use `$(tasks.TASK.results.RESULT[*])` for a list, `….RESULT.KEY` for an object",
        tekton!(docs "pipelines/#passing-one-tasks-results-into-the-parameters-or-when-expressions-of-another")));
    CLAIMS = fails("CHK1514", "tekton-coschedule",
        "A task uses at most one PersistentVolumeClaim, as the affinity assistant puts its pods on one node (`coschedule: workspaces`).",
        "The task fails with the reason `TaskRunValidationFailed`: `TaskRun mounts more than one PersistentVolumeClaim - that is forbidden`.",
        "use sub-paths of one claim, or set `coschedule: disabled` in the ConfigMap `feature-flags`",
        tekton!(docs "affinityassistants/"));
    NEAR_TASK = doubtful(fails("CHK1515", "tekton-missing-object",
        "A Task or Pipeline that is referred to is there, if one of nearly the same name is.",
        "The run fails with the reason `CouldntGetTask` or `CouldntGetPipeline`, unless the cluster has an object of that name.",
        "use the name of the object that is there",
        tekton!(docs "pipelines/#adding-tasks-to-the-pipeline")));
    NEAR_TRIGGER = doubtful(fails("CHK1516", "trigger-missing-object",
        "A TriggerTemplate, TriggerBinding or Trigger that is referred to is there, if one of nearly the same name is.",
        "Events start nothing, unless the cluster has an object of that name; the reason is only in the EventListener's log.",
        "use the name of the object that is there",
        triggers!(docs "eventlisteners/")));
    TEMPLATE_PARAM = doubtful(fails("CHK1517", "trigger-param-missing",
        "The bindings of a trigger give every parameter of its template that has no default.",
        "The run is created with the text `$(tt.params.NAME)` in it.",
        "add it to a binding, or give it a default",
        triggers!(docs "triggertemplates/")));
    ACTION_PARAM = fails("CHK1518", "tekton-step-action-param",
        "A step gives its StepAction every parameter that has no default, and none that it does not have.",
        "The run fails with the reason `TaskRunValidationFailed`.",
        "add, rename or remove the parameter",
        tekton!(docs "stepactions/#passing-params-to-stepaction"));
}
