//! From words as they are written to words as a command gets them, with marks for what only the run can know.

use super::super::need::Data;
use super::super::shell::{List, Op, Piece, Word};
use super::super::{ANYTHING, UNKNOWN, Unread};
use super::Walker;

/// The words that a written word becomes: none, one or several.
#[derive(Default)]
struct Fields {
    done: Vec<String>,
    open: Option<String>,
}

impl Fields {
    fn push(&mut self, text: &str) {
        self.open.get_or_insert_default().push_str(text);
    }

    fn end(&mut self) {
        self.done.extend(self.open.take());
    }

    /// The value of a variable outside of quotes: it is split, and what is unknown in it may be anything.
    fn split(&mut self, text: &str) {
        let text = text.replace(UNKNOWN, &ANYTHING.to_string());
        let mut first = true;
        for part in text.split(char::is_whitespace) {
            if !first {
                self.end();
            }
            first = false;
            if !part.is_empty() {
                self.push(part);
                if is_pattern(part) {
                    self.push(&ANYTHING.to_string());
                }
            }
        }
    }
}

/// Whether the shell would look for files of that name, or make several words of it.
fn is_pattern(text: &str) -> bool {
    let braces = text
        .find('{')
        .is_some_and(|start| text[start..].contains([',', '.']) && text[start..].contains('}'));
    let class = text
        .find('[')
        .is_some_and(|start| text[start..].contains(']'));
    braces || class || text.contains(['*', '?'])
}

impl Walker<'_> {
    /// The words of a word.
    pub(super) fn fields(&mut self, word: &Word) -> Result<Vec<String>, Unread> {
        let mut fields = Fields::default();
        let mut bare = String::new();
        for piece in &word.0 {
            match piece {
                Piece::Text { text, quoted: true } => fields.push(text),
                Piece::Text { text, .. } => {
                    fields.push(&text.replace(UNKNOWN, &ANYTHING.to_string()));
                    bare.push_str(text);
                }
                Piece::All { name, quoted } => self.all(&mut fields, name, *quoted),
                _ => {
                    let (text, quoted) = self.piece(piece)?;
                    if quoted {
                        fields.push(&text);
                    } else if self.scope.has("IFS") && text.contains(char::is_whitespace) {
                        fields.push(&ANYTHING.to_string());
                    } else {
                        fields.split(&text);
                    }
                }
            }
        }
        if is_pattern(&bare) {
            fields.push(&ANYTHING.to_string());
        }
        fields.end();
        self.spend(fields.done.iter().map(String::len).sum())?;
        Ok(fields.done)
    }

    fn all(&mut self, fields: &mut Fields, name: &str, quoted: bool) {
        let name = if name == "*" { "@" } else { name };
        let Some(words) = self.scope.get(name) else {
            return fields.push(&ANYTHING.to_string());
        };
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                fields.end();
            }
            if quoted {
                fields.push(word);
            } else {
                fields.split(word);
            }
        }
    }

    /// A word as one text: an assigned value, the body of a here-document.
    pub(super) fn text(&mut self, word: &Word) -> Result<String, Unread> {
        let mut all = String::new();
        for piece in &word.0 {
            match piece {
                Piece::Text { text, .. } => all.push_str(text),
                Piece::All { name, .. } => {
                    let name = if name == "*" { "@" } else { name };
                    match self.scope.get(name) {
                        Some(words) => all.push_str(&words.join(" ")),
                        None => all.push(UNKNOWN),
                    }
                }
                _ => all.push_str(&self.piece(piece)?.0),
            }
        }
        self.spend(all.len())?;
        // A value is one text, however it came about.
        Ok(all.replace(ANYTHING, &UNKNOWN.to_string()))
    }

    /// The text of a piece to expand, and whether it is quoted.
    fn piece(&mut self, piece: &Piece) -> Result<(String, bool), Unread> {
        Ok(match piece {
            Piece::Parameter {
                name,
                quoted,
                op,
                word,
            } => (self.parameter(name, *op, word)?, *quoted),
            Piece::Command { list, quoted } => (self.substitute(list)?, *quoted),
            Piece::Opaque {
                inner,
                sets,
                quoted,
            } => {
                self.text(inner)?;
                self.scope.forget(sets);
                (UNKNOWN.to_string(), *quoted)
            }
            Piece::Text { text, quoted } => (text.clone(), *quoted),
            Piece::All { quoted, .. } => (UNKNOWN.to_string(), *quoted),
        })
    }

    fn parameter(&mut self, name: &str, op: Op, word: &Word) -> Result<String, Unread> {
        let otherwise = self.text(word)?;
        if op == Op::Other {
            let all = name == "@";
            return Ok(if all { ANYTHING } else { UNKNOWN }.to_string());
        }
        let position: Option<usize> = name.parse().ok();
        let value = match position {
            None => self.scope.get(name).map(|words| words.first().cloned()),
            Some(0) => None,
            Some(number) => self
                .scope
                .get("@")
                .map(|words| words.get(number - 1).cloned()),
        };
        let Some(value) = value else {
            return Ok(UNKNOWN.to_string());
        };
        let value = value.unwrap_or_default();
        let anything = op == Op::Default && value.contains([UNKNOWN, ANYTHING]);
        Ok(if anything {
            UNKNOWN.to_string()
        } else if op == Op::Default && value.is_empty() {
            otherwise
        } else {
            value
        })
    }

    /// Reads the commands of a `$(…)`; their output is known where it is a literal.
    fn substitute(&mut self, list: &List) -> Result<String, Unread> {
        let mark = self.scope.mark();
        let data = self.list(list)?;
        self.scope.restore(&mark);
        Ok(match data {
            Data::Text(text) if list.len() == 1 => text.trim_end_matches('\n').to_owned(),
            _ => UNKNOWN.to_string(),
        })
    }

    /// Whether a command whose name only the run knows may be one of the tools: where the script holds one as data, or where the
    /// variable comes from outside and its name says so.
    pub(super) fn is_unknown_tool(&self, word: Option<&Word>) -> bool {
        let bare = |piece: &&Piece| !matches!(piece, Piece::Text { text, .. } if text.is_empty());
        let pieces: Vec<&Piece> = word
            .into_iter()
            .flat_map(|word| word.0.iter().filter(bare))
            .collect();
        if let [Piece::Parameter { name, op, .. }] = pieces.as_slice() {
            let outside = !self.assigned.contains(name) && !self.assigned.contains("*");
            if *op == Op::Plain && outside && !name.starts_with(|c: char| c.is_ascii_digit()) {
                let name = name.to_ascii_lowercase();
                return name.contains("kubectl") || name.contains("flux") || name == "gen";
            }
        }
        self.tool_as_data
    }
}
