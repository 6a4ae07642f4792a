//! The merge keys of Tekton's kinds, which are gen's own choice.
//!
//! Tekton's types are custom resources: the API server knows no merge keys for them, and `kubectl patch` would replace
//! every list. But a patch that adds one variable to one step is what people write, and everything in a Task or Pipeline
//! has a name. The fields are those of tektoncd/pipeline `pkg/apis/pipeline/v1/*_types.go` and tektoncd/triggers
//! `pkg/apis/triggers/v1beta1/*_types.go`. `when`, `runAfter` and `resourcetemplates` have no names: they are replaced.

use super::shape::{Field, Row, Shape, list, map, ports};

const PARAMS: Field = list("params", "name", &[]);
const RESULTS: Field = list("results", "name", &[]);
const WORKSPACES: Field = list("workspaces", "name", &[]);
const ENV: Field = list("env", "name", &[]);
const MOUNTS: Field = list("volumeMounts", "mountPath", &[]);
const DEVICES: Field = list("volumeDevices", "devicePath", &[]);
const VOLUMES: Field = list("volumes", "name", &[]);

const STEP: Shape = &[ENV, MOUNTS, DEVICES, PARAMS, RESULTS, WORKSPACES];

const TASK_SPEC: Shape = &[
    PARAMS,
    RESULTS,
    WORKSPACES,
    VOLUMES,
    list("steps", "name", STEP),
    list("sidecars", "name", &[ENV, MOUNTS, DEVICES, WORKSPACES, ports("containerPort")]),
    map("stepTemplate", &[ENV, MOUNTS, DEVICES]),
];

const PIPELINE_TASK: Shape = &[
    PARAMS,
    WORKSPACES,
    map("taskSpec", TASK_SPEC),
    map("matrix", &[PARAMS, list("include", "name", &[PARAMS])]),
];

const PIPELINE_SPEC: Shape = &[
    PARAMS,
    RESULTS,
    WORKSPACES,
    list("tasks", "name", PIPELINE_TASK),
    list("finally", "name", PIPELINE_TASK),
];

const POD_TEMPLATE: Field =
    map("podTemplate", &[ENV, VOLUMES, list("imagePullSecrets", "name", &[])]);

const PIPELINE_RUN_SPEC: Shape = &[
    PARAMS,
    WORKSPACES,
    map("pipelineSpec", PIPELINE_SPEC),
    map("taskRunTemplate", &[POD_TEMPLATE]),
    list(
        "taskRunSpecs",
        "pipelineTaskName",
        &[POD_TEMPLATE, list("stepSpecs", "name", &[]), list("sidecarSpecs", "name", &[])],
    ),
];

const TASK_RUN_SPEC: Shape = &[
    PARAMS,
    WORKSPACES,
    POD_TEMPLATE,
    map("taskSpec", TASK_SPEC),
    list("stepSpecs", "name", &[]),
    list("sidecarSpecs", "name", &[]),
];

const PIPELINE: &str = "tekton.dev";
const TRIGGERS: &str = "triggers.tekton.dev";

pub(super) const KINDS: &[Row] = &[
    Row { group: PIPELINE, names: &["Task", "ClusterTask"], shape: &[map("spec", TASK_SPEC)] },
    Row { group: PIPELINE, names: &["StepAction"], shape: &[map("spec", STEP)] },
    Row { group: PIPELINE, names: &["Pipeline"], shape: &[map("spec", PIPELINE_SPEC)] },
    Row { group: PIPELINE, names: &["PipelineRun"], shape: &[map("spec", PIPELINE_RUN_SPEC)] },
    Row { group: PIPELINE, names: &["TaskRun"], shape: &[map("spec", TASK_RUN_SPEC)] },
    Row { group: PIPELINE, names: &["CustomRun"], shape: &[map("spec", &[PARAMS, WORKSPACES])] },
    Row {
        group: TRIGGERS,
        names: &["EventListener"],
        shape: &[map("spec", &[list("triggers", "name", &[]), list("triggerGroups", "name", &[])])],
    },
    Row {
        group: TRIGGERS,
        names: &["TriggerTemplate", "TriggerBinding", "ClusterTriggerBinding"],
        shape: &[map("spec", &[PARAMS])],
    },
];
