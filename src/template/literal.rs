//! Values in what the kubelet expands: in `args`, `command` and `env` of a container, and in the commands of its probes, it replaces
//! `$(NAME)` by the variable NAME of the container, and `$$` by `$`. A value that comes from a spec means its own characters.

use std::borrow::Cow;

use crate::yaml::Value;

/// Fields of a container with strings that the kubelet expands.
const EXPANDED: [&str; 3] = ["args", "command", "env"];

/// Fields of an item of `env` that it leaves alone.
const PLAIN: [&str; 2] = ["name", "valueFrom"];

/// What Tekton replaces in a Task, before the kubelet sees it.
const TEKTON: [&str; 12] = [
    "artifacts",
    "context",
    "credentials",
    "finally",
    "inputs",
    "outputs",
    "params",
    "results",
    "step",
    "steps",
    "tasks",
    "workspaces",
];

/// Whether the kubelet expands the value under a key, in a place where it does or does not.
pub(super) fn is_expanded(key: &str, inside: bool) -> bool {
    if inside { !PLAIN.contains(&key) } else { EXPANDED.contains(&key) }
}

/// Writes a string so that the kubelet reads it as it is: each `$` twice, if it would change any. Tekton's variables stay, and so do
/// references to `variables`. With `more`, other text follows it.
#[must_use]
pub(super) fn literal<'t>(text: &'t str, variables: &[&str], more: bool) -> Cow<'t, str> {
    if memchr::memchr(b'$', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut is_read = false;
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        if let Some(length) = kept(reference, variables) {
            out.push_str(&reference[..length]);
            rest = &reference[length..];
            continue;
        }
        // The kubelet reads `$$`, and `$(` up to the next `)`; at the end of a part the next one decides.
        let next = reference.as_bytes().get(1);
        is_read |= match next {
            Some(b'$') => true,
            Some(b'(') => reference.contains(')') || more,
            Some(_) => false,
            None => more,
        };
        out.push_str("$$");
        rest = &reference[1..];
    }
    if !is_read {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of a reference that stays as it is.
fn kept(text: &str, variables: &[&str]) -> Option<usize> {
    let name = text.strip_prefix("$(")?;
    let name = &name[..name.find(')')?];
    let first = name.split(['.', '[']).next().unwrap_or_default();
    let is_tekton = first.len() < name.len() && TEKTON.contains(&first);
    (is_tekton || variables.contains(&name)).then_some(name.len() + 3)
}

/// The same for all strings of a value; `inside`: the kubelet expands what it holds.
pub(super) fn literal_in(value: &mut Value, variables: &[&str], inside: bool) {
    match value {
        Value::Str(text) if inside => {
            if let Cow::Owned(changed) = literal(text, variables, false) {
                *text = changed;
            }
        }
        Value::Seq(items) => {
            for item in items {
                literal_in(item, variables, inside);
            }
        }
        Value::Map(map) => {
            for (key, value) in map.iter_mut() {
                literal_in(value, variables, is_expanded(key, inside));
            }
        }
        _ => {}
    }
}

/// The same for values that become those of variables.
pub fn literal_values(value: &mut Value) {
    literal_in(value, &[], true);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kubelet's expansion (third_party/forked/golang/expansion/expand.go), with the value of each variable.
    fn expand(input: &str, variables: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let mut rest = input;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(more) = after.strip_prefix('$') {
                out.push('$');
                rest = more;
            } else if let Some((name, more)) =
                after.strip_prefix('(').and_then(|s| s.split_once(')'))
            {
                match variables.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) => out.push_str(value),
                    None => out.extend(["$(", name, ")"]),
                }
                rest = more;
            } else {
                out.push('$');
                rest = after;
            }
        }
        out + rest
    }

    #[test]
    fn the_kubelet_reads_a_literal_as_it_is() {
        let variables = [("HOME", "/home/gen"), ("", "empty"), ("a.b", "dotted")];
        let parts = ["$", "$$", "(", ")", "(HOME)", "$(HOME)", "$(a.b)", "x", "${HOME}", "$()"];
        for one in parts {
            for two in parts {
                for three in parts {
                    for four in parts {
                        let text = [one, two, three, four].concat();
                        assert_eq!(expand(&literal(&text, &[], false), &variables), text);
                        let halves = [[one, two].concat(), [three, four].concat()];
                        let joined =
                            [literal(&halves[0], &[], true), literal(&halves[1], &[], false)];
                        assert_eq!(expand(&joined.concat(), &variables), text, "in two parts");
                    }
                }
            }
        }
    }

    #[test]
    fn what_the_kubelet_leaves_alone_keeps_its_bytes() {
        for text in ["", "a", "$HOME/x", "${HOME}", "costs 5$", "$(HOME", "$(params.a)$", "a$b$c"] {
            assert_eq!(literal(text, &[], false), text);
        }
    }

    #[test]
    fn references_that_are_meant_stay() {
        let all = [
            ("$(params.commit)", "$(params.commit)"),
            ("$(params['a b'])$$", "$(params['a b'])$$$$"),
            ("$$(results.url.path)", "$$$(results.url.path)"),
            ("https://$(USER):$(PASS)@$(HOST)", "https://$(USER):$$(PASS)@$$(HOST)"),
            ("$(params)", "$$(params)"),
        ];
        for (text, right) in all {
            assert_eq!(literal(text, &["USER"], false), right);
        }
    }
}
