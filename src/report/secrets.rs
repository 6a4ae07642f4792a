//! The output of `gen secrets`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::failure::errors;
use super::{Answer, Show, Style, answer};
use crate::diagnostics::Sources;
use crate::name::natural;
use crate::ops::secrets::{Expected, SecretEntry, SecretsReport, State};

impl Show for SecretsReport {
    fn answer(&self, _: Style) -> Answer<'_> {
        answer(self.words())
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
            "schema": 1,
            "complete": self.is_complete(),
            "command": "secrets",
            "secrets": self.secrets.iter().map(secret).collect::<Vec<_>>(),
        });
        if self.secrets.iter().any(|secret| secret.live.is_some()) {
            let counts = self.counts().map(|([word, _], count)| (word.to_owned(), json!(count)));
            report["counts"] = Value::Object(counts.into_iter().collect::<Map<_, _>>());
            report["errors"] = Value::Array(errors(&self.problems, sources));
            report["role"] = json!(self.role);
        }
        report
    }
}

impl SecretsReport {
    fn words(&self) -> String {
        let mut out = String::new();
        let mut environment = "";
        let mut secrets: Vec<&SecretEntry> = self.secrets.iter().collect();
        secrets.sort_by(|one, other| {
            let (one, other) = (&one.expected, &other.expected);
            natural(&one.environment, &other.environment)
                .then_with(|| natural(&one.namespace, &other.namespace))
                .then_with(|| natural(&one.name, &other.name))
        });
        for secret in secrets {
            if secret.expected.environment != environment {
                let gap = if environment.is_empty() { "" } else { "\n" };
                environment = &secret.expected.environment;
                let _ = writeln!(out, "{gap}{environment}  clusters/{}", secret.expected.cluster);
            }
            let gap = if secret.is_fine() { "" } else { "\n" };
            let live = secret.live.as_ref().map(|live| format!("{}  ", words(live)[1]));
            let live = live.unwrap_or_default();
            let Expected { namespace, name, kind, users, breaks, .. } = &secret.expected;
            let _ = writeln!(out, "{gap}  {live}{namespace}/{name}  {kind}");
            // What exists is as it should be; the details are for the others.
            if !secret.is_fine() {
                let _ = match &secret.live {
                    Some(State::Incomplete(keys)) => {
                        writeln!(out, "    missing keys: {}", keys.join(", "))
                    }
                    Some(State::Unknown(why)) => writeln!(out, "    {why}"),
                    _ => Ok(()),
                };
                for (key, doc, optional) in keys(secret) {
                    let optional = if optional { " (optional)" } else { "" };
                    let _ = writeln!(out, "    {key}: {doc}{optional}");
                }
                let _ = writeln!(out, "    used by {}", joined(users, ", "));
                if !breaks.is_empty() {
                    let _ = writeln!(out, "    without it, {}", joined(breaks, "; "));
                }
                let _ = writeln!(out, "    {}", secret.command);
            }
            for then in &secret.expected.then {
                let _ = writeln!(out, "    then {then}");
            }
        }
        if self.secrets.is_empty() {
            out.push_str("no Secrets are required\n");
        }
        if self.secrets.iter().any(|secret| !secret.is_fine()) {
            out.push_str("\nin the commands, words in capitals are files that contain the values; optional keys can be omitted\n");
        }
        if self.secrets.iter().any(|secret| secret.live.is_some()) {
            let counts = self.counts().into_iter().filter(|(_, count)| *count > 0);
            let counts = counts.map(|([_, word], count)| format!("{count} {word}"));
            let incomplete = if self.is_complete() { "" } else { "INCOMPLETE: " };
            let counts = counts.collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "\n{incomplete}{counts}");
            if let Some(role) = &self.role {
                let _ = write!(out, "\nthese Roles grant the missing permissions:\n{role}");
            }
        }
        out
    }

    fn counts(&self) -> [([&'static str; 2], usize); 5] {
        let count = |wanted: [&'static str; 2]| {
            let states = self.secrets.iter().filter_map(|secret| secret.live.as_ref());
            (wanted, states.filter(|state| words(state) == wanted).count())
        };
        let (incomplete, unknown) = (State::Incomplete(Vec::new()), State::Unknown(String::new()));
        [State::There, State::Somehow, incomplete, State::Missing, unknown]
            .map(|state| count(words(&state)))
    }
}

impl SecretEntry {
    /// Whether it was checked and nothing is to be done.
    fn is_fine(&self) -> bool {
        matches!(self.live, Some(State::There | State::Somehow))
    }
}

/// Its keys, each with a description and whether it is optional.
fn keys(secret: &SecretEntry) -> impl Iterator<Item = (&String, &String, bool)> {
    let Expected { keys, optional, .. } = &secret.expected;
    let keys = keys.iter().map(|(key, doc)| (key, doc, false));
    keys.chain(optional.iter().map(|(key, doc)| (key, doc, true)))
}

fn joined<T: AsRef<str>>(words: &BTreeSet<T>, by: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    words.join(by)
}

/// A state in words: in JSON, and in text.
fn words(state: &State) -> [&'static str; 2] {
    match state {
        State::There => ["there", "present"],
        State::Somehow => ["there, keys not told", "present, keys unknown"],
        State::Incomplete(_) => ["incomplete"; 2],
        State::Missing => ["missing"; 2],
        State::Unknown(_) => ["not known", "unknown"],
    }
}

fn state(state: &State) -> Value {
    let mut value = json!({"state": words(state)[0]});
    match state {
        State::Incomplete(keys) => value["missingKeys"] = json!(keys),
        State::Unknown(why) => value["reason"] = json!(why),
        _ => {}
    }
    value
}
