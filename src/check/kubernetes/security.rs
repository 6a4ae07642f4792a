//! Security contexts.

use super::case::Case;
use super::form::Form;
use super::part::Part;
use super::rules::{MOUNT, NAME, NUMBER, REQUIRED, TOGETHER};
use crate::name::Check;

/// The context of a pod.
pub(super) fn of_pod(case: &mut Case<'_>, pod: &Part<'_, '_>) {
    let context = pod.get("securityContext");
    shared(case, &context);
    id(case, &context.get("fsGroup"));
    for group in context.get("supplementalGroups").items() {
        id(case, &group);
    }
    let sysctls = context.get("sysctls");
    case.unique(&sysctls, "name");
    let is = |key: &'static str| pod.get(key).is_true();
    for sysctl in sysctls.items() {
        let name = sysctl.get("name");
        if !case.need(&name) {
            continue;
        }
        let plain = name.text().replace('/', ".");
        if Check::Sysctl.test(&plain).is_err() {
            case.say(&NAME, &name, format!("`{}` is not a kernel setting", name.text()));
        }
        let is_net = plain.starts_with("net.") && is("hostNetwork");
        let is_ipc = (plain.starts_with("kernel.shm")
            || plain.starts_with("kernel.msg")
            || plain == "kernel.sem"
            || plain.starts_with("fs.mqueue."))
            && is("hostIPC");
        if is_net || is_ipc {
            case.bar(&name, "where the pod shares the node's namespace");
        }
    }
    case.exact_word(&context.get("seLinuxChangePolicy"), &["MountOption", "Recursive"]);
}

/// The context of a container.
pub(super) fn of_container(case: &mut Case<'_>, container: &Part<'_, '_>, pod: &Part<'_, '_>) {
    let context = container.get("securityContext");
    shared(case, &context);
    let escalation = context.get("allowPrivilegeEscalation");
    if escalation.is_false() && context.get("privileged").is_true() {
        case.say(&TOGETHER, &escalation, "cannot be false where `privileged` is true");
    }
    let mount = context.get("procMount");
    if mount.text() == "Unmasked" && !pod.get("hostUsers").is_false() {
        case.say(&TOGETHER, &mount, "can be `Unmasked` only where `hostUsers` is false");
    }
}

/// What both have.
fn shared(case: &mut Case<'_>, context: &Part<'_, '_>) {
    id(case, &context.get("runAsUser"));
    id(case, &context.get("runAsGroup"));
    for key in ["seccompProfile", "appArmorProfile"] {
        let profile = context.get(key);
        if !profile.is_set() {
            continue;
        }
        let (of, local) = (profile.get("type"), profile.get("localhostProfile"));
        if case.need(&of) && of.text() == "Localhost" {
            if local.is_set() && (key == "seccompProfile" || !local.text().trim().is_empty()) {
                if key == "seccompProfile" {
                    case.form(&MOUNT, &local, Form::Below);
                } else if local.text().trim() != local.text() {
                    case.say(&NAME, &local, "must not begin or end with white space");
                }
            } else {
                case.say(&REQUIRED, &local, "is required where `type` is `Localhost`");
            }
        } else if local.is_set() {
            case.bar(&local, "where `type` is not `Localhost`");
        }
    }
}

/// The number of a user or group.
fn id(case: &mut Case<'_>, part: &Part<'_, '_>) {
    if part.int().is_some_and(|id| !(0..=i64::from(i32::MAX)).contains(&id)) {
        case.say(&NUMBER, part, "must be between 0 and 2147483647");
    }
}
