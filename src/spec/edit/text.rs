//! Where in a text a change goes, in blocks and in flows.

use super::change::{Change, Edit, Step};
use crate::diagnostics::Position;
use crate::yaml::{Data, Entry, Node, Style, Value, is_ambiguous, resolve_plain};

/// The text with the change.
pub(super) fn changed(text: &str, root: &Node, edit: &Edit) -> Option<String> {
    // Columns are those of what follows a byte order mark, and an own line break would stand among others.
    if text.starts_with('\u{feff}') || text.contains('\r') {
        return None;
    }
    let text = Text::new(text);
    if edit.change == Change::Remove {
        let (last, above) = edit.path.split_last()?;
        let (Step::Key(key), parent) = (last, at(root, above)?) else { return None };
        return text.without(parent, key);
    }
    let (mut node, mut rest) = (root, edit.path.as_slice());
    let mut is_in_flow = text.is_flow(root);
    while let Some((first, below)) = rest.split_first() {
        let Some(next) = next(node, first) else { break };
        (node, rest) = (next, below);
        is_in_flow |= text.is_flow(node);
    }
    match (&edit.change, rest) {
        (Change::Set(value), []) => {
            let scalar = node.scalar().filter(|scalar| scalar.style != Style::Block)?;
            let blank = scalar.text.is_empty() && scalar.style == Style::Plain;
            (!blank).then_some(())?;
            text.replaced(node, &flow(value))
        }
        (Change::Append(items), []) if node.items().is_some() => text.appended(node, items),
        (_, [Step::Key(key), below @ ..]) => {
            let entry = |is_block: bool| entry(key, below, &edit.change, is_block);
            match &node.data {
                Data::Map(entries) => text.with_entry(node, entries, &entry),
                // A word in a list, such as a task without settings.
                Data::Scalar(scalar) if scalar.text == *key && !scalar.text.is_empty() => {
                    let inner = inner(below, &edit.change)?;
                    let new = format!("{}: {inner}", word(key));
                    let new = if is_in_flow { format!("{{{new}}}") } else { new };
                    text.replaced(node, &new)
                }
                Data::Scalar(_) if node.is_blank() => {
                    let (above, _) = edit.path.split_at(edit.path.len() - rest.len());
                    let (last, parent) = above.split_last()?;
                    let (Step::Key(name), parent) = (last, at(root, parent)?) else { return None };
                    text.under(parent.entry(name)?, &format!("{{{}}}", entry(false)?))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn next<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match step {
        Step::Key(key) => node.get(key),
        Step::Item(at) => node.items()?.get(*at),
    }
}

fn at<'n>(root: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(root, next)
}

/// An entry with all that is below it; in a block, the items of a list stand on lines of their own.
fn entry(key: &str, below: &[Step], change: &Change, is_block: bool) -> Option<String> {
    if let (Change::Append(items), true, true) = (change, below.is_empty(), is_block) {
        let items = items.iter().map(|item| format!("\n  - {}", flow(item)));
        return Some(format!("{}:{}", word(key), items.collect::<String>()));
    }
    Some(format!("{}: {}", word(key), inner(below, change)?))
}

/// A value with the mappings above it, in one line.
fn inner(path: &[Step], change: &Change) -> Option<String> {
    let value = match change {
        Change::Remove => return None,
        Change::Set(value) => value.clone(),
        Change::Append(items) => Value::Seq(items.clone()),
    };
    path.iter().rev().try_fold(flow(&value), |inner, step| match step {
        Step::Key(key) => Some(format!("{{{}: {inner}}}", word(key))),
        Step::Item(_) => None,
    })
}

/// A value in one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Str(text) => word(text),
        Value::Seq(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", word(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Null => "null".to_owned(),
        other => other.canonical_json(),
    }
}

/// A text without quotes where every reader takes it for one.
fn word(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        && resolve_plain(text) == Value::from(text)
        && !is_ambiguous(text);
    if is_plain { text.to_owned() } else { Value::from(text).canonical_json() }
}

/// A text and where its lines begin.
struct Text<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Text<'t> {
    fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Self { text, starts: starts.collect() }
    }

    /// A line without its end, from 0.
    fn line(&self, line: usize) -> Option<&'t str> {
        let start = *self.starts.get(line)?;
        self.text[start..].split('\n').next()
    }

    fn offset(&self, at: Position) -> Option<usize> {
        let line = (at.line as usize).checked_sub(1)?;
        let start = *self.starts.get(line)?;
        let column = (at.column as usize).checked_sub(1)?;
        let mut characters = self.text[start..].char_indices();
        match characters.nth(column) {
            Some((offset, _)) => Some(start + offset),
            None => (self.text[start..].chars().count() == column).then_some(self.text.len()),
        }
    }

    fn is_flow(&self, node: &Node) -> bool {
        let start = self.offset(node.span.start);
        start.is_some_and(|start| self.text[start..].starts_with(['{', '[']))
    }

    fn spliced(&self, start: usize, end: usize, new: &str) -> Option<String> {
        let (before, after) = (self.text.get(..start)?, self.text.get(end..)?);
        Some(format!("{before}{new}{after}"))
    }

    /// A scalar with another text.
    fn replaced(&self, node: &Node, new: &str) -> Option<String> {
        self.spliced(self.offset(node.span.start)?, self.end_of(node)?, new)
    }

    /// The end of a scalar in one line, or of a flow. What the reader counts to a scalar may hold the blanks and comment behind it.
    fn end_of(&self, node: &Node) -> Option<usize> {
        if self.is_flow(node) && node.scalar().is_none() {
            return Some(self.end_of_flow(node, last_of(node))? + 1);
        }
        let scalar = node.scalar()?;
        let start = self.offset(node.span.start)?;
        let text = self.text.get(start..)?;
        match scalar.style {
            Style::Plain => text.starts_with(&scalar.text).then(|| start + scalar.text.len()),
            Style::Quoted => {
                let quote = text.chars().next().filter(|c| ['"', '\''].contains(c))?;
                let mut inside = text.char_indices().skip(1).peekable();
                while let Some((at, c)) = inside.next() {
                    let is_double =
                        |next: Option<&(usize, char)>| next.is_some_and(|(_, c)| *c == '\'');
                    if (c == '\\' && quote == '"')
                        || (c == '\'' && quote == '\'' && is_double(inside.peek()))
                    {
                        inside.next();
                    } else if c == quote {
                        return Some(start + at + 1);
                    }
                }
                None
            }
            Style::Block => None,
        }
    }

    /// Behind a colon that nothing follows.
    fn under(&self, entry: &Entry, new: &str) -> Option<String> {
        let end = self.offset(entry.key_span.end)?;
        let colon = end + self.text.get(end..)?.find(':')? + 1;
        self.text[end..colon - 1].trim().is_empty().then_some(())?;
        self.spliced(colon, colon, &format!(" {new}"))
    }

    /// The end of a flow, before its bracket.
    fn end_of_flow(&self, node: &Node, last: Option<&Node>) -> Option<usize> {
        let from = match last {
            Some(last) => self.end_of(last)?,
            None => self.offset(node.span.start)? + 1,
        };
        let rest = self.text.get(from..)?;
        let blank = rest.len() - rest.trim_start_matches([' ', '\n', ',']).len();
        self.text[from + blank..].starts_with(['}', ']']).then_some(from + blank)
    }

    fn with_entry(
        &self,
        node: &Node,
        entries: &[Entry],
        entry: &dyn Fn(bool) -> Option<String>,
    ) -> Option<String> {
        let last = entries.last();
        if self.is_flow(node) {
            let value = last.map(|last| &last.value);
            let end = self.end_of_flow(node, value)?;
            let before = self.text[..end].trim_end_matches([' ', '\n', ',']).len();
            let comma = if last.is_some() { ", " } else { "" };
            return self.spliced(before, before, &format!("{comma}{}", entry(false)?));
        }
        let last = last?;
        let indent = " ".repeat(last.key_span.start.column as usize - 1);
        let new = entry(true)?.replace('\n', &format!("\n{indent}"));
        self.insert_line(self.end_of_entry(last)?, &format!("{indent}{new}"))
    }

    fn appended(&self, node: &Node, items: &[Value]) -> Option<String> {
        let own = node.items()?;
        let new: Vec<String> = items.iter().map(flow).collect();
        if self.is_flow(node) {
            let end = self.end_of_flow(node, own.last())?;
            let before = self.text[..end].trim_end_matches([' ', '\n', ',']).len();
            let comma = if own.is_empty() { "" } else { ", " };
            return self.spliced(before, before, &format!("{comma}{}", new.join(", ")));
        }
        let last = own.last()?;
        let line = last.span.start.line as usize - 1;
        let text = self.line(line)?;
        let indent = text.len() - text.trim_start().len();
        text.trim_start().starts_with("- ").then_some(())?;
        let end = self.end_of_block(line, indent, false)?;
        let dashes = " ".repeat(indent);
        let lines: Vec<String> = new.iter().map(|item| format!("{dashes}- {item}")).collect();
        self.insert_line(end, &lines.join("\n"))
    }

    /// The text without an entry.
    fn without(&self, parent: &Node, key: &str) -> Option<String> {
        let entries = parent.entries()?;
        let at = entries.iter().position(|entry| entry.key == key)?;
        let (entry, next) = (&entries[at], entries.get(at + 1));
        let start = self.offset(entry.key_span.start)?;
        if self.is_flow(parent) {
            return match (next, at.checked_sub(1).and_then(|at| entries.get(at))) {
                (Some(next), _) => self.spliced(start, self.offset(next.key_span.start)?, ""),
                (None, Some(before)) => {
                    self.spliced(self.end_of(&before.value)?, self.end_of(&entry.value)?, "")
                }
                (None, None) => self.spliced(start, self.end_of(&entry.value)?, ""),
            };
        }
        let line = entry.key_span.start.line as usize - 1;
        let end = self.end_of_entry(entry)?;
        let before = &self.text[self.starts[line]..start];
        let (from, to) = (self.starts[line], self.start_of(end));
        match (before.trim().is_empty(), next, entries.len()) {
            (true, _, 1) => {
                // What is left is a mapping without entries.
                let above = self.text[..from].trim_end_matches('\n').len();
                let is_under = self.text[..above].ends_with(':');
                if is_under {
                    self.spliced(above, to, " {}\n")
                } else {
                    self.spliced(from, to, &format!("{before}{{}}\n"))
                }
            }
            (true, _, _) => self.spliced(from, to, ""),
            (false, Some(next), _) => self.spliced(start, self.offset(next.key_span.start)?, ""),
            (false, None, 1) => self.spliced(start, to, "{}\n"),
            (false, None, _) => None,
        }
    }

    /// The line behind an entry of a block.
    fn end_of_entry(&self, entry: &Entry) -> Option<usize> {
        let line = entry.key_span.start.line as usize - 1;
        let is_list = entry.value.items().is_some();
        self.end_of_block(line, entry.key_span.start.column as usize - 1, is_list)
    }

    /// The line behind all that is indented further than this; with `is_list`, dashes need not be.
    fn end_of_block(&self, line: usize, indent: usize, is_list: bool) -> Option<usize> {
        let mut end = line + 1;
        for at in line + 1..self.starts.len() {
            let text = self.line(at)?;
            let own = text.len() - text.trim_start().len();
            if text.trim().is_empty() {
                continue;
            }
            let is_dash = text[own..].starts_with("- ") || &text[own..] == "-";
            if own > indent || (is_list && own == indent && is_dash) {
                end = at + 1;
            } else {
                break;
            }
        }
        Some(end)
    }

    fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    fn insert_line(&self, line: usize, new: &str) -> Option<String> {
        let at = self.start_of(line);
        let lacks_end = at == self.text.len() && !self.text.ends_with('\n');
        let new = if lacks_end { format!("\n{new}") } else { format!("{new}\n") };
        self.spliced(at, at, &new)
    }
}

fn last_of(node: &Node) -> Option<&Node> {
    match &node.data {
        Data::Seq(items) => items.last(),
        Data::Map(entries) => entries.last().map(|entry| &entry.value),
        Data::Scalar(_) => None,
    }
}
