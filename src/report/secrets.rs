//! What `gen secrets` says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::failure::error;
use super::{Show, Style};
use crate::diagnostics::Sources;
use crate::ops::secrets::{Expected, SecretEntry, SecretsReport, State};

impl Show for SecretsReport {
    fn answer(&self, _: Style) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::once(self.words()))
    }

    fn json(&self, sources: &Sources) -> Value {
        let key = |(name, doc, optional): (&String, &String, bool)| json!({"key": name, "holds": doc, "optional": optional});
        let secret = |secret: &SecretEntry| {
            let mut value = json!({
                "environment": secret.expected.environment,
                "cluster": secret.expected.cluster,
                "namespace": secret.expected.namespace,
                "name": secret.expected.name,
                "type": secret.expected.kind,
                "keys": keys(secret).map(key).collect::<Vec<_>>(),
                "usedBy": secret.expected.users,
                "without": secret.expected.breaks,
                "command": secret.command,
                "then": secret.expected.then,
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
            let counts = self.counts().map(|(word, count)| (word.to_owned(), json!(count)));
            report["counts"] = Value::Object(counts.into_iter().collect::<Map<_, _>>());
            let errors = self.problems.iter().map(|problem| error(problem, sources));
            report["errors"] = Value::Array(errors.collect());
            report["role"] = json!(self.role);
        }
        report
    }
}

impl SecretsReport {
    fn words(&self) -> String {
        let mut out = String::new();
        let mut environment = "";
        for secret in &self.secrets {
            if secret.expected.environment != environment {
                let gap = if environment.is_empty() { "" } else { "\n" };
                environment = &secret.expected.environment;
                let _ = writeln!(out, "{gap}{environment}  clusters/{}", secret.expected.cluster);
            }
            let gap = if secret.is_fine() { "" } else { "\n" };
            let live = secret.live.as_ref().map(|live| format!("{}  ", word(live)));
            let _ = writeln!(
                out,
                "{gap}  {}{}/{}  {}",
                live.unwrap_or_default(),
                secret.expected.namespace,
                secret.expected.name,
                secret.expected.kind
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
            for (key, doc, optional) in keys(secret) {
                let may = if optional { " (may be missing)" } else { "" };
                let _ = writeln!(out, "    {key}: {doc}{may}");
            }
            let _ = writeln!(out, "    used by {}", joined(&secret.expected.users, ", "));
            if !secret.expected.breaks.is_empty() {
                let _ = writeln!(out, "    without it {}", joined(&secret.expected.breaks, "; "));
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
            let incomplete = if self.is_complete() { "" } else { "INCOMPLETE: " };
            let _ = writeln!(out, "\n{incomplete}{}", counts.join(", "));
            if let Some(role) = &self.role {
                let _ = write!(out, "\nwith these Roles nothing would be refused:\n{role}");
            }
        }
        out
    }

    fn counts(&self) -> [(&'static str, usize); 5] {
        let count = |wanted: &'static str| {
            let states = self.secrets.iter().filter_map(|secret| secret.live.as_ref());
            (wanted, states.filter(|state| word(state) == wanted).count())
        };
        ["there", "there, keys not told", "incomplete", "missing", "not known"].map(count)
    }
}

impl SecretEntry {
    /// Whether it was asked about and nothing is to be done.
    fn is_fine(&self) -> bool {
        matches!(self.live, Some(State::There | State::Somehow))
    }
}

/// Its keys, what each holds, and whether it may be missing.
fn keys(secret: &SecretEntry) -> impl Iterator<Item = (&String, &String, bool)> {
    let Expected { keys, optional, .. } = &secret.expected;
    let keys = keys.iter().map(|(key, doc)| (key, doc, false));
    keys.chain(optional.iter().map(|(key, doc)| (key, doc, true)))
}

fn joined<T: AsRef<str>>(words: &BTreeSet<T>, by: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    words.join(by)
}

/// What is still to be done, once it is there.
fn then(out: &mut String, secret: &SecretEntry) {
    for then in &secret.expected.then {
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
