//! The merge keys of Kubernetes' own kinds.
//!
//! They are the `patchStrategy` and `patchMergeKey` tags in Kubernetes' sources, which its OpenAPI document repeats as
//! `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key`: k8s.io/api at v0.37.0-beta.0 (core/v1, apps/v1,
//! batch/v1, networking/v1, autoscaling/v2, policy/v1, rbac/v1, admissionregistration/v1, each `types.go`) and
//! k8s.io/apimachinery (pkg/apis/meta/v1/types.go). A list without such tags is replaced: tolerations, envFrom, command,
//! args, rules of Ingress, Role and NetworkPolicy, metrics of HorizontalPodAutoscaler, subjects of RoleBinding,
//! volumeClaimTemplates, imagePullSecrets of ServiceAccount. The strategy `retainKeys` of volumes and of a Deployment's
//! `strategy` only gives meaning to the directive of that name, which gen does not take. The second keys are the
//! `listMapKey` tags of the same fields.

use super::shape::{Field, Row, Shape, list, list_by_two, map, ports, set, whole};

const METADATA: Field = map("metadata", &[list("ownerReferences", "uid", &[]), set("finalizers")]);

const CONDITIONS: Field = map("status", &[list("conditions", "type", &[])]);

/// `Container` and `EphemeralContainerCommon`.
const CONTAINER: Shape = &[
    list("env", "name", &[]),
    ports("containerPort"),
    list("volumeMounts", "mountPath", &[]),
    list("volumeDevices", "devicePath", &[]),
];

const POD_SPEC: Field = map(
    "spec",
    &[
        list("containers", "name", CONTAINER),
        list("initContainers", "name", CONTAINER),
        list("ephemeralContainers", "name", CONTAINER),
        list("volumes", "name", &[map("ephemeral", &[map("volumeClaimTemplate", &[METADATA])])]),
        list("imagePullSecrets", "name", &[]),
        list("hostAliases", "ip", &[]),
        list_by_two(
            "topologySpreadConstraints",
            "topologyKey",
            ("whenUnsatisfiable", "DoNotSchedule"),
        ),
        list("schedulingGates", "name", &[]),
        list("resourceClaims", "name", &[]),
    ],
);

const POD_STATUS: Field = map(
    "status",
    &[
        list("conditions", "type", &[]),
        list("hostIPs", "ip", &[]),
        list("podIPs", "ip", &[]),
        list("resourceClaimStatuses", "name", &[]),
    ],
);

const POD_TEMPLATE: Field = map("template", &[METADATA, POD_SPEC]);

const JOB_SPEC: Field = map("spec", &[POD_TEMPLATE]);

const WORKLOAD: Shape = &[METADATA, map("spec", &[POD_TEMPLATE]), CONDITIONS];

const BY_NAME: Shape = &[list("matchConditions", "name", &[])];

const OTHER: Shape = &[METADATA, CONDITIONS];

pub(super) const KINDS: &[Row] = &[
    Row { group: "", names: &["Pod"], shape: &[METADATA, POD_SPEC, POD_STATUS] },
    Row { group: "", names: &["PodTemplate"], shape: &[METADATA, POD_TEMPLATE] },
    Row { group: "", names: &["ReplicationController"], shape: WORKLOAD },
    Row {
        group: "",
        names: &["Service"],
        shape: &[METADATA, map("spec", &[ports("port")]), CONDITIONS],
    },
    Row { group: "", names: &["ServiceAccount"], shape: &[METADATA, list("secrets", "name", &[])] },
    Row {
        group: "",
        names: &[
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "Namespace",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "ResourceQuota",
            "Secret",
        ],
        shape: OTHER,
    },
    Row {
        group: "apps",
        names: &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"],
        shape: WORKLOAD,
    },
    Row { group: "batch", names: &["Job"], shape: WORKLOAD },
    Row {
        group: "batch",
        names: &["CronJob"],
        shape: &[METADATA, map("spec", &[map("jobTemplate", &[METADATA, JOB_SPEC])])],
    },
    Row {
        group: "policy",
        names: &["PodDisruptionBudget"],
        shape: &[METADATA, map("spec", &[whole("selector")]), CONDITIONS],
    },
    Row {
        group: "networking.k8s.io",
        names: &["Ingress", "IngressClass", "NetworkPolicy"],
        shape: OTHER,
    },
    Row { group: "autoscaling", names: &["HorizontalPodAutoscaler"], shape: OTHER },
    Row {
        group: "rbac.authorization.k8s.io",
        names: &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"],
        shape: OTHER,
    },
    Row { group: "scheduling.k8s.io", names: &["PriorityClass"], shape: OTHER },
    Row { group: "storage.k8s.io", names: &["StorageClass"], shape: OTHER },
    Row {
        group: "admissionregistration.k8s.io",
        names: &["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
        shape: &[METADATA, list("webhooks", "name", BY_NAME)],
    },
    Row {
        group: "admissionregistration.k8s.io",
        names: &["ValidatingAdmissionPolicy"],
        shape: &[
            METADATA,
            map("spec", &[list("matchConditions", "name", &[]), list("variables", "name", &[])]),
        ],
    },
];
