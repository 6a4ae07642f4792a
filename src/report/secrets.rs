//! What `gen secrets` says.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::failure::error;
use crate::diagnostics::{Diagnostics, Sources};
use crate::secrets::State;

/// A Secret that must be in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEntry {
    /// The environment.
    pub environment: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its keys, what each holds, and whether it may be missing.
    pub keys: Vec<(String, String, bool)>,
    /// Who names it.
    pub users: Vec<String>,
    /// What does not work without it.
    pub breaks: Vec<String>,
    /// What is still to be done once it is there.
    pub then: Vec<String>,
    /// How to make it.
    pub command: String,
    /// How it is in the cluster, where that was asked.
    pub live: Option<State>,
}

/// All Secrets that the rendered objects expect.
#[derive(Debug, Clone, Default)]
pub struct SecretsReport {
    /// By environment, namespace and name.
    pub secrets: Vec<SecretEntry>,
    /// What failed while clusters were asked.
    pub problems: Diagnostics,
    /// The Roles with which nothing would have been refused, as YAML.
    pub role: Option<String>,
}

impl SecretsReport {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut environment = "";
        for secret in &self.secrets {
            if secret.environment != environment {
                let gap = if environment.is_empty() { "" } else { "\n" };
                environment = &secret.environment;
                let _ = writeln!(out, "{gap}{environment}  clusters/{}", secret.cluster);
            }
            let gap = if secret.is_fine() { "" } else { "\n" };
            let live = secret.live.as_ref().map(|live| format!("{}  ", word(live)));
            let _ = writeln!(
                out,
                "{gap}  {}{}/{}  {}",
                live.unwrap_or_default(),
                secret.namespace,
                secret.name,
                secret.kind
            );
            // What is there is as it should be; what to do is for the others.
            if secret.is_fine() {
                then(&mut out, secret);
                continue;
            }
            match &secret.live {
                Some(State::Incomplete(keys)) => {
                    let _ = writeln!(out, "    it lacks {}", keys.join(", "));
                }
                Some(State::Unknown(why)) => {
                    let _ = writeln!(out, "    {why}");
                }
                _ => {}
            }
            for (key, doc, optional) in &secret.keys {
                let may = if *optional { " (may be missing)" } else { "" };
                let _ = writeln!(out, "    {key}: {doc}{may}");
            }
            let _ = writeln!(out, "    used by {}", secret.users.join(", "));
            if !secret.breaks.is_empty() {
                let _ = writeln!(out, "    without it {}", secret.breaks.join("; "));
            }
            let _ = writeln!(out, "    {}", secret.command);
            then(&mut out, secret);
        }
        if self.secrets.is_empty() {
            out.push_str("no Secret is expected\n");
        }
        if self.secrets.iter().any(|secret| !secret.is_fine()) {
            out.push_str("\nin the commands, words in capitals are files that hold the values; keys that may be missing can be left out\n");
        }
        if self.secrets.iter().any(|secret| secret.live.is_some()) {
            let counts = self.counts();
            let counts: Vec<String> = counts
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(word, count)| format!("{count} {word}"))
                .collect();
            let incomplete = if self.is_complete() {
                ""
            } else {
                "INCOMPLETE: "
            };
            let _ = writeln!(out, "\n{incomplete}{}", counts.join(", "));
            if let Some(role) = &self.role {
                let _ = write!(out, "\nwith these Roles nothing would be refused:\n{role}");
            }
        }
        out
    }

    /// Whether it is known of every Secret that was asked about.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let unknown = |secret: &SecretEntry| matches!(secret.live, Some(State::Unknown(_)));
        !self.secrets.iter().any(unknown)
    }

    /// Whether a Secret or one of its keys is missing.
    #[must_use]
    pub fn lacks_any(&self) -> bool {
        let lacks = |secret: &SecretEntry| {
            matches!(secret.live, Some(State::Missing | State::Incomplete(_)))
        };
        self.secrets.iter().any(lacks)
    }

    fn counts(&self) -> [(&'static str, usize); 5] {
        let count = |wanted: &'static str| {
            let states = self
                .secrets
                .iter()
                .filter_map(|secret| secret.live.as_ref());
            (wanted, states.filter(|state| word(state) == wanted).count())
        };
        [
            "there",
            "there, keys not told",
            "incomplete",
            "missing",
            "not known",
        ]
        .map(count)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self, sources: &Sources) -> Value {
        let key = |(name, doc, optional): &(String, String, bool)| json!({"key": name, "holds": doc, "optional": optional});
        let secret = |secret: &SecretEntry| {
            let mut value = json!({
                "environment": secret.environment,
                "cluster": secret.cluster,
                "namespace": secret.namespace,
                "name": secret.name,
                "type": secret.kind,
                "keys": secret.keys.iter().map(key).collect::<Vec<_>>(),
                "usedBy": secret.users,
                "without": secret.breaks,
                "command": secret.command,
                "then": secret.then,
            });
            if let Some(live) = &secret.live {
                value["live"] = state(live);
            }
            value
        };
        let mut report = json!({
            "schema": "gen.secrets/1",
            "complete": self.is_complete(),
            "secrets": self.secrets.iter().map(secret).collect::<Vec<_>>(),
        });
        if self.secrets.iter().any(|secret| secret.live.is_some()) {
            let counts = self
                .counts()
                .map(|(word, count)| (word.to_owned(), json!(count)));
            report["counts"] = Value::Object(counts.into_iter().collect::<Map<_, _>>());
            let errors = self.problems.iter().map(|problem| error(problem, sources));
            report["errors"] = Value::Array(errors.collect());
            report["role"] = json!(self.role);
        }
        report
    }
}

impl SecretEntry {
    /// Whether it was asked about and nothing is to be done.
    fn is_fine(&self) -> bool {
        matches!(self.live, Some(State::There | State::Somehow))
    }
}

/// What is still to be done, once it is there.
fn then(out: &mut String, secret: &SecretEntry) {
    for then in &secret.then {
        let _ = writeln!(out, "    then {then}");
    }
}

/// A state in words.
fn word(state: &State) -> &'static str {
    match state {
        State::There => "there",
        State::Somehow => "there, keys not told",
        State::Incomplete(_) => "incomplete",
        State::Missing => "missing",
        State::Unknown(_) => "not known",
    }
}

fn state(state: &State) -> Value {
    match state {
        State::Incomplete(keys) => json!({"state": word(state), "missingKeys": keys}),
        State::Unknown(why) => json!({"state": word(state), "reason": why}),
        _ => json!({"state": word(state)}),
    }
}
