//! What it means that the API server refuses a dry-run.

use serde_json::Value;

use super::{at, text};

/// Why the server refuses, as far as the object is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A field that cannot be changed: Flux stops here, or deletes the object and makes it anew where it is told to force
    /// (SSA errors/immutable.go: any 422 counts).
    Invalid(String),
    /// The server would refuse the apply as well: admission, quota, a malformed object.
    Blocked(String),
    /// Whoever asks lacks a right. Flux's account may have it.
    MissingRight(String),
    /// The namespace is not there.
    NoNamespace(String),
    /// It says nothing about the object.
    Unknown(String),
}

/// How the server begins to say that an object of a server-side apply does not fit the schema of its kind.
pub const NOT_TYPED: &str = "failed to create typed patch object";

/// Reads the server's answer to a dry-run that was refused.
#[must_use]
pub fn refusal(status: u16, answer: &Value) -> Refusal {
    let message = message(status, answer);
    let reason = text(answer, &["reason"]);
    match status {
        422 => Refusal::Invalid(message),
        500 if message.contains(NOT_TYPED) => Refusal::Blocked(message),
        400 | 405 | 406 | 413 | 415 => Refusal::Blocked(message),
        403 if is_admission(&message) => Refusal::Blocked(message),
        403 => Refusal::MissingRight(message),
        404 if text(answer, &["details", "kind"]) == "namespaces" => Refusal::NoNamespace(message),
        _ if reason == "Invalid" => Refusal::Invalid(message),
        _ => Refusal::Unknown(message),
    }
}

/// Admission answers 403 as missing rights do; what it says tells them apart (apiserver pkg/admission, resourcequota,
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

/// The server's words, with the fields that it names where the words do not.
fn message(status: u16, answer: &Value) -> String {
    let said = text(answer, &["message"]).trim();
    if said.is_empty() {
        return format!("the API server answered {status}");
    }
    let mut message = said.to_owned();
    for cause in at(answer, &["details", "causes"])
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let field = text(cause, &["field"]);
        if !field.is_empty() && !message.contains(field) {
            message = format!("{message}; {field}: {}", text(cause, &["message"]));
        }
    }
    message
}
