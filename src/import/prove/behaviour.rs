//! New behaviour: what gen adds to an object, and the key that turns it off.

use super::compare::dotted;
use crate::change::Field;

/// Something that the originals did not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behaviour {
    /// What it is.
    pub what: String,
    /// How to turn it off, or choose it.
    pub key: String,
}

/// Beginning of a path, what it is, and the key. The first that fits counts.
type Row = (&'static [&'static str], &'static str, &'static str);

/// Of a container.
const CONTAINER: [Row; 19] = [
    (
        &["securityContext", "readOnlyRootFilesystem"],
        "a read-only root file system",
        "security: {readOnlyRoot: false}",
    ),
    (
        &["securityContext", "allowPrivilegeEscalation"],
        "no gain of rights, as by sudo",
        "security: {privilegeEscalation: true}",
    ),
    (&["securityContext", "capabilities"], "fewer capabilities", "security.capabilities"),
    (&["securityContext", "runAsNonRoot"], "never as root", "security: {level: baseline, …}"),
    (&["securityContext", "runAsGroup"], "the group of its user", "security.group"),
    (&["securityContext", "seccompProfile"], "the filter of system calls", "security.seccomp"),
    (&["securityContext"], "hardening", "security"),
    (&["resources", "limits", "cpu"], "a limit of CPU", "resources: {limits: {cpu: none}}"),
    (
        &["resources", "limits", "memory"],
        "a limit of memory",
        "resources: {limits: {memory: none}}",
    ),
    (&["resources", "limits"], "limits of CPU and memory", "resources: {limits: none}"),
    (&["resources", "requests"], "requests of CPU and memory", "resources"),
    (&["resources"], "requests and limits", "resources: {limits: none, …}"),
    (&["livenessProbe"], "a liveness check", "health"),
    (&["readinessProbe"], "a readiness check", "ready"),
    (&["startupProbe"], "a check at the start", "start"),
    (&["lifecycle"], "a pause before the stop signal", "preStop: none"),
    (&["volumeMounts", "/tmp"], "an empty folder at /tmp", "writable"),
    (&["volumeMounts"], "a mount", "volumes"),
    (&["ports"], "declared ports", "port"),
];

/// Of a pod.
const POD: [Row; 9] = [
    (&["dnsPolicy"], "DNS of the cluster on the node's network", "dns.policy"),
    (&["automountServiceAccountToken"], "no API token", "token: true"),
    (&["enableServiceLinks"], "no variables of Services", "serviceLinks: true"),
    (&["serviceAccountName"], "an account of its own", "account"),
    (&["securityContext"], "the group of files in volumes", "security.fsGroup"),
    (&["affinity"], "pods spread over nodes and zones", "placement.spread"),
    (&["topologySpreadConstraints"], "pods spread over nodes and zones", "placement.spread"),
    (&["terminationGracePeriodSeconds"], "a time to end", "grace"),
    (&["restartPolicy"], "a new pod for each try", "workload"),
];

/// Of objects: the kind is the first part of the path.
const OBJECTS: [Row; 30] = [
    (&["HelmRelease", "spec", "releaseName"], "the name of the release", "helm.release"),
    (&["HelmRelease", "spec", "timeout"], "a time limit", "helm.timeout"),
    (&["HelmRelease", "spec", "install"], "a failed installation is retried", "helm.install"),
    (
        &["HelmRelease", "spec", "upgrade"],
        "a failed upgrade is rolled back and retried",
        "helm.upgrade",
    ),
    (&["Service", "spec", "selector"], "a narrower selector", "selector"),
    (&["PersistentVolumeClaim", "spec"], "an access mode", "storage.access"),
    (&["Deployment", "spec", "strategy"], "how new pods replace old ones", "rollout"),
    (&["Deployment", "spec", "revisionHistoryLimit"], "fewer old versions", "rollout.history"),
    (&["Deployment", "spec", "progressDeadlineSeconds"], "a deadline", "rollout.deadline"),
    (&["Deployment", "spec", "replicas"], "a number of pods", "replicas"),
    (&["StatefulSet", "spec", "updateStrategy"], "how new pods replace old ones", "rollout"),
    (&["StatefulSet", "spec", "revisionHistoryLimit"], "fewer old versions", "rollout.history"),
    (&["StatefulSet", "spec", "replicas"], "a number of pods", "replicas"),
    (
        &["StatefulSet", "spec", "persistentVolumeClaimRetentionPolicy"],
        "what becomes of its volumes",
        "onRemove",
    ),
    (&["DaemonSet", "spec", "updateStrategy"], "how new pods replace old ones", "rollout"),
    (&["DaemonSet", "spec", "revisionHistoryLimit"], "fewer old versions", "rollout.history"),
    (
        &["CronJob", "spec", "concurrencyPolicy"],
        "no two runs at a time",
        "workload.cronjob.concurrency",
    ),
    (
        &["CronJob", "spec", "startingDeadlineSeconds"],
        "late runs are missed",
        "workload.cronjob.startingDeadline",
    ),
    (
        &["CronJob", "spec", "successfulJobsHistoryLimit"],
        "three runs are kept",
        "workload.cronjob.history",
    ),
    (
        &["CronJob", "spec", "failedJobsHistoryLimit"],
        "three runs are kept",
        "workload.cronjob.history",
    ),
    (&["CronJob", "spec", "jobTemplate", "spec"], "a deadline, and retries", "workload.cronjob"),
    (&["Job", "spec"], "a deadline, and retries", "workload.job"),
    (&["Service", "spec", "ports"], "names of ports", "ports"),
    (&["HorizontalPodAutoscaler", "spec", "behavior"], "how fast it scales", "patches"),
    (&["HorizontalPodAutoscaler", "spec", "metrics"], "a target of CPU", "scale.cpu"),
    (&["PodDisruptionBudget", "spec"], "one pod at a time", "patches"),
    (&["NetworkPolicy", "spec"], "callers that gen adds", "from"),
    (&["PersistentVolumeClaim", "metadata"], "it stays if the app is removed", "onRemove"),
    (&["ServiceAccount"], "no API token", "token: true"),
    (&["ServiceMonitor", "spec"], "how often metrics are read", "patches"),
];

