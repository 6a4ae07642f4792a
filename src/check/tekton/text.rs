//! The formats of names, durations and quantities, as Kubernetes, Tekton and Go read them.

fn ends_alphanumeric(text: &str) -> bool {
    let is = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    is(text.chars().next()) && is(text.chars().last())
}

/// A label of RFC 1123.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= 63
        && ends_alphanumeric(text)
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// A subdomain of RFC 1123.
pub(super) fn is_subdomain(text: &str) -> bool {
    let is_part = |part: &str| {
        ends_alphanumeric(part)
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

fn is_name_part(text: &str) -> bool {
    text.len() <= 63
        && ends_alphanumeric(text)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The value of a label.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name_part(text)
}

/// A name with an optional domain before it, as of a label or annotation.
pub(super) fn is_qualified(text: &str) -> bool {
    match text.split_once('/') {
        None => is_name_part(text),
        Some((domain, name)) => is_subdomain(domain) && is_name_part(name),
    }
}

/// The name of a parameter; those of objects and of their keys have no dots.
pub(super) fn is_param_name(text: &str, dots: bool) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c) || dots && c == '.')
}

/// The name of a result.
pub(super) fn is_result_name(text: &str) -> bool {
    ends_alphanumeric(text) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Whether a reference looks like an address: `[\w-]+:\/\/*`.
pub(super) fn is_like_url(text: &str) -> bool {
    text.match_indices(":/").any(|(at, _)| {
        text[..at].chars().last().is_some_and(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    })
}

/// Nanoseconds of a duration as Go's `time.ParseDuration` reads it; nothing if it does not.
pub(super) fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: f64 = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        if number.matches('.').count() > 1 || number == "." || number.is_empty() {
            return None;
        }
        let number: f64 = format!("0{number}0")
            .parse()
            .ok()
            .map(|shifted: f64| if number.contains('.') { shifted } else { shifted / 10.0 })?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let unit = match &after[..end] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3_600e9,
            _ => return None,
        };
        sum += number * unit;
        rest = &after[end..];
    }
    #[allow(clippy::cast_possible_truncation, reason = "what is out of range is refused before")]
    (sum < 9.2e18).then_some(sign * sum as i64)
}

/// A duration as Go prints it.
pub(super) fn shown(nanoseconds: i64) -> String {
    let whole = nanoseconds.unsigned_abs();
    let (sign, seconds) = (if nanoseconds < 0 { "-" } else { "" }, whole / 1_000_000_000);
    if whole == 0 {
        return "0s".to_owned();
    }
    if whole < 1_000_000_000 {
        return format!("{sign}{}ms", whole / 1_000_000);
    }
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// A quantity of resources.
pub(super) fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, unit) = unsigned.split_at(end);
    let is_exponent = |unit: &str| {
        let digits = unit.strip_prefix(['e', 'E']);
        let digits = digits.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
        digits
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
    };
    let units = "n u m k M G T P E Ki Mi Gi Ti Pi Ei";
    number.matches('.').count() <= 1
        && number.chars().any(|c| c.is_ascii_digit())
        && (unit.is_empty() || units.split(' ').any(|known| known == unit) || is_exponent(unit))
}

/// A path without `.`, `..` and doubled slashes, as Go cleans it.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_rooted = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, seconds) in
            [("1h", 3600), ("1h30m", 5400), ("0", 0), ("0s", 0), ("1.5m", 90), ("-5s", -5)]
        {
            assert_eq!(duration(text), Some(seconds * 1_000_000_000), "{text}");
        }
        assert_eq!(duration("10ms"), Some(10_000_000));
        for text in ["", "1", "h", "1d", "1 h", "1h ", "-", ".s", "1..2s", "one"] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(shown(5_400_000_000_000), "1h30m0s");
        assert_eq!(shown(-90_000_000_000), "-1m30s");
    }

    #[test]
    fn quantities() {
        for text in ["1", "0.5", ".5", "1.", "500m", "1Gi", "1e3", "1E", "-1", "100n"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "m", "1 Gi", "1GB", "1gi", "1e", "1.2.3", "x"] {
            assert!(!is_quantity(text), "{text}");
        }
    }

    #[test]
    fn names() {
        assert!(is_label("a-1") && !is_label("A") && !is_label("") && !is_label("a-"));
        assert!(is_subdomain("a.b-c") && !is_subdomain("a..b") && !is_subdomain("a_b"));
        assert!(is_qualified("a/b_c") && is_qualified("Build.v1") && !is_qualified("a/b/c"));
        assert!(is_like_url("https://host") && is_like_url("a:/") && !is_like_url("a:b"));
        assert!(is_param_name("a.b", true) && !is_param_name("a.b", false));
        assert!(!is_param_name("1a", true));
    }

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        for (path, cleaned) in [
            ("/a//b/./c/", "/a/b/c"),
            ("/a/../b", "/b"),
            ("/..", "/"),
            ("", "."),
            ("a/..", "."),
            ("../a", "../a"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
    }
}
