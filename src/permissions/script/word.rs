//! Words: quotes, escapes, and everything that begins with `$`.

use super::mention;
use super::parser::{Parsed, Parser};
use super::syntax::{Piece, Word};

impl<'t> Parser<'t> {
    /// A word; there must be one.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        let start = self.at;
        let mut word = Word::default();
        while let Some(byte) = self.peek() {
            if b" \t\n;&|<>()".contains(&byte) {
                break;
            }
            self.piece(&mut word)?;
        }
        if self.at == start {
            return self.fail("a word is missing");
        }
        if self.sees("(") {
            return self.fail("a bracket in a word");
        }
        Ok(word)
    }

    pub(super) fn piece(&mut self, word: &mut Word) -> Parsed<()> {
        match self.peek_char() {
            Some('\'') => self.literal(1, word)?,
            Some('$') if self.sees("$'") => self.literal(2, word)?,
            Some('$') if self.sees("$\"") => self.at += 1,
            Some('"') => {
                self.at += 1;
                word.push("", true);
                self.deeper(|parser| {
                    while !parser.take("\"") {
                        if parser.peek().is_none() {
                            return parser.fail("unclosed `\"`");
                        }
                        parser.quoted_piece(word)?;
                    }
                    Ok(())
                })?;
            }
            Some('$') => self.dollar(word, false)?,
            Some('`') => self.backticks(word, false)?,
            Some('\\') => {
                self.at += 1;
                let c = self.peek_char();
                self.at += c.map_or(0, char::len_utf8);
                match c {
                    Some('\n') => {}
                    c => word.push(c.unwrap_or('\\').encode_utf8(&mut [0; 4]), true),
                }
            }
            Some(c) => {
                self.at += c.len_utf8();
                word.push(c.encode_utf8(&mut [0; 4]), false);
            }
            None => {}
        }
        Ok(())
    }

    /// Text in single quotes. With a `$` before it and a `\` in it, it is another text, which is not worked out.
    fn literal(&mut self, open: usize, word: &mut Word) -> Parsed<()> {
        let rest = &self.text[self.at + open..];
        let Some(end) = rest.find('\'') else {
            return self.fail("unclosed `'`");
        };
        if open == 2 && rest[..end].contains('\\') {
            return self.fail("`\\` in `$'`");
        }
        word.push(&rest[..end], true);
        self.at += open + end + 1;
        Ok(())
    }

    /// One piece of what stands in double quotes, in a here-document or in arithmetic.
    pub(super) fn quoted_piece(&mut self, word: &mut Word) -> Parsed<()> {
        match self.peek_char() {
            Some('$') => self.dollar(word, true)?,
            Some('`') => self.backticks(word, true)?,
            Some('\\') => {
                self.at += 1;
                match self.peek_char() {
                    Some('\n') => self.at += 1,
                    Some(c @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        word.push(c.encode_utf8(&mut [0; 4]), true);
                    }
                    _ => word.push("\\", true),
                }
            }
            Some(_) => {
                let rest = &self.text[self.at..];
                let signs = ['$', '`', '\\', '"', ')', '}'];
                let end = rest.find(signs).unwrap_or(rest.len()).max(1);
                word.push(&rest[..end], true);
                self.at += end;
            }
            None => {}
        }
        Ok(())
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        if self.take("$((") {
            self.deeper(Self::arithmetic)?;
            word.0.push(Piece::Unknown { quoted });
        } else if self.take("$(") {
            self.deeper(|parser| parser.block(Self::list))?;
            self.lines()?;
            self.expect_sign(")")?;
            word.0.push(Piece::Unknown { quoted });
        } else if self.take("${") {
            let piece = self.deeper(|parser| parser.braces(quoted))?;
            word.0.push(piece);
        } else {
            self.at += 1;
            let name = self.variable_name();
            match self.peek() {
                Some(b'0'..=b'9' | b'#' | b'?' | b'-' | b'$' | b'!') => {
                    self.at += 1;
                    word.0.push(Piece::Unknown { quoted });
                }
                Some(b'@' | b'*') if name.is_empty() => {
                    self.at += 1;
                    word.0.push(Piece::Unknown { quoted: false });
                }
                _ if name.is_empty() => word.push("$", quoted),
                _ => {
                    self.at += name.len();
                    let piece = self.variable(name, quoted);
                    word.0.push(piece);
                }
            }
        }
        Ok(())
    }

    /// The letters, digits and underscores here.
    pub(super) fn variable_name(&self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    }

    fn variable(&self, name: &str, quoted: bool) -> Piece {
        let latest = self.latest.get(name).copied();
        Piece::Variable {
            name: name.to_owned(),
            binding: latest.filter(|index| self.out.bindings[*index].is_open),
            quoted,
        }
    }

    /// `${…}` behind its opening: `${X}`, `${X:?…}` and `${X:-…}` are the value of X if that is known and not empty.
    fn braces(&mut self, quoted: bool) -> Parsed<Piece> {
        let name = self.variable_name().to_owned();
        self.at += name.len();
        let signs = [":-", ":=", ":?", "-", "?", "="];
        let sign = signs.into_iter().find(|sign| self.take(sign));
        let plain = sign.is_some() || self.sees("}");
        let several = name.is_empty() || self.sees("[");
        let mut inner = Word::default();
        while !self.take("}") {
            if self.peek().is_none() {
                return self.fail("`}` is missing");
            }
            if quoted {
                self.quoted_piece(&mut inner)?;
            } else {
                self.piece(&mut inner)?;
            }
        }
        if sign.is_some_and(|sign| sign.ends_with('=')) {
            self.out.assign(&name, None);
        }
        self.data(vec![inner], &name);
        Ok(if plain && !several {
            self.variable(&name, quoted)
        } else {
            Piece::Unknown { quoted: quoted && !several }
        })
    }

    /// Arithmetic behind its opening: commands in it are read, its value is not. It may set variables.
    fn arithmetic(&mut self) -> Parsed<()> {
        let mut inner = Word::default();
        let mut depth = 0_usize;
        while depth > 0 || !self.take("))") {
            match self.peek() {
                Some(b'(') => depth += 1,
                Some(b')') if depth > 0 => depth -= 1,
                None | Some(b')') => return self.fail("`))` is missing"),
                Some(b'$' | b'`' | b'\\') => {
                    self.quoted_piece(&mut inner)?;
                    continue;
                }
                Some(_) => {}
            }
            let c = self.peek_char().unwrap_or_default();
            inner.push(c.encode_utf8(&mut [0; 4]), true);
            self.at += c.len_utf8();
        }
        let texts = inner.0.iter().filter_map(|piece| match piece {
            Piece::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let text: String = texts.collect();
        if text.contains('=') || text.contains("++") || text.contains("--") {
            let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for name in names.filter(|name| !name.is_empty()) {
                self.out.assign(name, None);
            }
        }
        self.data(vec![inner], "arithmetic");
        Ok(())
    }

    /// Backticks, whose text is not read.
    fn backticks(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        let rest = &self.text[self.at + 1..];
        let mut escaped = false;
        let Some(end) = rest.find(|c| {
            let ends = c == '`' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        }) else {
            return self.fail("unclosed backtick");
        };
        if mention::loosely(&rest[..end]) {
            return self.fail("a command in backticks; write it in `$(…)`");
        }
        self.at += end + 2;
        word.0.push(Piece::Unknown { quoted });
        Ok(())
    }
}
