//! One macro that writes an area's errors: the enum, the codes, the messages, the help, and the table that documents them.

use std::fmt;

use super::Exit;

/// The stable name of an error, printed as `GEN0312`. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GEN{:04}", self.0)
    }
}

/// The documentation of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its code.
    pub code: Code,
    /// The exit status; `Done` for a warning.
    pub exit: Exit,
    /// The reason, in a sentence or two.
    pub doc: &'static str,
    /// The message, with facts as `{placeholders}`.
    pub message: &'static str,
    /// The advice, likewise; may be empty.
    pub help: &'static str,
}

impl Entry {
    /// The exit status in words.
    #[must_use]
    pub fn status(&self) -> String {
        let note = if self.exit == Exit::Done { " (a warning)" } else { "" };
        format!("exit status: {}{note}", self.exit as u8)
    }
}

/// Writes an enum of errors. Each line: doc comment, code, exit status, variant with its facts, message, help.
/// An empty help means that the message needs none.
macro_rules! errors {
    (
        $(#[doc = $about:literal])+
        $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $code:literal $exit:ident $variant:ident { $($field:ident: $type:ty),* $(,)? }
                $message:literal, $help:literal;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
        #[allow(missing_docs)]
        pub enum $name {
            $( $(#[doc = $doc])+ #[error($message)] $variant { $($field: $type),* }, )+
        }

        impl $name {
            /// The documentation of this area.
            pub const CATALOGUE: &'static [$crate::diagnostics::Entry] = &[
                $( $crate::diagnostics::Entry {
                    code: $crate::diagnostics::Code($code),
                    exit: $crate::diagnostics::Exit::$exit,
                    doc: concat!($($doc),+),
                    message: $message,
                    help: $help,
                }, )+
            ];

            /// The documentation of this error.
            #[must_use]
            pub fn entry(&self) -> &'static $crate::diagnostics::Entry {
                let code = match self { $( Self::$variant { .. } => $code, )+ };
                Self::CATALOGUE.iter().find(|entry| entry.code.0 == code).expect("the macro lists every variant")
            }

            /// The advice, or an empty string.
            #[must_use]
            #[allow(unused_variables)]
            pub fn help(&self) -> String {
                match self { $( Self::$variant { $($field),* } => format!($help), )+ }
            }
        }
    };
}

pub(super) use errors;
