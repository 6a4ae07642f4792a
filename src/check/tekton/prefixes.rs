//! What a variable in a Pipeline may begin with.

use super::graph::result_texts;
use super::scope::Scope;
use super::table::pipeline::PREFIX;
use super::variables::expressions;
use crate::yaml::Value;

const KNOWN: [&str; 6] = ["params", "tasks", "finally", "context", "workspaces", "results"];

/// Judges what tasks are given, and when they run.
pub(super) fn judge(scope: &mut Scope<'_, '_>, all: &[(&Value, String)]) {
    for (task, at) in all {
        let embedded = format!("{at}.taskSpec");
        for (at, text) in result_texts(task, at).iter().filter(|(at, _)| !at.starts_with(&embedded))
        {
            for one in expressions(text) {
                let prefix = one.split('.').next().unwrap_or_default();
                if !KNOWN.contains(&prefix) {
                    let said = format!(
                        "invalid value: invalid variable reference \"$({one})\", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use ${{VAR}} instead"
                    );
                    let what = format!("`$({one})` is not a variable of Tekton");
                    scope.say(&PREFIX, at, what, said);
                }
            }
        }
    }
}