/// Objects that nobody had.
const NEW: [(&str, &str, &str); 11] = [
    ("OCIRepository", "a source for its chart", "helm.oci"),
    ("HelmRepository", "a source for its chart", "helm.repo"),
    ("NetworkPolicy", "only some callers are allowed", "from: any"),
    ("ServiceAccount", "an account of its own", "account"),
    ("PodDisruptionBudget", "maintenance takes one pod at a time", "disruption: none"),
    ("Namespace", "a namespace with a Pod Security level", "namespace: {create: false}"),
    ("Service", "a Service for the names of its pods", "workload"),
    ("ConfigMap", "the content of its files", "files"),
    ("ResourceQuota", "a quota", "quota"),
    ("LimitRange", "limits of the namespace", "limits"),
    ("PrometheusRule", "alerts", "alerts: none"),
];

/// What a field that only the rendered object has means.
#[must_use]
pub(super) fn of_field(kind: &str, field: &Field) -> Behaviour {
    let path = dotted(&field.path);
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    let pod = ["spec", "template", "spec"];
    let of_job = ["spec", "jobTemplate", "spec", "template", "spec"];
    let in_pod = keys.strip_prefix(&pod[..]).or_else(|| keys.strip_prefix(&of_job[..]));
    let found = match in_pod {
        Some(["containers", _, rest @ ..]) => {
            row(&CONTAINER, rest).map(|(what, key)| (what.to_owned(), within(key, rest)))
        }
        Some(rest) => row(&POD, rest).map(|(what, key)| (what.to_owned(), key.to_owned())),
        None => {
            let whole: Vec<&str> = [&[kind], keys.as_slice()].concat();
            row(&OBJECTS, &whole).map(|(what, key)| (what.to_owned(), key.to_owned()))
        }
    };
    let (what, key) = found.unwrap_or_else(|| {
        if keys.contains(&"metadata") {
            let part = if keys.contains(&"labels") { "labels" } else { "annotations" };
            return (format!("{part} on more objects"), part.to_owned());
        }
        (format!("`{}`", keys.join(".")), "patches".to_owned())
    });
    Behaviour { what, key }
}

/// A check that was there has only other times; one that was not can be turned off.
fn within(key: &str, rest: &[&str]) -> String {
    let part = match rest.last() {
        Some(&"timeoutSeconds") => "timeout",
        Some(&"periodSeconds") => "every",
        Some(&"failureThreshold") => "failures",
        Some(&"initialDelaySeconds") => "delay",
        _ if ["health", "ready", "start"].contains(&key) => return format!("{key}: none"),
        _ => return key.to_owned(),
    };
    format!("{key}.{part}")
}

/// What an object that nobody had means.
#[must_use]
pub(super) fn of_object(kind: &str) -> Behaviour {
    let found = NEW.iter().find(|(of, _, _)| *of == kind);
    let (what, key) =
        found.map_or(("an object of gen's own", "patches"), |(_, what, key)| (*what, *key));
    Behaviour { what: what.to_owned(), key: key.to_owned() }
}

fn row(rows: &[Row], path: &[&str]) -> Option<(&'static str, &'static str)> {
    let found = rows.iter().find(|(start, _, _)| path.starts_with(start));
    found.map(|(_, what, key)| (*what, *key))
}
