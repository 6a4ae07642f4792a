//! Label selectors.

use super::case::Case;
use super::form::Form;
use super::metadata::{key, labels};
use super::part::Part;
use super::rules::{LABEL, REQUIRED, SELECTOR, TOGETHER};
use crate::yaml::Value;

/// A selector by itself.
pub(super) fn judge(case: &mut Case<'_>, selector: &Part<'_, '_>) {
    labels(case, &selector.get("matchLabels"));
    for expression in selector.get("matchExpressions").items() {
        requirement(case, &expression, &["In", "NotIn", "Exists", "DoesNotExist"]);
    }
}

/// One requirement of a selector or an affinity.
pub(super) fn requirement(case: &mut Case<'_>, of: &Part<'_, '_>, operators: &[&str]) {
    let (operator, values) = (of.get("operator"), of.get("values"));
    match operator.text() {
        "In" | "NotIn" if values.is_empty() => {
            case.say(&REQUIRED, &values, "is required for `In` and `NotIn`");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            case.say(&TOGETHER, &values, "cannot be set for `Exists` and `DoesNotExist`");
        }
        "Gt" | "Lt" if values.items().count() != 1 => {
            case.say(&SELECTOR, &values, "must be one value for `Gt` and `Lt`");
        }
        word if !operators.contains(&word) => {
            let all: Vec<String> = operators.iter().map(|word| format!("`{word}`")).collect();
            case.say(&SELECTOR, &operator, format!("must be one of {}", all.join(", ")));
        }
        _ => {}
    }
    key(case, &of.get("key"));
    for value in values.items() {
        case.exact_form(&LABEL, &value, Form::LabelValue);
    }
}

/// The selector of a workload: not empty, and its own pods'. What a label lacks there is said elsewhere.
pub(super) fn of_workload(case: &mut Case<'_>, selector: &Part<'_, '_>, template: &Part<'_, '_>) {
    judge(case, selector);
    if selector.get("matchLabels").is_empty() && selector.get("matchExpressions").is_empty() {
        case.say(&SELECTOR, selector, "is empty, and would select every pod");
    }
    let of_template = template.get("metadata");
    let labels = of_template.get("labels");
    for expression in selector.get("matchExpressions").items() {
        if !matches(expression.value(), labels.value()) {
            case.say(&SELECTOR, &expression, "does not match the labels of its own pods");
        }
    }
}

/// Whether labels meet a requirement.
fn matches(requirement: &Value, labels: &Value) -> bool {
    let value =
        requirement.str_at(&["key"]).and_then(|key| labels.get(key)).and_then(Value::as_str);
    let is_listed = value.is_some_and(|value| {
        requirement.list_at(&["values"]).iter().any(|one| one.as_str() == Some(value))
    });
    match requirement.str_at(&["operator"]) {
        Some("In") => is_listed,
        Some("NotIn") => !is_listed,
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => true,
    }
}
