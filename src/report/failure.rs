//! What stopped a command, for programs: the same facts that people read on stderr.

use serde_json::{Value, json};

use crate::diagnostics::Sources;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};

/// A result that is not complete, with the reasons. `schema` counts up when a field changes its meaning.
#[must_use]
pub fn failure_json(command: &str, found: &Diagnostics, sources: &Sources) -> Value {
    let errors: Vec<Value> = found
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| error(diagnostic, sources))
        .collect();
    json!({"schema": 1, "complete": false, "command": command, "errors": errors})
}

/// One of them.
pub(super) fn error(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = diagnostic.at.map(|span| {
        json!({
            "file": sources.file(span.file).path.as_ref(),
            "line": span.start.line,
            "column": span.start.column,
        })
    });
    let file = || diagnostic.path.as_ref().map(|path| json!({"file": path}));
    json!({
        "code": diagnostic.kind.entry().code.to_string(),
        "message": diagnostic.kind.to_string(),
        "help": diagnostic.kind.help(),
        "at": place.or_else(file),
    })
}
