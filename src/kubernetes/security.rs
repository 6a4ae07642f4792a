//! The Pod Security Standards (`kubernetes.io/docs/concepts/security/pod-security-standards/`), as the admission plugin of Kubernetes
//! 1.37 checks them (`k8s.io/pod-security-admission/policy`).
//!
//! A Deployment with forbidden pods is accepted, and its pods never come: so this is known only where it is too late.

use super::definitions::Misfit;
use super::object::Object;
use crate::name::{BASELINE_CAPABILITIES as CAPABILITIES, SAFE_SYSCTLS as SYSCTLS};
use crate::yaml::Value;

/// A level that a namespace can enforce; `privileged` forbids nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standard {
    /// Forbids what reaches the node.
    Baseline,
    /// Forbids also what could escalate.
    Restricted,
}

const SELINUX_TYPES: [&str; 5] =
    ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
/// Kinds of volumes that `restricted` takes.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Where a container has actions that can name a host and a port.
pub(super) const HANDLERS: [&[&str]; 5] = [
    &["livenessProbe"],
    &["readinessProbe"],
    &["startupProbe"],
    &["lifecycle", "postStart"],
    &["lifecycle", "preStop"],
];

/// The pod template of an object; none for a kind that makes no pods.
#[must_use]
pub fn pod_template(object: &Object) -> Option<&Value> {
    object.value().at(template_keys(object)?)
}

fn template_keys(object: &Object) -> Option<&'static [&'static str]> {
    Some(match (object.group(), object.kind()) {
        ("", "Pod") => &[],
        ("", "PodTemplate") => &["template"],
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("", "ReplicationController")
        | ("batch", "Job") => &["spec", "template"],
        ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
        _ => return None,
    })
}

/// The `spec` of the pods of an object, with its path; none for a kind that makes no pods.
#[must_use]
pub fn pod_spec(object: &Object) -> Option<(&Value, String)> {
    let keys = [template_keys(object)?, &["spec"]].concat();
    Some((object.value().at(&keys)?, keys.join(".")))
}

/// What a namespace with this standard refuses in the pods of an object; paths are those in the pod's `spec`.
#[must_use]
pub fn refused(standard: Standard, object: &Object) -> Vec<Misfit> {
    let Some(template) = pod_template(object) else { return Vec::new() };
    let Some(spec) = template.get("spec") else { return Vec::new() };
    let mut pod = Pod {
        spec,
        standard,
        // Root of such a pod is nobody on the node.
        own_users: spec.get("hostUsers") == Some(&Value::Bool(false)),
        is_windows: spec.str_at(&["os", "name"]) == Some("windows"),
        found: Vec::new(),
    };
    pod.annotations(template);
    pod.pod();
    pod.containers();
    pod.found
}

struct Pod<'a> {
    spec: &'a Value,
    standard: Standard,
    own_users: bool,
    is_windows: bool,
    found: Vec<Misfit>,
}

fn is_true(value: &Value, keys: &[&str]) -> bool {
    value.at(keys).is_some_and(Value::is_true)
}

