//! What operators do with a value (fluxcd/pkg/envsubst/funcs.go).

use super::lookup::Refusal;
use super::pattern::matches;

const CUT: Refusal = Refusal::Malformed("a substring ends before it begins, or within a character");

/// How much work an operation is, in bytes.
pub(super) fn work(operator: &str, value: &str, arguments: &[&str]) -> usize {
    let length = value.len();
    let others: usize = arguments.iter().map(|argument| argument.len()).sum();
    let plain = length.saturating_add(others);
    match operator {
        // Each prefix is compared with the pattern, in which each `*` may look through all of it.
        "#" | "##" | "%" | "%%" if !arguments.is_empty() => {
            plain.saturating_mul(length.max(1)).saturating_mul(others.max(1))
        }
        "//" => {
            let found = arguments.first().map_or(0, |part| value.matches(part).count());
            plain.saturating_add(found.saturating_mul(others))
        }
        _ => plain,
    }
}

/// Applies an operator.
pub(super) fn apply(operator: &str, value: &str, arguments: &[&str]) -> Result<String, Refusal> {
    let first = arguments.first().copied().unwrap_or_default();
    let second = arguments.get(1).copied().unwrap_or_default();
    let has_both = arguments.len() == 2;
    Ok(match operator {
        "," => with_first(value, lower),
        ",," => value.chars().map(lower).collect(),
        "^" => with_first(value, upper),
        "^^" => value.chars().map(upper).collect(),
        "#" if arguments.is_empty() => value.len().to_string(),
        "#" => shortest(value, first),
        "##" => longest(value, first),
        "%" => reversed(&shortest(&reversed(value), &reversed(first))),
        "%%" => reversed(&longest(&reversed(value), &reversed(first))),
        ":" => return substring(value, arguments),
        "/#" if has_both && value.starts_with(first) => value.replacen(first, second, 1),
        "/%" if has_both && value.ends_with(first) => {
            format!("{}{second}", &value[..value.len() - first.len()])
        }
        "/#" | "/%" => value.to_owned(),
        "/" => value.replacen(first, second, 1),
        "//" => value.replace(first, second),
        _ if value.is_empty() => arguments.concat(),
        _ => value.to_owned(),
    })
}

/// One character for one, as Go's `unicode` maps them.
fn lower(c: char) -> char {
    single(c, c.to_lowercase())
}

fn upper(c: char) -> char {
    single(c, c.to_uppercase())
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn with_first(value: &str, map: fn(char) -> char) -> String {
    let mut all = value.chars();
    all.next().map(map).into_iter().chain(all).collect()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// From a position, and so many bytes. What is no number changes nothing, as in bash.
fn substring(value: &str, arguments: &[&str]) -> Result<String, Refusal> {
    let number = |text: &str| text.parse::<i64>().ok();
    let size = i64::try_from(value.len()).map_err(|_| Refusal::TooLarge)?;
    let Some(position) = arguments.first().and_then(|text| number(text)) else {
        return Ok(value.to_owned());
    };
    let from = if position < 0 { (size + position).max(0) } else { position };
    let end = match arguments.get(1).map(|text| number(text)) {
        None => size,
        Some(None) => return Ok(value.to_owned()),
        Some(Some(length)) => from.saturating_add(length).min(size),
    };
    if from >= size && end >= size {
        return Ok(String::new());
    }
    let place = usize::try_from(from).ok().zip(usize::try_from(end).ok());
    place.and_then(|(from, end)| value.get(from..end)).map(str::to_owned).ok_or(CUT)
}

/// Without the shortest beginning that matches.
fn shortest(value: &str, pattern: &str) -> String {
    cut(value, ends(value), pattern)
}

/// Without the longest beginning that matches.
fn longest(value: &str, pattern: &str) -> String {
    cut(value, ends(value).rev(), pattern)
}

/// Where beginnings end.
fn ends(value: &str) -> impl DoubleEndedIterator<Item = usize> {
    value.char_indices().map(|(at, c)| at + c.len_utf8())
}

/// A pattern that is none changes nothing.
fn cut(value: &str, mut ends: impl Iterator<Item = usize>, pattern: &str) -> String {
    let found = ends.find(|end| matches(pattern, &value[..*end]).unwrap_or(false));
    found.map_or_else(|| value.to_owned(), |end| value[end..].to_owned())
}
