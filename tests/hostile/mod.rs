//! Values that YAML has a hard time with: texts that look like something else, made of pieces that readers trip over.

use gitops_gen::yaml::{Map, Value};
use proptest::prelude::*;
use proptest::sample::select;

/// Texts that some reader takes for something else when they stand without quotes.
#[rustfmt::skip] // as a table, not a line each
pub const AMBIGUOUS: &[&str] = &[
    "", "~", "null", "Null", "NULL", "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON",
    "off", "Off", "OFF", "true", "True", "TRUE", "false", "False", "FALSE", "=", "<<", "nan", "NaN", ".nan", ".NaN",
    ".NAN", "inf", ".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.INF", "Infinity", "-Infinity", "0", "-0", "+0", "1",
    "-1", "+1", "00", "01", "012", "08", "09", "-012", "+012", "0o7", "0o17", "-0o7", "0O7", "0x1F", "0X1f", "-0x1F",
    "0x", "0b11", "0B11", "-0b1", "0b", "1_000", "_1", "-_1", "-__1", "+__1_", "1__0", "0x_F", "0_7", "1_", "1,000",
    "1.", "1.0", ".5", "+.5", "-.5", "._5", "-._5", "1._5", "1e3", "1E3", "1e+3", "1e-3", "1.0e3", "1.0e+3", ".1e3",
    ".1e+3", "-1e3", "12e03", "1e1000", "685.230_15e+03", "0x1p-2", "0x1.8p1", "12:30", "12:30:45", "1:60",
    "190:20:30", "190:20:30.15", "-1:30", "+1:30", "08:30", "2026-01-01", "2026-1-1", "2026-01-01T00:00:00Z",
    "2026-01-01t00:00:00z", "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10", "2001-12-14t21:59:43.10-05:00",
    "2026-13-45", "123456789012345678901234567890", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e400", "-", "--", "---", "...", "..",
    ".", "+", "?", ":", "|", ">", "|-", ">+", "!", "!!str", "!!int 1", "&a", "*a", "%YAML 1.1", "@a", "`a`", "'",
    "\"", "''", "\"\"", "[]", "{}", "[", "]", "{", "}", ",", "#", "# a", "a # b", "a: b", "a:", ": a", "- a", "? a",
    "--- a", "... a", "a\u{a0}", "\u{a0}", "0123456789abcdef0123456789abcdef01234567", "1e5f", "10.0.0.1", "1.2.3",
    "::1", "1::1", "null ", " null", "$(a)", "${a}", "{{ a }}", "\u{feff}a",
];

/// Pieces that texts are put together from.
#[rustfmt::skip] // as a table, not a line each
const PIECES: &[&str] = &[
    "a", "b", "name", "word", "0", "1", "9", "12", "_", "e", "E", "x", "o", "-", "+", ".", ":", ",", "?", "!", "&",
    "*", "#", "|", ">", "%", "@", "`", "'", "\"", "\\", "/", "[", "]", "{", "}", "=", "<<", "~", "$", "(", ")", " ",
    " ", "  ", "\t", "\n", "\n", "\n\n", "\n ", "\n  ", " \n", "\n\t", "\t\n", "\r", "\r\n", "\n\r", ": ", " #", "- ",
    "\n- ", "? ", "---", "\n---\n", "\n...\n", "\n# c\n", "\\n", "\\x00", "%20", "\0", "\u{1}", "\u{7}", "\u{8}",
    "\u{b}", "\u{c}", "\u{1b}", "\u{1f}", "\u{7f}", "\u{80}", "\u{84}", "\u{85}", "\u{86}", "\u{9f}", "\u{a0}",
    "\u{ad}", "\u{61c}", "\u{200b}", "\u{200d}", "\u{200e}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2066}",
    "\u{3000}", "\u{d7ff}", "\u{e000}", "\u{e001}", "\u{f8ff}", "\u{fdd0}", "\u{feff}", "\u{fffd}", "\u{fffe}",
    "\u{ffff}", "\u{10000}", "\u{1ffff}", "\u{e0001}", "\u{f0000}", "\u{10ffff}", "é", "ß", "世", "👋🏽", "e\u{301}",
];

/// Pieces of scripts: mostly texts of several lines that are blocks.
#[rustfmt::skip] // as a table, not a line each
const LINES: &[&str] = &[
    "echo a", "set -e", "# comment", "key: value", "- item", "\techo b", "  indented", "trailing  ", "trailing\t", "",
    "", " ", "\t", "   ", "---", "...", "\"quoted\"", "it's", "a \\", "é世", "%dir", "| |", "{{ x }}",
];

fn joined(
    pieces: &'static [&'static str],
    with: &'static str,
    count: usize,
) -> BoxedStrategy<String> {
    prop::collection::vec(select(pieces), 0..count)
        .prop_map(move |pieces| pieces.join(with))
        .boxed()
}

/// A text such as no person would write.
pub fn text() -> BoxedStrategy<String> {
    let ambiguous = select(AMBIGUOUS).prop_map(str::to_owned);
    let numeric = "[-+.]{0,2}[0-9a-f_.:,xobetzTZ+ -]{0,8}";
    let long = (joined(PIECES, "", 6), 1_usize..1_100).prop_map(|(piece, times)| {
        let mut text = piece.repeat(times);
        let end = (0..=text.len().min(2_200)).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text
    });
    prop_oneof![
        8 => ambiguous.clone(),
        2 => (ambiguous, joined(PIECES, "", 3)).prop_map(|(a, b)| a + &b),
        4 => numeric,
        8 => joined(PIECES, "", 8),
        6 => joined(LINES, "\n", 6),
        2 => joined(LINES, "\n", 5).prop_map(|text| text + "\n"),
        2 => prop::collection::vec(any::<char>(), 0..6).prop_map(String::from_iter),
        2 => "[a-zA-Z0-9./_-]{1,20}",
        1 => long,
    ]
    .boxed()
}

fn scalar() -> BoxedStrategy<Value> {
    let float = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(Value::Int),
        1 => (-10_i64..100_000).prop_map(Value::Int),
        1 => float.prop_map(Value::Float),
        1 => (-1_000_i32..1_000, 0_i32..30).prop_map(|(n, e)| Value::Float(f64::from(n) * 10_f64.powi(e - 6))),
        12 => text().prop_map(Value::Str),
    ]
    .boxed()
}

fn mapping(key: BoxedStrategy<String>, value: BoxedStrategy<Value>) -> BoxedStrategy<Map> {
    prop::collection::vec((key, value), 0..5).prop_map(Map::from_iter).boxed()
}

/// Any value, some levels deep.
pub fn value() -> BoxedStrategy<Value> {
    scalar()
        .prop_recursive(4, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Seq),
                mapping(text(), inner.boxed()).prop_map(Value::Map),
            ]
        })
        .boxed()
}

/// A mapping as the root, as every object has.
pub fn object() -> BoxedStrategy<Value> {
    mapping(text(), value()).prop_map(Value::Map).boxed()
}
