//! The smallest patch that puts back what no key of the spec says.

use super::compare::dotted;
use super::pods::OWN;
use crate::change::{Field, Step};
use crate::import::draft::{Residue, merge};
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// Where pods are in objects.
const PODS: [&[&str]; 2] =
    [&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"]];

/// What a patch of this object must say, if anything can be patched. `decided` are paths that are meant to differ.
#[must_use]
pub fn residue(
    original: &Object,
    rendered: &Object,
    lost: &[Field],
    decided: &[(String, String)],
) -> Option<Residue> {
    let mut whole = Value::Map(Map::default());
    for field in lost {
        if is_decided(field, decided) {
            continue;
        }
        // Of the two, a budget has one.
        if rendered.kind() == "PodDisruptionBudget"
            && dotted(&field.path) == ["spec", "minAvailable"]
        {
            merge(&mut whole, wrap(&["spec", "maxUnavailable"], Value::Null));
        }
        if let Some(fragment) = fragment(original, rendered, field) {
            merge(&mut whole, fragment);
        }
    }
    let is_empty = whole.as_map().is_none_or(Map::is_empty);
    (!is_empty).then(|| Residue {
        kind: rendered.kind().to_owned(),
        name: rendered.name().to_owned(),
        merge: whole,
    })
}

/// Whether a difference was chosen.
#[must_use]
pub(super) fn is_decided(field: &Field, decided: &[(String, String)]) -> bool {
    let path = dotted(&field.path).join(".");
    decided
        .iter()
        .any(|(end, _)| path.ends_with(&format!(".{end}")) || path.contains(&format!(".{end}.")))
}

fn fragment(original: &Object, rendered: &Object, field: &Field) -> Option<Value> {
    let before = Value::from(field.before.clone()?);
    let keys = dotted(&field.path);
    let is_plain = field.path.0.iter().all(|step| matches!(step, Step::Key(_)));
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for pod in PODS {
        if let Some(rest) = keys.strip_prefix(pod)
            && let ["containers", role, rest @ ..] = rest
        {
            return in_container(rendered, pod, role, (rest, is_plain), before);
        }
        if let Some(["hostAliases", ..]) = keys.strip_prefix(pod) {
            return None;
        }
    }
    match (rendered.kind(), keys.as_slice()) {
        ("Service", ["spec", "ports", port, rest @ ..]) => {
            let (number, protocol) = port.split_once('/')?;
            let mut map = Map::default();
            map.push("port", number.parse::<i64>().ok()?);
            map.push("protocol", protocol);
            let mut item = Value::Map(map);
            merge(&mut item, wrap(rest, before));
            Some(wrap(&["spec", "ports"], vec![item].into()))
        }
        ("Ingress", ["spec", part @ ("rules" | "tls"), ..])
        | ("HTTPRoute", ["spec", part @ ("rules" | "parentRefs" | "hostnames"), ..])
        | ("HorizontalPodAutoscaler", ["spec", part @ "metrics", ..])
        | ("NetworkPolicy", ["spec", part @ ("ingress" | "egress"), ..]) => {
            let whole = original.at(&["spec", part])?.clone();
            Some(wrap(&["spec", part], whole))
        }
        (_, ["spec", "volumeClaimTemplates", ..]) => {
            let whole = original.at(&["spec", "volumeClaimTemplates"])?.clone();
            Some(wrap(&["spec", "volumeClaimTemplates"], whole))
        }
        (_, keys) if is_plain => Some(wrap(keys, before)),
        (_, keys) => {
            let items = field.path.0.iter().position(|step| !matches!(step, Step::Key(_)))?;
            let keys = &keys[..items];
            Some(wrap(keys, original.at(keys)?.clone()))
        }
    }
}

fn in_container(
    rendered: &Object,
    pod: &[&str],
    role: &str,
    (rest, is_plain): (&[&str], bool),
    before: Value,
) -> Option<Value> {
    let (list, name) = match role {
        OWN => ("containers", rendered.name()),
        other => ("initContainers", other),
    };
    let inner = match rest {
        // What is mounted is said by keys, or patched with its volume where it is met.
        ["volumeMounts", ..] | ["init"] | [] => return None,
        ["env", variable, rest @ ..] => {
            let mut item = Value::from([("name", (*variable).into())]);
            merge(&mut item, wrap(rest, before));
            wrap(&["env"], vec![item].into())
        }
        ["ports", port, rest @ ..] => {
            let (number, protocol) = port.split_once('/')?;
            let mut map = Map::default();
            map.push("containerPort", number.parse::<i64>().ok()?);
            map.push("protocol", protocol);
            let mut item = Value::Map(map);
            merge(&mut item, wrap(rest, before));
            wrap(&["ports"], vec![item].into())
        }
        rest if is_plain => wrap(rest, before),
        // A list of named items, or an order.
        _ => return None,
    };
    let mut item = Value::from([("name", name.into())]);
    merge(&mut item, inner);
    let keys: Vec<&str> = [pod, &[list]].concat();
    Some(wrap(&keys, vec![item].into()))
}

fn wrap(keys: &[&str], value: Value) -> Value {
    keys.iter().rev().fold(value, |value, key| Value::from([(*key, value)]))
}
