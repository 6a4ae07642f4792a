//! Quantities, which have several notations: `1000m` and `1`, `1Gi` and `1024Mi`.

use serde_json::Value;

use crate::name::billionths;

/// Mappings from a resource to a quantity.
const HOLDERS: [&str; 9] = [
    "requests",
    "limits",
    "hard",
    "min",
    "max",
    "default",
    "defaultRequest",
    "maxLimitRequestRatio",
    "capacity",
];

/// Whether a field is a quantity, by its name and that of the mapping that contains it.
pub(super) fn is_quantity(key: &str, holder: &str) -> bool {
    HOLDERS.contains(&holder) || ["sizeLimit", "averageValue", "divisor"].contains(&key)
}

/// Whether two values are the same quantity, each a string or a number.
pub(super) fn same_values(left: &Value, right: &Value) -> bool {
    let [left, right] = [left, right].map(|value| scalar(Some(value)));
    left.zip(right).is_some_and(|(left, right)| same(&left, &right))
}

/// The text of a string or a number.
pub(super) fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn same(left: &str, right: &str) -> bool {
    let left = billionths(left);
    left.is_some() && left == billionths(right)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn quantities_are_compared_by_what_they_mean() {
        for (left, right) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Gi", "1024Mi"),
            ("1e3", "1k"),
            ("128Mi", "134217728"),
            ("1.5Gi", "1536Mi"),
            ("100n", "0.1u"),
            ("+2", "2"),
        ] {
            assert!(same(left, right), "{left} {right}");
        }
        for (left, right) in [
            ("1", "1001m"),
            ("1G", "1Gi"),
            ("1", "one"),
            ("", ""),
            ("1.2.3", "1.2.3"),
            ("1x", "1x"),
            ("9999999999999999999999999999999999", "1"),
            ("1e99999999", "1e99999999"),
        ] {
            assert!(!same(left, right), "{left} {right}");
        }
    }
}
