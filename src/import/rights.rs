//! What a Role granted that no derived one grants: said where the Role is dropped.

use std::collections::BTreeSet;

use super::prove::Proof;
use super::world::World;
use crate::kubernetes::Object;
use crate::yaml::Value;

/// A verb on a resource.
type Right = (String, String);

/// Adds to the reasons of dropped Roles what is granted no more.
pub(super) fn tell(world: &World, rendered: &[Object], proof: &mut Proof) {
    let roles = rendered.iter().filter(|object| object.kind() == "Role");
    let granted: BTreeSet<Right> = roles.flat_map(|role| rights(role.value())).collect();
    for (_, role) in world.of("Role") {
        let name = role.object.identity().to_string();
        let dropped = proof.judged.iter_mut().find(|judged| {
            judged.object == name && judged.becomes.as_deref() == Some("`pipeline`")
        });
        let Some(judged) = dropped else { continue };
        let lost: Vec<Right> = rights(role.object.value())
            .into_iter()
            .filter(|right| !granted.contains(right))
            .collect();
        if lost.is_empty() {
            continue;
        }
        let mut by_resource: Vec<(String, Vec<String>)> = Vec::new();
        for (resource, verb) in lost {
            match by_resource.iter_mut().find(|(of, _)| *of == resource) {
                Some((_, verbs)) => verbs.push(verb),
                None => by_resource.push((resource, vec![verb])),
            }
        }
        let all: Vec<String> = by_resource
            .into_iter()
            .map(|(resource, verbs)| format!("{} {resource}", verbs.join(", ")))
            .collect();
        let before = judged.reason.take().unwrap_or_default();
        judged.reason = Some(format!("{before}; granted no more: {}", all.join("; ")));
    }
}

fn rights(role: &Value) -> BTreeSet<Right> {
    let texts = |rule: &Value, key: &str| -> Vec<String> {
        rule.list_at(&[key]).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut all = BTreeSet::new();
    for rule in role.list_at(&["rules"]) {
        for resource in texts(rule, "resources") {
            all.extend(texts(rule, "verbs").into_iter().map(|verb| (resource.clone(), verb)));
        }
    }
    all
}
