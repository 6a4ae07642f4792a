//! What the commands read so far need.

use super::super::{Place, Rule, forbidden};
use super::{ANYTHING, Names, UNKNOWN};

/// What a command hands to the next of its pipeline, as far as it matters.
#[derive(Debug, Clone, Default)]
pub(super) enum Data {
    /// Anything.
    #[default]
    Unknown,
    /// This text, in which unknown parts are marked.
    Text(String),
    /// The manifests of these objects.
    Objects(Vec<Object>),
}

/// A kind, as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// Its group; the core group is an empty text.
    pub(super) group: String,
    /// Its plural, in small letters.
    pub(super) plural: String,
}

impl Kind {
    /// A kind by its names.
    pub(super) fn new(group: &str, plural: &str) -> Self {
        Self {
            group: group.to_owned(),
            plural: plural.to_owned(),
        }
    }

    /// Whether it is this one.
    pub(super) fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }
}

/// What identifies an object of a manifest.
#[derive(Debug, Clone)]
pub(super) struct Object {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its name; none where the server makes it.
    pub(super) name: Option<String>,
    /// Its namespace, where the manifest says it.
    pub(super) namespace: Option<String>,
}

/// Collects rules. What gen grants to nobody is refused at once, so that the error can name the command.
#[derive(Debug, Default)]
pub(super) struct Needs {
    rules: Vec<Rule>,
}

impl Needs {
    /// Adds verbs on a kind: on the named objects, or on all where no name is given. `create` cannot be limited by name, because
    /// the name is not known when the server decides.
    pub(super) fn add(
        &mut self,
        place: Place,
        kind: &Kind,
        names: &[String],
        verbs: &[&str],
    ) -> Result<(), String> {
        let (create, others): (Vec<&str>, Vec<&str>) =
            verbs.iter().partition(|verb| **verb == "create");
        self.push(place, kind, &[], &create)?;
        self.push(place, kind, names, &others)
    }

    fn push(
        &mut self,
        place: Place,
        kind: &Kind,
        names: &[String],
        verbs: &[&str],
    ) -> Result<(), String> {
        if verbs.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let rule = Rule::new(
            place,
            &[kind.group.as_str()],
            &[kind.plural.as_str()],
            &names,
            verbs,
        );
        if let Some(what) = forbidden(&rule) {
            let instead = if kind.is("", "secrets") {
                "; its value comes in by `env: {NAME: {secret: NAME, key: KEY}}`"
            } else {
                ""
            };
            return Err(format!("gen grants no {what}, declared or not{instead}"));
        }
        if place == Place::Flux {
            let own = kind.group.ends_with(".fluxcd.io");
            let harmless = |verb: &&str| ["get", "list", "watch", "patch"].contains(verb);
            if !own || !verbs.iter().all(harmless) {
                return Err("where Flux runs, gen grants reading and patching of Flux's own objects, and nothing else".to_owned());
            }
        }
        self.rules.push(rule);
        Ok(())
    }

    /// The rules in order, joined where they differ only in their verbs.
    pub(super) fn rules(mut self) -> Vec<Rule> {
        self.rules.sort();
        let mut joined: Vec<Rule> = Vec::new();
        for rule in self.rules {
            let creates = rule.verbs == ["create"];
            // Equal ones are neighbours, but for a `create` between.
            let same = joined.iter_mut().rev().take(2).find(|last| {
                last.place == rule.place
                    && last.api_groups == rule.api_groups
                    && last.resources == rule.resources
                    && last.resource_names == rule.resource_names
                    && (last.verbs == ["create"]) == creates
            });
            match same {
                Some(last) => {
                    last.verbs.extend(rule.verbs);
                    last.verbs.sort();
                    last.verbs.dedup();
                }
                None => joined.push(rule),
            }
        }
        joined.sort();
        joined
    }
}

/// A text without unknown parts.
pub(super) fn known(text: &str) -> Option<&str> {
    (!text.contains([UNKNOWN, ANYTHING])).then_some(text)
}

/// In which namespace a command acts.
pub(super) fn place(namespace: &str, names: &Names<'_>) -> Result<Place, String> {
    match known(namespace) {
        None => Err("its namespace is only known when it runs".to_owned()),
        Some(text) if text == names.app_namespace => Ok(Place::App),
        Some(text) if text == names.pipeline_namespace => Ok(Place::Pipeline),
        Some(text) if text == names.flux_namespace => Ok(Place::Flux),
        Some(text) => Err(format!(
            "gen grants rights in `{}` and `{}`, and nothing in `{text}`",
            names.app_namespace, names.pipeline_namespace
        )),
    }
}
