//! Steps against their StepActions.

use std::collections::BTreeSet;

use super::super::params::{declared, given};
use super::super::scope::{Scope, is_set, items, part, text};
use super::super::table::across::ACTION_PARAM;
use super::around::Near;
use super::params;
use crate::yaml::Value;

/// Judges the steps of a Task.
pub(super) fn actions(scope: &mut Scope<'_, '_>, near: Near<'_>, spec: &Value, at: &str) {
    for (index, step) in items(spec, "steps").iter().enumerate() {
        let at = format!("{at}.steps[{index}]");
        if !is_set(step, "ref") {
            continue;
        }
        let Some(action) = near.named(part(step, "ref"), "StepAction") else { continue };
        let (specs, given) = (declared(action, ""), given(step, "params", &at));
        let names: BTreeSet<&str> = given.iter().map(|param| param.name).collect();
        let name = format!("the StepAction `{}`", text(part(step, "ref"), "name"));
        params::missing(scope, &ACTION_PARAM, (&specs, &names), &at, &name);
        for param in &given {
            if !specs.iter().any(|spec| spec.name == param.name) {
                let said = format!("extra params passed by Step to StepAction: [{}]", param.name);
                let what = format!("{name} has no parameter `{}`", param.name);
                scope.say(&ACTION_PARAM, &format!("{}.name", param.at), what, said);
            }
        }
    }
}
