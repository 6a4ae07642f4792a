//! Filters and functions that gen adds to or removes from minijinja's.
//!
//! Nothing here reads a file, the clock, the environment or a random number: equal contexts render equal bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::value::{Kwargs, Rest, StringInput, ValueKind, ValueOrKwargs, from_args};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use sha2::{Digest as _, Sha256};

use super::convert::{Converter, text_of};
use crate::diagnostics::TemplateError;

/// The available filters, to find misspelt ones before rendering.
#[rustfmt::skip]
pub(super) const FILTERS: &[&str] = &[
    "abs", "attr", "batch", "bool", "capitalize", "chain", "count", "d", "default", "dictsort", "first", "float", "format",
    "groupby", "indent", "int", "items", "join", "last", "length", "lines", "list", "lower", "map", "max", "min", "pprint",
    "reject", "rejectattr", "replace", "reverse", "round", "select", "selectattr", "sha256", "slice", "sort", "split",
    "string", "sum", "title", "tojson", "trim", "unique", "upper", "zip",
];

/// Filters that return a string or a number for any input.
#[rustfmt::skip]
const FLAT: &[&str] = &[
    "abs", "bool", "capitalize", "count", "float", "format", "indent", "int", "join", "length", "lower", "pprint", "replace",
    "round", "sha256", "string", "sum", "title", "tojson", "trim", "upper",
];

/// Filters that return their input, a part of it, or a new list of the same items.
#[rustfmt::skip]
const LEVEL: &[&str] = &["attr", "chain", "d", "default", "first", "last", "list", "max", "min", "sort", "unique"];

/// Whether a filter never returns a list.
pub(super) fn is_flat(filter: &str) -> bool {
    // `sum` adds to its start value.
    FLAT.contains(&filter) && filter != "sum"
}

/// Maximum number of levels that other filters add: `groupby` returns lists of pairs with lists in them.
const LEVELS: u32 = 3;

/// Maximum nesting of a filter's result.
pub(super) fn depth(filter: &str, input: u32) -> u32 {
    match filter {
        _ if FLAT.contains(&filter) => 0,
        _ if LEVEL.contains(&filter) => input,
        _ => input + LEVELS,
    }
}

/// The available tests.
#[rustfmt::skip]
pub(super) const TESTS: &[&str] = &[
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "even", "false",
    "filter", "float", "ge", "greaterthan", "gt", "in", "int", "integer", "iterable", "le", "lessthan", "lower", "lt",
    "mapping", "ne", "none", "number", "odd", "sameas", "sequence", "startingwith", "string", "test", "true", "undefined",
    "upper",
];

/// The available functions.
pub(super) const FUNCTIONS: &[&str] = &["dict", "fail", "namespace", "range"];

/// Maximum size of `tojson`'s output, in bytes.
const JSON_LIMIT: usize = 1 << 20;

/// Registers them.
pub(super) fn install(environment: &mut Environment<'_>) {
    // A safe string would enter the text unmarked; only captured text may.
    for unsafe_filter in ["safe", "escape", "e"] {
        environment.remove_filter(unsafe_filter);
    }
    for test in ["safe", "escaped"] {
        environment.remove_test(test);
    }
    // It shows the state of the engine, including markers.
    environment.remove_global("debug");
    environment.add_filter("chain", chain);
    environment.add_filter("indent", indent);
    environment.add_filter("join", join);
    environment.add_filter("sha256", sha256);
    environment.add_filter("string", string);
    environment.add_filter("tojson", tojson);
    environment.add_function("fail", fail);
}

/// An error of ours, wrapped in minijinja's; `failure::diagnose` unwraps it.
fn refuse(problem: TemplateError) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem.to_string()).with_source(problem)
}

/// Canonical JSON: keys sorted, no white space. An ordinary string.
fn tojson(state: &State, value: &Value) -> Result<String, Error> {
    let json = Converter::new(JSON_LIMIT, 0).value(value).map_err(refuse)?.canonical_json();
    charge(state, json.len())?;
    Ok(json)
}

/// The SHA-256 of a string, in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A value as a string in JSON's format: `true`, not minijinja's `True`.
fn string(value: &Value) -> Result<String, Error> {
    text_of(value).map(Into::into).map_err(refuse)
}

/// The items of a list as one string, each as printed by `string`.
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

/// Concatenates lists, or merges mappings, in which the last one wins. Eager, and it consumes fuel: minijinja's own walks
/// all its parts each time, and a list chained with itself sixty times never finishes.
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

/// Bytes per item of a list, as counted by minijinja.
const SLOT: usize = 32;

/// Indents lines, as Jinja's own does: the line break at the end stays, so that what follows a filter block stays on its
/// own line. (minijinja's takes it away.)
fn indent(state: &State, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    type Arguments<'a> = (StringInput<'a>, Option<usize>, Option<bool>, Option<bool>, Kwargs);
    let arguments = arguments.into_values();
    let (value, mut width, mut first, mut blank, options): Arguments<'_> = from_args(&arguments)?;
    // Nearly every call has its arguments by position, and looking three names up takes longer than indenting.
    if options.args().next().is_some() {
        width = width.or(options.get("width")?);
        first = first.or(options.get("first")?);
        blank = blank.or(options.get("blank")?);
        options.assert_all_used()?;
    }
    let (width, first) = (width.unwrap_or(4), first.unwrap_or(false));
    let text = value.as_str();
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
    let size = text.len().saturating_add(width.saturating_mul(lines));
    charge(state, size)?;
    let margin = " ".repeat(width);
    let mut out = String::with_capacity(size);
    let mut rest = text;
    let mut is_first = true;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(end);
        let is_blank = line.bytes().all(|byte| matches!(byte, b'\n' | b'\r'));
        if (first || !is_first) && (!is_blank || blank.unwrap_or(false)) {
            out.push_str(&margin);
        }
        out.push_str(line);
        rest = behind;
        is_first = false;
    }
    Ok(value.preserve_safety(out))
}

/// Fails with a message of the template's author.
fn fail(message: &str) -> Result<Value, Error> {
    let problem = message.to_owned();
    Err(refuse(TemplateError::Failed { problem }))
}

/// Bytes per unit of fuel, as counted by minijinja.
const BYTES_A_FUEL: usize = 64;

/// Consumes fuel for bytes before they are allocated.
fn charge(state: &State, bytes: usize) -> Result<(), Error> {
    let fuel = 1 + bytes / BYTES_A_FUEL;
    state.consume_fuel(u64::try_from(fuel).unwrap_or(u64::MAX))
}
