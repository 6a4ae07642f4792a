//! The meaning of a quantity (apimachinery `pkg/api/resource/quantity.go`).

/// The quantity in billionths, the smallest unit that Kubernetes keeps. None if it is not a quantity, or has finer digits.
#[must_use]
pub fn billionths(text: &str) -> Option<i128> {
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
