//! Tekton's variables in texts of the spec.

use super::decode::Decoder;
use crate::diagnostics::{Span, SpecError};
use crate::yaml::Value;

/// Tekton substitutes its variables in every text of a Task, and knows no way to say that the characters are meant.
pub(super) fn tekton_variable(text: &str) -> Option<&str> {
    let words = [
        "params.",
        "params[",
        "tasks.",
        "context.",
        "results.",
        "workspaces.",
        "steps.",
        "inputs.",
        "outputs.",
        "finally.",
    ];
    text.match_indices("$(").find_map(|(at, _)| {
        let inner = &text[at + 2..];
        words
            .iter()
            .any(|word| inner.starts_with(word))
            .then(|| &text[at..at + 2 + inner.find(')').map_or(inner.len(), |end| end + 1)])
    })
}

pub(super) fn refuse_tekton_variables(d: &mut Decoder<'_>, variables: &Value, span: Span) {
    for variable in variables.as_seq().unwrap_or_default() {
        if let Some(found) = variable.str_at(&["value"]).and_then(tekton_variable) {
            let name = variable.str_at(&["name"]).unwrap_or_default().to_owned();
            d.problems.error(
                span,
                SpecError::TektonVariable {
                    name,
                    variable: found.to_owned(),
                },
            );
        }
    }
}
