//! The operations of a JSON patch as written, with their locations.
//!
//! RFC 6902 lets readers ignore unknown members. Here they are errors: a misspelt `form` would otherwise turn
//! a move into something else silently.

use super::pointer::Pointer;
use crate::diagnostics::{Diagnostic, Diagnostics, PatchError, Span};
use crate::kubernetes::near;
use crate::yaml::{Node, Value};

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its location.
    pub(super) span: Span,
    /// Its target.
    pub(super) path: Place,
    /// Its effect.
    pub(super) action: Action,
}

/// A pointer and its location.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub pointer: Pointer,
    pub span: Span,
}

/// The six operations, with their members besides `path`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    Add(Value),
    Remove,
    Replace(Value),
    Move(Place),
    Copy(Place),
    Test(Value),
}

const NAMES: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// Reads a list of operations.
///
/// # Errors
/// All errors in any of them.
pub fn read(node: &Node) -> Result<Vec<Operation>, Diagnostics> {
    let Some(items) = node.items() else {
        let problem = format!("`json` must be a list of operations, not {}", node.describe());
        let error = PatchError::Operation { problem };
        return Err(Diagnostic::error(error).at(node.span).into());
    };
    let mut problems = Diagnostics::default();
    let operations: Vec<Operation> =
        items.iter().filter_map(|item| operation(item, &mut problems)).collect();
    if problems.is_empty() { Ok(operations) } else { Err(problems) }
}

fn operation(node: &Node, problems: &mut Diagnostics) -> Option<Operation> {
    let mut refuse =
        |at: Span, problem: String| problems.error(at, PatchError::Operation { problem });
    let Some(entries) = node.entries() else {
        let problem = format!("an operation must be a mapping, not {}", node.describe());
        refuse(node.span, problem);
        return None;
    };
    let Some(op) = node.get("op") else {
        refuse(node.span, "missing `op` in the operation".to_owned());
        return None;
    };
    let name = text(op).unwrap_or_default();
    let wants: &[&str] = match name {
        "add" | "replace" | "test" => &["op", "path", "value"],
        "remove" => &["op", "path"],
        "move" | "copy" => &["op", "path", "from"],
        _ => {
            let found =
                text(op).map_or_else(|| op.describe().to_owned(), |text| format!("`{text}`"));
            let hint = near::nearest(name, NAMES).map(|near| format!("; did you mean `{near}`?"));
            let problem = format!("{found} is not a valid operation{}", hint.unwrap_or_default());
            refuse(op.span, problem);
            return None;
        }
    };
    let mut complete = true;
    for entry in entries.iter().filter(|entry| !wants.contains(&entry.key.as_str())) {
        refuse(entry.key_span, format!("`{name}` does not accept `{}`", entry.key));
        complete = false;
    }
    for want in wants.iter().filter(|want| node.get(want).is_none()) {
        refuse(node.span, format!("`{name}` requires `{want}`"));
        complete = false;
    }
    if !complete {
        return None;
    }
    let path = place(node.get("path")?, "path", problems);
    let value = || node.get("value").map(Node::to_value);
    let action = match name {
        "add" => Action::Add(value()?),
        "replace" => Action::Replace(value()?),
        "test" => Action::Test(value()?),
        "remove" => Action::Remove,
        _ => {
            let from = place(node.get("from")?, "from", problems)?;
            if name == "move" { Action::Move(from) } else { Action::Copy(from) }
        }
    };
    Some(Operation { span: node.span, path: path?, action })
}

fn place(node: &Node, field: &str, problems: &mut Diagnostics) -> Option<Place> {
    let Some(written) = text(node) else {
        let problem = format!("`{field}` must be a JSON pointer string, not {}", node.describe());
        problems.error(node.span, PatchError::Operation { problem });
        return None;
    };
    match Pointer::parse(written) {
        Ok(pointer) => Some(Place { pointer, span: node.span }),
        Err(problem) => {
            let pointer = written.to_owned();
            problems.error(node.span, PatchError::Pointer { pointer, problem });
            None
        }
    }
}

fn text(node: &Node) -> Option<&str> {
    let scalar = node.scalar()?;
    matches!(node.to_value(), Value::Str(_)).then_some(scalar.text.as_str())
}
