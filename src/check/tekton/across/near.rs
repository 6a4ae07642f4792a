//! Names that are nearly those of an object which is there.

use super::super::scope::{Scope, has, text};
use super::around::Near;
use crate::check::finding::Rule;
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

/// Whether one name is the other with a slip of the pen. Names that end in another number or word are not.
fn is_slip(name: &str, other: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let shared = name.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let is_end = shared + 2 >= name.len().max(other.len());
    name.len() >= 5
        && strsim::damerau_levenshtein(name, other) <= 2
        && letters(name) != letters(other)
        && (!is_end || name.len().abs_diff(other.len()) == 1)
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

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn a_slip_is_not_another_name() {
        assert!(is_slip("unit-tset", "unit-test") && is_slip("git-clne", "git-clone"));
        assert!(is_slip("git-clones", "git-clone"));
        assert!(!is_slip("build-1", "build-2") && !is_slip("build-a", "build-b"));
        assert!(!is_slip("push", "pull") && !is_slip("deploy", "destroy"));
    }
}
