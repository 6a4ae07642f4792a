//! What is judged before it is written, folder by folder.

use super::finding::{Finding, Level};
use super::found::Found;
use super::objects::Objects;
use super::policy::{Policy, is_excepted};
use super::scope::{Judge, Scope};
use super::{kubernetes, pods, rbac, tekton};

/// Keeps out what would be refused or fail: the errors of the first four families, as far as one folder shows them. What only a
/// whole environment shows is for [`super::check`].
#[derive(Debug, Default)]
pub struct Gate {
    /// The exceptions of the team.
    pub policy: Policy,
    /// As in `2026-11-29`.
    pub today: String,
    /// What is found is only warned of.
    pub is_open: bool,
}

impl Gate {
    /// What is wrong with the objects of a folder.
    #[must_use]
    pub fn refused(&self, judge: Judge<'_>, objects: &Objects) -> Vec<Finding> {
        let mut found = Found::of_errors();
        kubernetes::check(judge, objects, &mut found);
        tekton::check(judge, objects, &mut found);
        rbac::check(&Scope::new(judge, objects), &mut found);
        pods::check(objects, &mut found);
        let mut findings = found.into_findings();
        findings.retain(|finding| {
            finding.level == Level::Error && !is_excepted(&self.policy, finding, &self.today)
        });
        findings
    }
}
