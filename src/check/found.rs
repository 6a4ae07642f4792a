//! What rules find, in the order found.

use super::finding::{Finding, Level, Place, Rule};
use super::objects::Item;
use crate::kubernetes::Identity;

/// Collects findings.
#[derive(Debug, Default)]
pub struct Found {
    list: Vec<Finding>,
    /// Whoever asks takes only errors.
    errors_only: bool,
}

/// A finding just made, to which more can be said.
pub struct More<'a>(&'a mut Finding);

impl More<'_> {
    /// What the controller says.
    pub fn said(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.said = Some(text.into());
        self
    }

    /// How to mend it here.
    pub fn cure(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.cure = Some(text.into());
        self
    }
}

impl More<'_> {
    /// An object that is not among those judged, but in the cluster.
    pub fn about(&mut self, identity: Identity) -> &mut Self {
        self.0.object = Some(identity);
        self
    }

    /// Another level than the rule's own.
    pub fn level(&mut self, level: Level) -> &mut Self {
        self.0.level = level;
        self
    }
}

impl Found {
    /// Of somebody who takes only errors, so that rules need not look for less.
    #[must_use]
    pub fn of_errors() -> Self {
        Self { errors_only: true, ..Self::default() }
    }

    /// Whether findings below an error are of use.
    #[must_use]
    pub fn takes_warnings(&self) -> bool {
        !self.errors_only
    }

    /// Adds one: the field as in `spec.steps[0].image`, and what is wrong there in lower case without a full stop.
    pub fn add(
        &mut self,
        rule: &'static Rule,
        item: &Item,
        field: impl Into<String>,
        what: impl Into<String>,
    ) -> More<'_> {
        let finding = Finding {
            rule,
            level: rule.level,
            object: Some(item.identity()),
            field: field.into(),
            what: what.into(),
            said: None,
            cure: None,
            place: Place { file: item.file.clone(), line: 0 },
            within: item.within.clone(),
            spec: None,
        };
        let at = self.list.len();
        self.list.push(finding);
        More(&mut self.list[at])
    }

    /// All of them.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.list
    }
}
