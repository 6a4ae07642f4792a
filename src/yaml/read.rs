//! From text to nodes, by parser events, within limits.
//!
//! What other readers accept in silence is an error here: a key written twice, tags, merge keys, control characters. Aliases are
//! expanded at once and counted, so a bomb stops at the limit and not when the memory ends.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};

use super::{Data, Entry, Node, Scalar, Style};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Position, Span, YamlError};

/// How much one text may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Levels of nesting.
    pub depth: usize,
    /// Values, after expanding aliases.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, nodes: 200_000 }
    }
}

/// Reads a file that holds exactly one document.
///
/// # Errors
/// Everything that is wrong with the text, by place; a file without a document or with several.
pub fn read_one(file: FileId, text: &str) -> Result<Node, Diagnostics> {
    let mut documents = read_documents(file, text, Limits::default())?;
    if let Some(second) = documents.get(1) {
        return Err(Diagnostic::error(YamlError::SeveralDocuments {}).at(second.span).into());
    }
    match documents.pop() {
        Some(node) if !node.is_null() => Ok(node),
        _ => Err(Diagnostic::error(YamlError::Empty {}).at(Span::top_of(file)).into()),
    }
}

/// Reads all documents of a stream, also none.
///
/// # Errors
/// Everything that is wrong with the text, by place.
pub fn read_documents(file: FileId, text: &str, limits: Limits) -> Result<Vec<Node>, Diagnostics> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    refuse_control_characters(file, text)?;
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        file,
        limits,
        nodes: 0,
        anchors: HashMap::new(),
        problems: Diagnostics::default(),
        text,
    };
    let documents = reader.stream().map_err(|fatal| {
        let mut all = reader.problems.clone();
        all.push(*fatal);
        all.sort();
        all
    });
    let documents = match documents {
        Ok(documents) if reader.problems.is_empty() => return Ok(documents),
        Ok(_) => Err(reader.problems),
        Err(all) => Err(all),
    };
    // Whatever the reader made of both sides is not what is wrong.
    documents.map_err(|all| conflict(file, text).map_or(all, Diagnostics::from))
}

/// Where git left both sides of a merge in a text, if it did.
fn conflict(file: FileId, text: &str) -> Option<Diagnostic> {
    let marks = |mark: &'static str| {
        move |line: &str| {
            line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        }
    };
    let ours = text.lines().position(marks("<<<<<<<"))?;
    text.lines().skip(ours).find(|line| marks(">>>>>>>")(line))?;
    let at = Position { line: u32::try_from(ours + 1).ok()?, column: 1 };
    let end = Position { column: 8, ..at };
    Some(Diagnostic::error(YamlError::Conflict {}).at(Span { file, start: at, end }))
}

