//! The rules of this family.

use super::super::finding::{Level, Rule};

/// The rules of this family.
pub static RULES: &[&Rule] =
    &[&DENIED, &BEYOND, &KIND, &NAMESPACE, &SECRET, &OBJECT, &CLASS, &SETTING, &VERSION];

const RBAC: &str = "https://kubernetes.io/docs/reference/access-authn-authz/authorization/";
const PODS: &str = "https://kubernetes.io/docs/concepts/workloads/pods/";

pub(super) static DENIED: Rule = Rule {
    id: "CHK0001",
    name: "live-rights-denied",
    level: Level::Error,
    holds: "What an account needs and the tree grants it, the cluster allows it.",
    otherwise: "The step, listener or apply is Forbidden: the Role or binding is not applied yet, or somebody took it away.",
    cure: "let Flux apply the Role and its binding; `gen diff` shows what is not applied",
    source: RBAC,
};

pub(super) static BEYOND: Rule = Rule {
    id: "CHK0002",
    name: "live-rights-beyond",
    level: Level::Warning,
    holds: "What the cluster allows an account, the tree grants it: of what it needs, and of what leads to more.",
    otherwise: "A binding outside the tree gives the account rights that no review has seen, and that may go any day.",
    cure: "find it with `kubectl get rolebindings,clusterrolebindings -A -o wide`, and remove it or put it into the tree",
    source: RBAC,
};

pub(super) static KIND: Rule = Rule {
    id: "CHK0003",
    name: "live-kind",
    level: Level::Error,
    holds: "The cluster serves every kind of the tree, at its version.",
    otherwise: "Flux cannot apply the object (`no matches for kind`), and with it the whole Kustomization.",
    cure: "install what defines the kind, or use a version that the cluster serves (`kubectl api-versions`)",
    source: "https://kubernetes.io/docs/reference/using-api/",
};

pub(super) static NAMESPACE: Rule = Rule {
    id: "CHK0004",
    name: "live-namespace",
    level: Level::Error,
    holds: "A namespace that objects are in is in the tree, or in the cluster.",
    otherwise: "The API server refuses every object in it.",
    cure: "create the namespace, or put it into the tree",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
};

pub(super) static SECRET: Rule = Rule {
    id: "CHK0005",
    name: "live-secret",
    level: Level::Error,
    holds: "A Secret that objects name is made by the tree, or is in the cluster.",
    otherwise: "Pods wait for it forever (CreateContainerConfigError, FailedMount), and so do runs until their timeout; Flux does not become ready.",
    cure: "create it; `gen secrets` lists all with their commands",
    source: "https://kubernetes.io/docs/concepts/configuration/secret/",
};

pub(super) static OBJECT: Rule = Rule {
    id: "CHK0006",
    name: "live-object",
    level: Level::Error,
    holds: "A ConfigMap, ServiceAccount or claim that objects name is in the tree, or in the cluster.",
    otherwise: "Their pods are not created, or wait for it forever.",
    cure: "create it, or put it into the tree",
    source: PODS,
};

pub(super) static CLASS: Rule = Rule {
    id: "CHK0007",
    name: "live-class",
    level: Level::Error,
    holds: "A class or Gateway that objects name is in the tree, or in the cluster: StorageClass, IngressClass, GatewayClass, PriorityClass, RuntimeClass.",
    otherwise: "Claims stay pending, pods are refused, and routes lead nowhere.",
    cure: "use a name that `kubectl get` of the kind lists, or install what brings it",
    source: "https://kubernetes.io/docs/concepts/storage/storage-classes/",
};

pub(super) static SETTING: Rule = Rule {
    id: "CHK0008",
    name: "live-tekton-setting",
    level: Level::Warning,
    holds: "Tekton's settings in the cluster are those that its objects are judged by: its defaults.",
    otherwise: "What this check calls clean may be refused there, or the other way round.",
    cure: "set it back to the default, or keep it in mind when Tekton's webhook says otherwise",
    source: "https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/apis/config/feature_flags.go",
};

pub(super) static VERSION: Rule = Rule {
    id: "CHK0009",
    name: "live-tekton-version",
    level: Level::Warning,
    holds: "Tekton in the cluster is not older than the version whose rules are applied.",
    otherwise: "Fields and kinds that came later are refused there, and this check takes them.",
    cure: "update Tekton, or use nothing newer than the cluster's version",
    source: "https://github.com/tektoncd/pipeline/blob/v1.15.0/config/300-pipelines-info.yaml",
};
