//! What a task may not say: keys that its template has no use for, keys that exclude each other, variables of Tekton in its script.

use super::catalogue::Declaration;
use super::decode::Decoder;
use super::pipeline::Named;
use crate::diagnostics::{SpecError, TemplateError};
use crate::spec::View;

/// What a template has no use for is an error, and not passed over.
pub(super) fn refuse_untaken(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    declaration: &Declaration,
) {
    for (key, taken_as) in [
        ("image", "script"),
        ("services", "services"),
        ("cache", "cache"),
    ] {
        if view.get(key).is_some() && !declaration.takes_key(taken_as) {
            d.problems.error(
                view.span_of(key),
                SpecError::OwnTask {
                    name: named.name.to_owned(),
                    problem: format!("takes no `{key}`"),
                },
            );
        }
    }
}

/// Keys that have no meaning together, or for this kind of task.
pub(super) fn refuse_combinations(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    referenced: bool,
) {
    if view.text("onError") == Some("continue") && view.int("retries").unwrap_or(0) > 0 {
        let why = "Tekton refuses a task that is tried again and whose failure does not matter"
            .to_owned();
        let (first, second) = ("onError: continue".to_owned(), "retries".to_owned());
        let error = SpecError::Excludes { first, second, why };
        d.problems.error(view.span_of("onError"), error);
    }
    let (wrong, needs): (&[&str], &str) = if referenced {
        (
            &[
                "env",
                "services",
                "cache",
                "caches",
                "resources",
                "user",
                "readOnlyRoot",
            ],
            "an image and a script",
        )
    } else {
        (&["params", "workspaces"], "ref")
    };
    for key in wrong.iter().filter(|key| view.get(key).is_some()) {
        let why = if referenced {
            format!("`{}` is a Task that gen does not render", named.name)
        } else {
            "a task that gen renders has no parameters or workspaces of its own; use `env`"
                .to_owned()
        };
        let error = SpecError::Needs {
            key: (*key).to_owned(),
            other: needs.to_owned(),
            why,
        };
        d.problems.error(view.span_of(key), error);
    }
}

/// A parameter inside a script would be put there as text before the shell reads it.
pub(super) fn refuse_params_in_script(d: &mut Decoder<'_>, view: &View<'_>) {
    let script = view.text("script").unwrap_or_default();
    for word in [
        "$(params.",
        "$(tasks.",
        "$(context.",
        "$(results.",
        "$(workspaces.",
        "$(steps.",
    ] {
        if let Some(start) = script.find(word) {
            let end = script[start..]
                .find(')')
                .map_or(script.len(), |end| start + end + 1);
            d.problems.error(
                view.span_of("script"),
                TemplateError::ParamInScript {
                    param: script[start..end].to_owned(),
                },
            );
        }
    }
}
