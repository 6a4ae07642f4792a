//! Tekton's variables in strings of the spec.

use super::decoder::Decoder;
use crate::diagnostics::{Span, SpecError};
use crate::yaml::Value;

/// Prefixes of Tekton's variables.
const WORDS: &str =
    "params. params[ tasks. context. results. workspaces. steps. inputs. outputs. finally.";

/// Tekton replaces its variables in every string of a Task, and has no way to escape them.
pub(super) fn tekton_variable(text: &str) -> Option<&str> {
    text.match_indices("$(").find_map(|(at, _)| {
        let inner = &text[at + 2..];
        let end = inner.find(')').map_or(inner.len(), |end| end + 1);
        let is_variable = WORDS.split(' ').any(|word| inner.starts_with(word));
        is_variable.then(|| &text[at..at + 2 + end])
    })
}

/// Rejects such a variable in the value of a Container's variable.
pub(super) fn refuse_tekton_variable(d: &mut Decoder<'_>, variable: &Value, span: Span) {
    if let Some(found) = variable.str_at(&["value"]).and_then(tekton_variable) {
        let name = variable.str_at(&["name"]).unwrap_or_default().to_owned();
        let variable = found.to_owned();
        d.error(span, SpecError::TektonVariable { name, variable });
    }
}
