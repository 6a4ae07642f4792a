//! Limits on templates, so that none can exhaust time, memory or the stack.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::syntax::syntax;
use crate::diagnostics::TemplateError;

/// Maximum steps of one render; a printed byte or a created value takes a fraction of one.
pub(super) const FUEL: u64 = 1_000_000;
/// Maximum bytes of one render: its text, and its text with the values in it.
pub(super) const RENDERED: usize = 4 << 20;
/// Maximum nesting of includes (ten each) and of macros (four each).
pub(super) const RECURSION: usize = 200;
/// Maximum bytes of one template.
const SOURCE: usize = 256 << 10;
/// Maximum words of one expression or statement: a chain of operators is as deep as it is long.
const WORDS: usize = 500;
/// Maximum uses of `elif` in one template: each is nested in the one before it.
const BRANCHES: usize = 200;

/// The error for a result over the limit.
pub(super) fn too_large() -> TemplateError {
    TemplateError::TooLarge { limit: RENDERED }
}

/// Whether a template is small enough to be parsed; if not, the part that is too long, with its location.
pub(super) fn check_source(text: &str) -> Result<(), (TemplateError, Range<usize>)> {
    let refuse = |what: &str, limit, bytes| {
        let what = what.to_owned();
        Err((TemplateError::SourceTooLarge { what, limit }, bytes))
    };
    if text.len() > SOURCE {
        return refuse("the template in bytes", SOURCE, 0..0);
    }
    let mut words = 0;
    let mut branches = 0;
    // A syntax error ends it; the parser will report that.
    for (token, span) in tokenize(text, false, syntax()).map_while(Result::ok) {
        match token {
            Token::VariableStart | Token::BlockStart => words = 0,
            Token::Ident("elif") => branches += 1,
            _ => words += 1,
        }
        let bytes = span.start_offset as usize..span.end_offset as usize;
        if branches > BRANCHES {
            return refuse("the template in branches (`elif`)", BRANCHES, bytes);
        }
        if words > WORDS {
            return refuse("an expression in words", WORDS, bytes);
        }
    }
    Ok(())
}
