//! The volumes that a run binds to workspaces.

use super::scope::{Scope, has, is_set, items, part, text};
use super::table::run::{BINDING, WORKSPACE_TWICE};
use crate::yaml::Value;

const SOURCES: [&str; 7] = [
    "persistentVolumeClaim",
    "volumeClaimTemplate",
    "emptyDir",
    "configMap",
    "secret",
    "projected",
    "csi",
];

/// Judges all of a run.
pub(super) fn judge(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    for (index, binding) in items(spec, "workspaces").iter().enumerate() {
        one(scope, binding, &format!("{at}.workspaces[{index}]"));
    }
}

fn one(scope: &mut Scope<'_, '_>, binding: &Value, at: &str) {
    let found: Vec<&str> = SOURCES.into_iter().filter(|key| is_set(binding, key)).collect();
    let all = "configmap, emptydir, persistentvolumeclaim, secret, volumeclaimtemplate";
    match found.as_slice() {
        [] => {
            let said = format!("expected exactly one, got neither: {all}");
            scope.say(&BINDING, at, "is bound to no volume", said);
        }
        [key] => named(scope, part(binding, key), key, at),
        several => {
            let said = format!("expected exactly one, got both: {all}");
            let what = format!("is bound to `{}`, and can be to one only", several.join("` and `"));
            scope.say(&BINDING, at, what, said);
        }
    }
}

fn named(scope: &mut Scope<'_, '_>, source: &Value, key: &str, at: &str) {
    let wanted = match key {
        "persistentVolumeClaim" => "claimName",
        "configMap" => "name",
        "secret" => "secretName",
        "projected" => "sources",
        "csi" => "driver",
        _ => return,
    };
    if !has(source, wanted) {
        let said = format!("missing field(s): {}.{wanted}", key.to_lowercase());
        scope.say(&BINDING, &format!("{at}.{key}.{wanted}"), "is missing", said);
    }
}

/// Workspaces of the same name; case does not count.
pub(super) fn no_twins(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let mut seen = std::collections::BTreeSet::new();
    for (index, one) in items(spec, "workspaces").iter().enumerate() {
        let name = text(one, "name");
        if !seen.insert(name.to_lowercase()) {
            let what = format!("`{name}` is bound twice");
            let said = "expected exactly one, got both: name";
            scope.say(&WORKSPACE_TWICE, &format!("{at}.workspaces[{index}].name"), what, said);
        }
    }
}
