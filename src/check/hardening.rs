//! Good practice that no admission demands, for pods and for Tasks' steps. Each rule says who advises it.

use std::collections::BTreeSet;

use super::budget;
use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::{Item, Objects};
use crate::diagnostics::beside_secret;
use crate::kubernetes::references::selects;
use crate::kubernetes::security::{pod_spec, pod_template};
use crate::yaml::Value;

/// The rules of this family.
pub static RULES: &[&Rule] = &[
    &TAG,
    &REQUESTS,
    &MEMORY,
    &PRIVILEGED,
    &HOST,
    &SOCKET,
    &ESCALATION,
    &ROOT,
    &READ_ONLY,
    &PLAIN_VALUE,
    &ENV_TWICE,
    &NOT_READY,
    &DISRUPTION,
    &OPEN,
    &ARGUMENT,
];

const NSA: &str = "NSA/CISA Kubernetes Hardening Guidance, 2022";

static TAG: Rule = Rule {
    id: "CHK7001",
    name: "image-latest",
    level: Level::Warning,
    holds: "An image has a tag that is not `latest`, or a digest.",
    otherwise: "Two nodes may run two versions, and a restart may bring another one.",
    cure: "name a version, better its digest",
    source: "kube-linter latest-tag; kube-score container-image-tag; https://kubernetes.io/docs/concepts/containers/images/",
};
static REQUESTS: Rule = Rule {
    id: "CHK7002",
    name: "no-requests",
    level: Level::Warning,
    holds: "A container asks for processor time and memory.",
    otherwise: "The scheduler counts it as nothing, and it is the first to be evicted.",
    cure: "set `resources.requests`",
    source: "kube-linter unset-cpu-requirements; https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
};
static MEMORY: Rule = Rule {
    id: "CHK7003",
    name: "no-memory-limit",
    level: Level::Info,
    holds: "A container has a limit of memory.",
    otherwise: "A leak takes the memory of the node, and of all that runs there.",
    cure: "set `resources.limits.memory`",
    source: "kube-linter unset-memory-requirements; Polaris memoryLimitsMissing",
};
static PRIVILEGED: Rule = Rule {
    id: "CHK7004",
    name: "privileged",
    level: Level::Warning,
    holds: "No container is privileged.",
    otherwise: "Whoever gets into it has the node.",
    cure: "name the capabilities that it needs",
    source: NSA,
};
static HOST: Rule = Rule {
    id: "CHK7005",
    name: "host-namespaces",
    level: Level::Warning,
    holds: "Pods keep out of the node's network, processes and IPC.",
    otherwise: "They see and reach what belongs to the node and to other pods, past every NetworkPolicy.",
    cure: "remove `hostNetwork`, `hostPID` and `hostIPC`",
    source: NSA,
};
static SOCKET: Rule = Rule {
    id: "CHK7006",
    name: "runtime-socket",
    level: Level::Warning,
    holds: "No pod mounts the socket of the container runtime.",
    otherwise: "It can start a privileged container, and so has the node.",
    cure: "build with a builder that needs no daemon, such as BuildKit without root",
    source: "kube-linter docker-sock; OWASP Docker Security Cheat Sheet, rule 1",
};
static ESCALATION: Rule = Rule {
    id: "CHK7007",
    name: "privilege-escalation",
    level: Level::Info,
    holds: "A container cannot gain privileges that its parent process has not.",
    otherwise: "A setuid program in the image makes root of any user.",
    cure: "set `securityContext.allowPrivilegeEscalation: false`",
    source: "kube-linter privilege-escalation-container; Pod Security Standards, restricted",
};
static ROOT: Rule = Rule {
    id: "CHK7008",
    name: "may-be-root",
    level: Level::Info,
    holds: "A container does not run as root.",
    otherwise: "A way out of the container is a way to the node's root.",
    cure: "set `securityContext.runAsNonRoot: true`, and a user if the image has none",
    source: "kube-linter run-as-non-root; Pod Security Standards, restricted",
};
static READ_ONLY: Rule = Rule {
    id: "CHK7009",
    name: "writable-root",
    level: Level::Info,
    holds: "The file system of a container's image is read-only.",
    otherwise: "Whoever gets in can leave programs there.",
    cure: "set `securityContext.readOnlyRootFilesystem: true`, and mount an emptyDir where it writes",
    source: "kube-linter no-read-only-root-fs; Polaris notReadOnlyRootFilesystem",
};
static PLAIN_VALUE: Rule = Rule {
    id: "CHK7010",
    name: "secret-in-env",
    level: Level::Warning,
    holds: "A variable with the name of a secret takes its value from a Secret.",
    otherwise: "Everybody who may read the workload or the repository has the value.",
    cure: "use `valueFrom.secretKeyRef`",
    source: "kube-linter env-var-secret; Polaris sensitiveContainerEnvVar",
};
static ENV_TWICE: Rule = Rule {
    id: "CHK7011",
    name: "variable-twice",
    level: Level::Warning,
    holds: "A container has every variable once.",
    otherwise: "The last one counts, and server-side apply refuses it.",
    cure: "remove one of them",
    source: "kube-linter duplicate-env-var; kube-score environment-variable-key-duplication",
};
static NOT_READY: Rule = Rule {
    id: "CHK7012",
    name: "no-readiness-probe",
    level: Level::Info,
    holds: "Pods behind a Service say when they are ready.",
    otherwise: "Requests come before the program listens, at every rollout.",
    cure: "set `readinessProbe`",
    source: "kube-linter no-readiness-probe; kube-score pod-probes",
};
static DISRUPTION: Rule = Rule {
    id: "CHK7013",
    name: "disruption-never",
    level: Level::Warning,
    holds: "A PodDisruptionBudget lets at least one pod go.",
    otherwise: "No node with such a pod can be drained, and upgrades of the cluster hang.",
    cure: "allow one: `maxUnavailable: 1`",
    source: "kube-linter pdb-max-unavailable; Polaris pdbDisruptionsIsZero",
};
static OPEN: Rule = Rule {
    id: "CHK7014",
    name: "no-network-policy",
    level: Level::Info,
    holds: "A namespace with workloads has a NetworkPolicy.",
    otherwise: "Every pod of the cluster reaches every port in it.",
    cure: "deny by default, and allow who may call",
    source: NSA,
};

