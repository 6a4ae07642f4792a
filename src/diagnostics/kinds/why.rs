//! GEN13xx: asking why something fails.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors in a question to `gen why`.
    WhyError {
        /// An object is named by kind, namespace and name.
        1301 Usage UnknownObject { text: String, hint: String } "`{text}` is not the name of an object", "{hint}";
        /// An app can be in several environments.
        1303 Usage WhichEnvironment { known: String } "which environment?", "add `--env ENV`: {known}";
    }
}
