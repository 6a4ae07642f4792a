//! Containers: ports, probes, variables, mounts and resources.

use super::case::Case;
use super::form::Form;
use super::part::Part;
use super::rules::{HANDLER, MOUNT, NAME, NUMBER, PORT_FORM, REQUIRED, TOGETHER, TWICE_IN_LIST};
use super::{env, resources, security};

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// All containers of a pod.
pub(super) fn all(case: &mut Case<'_>, pod: &Part<'_, '_>) {
    let containers = pod.get("containers");
    let containers: Vec<Part<'_, '_>> = containers.items().collect();
    for container in &containers {
        one(case, container, pod);
        running(case, container, pod);
    }
    host_ports(case, &containers);
    for container in pod.get("initContainers").items() {
        one(case, &container, pod);
        if container.get("restartPolicy").text() == "Always" {
            running(case, &container, pod);
        } else {
            for key in PROBES.into_iter().chain(["lifecycle"]) {
                if container.get(key).is_set() {
                    let why = "for an init container whose `restartPolicy` is not `Always`";
                    case.bar(&container.get(key), why);
                }
            }
            for policy in container.get("resizePolicy").items() {
                if policy.get("restartPolicy").text() == "RestartContainer" {
                    let why = "must be `NotRequired` for an init container";
                    case.say(&TOGETHER, &policy.get("restartPolicy"), why);
                }
            }
        }
        host_ports(case, &[container]);
    }
}

/// What every container has.
fn one(case: &mut Case<'_>, container: &Part<'_, '_>, pod: &Part<'_, '_>) {
    let name = container.get("name");
    if case.need(&name) {
        case.form(&NAME, &name, Form::Label);
    }
    case.need(&container.get("image"));
    for port in container.get("ports").items() {
        case.form(&PORT_FORM, &port.get("name"), Form::PortName);
        let number = port.get("containerPort");
        if number.int().is_none_or(|number| !(1..=65535).contains(&number)) {
            case.say(&PORT_FORM, &number, "must be between 1 and 65535");
        }
        let host = port.get("hostPort");
        if host.int().is_some_and(|number| !(0..=65535).contains(&number)) {
            case.say(&PORT_FORM, &host, "must be between 1 and 65535");
        }
    }
    env::judge(case, container);
    for mount in container.get("volumeMounts").items() {
        self::mount(case, &mount, container);
    }
    for device in container.get("volumeDevices").items() {
        case.need(&device.get("name"));
        case.need(&device.get("devicePath"));
    }
    resources::of_container(case, &container.get("resources"));
    resize(case, container, pod);
    restarts(case, container);
    security::of_container(case, container, pod);
}

fn mount(case: &mut Case<'_>, mount: &Part<'_, '_>, container: &Part<'_, '_>) {
    case.need(&mount.get("name"));
    case.need(&mount.get("mountPath"));
    let (path, pattern) = (mount.get("subPath"), mount.get("subPathExpr"));
    case.form(&MOUNT, &path, Form::Below);
    case.form(&MOUNT, &pattern, Form::Below);
    if !path.is_empty() && !pattern.is_empty() {
        case.bar(&pattern, "together with `subPath`");
    }
    let propagation = mount.get("mountPropagation");
    let context = container.get("securityContext");
    if propagation.text() == "Bidirectional" && !context.get("privileged").is_true() {
        case.say(&MOUNT, &propagation, "can be `Bidirectional` only in a privileged container");
    }
    let recursive = mount.get("recursiveReadOnly");
    case.exact_word(&recursive, &["Disabled", "IfPossible", "Enabled"]);
    if matches!(recursive.text(), "IfPossible" | "Enabled") {
        if !mount.get("readOnly").is_true() {
            case.say(&MOUNT, &recursive, "needs `readOnly`");
        }
        if !matches!(propagation.text(), "" | "None") {
            case.say(&MOUNT, &recursive, "cannot be set together with `mountPropagation`");
        }
    }
}

fn resize(case: &mut Case<'_>, container: &Part<'_, '_>, pod: &Part<'_, '_>) {
    let policies = container.get("resizePolicy");
    for policy in policies.items() {
        let (resource, restart) = (policy.get("resourceName"), policy.get("restartPolicy"));
        if case.need(&resource) {
            case.word(&resource, &["cpu", "memory"]);
        }
        if case.need(&restart) {
            case.word(&restart, &["NotRequired", "RestartContainer"]);
        }
        let is_never = pod.get("restartPolicy").text() == "Never";
        if is_never && restart.text() == "RestartContainer" {
            let what = "must be `NotRequired` where the pod's `restartPolicy` is `Never`";
            case.say(&TOGETHER, &restart, what);
        }
    }
    case.unique(&policies, "resourceName");
}

