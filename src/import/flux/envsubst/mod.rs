//! Variables in texts, as kustomize-controller substitutes them (fluxcd/pkg/envsubst, a fork of drone/envsubst).
//!
//! Bash's expressions, with that program's deviations: `${x-y}` is an error, `:?` and `:+` are defaults, and `$$` is a `$` wherever it
//! stands outside of braces. A variable whose value nobody knows here keeps its expression as it was written. Values are never read
//! again, so the size of what comes out is bounded by what goes in; work is counted, so that it ends.

mod functions;
mod lookup;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

pub use lookup::{Known, Lookup, Refusal};
use parse::{Call, Node};

/// Substitutes variables.
///
/// `work` is how much may be done yet, in bytes that are read or written. `is_strict` is Flux's feature gate
/// `StrictPostBuildSubstitutions`.
///
/// # Errors
/// A text that Flux refuses, or that is too much work.
pub fn substituted(
    text: &str,
    lookup: &mut dyn Lookup,
    is_strict: bool,
    work: &mut usize,
) -> Result<String, Refusal> {
    let nodes = parse::parse(text)?;
    let mut evaluating = Evaluating { text, lookup, is_strict, work };
    let mut out = String::new();
    for node in &nodes {
        out.push_str(&evaluating.node(node)?.text);
    }
    Ok(out)
}

/// A part of the outcome.
struct Piece {
    text: String,
    /// It has an expression that was kept.
    is_open: bool,
}

struct Evaluating<'e> {
    text: &'e str,
    lookup: &'e mut dyn Lookup,
    is_strict: bool,
    work: &'e mut usize,
}

impl Evaluating<'_> {
    fn charge(&mut self, work: usize) -> Result<(), Refusal> {
        *self.work = self.work.checked_sub(work).ok_or(Refusal::TooLarge)?;
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<Piece, Refusal> {
        match node {
            Node::Text(text) => {
                self.charge(text.len())?;
                Ok(Piece { text: text.clone(), is_open: false })
            }
            Node::Call(call) => self.call(call),
        }
    }

    fn call(&mut self, call: &Call) -> Result<Piece, Refusal> {
        let mut arguments = Vec::new();
        let mut is_open = false;
        for argument in &call.arguments {
            let piece = self.node(argument)?;
            is_open |= piece.is_open;
            arguments.push(piece.text);
        }
        let is_default = matches!(call.operator.as_str(), "=" | ":-" | ":+" | ":=" | ":?");
        let value = match self.lookup.find(&call.name) {
            Known::Value(value) if is_default && !value.is_empty() => {
                let text = value.to_owned();
                self.charge(text.len())?;
                return Ok(Piece { text, is_open: false });
            }
            Known::Value(value) => value.to_owned(),
            Known::Unset if is_default => String::new(),
            Known::Unset if self.is_strict => return Err(Refusal::Unset(call.name.clone())),
            Known::Unset => {
                self.lookup.emptied(&call.name);
                String::new()
            }
            Known::Unknown => {
                self.lookup.kept(&call.name);
                return self.as_written(call);
            }
        };
        if is_open && !is_default {
            return self.as_written(call);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.charge(functions::work(&call.operator, &value, &arguments))?;
        let text = functions::apply(&call.operator, &value, &arguments)?;
        Ok(Piece { text, is_open })
    }

    fn as_written(&mut self, call: &Call) -> Result<Piece, Refusal> {
        let text = self.text[call.place.clone()].to_owned();
        self.charge(text.len())?;
        Ok(Piece { text, is_open: true })
    }
}
