//! Canonical YAML: one way to write a value, and every reader of YAML 1.1 or 1.2 reads that value back.
//!
//! What Flux and Kubernetes read it with is Go's parser of YAML 1.1, where `y`, `012` and `1_000` are no texts; what people
//! check it with is as often a reader of 1.2. So only what all of them agree on is written: `scalar` decides how a text
//! is written, `text` writes it, and here is the shape: two spaces a level, lists in the column of their key as
//! kustomize writes them, nothing folded and nothing wrapped. Keys stay in the order of the mapping.

mod scalar;
mod text;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::{Map, Value};
use scalar::{Style, style_of};

/// Writes one document: its lines, each with its line break, without a `---`.
///
/// # Examples
/// ```
/// use gitops_gen::yaml::{Value, emit_document};
///
/// let value = Value::from([("answer", Value::from("yes"))]);
/// assert_eq!(emit_document(&value), "answer: \"yes\"\n");
/// ```
#[must_use]
pub fn emit_document(value: &Value) -> String {
    let mut out = String::new();
    emit_into(&mut out, value);
    out
}

/// Writes one document behind what is there, which must be nothing or end with a line break. A stream of many documents
/// is so written into one buffer; the `---` between them is the caller's.
pub fn emit_into(out: &mut String, value: &Value) {
    let mut emitter = Emitter::new(out);
    match value {
        // No parent gives the root its indentation, and readers count differently from there: no blocks.
        Value::Str(text) => emitter.inline(text),
        _ => emitter.node(value, 0),
    }
    emitter.finish();
}

/// The text of a mapping by itself; nothing where its end could yet change with what follows.
fn apart(map: &Map, column: usize) -> Option<String> {
    let mut text = String::new();
    let out = &mut text;
    let mut emitter = Emitter::new(out);
    emitter.entries(map, column);
    let kept = emitter.kept.map(|kept| kept.end);
    (kept != Some(text.len())).then_some(text)
}

/// Readers take a text for a key without `? ` before it only up to 1,024 characters, counted to the colon.
const LONGEST_SIMPLE_KEY: usize = 1_000;

const SPACES: &str = "                                                                ";

struct Emitter<'v, 'o> {
    out: &'o mut String,
    /// The last block that keeps the line breaks at its end.
    kept: Option<Kept<'v>>,
}

struct Kept<'v> {
    start: usize,
    end: usize,
    text: &'v str,
}

impl<'v, 'o> Emitter<'v, 'o> {
    fn new(out: &'o mut String) -> Self {
        Self { out, kept: None }
    }

    /// Writes a value where its first line has its indentation already; what follows it begins in `column`.
    fn node(&mut self, value: &'v Value, column: usize) {
        match value {
            Value::Map(map) if !map.is_empty() => self.map(map, column),
            Value::Seq(items) if !items.is_empty() => self.seq(items, column),
            _ => self.scalar(value, column),
        }
    }

    fn map(&mut self, map: &'v Map, column: usize) {
        let known = map.shared().and_then(|shared| shared.written(column, || apart(map, column)));
        match known {
            Some(text) => self.out.push_str(text),
            None => self.entries(map, column),
        }
    }

    fn entries(&mut self, map: &'v Map, column: usize) {
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                self.indent(column);
            }
            self.key(key, column);
            self.behind_key(value, column);
        }
    }

    fn behind_key(&mut self, value: &'v Value, column: usize) {
        match value {
            Value::Map(inner) if !inner.is_empty() => {
                self.out.push('\n');
                self.indent(column + 2);
                self.map(inner, column + 2);
            }
            Value::Seq(items) if !items.is_empty() => {
                self.out.push('\n');
                self.indent(column);
                self.seq(items, column);
            }
            _ => {
                self.out.push(' ');
                self.scalar(value, column);
            }
        }
    }

    fn behind_dash(&mut self, value: &'v Value, column: usize) {
        self.out.push(' ');
        match value {
            Value::Map(_) | Value::Seq(_) => self.node(value, column + 2),
            _ => self.scalar(value, column),
        }
    }

    fn seq(&mut self, items: &'v [Value], column: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.indent(column);
            }
            self.out.push('-');
            self.behind_dash(item, column);
        }
    }

    /// Writes a key and its colon, and nothing behind it.
    fn key(&mut self, key: &str, column: usize) {
        if scalar::is_word(key) {
            self.out.push_str(key);
            self.out.push(':');
            return;
        }
        let start = self.out.len();
        text::one_line(self.out, key, style_of(key));
        if self.out.len() - start > LONGEST_SIMPLE_KEY {
            self.out.insert_str(start, "? ");
            self.out.push('\n');
            self.indent(column);
        }
        self.out.push(':');
    }

    /// Writes what has no parts, to the end of its line; `column` is that of the mapping or list which it stands in.
    fn scalar(&mut self, value: &'v Value, column: usize) {
        match value {
            Value::Null => self.out.push_str("null\n"),
            Value::Bool(true) => self.out.push_str("true\n"),
            Value::Bool(false) => self.out.push_str("false\n"),
            Value::Int(number) => {
                // Writing to a String cannot fail.
                let _ = writeln!(self.out, "{number}");
            }
            Value::Float(number) => {
                scalar::float(self.out, *number);
                self.out.push('\n');
            }
            Value::Seq(_) => self.out.push_str("[]\n"),
            Value::Map(_) => self.out.push_str("{}\n"),
            Value::Str(text) => match style_of(text) {
                Style::Block => self.block(text, column + 2),
                style => {
                    text::one_line(self.out, text, style);
                    self.out.push('\n');
                }
            },
        }
    }

    fn inline(&mut self, text: &str) {
        text::one_line(self.out, text, style_of(text));
        self.out.push('\n');
    }

    fn block(&mut self, text: &'v str, column: usize) {
        let start = self.out.len();
        text::block_head(self.out, text);
        for line in text.split_inclusive('\n') {
            // Blank lines stay blank: spaces at the end of a line are noise in every diff.
            if line != "\n" {
                self.indent(column);
            }
            self.out.push_str(line);
        }
        if !text.ends_with('\n') {
            self.out.push('\n');
        } else if text.ends_with("\n\n") {
            let end = self.out.len();
            self.kept = Some(Kept { start, end, text });
        }
    }

    fn indent(&mut self, column: usize) {
        let mut left = column;
        while left > SPACES.len() {
            self.out.push_str(SPACES);
            left -= SPACES.len();
        }
        self.out.push_str(&SPACES[..left]);
    }

    /// Blank lines that end a document belong to its last text only as long as nobody tidies up the end of the file, as
    /// editors and hooks do: there the text is written in quotes.
    fn finish(self) {
        if let Some(kept) = self.kept.filter(|kept| kept.end == self.out.len()) {
            self.out.truncate(kept.start);
            text::one_line(self.out, kept.text, Style::Double);
            self.out.push('\n');
        }
    }
}
