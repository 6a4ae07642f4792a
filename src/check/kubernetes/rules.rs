//! The table of what Kubernetes' validation demands in code, beside what the API's document says.

use crate::check::finding::{Level, Rule};

/// These rules.
pub(super) static TABLE: &[&Rule] = &[
    &NAME,
    &LABEL,
    &REQUIRED,
    &WORD,
    &NUMBER,
    &QUANTITY,
    &SELECTOR,
    &PORT_FORM,
    &HANDLER,
    &VARIABLE,
    &VOLUME,
    &MOUNT,
    &TOGETHER,
    &ADDRESS,
    &SCHEDULE,
    &PATH,
    &ACCESS,
    &DATA,
    &TWICE_IN_LIST,
];

const fn rule(
    (id, name): (&'static str, &'static str),
    holds: &'static str,
    cure: &'static str,
    source: &'static str,
) -> Rule {
    let otherwise = "The API server refuses the object when Flux applies it, and with it the whole Kustomization.";
    Rule { id, name, level: Level::Error, holds, otherwise, cure, source }
}

pub(super) static NAME: Rule = rule(
    ("CHK2020", "kubernetes-name"),
    "A name has the form that its kind demands, and so does a name by which an object refers to another.",
    "use lower-case letters, digits and hyphens, and no more characters than the kind takes",
    "k8s.io/apimachinery pkg/api/validation/generic.go; k8s.io/kubernetes pkg/apis/core/validation/validation.go",
);
pub(super) static LABEL: Rule = rule(
    ("CHK2021", "kubernetes-label"),
    "Keys of labels and annotations are qualified names, and values of labels have up to 63 letters, digits, `-`, `_` and `.`.",
    "correct the key or the value; what is longer belongs into an annotation",
    "k8s.io/apimachinery pkg/apis/meta/v1/validation/validation.go, pkg/api/validation/objectmeta.go",
);
pub(super) static REQUIRED: Rule = rule(
    ("CHK2022", "kubernetes-required"),
    "What Kubernetes' validation demands is there and not empty, also where the API's document leaves it open.",
    "set the field",
    "k8s.io/kubernetes pkg/apis/*/validation/validation.go",
);
pub(super) static WORD: Rule = rule(
    ("CHK2023", "kubernetes-word"),
    "A field with a closed list of words has one of them.",
    "use one of the words",
    "k8s.io/kubernetes pkg/apis/*/validation/validation.go",
);
pub(super) static NUMBER: Rule = rule(
    ("CHK2024", "kubernetes-number"),
    "A number is within the bounds of its field, and a share is a whole number or a percentage.",
    "use a number within the bounds",
    "k8s.io/kubernetes pkg/apis/*/validation/validation.go",
);
pub(super) static QUANTITY: Rule = rule(
    ("CHK2025", "kubernetes-quantity"),
    "A quantity is not negative, a request is not more than its limit, and the resource is one that can be asked for.",
    "correct the quantity, or the name of the resource",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, validateResourceRequirements",
);
pub(super) static SELECTOR: Rule = rule(
    ("CHK2026", "kubernetes-selector"),
    "A selector is well-formed, and that of a workload is not empty and selects its own pods.",
    "select labels that the pod template has",
    "k8s.io/apimachinery pkg/apis/meta/v1/validation/validation.go; k8s.io/kubernetes pkg/apis/apps/validation/validation.go",
);
pub(super) static PORT_FORM: Rule = rule(
    ("CHK2027", "kubernetes-port"),
    "A port is a number from 1 to 65535 or a port's name.",
    "use a number from 1 to 65535, or a name of up to 15 lower-case letters, digits and hyphens",
    "k8s.io/apimachinery pkg/util/validation/validation.go, IsValidPortNum and IsValidPortName",
);
pub(super) static HANDLER: Rule = rule(
    ("CHK2028", "kubernetes-probe"),
    "A probe or hook has exactly one action, and it is whole.",
    "leave one of `exec`, `httpGet`, `tcpSocket`, `grpc` and `sleep`",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, validateHandler and validateProbe",
);
pub(super) static VARIABLE: Rule = rule(
    ("CHK2029", "kubernetes-variable"),
    "A variable has a name, and a value or exactly one source that exists.",
    "correct the name, or leave one source",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, ValidateEnv and ValidateEnvFrom",
);
pub(super) static VOLUME: Rule = rule(
    ("CHK2030", "kubernetes-volume"),
    "A volume has exactly one source, which is whole, and its files have relative paths and modes of up to 0777.",
    "leave one source, and correct its paths and modes",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, validateVolumeSource",
);
pub(super) static MOUNT: Rule = rule(
    ("CHK2031", "kubernetes-mount"),
    "A mount stays inside its volume, and its options agree with each other and with the container.",
    "use a relative `subPath` without `..`, and options that go together",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, ValidateVolumeMounts",
);
pub(super) static TOGETHER: Rule = rule(
    ("CHK2032", "kubernetes-not-together"),
    "A field stands only where its kind and the fields beside it allow it.",
    "remove the field, or change the one that excludes it",
    "k8s.io/kubernetes pkg/apis/*/validation/validation.go",
);
pub(super) static ADDRESS: Rule = rule(
    ("CHK2033", "kubernetes-address"),
    "Addresses, ranges and hosts are well-formed, without leading zeros and without bits behind the prefix.",
    "correct the address",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, IsValidIPForLegacyField; pkg/apis/networking/validation/validation.go",
);
pub(super) static SCHEDULE: Rule = rule(
    ("CHK2034", "kubernetes-schedule"),
    "The schedule of a CronJob is one of cron, and its time zone is in the IANA database.",
    "correct the schedule: minute, hour, day, month, weekday from 0 to 6",
    "k8s.io/kubernetes pkg/apis/batch/validation/validation.go, validateScheduleFormat and validateTimeZone",
);
pub(super) static PATH: Rule = rule(
    ("CHK2035", "kubernetes-path"),
    "The path of an Ingress is absolute and plain.",
    "begin the path with `/`, and leave out `//`, `.`, `..` and their escapes",
    "k8s.io/kubernetes pkg/apis/networking/validation/validation.go, validateHTTPIngressPath",
);
pub(super) static ACCESS: Rule = rule(
    ("CHK2036", "kubernetes-access"),
    "A rule of a role has verbs and either resources or URLs, and a binding names a role and subjects of known kinds.",
    "complete the rule or the subject",
    "k8s.io/kubernetes pkg/apis/rbac/validation/validation.go",
);
pub(super) static DATA: Rule = rule(
    ("CHK2037", "kubernetes-data"),
    "Keys of ConfigMaps and Secrets are file names, binary data is in base64, and a Secret has the keys of its type.",
    "correct the key, write text into `stringData`, or add what the type demands",
    "k8s.io/kubernetes pkg/apis/core/validation/validation.go, ValidateConfigMap and ValidateSecret",
);
pub(super) static TWICE_IN_LIST: Rule = rule(
    ("CHK2038", "kubernetes-twice"),
    "No two items of a list have the same name, port or path where the list is one of different things.",
    "remove or rename one of them",
    "k8s.io/kubernetes pkg/apis/*/validation/validation.go",
);