static ARGUMENT: Rule = Rule {
    id: "CHK7015",
    name: "secret-in-arguments",
    level: Level::Warning,
    holds: "No argument of a container is a secret.",
    otherwise: "Everybody who may read the workload, the repository or the node's list of processes has it.",
    cure: "put it in a Secret, take it in a variable by `secretKeyRef`, and write `$(NAME)` in its place",
    source: "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
};

/// Judges pods, steps, and what stands beside them.
pub(super) fn check(objects: &Objects, found: &mut Found) {
    let mut told = BTreeSet::new();
    for item in objects {
        if let Some((spec, at)) = pod_spec(&item.object) {
            pod(objects, item, (spec, &at), found);
            open(objects, item, &mut told, found);
        }
        if item.is("tekton.dev", &["Task"]) {
            let spec = item.object.at(&["spec"]).unwrap_or(&Value::Null);
            steps(item, spec, found);
        }
        if item.is("policy", &["PodDisruptionBudget"])
            && let Some((field, what)) = budget::blocking(objects, item)
        {
            found.add(&DISRUPTION, item, field, what);
        }
    }
}

fn pod(objects: &Objects, item: &Item, (spec, at): (&Value, &str), found: &mut Found) {
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if spec.get(key).is_some_and(Value::is_true) {
            found.add(&HOST, item, format!("{at}.{key}"), "is set");
        }
    }
    for (index, volume) in spec.list_at(&["volumes"]).iter().enumerate() {
        let path = volume.str_at(&["hostPath", "path"]).unwrap_or_default();
        if path.ends_with("docker.sock")
            || path.ends_with("containerd.sock")
            || path.ends_with("crio.sock")
        {
            let field = format!("{at}.volumes[{index}].hostPath.path");
            found.add(&SOCKET, item, field, "is the socket of the container runtime");
        }
    }
    let of_pod = spec.get("securityContext").unwrap_or(&Value::Null);
    for list in ["initContainers", "containers"] {
        for (index, container) in spec.list_at(&[list]).iter().enumerate() {
            let field = format!("{at}.{list}[{index}]");
            container_of(item, container, of_pod, &field, found);
            resources(item, container, "resources", &field, found);
        }
    }
    let is_served = item.object.kind() == "Deployment" || item.object.kind() == "StatefulSet";
    let first = spec.list_at(&["containers"]).first();
    let has_probe =
        spec.list_at(&["containers"]).iter().any(|one| one.get("readinessProbe").is_some());
    if is_served && first.is_some() && !has_probe && is_selected(objects, item) {
        found.add(
            &NOT_READY,
            item,
            format!("{at}.containers[0]"),
            "has no `readinessProbe`, and a Service leads to it",
        );
    }
}

/// Whether a Service selects the pods of a workload.
fn is_selected(objects: &Objects, item: &Item) -> bool {
    let Some(template) = pod_template(&item.object) else { return false };
    objects.of("", "Service").any(|service| {
        service.object.namespace() == item.object.namespace() && selects(&service.object, template)
    })
}

