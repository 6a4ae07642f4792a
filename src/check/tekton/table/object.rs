//! What holds for objects of all kinds.

use super::entry::{refused, rules, tekton};
use crate::check::finding::{Level, Rule};

rules! {
    NAME = refused("CHK1001", "tekton-name",
        "The name of an object of Tekton is a DNS subdomain of up to 63 characters.",
        "use lower-case letters, digits and hyphens, and no more than 63 characters",
        "https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/apis/validate/metadata.go");
    FIELD = refused("CHK1002", "tekton-field",
        "Embedded specs (`taskSpec`, `pipelineSpec`) have only fields that Tekton knows, of the right type.",
        "write the field as a Task or Pipeline has it",
        "https://github.com/tektoncd/pipeline/blob/v1.15.0/cmd/webhook/main.go");
    DURATION = refused("CHK1003", "tekton-duration",
        "A timeout is a duration as Go reads it, such as `90s` or `1h30m`.",
        "write it with a unit: `s`, `m` or `h`",
        "https://pkg.go.dev/time#ParseDuration");
    FEATURE = refused("CHK1004", "tekton-feature",
        "Fields that Tekton counts as alpha or beta are used only where the cluster has switched them on.",
        "do without the field, or set `enable-api-fields` in the ConfigMap `feature-flags` of Tekton",
        tekton!(docs "additional-configs/#customizing-the-pipelines-controller-behavior"));
    VERSION = Rule {
        id: "CHK1005",
        name: "tekton-api-version",
        level: Level::Warning,
        holds: "Tasks, Pipelines and their runs are written in `tekton.dev/v1`.",
        otherwise: "`v1beta1` is deprecated and converted at each request; gen judges only the fields that both versions have.",
        cure: "write `apiVersion: tekton.dev/v1`, and the fields as v1 has them",
        source: tekton!(docs "migrating-v1beta1-to-v1/"),
    };
    REFERENCE = refused("CHK1006", "tekton-reference",
        "A `ref`, `taskRef` or `pipelineRef` names an object, or a resolver that finds one.",
        "set `name`, or `resolver` with its `params`",
        tekton!("v1/container_validation.go"));
    RESOLVER = refused("CHK1007", "tekton-resolver",
        "Parameters of a reference go with a `resolver`, and without a `name`.",
        "set `resolver`, and leave `name` out",
        tekton!(docs "resolution-getting-started/"));
    RESOLVER_PARAMS = refused("CHK1008", "tekton-resolver-param-twice",
        "Each parameter of a resolver is given once; case does not count.",
        "remove one of the two",
        tekton!("v1/taskrun_validation.go"));
    WHEN = refused("CHK1009", "tekton-when",
        "A `when` expression has an input, the operator `in` or `notin`, and values.",
        "write `input`, `operator: in` or `operator: notin`, and at least one of `values`",
        tekton!("v1/when_validation.go"));
    WHEN_CEL = refused("CHK1010", "tekton-when-cel",
        "A `cel` expression stands alone, is valid CEL, and is switched on in the cluster.",
        "use `input`, `operator` and `values`, or set `enable-cel-in-whenexpression`",
        tekton!("v1/when_validation.go"));
    INLINE = refused("CHK1011", "tekton-inline-spec",
        "Where the cluster forbids embedded specs, there are none.",
        "move it into a Task or Pipeline, and refer to that",
        tekton!(docs "additional-configs/#disabling-inline-spec-in-pipeline-taskrun-and-pipelinerun"));
    ARTIFACTS = refused("CHK1012", "tekton-artifacts",
        "Artifacts are used only where the cluster has switched them on.",
        "use results or a workspace, or set `enable-artifacts` in the ConfigMap `feature-flags`",
        tekton!(docs "artifacts/"));
    NULL = refused("CHK1014", "tekton-null",
        "A field that is not set is left out.",
        "remove the field: for the API server `null` is a value of the wrong type",
        "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable");
    QUANTITY = refused("CHK1013", "tekton-quantity",
        "Resources of steps and sidecars are quantities, such as `500m` or `1Gi`.",
        "write a number with an optional unit: `m`, `k`, `M`, `G`, `Ki`, `Mi`, `Gi`",
        "https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/");
}
