//! What gen adds to minijinja's filters and functions, and what it takes away.
//!
//! Nothing here reads a file, the clock, the environment or a random number: the same context renders to the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::value::{Kwargs, Rest, StringInput, ValueKind, ValueOrKwargs, from_args};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use sha2::{Digest as _, Sha256};

use super::convert::{Converter, text_of};
use crate::diagnostics::TemplateError;

/// The filters that templates have, for finding misspelt ones before anything renders.
#[rustfmt::skip]
pub(super) const FILTERS: &[&str] = &[
    "abs", "attr", "batch", "bool", "capitalize", "chain", "count", "d", "default", "dictsort", "first", "float", "format",
    "groupby", "indent", "int", "items", "join", "last", "length", "lines", "list", "lower", "map", "max", "min", "pprint",
    "reject", "rejectattr", "replace", "reverse", "round", "select", "selectattr", "sha256", "slice", "sort", "split",
    "string", "sum", "title", "tojson", "trim", "unique", "upper", "zip",
];

/// Filters that return a text or a number, whatever goes in.
#[rustfmt::skip]
const FLAT: &[&str] = &[
    "abs", "bool", "capitalize", "count", "float", "format", "indent", "int", "join", "length", "lower", "pprint", "replace",
    "round", "sha256", "string", "sum", "title", "tojson", "trim", "upper",
];

/// Filters that return what goes in, or a part of it, or a new list of the same items.
#[rustfmt::skip]
const LEVEL: &[&str] = &["attr", "chain", "d", "default", "first", "last", "list", "max", "min", "sort", "unique"];

/// Whether a filter returns no list, whatever goes in.
pub(super) fn is_flat(filter: &str) -> bool {
    // `sum` adds to what it is told to begin with.
    FLAT.contains(&filter) && filter != "sum"
}

/// Levels that any other filter may put around its input: `groupby` returns lists of pairs with lists in them.
const LEVELS: u32 = 3;

/// How deep a filter's result may be nested.
pub(super) fn depth(filter: &str, input: u32) -> u32 {
    match filter {
        _ if FLAT.contains(&filter) => 0,
        _ if LEVEL.contains(&filter) => input,
        _ => input + LEVELS,
    }
}

/// The tests that templates have.
#[rustfmt::skip]
pub(super) const TESTS: &[&str] = &[
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "even", "false",
    "filter", "float", "ge", "greaterthan", "gt", "in", "int", "integer", "iterable", "le", "lessthan", "lower", "lt",
    "mapping", "ne", "none", "number", "odd", "sameas", "sequence", "startingwith", "string", "test", "true", "undefined",
    "upper",
];

/// The functions that templates have.
pub(super) const FUNCTIONS: &[&str] = &["dict", "fail", "namespace", "range"];

/// The largest value that `tojson` writes.
const JSON_LIMIT: usize = 1 << 20;

/// Puts them in place.
pub(super) fn install(environment: &mut Environment<'_>) {
    // A safe string would enter the text as it is; only captured text may.
    for unsafe_filter in ["safe", "escape", "e"] {
        environment.remove_filter(unsafe_filter);
    }
    for test in ["safe", "escaped"] {
        environment.remove_test(test);
    }
    // It shows the state of the engine, markers and all.
    environment.remove_global("debug");
    environment.add_filter("chain", chain);
    environment.add_filter("indent", indent);
    environment.add_filter("join", join);
    environment.add_filter("sha256", sha256);
    environment.add_filter("string", string);
    environment.add_filter("tojson", tojson);
    environment.add_function("fail", fail);
}

/// A problem of ours in minijinja's clothes; `failure::diagnose` takes them off again.
fn refuse(problem: TemplateError) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem.to_string()).with_source(problem)
}

/// Canonical JSON: keys sorted, no white space. An ordinary text like any other.
fn tojson(state: &State, value: &Value) -> Result<String, Error> {
    let json = Converter::new(JSON_LIMIT, 0)
        .value(value)
        .map_err(refuse)?
        .canonical_json();
    charge(state, json.len())?;
    Ok(json)
}

