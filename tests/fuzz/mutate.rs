//! Changing texts and objects at random, the same for the same seed.

use serde_json::Value;

pub use crate::random::Random;

/// What breaks readers and writers.
#[rustfmt::skip] // as a table, not a line each
const PIECES: &[&str] = &[
    "", " ", "\n", "\t", "\r\n", "---\n", "...\n", "\u{feff}", "\u{e000}0\u{e001}", "\u{e000}", "\u{0}", "\u{1b}[31m", "\u{202e}",
    "{{ app.name }}", "{{", "}}", "{%", "%}", "{# #}", "{% for a in b %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{{ x | y }}",
    "{% set a = a + a %}", "{{ [1, 2] * 3 }}", "{% macro m(a) %}{{ a }}{% endmacro %}", "| indent(6)", "| tojson", "| trim", "&a", "*a",
    "<<: *a", "!!binary", "!x", "? ", "- ", ": ", ", ", "[", "]", "{", "}", "|", ">-", "|2+", "#", "\"", "'", "\\", "`", "$(x)",
    "$(params.x)", "$(tasks.a.results.b)", "${X}", "$$", "$((1/0))", "${a:-${b}}", "<<EOF\n", "&&", "||", ";", "case x in",
    "kubectl apply -f -", "kubectl get pods -n x", "flux reconcile", "gen set a", "eval", "exec \"$@\"", "while :; do", "fi", "}", "null",
    "~", "yes", "012", "0o7", "1e999", "-0", "9223372036854775808", "18446744073709551616", ".inf", "0x", "1_0", "12:30:45", "../", "/",
    "//", "..", ".", "~/x", "-", "--upload-pack=x", "ext::sh -c x", "file:///etc/passwd", "git@h:p", "ssh://-o/x", "@", "https://u:p@h/",
    "%2e%2e", "a@sha256:0", ":", "::", "refs/heads/x", "x.lock", "@{", "\u{7f}", "é", "世界", "👋🏽", "a", "1Gi", "15m", "* * * * *",
    "10.0.0.0/8", "2027-06-30", "*.yaml", "**/*", "[a-", "apps:", "image:", "pipeline:", "script:",
];

/// A text, changed in up to four places. `others` lend their lines.
pub fn text(random: &mut Random, of: &str, others: &[&str]) -> String {
    let mut lines: Vec<String> = of.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..=random.below(4) {
        one(random, &mut lines, others);
    }
    let mut out = lines.concat();
    // What doubles itself stops here.
    let mut end = out.len().min(1 << 16);
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    out
}

fn one(random: &mut Random, lines: &mut Vec<String>, others: &[&str]) {
    if lines.is_empty() {
        lines.push(String::new());
    }
    let at = random.below(lines.len());
    match random.below(10) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        3 => {
            let indented = format!("{}{}", " ".repeat(random.below(6)), lines[at].trim_start());
            lines[at] = indented;
        }
        4 | 5 => {
            let donor: Vec<&str> = random.pick(others).split_inclusive('\n').collect();
            if !donor.is_empty() {
                let from = random.below(donor.len());
                let to = donor.len().min(from + 1 + random.below(8));
                lines.splice(at..at, donor[from..to].iter().map(|line| (*line).to_owned()));
            }
        }
        6 => {
            // From a word on, another word.
            let words: Vec<(usize, &str)> =
                lines[at].match_indices(|c: char| c.is_alphanumeric()).collect();
            if let Some((from, _)) = (!words.is_empty()).then(|| *random.pick(&words)) {
                let to = lines[at][from..]
                    .find(|c: char| !c.is_alphanumeric())
                    .map_or(lines[at].len(), |to| from + to);
                lines[at].replace_range(from..to, random.pick::<&str>(PIECES));
            }
        }
        7 => {
            let whole = lines[at].repeat(1 + random.below(20));
            lines[at] = whole;
        }
        _ => {
            let places: Vec<usize> =
                lines[at].char_indices().map(|(place, _)| place).chain([lines[at].len()]).collect();
            let from = random.below(places.len());
            let to = (from + random.below(3)).min(places.len() - 1);
            lines[at].replace_range(places[from]..places[to], "");
            let places: Vec<usize> =
                lines[at].char_indices().map(|(place, _)| place).chain([lines[at].len()]).collect();
            let place = *random.pick(&places);
            lines[at].insert_str(place, random.pick::<&str>(PIECES));
        }
    }
}

/// A short text of pieces.
pub fn pieces(random: &mut Random) -> String {
    (0..=random.below(6)).map(|_| *random.pick(PIECES)).collect()
}

/// An object, changed in up to six places.
pub fn object(random: &mut Random, of: &Value) -> Value {
    let mut value = of.clone();
    for _ in 0..random.below(7) {
        change(random, &mut value, 0);
    }
    value
}

fn change(random: &mut Random, value: &mut Value, depth: usize) {
    let stays = depth > 0 && random.below(8) == 0;
    match value {
        Value::Object(map) if !stays && !map.is_empty() => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = random.pick(&keys).clone();
            match random.below(12) {
                0 => {
                    map.shift_remove(&key);
                }
                1 => {
                    let one = map[&key].clone();
                    map.insert(pieces(random), one);
                }
                _ => {
                    if let Some(inner) = map.get_mut(&key) {
                        change(random, inner, depth + 1);
                    }
                }
            }
        }
        Value::Array(items) if !stays && !items.is_empty() => {
            let at = random.below(items.len());
            match random.below(6) {
                0 => {
                    items.remove(at);
                }
                1 => items.insert(at, items[at].clone()),
                2 => {
                    let other = random.below(items.len());
                    items.swap(at, other);
                }
                _ => change(random, &mut items[at], depth + 1),
            }
        }
        other => *other = scalar(random),
    }
}

fn scalar(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::from(i64::MIN),
        3 => Value::from(u64::MAX),
        4 => Value::from(1.5e300),
        5 => Value::Array(Vec::new()),
        6 => Value::Object(serde_json::Map::new()),
        _ => Value::from(pieces(random)),
    }
}
