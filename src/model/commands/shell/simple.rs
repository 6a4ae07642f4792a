//! Simple commands: assignments, words, redirections, here-documents.

use std::cell::OnceCell;
use std::rc::Rc;

use super::super::mention;
use super::parse::{Parsed, Parser, Pending};
use super::{Assign, Assigned, DECLARES, Piece, Redirect, Simple, Word, shorten};

/// Builtins whose words are names of variables that they set.
const SETS: [&str; 6] = ["read", "unset", "getopts", "mapfile", "readarray", "let"];

impl Parser<'_> {
    pub(super) fn simple(&mut self) -> Parsed<Simple> {
        let start = self.at;
        let mut simple = Simple {
            assigns: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            text: String::new(),
        };
        let mut declares = false;
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b'&' | b')' | b'#') => break,
                Some(b'(') => return self.fail("a bracket that starts no command"),
                Some(_) => {}
            }
            if (simple.words.is_empty() || declares)
                && let Some(assign) = self.assign()?
            {
                simple.assigns.push(assign);
                continue;
            }
            let word = self.word()?;
            if simple.words.is_empty() {
                declares = word
                    .literal()
                    .is_some_and(|word| DECLARES.contains(&word.as_str()));
            }
            simple.words.push(word);
        }
        if self.at == start
            || (simple.words.is_empty() && simple.assigns.is_empty() && simple.redirects.is_empty())
        {
            return self.fail("a command is missing");
        }
        simple.text = shorten(&self.text[start..self.at]);
        self.note(&simple);
        Ok(simple)
    }

    /// A command without words, for what stands where commands stand and only has commands inside.
    pub(super) fn bare(inner: Piece) -> Simple {
        let assign = Assign {
            name: String::new(),
            value: Assigned::Part(vec![Word(vec![inner])]),
        };
        Simple {
            assigns: vec![assign],
            words: Vec::new(),
            redirects: Vec::new(),
            text: String::new(),
        }
    }

    /// `[[ … ]]`: in it, the shell's signs are operators of the test.
    pub(super) fn test(&mut self) -> Parsed<Simple> {
        let mut pieces = Vec::new();
        self.at += 2;
        loop {
            self.lines()?;
            if self.keyword() == "]]" {
                self.at += 2;
                return Ok(Self::bare(Piece::Opaque {
                    inner: Word(pieces),
                    sets: Vec::new(),
                    quoted: true,
                }));
            }
            match self.peek() {
                None => return self.fail("`]]` is missing"),
                Some(b'(' | b')' | b'<' | b'>' | b'|' | b'&' | b';') => self.at += 1,
                Some(_) => pieces.extend(self.word()?.0),
            }
        }
    }

    /// Remembers which variables the command sets and what it may call.
    fn note(&mut self, simple: &Simple) {
        for assign in &simple.assigns {
            self.facts.assigned.push(assign.name.clone());
            match &assign.value {
                Assigned::Text(word) => self.note_data(word),
                Assigned::Array(words) | Assigned::Part(words) => {
                    for word in words {
                        self.note_data(word);
                    }
                }
            }
        }
        let mut words = simple.words.iter();
        let mut name = words.next().and_then(Word::literal).unwrap_or_default();
        while matches!(name.as_str(), "builtin" | "command") {
            name = words.next().and_then(Word::literal).unwrap_or_default();
        }
        for word in words.clone() {
            self.note_data(word);
        }
        let prints = name == "printf"
            && words.clone().next().and_then(Word::literal).as_deref() == Some("-v");
        if DECLARES.contains(&name.as_str()) || SETS.contains(&name.as_str()) || prints {
            for word in words {
                let start = match word.0.first() {
                    Some(Piece::Text { text, .. }) => text.as_str(),
                    _ => "*",
                };
                let end = start.find(['=', '[', '+']).unwrap_or(start.len());
                self.facts.assigned.push(start[..end].to_owned());
            }
        }
        match name.as_str() {
            "shift" | "set" => self.facts.assigned.push("@".to_owned()),
            "." | "source" | "eval" => self.facts.assigned.push("*".to_owned()),
            "return" => self.facts.returns = true,
            _ => {}
        }
        self.facts.called.push(name);
    }

    pub(super) fn note_data(&mut self, word: &Word) {
        self.facts.tool_as_data |= word
            .0
            .iter()
            .any(|piece| matches!(piece, Piece::Text { text, .. } if mention::loosely(text)));
    }

    /// `NAME=…`, where it stands here.
    fn assign(&mut self) -> Parsed<Option<Assign>> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let mut after = &rest[end..];
        let mut part = false;
        if after.starts_with('[') {
            let line = after.find(['\n', ';']).unwrap_or(after.len());
            let Some(close) = after[..line].find(']') else {
                return Ok(None);
            };
            if after[..close].contains(['(', '`']) {
                return self.fail("a command in the index of an array");
            }
            after = &after[close + 1..];
            part = true;
        }
        if let Some(more) = after.strip_prefix('+') {
            after = more;
            part = true;
        }
        let Some(value) = after.strip_prefix('=') else {
            return Ok(None);
        };
        let name = name.to_owned();
        self.at = self.text.len() - value.len();
        let array = self.take("(");
        let mut words = Vec::new();
        if array {
            loop {
                self.lines()?;
                if self.take(")") {
                    break;
                }
                match self.peek() {
                    None | Some(b';' | b'&' | b'|' | b'<' | b'>' | b'(') => {
                        return self.fail("an array does not end");
                    }
                    Some(_) => words.push(self.word()?),
                }
            }
        } else if !matches!(
            self.peek(),
            None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' | b'<' | b'>')
        ) {
            words.push(self.word()?);
        }
        let value = match (part, array) {
            (true, _) => Assigned::Part(words),
            (false, true) => Assigned::Array(words),
            (false, false) => Assigned::Text(words.pop().unwrap_or_default()),
        };
        Ok(Some(Assign { name, value }))
    }

    /// A redirection, where one stands here.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let process = self.sees("<(") || self.sees(">(");
        if self.at == start && (self.take("&>>") || self.take("&>")) {
            self.blanks();
            return Ok(Some(Redirect::Other(self.word()?)));
        }
        if process || !(self.sees("<") || self.sees(">")) {
            self.at = start;
            return Ok(None);
        }
        let signs = ["<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"];
        let sign = signs
            .into_iter()
            .find(|sign| self.take(sign))
            .unwrap_or(">");
        self.blanks();
        if matches!(sign, "<<" | "<<-") {
            return self.here(sign == "<<-").map(Some);
        }
        let word = self.word()?;
        Ok(Some(match sign {
            "<<<" => Redirect::Text(word),
            "<" => Redirect::From(word),
            _ => Redirect::Other(word),
        }))
    }

    fn here(&mut self, tabs: bool) -> Parsed<Redirect> {
        let start = self.at;
        let Some(end) = self.word()?.literal() else {
            return self.fail("the end of a here-document is not literal");
        };
        let quoted = self.text[start..self.at].contains(['\'', '"', '\\']);
        let body = Rc::new(OnceCell::new());
        self.pending.push(Pending {
            body: Rc::clone(&body),
            end,
            tabs,
            quoted,
        });
        Ok(Redirect::Here(body))
    }

    /// Reads the bodies of the here-documents that the line before asked for.
    pub(super) fn here_documents(&mut self) -> Parsed<()> {
        for pending in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let end = rest.find('\n').map_or(rest.len(), |index| index + 1);
                self.at += end;
                let mut line = &rest[..end];
                if pending.tabs {
                    line = line.trim_start_matches('\t');
                }
                if line.trim_end_matches('\n') == pending.end {
                    break;
                }
                body.push_str(line);
            }
            let word = if pending.quoted {
                Word(vec![Piece::Text {
                    text: body,
                    quoted: true,
                }])
            } else {
                let mut inner = Parser::new(&body, self.depth);
                let word = inner.deeper(Parser::here_body)?;
                let facts = inner.facts;
                self.include(&facts);
                word
            };
            let _ = pending.body.set(word);
        }
        Ok(())
    }
}
