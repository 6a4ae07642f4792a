//! The engine: templates, parsed once, rendered with many contexts by any number of threads.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, machinery};

use super::cache::{Cache, Documents};
use super::capture::{self, Parsed};
use super::convert::Converter;
use super::failure::diagnose;
use super::fill::{Filler, Misfit};
use super::lines::{Lines, START};
use super::marker;
use super::nearest::did_you_mean;
use super::skeleton::{self, Skeleton, Unreadable};
use super::syntax::syntax;
use super::{filters, limits};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Span, TemplateError};
use crate::yaml;

/// A template's source.
#[derive(Debug, Clone)]
pub struct TemplateSource {
    /// Its name, for rendering, including and importing: `workload/deployment.yaml`.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
    /// The same text in the table of sources, for locations in errors.
    pub file: FileId,
}

/// Renders templates to values. Shared by threads; see the module's guarantees.
pub struct Engine {
    environment: Environment<'static>,
    /// An engine without templates, for patterns.
    bare: Environment<'static>,
    sources: HashMap<String, (FileId, Arc<str>)>,
    skeletons: Cache,
    /// Whether a template itself prints a marker character.
    writes_reserved: bool,
}

impl Engine {
    /// Parses all templates.
    ///
    /// # Errors
    /// All errors in all of them: syntax, unknown filters, invalid uses of captured text.
    pub fn new(templates: Vec<TemplateSource>) -> Result<Self, Diagnostics> {
        let writes_reserved = check(&templates)?;
        Self::unchecked(templates, writes_reserved)
    }

    fn unchecked(
        templates: Vec<TemplateSource>,
        writes_reserved: bool,
    ) -> Result<Self, Diagnostics> {
        let mut environment = environment();
        let mut sources = HashMap::with_capacity(templates.len());
        for template in templates {
            let TemplateSource { name, text, file } = template;
            environment
                .add_template_owned(name.clone(), text.to_string())
                .map_err(|error| diagnose(&error, |_, bytes| Some(span_in(file, &text, bytes))))?;
            sources.insert(name, (file, text));
        }
        Ok(Self {
            environment,
            bare: self::environment(),
            sources,
            skeletons: Cache::default(),
            writes_reserved,
        })
    }

    /// Whether there is a template with this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }

    /// The names of all templates, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.sources.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Renders a template to the documents of its stream, without the empty ones.
    ///
    /// The context must contain data only: a safe string of minijinja's would enter the text unmarked. Neither
    /// `From<&yaml::Value>` nor serde creates one.
    ///
    /// # Errors
    /// Undefined values, invalid YAML, wrong types and exceeded limits, with the location in the template.
    pub fn render(&self, name: &str, context: &Value) -> Result<Vec<yaml::Value>, Diagnostics> {
        self.rendered(name, context, None)
    }

    /// Renders a Task: where the kubelet expands strings, values stand for their own characters. The text of the template, Tekton's
    /// variables and references to `variables` keep their meaning.
    ///
    /// # Errors
    /// As in [`Engine::render`].
    pub fn render_task(
        &self,
        name: &str,
        context: &Value,
        variables: &[&str],
    ) -> Result<Vec<yaml::Value>, Diagnostics> {
        self.rendered(name, context, Some(variables))
    }

    fn rendered(
        &self,
        name: &str,
        context: &Value,
        variables: Option<&[&str]>,
    ) -> Result<Vec<yaml::Value>, Diagnostics> {
        let Some((file, _)) = self.sources.get(name) else {
            let hint = did_you_mean(name, self.names()).unwrap_or_default();
            let name = name.to_owned();
            return Err(Diagnostic::error(TemplateError::NoTemplate { name, hint }).into());
        };
        let mut rendered = self
            .environment
            .get_template(name)
            .and_then(|template| template.render_captured(context.clone()))
            .map_err(|error| self.failed(*file, &error))?;
        let values = rendered.with_state_mut(marker::take_printed);
        let text = rendered.into_output();
        let documents = self.documents(*file, &text);
        let documents = documents.map_err(|why| self.unreadable(name, context, &text, why))?;
        let filler = Filler::new(&values, Converter::new(limits::RENDERED, text.len()), variables);
        let result = self.fill(&documents, filler, context);
        result.map_err(|misfit| self.misfit(name, context, &text, misfit))
    }

    fn documents(&self, file: FileId, text: &str) -> Result<Documents, Unreadable> {
        if text.len() > limits::RENDERED {
            return Err(Unreadable::Rule(limits::too_large(), START));
        }
        if let Some(known) = self.skeletons.get(text) {
            return Ok(known);
        }
        let skeletons = skeleton::read(file, text)?;
        let documents: Documents = Arc::from(skeletons);
        self.skeletons.insert(Arc::from(text), documents.clone());
        Ok(documents)
    }

