//! GEN155x: asking what set a field.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors in a question to `gen blame`.
    BlameError {
        /// `gen blame` takes an object of an app, as it is rendered.
        1550 Usage NoSuchObject { object: String, environment: String, hint: String } "no app in `{environment}` has an object `{object}`", "{hint}";
        /// The object has no such field.
        1551 Usage NoSuchField { object: String, path: String, hint: String } "`{object}` has no field `{path}`", "{hint}";
    }
}
