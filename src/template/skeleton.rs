//! A rendered text, parsed once: the tree with placeholders for values.
//!
//! Texts that differ only in values are equal, so skeletons are cached (see `cache`). Everything independent of the
//! values is decided here: fixed parts, values with their type, joined strings, the end of block scalars.

use super::lines::Lines;
use super::marker::{CLOSE, OPEN, Piece, holds_reserved, is_reserved, pieces};
use crate::diagnostics::{Diagnostics, FileId, Position, Span, TemplateError};
use crate::yaml::{self, Data, Entry, Limits, Node, Style, Value};

/// A document or a part of it.
#[derive(Debug, PartialEq)]
pub(super) enum Skeleton {
    /// Without values.
    Fixed(Value),
    /// A plain scalar that is one marker: the value with this index and its type.
    Typed(usize),
    /// A string with values joined in.
    Text(Text),
    /// A list.
    Seq(Vec<Skeleton>),
    /// A mapping.
    Map(Vec<(Key, Skeleton)>),
}

/// The key of a mapping.
#[derive(Debug, PartialEq)]
pub(super) enum Key {
    /// Literal.
    Fixed(yaml::Key),
    /// An unquoted key that is one marker; the value must be a string.
    Typed(usize),
    /// Joined.
    Text(Text),
}

/// A string made of parts.
#[derive(Debug, PartialEq)]
pub(super) struct Text {
    pub(super) parts: Vec<Part>,
    /// The number of its literal bytes.
    pub(super) fixed: usize,
    pub(super) chomp: Chomp,
}

/// A part of a string.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Fixed(String),
    Value(usize),
}

/// The rule for trailing line breaks of a string: its own content, or a block scalar's indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chomp {
    /// All stay (`|+`), also if it is not a block scalar.
    Keep,
    /// One stays (`|`).
    Clip,
    /// None stays (`|-`).
    Strip,
}

/// The reason why a rendered text is not a skeleton, and the position in it.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// Invalid YAML; positions are in the rendered text.
    Yaml(Diagnostics),
    /// A broken rule of templates.
    Rule(TemplateError, Position),
}

/// Parses the documents of a rendered text. The file is only for locations in errors.
pub(super) fn read(file: FileId, text: &str) -> Result<Vec<Skeleton>, Unreadable> {
    let documents =
        yaml::read_documents(file, text, Limits::default()).map_err(Unreadable::Yaml)?;
    let mut reader = Reader { text, lines: Lines::new(text), covered: Vec::new() };
    let skeletons: Vec<_> =
        documents.iter().map(|node| reader.node(node)).collect::<Result<_, _>>()?;
    reader.refuse_lost_markers(&documents)?;
    Ok(skeletons)
}

/// A rendered text that is not YAML, but one string with values in it.
pub(super) fn text(rendered: &str) -> Result<Text, TemplateError> {
    let pieces = pieces(rendered).ok_or(TemplateError::ReservedCharacter {})?;
    Ok(Text::new(&pieces, Chomp::Keep))
}

/// Parts shared by all fills of the skeleton.
fn fixed(node: &Node) -> Skeleton {
    let mut value = node.to_value();
    value.share();
    Skeleton::Fixed(value)
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines<'t>,
    /// The byte ranges of scalars and keys with markers.
    covered: Vec<(usize, usize)>,
}

