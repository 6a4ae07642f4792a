//! Facts and texts against the signatures. The patterns are regular expressions without backtracking, so the time is linear in the text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::super::fact::Fact;
use super::{Component, Role, Signature, signatures};
use crate::diagnose::place::Place;

/// The groups of a pattern, by name.
pub type Groups = BTreeMap<String, String>;

/// A signature that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Which.
    pub signature: &'static Signature,
    /// Where.
    pub fact: Fact,
    /// The groups of its pattern.
    pub groups: Groups,
    /// What it says about causes, after it has lasted for as long as it has.
    pub role: Role,
}

/// The patterns that are telling enough for any text, with the places of their signatures.
static TEXTS: LazyLock<(RegexSet, Vec<usize>)> = LazyLock::new(|| {
    let all = signatures().iter().enumerate();
    let telling: Vec<(usize, &str)> = all
        .filter(|(_, one)| one.text)
        .filter_map(|(at, one)| Some((at, one.pattern.as_ref()?.as_str())))
        .collect();
    let set = regex::RegexSetBuilder::new(telling.iter().map(|(_, pattern)| pattern))
        .size_limit(64 << 20)
        .dfa_size_limit(16 << 20)
        .build();
    (set.unwrap_or_else(|_| RegexSet::empty()), telling.iter().map(|(at, _)| *at).collect())
});

/// Reasons that suffice, as words in any text.
static ALONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let reasons: Vec<String> = signatures()
        .iter()
        .flat_map(|one| &one.alone)
        .map(|reason| regex::escape(reason))
        .collect();
    Regex::new(&format!(r"\b(?:{})\b", reasons.join("|"))).ok()
});

/// The signatures that a fact about an object of a kind shows, in the order of the tables.
#[must_use]
pub fn of_fact(kind: &str, fact: &Fact) -> Vec<Hit> {
    let is_one = |signature: &&'static Signature| {
        signature.kinds.iter().any(|one| one == kind) && signature.places.contains(&fact.place)
    };
    let own = signatures().iter().filter(is_one);
    own.filter_map(|signature| hit(signature, fact)).collect()
}

fn hit(signature: &'static Signature, fact: &Fact) -> Option<Hit> {
    let reason = |list: &[String]| list.contains(&fact.reason);
    let is_refused = signature.unless.as_ref().is_some_and(|unless| unless.is_match(&fact.message));
    let has_status = signature.status.as_ref().is_none_or(|status| *status == fact.status);
    let groups = match &signature.pattern {
        _ if is_refused || !has_status => None,
        _ if !signature.reasons.is_empty() && !reason(&signature.reasons) => None,
        None => Some(Groups::new()),
        Some(pattern) => groups(pattern, &fact.message),
    };
    let groups = groups.or_else(|| reason(&signature.alone).then(Groups::new))?;
    Some(Hit { signature, fact: fact.clone(), groups, role: signature.role })
}

fn groups(pattern: &Regex, text: &str) -> Option<Groups> {
    let found = pattern.captures(text)?;
    let named = pattern.capture_names().flatten();
    Some(
        named
            .filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())))
            .collect(),
    )
}

/// The best signature for a text whose reason nobody knows: causes before what follows from them, then in the order of the tables.
#[must_use]
pub fn of_text(fact: &Fact) -> Option<Hit> {
    let (set, places) = &*TEXTS;
    let found = set.matches(&fact.message).into_iter().map(|at| &signatures()[places[at]]);
    let word = ALONE.as_ref().and_then(|alone| alone.find(&fact.message));
    let by_word = word.and_then(|word| {
        let has = |one: &&Signature| one.alone.iter().any(|reason| reason == word.as_str());
        signatures().iter().find(has)
    });
    let fits = |one: &&'static Signature| {
        one.unless.as_ref().is_none_or(|unless| !unless.is_match(&fact.message))
    };
    let best = found.filter(fits).min_by_key(|one| (rank(one.role), order(one.component)));
    if let Some(best) = best {
        let groups = groups(best.pattern.as_ref()?, &fact.message)?;
        return Some(Hit { signature: best, fact: fact.clone(), groups, role: best.role });
    }
    let fact = Fact { reason: word?.as_str().to_owned(), ..fact.clone() };
    let signature = by_word?;
    Some(Hit { signature, fact, groups: Groups::new(), role: signature.role })
}

/// What comes first among signs of one object.
#[must_use]
pub fn rank(role: Role) -> u8 {
    match role {
        Role::Cause => 0,
        Role::Symptom => 1,
        Role::Waiting => 2,
        Role::Consequence => 3,
        Role::Note => 4,
    }
}

fn order(component: Component) -> u8 {
    match component {
        Component::Kustomization => 0,
        Component::Source => 1,
        Component::Trigger => 2,
        Component::PipelineRun => 3,
        Component::TaskRun => 4,
        Component::Workload => 5,
        Component::Log => 6,
    }
}

impl Hit {
    /// The case that the message is.
    #[must_use]
    pub fn case(&self) -> Option<&'static super::Case> {
        self.signature.cases.iter().find(|case| case.pattern.is_match(&self.fact.message))
    }

    /// The failure that the message tells of, if it repeats another's.
    #[must_use]
    pub fn inner(&self) -> Option<Self> {
        let group = self.signature.inner.as_deref()?;
        let text = match group {
            "message" => &self.fact.message,
            group => self.groups.get(group)?,
        };
        let fact = Fact { message: text.clone(), place: Place::Condition, ..self.fact.clone() };
        let inner = of_text(&fact)?;
        let is_other = inner.signature.id != self.signature.id;
        (is_other && rank(inner.signature.role) <= rank(Role::Symptom)).then_some(inner)
    }
}
