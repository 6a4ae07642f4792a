//! The output of `gen diff`: text, JSON, and a pull request comment.
//!
//! All three are made from the same findings, in which secret values are already hidden. An incomplete result says so first.

mod json;
mod markdown;
mod order;
mod sparse;
mod text;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Show, Style};
use crate::change::{Class, Finding};
use crate::diagnostics::{Sources, visible};
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

    /// What came of it, and what it was compared with.
    fn outcome(&self) -> String {
        let against = self.against.words();
        if self.is_empty() {
            format!("no differences from {against}: all {} objects match the spec", self.total())
        } else {
            format!("compared with {against}: {}", Self::counted(&self.counts()))
        }
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

/// A comparison for a page: what is said first, permissions, and the objects with their lines.
pub(super) struct Folds {
    /// Why it is not complete, if it is not.
    pub(super) incomplete: Option<String>,
    /// The other side, and the counts.
    pub(super) head: String,
    /// Remarks.
    pub(super) notes: Vec<String>,
    /// `danger` or `caution`, and what happens to what.
    pub(super) dangers: Vec<(&'static str, String)>,
    /// `gains` or `loses`, and a sentence.
    pub(super) permissions: Vec<(&'static str, String)>,
    /// A title, and lines that begin with `+`, `-` or a space.
    pub(super) objects: Vec<(String, Vec<String>)>,
}

/// The parts of a comparison.
pub(super) fn folds(report: &DiffReport) -> Folds {
    let mut permissions = Vec::new();
    for change in &report.permissions {
        let subject = text::subject(change, true);
        let lines = text::granted(change);
        permissions.extend(lines.map(|(word, what)| (word, format!("{subject} {word} {what}"))));
    }
    let written = |line: sparse::Line| {
        let origin = line.origin.as_ref().map(|origin| format!("  # {origin}"));
        visible(&format!("{}{}", line.signed(), origin.unwrap_or_default()))
    };
    let object = |finding: &Finding| {
        let lines = sparse::lines(&finding.fields).into_iter().map(written).collect();
        (visible(&text::title(finding)), lines)
    };
    Folds {
        incomplete: report.incomplete(),
        head: report.outcome(),
        notes: report.notes.clone(),
        dangers: report.dangers.iter().map(|one| (one.level.word(), one.to_string())).collect(),
        permissions,
        objects: order::in_order(report.findings()).into_iter().map(object).collect(),
    }
}
