//! Maps positions in a rendered text to lines of templates.
//!
//! Only for errors: the template is rendered again, and minijinja then reports the origin of each part of the text.
//! Output of a macro belongs to the expression that printed its result.

use minijinja::{OutputSpan, OutputSpanKind, Value};

use super::engine::Engine;
use super::fill::Misfit;
use super::lines::{Lines, START};
use super::marker::{marker, readable};
use super::skeleton::{Unreadable, first_marker, place_of};
use crate::diagnostics::{Diagnostic, Diagnostics, Span, TemplateError};

impl Engine {
    /// The location of a value that does not fit: where it was first printed.
    pub(super) fn misfit(
        &self,
        name: &str,
        context: &Value,
        text: &str,
        (kind, index): Misfit,
    ) -> Diagnostics {
        let offset = index.and_then(|index| text.find(&marker(index)));
        let offset = offset.unwrap_or_default();
        self.at_rendered(name, context, text, kind, offset).into()
    }

    /// The location in a rendered text that cannot be parsed.
    pub(super) fn unreadable(
        &self,
        name: &str,
        context: &Value,
        text: &str,
        why: Unreadable,
    ) -> Diagnostics {
        let problems = match why {
            Unreadable::Rule(kind, at) => {
                let offset = Lines::new(text).offset(at);
                return self.at_rendered(name, context, text, kind, offset).into();
            }
            Unreadable::Yaml(problems) => problems,
        };
        let lines = Lines::new(text);
        let mut out = Diagnostics::default();
        for problem in problems {
            // These spans do not depend on the file, so they may come without one.
            let at = problem.at.map_or(START, |span| span.start);
            let offset = lines.offset(at);
            let line = lines.line_at(offset);
            let lost = first_marker(line).and_then(|marker| place_of(line, marker));
            let kind = match lost {
                Some(place) => TemplateError::MarkerPlace { place: place.to_owned() },
                None => TemplateError::NotYaml { problem: readable(&problem.kind.to_string()) },
            };
            let diagnostic = self.at_rendered(name, context, text, kind, offset);
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
        offset: usize,
    ) -> Diagnostic {
        let diagnostic = Diagnostic::error(kind);
        let span = self.source_of(name, context, offset, text);
        match span.or_else(|| self.span(name, 0..0)) {
            Some(span) => diagnostic.at(span),
            None => diagnostic,
        }
    }

    /// The location in a template of a byte of the rendered text.
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
