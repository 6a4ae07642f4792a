//! What a scalar without quotes means, and which texts some reader would take for something else.

use super::Value;

/// What a plain scalar is in YAML 1.2's core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>): null, a truth value, a
/// number that fits, or else a text. `0o7` and `0x1f` are numbers there; infinities and NaN stay texts, because JSON and
/// Kubernetes have neither.
#[must_use]
pub fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return Value::Str(text.to_owned());
    }
    number(text).unwrap_or_else(|| Value::Str(text.to_owned()))
}

fn number(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0x") {
        return whole(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return whole(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.bytes().all(|b| b.is_ascii_digit()) && !unsigned.is_empty() {
        return text.strip_prefix('+').unwrap_or(text).parse().ok().map(Value::Int);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let has_digit = !before.is_empty() || !after.is_empty();
    let exponent_is_number =
        exponent.is_none_or(|e| e.strip_prefix(['-', '+']).unwrap_or(e).parse::<u32>().is_ok());
    if !(has_digit && digits(before) && digits(after) && exponent_is_number) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(Value::Float(number))
}

fn whole(digits: &str, radix: u32) -> Option<Value> {
    if digits.starts_with(['-', '+']) {
        return None;
    }
    i64::from_str_radix(digits, radix).ok().map(Value::Int)
}

/// Whether Kubernetes' own reader (`sigs.k8s.io/yaml`, which has much of YAML 1.1) takes a plain scalar for something else than
/// [`resolve_plain`], or refuses it: `yes` is true there, `0400` octal, `1_000` a number.
#[must_use]
pub fn is_read_otherwise(text: &str) -> bool {
    let words = ["y", "Y", "n", "N", "on", "On", "ON", "off", "Off", "OFF"];
    let longer = ["yes", "Yes", "YES", "no", "No", "NO"];
    let without_sign = text.strip_prefix(['-', '+']).unwrap_or(text);
    let no_number = [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"];
    if words.contains(&text) || longer.contains(&text) {
        return true;
    }
    if no_number.contains(&without_sign) {
        return text == without_sign || !without_sign.ends_with(['n', 'N']);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return false;
    }
    // Go drops these before it looks, unless it sees a fraction at once.
    let plain = match text.strip_prefix('.') {
        Some(rest) if separates(rest) => text.replace('_', ""),
        Some(_) => text.to_owned(),
        None => without_sign.replace('_', ""),
    };
    let radix = |digits: &str, radix| {
        u64::from_str_radix(digits, radix).is_ok() && !digits.starts_with('+')
    };
    let is_based = match plain.get(..2).unwrap_or_default() {
        "0x" | "0X" => radix(&plain[2..], 16),
        // It takes a sign here, and nowhere else.
        "0b" | "0B" => radix(plain[2..].strip_prefix('-').unwrap_or(&plain[2..]), 2),
        "0o" | "0O" => radix(&plain[2..], 8),
        _ => false,
    };
    if is_based {
        return resolve_plain(text) == Value::Str(text.to_owned());
    }
    let is_whole = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole && plain.starts_with('0') && radix(&plain, 8) {
        return u64::from_str_radix(&plain, 8).ok() != plain.parse().ok() || plain != without_sign;
    }
    let is_number = is_whole || !plain.starts_with(['-', '+']) && number(&plain).is_some();
    is_number && resolve_plain(text) == Value::Str(text.to_owned())
}

/// Whether every `_` of a fraction is between digits.
fn separates(fraction: &str) -> bool {
    fraction
        .split('_')
        .all(|digits| digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit()))
        && fraction.contains('_')
}

/// What a plain scalar is to Kubernetes' own reader: as [`resolve_plain`], but for what [`is_read_otherwise`]. Infinities, which it
/// refuses, stay texts.
#[must_use]
pub fn resolve_as_kubernetes(text: &str) -> Value {
    if !is_read_otherwise(text) {
        return resolve_plain(text);
    }
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    let is_negative = text.starts_with('-');
    let plain = text.strip_prefix(['-', '+']).unwrap_or(text).replace('_', "");
    let (radix, digits) = match plain.get(..2).unwrap_or_default() {
        "0x" | "0X" => (16, &plain[2..]),
        "0b" | "0B" => (2, &plain[2..]),
        "0o" | "0O" => (8, &plain[2..]),
        _ if plain.starts_with('0') && plain.bytes().all(|byte| (b'0'..b'8').contains(&byte)) => {
            (8, plain.as_str())
        }
        _ => (10, plain.as_str()),
    };
    let whole = i128::from_str_radix(digits, radix).ok();
    let whole = whole.map(|number| if is_negative { -number } else { number });
    if let Some(number) = whole.and_then(|number| i64::try_from(number).ok()) {
        return Value::Int(number);
    }
    let signed = if is_negative { format!("-{plain}") } else { plain };
    let number = signed.parse().ok().filter(|number: &f64| number.is_finite());
    number.map_or_else(|| Value::Str(text.to_owned()), Value::Float)
}

/// Words that some reader gives a meaning, whatever their case.
const AMBIGUOUS_WORDS: [&str; 15] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<", "nan", "inf",
    "infinity",
];

/// Whether some reader of YAML 1.1 or 1.2 would take this text, written plain, for something other than a text: a truth
/// value, null, any kind of number (also sexagesimal, binary, octal, with `_`), a date, a merge key or a value key.
/// It asks for quotes too often rather than once too seldom.
#[must_use]
pub fn is_ambiguous(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [b'0'..=b'9' | b'-' | b'+' | b'.', ..] => looks_numeric(text),
        [b'~' | b'=' | b'<', ..] => AMBIGUOUS_WORDS.contains(&text),
        [first, ..] if matches!(first | 0x20, b'y' | b'n' | b'o' | b't' | b'f' | b'i') => {
            AMBIGUOUS_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}

/// Everything that begins like a number or a date and holds only what those may hold. Go drops every `_` before it looks,
/// so that `-__1` is a number too; others group digits by commas.
fn looks_numeric(text: &str) -> bool {
    let body = text.trim_start_matches(['-', '+', '.']);
    if ["", "inf", "nan", "infinity"].iter().any(|word| body.eq_ignore_ascii_case(word)) {
        return true;
    }
    let (mut digit, mut letter) = (false, false);
    for byte in body.bytes() {
        match byte.to_ascii_lowercase() {
            b'0'..=b'9' => digit = true,
            b'a'..=b'f' | b'o' | b'p' | b't' | b'x' | b'z' => letter = true,
            b'_' | b'.' | b':' | b'-' | b'+' | b',' | b' ' => {}
            _ => return false,
        }
    }
    // Options of one letter, `-c`, are no numbers; `-._` is one for some.
    digit || !letter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_of_the_core_schema() {
        let cases = [
            ("~", Value::Null),
            ("true", Value::Bool(true)),
            ("yes", Value::from("yes")),
            ("12", Value::Int(12)),
            ("-12", Value::Int(-12)),
            ("+12", Value::Int(12)),
            ("012", Value::Int(12)),
            ("0x1f", Value::Int(31)),
            ("0o17", Value::Int(15)),
            ("1e3", Value::Float(1000.0)),
            (".5", Value::Float(0.5)),
            ("1.", Value::Float(1.0)),
            (".inf", Value::from(".inf")),
            ("-", Value::from("-")),
            (".", Value::from(".")),
            ("1_000", Value::from("1_000")),
            ("1e400", Value::from("1e400")),
            ("99999999999999999999", Value::from("99999999999999999999")),
        ];
        for (text, value) in cases {
            assert_eq!(resolve_plain(text), value, "{text}");
        }
    }

    #[test]
    fn what_any_reader_could_mistake_is_ambiguous() {
        for text in [
            "",
            "y",
            "N",
            "yes",
            "No",
            "on",
            "OFF",
            "True",
            "null",
            "~",
            "012",
            "1_000",
            "12:30:45",
            "2026-01-01",
            "=",
            "<<",
            "NaN",
            ".nan",
            "-.inf",
            "1e3",
            "0o7",
            "0x1F",
            "0b11",
            "+1",
            "-1.5e-3",
            "2026-01-01T00:00:00Z",
            "2001-12-14 21:59:43.10 -5",
            "1.",
            ".5",
            "190:20:30.15",
            "685.230_15e+03",
            "-",
            "12e03",
            "123456789012345678901234567890",
            "-__1",
            "+_0x_1F",
            "1,000",
            "0X1P-2",
            "-._",
            "..",
            "+inf",
        ] {
            assert!(is_ambiguous(text), "{text}");
        }
        for text in [
            "yesterday",
            "a",
            "v1",
            "1Gi",
            "100m",
            "sha256:00",
            "10.0.0.0/8",
            "nginx",
            "1.2.3-rc1",
            "nobody",
            "--flag",
            "-c",
            "-f",
            "../charts",
            "./run.sh",
            "nothing",
        ] {
            assert!(!is_ambiguous(text), "{text}");
        }
    }
}
