//! Names that are nearly those of an object which is there.

use super::super::scope::{Scope, has, text};
use super::around::Near;
use crate::check::finding::Rule;
use crate::check::slip::is_slip;
use crate::yaml::Value;

/// Says so if a reference names nothing that is there, and something of nearly that name is.
pub(super) fn judge(
    scope: &mut Scope<'_, '_>,
    near: Near<'_>,
    (rule, group, kind): (&'static Rule, &str, &str),
    name: &str,
    at: &str,
) {
    let is_open = name.is_empty() || name.contains("$(");
    if is_open || near.objects.get((group, kind), near.namespace, name).is_some() {
        return;
    }
    let all = near.objects.of(group, kind).filter(|item| {
        let of = item.object.namespace();
        of == near.namespace || of.is_none() || near.namespace.is_none()
    });
    let others = all.map(|item| item.object.name());
    if let Some(other) = others.into_iter().find(|other| is_slip(name, other)) {
        let what = format!("there is no {kind} `{name}` here, and one called `{other}`");
        scope.say(rule, at, what, "");
    }
}

/// A reference to a Task or Pipeline.
pub(super) fn reference(
    scope: &mut Scope<'_, '_>,
    near: Near<'_>,
    rule: &'static Rule,
    (of, kind): (&Value, &str),
    at: &str,
) {
    let is_plain = !has(of, "resolver") && !has(of, "params") && !has(of, "apiVersion");
    if is_plain && matches!(text(of, "kind"), "" | "Task" | "Pipeline") {
        judge(scope, near, (rule, "tekton.dev", kind), text(of, "name"), &format!("{at}.name"));
    }
}
