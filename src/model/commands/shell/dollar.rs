//! Everything in a word that begins with `$` or a backtick.

use super::parse::{Parsed, Parser};
use super::word::Pieces;
use super::{Op, Piece, Word};

impl Parser<'_> {
    pub(super) fn dollar(&mut self, pieces: &mut Pieces, quoted: bool) -> Parsed<()> {
        if self.sees("$((") && self.arithmetic_end(3).is_some() {
            self.at += 3;
            let piece = self.arithmetic(quoted)?;
            pieces.all.push(piece);
            return Ok(());
        }
        if self.take("$(") {
            let list = self.deeper(Self::list)?;
            self.expect_sign(")")?;
            pieces.all.push(Piece::Command { list, quoted });
            return Ok(());
        }
        if self.take("${") {
            let piece = self.deeper(|parser| parser.braces(quoted))?;
            pieces.all.push(piece);
            return Ok(());
        }
        self.at += 1;
        let name = self.name();
        match name.as_str() {
            "" => pieces.text("$", quoted),
            "@" | "*" => pieces.all.push(Piece::All { name, quoted }),
            _ => pieces.all.push(Piece::Parameter {
                name,
                quoted,
                op: Op::Plain,
                word: Word::default(),
            }),
        }
        Ok(())
    }

    /// The name of a parameter: a variable, one digit, or a sign; empty where none stands here.
    fn name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let end = match rest.as_bytes().first() {
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            _ => rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len()),
        };
        self.at += end;
        rest[..end].to_owned()
    }

    /// `${…}` behind its opening.
    fn braces(&mut self, quoted: bool) -> Parsed<Piece> {
        let special = self.sees("#") && !self.sees("#}") || self.sees("!");
        if special {
            self.at += 1;
        }
        let digits = self.text[self.at..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(0);
        let name = if digits > 0 {
            self.at += digits;
            self.text[self.at - digits..self.at].to_owned()
        } else {
            self.name()
        };
        let mut all = matches!(name.as_str(), "@" | "*");
        let mut other = special || name.is_empty();
        if self.take("[") {
            let rest = &self.text[self.at..];
            let Some(end) = rest
                .find([']', '}', '\n'])
                .filter(|end| rest[*end..].starts_with(']'))
            else {
                return self.fail("`]` is missing");
            };
            if rest[..end].contains(['(', '`']) {
                return self.fail("a command in the index of an array");
            }
            all = matches!(&rest[..end], "@" | "*");
            other |= !all;
            self.at += end + 1;
        }
        let signs = [":-", ":=", ":?", "?", "="];
        let sign = signs.into_iter().find(|sign| self.take(sign));
        let word = self.braced()?;
        let empty = word.0.is_empty();
        if sign.is_some_and(|sign| sign.ends_with('=')) {
            self.facts.assigned.push(name.clone());
            return Ok(Piece::Opaque {
                inner: word,
                sets: vec![name],
                quoted,
            });
        }
        let op = match sign {
            _ if other => Op::Other,
            Some(":-") => Op::Default,
            Some(_) => Op::Required,
            None if empty => Op::Plain,
            None => Op::Other,
        };
        if all && op == Op::Plain {
            return Ok(Piece::All { name, quoted });
        }
        // Part of a list is a list, of unknown length.
        let (name, op) = if all {
            ("@".to_owned(), Op::Other)
        } else {
            (name, op)
        };
        Ok(Piece::Parameter {
            name,
            quoted,
            op,
            word,
        })
    }

    /// What stands in `${…}` up to its end.
    fn braced(&mut self) -> Parsed<Word> {
        let mut pieces = Pieces::default();
        while !self.take("}") {
            if self.peek().is_none() {
                return self.fail("`}` is missing");
            }
            self.piece(&mut pieces)?;
        }
        Ok(pieces.word())
    }

    /// Where `((…` ends, counted from behind its opening of `open` characters; nothing where the brackets are others.
    pub(super) fn arithmetic_end(&self, open: usize) -> Option<usize> {
        let start = self.at + open;
        let mut depth = 0_usize;
        let bytes = self.text.as_bytes();
        for (index, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' => return (bytes.get(index + 1) == Some(&b')')).then_some(index),
                _ => {}
            }
        }
        None
    }

    /// Arithmetic behind its opening, to behind its end.
    pub(super) fn arithmetic(&mut self, quoted: bool) -> Parsed<Piece> {
        let end = self.arithmetic_end(0).unwrap_or(self.at);
        let inner = &self.text[self.at..end];
        let mut sets = Vec::new();
        if inner.contains("++") || inner.contains("--") || inner.contains('=') {
            let names = inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            sets.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        }
        self.facts.assigned.extend(sets.iter().cloned());
        let mut pieces = Pieces::default();
        self.deeper(|parser| {
            while parser.at < end {
                parser.quoted_piece(&mut pieces)?;
            }
            Ok(())
        })?;
        if self.at != end {
            return self.fail("`))` is missing");
        }
        self.at += 2;
        Ok(Piece::Opaque {
            inner: pieces.word(),
            sets,
            quoted,
        })
    }

    pub(super) fn backticks(&mut self, pieces: &mut Pieces, quoted: bool) -> Parsed<()> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek_char() else {
                return self.fail("a backtick does not end");
            };
            self.at += c.len_utf8();
            match c {
                '`' => break,
                '\\' => match self.peek_char() {
                    Some(c @ ('`' | '\\' | '$')) => {
                        self.at += 1;
                        text.push(c);
                    }
                    _ => text.push('\\'),
                },
                c => text.push(c),
            }
        }
        let inner = self.deeper(|parser| Parser::new(&text, parser.depth).script())?;
        self.include(&inner.facts);
        pieces.all.push(Piece::Command {
            list: inner.list,
            quoted,
        });
        Ok(())
    }
}
