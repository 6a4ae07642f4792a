//! Every text in a value, with its path.

use std::fmt::Write as _;

use crate::yaml::Value;

/// Calls `each` with the path, as in `spec.steps[0].script`, and the text of every text in a value.
pub(super) fn texts<'v>(value: &'v Value, each: &mut impl FnMut(&str, &'v str)) {
    walk(value, &mut String::new(), each);
}

fn walk<'v>(value: &'v Value, path: &mut String, each: &mut impl FnMut(&str, &'v str)) {
    let length = path.len();
    match value {
        Value::Str(text) => each(path, text),
        Value::Seq(items) => {
            for (at, item) in items.iter().enumerate() {
                let _ = write!(path, "[{at}]");
                walk(item, path, each);
                path.truncate(length);
            }
        }
        Value::Map(map) => {
            for (key, item) in map.iter() {
                let dot = if length == 0 { "" } else { "." };
                let _ = write!(path, "{dot}{key}");
                walk(item, path, each);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}
