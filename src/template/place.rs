//! From places in a rendered text back to the lines of templates.
//!
//! Only for errors: the template is rendered once more, and minijinja then tells for each stretch of the text where it came
//! from. What a macro printed is the expression's that printed the macro's result.

use minijinja::value::ValueKind;
use minijinja::{OutputSpan, OutputSpanKind, Value};

use super::engine::Engine;
use super::fill::Misplaced;
use super::lines::Lines;
use super::marker::{is_reserved, readable};
use super::skeleton::{Unreadable, first_marker, place_of};
use crate::error::{Diagnostic, Diagnostics, TemplateError};
use crate::source::{Position, Span};

/// The place of what concerns a text as a whole.
pub(super) const START: Position = Position { line: 1, column: 1 };

impl Engine {
    /// A value that does not fit its place.
    pub(super) fn misplaced(
        &self,
        name: &str,
        context: &Value,
        text: &str,
        (kind, at): Misplaced,
    ) -> Diagnostics {
        self.at_rendered(name, context, text, kind, at).into()
    }

    /// A rendered text that cannot be read.
    pub(super) fn unreadable(
        &self,
        name: &str,
        context: &Value,
        text: &str,
        why: Unreadable,
    ) -> Diagnostics {
        let problems = match why {
            Unreadable::Rule(kind, at) => return self.misplaced(name, context, text, (kind, at)),
            Unreadable::Yaml(problems) => problems,
        };
        let lines = Lines::new(text);
        let mut out = Diagnostics::default();
        for problem in problems {
            // Nothing of the file itself is in these spans, so they may come without one.
            let at = problem.at.map_or(START, |span| span.start);
            let line = lines.line_at(lines.offset(at));
            let lost = first_marker(line).and_then(|marker| place_of(line, marker));
            let kind = match lost {
                Some(place) => TemplateError::MarkerPlace {
                    place: place.to_owned(),
                },
                None => TemplateError::NotYaml {
                    problem: readable(&problem.kind.to_string()),
                },
            };
            let diagnostic = self.at_rendered(name, context, text, kind, at);
            let shown = format!("the rendered line is `{}`", readable(line));
            out.push(diagnostic.note(None, shown));
        }
        out
    }

    fn at_rendered(
        &self,
        name: &str,
        context: &Value,
        text: &str,
        kind: TemplateError,
        at: Position,
    ) -> Diagnostic {
        let diagnostic = Diagnostic::error(kind);
        let span = self.source_of(name, context, Lines::new(text).offset(at), text);
        match span.or_else(|| self.span(name, 0..0)) {
            Some(span) => diagnostic.at(span),
            None => diagnostic,
        }
    }

    /// The place in a template that a byte of the rendered text came from.
    fn source_of(&self, name: &str, context: &Value, offset: usize, text: &str) -> Option<Span> {
        let template = self.environment().get_template(name).ok()?;
        let (again, spans) = template.render_with_spans(context.clone()).ok()?;
        if again != text {
            return None;
        }
        let holds = |span: &&OutputSpan| span.output_range().contains(&offset);
        let span = spans.iter().find(holds).or(spans.last())?;
        let source = span.source_range();
        let bytes = match span.kind() {
            OutputSpanKind::Raw => {
                let at = source.start + offset.saturating_sub(span.output_range().start);
                at.min(source.end)..at.min(source.end)
            }
            _ => source,
        };
        self.span(span.name(), bytes)
    }
}

/// Whether a text in a context holds a character that markers are made of.
pub(super) fn holds_reserved(value: &Value) -> bool {
    match value.kind() {
        ValueKind::String => value.as_str().is_some_and(|s| s.contains(is_reserved)),
        ValueKind::Seq => value
            .try_iter()
            .is_ok_and(|mut items| items.any(|item| holds_reserved(&item))),
        ValueKind::Map => value
            .as_object()
            .and_then(|object| object.try_iter_pairs())
            .is_some_and(|mut pairs| {
                pairs.any(|(key, value)| holds_reserved(&key) || holds_reserved(&value))
            }),
        _ => false,
    }
}
