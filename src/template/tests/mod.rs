//! What holds for templates, rule by rule, and that the tests would notice if it did not.

mod basics;
mod captured;
mod errors;
mod hostile;
mod library;
mod limits;
mod speed;

use std::sync::Arc;

use minijinja::Value;

use super::{Engine, TemplateSource};
use crate::diagnostics::{Diagnostic, Diagnostics, Look, Sources, render};
use crate::yaml;

/// Templates with the table of sources that their errors point into.
struct Fixture {
    sources: Sources,
    templates: Vec<TemplateSource>,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut sources = Sources::default();
        let templates = files.iter().map(|(name, text)| TemplateSource {
            name: (*name).to_owned(),
            text: Arc::from(*text),
            file: sources.add(format!("templates/{name}"), *text),
        });
        Self { templates: templates.collect(), sources }
    }

    fn engine(&self) -> Result<Engine, Diagnostics> {
        Engine::new(self.templates.clone())
    }

    /// Renders the first template.
    fn render(&self, context: &Value) -> Result<Vec<yaml::Value>, Diagnostics> {
        self.engine()?.render(&self.templates[0].name, context)
    }

    /// The errors as a person reads them.
    fn error(&self, context: &Value) -> String {
        let problems = match self.render(context) {
            Ok(documents) => panic!("rendered to {documents:?}"),
            Err(problems) => problems,
        };
        self.show(&problems)
    }

    fn show(&self, problems: &Diagnostics) -> String {
        let show = |d: &Diagnostic| render(d, &self.sources, Look::Plain);
        problems.iter().map(show).collect()
    }
}

/// The one document of a template.
fn one(template: &str, context: &Value) -> yaml::Value {
    let fixture = Fixture::new(&[("t.yaml", template)]);
    match fixture.render(context) {
        Ok(mut documents) if documents.len() == 1 => documents.remove(0),
        Ok(documents) => panic!("{} documents", documents.len()),
        Err(problems) => panic!("{}", fixture.show(&problems)),
    }
}

/// The one document of a template, as JSON.
fn json(template: &str, context: &Value) -> String {
    one(template, context).to_string()
}

/// The error of a template.
fn error(template: &str, context: &Value) -> String {
    Fixture::new(&[("t.yaml", template)]).error(context)
}
