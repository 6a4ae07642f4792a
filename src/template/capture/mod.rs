//! Finds, before rendering, invalid uses of captured text, and endless values.
//!
//! Captured text is the result of a macro, `{% set %}…{% endset %}`, `caller()`, `super()` or a filter block. It contains
//! markers, not values: comparing, measuring or cutting it would use the markers. minijinja's operators cannot
//! be observed at run time, so the syntax tree is walked: names that can hold captured text are computed for all
//! templates that share names, ignoring order and scope (so rather too many than too few), and each use
//! of such a name that is not known to be valid is an error.
//!
//! Nor can their results be bounded: sums of lists are lazy, and sixty levels of a list added to itself
//! never finish. So `+` is for numbers and strings, and one side must be recognizable as such; `chain` consumes fuel.
//!
//! The same walk bounds the nesting of values: each level costs stack when minijinja prints or drops it, so a list
//! nested in itself by a loop would crash the process.

mod call;
mod expr;
mod facts;
mod flat;
mod flow;
mod parsed;
mod stmt;

use minijinja::machinery::Span as AstSpan;

use self::facts::Facts;
use self::flow::Flow;
pub(super) use self::parsed::Parsed;
use super::lines::Lines;
use crate::diagnostics::{Diagnostic, Diagnostics, Span, TemplateError};

/// Results of the walk besides problems.
pub(super) struct Findings {
    pub(super) problems: Diagnostics,
    /// Whether an expression prints a marker character.
    pub(super) writes_reserved: bool,
}

/// Walks all templates.
pub(super) fn check(templates: &[Parsed<'_>]) -> Findings {
    let mut facts = Facts::collect(templates);
    let mut findings = Findings { problems: Diagnostics::default(), writes_reserved: false };
    let settles = (0..PASSES).any(|_| {
        let before = facts.version;
        for (index, template) in templates.iter().enumerate() {
            Walk::new(&mut facts, index).stmt(&template.tree);
        }
        facts.version == before
    });
    if !settles && let Some(template) = templates.first() {
        let what = "a chain of names for names".to_owned();
        let kind = TemplateError::SourceTooLarge { what, limit: PASSES };
        let at = Span::top_of(template.file);
        findings.problems.push(Diagnostic::error(kind).at(at));
        return findings;
    }
    for (index, template) in templates.iter().enumerate() {
        let mut walk = Walk::new(&mut facts, index);
        walk.stmt(&template.tree);
        findings.writes_reserved |= walk.writes_reserved;
        let problems = walk.problems;
        let lines = Lines::new(template.text);
        for (kind, span) in problems {
            let at = Span {
                file: template.file,
                start: lines.position(span.start_offset as usize),
                end: lines.position(span.end_offset as usize),
            };
            findings.problems.push(Diagnostic::error(kind).at(at));
        }
    }
    findings
}

/// Walks until there are no new facts, usually three times, since assignments mostly come before their uses.
const PASSES: usize = 200;
/// Maximum number of problems reported per template.
const PROBLEMS: usize = 50;

/// One walk through one template.
struct Walk<'f, 't> {
    facts: &'f mut Facts<'t>,
    /// Which templates see each other's names.
    group: usize,
    problems: Vec<(TemplateError, AstSpan)>,
    writes_reserved: bool,
}

impl<'f, 't> Walk<'f, 't> {
    fn new(facts: &'f mut Facts<'t>, index: usize) -> Self {
        let group = facts.groups[index];
        Self { facts, group, problems: Vec::new(), writes_reserved: false }
    }

    fn problem(&mut self, kind: TemplateError, span: AstSpan) {
        if self.problems.len() < PROBLEMS {
            self.problems.push((kind, span));
        }
    }

    /// Reports an invalid use of captured text.
    fn misuse(&mut self, how: &str, span: AstSpan) {
        let how = how.to_owned();
        self.problem(TemplateError::CapturedText { how }, span);
    }

    /// The possible values of a name.
    fn held(&self, name: &'t str) -> Flow {
        if self.is_namespace(name) {
            return self.facts.namespace(self.group);
        }
        let known = self.facts.flows.get(&(self.group, name));
        known.copied().unwrap_or_default()
    }

    fn is_module(&self, name: &'t str) -> bool {
        self.facts.modules.contains(&(self.group, name))
    }

    fn is_namespace(&self, name: &'t str) -> bool {
        self.facts.namespaces.contains(&(self.group, name))
    }

    /// Adds a value of a name in a namespace.
    fn keep(&mut self, name: &'t str, flow: Flow, span: AstSpan) {
        if self.facts.keep((self.group, name), flow).is_err() {
            let name = name.to_owned();
            self.problem(TemplateError::GrowsWithoutEnd { name }, span);
        }
    }

    /// Adds a value of a name.
    fn hold(&mut self, name: &'t str, flow: Flow, span: AstSpan) {
        // The content of a namespace is known from its names.
        if !self.is_namespace(name) && self.facts.hold((self.group, name), flow).is_err() {
            let name = name.to_owned();
            self.problem(TemplateError::GrowsWithoutEnd { name }, span);
        }
    }
}
