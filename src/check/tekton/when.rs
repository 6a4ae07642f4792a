//! `when` expressions.

use super::scope::{Scope, has, items, text};
use super::table::object::{WHEN, WHEN_CEL};
use crate::yaml::Value;

/// Judges those of a task or step.
pub(super) fn judge(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (index, one) in items(of, "when").iter().enumerate() {
        let at = format!("{at}.when[{index}]");
        if has(one, "cel") {
            cel(scope, one, &at);
            continue;
        }
        let operator = text(one, "operator");
        if !["input", "operator", "values"].iter().any(|key| has(one, key)) {
            scope.say(&WHEN, &at, "is empty", "missing field(s): when[]");
        } else if !matches!(operator, "in" | "notin") {
            let said = format!(
                "invalid value: operator {operator:?} is not recognized. valid operators: in,notin"
            );
            let what = format!("`{operator}` is not an operator: use `in` or `notin`");
            scope.say(&WHEN, &format!("{at}.operator"), what, said);
        } else if !has(one, "values") {
            let said = "invalid value: expecting non-empty values field";
            scope.say(&WHEN, &format!("{at}.values"), "has no values", said);
        }
    }
}

fn cel(scope: &mut Scope<'_, '_>, one: &Value, at: &str) {
    let at_cel = format!("{at}.cel");
    let expression = text(one, "cel");
    if !scope.judge.cluster.cel_in_when {
        let said = format!(
            "feature flag enable-cel-in-whenexpression should be set to true to use CEL: {expression} in WhenExpression"
        );
        scope.say(&WHEN_CEL, &at_cel, "`cel` needs Tekton's `enable-cel-in-whenexpression`", said);
    } else if ["input", "operator", "values"].iter().any(|key| has(one, key)) {
        let said = "cel and input+operator+values cannot be set in one WhenExpression";
        scope.say(&WHEN_CEL, at, "has `cel` and an operator", said);
    } else {
        match cel::Program::compile(expression) {
            Err(problem) => {
                let what = format!("is not valid CEL: {problem}");
                scope.say(&WHEN_CEL, &at_cel, what, "invalid cel expression");
            }
            Ok(program) => {
                let references = program.references();
                if let Some(name) = references.variables().first() {
                    let what = format!("`{name}` is no value: variables of Tekton stand in quotes");
                    let said = format!("undeclared reference to '{name}'");
                    scope.say(&WHEN_CEL, &at_cel, what, said);
                }
            }
        }
    }
}
