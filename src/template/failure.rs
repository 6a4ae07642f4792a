//! Converts minijinja's errors to diagnostics with a location in a template.

use std::error::Error as _;

use minijinja::{Error, ErrorKind};

use super::marker::readable;
use crate::diagnostics::{Diagnostic, Span, TemplateError};

/// Converts an error of minijinja to a diagnostic. `place` maps a template's name and bytes to a location.
pub(super) fn diagnose(
    error: &Error,
    place: impl Fn(&str, std::ops::Range<usize>) -> Option<Span>,
) -> Diagnostic {
    let at = |error: &Error| place(error.name()?, error.range()?);
    let mut outer = Vec::new();
    let mut inner = error;
    while let Some(cause) = inner.source().and_then(|e| e.downcast_ref::<Error>()) {
        outer.extend(at(inner));
        inner = cause;
    }
    let kind = inner.source().and_then(|e| e.downcast_ref()).cloned();
    let mut diagnostic = Diagnostic::error(kind.unwrap_or_else(|| kind_of(inner)));
    let mut innermost = at(inner);
    // The outermost location comes last.
    innermost = innermost.or_else(|| outer.pop());
    if let Some(span) = innermost {
        diagnostic = diagnostic.at(span);
    }
    for span in outer.into_iter().rev() {
        diagnostic = diagnostic.note(Some(span), "used from here");
    }
    diagnostic
}

fn kind_of(error: &Error) -> TemplateError {
    let detail = readable(error.detail().unwrap_or_default());
    let problem = match detail.as_str() {
        "" => error.kind().to_string(),
        _ => detail.clone(),
    };
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => TemplateError::Syntax { problem },
        ErrorKind::OutOfFuel => TemplateError::OutOfFuel {},
        ErrorKind::UndefinedError => TemplateError::Undefined { what: undefined(&detail) },
        ErrorKind::UnknownFunction => TemplateError::Undefined {
            what: format!(
                "the function `{}`",
                detail.strip_suffix(" is unknown").unwrap_or(&detail)
            ),
        },
        _ => TemplateError::Failed { problem },
    }
}

/// minijinja reports "`x.y` is undefined", and the origin of the value if that was elsewhere.
fn undefined(detail: &str) -> String {
    match detail.split_once(" is undefined") {
        Some((what, _)) if what.starts_with('`') => what.to_owned(),
        _ => "a value".to_owned(),
    }
}
