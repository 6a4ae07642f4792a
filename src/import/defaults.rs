//! Fields that the API server fills in: `kubectl get -o yaml` shows them, and nobody wrote them.

use crate::yaml::{Map, Value};

/// A field with the value that it gets if nobody sets it.
type Default = (&'static str, fn(&Value) -> bool);

fn is_int(value: &Value, number: i64) -> bool {
    value.as_int() == Some(number)
}

fn is_false(value: &Value) -> bool {
    *value == Value::Bool(false)
}

fn is_text(value: &Value, text: &str) -> bool {
    value.as_str() == Some(text)
}

const OF_POD: [Default; 11] = [
    ("hostNetwork", is_false),
    ("hostPID", is_false),
    ("hostIPC", is_false),
    ("shareProcessNamespace", is_false),
    ("restartPolicy", |value| is_text(value, "Always")),
    ("dnsPolicy", |value| is_text(value, "ClusterFirst")),
    ("schedulerName", |value| is_text(value, "default-scheduler")),
    ("terminationGracePeriodSeconds", |value| is_int(value, 30)),
    ("securityContext", |value| value.as_map().is_some_and(Map::is_empty)),
    ("enableServiceLinks", Value::is_true),
    // The server copies it from `serviceAccountName`.
    ("serviceAccount", |_| true),
];

const OF_CONTAINER: [Default; 6] = [
    ("stdin", is_false),
    ("tty", is_false),
    ("terminationMessagePath", |value| is_text(value, "/dev/termination-log")),
    ("terminationMessagePolicy", |value| is_text(value, "File")),
    ("imagePullPolicy", |value| is_text(value, "IfNotPresent")),
    ("resources", |value| value.as_map().is_some_and(Map::is_empty)),
];

const OF_PROBE: [Default; 5] = [
    ("initialDelaySeconds", |value| is_int(value, 0)),
    ("periodSeconds", |value| is_int(value, 10)),
    ("timeoutSeconds", |value| is_int(value, 1)),
    ("failureThreshold", |value| is_int(value, 3)),
    ("successThreshold", |value| is_int(value, 1)),
];

const OF_DEPLOYMENT: [Default; 3] = [
    ("progressDeadlineSeconds", |value| is_int(value, 600)),
    ("revisionHistoryLimit", |value| is_int(value, 10)),
    ("strategy", |value| {
        let part = |key| value.str_at(&["rollingUpdate", key]);
        part("maxSurge") == Some("25%") && part("maxUnavailable") == Some("25%")
    }),
];

const OF_STATEFUL_SET: [Default; 4] = [
    ("revisionHistoryLimit", |value| is_int(value, 10)),
    ("podManagementPolicy", |value| is_text(value, "OrderedReady")),
    ("updateStrategy", |value| {
        value.at(&["rollingUpdate", "partition"]).is_none_or(|value| is_int(value, 0))
            && value.str_at(&["type"]) == Some("RollingUpdate")
    }),
    ("persistentVolumeClaimRetentionPolicy", |value| {
        ["whenDeleted", "whenScaled"].iter().all(|key| value.str_at(&[key]) == Some("Retain"))
    }),
];

const OF_DAEMON_SET: [Default; 2] = [
    ("revisionHistoryLimit", |value| is_int(value, 10)),
    ("updateStrategy", |value| {
        value.at(&["rollingUpdate", "maxUnavailable"]).is_none_or(|value| is_int(value, 1))
            && value.str_at(&["type"]) == Some("RollingUpdate")
    }),
];

const OF_CRON_JOB: [Default; 4] = [
    ("suspend", is_false),
    ("concurrencyPolicy", |value| is_text(value, "Allow")),
    ("successfulJobsHistoryLimit", |value| is_int(value, 3)),
    ("failedJobsHistoryLimit", |value| is_int(value, 1)),
];

const OF_JOB: [Default; 7] = [
    ("backoffLimit", |value| is_int(value, 6)),
    ("completionMode", |value| is_text(value, "NonIndexed")),
    ("completions", |value| is_int(value, 1)),
    ("parallelism", |value| is_int(value, 1)),
    ("podReplacementPolicy", |_| true),
    ("suspend", is_false),
    ("manualSelector", is_false),
];

const OF_SERVICE: [Default; 8] = [
    ("clusterIP", |value| !is_text(value, "None")),
    ("clusterIPs", |_| true),
    ("internalTrafficPolicy", |value| is_text(value, "Cluster")),
    ("externalTrafficPolicy", |value| is_text(value, "Cluster")),
    ("ipFamilies", |_| true),
    ("ipFamilyPolicy", |value| is_text(value, "SingleStack")),
    ("sessionAffinity", |value| is_text(value, "None")),
    ("allocateLoadBalancerNodePorts", Value::is_true),
];

const OF_CLAIM: [Default; 2] =
    [("volumeMode", |value| is_text(value, "Filesystem")), ("volumeName", |_| true)];

/// Removes them from an object that comes from a server.
pub(super) fn strip(group: &str, kind: &str, body: &mut Map) {
    let Some(spec) = body.get_mut("spec").and_then(Value::as_map_mut) else { return };
    match (group, kind) {
        ("apps", "Deployment") => drop_all(spec, &OF_DEPLOYMENT),
        ("apps", "StatefulSet") => {
            drop_all(spec, &OF_STATEFUL_SET);
            for claim in maps(spec, "volumeClaimTemplates") {
                claim.remove("status");
                claim.remove("apiVersion");
                claim.remove("kind");
                if let Some(spec) = claim.get_mut("spec").and_then(Value::as_map_mut) {
                    drop_all(spec, &OF_CLAIM);
                }
                if let Some(metadata) = claim.get_mut("metadata").and_then(Value::as_map_mut) {
                    metadata.remove("creationTimestamp");
                }
            }
        }
        ("apps", "DaemonSet") => drop_all(spec, &OF_DAEMON_SET),
        ("batch", "CronJob") => {
            drop_all(spec, &OF_CRON_JOB);
            if let Some(job) = super::reach::reach(spec, &["jobTemplate", "spec"]) {
                drop_all(job, &OF_JOB);
            }
        }
        ("batch", "Job") => {
            drop_all(spec, &OF_JOB);
            spec.remove("selector");
        }
        ("", "Service") => {
            drop_all(spec, &OF_SERVICE);
            // Of a Service that asks for none, the server chooses the ports of the nodes.
            if spec.get("type").and_then(Value::as_str) == Some("LoadBalancer") {
                for port in maps(spec, "ports") {
                    port.remove("nodePort");
                }
            }
        }
        ("", "PersistentVolumeClaim") => drop_all(spec, &OF_CLAIM),
        _ => {}
    }
    for keys in [&["template", "spec"][..], &["jobTemplate", "spec", "template", "spec"]] {
        if let Some(pod) = super::reach::reach(spec, keys) {
            of_pod(pod);
        }
    }
}

fn of_pod(pod: &mut Map) {
    drop_all(pod, &OF_POD);
    for key in ["containers", "initContainers"] {
        for container in maps(pod, key) {
            drop_all(container, &OF_CONTAINER);
            if let Some(context) = super::reach::reach(container, &["securityContext"]) {
                drop_all(context, &[("privileged", is_false)]);
            }
            for mount in maps(container, "volumeMounts") {
                drop_all(mount, &[("readOnly", is_false)]);
            }
            for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
                if let Some(probe) = container.get_mut(probe).and_then(Value::as_map_mut) {
                    drop_all(probe, &OF_PROBE);
                    if let Some(get) = super::reach::reach(probe, &["httpGet"]) {
                        drop_all(get, &[("scheme", |value| is_text(value, "HTTP"))]);
                    }
                }
            }
            for variable in maps(container, "env") {
                if let Some(field) = super::reach::reach(variable, &["valueFrom", "fieldRef"]) {
                    drop_all(field, &[("apiVersion", |value| is_text(value, "v1"))]);
                }
            }
        }
    }
    for volume in maps(pod, "volumes") {
        if let Some(path) = super::reach::reach(volume, &["hostPath"]) {
            drop_all(path, &[("type", |value| is_text(value, ""))]);
        }
        for key in ["configMap", "secret", "projected", "downwardAPI"] {
            if let Some(source) = super::reach::reach(volume, &[key]) {
                drop_all(source, &[("defaultMode", |value| is_int(value, 0o644))]);
            }
        }
    }
}

fn drop_all(map: &mut Map, fields: &[Default]) {
    for (key, is_default) in fields {
        if map.get(key).is_some_and(is_default) {
            map.remove(key);
        }
    }
}

fn maps<'m>(map: &'m mut Map, key: &str) -> impl Iterator<Item = &'m mut Map> {
    let list = map.get_mut(key).and_then(Value::as_seq_mut);
    list.into_iter().flatten().filter_map(Value::as_map_mut)
}