fn refuse_control_characters(file: FileId, text: &str) -> Result<(), Diagnostics> {
    let forbidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}'))
            || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    if !text.contains(forbidden) {
        return Ok(());
    }
    let mut problems = Diagnostics::default();
    for (number, line) in (1..).zip(text.lines()) {
        for (column, character) in (1..).zip(line.chars()).filter(|(_, c)| forbidden(*c)) {
            let start = Position { line: number, column };
            let span = Span { file, start, end: Position { line: number, column: column + 1 } };
            let character = format!("U+{:04X}", u32::from(character));
            problems.error(span, YamlError::ControlCharacter { character });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// An error that ends the reading; boxed, because results of nodes are passed at every level.
type Fatal = Box<Diagnostic>;

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    file: FileId,
    limits: Limits,
    nodes: usize,
    anchors: HashMap<usize, Node>,
    problems: Diagnostics,
    text: &'t str,
}

impl<'t> Reader<'t> {
    fn stream(&mut self) -> Result<Vec<Node>, Fatal> {
        let mut documents = Vec::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(documents),
                Event::DocumentStart(_) => {
                    self.anchors.clear();
                    let (event, span) = self.next()?;
                    documents.push(self.node(event, span, 0)?);
                }
                // Begin and end of stream and documents say nothing more.
                _ => {
                    let _ = span;
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Fatal> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Span::top_of(self.file))),
        }
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span { file: self.file, start: position(&span.start), end: position(&span.end) }
    }

    fn syntax(&self, error: &ScanError) -> Fatal {
        let at = position(error.marker());
        let span = Span { file: self.file, start: at, end: at };
        let line = self.text.lines().nth(at.line as usize - 1).unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        if let Some(tab) = indent.find('\t') {
            let start = Position { line: at.line, column: u32::try_from(tab).unwrap_or(0) + 1 };
            return Box::new(Diagnostic::error(YamlError::Tab {}).at(Span {
                file: self.file,
                start,
                end: start,
            }));
        }
        if error.info().contains("unknown anchor") {
            return Box::new(Diagnostic::error(YamlError::UnknownAlias {}).at(span));
        }
        Box::new(Diagnostic::error(YamlError::Syntax { problem: error.info().to_owned() }).at(span))
    }

    fn count(&mut self, nodes: usize, at: Span) -> Result<(), Fatal> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.limits.nodes {
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::error(YamlError::TooManyNodes { limit: self.limits.nodes }).at(at),
        ))
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Fatal> {
        self.count(1, span)?;
        if depth > self.limits.depth {
            return Err(Box::new(
                Diagnostic::error(YamlError::TooDeep { limit: self.limits.depth }).at(span),
            ));
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                (
                    anchor,
                    Node { span, data: Data::Scalar(Scalar { text: text.into_owned(), style }) },
                )
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                (anchor, self.sequence(span, depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                (anchor, self.mapping(span, depth)?)
            }
            Event::Alias(id) => {
                // An alias inside its own anchor is not defined yet, so no cycle can come about.
                let Some(node) = self.anchors.get(&id).cloned() else {
                    return Err(Box::new(Diagnostic::error(YamlError::UnknownAlias {}).at(span)));
                };
                self.count(size(&node), span)?;
                if depth + height(&node) > self.limits.depth {
                    return Err(Box::new(
                        Diagnostic::error(YamlError::TooDeep { limit: self.limits.depth }).at(span),
                    ));
                }
                return Ok(node);
            }
            _ => {
                let problem = "missing value".to_owned();
                return Err(Box::new(Diagnostic::error(YamlError::Syntax { problem }).at(span)));
            }
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Result<Node, Fatal> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let end = items.last().map_or(span.end, |last: &Node| last.span.end.max(start.end));
                return Ok(Node { span: Span { end, ..start }, data: Data::Seq(items) });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Result<Node, Fatal> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        loop {
            let (event, key_span) = self.next()?;
            if event == Event::MappingEnd {
                let end =
                    entries.last().map_or(key_span.end, |last| last.value.span.end.max(start.end));
                return Ok(Node { span: Span { end, ..start }, data: Data::Map(entries) });
            }
            let key_node = self.node(event, key_span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            let Data::Scalar(Scalar { text: key, style }) = key_node.data else {
                self.problems.error(key_span, YamlError::ComplexKey {});
                continue;
            };
            if key == "<<" && style == Style::Plain {
                self.problems.error(key_span, YamlError::MergeKey {});
            } else if let Some(first) = seen.insert(key.clone(), key_span) {
                let error = Diagnostic::error(YamlError::DuplicateKey { key }).at(key_span);
                self.problems.push(error.note(Some(first), "first defined here"));
            } else {
                entries.push(Entry { key, key_span, value });
            }
        }
    }

    fn refuse_tag(&mut self, tag: Option<&saphyr_parser::Tag>, span: Span) {
        // `!` alone only says "a text, not a number", which quotes say better; YAML's own !!str and !!map change nothing
        // that a reader of Kubernetes' YAML would notice, but a custom tag can stand for anything.
        if let Some(tag) = tag {
            let tag = match tag.handle.as_str() {
                "tag:yaml.org,2002:" => format!("!!{}", tag.suffix),
                handle => format!("{handle}{}", tag.suffix),
            };
            self.problems.error(span, YamlError::Tag { tag });
        }
    }
}

fn position(marker: &Marker) -> Position {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position { line: number(marker.line().max(1)), column: number(marker.col()).saturating_add(1) }
}

/// So many bytes of text count as one more value, so that aliases of one long text stop at the limit too.
const BYTES_A_VALUE: usize = 64;

fn size(node: &Node) -> usize {
    1 + match &node.data {
        Data::Scalar(scalar) => scalar.text.len() / BYTES_A_VALUE,
        Data::Seq(items) => items.iter().map(size).sum(),
        Data::Map(entries) => entries
            .iter()
            .map(|entry| 1 + entry.key.len() / BYTES_A_VALUE + size(&entry.value))
            .sum(),
    }
}

fn height(node: &Node) -> usize {
    match &node.data {
        Data::Scalar(_) => 0,
        Data::Seq(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        Data::Map(entries) => {
            1 + entries.iter().map(|entry| height(&entry.value)).max().unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_of_a_long_text_stop_at_the_limit() {
        let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(1_000));
        let mut sources = crate::diagnostics::Sources::default();
        let file = sources.add("bomb.yaml", text.as_str());
        let problems = read_documents(file, &text, Limits::default()).expect_err("100 MB");
        assert!(problems.to_string().contains("GEN0109"), "{problems}");
    }
}
