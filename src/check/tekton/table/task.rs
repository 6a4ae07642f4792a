//! What holds in a Task, in an embedded `taskSpec`, and mostly in a StepAction.

use super::entry::{refused, rules, tekton};
use crate::check::finding::Rule;

rules! {
    STEPS = refused("CHK1101", "tekton-steps",
        "A Task has at least one step.",
        "add a step",
        tekton!("v1/task_validation.go"));
    VOLUMES = refused("CHK1102", "tekton-volume-twice",
        "The volumes of a Task have different names.",
        "rename or remove one of the two",
        tekton!("v1/task_validation.go"));
    WORKSPACES = refused("CHK1103", "tekton-workspace-twice",
        "The workspaces that a Task declares have different names.",
        "rename or remove one of the two",
        tekton!("v1/task_validation.go"));
    WORKSPACE_MOUNT = refused("CHK1104", "tekton-workspace-mount",
        "A workspace has a mount path that no other workspace or volume of the Task has.",
        "set another `mountPath`",
        tekton!("v1/task_validation.go"));
    WORKSPACE_USED = refused("CHK1105", "tekton-step-workspace",
        "Steps and sidecars use workspaces that their Task declares.",
        "declare the workspace in the Task's `workspaces`",
        tekton!("v1/task_validation.go"));
    STEP_NAME = refused("CHK1106", "tekton-step-name",
        "The name of a step is a DNS label, and no other step has it.",
        "use lower-case letters, digits and hyphens, and a name for each step",
        tekton!("v1/container_validation.go"));
    IMAGE = refused("CHK1107", "tekton-step-image",
        "Steps without `ref`, sidecars and StepActions have an image.",
        "set `image`, for all steps at once in `stepTemplate`",
        tekton!("v1/container_validation.go"));
    STEP_PARAMS = refused("CHK1108", "tekton-step-params",
        "Only a step that refers to a StepAction is given parameters.",
        "use the Task's parameters in the step itself",
        tekton!("v1/container_validation.go"));
    SCRIPT = refused("CHK1109", "tekton-script-and-command",
        "A step has a `script` or a `command`, not both; that of the `stepTemplate` counts.",
        "keep one of the two",
        tekton!("v1/container_validation.go"));
    BY_ACTION = refused("CHK1110", "tekton-step-ref-fields",
        "A step that refers to a StepAction leaves to it what is run.",
        "remove the field, or the `ref`",
        tekton!("v1/container_validation.go"));
    TIMEOUT = refused("CHK1111", "tekton-step-timeout",
        "The timeout of a step is not negative.",
        "set a positive duration, or remove it",
        tekton!("v1/container_validation.go"));
    MOUNT = refused("CHK1112", "tekton-reserved-mount",
        "Volumes are not mounted below `/tekton/`, except `/tekton/home`, and have no name of Tekton's own.",
        "mount it elsewhere, under another name",
        tekton!("v1/container_validation.go"));
    ON_ERROR = refused("CHK1113", "tekton-step-on-error",
        "`onError` of a step is `continue`, `stopAndFail` or a parameter.",
        "write `continue` or `stopAndFail`",
        tekton!("v1/container_validation.go"));
    STEP_RESULT_USE = refused("CHK1114", "tekton-step-result-use",
        "Results of earlier steps are used only in `env`, `command` and `args`.",
        "pass it in `env`, and read the variable in the script",
        tekton!("v1/container_validation.go"));
    ARTIFACT_USE = refused("CHK1115", "tekton-step-artifact-use",
        "Artifacts of steps are used only in `env`, `command`, `args` and `script`.",
        "pass it in `env`",
        tekton!("v1/container_validation.go"));
    SIDECAR_NAME = refused("CHK1116", "tekton-sidecar-name",
        "No sidecar is called `tekton-log-results`, which is Tekton's own.",
        "rename the sidecar",
        tekton!("v1/container_validation.go"));
    PARAM_TYPE = refused("CHK1117", "tekton-param-type",
        "The type of a parameter is `string`, `array` or `object`.",
        "write one of the three; without `type` it is a string",
        tekton!("v1/task_validation.go"));
    PARAM_DEFAULT = refused("CHK1118", "tekton-param-default",
        "The default of a parameter is of the parameter's type.",
        "change the default or the type; items of a list that are not strings have to be quoted",
        tekton!("v1/task_validation.go"));
    PROPERTIES = refused("CHK1119", "tekton-param-properties",
        "A parameter of the type `object` lists its keys in `properties`, all of them strings.",
        "add `properties: {KEY: {type: string}}`",
        tekton!("v1/task_validation.go"));
    PARAM_TWICE = refused("CHK1120", "tekton-param-twice",
        "The parameters that are declared have different names.",
        "rename or remove one of the two",
        tekton!("v1/param_types.go"));
    PARAM_NAME = refused("CHK1121", "tekton-param-name",
        "The name of a parameter begins with a letter or underscore, followed by letters, digits, hyphens, underscores and, if it is not an object, dots.",
        "rename the parameter",
        tekton!("v1/task_validation.go"));
    ENUM = refused("CHK1122", "tekton-param-enum",
        "`enum` is switched on in the cluster, belongs to a string, and lists each value once, the default among them.",
        "remove `enum`, or set `enable-param-enum` in the ConfigMap `feature-flags`",
        tekton!(docs "pipelines/#param-enum"));
    ARRAY_USE = refused("CHK1123", "tekton-array-use",
        "A parameter that is a list stands alone in an item of `command`, `args` or another list; elsewhere only its items do.",
        "use `$(params.NAME[*])` as an item by itself, or `$(params.NAME[0])`",
        tekton!(docs "tasks/#substituting-array-parameters"));
    CONTEXT = refused("CHK1124", "tekton-context-variable",
        "`$(context.…)` names something that Tekton knows of the run.",
        "use `context.taskRun.{name,namespace,uid}`, `context.task.{name,retry-count}`, `context.pipelineRun.{name,namespace,uid}`, `context.pipeline.name` or `context.pipelineTask.retries`",
        tekton!(docs "variables/"));
    RESULT_PATH = refused("CHK1125", "tekton-result-path",
        "A script writes to `$(results.NAME.path)` only if the Task declares that result, and to `$(step.results.NAME.path)` only if the step does.",
        "declare the result, or use the name of one that is declared",
        tekton!("v1/task_validation.go"));
    UNDECLARED = refused("CHK1126", "tekton-undeclared-param",
        "Each `$(params.NAME)` is declared, in comments of scripts too.",
        "declare the parameter, or use the name of one that is declared",
        tekton!("v1/task_validation.go"));
    KEY = refused("CHK1127", "tekton-object-key",
        "`$(params.OBJECT.KEY)` names a key that the parameter lists in `properties`.",
        "add the key to `properties`, or use one that is there",
        tekton!("v1/task_validation.go"));
    OBJECT_USE = refused("CHK1128", "tekton-object-use",
        "Of a parameter that is an object only its keys are used; as a whole it is only passed on to a task.",
        "use `$(params.OBJECT.KEY)`",
        tekton!("v1/task_validation.go"));
    DEEP = refused("CHK1129", "tekton-param-reference",
        "A variable has at most two parts behind `params`.",
        "use `$(params['a.b.c'])` for a name with dots",
        "https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/substitution/substitution.go");
    RESULT_NAME = refused("CHK1130", "tekton-result-name",
        "The name of a result consists of letters, digits, hyphens, underscores and dots, and begins and ends with a letter or digit.",
        "rename the result",
        tekton!("v1/result_validation.go"));
    RESULT_TYPE = refused("CHK1131", "tekton-result-type",
        "The type of a result is `string`, `array` or `object`.",
        "write one of the three; without `type` it is a string",
        tekton!("v1/result_validation.go"));
    RESULT_PROPERTIES = refused("CHK1132", "tekton-result-properties",
        "A result of the type `object` lists its keys in `properties`, all of them strings.",
        "add `properties: {KEY: {type: string}}`",
        tekton!("v1/result_validation.go"));
    RESULT_VALUE = refused("CHK1133", "tekton-result-value",
        "The value of a Task's result is the result of a step: `$(steps.STEP.results.RESULT)`.",
        "refer to the result of a step, or remove `value` and write to `$(results.NAME.path)`",
        tekton!("v1/result_validation.go"));
    ACTION_SCRIPT = refused("CHK1134", "tekton-step-action-script",
        "The script of a StepAction has no `$(params.…)`.",
        "pass the parameter in `env`, and read the variable in the script",
        tekton!("v1beta1/stepaction_validation.go"));
    ACTION_MOUNT = refused("CHK1135", "tekton-step-action-mount",
        "The name of a volume mount in a StepAction is one parameter, and nothing else.",
        "write `name: $(params.NAME)`",
        tekton!("v1beta1/stepaction_validation.go"));
    ACTION_DEFAULT = refused("CHK1136", "tekton-step-action-default",
        "The defaults of a StepAction's parameters refer only to parameters that are declared, and not in a circle.",
        "declare the parameter, or write the default itself",
        tekton!("v1alpha1/stepaction_validation.go"));
}
