//! SARIF 2.1.0, which code hosts read (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::message;
use crate::check::{Level, Place, Rule};
use crate::diagnostics::Sources;
use crate::ops::check::CheckReport;
use crate::report::Show;

/// A report as a SARIF log with one run.
#[derive(Debug)]
pub struct Sarif<'a>(pub &'a CheckReport);

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn location(place: &Place) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&place.file)},
            "region": {"startLine": place.line.max(1)},
        },
    })
}

/// A relative path as a reference; what a URI cannot hold is escaped.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

impl Show for Sarif<'_> {
    fn json(&self, _: &Sources) -> Value {
        let findings = &self.0.findings;
        let rules: BTreeMap<&str, &Rule> =
            findings.iter().map(|finding| (finding.rule.id, finding.rule)).collect();
        let place: BTreeMap<&str, usize> =
            rules.keys().enumerate().map(|(at, id)| (*id, at)).collect();
        let rules = rules.values().map(|rule| {
            json!({
                "id": rule.id,
                "name": rule.name,
                "shortDescription": {"text": rule.holds},
                "fullDescription": {"text": format!("{} {}", rule.holds, rule.otherwise)},
                "help": {"text": rule.cure},
                "defaultConfiguration": {"level": level(rule.level)},
            })
        });
        let results = findings.iter().map(|finding| {
            // The spec is what a pull request changes; the rendered object is beside it.
            let (at, related) = match &finding.spec {
                Some(spec) => (spec, vec![location(&finding.place)]),
                None => (&finding.place, Vec::new()),
            };
            json!({
                "ruleId": finding.rule.id,
                "ruleIndex": place.get(finding.rule.id),
                "level": level(finding.level),
                "message": {"text": format!("{}. {}", message(finding), finding.cure())},
                "locations": [location(at)],
                "relatedLocations": related,
            })
        });
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "gen",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules.collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "results": results.collect::<Vec<_>>(),
            }],
        })
    }
}
