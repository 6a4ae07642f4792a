//! Lists and pipelines, and what all readers of the shell share.

use std::rc::Rc;

use super::{Facts, Join, List, Node, Problem, Script, Word};

/// Levels of nesting; scripts that people read have a handful.
const DEPTH: usize = 40;

pub(super) type Parsed<T> = Result<T, Problem>;

/// Reads a text from left to right; the lexer is the parser, because what a character means depends on where it stands.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) facts: Facts,
    pub(super) pending: Vec<Pending>,
}

/// A here-document whose body comes after the line.
pub(super) struct Pending {
    pub(super) body: Rc<std::cell::OnceCell<Word>>,
    pub(super) end: String,
    pub(super) tabs: bool,
    pub(super) quoted: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            facts: Facts::default(),
            pending: Vec::new(),
        }
    }

    /// The whole text.
    pub(super) fn script(mut self) -> Parsed<Script> {
        let list = self.list()?;
        if self.at < self.text.len() {
            let word = self.keyword().to_owned();
            let what = if word.is_empty() {
                self.peek_char().unwrap_or(' ').to_string()
            } else {
                word
            };
            return self.fail(&format!("`{what}` closes nothing"));
        }
        Ok(Script {
            list,
            facts: self.facts,
        })
    }

    pub(super) fn fail<T>(&self, problem: &str) -> Parsed<T> {
        let at = self.at.min(self.text.len());
        let start = self.text[..at].rfind('\n').map_or(0, |index| index + 1);
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |index| at + index);
        Err(Problem {
            line: super::shorten(&self.text[start..end]),
            problem: format!("it is no shell that gen can read: {problem}"),
        })
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            return self.fail("it is nested too deeply");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn peek_char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn sees(&self, text: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(text.as_bytes())
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let sees = self.sees(text);
        if sees {
            self.at += text.len();
        }
        sees
    }

    /// Spaces, tabs and continued lines.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.sees("\\\n") => self.at += 2,
                _ => return,
            }
        }
    }

    /// Everything that separates commands and says nothing; here-documents are read where their line ends.
    pub(super) fn lines(&mut self) -> Parsed<()> {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'\n') => {
                    self.at += 1;
                    self.here_documents()?;
                }
                Some(b'#') => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return Ok(()),
            }
        }
    }

    /// The literal word here, if it could be a reserved one.
    pub(super) fn keyword(&self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || ";|&()<>'\"$`\\".contains(c))
            .unwrap_or(rest.len());
        if rest[end..].starts_with(['\'', '"', '$', '`', '\\']) && !rest[end..].starts_with("\\\n")
        {
            return "";
        }
        &rest[..end]
    }

    pub(super) fn expect(&mut self, word: &str) -> Parsed<()> {
        self.lines()?;
        if self.keyword() == word {
            self.at += word.len();
            return Ok(());
        }
        self.fail(&format!("`{word}` is missing"))
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) {
            return Ok(());
        }
        self.fail(&format!("`{sign}` is missing"))
    }

    /// Commands up to what closes them: a bracket, a reserved word, `;;` or the end.
    pub(super) fn list(&mut self) -> Parsed<List> {
        let mut list = List::new();
        loop {
            self.lines()?;
            let closes = matches!(
                self.keyword(),
                "then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}"
            );
            if closes || self.peek().is_none() || self.sees(")") || self.sees(";;") {
                return Ok(list);
            }
            let node = self.chain()?;
            self.blanks();
            if self.sees(";;") || self.sees(";&") {
                list.push(node);
                return Ok(list);
            }
            if self.take("&") {
                list.push(Node::Subshell(vec![node]));
                continue;
            }
            self.take(";");
            list.push(node);
        }
    }

    fn chain(&mut self) -> Parsed<Node> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let join = if self.take("&&") {
                Join::And
            } else if self.take("||") {
                Join::Or
            } else {
                break;
            };
            self.lines()?;
            rest.push((join, self.pipeline()?));
        }
        Ok(if rest.is_empty() {
            first
        } else {
            Node::Chain(Box::new(first), rest)
        })
    }

    pub(super) fn pipeline(&mut self) -> Parsed<Node> {
        while self.keyword() == "!" {
            self.at += 1;
            self.blanks();
        }
        let mut parts = vec![self.command()?];
        loop {
            self.blanks();
            if self.sees("||") || !self.take("|") {
                break;
            }
            self.take("&");
            self.lines()?;
            parts.push(self.command()?);
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Node::Pipe(parts)
            }
        })
    }

    /// Adds what was noticed in a part.
    pub(super) fn include(&mut self, part: &Facts) {
        self.facts.assigned.extend(part.assigned.iter().cloned());
        self.facts
            .in_functions
            .extend(part.in_functions.iter().cloned());
        self.facts.called.extend(part.called.iter().cloned());
        self.facts.returns |= part.returns;
        self.facts.tool_as_data |= part.tool_as_data;
    }
}
