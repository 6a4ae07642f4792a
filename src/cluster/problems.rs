//! Collects failures, and reports each cause once.

use std::collections::BTreeSet;

use super::kinds::Resource;
use super::request::{Failed, Failure, Purpose};
use super::rights::{Missing, role};
use super::{Comparison, Options};
use crate::diagnostics::ClusterError;

/// Failures and remarks besides the objects.
#[derive(Default)]
pub(super) struct Problems {
    server: String,
    seconds: u64,
    read_only: bool,
    errors: Vec<ClusterError>,
    causes: BTreeSet<String>,
    missing: Missing,
    notes: Vec<String>,
}

impl Problems {
    pub(super) fn new(server: String, options: &Options) -> Self {
        let (seconds, read_only) = (options.deadline.as_secs(), options.read_only);
        Self { server, seconds, read_only, ..Self::default() }
    }

    /// Adds a remark.
    pub(super) fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// An error unrelated to a request.
    pub(super) fn error(&mut self, error: ClusterError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The error that prevented all requests.
    pub(super) fn fatal(&self, failed: &Failed) -> Option<ClusterError> {
        let (request, failure) = &**failed;
        failure
            .is_fatal()
            .then(|| failure.error(request, String::new(), &self.server, self.seconds))
    }

    /// Adds a failure; returns the reason why its objects are not compared.
    pub(super) fn add(&mut self, failed: &Failed) -> String {
        let (request, failure) = &**failed;
        if failure.is_forbidden()
            && let Some((resource, namespace)) = &request.needs
        {
            self.missing.add(request.purpose.verb(), resource, namespace.as_ref());
        }
        let words = failure.words(self.seconds);
        // The server's message about an object can repeat its values: it is kept with the object, where they are masked; for a Secret,
        // whose live values may not be known yet, only the status is shown.
        let status = match failure {
            Failure::Refused { status, .. } => format!("the response was {status}"),
            Failure::Server(problem) => {
                format!("the response was {}", problem.split(',').next().unwrap_or_default())
            }
            _ => words.clone(),
        };
        let is_of_object = matches!(request.purpose, Purpose::Get | Purpose::DryRun);
        let is_of_secrets = request.path.split(['/', '?']).any(|part| part == "secrets");
        let told = if is_of_object || is_of_secrets { &status } else { &words };
        // Missing permissions are reported all at once; every other cause is reported once, whatever the request.
        let is_told_elsewhere = failure.is_forbidden() && !self.missing.is_empty();
        if self.causes.insert(told.clone()) && !is_told_elsewhere && *failure != Failure::GaveUp {
            self.error(failure.error(request, told.clone(), &self.server, self.seconds));
        }
        format!("`{}`: {}", request.words(), if is_of_secrets { status } else { words })
    }

    /// The failures, and what was denied.
    pub(super) fn into_parts(self) -> (Vec<ClusterError>, Missing) {
        (self.errors, self.missing)
    }

    /// All of them, for a report about objects of these kinds.
    pub(super) fn tell(self, comparison: &mut Comparison, used: &BTreeSet<Resource>) {
        comparison.notes = self.notes;
        comparison.problems = self.errors;
        if !self.missing.is_empty() {
            let missing = self.missing.words();
            comparison.problems.insert(0, ClusterError::Forbidden { missing });
            comparison.role = Some(role(used, self.read_only));
        }
    }
}
