//! Amounts of CPU, memory and storage, and the meaning of a quantity (apimachinery `pkg/api/resource/quantity.go`).

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

/// Kubernetes' quantities, without signs and exponents: nobody asks for a negative amount of memory.
fn is_quantity(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let units = ["", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (1..=15).contains(&digits)
        && number.matches('.').count() <= 1
        && !number.ends_with('.')
        && units.contains(&unit)
}

/// Cores, also in thousandths.
pub(super) fn is_cpu(text: &str) -> bool {
    is_quantity(text) && text.ends_with(|c: char| c.is_ascii_digit() || c == 'm')
}

/// Whole bytes. Kubernetes takes fractions too, with a warning, and no container ever starts with half a byte.
pub(super) fn is_bytes(text: &str) -> bool {
    let bytes = billionths(text).filter(|_| is_quantity(text) && !text.ends_with('m'));
    bytes.is_some_and(|bytes| bytes % 1_000_000_000 == 0)
}

/// The size of a volume: whole bytes, and not none.
pub(super) fn is_size(text: &str) -> bool {
    is_bytes(text) && billionths(text).is_some_and(|bytes| bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for good in ["1", "100m", "0.5", "256Mi", "1Gi", "1.5Gi", ".5"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", "Mi", "1 Gi", "-1", "1e3", "1.", "1MB", "1..2", "99999999999999999"] {
            assert!(!is_quantity(bad), "{bad}");
        }
        assert!(is_cpu("100m") && is_cpu("0.5") && !is_cpu("1Gi") && !is_cpu("1k"));
        assert!(is_bytes("1.5Gi") && is_bytes("0") && !is_bytes("512m") && !is_bytes("0.5"));
        assert!(is_size("5Gi") && !is_size("0") && !is_size("0Mi") && !is_size("0.1Mi"));
    }
}