impl Reader<'_> {
    fn node(&mut self, node: &Node) -> Result<Skeleton, Unreadable> {
        match &node.data {
            Data::Scalar(scalar) => {
                if !self.holds_markers(&scalar.text, node.span, scalar.style == Style::Quoted)? {
                    return Ok(fixed(node));
                }
                let at = node.span.start;
                Ok(match (scalar.style, &split(&scalar.text, at)?[..]) {
                    (Style::Plain, [Piece::Value(index)]) => Skeleton::Typed(*index),
                    (style, parts) => {
                        let chomp = match style {
                            Style::Block => self.chomp(&scalar.text, node.span),
                            Style::Plain | Style::Quoted => Chomp::Keep,
                        };
                        Skeleton::Text(Text::new(parts, chomp))
                    }
                })
            }
            Data::Seq(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?;
                let is_fixed = items.iter().all(|item| matches!(item, Skeleton::Fixed(_)));
                Ok(if is_fixed { fixed(node) } else { Skeleton::Seq(items) })
            }
            Data::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|entry| Ok((self.key(entry)?, self.node(&entry.value)?)))
                    .collect::<Result<_, _>>()?;
                let is_fixed =
                    |entry: &(Key, Skeleton)| matches!(entry, (Key::Fixed(_), Skeleton::Fixed(_)));
                Ok(if entries.iter().all(is_fixed) { fixed(node) } else { Skeleton::Map(entries) })
            }
        }
    }

    fn key(&mut self, entry: &Entry) -> Result<Key, Unreadable> {
        let first = self.char_at(entry.key_span);
        let is_quoted = matches!(first, Some('"' | '\''));
        let is_alias = first == Some('*');
        if is_alias {
            // The scalar that it refers to was checked; here is only the name.
            if !holds_reserved(&entry.key) {
                return Ok(Key::Fixed(entry.key.as_str().into()));
            }
        } else if !self.holds_markers(&entry.key, entry.key_span, is_quoted)? {
            return Ok(Key::Fixed(entry.key.as_str().into()));
        }
        let at = entry.key_span.start;
        Ok(match &split(&entry.key, at)?[..] {
            [Piece::Value(index)] if !is_quoted => Key::Typed(*index),
            parts => Key::Text(Text::new(parts, Chomp::Keep)),
        })
    }

    /// Whether a scalar contains markers. Marker characters from a YAML escape (`"\ue000"`) are not markers.
    fn holds_markers(
        &mut self,
        scalar: &str,
        span: Span,
        is_quoted: bool,
    ) -> Result<bool, Unreadable> {
        if !holds_reserved(scalar) {
            return Ok(false);
        }
        let (from, to) = self.extent(span, is_quoted);
        self.covered.push((from, to));
        let count = |text: &str| text.matches(is_reserved).count();
        if is_quoted && count(scalar) != count(&self.text[from..to]) {
            return Err(Unreadable::Rule(TemplateError::ReservedCharacter {}, span.start));
        }
        Ok(true)
    }

    /// The end of a block scalar. A text that ends with a marker has no line break after it only if it was stripped;
    /// whether it was clipped or kept, only the header tells.
    fn chomp(&self, text: &str, span: Span) -> Chomp {
        if !text.ends_with('\n') {
            return Chomp::Strip;
        }
        // The span starts with the content; the header ends the last non-blank line before it.
        let content = self.lines.offset(span.start);
        let before = &self.text[..self.lines.line_start(content)];
        let header = before.lines().rev().find(|line| !line.trim().is_empty());
        match header.and_then(indicators) {
            Some(indicators) if indicators.contains('+') => Chomp::Keep,
            _ => Chomp::Clip,
        }
    }

    /// A marker outside of scalars and comments is part of an anchor, an alias, a tag or a directive.
    fn refuse_lost_markers(&mut self, documents: &[Node]) -> Result<(), Unreadable> {
        self.covered.sort_unstable();
        let markers = self.text.match_indices(OPEN).map(|(at, _)| at);
        let lost: Vec<usize> = markers.filter(|at| !self.is_covered(*at)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        // A `#` starts a comment only outside of scalars, also of those without markers.
        for document in documents {
            self.cover(document);
        }
        self.covered.sort_unstable();
        let Some(at) = lost.into_iter().find(|at| !self.is_in_comment(*at)) else {
            return Ok(());
        };
        let place = place_of(self.lines.line_at(at), at - self.lines.line_start(at));
        let place = place.unwrap_or("this place").to_owned();
        Err(Unreadable::Rule(TemplateError::MarkerPlace { place }, self.lines.position(at)))
    }

    fn cover(&mut self, node: &Node) {
        match &node.data {
            Data::Scalar(scalar) => {
                let extent = self.extent(node.span, scalar.style == Style::Quoted);
                self.covered.push(extent);
            }
            Data::Seq(items) => items.iter().for_each(|item| self.cover(item)),
            Data::Map(entries) => {
                for entry in entries {
                    // An alias as a key has the location of its name.
                    let first = self.char_at(entry.key_span);
                    if first != Some('*') {
                        let is_quoted = matches!(first, Some('"' | '\''));
                        let extent = self.extent(entry.key_span, is_quoted);
                        self.covered.push(extent);
                    }
                    self.cover(&entry.value);
                }
            }
        }
    }

    /// The byte range of a scalar. The parser's own span of a quoted one includes a trailing comment.
    fn extent(&self, span: Span, is_quoted: bool) -> (usize, usize) {
        let from = self.lines.offset(span.start);
        let to = self.lines.offset(span.end).max(from);
        if !is_quoted {
            return (from, to);
        }
        let mut characters = self.text[from..to].char_indices().peekable();
        let quote = characters.next().map(|(_, quote)| quote);
        while let Some((at, character)) = characters.next() {
            if character == '\\' && quote == Some('"') {
                characters.next();
            } else if Some(character) == quote {
                let is_doubled = characters.peek().map(|(_, next)| *next) == quote;
                if !(quote == Some('\'') && is_doubled) {
                    return (from, from + at + 1);
                }
                characters.next();
            }
        }
        (from, to)
    }

    fn char_at(&self, span: Span) -> Option<char> {
        self.text[self.lines.offset(span.start)..].chars().next()
    }

    /// Spans of scalars do not overlap, but an alias repeats one.
    fn is_covered(&self, at: usize) -> bool {
        let behind = self.covered.partition_point(|(from, _)| *from <= at);
        let last = self.covered[..behind].last();
        last.is_some_and(|(_, to)| at < *to)
    }

    fn is_in_comment(&self, at: usize) -> bool {
        let start = self.lines.line_start(at);
        let line = &self.text[start..at];
        line.match_indices('#').any(|(offset, _)| {
            let before = line[..offset].chars().next_back();
            before.is_none_or(char::is_whitespace) && !self.is_covered(start + offset)
        })
    }
}

