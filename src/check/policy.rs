//! What a team decides about rules: exceptions with reasons, other levels, rules of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::{Context, Program};

use super::finding::{Finding, Level, Place, Rule};
use super::objects::Objects;
use super::stages::of_spec;
use crate::kubernetes::Identity;
use crate::kubernetes::patch::glob;

/// The rules about exceptions.
pub static RULES: &[&Rule] = &[&UNUSED, &EXPIRED, &IDLE];

static UNUSED: Rule = Rule {
    id: "CHK9001",
    name: "exception-unused",
    level: Level::Warning,
    holds: "Every exception of `check.ignore` covers a finding.",
    otherwise: "The next finding of that rule there is covered, too, and nobody has looked at it.",
    cure: "remove the exception",
    source: "docs/guides/check.md",
};

static EXPIRED: Rule = Rule {
    id: "CHK9002",
    name: "exception-expired",
    level: Level::Error,
    holds: "An exception of `check.ignore` ends on its date.",
    otherwise: "What was to be mended by then was not.",
    cure: "mend what it covers, or decide on another date",
    source: "docs/guides/check.md",
};

static IDLE: Rule = Rule {
    id: "CHK9003",
    name: "own-rule-idle",
    level: Level::Warning,
    holds: "A rule of `check.rules` judges some object.",
    otherwise: "It seems to guard something, and does not: its kinds may be misspelt.",
    cure: "correct `kinds`, or remove the rule",
    source: "docs/guides/check.md",
};

/// The stack of an evaluation: the parser is recursive.
const STACK: usize = 64 << 20;

/// An exception.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The rule that it is about.
    pub rule: &'static Rule,
    /// Kind and name, as in `Deployment shop/web`; `*` matches anything. Every object if there is none.
    pub target: Option<String>,
    /// The last day on which it counts, as in `2027-01-31`.
    pub until: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// A rule that the spec defines.
#[derive(Debug, Clone)]
pub struct OwnRule {
    /// Its id is its name.
    pub rule: &'static Rule,
    /// Kinds that it judges; all if there is none.
    pub kinds: Vec<String>,
    /// What must hold, in CEL, of `object`.
    pub expression: String,
    /// Where it is written.
    pub place: Place,
}

impl OwnRule {
    fn is_about(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind)
    }
}

/// All decisions.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Exceptions.
    pub exceptions: Vec<Exception>,
    /// Rules that do not count at all.
    pub disabled: Vec<&'static Rule>,
    /// Rules of the spec.
    pub own: Vec<OwnRule>,
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let object = finding.object.as_ref().map(Identity::to_string).unwrap_or_default();
        finding.rule == self.rule
            && self.target.as_deref().is_none_or(|pattern| glob(pattern, &object))
    }
}

/// Whether a finding does not count today, by an exception or because its rule does not.
#[must_use]
pub fn is_excepted(policy: &Policy, finding: &Finding, today: &str) -> bool {
    policy.disabled.contains(&finding.rule)
        || policy.exceptions.iter().any(|exception| {
            exception.covers(finding)
                && exception.until.as_deref().is_none_or(|until| today <= until)
        })
}

/// Leaves out what is excepted, and tells of exceptions that are not used or have ended. Returns how many findings were left out.
/// `today` is as in `2026-11-29`; `is_whole` says whether everything was judged
/// by a rule, so that an exception without a finding is of no use.
pub fn apply(
    policy: &Policy,
    findings: &mut Vec<Finding>,
    today: &str,
    is_whole: impl Fn(&Rule) -> bool,
) -> usize {
    findings.retain(|finding| !policy.disabled.contains(&finding.rule));
    let before = findings.len();
    let mut used = vec![false; policy.exceptions.len()];
    findings.retain(|finding| {
        let mut is_covered = false;
        for (at, exception) in policy.exceptions.iter().enumerate() {
            if exception.covers(finding) {
                used[at] = true;
                is_covered |= exception.until.as_deref().is_none_or(|until| today <= until);
            }
        }
        !is_covered
    });
    let left_out = before - findings.len();
    for (exception, used) in policy.exceptions.iter().zip(used) {
        let is_over = exception.until.as_deref().is_some_and(|until| today > until);
        let rule = if is_over { &EXPIRED } else { &UNUSED };
        let name = exception.rule.name;
        let what = match exception.until.as_deref().filter(|_| is_over) {
            Some(until) => format!("the exception for `{name}` ended on {until}"),
            None => format!("the exception for `{name}` covers nothing"),
        };
        if is_over || !used && is_whole(exception.rule) {
            findings.push(of_spec(rule, "check.ignore", what, &exception.place));
        }
    }
    left_out
}

