//! Collects failures, and reports each cause once.

use std::collections::BTreeSet;

use super::Options;
use super::kinds::Resource;
use super::plan::Read;
use super::request::{Failure, Purpose, Request};
use super::rights::{Missing, role};
use crate::diagnostics::ClusterError;

/// Failures and remarks besides the objects.
pub(super) struct Problems {
    server: String,
    seconds: u64,
    read_only: bool,
    errors: Vec<ClusterError>,
    causes: BTreeSet<String>,
    missing: Missing,
    notes: Vec<String>,
}

/// The remarks, for a report.
pub(super) struct Told {
    pub(super) errors: Vec<ClusterError>,
    pub(super) notes: Vec<String>,
    pub(super) role: Option<String>,
}

impl Problems {
    pub(super) fn new(server: String, options: &Options) -> Self {
        Self {
            server,
            seconds: options.deadline.as_secs(),
            read_only: options.read_only,
            errors: Vec::new(),
            causes: BTreeSet::new(),
            missing: Missing::default(),
            notes: Vec::new(),
        }
    }

    /// Adds a remark.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
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
    pub(super) fn fatal(&self, failure: &Failure) -> Option<ClusterError> {
        let server = self.server.clone();
        match failure {
            Failure::Transport(problem) => {
                Some(ClusterError::Unreachable { server, problem: problem.clone() })
            }
            Failure::Tls(problem) => Some(ClusterError::Tls { server, problem: problem.clone() }),
            Failure::Credentials(problem) => {
                Some(ClusterError::Credentials { problem: problem.clone() })
            }
            Failure::Refused { status: 401, .. } => Some(ClusterError::Unauthorized { server }),
            _ => None,
        }
    }

    /// Adds a failure; returns the reason why its objects are not compared.
    pub(super) fn add(&mut self, request: &Request, failure: &Failure) -> String {
        let what = request.words();
        let words = self.words(failure);
        // The server's message about an object can repeat its values: it is kept with the object, where they are masked; for a Secret,
        // whose live values may not be known yet, only the status is shown.
        let status = match failure {
            Failure::Refused { status, .. } => Some(status.to_string()),
            Failure::Server(problem) => problem.split(',').next().map(str::to_owned),
            _ => None,
        };
        let status =
            status.map_or_else(|| words.clone(), |status| format!("the response was {status}"));
        let is_of_object = matches!(request.purpose, Purpose::Get | Purpose::DryRun);
        let is_of_secrets = request.path.split(['/', '?']).any(|part| part == "secrets");
        let told = if is_of_object || is_of_secrets { status.clone() } else { words.clone() };
        let words = if is_of_secrets { status } else { words };
        // A cause is reported once, whatever the request.
        if self.causes.insert(told.clone())
            && let Some(error) = self.told(what.clone(), failure, &told)
        {
            self.error(error);
        }
        format!("`{what}`: {words}")
    }

    fn told(&self, what: String, failure: &Failure, words: &str) -> Option<ClusterError> {
        let problem = words.to_owned();
        Some(match failure {
            // Reported with all missing permissions.
            Failure::Refused { status: 403, .. } if !self.missing.is_empty() => return None,
            Failure::GaveUp => return None,
            Failure::Deadline => ClusterError::Deadline { seconds: self.seconds },
            Failure::Refused { status: 401, .. }
            | Failure::Transport(_)
            | Failure::Tls(_)
            | Failure::Credentials(_) => return self.fatal(failure),
            Failure::Refused { .. } => ClusterError::Refused { what, problem },
            Failure::BadAnswer(_) => ClusterError::BadAnswer { what, problem },
            Failure::Server(_) | Failure::Slow(_) => ClusterError::ServerFailed { what, problem },
        })
    }

    fn words(&self, failure: &Failure) -> String {
        match failure {
            Failure::Refused { status, answer } => {
                let said = answer.get("message").and_then(serde_json::Value::as_str);
                match said {
                    Some(said) => format!("{status}, {said}"),
                    None => format!("the response was {status}"),
                }
            }
            Failure::Server(problem) => format!("the response was {problem}"),
            Failure::Transport(problem) => format!("the connection failed: {problem}"),
            Failure::Tls(problem) | Failure::Credentials(problem) | Failure::BadAnswer(problem) => {
                problem.clone()
            }
            Failure::Slow(limit) => {
                format!("no complete response within {} s", limit.as_secs_f32())
            }
            Failure::Deadline => format!("the overall time limit of {} s has passed", self.seconds),
            Failure::GaveUp => "skipped after too many failures".to_owned(),
        }
    }

    /// Records a missing permission from a rejected read.
    pub(super) fn refused(&mut self, read: &Read, failure: &Failure) {
        if let Read::List { resource, namespace, .. } = read {
            self.refused_one("list", resource, namespace.as_deref(), failure);
        }
    }

    /// The same for a request about one object.
    pub(super) fn refused_one(
        &mut self,
        verb: &'static str,
        resource: &Resource,
        namespace: Option<&str>,
        failure: &Failure,
    ) {
        if matches!(failure, Failure::Refused { status: 403, .. }) {
            self.missing.add(verb, resource, namespace);
        }
    }

    /// All of them.
    pub(super) fn tell(&mut self, used: &BTreeSet<Resource>) -> Told {
        let mut errors = std::mem::take(&mut self.errors);
        let mut role_text = None;
        if !self.missing.is_empty() {
            errors.insert(0, ClusterError::Forbidden { missing: self.missing.words() });
            role_text = Some(role(used, self.read_only));
        }
        Told { errors, notes: std::mem::take(&mut self.notes), role: role_text }
    }
}
