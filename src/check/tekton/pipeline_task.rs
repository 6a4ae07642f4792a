//! A task of a Pipeline: what it runs.

use super::scope::{Scope, has, is_set, items, part, text};
use super::table::object::INLINE;
use super::table::pipeline::{CUSTOM, EMBEDDED_KIND, ON_ERROR, SOURCE};
use super::{refs, task};
use crate::check::Fields;
use crate::yaml::Value;

/// Judges one; `pipeline` judges the Pipeline that may be embedded in it.
pub(super) fn judge(
    scope: &mut Scope<'_, '_>,
    of: &Value,
    at: &str,
    pipeline: fn(&mut Scope<'_, '_>, &Value, &str),
) {
    source(scope, of, at);
    let is_forbidden = scope.judge.cluster.no_inline_spec.iter().any(|kind| kind == "pipeline");
    for key in ["taskSpec", "pipelineSpec"].into_iter().filter(|key| is_set(of, key)) {
        if is_forbidden {
            let said = format!("must not set the field(s): {key}");
            scope.say(&INLINE, &format!("{at}.{key}"), "the cluster forbids embedded specs", said);
        }
    }
    let embedded = part(of, "taskSpec");
    if has(embedded, "steps") {
        for key in ["apiVersion", "kind"].into_iter().filter(|key| has(embedded, key)) {
            let said = format!("taskSpec.{key} cannot be specified when using taskSpec.steps");
            let at = format!("{at}.taskSpec.{key}");
            scope.say(&EMBEDDED_KIND, &at, "cannot stand beside `steps`", said);
        }
    }
    on_error(scope, of, at);
    let is_custom = ["taskRef", "taskSpec"].into_iter().any(|key| {
        let one = part(of, key);
        is_set(of, key) && (!matches!(text(one, "kind"), "" | "Task") || has(one, "apiVersion"))
    });
    if is_custom {
        custom(scope, of, at);
        return;
    }
    if is_set(of, "taskSpec") {
        task::spec(scope, embedded, &format!("{at}.taskSpec"));
    }
    if is_set(of, "taskRef") {
        refs::judge(scope, part(of, "taskRef"), &format!("{at}.taskRef"));
    }
    if is_set(of, "pipelineRef") {
        refs::judge(scope, part(of, "pipelineRef"), &format!("{at}.pipelineRef"));
    }
    if is_set(of, "pipelineSpec") {
        pipeline(scope, part(of, "pipelineSpec"), &format!("{at}.pipelineSpec"));
    }
}

fn source(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for key in ["pipelineRef", "pipelineSpec"].into_iter().filter(|key| is_set(of, key)) {
        scope.needs(Fields::Alpha, key, &format!("{at}.{key}"));
    }
    let keys = ["taskRef", "taskSpec", "pipelineRef", "pipelineSpec"];
    let found: Vec<&str> = keys.into_iter().filter(|key| is_set(of, key)).collect();
    match found.as_slice() {
        [_] => {}
        [] => {
            let said = "expected exactly one, got neither: taskRef, taskSpec";
            scope.say(&SOURCE, at, "has neither `taskRef` nor `taskSpec`", said);
        }
        all => {
            let said = format!("expected exactly one, got multiple: {}", all.join(", "));
            let what = format!("has `{}`, and only one of them can be there", all.join("` and `"));
            scope.say(&SOURCE, &format!("{at}.{}", all[1]), what, said);
        }
    }
}

fn on_error(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    let word = text(of, "onError");
    if word.is_empty() || word.starts_with("$(params") {
        return;
    }
    let at_word = format!("{at}.onError");
    scope.needs(Fields::Beta, "OnError", &at_word);
    if !matches!(word, "continue" | "stopAndFail") {
        let what = format!("`{word}` is neither `continue` nor `stopAndFail`");
        scope.say(&ON_ERROR, &at_word, what, format!("invalid value: {word}: OnError"));
    }
    let retries = of.get("retries").and_then(Value::as_int).unwrap_or_default();
    if word == "continue" && retries > 0 {
        let said =
            "PipelineTask OnError cannot be set to \"continue\" when Retries is greater than 0";
        scope.say(&ON_ERROR, &at_word, "`continue` cannot stand beside `retries`", said);
    }
}

/// A task that a controller of somebody else's runs.
fn custom(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (key, word) in [("taskRef", "ref"), ("taskSpec", "spec")] {
        if !is_set(of, key) {
            continue;
        }
        let one = part(of, key);
        if !has(one, "kind") {
            let said = format!("invalid value: custom task {word} must specify kind: {key}.kind");
            scope.say(&CUSTOM, &format!("{at}.{key}.kind"), "is missing", said);
        }
        let api = text(one, "apiVersion");
        let at = format!("{at}.{key}.apiVersion");
        let parts: Vec<&str> = api.split('/').collect();
        if api.is_empty() {
            let said = format!(
                "invalid value: custom task {word} must specify apiVersion: {key}.apiVersion"
            );
            let what = format!("is missing for a task of the kind `{}`", text(one, "kind"));
            scope.say(&CUSTOM, &at, what, said);
        } else if parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
            let said = format!(
                "invalid value: invalid apiVersion format {api:?}, must be in the format \"group/version\": {key}.apiVersion"
            );
            scope.say(&CUSTOM, &at, format!("`{api}` has no group"), said);
        }
    }
}

/// Whether a task is spread over a matrix.
pub(super) fn has_matrix(task: &Value) -> bool {
    let matrix = part(task, "matrix");
    !items(matrix, "params").is_empty() || !items(matrix, "include").is_empty()
}
