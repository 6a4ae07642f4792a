//! JSON patch (RFC 6902): operations in order, all or none.

use super::operation::{Action, Operation, Place};
use super::pointer::Problem;
use crate::diagnostics::{Diagnostic, PatchError, Span};
use crate::yaml::{Limits, Value};

/// Applies the operations to a copy, and replaces the object once the last one has succeeded.
///
/// # Errors
/// The first operation that fails, with its location. The object is then unchanged.
pub fn apply(operations: &[Operation], object: &mut Value) -> Result<(), Box<Diagnostic>> {
    let mut copy = object.clone();
    for operation in operations {
        one(operation, &mut copy)?;
    }
    *object = copy;
    Ok(())
}

fn one(operation: &Operation, object: &mut Value) -> Result<(), Box<Diagnostic>> {
    let path = &operation.path;
    match &operation.action {
        Action::Add(value) => put(operation, object, value.clone())?,
        Action::Remove => drop(path.pointer.remove(object).map_err(nowhere(path))?),
        Action::Replace(value) => {
            within_limits(operation, value)?;
            path.pointer.replace(object, value.clone()).map_err(nowhere(path))?;
        }
        Action::Move(from) => {
            if path.pointer.is_below(&from.pointer) {
                let problem = format!("is inside `{}`, which is to be moved", from.pointer);
                return Err(nowhere(path)(problem));
            }
            from.pointer.get(object).map_err(nowhere(from))?;
            if path.pointer != from.pointer {
                let value = from.pointer.remove(object).map_err(nowhere(from))?;
                put(operation, object, value)?;
            }
        }
        Action::Copy(from) => {
            let value = from.pointer.get(object).map_err(nowhere(from))?.clone();
            put(operation, object, value)?;
            let limit = Limits::default().nodes;
            if size(object) > limit {
                let problem = format!("larger than {limit} values");
                return Err(at(operation.span, PatchError::TooLarge { problem }));
            }
        }
        Action::Test(value) => {
            let found = path.pointer.get(object).map_err(nowhere(path))?;
            if !equal(found, value) {
                let (pointer, found) = (path.pointer.to_string(), shown(found));
                return Err(at(operation.span, PatchError::TestFailed { pointer, found }));
            }
        }
    }
    Ok(())
}

fn put(operation: &Operation, object: &mut Value, value: Value) -> Result<(), Box<Diagnostic>> {
    within_limits(operation, &value)?;
    let path = &operation.path;
    path.pointer.add(object, value).map_err(nowhere(path))
}

/// Each operation can nest the result of the one before, until it exhausts readers and stacks.
fn within_limits(operation: &Operation, value: &Value) -> Result<(), Box<Diagnostic>> {
    let limit = Limits::default().depth;
    if operation.path.pointer.tokens().len() + height(value) <= limit {
        return Ok(());
    }
    let problem = format!("deeper than {limit} levels");
    Err(at(operation.span, PatchError::TooLarge { problem }))
}

fn nowhere(place: &Place) -> impl Fn(Problem) -> Box<Diagnostic> {
    |problem| {
        let pointer = match place.pointer.to_string() {
            whole if whole.is_empty() => r#""""#.to_owned(),
            pointer => pointer,
        };
        at(place.span, PatchError::Pointer { pointer, problem })
    }
}

fn at(span: Span, error: PatchError) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(error).at(span))
}

/// Equality by RFC 6902: numbers by value, in any notation; the order of keys does not matter.
#[allow(clippy::float_cmp, reason = "two numbers are the same or they are not")]
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            // By their digits, because a large integer has no exact float; adding zero turns -0 into 0.
            (float + 0.0).to_string() == int.to_string()
        }
        (Value::Seq(a), Value::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let same = |(key, value)| b.get(key).is_some_and(|other| equal(value, other));
            a.len() == b.len() && a.iter().all(same)
        }
        (a, b) => a == b,
    }
}

/// A value in a message: as JSON if short, else its type.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { format!("`{text}`") } else { value.describe().to_owned() }
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Seq(items) => items.iter().map(size).sum(),
        Value::Map(map) => map.iter().map(|(_, value)| size(value)).sum(),
        _ => 0,
    }
}

fn height(value: &Value) -> usize {
    let below = match value {
        Value::Seq(items) => items.iter().map(height).max(),
        Value::Map(map) => map.iter().map(|(_, value)| height(value)).max(),
        _ => return 0,
    };
    1 + below.unwrap_or(0)
}
