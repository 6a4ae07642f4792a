//! Finds, before anything renders, what templates do with captured text that cannot be right, and values without end.
//!
//! Captured text is what a macro, `{% set %}…{% endset %}`, `caller()`, `super()` or a filter block returns. It holds
//! markers, not values: to compare it, to measure it or to cut it would look at the markers. minijinja's operators cannot
//! be watched while they run, so the syntax tree is walked: which names may hold captured text is computed for all
//! templates that see each other's names, without regard to order or scope (so rather too many than too few), and each use
//! of such a name that is not known to be right is an error.
//!
//! Nor can what they make be bounded: lists that are added to themselves are put together when somebody looks, and sixty levels of that
//! have no end. So `+` is for numbers and texts, and of one side it must be seen that it is no list; `chain` is paid for.
//!
//! The same walk bounds how deep a value can be nested: each level costs stack where minijinja prints or drops it, so a list
//! that a loop puts into itself again and again would end the process.

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

/// What the walk found out beside problems.
pub(super) struct Findings {
    pub(super) problems: Diagnostics,
    /// Whether an expression writes a character that markers are made of.
    pub(super) writes_reserved: bool,
}

/// Walks all templates.
pub(super) fn check(templates: &[Parsed<'_>]) -> Findings {
    let mut facts = Facts::collect(templates);
    let mut findings = Findings {
        problems: Diagnostics::default(),
        writes_reserved: false,
    };
    let settles = (0..PASSES).any(|_| {
        let before = facts.version;
        for (index, template) in templates.iter().enumerate() {
            Walk::new(&mut facts, index).stmt(&template.tree);
        }
        facts.version == before
    });
    if !settles && let Some(template) = templates.first() {
        let what = "a chain of names for names".to_owned();
        let kind = TemplateError::SourceTooLarge {
            what,
            limit: PASSES,
        };
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

/// Walks until nothing new is found. Each follows what is assigned before it is used to its end, so that three are usual.
const PASSES: usize = 200;
/// Problems of one template that are worth reading at once.
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
        Self {
            facts,
            group,
            problems: Vec::new(),
            writes_reserved: false,
        }
    }

    fn problem(&mut self, kind: TemplateError, span: AstSpan) {
        if self.problems.len() < PROBLEMS {
            self.problems.push((kind, span));
        }
    }

    /// Captured text stands where it cannot be right.
    fn misuse(&mut self, how: &str, span: AstSpan) {
        let how = how.to_owned();
        self.problem(TemplateError::CapturedText { how }, span);
    }

    /// What a name may hold.
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

    /// A name in a namespace holds a value.
    fn keep(&mut self, name: &'t str, flow: Flow, span: AstSpan) {
        if self.facts.keep((self.group, name), flow).is_err() {
            let name = name.to_owned();
            self.problem(TemplateError::GrowsWithoutEnd { name }, span);
        }
    }

    /// A name holds a value.
    fn hold(&mut self, name: &'t str, flow: Flow, span: AstSpan) {
        // What a namespace holds is known by the names in it.
        if !self.is_namespace(name) && self.facts.hold((self.group, name), flow).is_err() {
            let name = name.to_owned();
            self.problem(TemplateError::GrowsWithoutEnd { name }, span);
        }
    }
}
