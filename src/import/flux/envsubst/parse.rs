//! Expressions in a text: what fluxcd/pkg/envsubst/parse takes for one, and what it refuses.

use std::ops::Range;

use super::lookup::Refusal;

/// The deepest expression in others.
const DEEPEST: usize = 50;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// As it is.
    Text(String),
    /// `${…}`.
    Call(Call),
}

/// A variable, and what is to be done with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The variable.
    pub(super) name: String,
    /// The operator as it was written; empty if there is none.
    pub(super) operator: String,
    /// What stands behind it.
    pub(super) arguments: Vec<Node>,
    /// Where all of it is in the text.
    pub(super) place: Range<usize>,
}

const NOT_CLOSED: Refusal = Refusal::Malformed("`${` without `}` behind its name");
const NO_NAME: Refusal = Refusal::Malformed("`${` without the name of a variable");
const BAD: Refusal = Refusal::Malformed("`${` with an expression that is none");

/// Takes a text apart.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, Refusal> {
    let mut parsing = Parsing { text, at: 0, depth: 0 };
    let mut nodes = Vec::new();
    let mut plain = String::new();
    while let Some(next) = parsing.peek() {
        if parsing.opens() {
            if !plain.is_empty() {
                nodes.push(Node::Text(std::mem::take(&mut plain)));
            }
            nodes.push(Node::Call(parsing.call()?));
        } else {
            // Of two `$` one is left.
            parsing.at += if parsing.rest().starts_with("$$") { 2 } else { next.len_utf8() };
            plain.push(next);
        }
    }
    if !plain.is_empty() {
        nodes.push(Node::Text(plain));
    }
    Ok(nodes)
}

struct Parsing<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Parsing<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn opens(&self) -> bool {
        self.rest().starts_with("${")
    }

    /// What is next, as long as it is accepted; each with its number, from 1.
    fn taken(&mut self, is_accepted: impl Fn(char, usize) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .enumerate()
            .find(|(number, (_, c))| !is_accepted(*c, number + 1))
            .map_or(rest.len(), |(_, (at, _))| at);
        self.at += end;
        &rest[..end]
    }

    fn name(&mut self) -> &'t str {
        self.taken(|c, _| c.is_alphanumeric() || c == '_')
    }

    fn closed(&mut self) -> Result<(), Refusal> {
        if self.peek() != Some('}') {
            return Err(BAD);
        }
        self.at += 1;
        Ok(())
    }

    fn call(&mut self) -> Result<Call, Refusal> {
        let start = self.at;
        self.at += 2;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refusal::TooLarge);
        }
        let mut call = Call {
            name: String::new(),
            operator: String::new(),
            arguments: Vec::new(),
            place: 0..0,
        };
        if self.peek() == Some('#') {
            self.at += 1;
            "#".clone_into(&mut call.operator);
            self.name().clone_into(&mut call.name);
            if call.name.is_empty() {
                return Err(BAD);
            }
            self.closed()?;
        } else {
            self.name().clone_into(&mut call.name);
            if call.name.is_empty() {
                return Err(NO_NAME);
            }
            self.operation(&mut call)?;
        }
        self.depth -= 1;
        call.place = start..self.at;
        Ok(call)
    }

    fn operation(&mut self, call: &mut Call) -> Result<(), Refusal> {
        let rest = self.rest();
        let is_default = [":=", ":-", ":?", ":+", "="].iter().any(|start| rest.starts_with(start));
        match self.peek() {
            Some(':' | '=') if is_default => {
                let length = if rest.starts_with(':') { 2 } else { 1 };
                rest[..length].clone_into(&mut call.operator);
                self.at += length;
                while self.peek() != Some('}') {
                    let argument = self.argument(|c| c != '}', false)?;
                    call.arguments.push(argument);
                }
                self.closed()
            }
            Some(':') => {
                self.at += 1;
                ":".clone_into(&mut call.operator);
                let from = self.argument(|c| c != ':' && c != '}', false)?;
                call.arguments.push(from);
                if self.peek() == Some('}') {
                    return self.closed();
                }
                if self.taken(|c, _| c == ':').is_empty() {
                    return Err(BAD);
                }
                let length = self.argument(|c| c != '}', false)?;
                call.arguments.push(length);
                self.closed()
            }
            Some(',' | '^') => {
                self.taken(|c, number| ",^".contains(c) && number < 3)
                    .clone_into(&mut call.operator);
                self.closed()
            }
            Some('/') => self.replacement(call),
            Some(sign @ ('#' | '%')) => {
                self.taken(|c, number| c == sign && number < 3).clone_into(&mut call.operator);
                let pattern = self.argument(|c| c != '}', false)?;
                call.arguments.push(pattern);
                self.closed()
            }
            _ => self.closed().map_err(|_| NOT_CLOSED),
        }
    }

    fn replacement(&mut self, call: &mut Call) -> Result<(), Refusal> {
        self.taken(|c, number| match number {
            1 => c == '/',
            2 => "/#%".contains(c),
            _ => false,
        })
        .clone_into(&mut call.operator);
        let before = self.argument(|c| c != '/', true)?;
        call.arguments.push(before);
        if self.taken(|c, _| c == '/').is_empty() {
            return Err(BAD);
        }
        if self.peek() != Some('}') {
            let after = self.argument(|c| c != '}', true)?;
            call.arguments.push(after);
        }
        self.closed()
    }

    /// What stands behind an operator: another expression, or a text.
    fn argument(
        &mut self,
        is_accepted: impl Fn(char) -> bool,
        has_escapes: bool,
    ) -> Result<Node, Refusal> {
        if self.opens() {
            return self.call().map(Node::Call);
        }
        let mut text = String::new();
        while let Some(next) = self.peek() {
            let escaped = ["$$", "\\/", "\\\\"].iter().find(|pair| self.rest().starts_with(**pair));
            match escaped {
                _ if self.opens() => break,
                Some(pair) if has_escapes => {
                    text.push_str(&pair[1..]);
                    self.at += 2;
                }
                _ if is_accepted(next) => {
                    text.push(next);
                    self.at += next.len_utf8();
                }
                _ => break,
            }
        }
        if text.is_empty() { Err(BAD) } else { Ok(Node::Text(text)) }
    }
}