impl Key {
    /// A value in it, if any.
    pub(super) fn value(&self) -> Option<usize> {
        match self {
            Self::Fixed(_) => None,
            Self::Typed(index) => Some(*index),
            Self::Text(text) => text.parts.iter().find_map(|part| match part {
                Part::Fixed(_) => None,
                Part::Value(index) => Some(*index),
            }),
        }
    }
}

impl Text {
    fn new(pieces: &[Piece<'_>], chomp: Chomp) -> Self {
        let mut fixed = 0;
        let parts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => {
                fixed += text.len();
                Part::Fixed((*text).to_owned())
            }
            Piece::Value(index) => Part::Value(*index),
        });
        Self { parts: parts.collect(), fixed, chomp }
    }
}

/// The indicators after the `|` or `>` at the end of a line, without a comment.
fn indicators(line: &str) -> Option<&str> {
    line.match_indices(['|', '>']).find_map(|(at, _)| {
        let behind = &line[at + 1..];
        let is_indicator = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-');
        let rest = behind.trim_start_matches(is_indicator);
        let ends = rest.trim().is_empty() || rest.trim_start().starts_with('#');
        let begins = line[..at].chars().next_back().is_none_or(char::is_whitespace);
        (ends && begins).then(|| &behind[..behind.len() - rest.len()])
    })
}

fn split(text: &str, at: Position) -> Result<Vec<Piece<'_>>, Unreadable> {
    pieces(text).ok_or(Unreadable::Rule(TemplateError::ReservedCharacter {}, at))
}

/// The construct that a marker outside of scalars is part of: its word starts with `&`, `*` or `!`.
pub(super) fn place_of(line: &str, marker: usize) -> Option<&'static str> {
    if line.starts_with('%') {
        return Some("a directive");
    }
    let is_break = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
    let word = line[..marker].rsplit(is_break).next().unwrap_or_default();
    match word.chars().next() {
        Some('&') => Some("an anchor"),
        Some('*') => Some("an alias"),
        Some('!') => Some("a tag"),
        _ => None,
    }
}

/// The position of the first marker in a line, if any.
pub(super) fn first_marker(line: &str) -> Option<usize> {
    line.find([OPEN, CLOSE])
}
