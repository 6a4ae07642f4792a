//! What the commands read so far need, and the words that they are read from.

use std::collections::{BTreeMap, BTreeSet};

use crate::permissions::grant::Namespaces;
use crate::permissions::names::listed;
use crate::permissions::rule::{Place, Rule, forbidden};

/// Stands in a text for a part that is only known when the script runs, and that stays inside its word.
pub(in crate::permissions) const UNKNOWN: char = '\u{f8ff}';
/// Likewise, but outside of quotes: it may be nothing, or several words.
pub(in crate::permissions) const ANYTHING: char = '\u{f8fe}';

/// Stands for a name that only the run knows.
pub const SOME: &str = "?";

/// A kind, as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::permissions) struct Kind {
    /// Its group; the core group is an empty string.
    pub(in crate::permissions) group: String,
    /// Its plural, in small letters.
    pub(in crate::permissions) plural: String,
}

impl Kind {
    pub(in crate::permissions) fn new(group: &str, plural: &str) -> Self {
        Self { group: group.to_owned(), plural: plural.to_owned() }
    }

    pub(in crate::permissions) fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }
}

/// Collects rules. What gen grants to nobody is refused at once, so that the error can name the command.
#[derive(Debug, Default)]
pub(in crate::permissions) struct Needs {
    /// Somebody else grants them, so nothing is refused.
    of_others: bool,
    /// Verbs by everything else that a rule has. A `create` has a rule of its own.
    verbs: BTreeMap<(Rule, bool), BTreeSet<String>>,
}

impl Needs {
    /// Needs that are only to be known.
    pub(in crate::permissions) fn of_others() -> Self {
        Self { of_others: true, ..Self::default() }
    }

    /// Whether they are only to be known.
    pub(in crate::permissions) fn are_of_others(&self) -> bool {
        self.of_others
    }

    /// Adds verbs on a kind: on the named objects, or on all where no name is given. `create` cannot be limited by name, because
    /// the name is not known when the server decides.
    pub(in crate::permissions) fn add(
        &mut self,
        place: Place,
        kind: &Kind,
        names: &[String],
        verbs: &[&str],
    ) -> Result<(), String> {
        for verb in verbs {
            let creates = *verb == "create";
            let names = names.iter().filter(|_| !creates).map(String::as_str);
            let names: Vec<&str> = names.collect();
            let rule =
                |verbs: &[&str]| Rule::new(place, &[&kind.group], &[&kind.plural], &names, verbs);
            if let Some(what) = forbidden(&rule(&[verb])).filter(|_| !self.of_others) {
                let instead = if kind.is("", "secrets") {
                    "; its value comes in by `env: {NAME: {secret: NAME, key: KEY}}`"
                } else {
                    ""
                };
                return Err(format!("gen grants no {what}, declared or not{instead}"));
            }
            let harmless =
                kind.group.ends_with(".fluxcd.io") && listed("get list watch patch", verb);
            if place == Place::Flux && !harmless && !self.of_others {
                return Err("where Flux runs, gen grants reading and patching of Flux's own objects, and nothing else".to_owned());
            }
            let verbs = self.verbs.entry((rule(&[]), creates)).or_default();
            verbs.insert((*verb).to_owned());
        }
        Ok(())
    }

    /// The rules in order, one where they differ only in their verbs.
    pub(in crate::permissions) fn rules(self) -> Vec<Rule> {
        let with_verbs = |((rule, _), verbs): ((Rule, bool), BTreeSet<String>)| Rule {
            verbs: verbs.into_iter().collect(),
            ..rule
        };
        let mut rules: Vec<Rule> = self.verbs.into_iter().map(with_verbs).collect();
        rules.sort();
        rules
    }
}

/// A text without unknown parts.
pub(in crate::permissions) fn known(text: &str) -> Option<&str> {
    (!text.contains([UNKNOWN, ANYTHING])).then_some(text)
}

/// In which namespace a command acts.
pub(in crate::permissions) fn place(
    namespace: &str,
    namespaces: &Namespaces<'_>,
) -> Result<Place, String> {
    let namespace = known(namespace).ok_or("its namespace is only known when it runs")?;
    namespaces.place(namespace).ok_or_else(|| {
        format!(
            "gen grants rights in `{}` and `{}`, and nothing in `{namespace}`",
            namespaces.app, namespaces.pipeline
        )
    })
}
