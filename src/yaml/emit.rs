//! Canonical YAML (being written).
use super::Value;
/// Writes one document.
#[must_use]
pub fn emit_document(value: &Value) -> String {
    let mut out = String::new();
    emit_into(&mut out, value);
    out
}
/// Writes one document behind what is there.
pub fn emit_into(out: &mut String, value: &Value) {
    out.push_str(&value.to_string());
}
