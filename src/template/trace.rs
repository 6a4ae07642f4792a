//! Which line of a template made each field: for `gen blame`.
//!
//! The template is rendered once more, and minijinja then tells where each part of the text comes from. The text still holds markers
//! for values, so a value has the place of the expression that printed it.

use minijinja::{OutputSpan, OutputSpanKind, Value};

use super::engine::Engine;
use super::lines::Lines;
use super::marker::holds_reserved;
use crate::diagnostics::Span;
use crate::yaml::{Data, Limits, Node, read_documents};

/// Where the fields of one document come from.
#[derive(Debug, Clone, Default)]
pub struct Trace(Vec<(Vec<Step>, Span)>);

/// One step to a field: a key or index, or nothing for a key that is a value itself.
type Step = Option<String>;

impl Trace {
    /// The place in a template of a field, or of the expression that printed all of what the field is in.
    #[must_use]
    pub fn place(&self, path: &[String]) -> Option<Span> {
        let fits = |steps: &[Step]| {
            steps.len() <= path.len()
                && steps.iter().zip(path).all(|(step, key)| step.as_ref().is_none_or(|s| s == key))
        };
        let all = self.0.iter().filter(|(steps, _)| fits(steps));
        all.max_by_key(|(steps, _)| steps.len()).map(|(_, span)| *span)
    }
}

impl Engine {
    /// The traces of a template's documents, as [`Engine::render`] gives them; none where the template cannot be rendered.
    #[must_use]
    pub fn trace(&self, name: &str, context: &Value) -> Vec<Trace> {
        let Ok(template) = self.environment().get_template(name) else { return Vec::new() };
        let Ok((text, spans)) = template.render_with_spans(context.clone()) else {
            return Vec::new();
        };
        let Some(file) = self.span(name, 0..0).map(|span| span.file) else { return Vec::new() };
        let documents = read_documents(file, &text, Limits::default()).unwrap_or_default();
        let reader = Reader { engine: self, lines: Lines::new(&text), spans };
        let of_one = |node: &Node| {
            let mut trace = Trace::default();
            reader.node(node, node.span, &mut Vec::new(), &mut trace);
            trace
        };
        documents.iter().filter(|node| !node.is_null()).map(of_one).collect()
    }
}

struct Reader<'t> {
    engine: &'t Engine,
    lines: Lines<'t>,
    spans: Vec<OutputSpan>,
}

impl Reader<'_> {
    /// Notes the places of mappings and lists, too: by them a field that a value brings along is found.
    fn node(&self, node: &Node, at: Span, path: &mut Vec<Step>, trace: &mut Trace) {
        if let Some(span) = self.source(at) {
            trace.0.push((path.clone(), span));
        }
        match &node.data {
            Data::Scalar(_) => {}
            Data::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Some(index.to_string()));
                    self.node(item, item.span, path, trace);
                    path.pop();
                }
            }
            Data::Map(entries) => {
                for entry in entries {
                    path.push((!holds_reserved(&entry.key)).then(|| entry.key.clone()));
                    // A value is where it is printed; what is below a key is where the key is.
                    let is_scalar = matches!(entry.value.data, Data::Scalar(_));
                    let at = if is_scalar { entry.value.span } else { entry.key_span };
                    self.node(&entry.value, at, path, trace);
                    path.pop();
                }
            }
        }
    }

    fn source(&self, at: Span) -> Option<Span> {
        let offset = self.lines.offset(at.start);
        let behind = self.spans.partition_point(|span| span.output_range().start <= offset);
        let span =
            self.spans[..behind].iter().rev().find(|span| span.output_range().contains(&offset));
        let span = span.or(self.spans[..behind].last())?;
        let source = span.source_range();
        let bytes = match span.kind() {
            OutputSpanKind::Raw => {
                let at = source.start + offset.saturating_sub(span.output_range().start);
                at.min(source.end)..at.min(source.end)
            }
            _ => source,
        };
        self.engine.span(span.name(), bytes)
    }
}
