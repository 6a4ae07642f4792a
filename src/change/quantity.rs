//! Quantities, which have several notations: `1000m` and `1`, `1Gi` and `1024Mi`
//! (apimachinery `pkg/api/resource/quantity.go`).

use serde_json::Value;

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
    let left = read(left);
    left.is_some() && left == read(right)
}

/// The quantity in billionths, the smallest unit that Kubernetes keeps. None if it is not a quantity, or has finer digits.
fn read(text: &str) -> Option<i128> {
    let negated = text.strip_prefix('-');
    let rest = negated.or_else(|| text.strip_prefix('+')).unwrap_or(text);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].iter().zip((-9..).step_by(3));
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().zip((10..).step_by(10));
    let mut units = decimal.map(|unit| (10, unit)).chain(binary.map(|unit| (2, unit)));
    let (base, exponent): (i128, i32) = match units.find(|(_, (unit, _))| **unit == suffix) {
        Some((base, (_, exponent))) => (base, exponent),
        None => (10, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let value = digits.checked_mul(1_000_000_000)?;
    let factor = base.checked_pow(exponent.unsigned_abs())?;
    let value = if exponent >= 0 { value.checked_mul(factor)? } else { divide(value, factor)? };
    let value = divide(value, 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?)?;
    Some(if negated.is_some() { -value } else { value })
}

/// Exactly, or not at all.
fn divide(value: i128, by: i128) -> Option<i128> {
    (value % by == 0).then(|| value / by)
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
