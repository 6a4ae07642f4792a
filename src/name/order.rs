//! The order of names for people: `svc-2` before `svc-10`. Rendered files and JSON keep the order of bytes.

use std::cmp::Ordering;

/// Compares two names, with runs of digits as numbers.
#[must_use]
pub fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let [(number, rest), (second, remainder)] = [left, right].map(digits);
        let found = if number.is_empty() || second.is_empty() {
            let (mut first, mut next) = (left.chars(), right.chars());
            let found = first.next().cmp(&next.next());
            (left, right) = (first.as_str(), next.as_str());
            found
        } else {
            (left, right) = (rest, remainder);
            let [number, second] = [number, second].map(|text| text.trim_start_matches('0'));
            number.len().cmp(&second.len()).then_with(|| number.cmp(second))
        };
        if found != Ordering::Equal {
            return found;
        }
        if left.is_empty() && right.is_empty() {
            // Only leading zeros can differ.
            return one.cmp(other);
        }
    }
}

/// The names in that order.
pub fn naturally<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut names: Vec<T> = names.into_iter().collect();
    names.sort_by(|one, other| natural(one.as_ref(), other.as_ref()));
    names
}

/// The digits at the beginning, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svc_2_comes_before_svc_10() {
        let names = ["svc-10", "svc10", "svc-2", "svc2", "svc", "a-1-10", "a-1-9", "a-01-9", ""];
        assert_eq!(
            naturally(names),
            ["", "a-01-9", "a-1-9", "a-1-10", "svc", "svc-2", "svc-10", "svc2", "svc10"]
        );
        let long = format!("v{}", "9".repeat(60));
        assert_eq!(natural("v8", &long), Ordering::Less);
        assert_eq!(natural("v1", "v1"), Ordering::Equal);
    }
}
