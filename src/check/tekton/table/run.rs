//! What holds in PipelineRuns, TaskRuns and CustomRuns, and in kinds beside them.

use super::entry::{refused, rules, tekton};
use crate::check::finding::Rule;

rules! {
    SOURCE = refused("CHK1301", "tekton-run-source",
        "A run has either a reference or an embedded spec.",
        "keep one of the two",
        tekton!("v1/pipelinerun_validation.go"));
    PARAM_TWICE = refused("CHK1302", "tekton-run-param-twice",
        "A run gives each parameter once; case does not count.",
        "remove one of the two",
        tekton!("v1/taskrun_validation.go"));
    RESULT = refused("CHK1303", "tekton-run-result-reference",
        "The parameters of a PipelineRun do not refer to results of tasks.",
        "use the result in the Pipeline",
        tekton!("v1/pipelinerun_validation.go"));
    TIMEOUTS = refused("CHK1304", "tekton-run-timeouts",
        "Timeouts are not negative, and those of `tasks` and `finally` together fit into that of the run, which is an hour if nothing is set.",
        "set `timeouts.pipeline` to at least the sum of the two",
        tekton!(docs "pipelineruns/#configuring-a-failure-timeout"));
    TASK_TIMEOUT = refused("CHK1305", "tekton-run-task-timeout",
        "The timeout of a task in `taskRunSpecs` is not negative and fits into that of the run.",
        "raise `timeouts` of the run, or lower that of the task",
        tekton!("v1/pipelinerun_validation.go"));
    SPECS = refused("CHK1306", "tekton-run-specs",
        "`stepSpecs` and `sidecarSpecs` have names, each of them once; resources are set for the steps or for the task, not for both.",
        "name each once, and set resources in one place",
        tekton!("v1/taskrun_validation.go"));
    FORBIDDEN_ENV = refused("CHK1307", "tekton-forbidden-env",
        "Pod templates set no variable that the cluster forbids.",
        "remove the variable",
        tekton!("v1/taskrun_validation.go"));
    STATUS = refused("CHK1308", "tekton-run-status",
        "`status` in the spec of a run is one of the words that Tekton knows, and a `statusMessage` goes with it.",
        "remove it: a run in Git is not cancelled from the start",
        tekton!("v1/pipelinerun_validation.go"));
    WORKSPACE_TWICE = refused("CHK1309", "tekton-run-workspace-twice",
        "A run binds each workspace once.",
        "remove one of the two",
        tekton!("v1/pipelinerun_validation.go"));
    BINDING = refused("CHK1310", "tekton-workspace-binding",
        "A workspace of a run is bound to exactly one volume, which is named.",
        "keep one of `persistentVolumeClaim`, `volumeClaimTemplate`, `emptyDir`, `configMap`, `secret`, `projected` and `csi`",
        tekton!("v1/workspace_validation.go"));
    DEBUG = refused("CHK1311", "tekton-run-debug",
        "`debug` of a TaskRun has `onFailure: enabled`, and stops before each step once.",
        "remove `debug`",
        tekton!("v1/taskrun_validation.go"));
    NEGATIVE = refused("CHK1312", "tekton-run-negative",
        "Retries and timeout of a TaskRun are not negative.",
        "set a positive value, or remove it",
        tekton!("v1/taskrun_validation.go"));
    PENDING = refused("CHK1313", "tekton-run-pending",
        "A run that has started is not pending.",
        "remove `status`: it is not for Git",
        tekton!("v1/pipelinerun_validation.go"));
    CUSTOM = refused("CHK1314", "tekton-custom-run",
        "A CustomRun has either a `customRef` or a `customSpec`, with `apiVersion` and `kind`.",
        "keep one of the two, and set `apiVersion` and `kind`",
        tekton!("v1beta1/customrun_validation.go"));
    VERIFICATION = refused("CHK1315", "tekton-verification-policy",
        "A VerificationPolicy has resources and authorities, each with one key of a known hash, and the mode `enforce` or `warn`.",
        "set what is missing",
        tekton!("v1alpha1/verificationpolicy_validation.go"));
    RESOLUTION = refused("CHK1316", "tekton-resolution-request",
        "A ResolutionRequest has the label `resolution.tekton.dev/type`.",
        "do not write ResolutionRequests: Tekton makes them",
        "https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/apis/resolution/v1beta1/resolution_request_validation.go");
}
