//! The fields that differ as lines of YAML: each with the keys that lead to it, and nothing that is the same beside it.

use similar::{Algorithm, ChangeTag, TextDiff};

use crate::change::{ShownField, Step};
use crate::diagnostics::visible;
use crate::yaml::{Map, Value, emit_document};

/// Whether a line leads to a difference, goes or comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It only leads there.
    Same,
    /// It goes.
    Gone,
    /// It comes.
    New,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) sign: Sign,
    /// YAML, without a line break.
    pub(super) text: String,
    /// Where in the spec it is written.
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
                Step::Key(key) => {
                    let mut map = Map::default();
                    map.push(key.clone(), value);
                    Value::Map(map)
                }
                Step::Item { .. } => Value::Seq(vec![value]),
                Step::Order => value,
            }))
        };
        let origin = shown.origin.as_ref().map(ToString::to_string);
        let note = if *last == Step::Order { Some("# in another order".to_owned()) } else { None };
        if let Some(note) = note {
            push(&mut lines, Sign::Same, indent(path, parents.len()), &note);
        }
        differing(
            &mut lines,
            indent(path, parents.len()),
            document(before),
            document(after),
            origin,
        );
    }
    lines
}

/// How far a step is indented: items of a list stand under the list's key, not behind it.
fn indent(path: &[Step], depth: usize) -> usize {
    let step = |index: usize| match (&path[index], path.get(index + 1)) {
        (Step::Key(_), Some(Step::Item { .. } | Step::Order)) => 0,
        _ => 2,
    };
    (0..depth).map(step).sum()
}

fn push(lines: &mut Vec<Line>, sign: Sign, indent: usize, text: &str) {
    // What is compared may be anybody's: nothing of it reaches a terminal as a command.
    let text = format!("{}{}", " ".repeat(indent), visible(text));
    lines.push(Line { sign, text: text.trim_end().to_owned(), origin: None });
}

/// What of two texts differs, with three lines around it; what is cut out is told by `…`.
fn differing(
    lines: &mut Vec<Line>,
    indent: usize,
    before: Option<String>,
    after: Option<String>,
    origin: Option<String>,
) {
    let first = lines.len();
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (before, after) => {
            let sign = if before.is_some() { Sign::Gone } else { Sign::New };
            for line in before.or(after).unwrap_or_default().lines() {
                push(lines, sign, indent, line);
            }
            set_origin(&mut lines[first..], origin);
            return;
        }
    };
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(before.as_str(), after.as_str());
    let mut shown = 0;
    for group in diff.grouped_ops(3) {
        let start = group.first().map_or(0, |op| op.old_range().start);
        if shown == 0 && start > 0 {
            // The key that the text stands under.
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

/// The origin stands beside the first line that comes; of a longer text beside its key, since in the text it would seem a part of it.
fn set_origin(lines: &mut [Line], origin: Option<String>) {
    let leads = lines.first().is_some_and(|line| line.sign == Sign::Same);
    let line = lines.iter_mut().find(|line| leads || line.sign == Sign::New);
    if let Some(line) = line {
        line.origin = origin;
    }
}
