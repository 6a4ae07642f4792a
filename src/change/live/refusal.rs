//! Interprets a dry run rejected by the API server.

use serde_json::Value;

use crate::kubernetes::json::{list, text};

/// The reason, as far as the object is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An immutable field: Flux fails, or deletes and recreates the object if forced
    /// (SSA errors/immutable.go: any 422 counts).
    Invalid(String),
    /// The server would reject the apply as well: admission, quota, a malformed object.
    Blocked(String),
    /// This account lacks a permission. Flux's may have it.
    MissingRight(String),
    /// The namespace does not exist.
    NoNamespace(String),
    /// Unrelated to the object.
    Unknown(String),
}

/// The server's prefix for objects of a server-side apply that do not fit their schema.
pub const NOT_TYPED: &str = "failed to create typed patch object";

/// Parses the server's response to a rejected dry run.
#[must_use]
pub fn refusal(status: u16, answer: &Value) -> Refusal {
    let message = message(status, answer);
    match status {
        422 => Refusal::Invalid(message),
        500 if message.contains(NOT_TYPED) => Refusal::Blocked(message),
        400 | 405 | 406 | 413 | 415 => Refusal::Blocked(message),
        403 if is_admission(&message) => Refusal::Blocked(message),
        403 => Refusal::MissingRight(message),
        404 if text(answer, &["details", "kind"]) == "namespaces" => Refusal::NoNamespace(message),
        _ if text(answer, &["reason"]) == "Invalid" => Refusal::Invalid(message),
        _ => Refusal::Unknown(message),
    }
}

/// Admission returns 403, as missing permissions do; the message tells them apart (apiserver pkg/admission, resourcequota,
/// podsecurity, namespace/lifecycle).
fn is_admission(message: &str) -> bool {
    [
        "admission webhook",
        "exceeded quota",
        "violates PodSecurity",
        "ValidatingAdmissionPolicy",
        "because it is being terminated",
        "maximum ",
        "minimum ",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

/// The server's message, with the fields from its details if it does not have them.
fn message(status: u16, answer: &Value) -> String {
    let said = text(answer, &["message"]).trim();
    if said.is_empty() {
        return format!("the API server answered {status}");
    }
    let mut message = said.to_owned();
    for cause in list(answer, &["details", "causes"]) {
        let field = text(cause, &["field"]);
        if !field.is_empty() && !message.contains(field) {
            message = format!("{message}; {field}: {}", text(cause, &["message"]));
        }
    }
    message
}
