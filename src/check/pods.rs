//! Pods that the Pod Security admission of their namespace refuses.

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::{Item, Objects};
use crate::kubernetes::definitions::Misfit;
use crate::kubernetes::security::{Standard, pod_spec, refused};
use crate::yaml::Value;

/// The rules of this family.
pub static RULES: &[&Rule] = &[&REFUSED];

static REFUSED: Rule = Rule {
    id: "CHK4001",
    name: "pod-security",
    level: Level::Error,
    holds: "Pods keep to the Pod Security level that their namespace enforces.",
    otherwise: "The workload is accepted, and its pods never come: `violates PodSecurity` is only in the events of the ReplicaSet.",
    cure: "mend the pod's security context, or lower the level of the namespace with a reason",
    source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
};

/// The label of a namespace that says which pods it takes.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// The standard that the namespace of an object enforces, where the namespace is among the objects.
fn standard(objects: &Objects, item: &Item) -> Option<(Standard, String)> {
    let name = item.object.namespace()?;
    let namespace = objects.get(("", "Namespace"), None, name)?;
    let level = namespace.object.at(&["metadata", "labels"])?.get(ENFORCE).and_then(Value::as_str);
    let standard = match level? {
        "baseline" => Standard::Baseline,
        "restricted" => Standard::Restricted,
        _ => return None,
    };
    Some((standard, name.to_owned()))
}

/// Judges the pods of every workload.
pub fn check(objects: &Objects, found: &mut Found) {
    for item in objects {
        let Some((standard, namespace)) = standard(objects, item) else { continue };
        let Some((_, spec)) = pod_spec(&item.object) else { continue };
        for Misfit { path, what } in refused(standard, &item.object) {
            let level = if standard == Standard::Baseline { "baseline" } else { "restricted" };
            let field = format!("{spec}.{path}");
            let said = format!("violates PodSecurity \"{level}:latest\"");
            found
                .add(
                    &REFUSED,
                    item,
                    field,
                    format!("{what}: namespace {namespace} enforces {level}"),
                )
                .said(said);
        }
    }
}
