//! The JSON output of a failed command: the same facts as on stderr.

use serde_json::{Value, json};

use crate::diagnostics::{Diagnostic, Diagnostics, Severity, Sources};

/// An incomplete result with its errors. `schema` is incremented when the meaning of a field changes.
#[must_use]
pub fn failure_json(command: &str, found: &Diagnostics, sources: &Sources) -> Value {
    json!({"schema": 1, "complete": false, "command": command, "errors": errors(found, sources)})
}

/// The errors among some diagnostics.
pub(super) fn errors(found: &Diagnostics, sources: &Sources) -> Vec<Value> {
    let errors = found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| error(diagnostic, sources)).collect()
}

fn error(diagnostic: &Diagnostic, sources: &Sources) -> Value {
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
