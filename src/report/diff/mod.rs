//! The output of `gen diff`: text, JSON, and a pull request comment.
//!
//! All three are made from the same findings, in which secret values are already hidden. An incomplete result says so first.

mod json;
mod markdown;
mod sparse;
mod text;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Show, Style};
use crate::change::{Change, Class, Finding};
use crate::diagnostics::Sources;
use crate::name::natural;
use crate::ops::diff::{Against, DiffReport};

/// The JSON schema of the output of `-o json`.
pub const SCHEMA: &str = include_str!("schema.json");

impl Show for DiffReport {
    fn text(&self, style: Style) -> String {
        text::text(self, style)
    }

    fn json(&self, sources: &Sources) -> Value {
        json::json(self, sources)
    }

    fn summary(&self, sources: &Sources) -> Value {
        json::summary(self, sources)
    }

    fn markdown(&self, style: Style) -> String {
        markdown::markdown(self, style.is_summary)
    }
}

/// Findings for people: within a class and kind, apps and objects in the natural order of their names.
fn in_order<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<&'f Finding> {
    let mut all: Vec<&Finding> = findings.into_iter().collect();
    let group = |one: &Finding| (one.change.environment.clone(), one.change.class, one.rank());
    for same in all.chunk_by_mut(|one, other| group(one) == group(other)) {
        same.sort_by(|one, other| {
            let names = |finding: &'f Finding| {
                let Change { app, identity, .. } = &finding.change;
                let app = app.as_deref().unwrap_or_default();
                let namespace = identity.namespace.as_deref().unwrap_or_default();
                (app, (&identity.group, &identity.kind), namespace, &identity.name)
            };
            let (one, other) = (names(one), names(other));
            let objects = || one.1.cmp(&other.1).then_with(|| natural(one.2, other.2));
            natural(one.0, other.0).then_with(objects).then_with(|| natural(one.3, other.3))
        });
    }
    all
}

impl DiffReport {
    /// Whether everything was compared and is unchanged.
    fn is_empty(&self) -> bool {
        self.complete && !self.differs() && self.findings().next().is_none()
    }

    /// `1 pruned, 2 changed, 36 unchanged`; classes without objects are left out.
    fn counted(counts: &BTreeMap<Class, usize>) -> String {
        let parts: Vec<String> = Class::ALL
            .iter()
            .filter_map(|class| Some((class, counts.get(class)?)))
            .map(|(class, count)| format!("{count} {}", class.word()))
            .collect();
        if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") }
    }

    /// The reason why it is not complete.
    fn incomplete(&self) -> Option<String> {
        if self.complete {
            return None;
        }
        let missing = self.counts().get(&Class::NotCompared).copied().unwrap_or_default();
        Some(match missing {
            0 => "cannot tell for all objects whether they would be pruned".to_owned(),
            1 => "1 object was not compared and may differ".to_owned(),
            number => format!("{number} objects were not compared and may differ"),
        })
    }
}

impl Against {
    /// `the live cluster (context kind-homelab)`.
    fn words(&self) -> String {
        match self {
            Self::Cluster(contexts) => match contexts.as_slice() {
                [] => "the live cluster (the current kube context)".to_owned(),
                [one] => format!("the live cluster (context {one})"),
                many => format!("the live clusters (contexts {})", many.join(", ")),
            },
            Self::Revision(name, commit) => {
                let short: String = commit.chars().take(12).collect();
                if commit.starts_with(name.as_str()) {
                    format!("commit {short}")
                } else {
                    format!("{name} (commit {short})")
                }
            }
            Self::Folder(path) => format!("the folder {path}"),
        }
    }
}
