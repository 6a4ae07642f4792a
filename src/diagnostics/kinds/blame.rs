//! GEN155x: asking what set a field, and the page with everything.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors of `gen blame` and `gen report`.
    BlameError {
        /// `gen blame` takes an object of an app, as it is rendered.
        1550 Usage NoSuchObject { object: String, environment: String, hint: String } "no app in `{environment}` has an object `{object}`", "{hint}";
        /// The object has no such field.
        1551 Usage NoSuchField { object: String, path: String, hint: String } "`{object}` has no field `{path}`", "{hint}";
        /// The page of `gen report` replaces a file only, and is never written through a link.
        1552 Local CannotWrite { path: String, problem: String } "cannot write `{path}`: {problem}", "name another file with `-o`";
        /// A name without a namespace means every object of that kind and name.
        1553 Usage Ambiguous { object: String, environment: String, hint: String } "`{object}` is ambiguous in `{environment}`", "{hint}";
    }
}