fn container_of(item: &Item, container: &Value, of_pod: &Value, field: &str, found: &mut Found) {
    image(item, container, field, found);
    let own = container.get("securityContext").unwrap_or(&Value::Null);
    let setting = |key: &str| own.get(key).or_else(|| of_pod.get(key));
    if own.get("privileged").is_some_and(Value::is_true) {
        found.add(&PRIVILEGED, item, format!("{field}.securityContext.privileged"), "is set");
    }
    if own.get("allowPrivilegeEscalation") != Some(&Value::Bool(false)) {
        found.add(&ESCALATION, item, field, "may gain privileges");
    }
    let user = setting("runAsUser").and_then(Value::as_int);
    if !setting("runAsNonRoot").is_some_and(Value::is_true) && user.is_none_or(|user| user == 0) {
        found.add(&ROOT, item, field, "may run as root");
    }
    if !own.get("readOnlyRootFilesystem").is_some_and(Value::is_true) {
        found.add(&READ_ONLY, item, field, "has a writable file system");
    }
    variables(item, container, field, found);
    arguments(item, container, field, found);
}

fn image(item: &Item, container: &Value, field: &str, found: &mut Found) {
    let Some(image) = container.str_at(&["image"]).filter(|image| !image.contains("$(")) else {
        return;
    };
    if image.contains('@') || image.is_empty() {
        return;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once(':') {
        None => {
            found.add(&TAG, item, format!("{field}.image"), format!("`{image}` has no tag"));
        }
        Some((_, "latest")) => {
            found.add(
                &TAG,
                item,
                format!("{field}.image"),
                format!("`{image}` is whatever is latest"),
            );
        }
        Some(_) => {}
    }
}

fn resources(item: &Item, container: &Value, key: &str, field: &str, found: &mut Found) {
    let has = |what: &str, of: &str| {
        container.at(&[key, what, of]).is_some()
            // A limit is a request, too.
            || what == "requests" && container.at(&[key, "limits", of]).is_some()
    };
    let lacks: Vec<&str> =
        ["cpu", "memory"].into_iter().filter(|of| !has("requests", of)).collect();
    if !lacks.is_empty() {
        let field = format!("{field}.{key}");
        found.add(&REQUESTS, item, field, format!("asks for no {}", lacks.join(" and no ")));
    }
    if !has("limits", "memory") {
        found.add(&MEMORY, item, format!("{field}.{key}"), "has no limit of memory");
    }
}

fn variables(item: &Item, container: &Value, field: &str, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (at, variable) in container.list_at(&["env"]).iter().enumerate() {
        let name = variable.str_at(&["name"]).unwrap_or_default();
        let value = variable.str_at(&["value"]).unwrap_or_default();
        if !seen.insert(name) {
            found.add(
                &ENV_TWICE,
                item,
                format!("{field}.env[{at}]"),
                format!("sets `{name}` again"),
            );
        }
        let upper = name.to_ascii_uppercase();
        let is_secret =
            ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY"]
                .iter()
                .any(|word| upper.ends_with(word));
        let is_plain = !value.is_empty() && !value.contains("$(") && !value.starts_with('/');
        if is_secret && is_plain {
            let text = format!("`{name}` has its value in the open");
            found.add(&PLAIN_VALUE, item, format!("{field}.env[{at}].value"), text);
        }
    }
}

fn arguments(item: &Item, container: &Value, field: &str, found: &mut Found) {
    for list in ["command", "args"] {
        let mut before = None;
        for (at, argument) in container.list_at(&[list]).iter().enumerate() {
            let text = argument.as_str();
            if text.is_some_and(|text| beside_secret(before, text).is_some()) {
                found.add(&ARGUMENT, item, format!("{field}.{list}[{at}]"), "looks like a secret");
            }
            before = text;
        }
    }
}

fn steps(item: &Item, spec: &Value, found: &mut Found) {
    let template = spec.get("stepTemplate").unwrap_or(&Value::Null);
    for (index, step) in spec.list_at(&["steps"]).iter().enumerate() {
        let field = format!("spec.steps[{index}]");
        image(item, step, &field, found);
        variables(item, step, &field, found);
        arguments(item, step, &field, found);
        let own = step.get("securityContext").or_else(|| template.get("securityContext"));
        if own.and_then(|own| own.get("privileged")).is_some_and(Value::is_true) {
            found.add(&PRIVILEGED, item, format!("{field}.securityContext.privileged"), "is set");
        }
    }
    for (index, volume) in spec.list_at(&["volumes"]).iter().enumerate() {
        let path = volume.str_at(&["hostPath", "path"]).unwrap_or_default();
        if path.rsplit('.').next() == Some("sock") {
            let field = format!("spec.volumes[{index}].hostPath.path");
            found.add(&SOCKET, item, field, "is a socket of the node");
        }
    }
}

fn open<'a>(objects: &'a Objects, item: &'a Item, told: &mut BTreeSet<&'a str>, found: &mut Found) {
    let Some(namespace) = item.object.namespace().filter(|name| told.insert(name)) else { return };
    let mut policies = objects.of("networking.k8s.io", "NetworkPolicy");
    if !policies.any(|policy| policy.object.namespace() == Some(namespace)) {
        let text = format!("runs in `{namespace}`, which has no NetworkPolicy");
        found.add(&OPEN, item, "metadata.namespace", text);
    }
}