    fn fill(
        &self,
        documents: &[Skeleton],
        mut filler: Filler<'_>,
        context: &Value,
    ) -> Result<Vec<yaml::Value>, Misfit> {
        let mut result = Vec::with_capacity(documents.len());
        for document in documents {
            let value = filler.fill(document)?;
            if value != yaml::Value::Null {
                result.push(value);
            }
        }
        // If neither the context nor a template has such a character, captured text was used as a value. `capture`
        // exists to prevent this.
        let is_explained = || self.writes_reserved || marker::brings_reserved(context);
        if filler.converter.met_reserved && !is_explained() {
            let how = "used as a value".to_owned();
            return Err((TemplateError::CapturedText { how }, None));
        }
        Ok(result)
    }

    /// Renders a short pattern to a string, such as `"{{ app }}-dev"` of a spec. Templates cannot be
    /// included in it.
    ///
    /// # Errors
    /// Errors in it, at `at`: the location of the whole pattern in its file.
    pub fn pattern(&self, text: &str, at: Span, context: &Value) -> Result<String, Diagnostics> {
        let at_pattern = |kind: TemplateError| Diagnostics::from(Diagnostic::error(kind).at(at));
        let failed = |error: &minijinja::Error| Diagnostics::from(diagnose(error, |_, _| Some(at)));
        let name = "(pattern)";
        limits::check_source(text).map_err(|(kind, _)| at_pattern(kind))?;
        let tree = machinery::parse(text, name, syntax()).map_err(|error| failed(&error))?;
        let parsed = Parsed { name, file: at.file, text, tree };
        let mut problems = Diagnostics::default();
        for problem in capture::check(&[parsed]).problems {
            problems.error(at, problem.kind);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut rendered = self
            .bare
            .template_from_named_str(name, text)
            .and_then(|template| template.render_captured(context.clone()))
            .map_err(|error| failed(&error))?;
        let values = rendered.with_state_mut(marker::take_printed);
        let text = skeleton::text(rendered.output()).map_err(at_pattern)?;
        let converter = Converter::new(limits::RENDERED, text.fixed);
        let mut filler = Filler::new(&values, converter, None);
        filler.text(&text).map_err(|(kind, _)| at_pattern(kind))
    }

    /// The error of rendering `file`. For some errors, such as too many steps, minijinja has no location.
    fn failed(&self, file: FileId, error: &minijinja::Error) -> Diagnostics {
        let diagnostic = diagnose(error, |name, bytes| self.span(name, bytes));
        let has_place = diagnostic.at.is_some();
        if has_place { diagnostic.into() } else { diagnostic.at(Span::top_of(file)).into() }
    }

    /// The location of bytes of a template.
    pub(super) fn span(&self, name: &str, bytes: std::ops::Range<usize>) -> Option<Span> {
        let (file, text) = self.sources.get(name)?;
        Some(span_in(*file, text, bytes))
    }

    /// The environment, for rendering again with locations.
    pub(super) fn environment(&self) -> &Environment<'static> {
        &self.environment
    }

    /// An engine without the walk over captured text, to test the second line of defence alone.
    #[cfg(test)]
    pub(super) fn without_capture_check(templates: Vec<TemplateSource>) -> Self {
        Self::unchecked(templates, false).expect("templates parse")
    }
}

/// Parses the templates for gen's own walks; returns whether one prints reserved characters.
fn check(templates: &[TemplateSource]) -> Result<bool, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut parsed = Vec::with_capacity(templates.len());
    for TemplateSource { name, text, file } in templates {
        let place = |bytes| span_in(*file, text, bytes);
        if let Err((kind, bytes)) = limits::check_source(text) {
            problems.error(place(bytes), kind);
            continue;
        }
        match machinery::parse(text, name, syntax()) {
            Ok(tree) => parsed.push(Parsed { name, file: *file, text, tree }),
            Err(error) => problems.push(diagnose(&error, |_, bytes| Some(place(bytes)))),
        }
    }
    let findings = capture::check(&parsed);
    problems.extend(findings.problems);
    if problems.is_empty() {
        return Ok(findings.writes_reserved);
    }
    problems.sort();
    Err(problems)
}

fn span_in(file: FileId, text: &str, bytes: std::ops::Range<usize>) -> Span {
    let lines = Lines::new(text);
    Span { file, start: lines.position(bytes.start), end: lines.position(bytes.end) }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(marker::print);
    // Any kind of escaping makes captured text a safe string; no built-in formatter knows our own kind.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("marker".into()));
    environment.set_fuel(Some(limits::FUEL));
    environment.set_recursion_limit(limits::RECURSION);
    // Errors then name the expression. It costs nothing without an error.
    environment.set_debug(true);
    filters::install(&mut environment);
    environment
}
