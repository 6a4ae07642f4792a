//! A template that is walked.

use minijinja::machinery::ast::Stmt;

use crate::diagnostics::FileId;

/// A parsed template.
pub(in crate::template) struct Parsed<'t> {
    pub(in crate::template) name: &'t str,
    pub(in crate::template) file: FileId,
    pub(in crate::template) text: &'t str,
    pub(in crate::template) tree: Stmt<'t>,
}