/// The SHA-256 of a text, in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A value as text, as JSON prints it: `true`, where minijinja's own says `True`.
fn string(value: &Value) -> Result<String, Error> {
    text_of(value).map(Into::into).map_err(refuse)
}

/// The items of a list as one text, each as `string` prints it.
#[allow(clippy::needless_pass_by_value)] // minijinja passes named arguments by value.
fn join(
    state: &State,
    value: &Value,
    separator: Option<&str>,
    options: Kwargs,
) -> Result<String, Error> {
    let attribute: Option<&str> = options.get("attribute")?;
    let named: Option<&str> = options.get("d")?;
    options.assert_all_used()?;
    let separator = separator.or(named).unwrap_or_default();
    let mut out = String::new();
    for (n, item) in value.try_iter()?.checked().enumerate() {
        let item = match attribute {
            Some(name) => item?.get_attr(name)?,
            None => item?,
        };
        let text = text_of(&item).map_err(refuse)?;
        charge(state, text.len() + separator.len())?;
        if n > 0 {
            out.push_str(separator);
        }
        out.push_str(&text);
    }
    Ok(out)
}

/// Lists one behind the other, or mappings of which the last that has a key counts. Made at once and paid for: minijinja's own looks
/// into all that it was made of each time, and what was chained with itself sixty times has no end.
#[allow(clippy::needless_pass_by_value)] // minijinja passes the rest of the arguments by value.
fn chain(state: &State, value: &Value, others: Rest<Value>) -> Result<Value, Error> {
    let all = std::iter::once(value).chain(others.iter());
    if all.clone().all(|value| value.kind() == ValueKind::Map) {
        let mut merged = BTreeMap::new();
        for value in all {
            for key in value.try_iter()?.checked() {
                charge(state, SLOT)?;
                let key = key?;
                merged.insert(key.clone(), value.get_item(&key)?);
            }
        }
        return Ok(merged.into_iter().collect());
    }
    let mut items: Vec<Value> = Vec::new();
    for value in all {
        for item in value.try_iter()?.checked() {
            charge(state, SLOT)?;
            items.push(item?);
        }
    }
    Ok(Value::from(items))
}

/// Bytes of a place in a list, as minijinja itself counts.
const SLOT: usize = 32;

/// Indents lines, as Jinja's own does: the line break at the end stays, so that what follows a filter block stays on its
/// own line. (minijinja's takes it away.)
fn indent(state: &State, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    type Arguments<'a> = (
        StringInput<'a>,
        Option<usize>,
        Option<bool>,
        Option<bool>,
        Kwargs,
    );
    let arguments = arguments.into_values();
    let (value, width, first, blank, options): Arguments<'_> = from_args(&arguments)?;
    let width = width.or(options.get("width")?).unwrap_or(4);
    let first = first.or(options.get("first")?).unwrap_or(false);
    let blank = blank.or(options.get("blank")?).unwrap_or(false);
    options.assert_all_used()?;
    let text = value.as_str();
    let lines = text.split_inclusive('\n').count();
    charge(
        state,
        text.len().saturating_add(width.saturating_mul(lines)),
    )?;
    let margin = " ".repeat(width);
    let mut out = String::new();
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let is_blank = line.trim_end_matches(['\n', '\r']).is_empty();
        if (n > 0 || first) && (!is_blank || blank) {
            out.push_str(&margin);
        }
        out.push_str(line);
    }
    Ok(value.preserve_safety(out))
}

/// Ends the rendering with a message of the template's author.
fn fail(message: &str) -> Result<Value, Error> {
    let problem = message.to_owned();
    Err(refuse(TemplateError::Failed { problem }))
}

/// Bytes for one unit of fuel, as minijinja itself counts.
const BYTES_A_FUEL: usize = 64;

/// Takes fuel for bytes before they are made.
fn charge(state: &State, bytes: usize) -> Result<(), Error> {
    let fuel = 1 + bytes / BYTES_A_FUEL;
    state.consume_fuel(u64::try_from(fuel).unwrap_or(u64::MAX))
}
