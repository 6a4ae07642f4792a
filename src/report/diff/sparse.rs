//! The fields that differ as lines of YAML: each with the keys that lead to it, and without unchanged neighbours.

use similar::{Algorithm, ChangeTag, TextDiff};

use crate::change::{ShownField, Step};
use crate::diagnostics::visible;
use crate::yaml::{Value, emit_document};

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It only leads to a difference.
    Same,
    /// It is removed.
    Gone,
    /// It is added.
    New,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) sign: Sign,
    /// YAML, without a line break.
    pub(super) text: String,
    /// Its location in the spec.
    pub(super) origin: Option<String>,
}

impl Line {
    /// `-`, `+` or a space, and the text.
    pub(super) fn signed(&self) -> String {
        let sign = match self.sign {
            Sign::Same => ' ',
            Sign::Gone => '-',
            Sign::New => '+',
        };
        format!("{sign} {}", self.text)
    }
}

/// The lines of all fields of an object, in their order.
pub(super) fn lines(fields: &[ShownField]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut open: &[Step] = &[];
    for shown in fields {
        let path = &shown.field.path.0;
        let before = shown.field.before.clone().map(Value::from);
        let after = shown.field.after.clone().map(Value::from);
        let Some((last, parents)) = path.split_last() else {
            let whole = |value: Option<Value>| value.as_ref().map(emit_document);
            differing(&mut lines, 0, whole(before), whole(after), None);
            continue;
        };
        let common = open.iter().zip(parents).take_while(|(one, other)| one == other).count();
        for depth in common..parents.len() {
            let text = match &parents[depth] {
                Step::Key(key) => {
                    emit_document(&Value::from([(key.as_str(), Value::Null)])).replace(" null", "")
                }
                Step::Item { key, value } => {
                    let item = Value::from([(*key, value.as_str().into())]);
                    emit_document(&Value::Seq(vec![item]))
                }
                Step::Order => String::new(),
            };
            push(&mut lines, Sign::Same, indent(parents, depth), text.trim_end());
        }
        open = parents;
        let document = |value: Option<Value>| {
            let value = value?;
            Some(emit_document(&match last {
                Step::Key(key) => Value::from([(key.as_str(), value)]),
                Step::Item { .. } => Value::Seq(vec![value]),
                Step::Order => value,
            }))
        };
        let origin = shown.origin.as_ref().map(ToString::to_string);
        let indent = indent(path, parents.len());
        if *last == Step::Order {
            push(&mut lines, Sign::Same, indent, "# in another order");
        }
        differing(&mut lines, indent, document(before), document(after), origin);
    }
    lines
}

/// The indentation of a step: items of a list are as far left as the list's key.
fn indent(path: &[Step], depth: usize) -> usize {
    let step = |index: usize| match (&path[index], path.get(index + 1)) {
        (Step::Key(_), Some(Step::Item { .. } | Step::Order)) => 0,
        _ => 2,
    };
    (0..depth).map(step).sum()
}

fn push(lines: &mut Vec<Line>, sign: Sign, indent: usize, text: &str) {
    // It can be anybody's text: none of it reaches a terminal as a command.
    let text = format!("{}{}", " ".repeat(indent), visible(text));
    lines.push(Line { sign, text: text.trim_end().to_owned(), origin: None });
}

/// The differences of two texts, with three lines around each; `…` stands for omitted lines.
fn differing(
    lines: &mut Vec<Line>,
    indent: usize,
    before: Option<String>,
    after: Option<String>,
    origin: Option<String>,
) {
    let first = lines.len();
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(before.as_str(), after.as_str());
    let mut shown = 0;
    for group in diff.grouped_ops(3) {
        let start = group.first().map_or(0, |op| op.old_range().start);
        if shown == 0 && start > 0 {
            // The key of the text.
            push(lines, Sign::Same, indent, before.lines().next().unwrap_or_default());
        }
        if start > shown {
            push(lines, Sign::Same, indent + 2, "…");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => Sign::Same,
                ChangeTag::Delete => Sign::Gone,
                ChangeTag::Insert => Sign::New,
            };
            push(lines, sign, indent, change.value().trim_end_matches('\n'));
        }
        shown = group.last().map_or(0, |op| op.old_range().end);
    }
    set_origin(&mut lines[first..], origin);
}

/// The origin is next to the first added line; for a longer text, next to its key, since inside it would look like a part of it.
fn set_origin(lines: &mut [Line], origin: Option<String>) {
    let leads = lines.first().is_some_and(|line| line.sign == Sign::Same);
    let line = lines.iter_mut().find(|line| leads || line.sign == Sign::New);
    if let Some(line) = line {
        line.origin = origin;
    }
}