/// The rules of the spec that judge none of these kinds.
#[must_use]
pub fn idle(policy: &Policy, kinds: &BTreeSet<String>) -> Vec<Finding> {
    let all = policy.own.iter().filter(|own| !kinds.iter().any(|kind| own.is_about(kind)));
    all.map(|own| {
        let what = format!("`{}` judges no object", own.rule.name);
        of_spec(&IDLE, "check.rules", what, &own.place)
    })
    .collect()
}

/// What the spec's own rules find.
///
/// # Errors
/// The name of a rule whose expression is not CEL, or gives no truth value, and what is wrong with it.
pub fn judge(policy: &Policy, objects: &Objects) -> Result<Vec<Finding>, (String, String)> {
    if policy.own.is_empty() {
        return Ok(Vec::new());
    }
    std::thread::scope(|scope| {
        let work = || policy.own.iter().map(|own| one(own, objects)).collect::<Result<Vec<_>, _>>();
        let failed = |problem: String| (policy.own[0].rule.name.to_owned(), problem);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| failed(format!("it cannot be evaluated: {error}")))?;
        let found = thread.join().map_err(|_| failed("the evaluator failed".to_owned()))??;
        Ok(found.into_iter().flatten().collect())
    })
}

fn one(own: &OwnRule, objects: &Objects) -> Result<Vec<Finding>, (String, String)> {
    let bad = |problem: String| (own.rule.name.to_owned(), problem);
    let program = Program::compile(&own.expression).map_err(|error| bad(error.to_string()))?;
    let mut findings = Vec::new();
    for item in objects {
        if !own.is_about(item.object.kind()) {
            continue;
        }
        let mut context = Context::default();
        let object = item.object.value();
        context.add_variable("object", object).map_err(|error| bad(error.to_string()))?;
        let what = match program.execute(&context) {
            Ok(cel::Value::Bool(true)) => continue,
            Ok(cel::Value::Bool(false)) => own.rule.holds.trim_end_matches('.').to_owned(),
            Ok(_) => return Err(bad("it gives no truth value".to_owned())),
            // As the API server does: what cannot be evaluated does not hold.
            Err(error) => format!("cannot be evaluated: {error}"),
        };
        findings.push(Finding {
            rule: own.rule,
            level: own.rule.level,
            object: Some(item.identity()),
            field: String::new(),
            what,
            said: None,
            cure: None,
            place: Place { file: Arc::clone(&item.file), line: 0 },
            within: item.within.clone(),
            spec: None,
        });
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use crate::kubernetes::patch::glob;

    #[test]
    fn a_target_matches_by_its_stars() {
        for (pattern, text, want) in [
            ("Deployment shop/web", "Deployment shop/web", true),
            ("Deployment shop/*", "Deployment shop/web", true),
            ("* shop/web", "Deployment shop/web", true),
            ("Deployment */we*", "Deployment shop/web", true),
            ("Deployment shop/w", "Deployment shop/web", false),
            ("*b", "Deployment shop/web", true),
            ("*x*", "Deployment shop/web", false),
        ] {
            assert_eq!(glob(pattern, text), want, "{pattern}");
        }
    }
}
