//! Pods and their templates.

use super::case::Case;
use super::container;
use super::form::Form;
use super::metadata::{key, labels, labels_and_annotations};
use super::part::Part;
use super::place;
use super::rules::{ADDRESS, NAME, NUMBER, QUANTITY, REQUIRED, TOGETHER};
use super::security;
use super::volume;

/// What a kind demands of its pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A Pod itself.
    Pod,
    /// What starts its pods anew for ever.
    Lasting,
    /// What is done when its pods are.
    Job,
}

/// A pod template.
pub(super) fn template(case: &mut Case<'_>, template: &Part<'_, '_>, of: Of) {
    labels_and_annotations(case, &template.get("metadata"));
    let pod = template.get("spec");
    spec(case, &pod, of);
    let policy = pod.get("restartPolicy");
    match of {
        Of::Lasting => {
            if !matches!(policy.text(), "" | "Always") {
                case.say(&TOGETHER, &policy, "must be `Always` for this kind");
            }
            if pod.get("activeDeadlineSeconds").is_set() {
                case.bar(&pod.get("activeDeadlineSeconds"), "for this kind");
            }
        }
        Of::Job if !matches!(policy.text(), "OnFailure" | "Never") => {
            case.say(&REQUIRED, &policy, "must be `OnFailure` or `Never` for a Job");
        }
        _ => {}
    }
    if !pod.get("ephemeralContainers").is_empty() {
        case.bar(&pod.get("ephemeralContainers"), "in a pod template");
    }
}

/// The `spec` of a pod.
pub(super) fn spec(case: &mut Case<'_>, pod: &Part<'_, '_>, of: Of) {
    case.need(&pod.get("containers"));
    volume::all(case, &pod.get("volumes"));
    container::all(case, pod);
    security::of_pod(case, pod);
    place::judge(case, pod);
    host(case, pod, of);
    names(case, pod);
    dns(case, pod);
    labels(case, &pod.get("nodeSelector"));
    case.between(&pod.get("activeDeadlineSeconds"), 1, i64::from(i32::MAX));
    for (name, amount) in pod.get("overhead").entries() {
        case.quantity(&amount);
        if !Form::Key.takes(name) {
            case.say(&QUANTITY, &amount, format!("`{name}` is not a resource"));
        }
    }
    for gate in pod.get("readinessGates").items() {
        key(case, &gate.get("conditionType"));
    }
    let gates = pod.get("schedulingGates");
    for gate in gates.items() {
        key(case, &gate.get("name"));
    }
    case.unique(&gates, "name");
    case.word(&pod.get("os").get("name"), &["linux", "windows"]);
}

/// Names of other objects, and those of the pod itself.
fn names(case: &mut Case<'_>, pod: &Part<'_, '_>) {
    for key in ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"] {
        case.form(&NAME, &pod.get(key), Form::Subdomain);
    }
    for key in ["hostname", "subdomain"] {
        case.form(&NAME, &pod.get(key), Form::Label);
    }
    let (old, new) = (pod.get("serviceAccount"), pod.get("serviceAccountName"));
    if !old.is_empty() && !new.is_empty() && old.text() != new.text() {
        case.say(&TOGETHER, &old, "must be the same as `serviceAccountName`");
    }
}

/// What the pod shares with its node.
fn host(case: &mut Case<'_>, pod: &Part<'_, '_>, of: Of) {
    let is = |key: &'static str| pod.get(key).is_true();
    if is("shareProcessNamespace") && is("hostPID") {
        case.bar(&pod.get("shareProcessNamespace"), "together with `hostPID`");
    }
    if pod.get("hostUsers").is_false() {
        for key in ["hostPID", "hostIPC"].into_iter().filter(|key| is(key)) {
            case.bar(&pod.get(key), "where `hostUsers` is false");
        }
    }
    if is("hostNetwork") {
        for container in pod.get("containers").items() {
            for port in container.get("ports").items() {
                let (on_host, own) = (port.get("hostPort"), port.get("containerPort"));
                let given = on_host.int().filter(|port| *port != 0);
                // The port of a Pod is set to that of its container where it is missing.
                if given.is_some_and(|given| Some(given) != own.int()) && of != Of::Pod
                    || of == Of::Pod && given.is_some() && given != own.int()
                {
                    let what = "must be the same as `containerPort` where `hostNetwork` is true";
                    case.say(&TOGETHER, &on_host, what);
                }
            }
        }
    }
}

fn dns(case: &mut Case<'_>, pod: &Part<'_, '_>) {
    let config = pod.get("dnsConfig");
    let servers = config.get("nameservers");
    if pod.get("dnsPolicy").text() == "None" && servers.is_empty() {
        case.say(&REQUIRED, &servers, "is required where `dnsPolicy` is `None`");
    }
    for server in servers.items() {
        case.exact_form(&ADDRESS, &server, Form::Ip);
    }
    if servers.items().count() > 3 {
        case.say(&NUMBER, &servers, "has more than 3 servers");
    }
    let searches = config.get("searches");
    for search in searches.items().filter(|search| search.text() != ".") {
        // Underscores are allowed here.
        let plain = search.text().trim_end_matches('.').replace('_', "x");
        if !Form::Subdomain.takes(&plain) {
            case.say(&ADDRESS, &search, format!("`{}` is not a domain", search.text()));
        }
    }
    if searches.items().count() > 32 {
        case.say(&NUMBER, &searches, "has more than 32 domains");
    }
    for option in config.get("options").items() {
        case.need(&option.get("name"));
    }
    let aliases = pod.get("hostAliases");
    for alias in aliases.items() {
        case.exact_form(&ADDRESS, &alias.get("ip"), Form::Ip);
        for name in alias.get("hostnames").items() {
            case.exact_form(&ADDRESS, &name, Form::Subdomain);
        }
    }
}