impl Pod<'_> {
    fn forbid(&mut self, path: &str, what: impl Into<String>) {
        let path = path.trim_start_matches('.').to_owned();
        self.found.push(Misfit { path, what: what.into() });
    }

    fn is_restricted(&self) -> bool {
        self.standard == Standard::Restricted
    }

    fn annotations(&mut self, template: &Value) {
        let annotations = template.at(&["metadata", "annotations"]).and_then(Value::as_map);
        for (key, value) in annotations.into_iter().flat_map(crate::yaml::Map::iter) {
            let is_allowed = value.as_str().is_none_or(|value| {
                matches!(value, "" | "runtime/default") || value.starts_with("localhost/")
            });
            if key.starts_with("container.apparmor.security.beta.kubernetes.io/") && !is_allowed {
                let path = format!("metadata.annotations.{key}");
                self.forbid(&path, "must be `runtime/default` or `localhost/…`");
            }
        }
    }

    fn pod(&mut self) {
        let spec = self.spec;
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if is_true(spec, &[key]) {
                self.forbid(&format!(".{key}"), "must not be true");
            }
        }
        for (index, volume) in spec.list_at(&["volumes"]).iter().enumerate() {
            let kinds = volume.as_map().into_iter().flat_map(crate::yaml::Map::iter);
            for (kind, _) in kinds.filter(|(key, value)| *key != "name" && **value != Value::Null) {
                if kind == "hostPath" || self.is_restricted() && !VOLUMES.contains(&kind) {
                    self.forbid(&format!(".volumes[{index}].{kind}"), "must not be used");
                }
            }
        }
        let context = spec.get("securityContext").unwrap_or(&Value::Null);
        for (index, sysctl) in context.list_at(&["sysctls"]).iter().enumerate() {
            if sysctl.str_at(&["name"]).is_some_and(|name| !SYSCTLS.contains(&name)) {
                let path = format!(".securityContext.sysctls[{index}]");
                self.forbid(&path, "is not one of the safe sysctls");
            }
        }
        self.context(context, ".securityContext");
        let is_root = context.get("runAsNonRoot") == Some(&Value::Bool(false));
        if self.is_restricted() && !self.own_users && is_root {
            self.forbid(".securityContext.runAsNonRoot", "must not be false");
        }
    }

    /// What the security contexts of pods and containers have in common.
    fn context(&mut self, context: &Value, path: &str) {
        if is_true(context, &["windowsOptions", "hostProcess"]) {
            self.forbid(&format!("{path}.windowsOptions.hostProcess"), "must not be true");
        }
        let options = context.get("seLinuxOptions").unwrap_or(&Value::Null);
        if options.str_at(&["type"]).is_some_and(|of| !SELINUX_TYPES.contains(&of)) {
            let types = SELINUX_TYPES[1..].join("`, `");
            self.forbid(
                &format!("{path}.seLinuxOptions.type"),
                format!("must be one of `{types}`"),
            );
        }
        for key in ["user", "role"] {
            if options.str_at(&[key]).is_some_and(|text| !text.is_empty()) {
                self.forbid(&format!("{path}.seLinuxOptions.{key}"), "must not be set");
            }
        }
        if context.str_at(&["seccompProfile", "type"]) == Some("Unconfined") {
            self.forbid(&format!("{path}.seccompProfile.type"), "must not be `Unconfined`");
        }
        if context.str_at(&["appArmorProfile", "type"]) == Some("Unconfined") {
            self.forbid(&format!("{path}.appArmorProfile.type"), "must not be `Unconfined`");
        }
        let user = context.get("runAsUser").and_then(Value::as_int);
        if self.is_restricted() && !self.own_users && user == Some(0) {
            self.forbid(&format!("{path}.runAsUser"), "must not be 0");
        }
    }

    fn containers(&mut self) {
        let spec = self.spec;
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for (index, container) in spec.list_at(&[list]).iter().enumerate() {
                self.container(container, &format!(".{list}[{index}]"));
            }
        }
    }

    fn container(&mut self, container: &Value, path: &str) {
        let context = container.get("securityContext").unwrap_or(&Value::Null);
        let at = format!("{path}.securityContext");
        self.context(context, &at);
        if is_true(context, &["privileged"]) {
            self.forbid(&format!("{at}.privileged"), "must not be true");
        }
        let mount = context.str_at(&["procMount"]);
        let is_relaxed = self.own_users && !self.is_restricted();
        if !is_relaxed && mount.is_some_and(|mount| mount != "Default" && !mount.is_empty()) {
            self.forbid(&format!("{at}.procMount"), "must be `Default`");
        }
        let added = context.at(&["capabilities", "add"]).and_then(Value::as_seq);
        let added = added.unwrap_or_default().iter().filter_map(Value::as_str);
        let allowed: &[&str] =
            if self.is_restricted() { &["NET_BIND_SERVICE"] } else { &CAPABILITIES };
        for capability in added.filter(|capability| !allowed.contains(capability)) {
            self.forbid(&format!("{at}.capabilities.add"), format!("must not have `{capability}`"));
        }
        for (index, port) in container.list_at(&["ports"]).iter().enumerate() {
            if port.get("hostPort").and_then(Value::as_int).is_some_and(|port| port != 0) {
                self.forbid(&format!("{path}.ports[{index}].hostPort"), "must not be set");
            }
        }
        for handler in HANDLERS {
            for action in ["httpGet", "tcpSocket"] {
                let keys = [handler, &[action, "host"]].concat();
                if container.str_at(&keys).is_some_and(|host| !host.is_empty()) {
                    self.forbid(&format!("{path}.{}", keys.join(".")), "must not be set");
                }
            }
        }
        if self.is_restricted() {
            self.restricted(context, &at);
        }
    }

    fn restricted(&mut self, context: &Value, at: &str) {
        let of_pod = self.spec.get("securityContext").unwrap_or(&Value::Null);
        if !self.own_users {
            match (context.get("runAsNonRoot"), of_pod.get("runAsNonRoot")) {
                (Some(Value::Bool(true)), _)
                | (None | Some(Value::Null), Some(Value::Bool(true))) => {}
                _ => {
                    let path = format!("{at}.runAsNonRoot");
                    self.forbid(&path, "must be true, here or for the pod");
                }
            }
        }
        if self.is_windows {
            return;
        }
        if context.get("allowPrivilegeEscalation") != Some(&Value::Bool(false)) {
            self.forbid(&format!("{at}.allowPrivilegeEscalation"), "must be false");
        }
        let is_set = |context: &Value| context.str_at(&["seccompProfile", "type"]).is_some();
        if !is_set(context) && !is_set(of_pod) {
            let path = format!("{at}.seccompProfile.type");
            self.forbid(&path, "must be `RuntimeDefault` or `Localhost`, here or for the pod");
        }
        let dropped = context.at(&["capabilities", "drop"]).and_then(Value::as_seq);
        if !dropped.unwrap_or_default().iter().any(|name| name.as_str() == Some("ALL")) {
            self.forbid(&format!("{at}.capabilities.drop"), "must have `ALL`");
        }
    }
}