fn restarts(case: &mut Case<'_>, container: &Part<'_, '_>) {
    let (policy, rules) = (container.get("restartPolicy"), container.get("restartPolicyRules"));
    case.exact_word(&policy, &["Always", "Never", "OnFailure"]);
    if !rules.is_empty() && !policy.is_set() {
        case.say(&REQUIRED, &policy, "is required where there are `restartPolicyRules`");
    }
    for rule in rules.items() {
        case.exact_word(&rule.get("action"), &["Restart", "RestartAllContainers"]);
        let codes = rule.get("exitCodes");
        case.need_set(&codes);
        case.exact_word(&codes.get("operator"), &["In", "NotIn"]);
    }
}

/// What a container has that goes on running.
fn running(case: &mut Case<'_>, container: &Part<'_, '_>, pod: &Part<'_, '_>) {
    let grace = pod.get("terminationGracePeriodSeconds").int().unwrap_or(30);
    for key in PROBES {
        let probe = container.get(key);
        if !probe.is_set() {
            continue;
        }
        action(case, &probe, &["exec", "httpGet", "tcpSocket", "grpc"], grace);
        for key in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold"] {
            case.at_least(&probe.get(key), 0);
        }
        let threshold = probe.get("successThreshold");
        // Zero stands for the default.
        let is_one = threshold.int().is_none_or(|number| matches!(number, 0 | 1));
        if key == "readinessProbe" {
            case.at_least(&threshold, 0);
        } else if !is_one {
            case.say(&NUMBER, &threshold, "must be 1 for this probe");
        }
        let period = probe.get("terminationGracePeriodSeconds");
        if key == "readinessProbe" && period.is_set() {
            case.bar(&period, "for a readiness probe");
        } else if period.int().is_some_and(|seconds| seconds <= 0) {
            case.say(&NUMBER, &period, "must be at least 1");
        }
    }
    for hook in ["postStart", "preStop"] {
        let lifecycle = container.get("lifecycle");
        let hook = lifecycle.get(hook);
        if hook.is_set() {
            action(case, &hook, &["exec", "httpGet", "tcpSocket", "sleep"], grace);
        }
    }
}

/// The one action of a probe or hook.
fn action(case: &mut Case<'_>, of: &Part<'_, '_>, kinds: &[&'static str], grace: i64) {
    let mut set = kinds.iter().filter(|kind| of.get(kind).is_set());
    let Some(first) = set.next() else {
        let all: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        case.say(&HANDLER, of, format!("needs an action: one of {}", all.join(", ")));
        return;
    };
    for other in set {
        case.say(&HANDLER, &of.get(other), format!("is a second action beside `{first}`"));
    }
    let action = of.get(first);
    match *first {
        "exec" => {
            case.need(&action.get("command"));
        }
        "httpGet" => http(case, &action),
        "tcpSocket" => port(case, &action.get("port")),
        "grpc" => {
            if action.get("port").int().is_none_or(|port| !(1..=65535).contains(&port)) {
                case.say(&PORT_FORM, &action.get("port"), "must be between 1 and 65535");
            }
        }
        _ => {
            let seconds = action.get("seconds");
            if seconds.int().is_some_and(|number| number < 0 || number > grace) {
                let what = format!("must be between 0 and the pod's grace period, {grace}");
                case.say(&NUMBER, &seconds, what);
            }
        }
    }
}

fn http(case: &mut Case<'_>, action: &Part<'_, '_>) {
    port(case, &action.get("port"));
    for header in action.get("httpHeaders").items() {
        case.exact_form(&HANDLER, &header.get("name"), Form::Header);
    }
    if action.get("protocol").text() == "HTTP2" {
        if action.get("scheme").text() == "HTTPS" {
            case.say(&HANDLER, &action.get("protocol"), "can be `HTTP2` only with `HTTP`");
        }
        if !action.get("host").is_empty() {
            case.bar(&action.get("host"), "where `protocol` is `HTTP2`");
        }
    }
}

/// A port by its name or number.
pub(super) fn port(case: &mut Case<'_>, port: &Part<'_, '_>) {
    match port.int() {
        Some(number) if !(1..=65535).contains(&number) => {
            case.say(&PORT_FORM, port, "must be between 1 and 65535");
        }
        None if port.is_set() => case.exact_form(&PORT_FORM, port, Form::PortName),
        _ => {}
    }
}

/// Host ports of containers that run at the same time.
fn host_ports(case: &mut Case<'_>, containers: &[Part<'_, '_>]) {
    let mut seen = Vec::new();
    for container in containers {
        for port in container.get("ports").items() {
            let of = |key: &'static str| port.get(key).text();
            let protocol = if of("protocol").is_empty() { "TCP" } else { of("protocol") };
            let number = port.get("hostPort").int().unwrap_or_default();
            let this = (protocol, of("hostIP"), number);
            if number != 0 && seen.contains(&this) {
                case.say(
                    &TWICE_IN_LIST,
                    &port.get("hostPort"),
                    format!("repeats the port {number}"),
                );
            }
            seen.push(this);
        }
    }
}
