//! `check` of gen.yaml: exceptions, and rules of the spec's own.

use std::sync::Arc;

use crate::check::policy::{Exception, OwnRule, Policy};
use crate::check::{Gate, Level, Place, Rule, rule, rules};
use crate::diagnostics::{Diagnostics, Sources, Span, SpecError};
use crate::fleet::Fleet;
use crate::spec::{View, app, hint, root};

/// Reads the decisions of a team.
///
/// # Errors
/// Unknown rules; rules of the spec that are called like one of gen's.
pub(super) fn policy(fleet: &Fleet, sources: &Sources) -> Result<Policy, Diagnostics> {
    let view = View::new(Some(&fleet.spec.root), root()).view("check");
    let mut problems = Diagnostics::default();
    let mut policy = Policy::default();
    let place = |span: Span| Place {
        file: Arc::clone(&sources.file(span.file).path),
        line: span.start.line,
    };
    for (entry, own) in view.mappings("rules") {
        let text = |key: &str| own.string(key).unwrap_or_default();
        if rule(&entry.key).is_some() {
            let path = format!("check.rules.{}", entry.key);
            let problem = "is a rule of gen already".to_owned();
            problems.error(entry.key_span, SpecError::BadCheck { path, problem });
            continue;
        }
        policy.own.push(OwnRule {
            rule: made(&entry.key, &own.string_or_default("level"), &text("holds"), &text("cure")),
            kinds: own.texts("kinds"),
            expression: text("expression"),
            place: place(entry.key_span),
        });
    }
    for one in view.views("ignore") {
        let name = one.text("rule").unwrap_or_default();
        let until = one.string("until");
        let found = known(&policy, name, one.span_of("rule"), &mut problems);
        if let Some(rule) = found {
            let target = one.string("target");
            policy.exceptions.push(Exception { rule, target, until, place: place(one.span()) });
        }
    }
    for node in view.items("disable") {
        let name = node.as_str().unwrap_or_default();
        let rule = known(&policy, name, node.span, &mut problems);
        policy.disabled.extend(rule);
    }
    for node in view.items("mayDiffer") {
        let text = node.as_str().unwrap_or_default();
        let key = text.split('.').next().unwrap_or_default();
        if !key.contains('*') && app().field(key).is_none() {
            let names = app().fields.iter().map(|field| field.key.as_str());
            let hint = hint(key, names, || "`gen explain apps` lists the keys".to_owned());
            let (path, text) = ("check.mayDiffer".to_owned(), key.to_owned());
            problems.error(node.span, SpecError::NotOneOf { path, text, hint });
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(policy) }
}

/// What judges an app before it is written.
///
/// # Errors
/// As [`policy`].
pub(in crate::ops) fn gate(
    fleet: &Fleet,
    sources: &Sources,
    is_open: bool,
) -> Result<Gate, Diagnostics> {
    Ok(Gate { policy: policy(fleet, sources)?, today: today(), is_open })
}

/// The error for an expression of a rule.
pub(super) fn bad_expression(fleet: &Fleet, name: &str, problem: &str) -> Diagnostics {
    let view = View::new(Some(&fleet.spec.root), root()).view("check");
    let rules = view.mappings("rules");
    let found = rules.iter().find(|(entry, _)| entry.key == name);
    let span = found.map_or(view.span(), |(_, rule)| rule.span_of("expression"));
    let path = format!("check.rules.{name}.expression");
    let problem = format!("is no expression that can be evaluated: {problem}");
    let mut problems = Diagnostics::default();
    problems.error(span, SpecError::BadCheck { path, problem });
    problems
}

fn known(
    policy: &Policy,
    name: &str,
    span: Span,
    problems: &mut Diagnostics,
) -> Option<&'static Rule> {
    let own = policy.own.iter().map(|own| own.rule).find(|rule| rule.name == name);
    let found = own.or_else(|| rule(name));
    if found.is_none() {
        let all = rules();
        let names = all.iter().map(|rule| rule.name);
        let names = names.chain(policy.own.iter().map(|own| own.rule.name));
        let hint = hint(name, names, || "`gen explain checks` lists the rules".to_owned());
        let (path, text) = ("check".to_owned(), name.to_owned());
        problems.error(span, SpecError::NotOneOf { path, text, hint });
    }
    found
}

/// Today, in UTC.
pub(super) fn today() -> String {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// A rule of the spec. Rules are borrowed for as long as the program runs, and it reads a spec once.
fn made(name: &str, level: &str, holds: &str, cure: &str) -> &'static Rule {
    let kept = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let cure = if cure.is_empty() { "see the rule in gen.yaml" } else { cure };
    Box::leak(Box::new(Rule {
        id: kept(name),
        name: kept(name),
        level: Level::of(level).unwrap_or(Level::Warning),
        holds: kept(holds),
        otherwise: "The team decided so.",
        cure: kept(cure),
        source: "gen.yaml",
    }))
}
