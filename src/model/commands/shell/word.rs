//! Words: quotes and escapes.

use super::parse::{Parsed, Parser};
use super::{Piece, Word};

impl Parser<'_> {
    /// A word; there must be one.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        let start = self.at;
        let mut pieces = Pieces::default();
        if (self.sees("<(") || self.sees(">("))
            && self.deeper(|parser| {
                parser.at += 2;
                let list = parser.list()?;
                parser.expect_sign(")")?;
                pieces.all.push(Piece::Opaque {
                    inner: Word(vec![Piece::Command { list, quoted: true }]),
                    sets: Vec::new(),
                    quoted: true,
                });
                Ok(true)
            })?
        {
            return Ok(pieces.word());
        }
        while let Some(c) = self.peek_char() {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | ')' => break,
                '(' => {
                    // `@(a|b)` and its like are patterns; a bracket elsewhere is none of a word's characters.
                    if self.at == start || !pieces.ends_with(['@', '?', '*', '+', '!']) {
                        break;
                    }
                    let end = self.text[self.at..].find(')');
                    let Some(end) = end else {
                        return self.fail("`)` is missing");
                    };
                    pieces.text("*", false);
                    self.at += end + 1;
                }
                _ => self.piece(&mut pieces)?,
            }
        }
        if self.at == start {
            return self.fail("a word is missing");
        }
        Ok(pieces.word())
    }

    pub(super) fn piece(&mut self, pieces: &mut Pieces) -> Parsed<()> {
        match self.peek_char() {
            Some('\'') => {
                let rest = &self.text[self.at + 1..];
                let Some(end) = rest.find('\'') else {
                    return self.fail("a `'` does not end");
                };
                pieces.text(&rest[..end], true);
                self.at += end + 2;
            }
            Some('"') => {
                self.at += 1;
                pieces.text("", true);
                self.deeper(|parser| {
                    while !parser.take("\"") {
                        if parser.peek().is_none() {
                            return parser.fail("a `\"` does not end");
                        }
                        parser.quoted_piece(pieces)?;
                    }
                    Ok(())
                })?;
            }
            Some('$') if self.sees("$'") => self.ansi(pieces)?,
            Some('$') if self.sees("$\"") => self.at += 1,
            Some('$') => self.dollar(pieces, false)?,
            Some('`') => self.backticks(pieces, false)?,
            Some('\\') => {
                self.at += 1;
                if let Some(c) = self.peek_char() {
                    self.at += c.len_utf8();
                    if c != '\n' {
                        pieces.text(c.encode_utf8(&mut [0; 4]), true);
                    }
                } else {
                    pieces.text("\\", true);
                }
            }
            Some(c) => {
                self.at += c.len_utf8();
                pieces.text(c.encode_utf8(&mut [0; 4]), false);
            }
            None => {}
        }
        Ok(())
    }

    /// One piece of what stands in double quotes, in a here-document or in arithmetic.
    pub(super) fn quoted_piece(&mut self, pieces: &mut Pieces) -> Parsed<()> {
        match self.peek_char() {
            Some('$') => self.dollar(pieces, true)?,
            Some('`') => self.backticks(pieces, true)?,
            Some('\\') => {
                self.at += 1;
                match self.peek_char() {
                    Some('\n') => self.at += 1,
                    Some(c @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        pieces.text(c.encode_utf8(&mut [0; 4]), true);
                    }
                    _ => pieces.text("\\", true),
                }
            }
            Some(_) => {
                let rest = &self.text[self.at..];
                let mut end = rest
                    .find(['$', '`', '\\', '"', ')', '}'])
                    .unwrap_or(rest.len());
                if end == 0 {
                    end = 1;
                }
                pieces.text(&rest[..end], true);
                self.at += end;
            }
            None => {}
        }
        Ok(())
    }

    /// The body of a here-document, which is a text of its own; a `"` is nothing special in it.
    pub(super) fn here_body(&mut self) -> Parsed<Word> {
        let mut pieces = Pieces::default();
        while self.peek().is_some() {
            self.quoted_piece(&mut pieces)?;
        }
        Ok(pieces.word())
    }

    fn ansi(&mut self, pieces: &mut Pieces) -> Parsed<()> {
        self.at += 2;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek_char() else {
                return self.fail("a `$'` does not end");
            };
            self.at += c.len_utf8();
            match c {
                '\'' => break,
                '\\' => {
                    let next = self.peek_char().unwrap_or('\\');
                    self.at += next.len_utf8().min(self.text.len() - self.at);
                    text.push(match next {
                        'n' => '\n',
                        't' => '\t',
                        '\\' | '\'' | '"' => next,
                        // Numbers of characters, which nobody writes a command with.
                        _ => super::super::UNKNOWN,
                    });
                }
                c => text.push(c),
            }
        }
        pieces.text(&text, true);
        Ok(())
    }
}

/// The pieces of a word while it is read; neighbouring texts become one.
#[derive(Default)]
pub(super) struct Pieces {
    /// So far.
    pub(super) all: Vec<Piece>,
}

impl Pieces {
    pub(super) fn text(&mut self, more: &str, is_quoted: bool) {
        if let Some(Piece::Text { text, quoted }) = self.all.last_mut()
            && *quoted == is_quoted
        {
            text.push_str(more);
            return;
        }
        self.all.push(Piece::Text {
            text: more.to_owned(),
            quoted: is_quoted,
        });
    }

    fn ends_with(&self, ends: [char; 5]) -> bool {
        matches!(self.all.last(), Some(Piece::Text { text, quoted: false }) if text.ends_with(ends))
    }

    pub(super) fn word(self) -> Word {
        Word(self.all)
    }
}
