//! Quantities, which have several notations: `1000m` and `1`, `1Gi` and `1024Mi`
//! (apimachinery `pkg/api/resource/quantity.go`).

/// Whether two strings are the same quantity.
pub(super) fn same(left: &str, right: &str) -> bool {
    match (read(left), read(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// The quantity in billionths, the smallest unit that Kubernetes keeps. None if it is not a quantity, or has finer digits.
fn read(text: &str) -> Option<i128> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let (base, exponent): (i128, i32) = match suffix {
        "" => (10, 0),
        "n" => (10, -9),
        "u" => (10, -6),
        "m" => (10, -3),
        "k" => (10, 3),
        "M" => (10, 6),
        "G" => (10, 9),
        "T" => (10, 12),
        "P" => (10, 15),
        "E" => (10, 18),
        "Ki" => (2, 10),
        "Mi" => (2, 20),
        "Gi" => (2, 30),
        "Ti" => (2, 40),
        "Pi" => (2, 50),
        "Ei" => (2, 60),
        _ => (10, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut value = digits.checked_mul(1_000_000_000)?;
    value = if exponent >= 0 {
        value.checked_mul(base.checked_pow(exponent.unsigned_abs())?)?
    } else {
        divide(value, base.checked_pow(exponent.unsigned_abs())?)?
    };
    let value = divide(value, 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?)?;
    Some(if negative { -value } else { value })
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
