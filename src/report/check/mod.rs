//! The output of `gen check`: for people, for programs, and in the formats of code hosts and CI systems.

mod authority;
mod github;
mod junit;
mod rbac;
mod sarif;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Colour};
use serde_json::{Value, json};

use super::failure::errors;
use super::{Answer, Show, Style, counted, list};
use crate::check::{Finding, Level, Place, rule};
use crate::diagnostics::{Sources, masked, visible};
use crate::ops::check::{CheckReport, Since, Unread};

pub use github::GitHub;
pub use junit::Junit;
pub use sarif::Sarif;

/// Maximum number of lines of a list in the summary.
const MOST: usize = 12;

/// `gen.yaml:12`.
fn place(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// Object and field: `Task dev/build spec.steps[0].image`.
fn subject(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    match (object.as_str(), finding.field.as_str()) {
        (object, "") => object.to_owned(),
        ("", field) => field.to_owned(),
        (object, field) => format!("{object}: `{field}`"),
    }
}

/// What is wrong, with its subject, without secrets.
fn message(finding: &Finding) -> String {
    let subject = subject(finding);
    let text = if finding.field.is_empty() || finding.object.is_none() {
        format!("{subject}: {}", finding.what)
    } else {
        format!("{subject} {}", finding.what)
    };
    masked(&text)
}

impl Show for CheckReport {
    fn answer(&self, style: Style) -> Answer<'_> {
        let findings = self.findings.iter().map(move |finding| text(finding, style));
        Box::new(findings.chain(std::iter::once(self.end(style))))
    }

    fn json(&self, sources: &Sources) -> Value {
        let mut value = json!({
            "schema": 1,
            "complete": self.is_complete(),
            "command": "check",
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "counts": {
                "errors": self.count(Level::Error),
                "warnings": self.count(Level::Warning),
                "infos": self.count(Level::Info),
                "files": self.files,
                "objects": self.objects,
                "ignored": self.ignored,
            },
            "unknownKinds": self.unknown,
            "notObjects": self.other,
            "notApplied": self.unapplied.iter()
                .map(|one| json!({"file": one.file, "keys": one.why}))
                .collect::<Vec<_>>(),
            "unread": self.unread.iter()
                .map(|one| json!({"file": one.file, "why": one.why}))
                .collect::<Vec<_>>(),
        });
        if let Some(Since { revision, commit, known, unreadable }) = &self.since {
            value["since"] = json!({"revision": revision, "commit": commit, "known": known, "unreadable": unreadable});
        }
        if let Some(live) = &self.live {
            value["live"] = json!({
                "contexts": live.contexts,
                "notAsked": live.unasked.iter().map(|one| masked(one)).collect::<Vec<_>>(),
                "role": live.role,
                "errors": errors(&live.problems, sources),
            });
        }
        value
    }
}

fn place_json(place: &Place) -> Value {
    json!({"file": *place.file, "line": place.line})
}

fn finding_json(finding: &Finding) -> Value {
    let object = finding.object.as_ref().map(|object| {
        json!({
            "group": object.group,
            "kind": object.kind,
            "namespace": object.namespace,
            "name": object.name,
        })
    });
    json!({
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "level": finding.level.word(),
        "object": object,
        "field": finding.field,
        "what": masked(&finding.what),
        "said": finding.said.as_deref().map(masked),
        "otherwise": finding.rule.otherwise,
        "cure": finding.cure(),
        "at": place_json(&finding.place),
        "spec": finding.spec.as_ref().map(place_json),
    })
}

fn text(finding: &Finding, style: Style) -> String {
    let colour = match finding.level {
        Level::Error => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Blue,
    };
    let paint = |colour: Colour, text: &str| style.look.paint(colour, text);
    let head = format!("{}[{}]", finding.level.word(), finding.rule.id);
    let head = paint(colour.on_default().bold(), &head);
    let mut out = format!("{head}: {}: {}\n", place(&finding.place), visible(&message(finding)));
    let mut line = |word: &str, text: &str| {
        let word = paint(AnsiColor::Cyan.on_default().bold(), word);
        let _ = writeln!(out, "  {word}: {}", visible(&masked(text)));
    };
    if let Some(said) = &finding.said {
        line("says", said);
    }
    if let Some(spec) = &finding.spec {
        line("spec", &place(spec));
    }
    if style.is_verbose {
        line("otherwise", finding.rule.otherwise);
    }
    line("help", finding.cure());
    out
}

impl CheckReport {
    fn end(&self, style: Style) -> String {
        let mut out = String::new();
        let lines = |all: &[Unread]| -> Vec<String> {
            all.iter().map(|one| format!("{}: {}", one.file, one.why)).collect()
        };
        let unknown = self.unknown.iter().map(|(kind, count)| format!("{kind}: {count}"));
        let unasked = self.live.iter().flat_map(|live| live.unasked.clone()).collect();
        let unreadable = self.since.iter().filter_map(|since| {
            let why = since.unreadable.as_ref()?;
            Some(format!("{}: {why}", since.revision))
        });
        for (title, lines) in [
            ("not judged", lines(&self.unread)),
            ("cannot be rendered, so all findings count as new", unreadable.collect()),
            ("not answered by the cluster", unasked),
            ("no objects of Kubernetes", self.other.clone()),
            ("keys of kustomizations that were not applied", lines(&self.unapplied)),
            ("without a definition, so their fields were not judged", unknown.collect()),
        ] {
            let lines: Vec<String> = lines.iter().map(|line| visible(line)).collect();
            list(&mut out, title, &lines, MOST, style.is_verbose);
        }
        let counts =
            [Level::Error, Level::Warning, Level::Info].map(|level| (self.count(level), level));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> =
            counts.map(|(count, level)| counted(count, level.word())).collect();
        // What could not be judged may be anything.
        let none = if self.is_complete() { "clean" } else { "no findings" };
        let clean = if counts.is_empty() { none.to_owned() } else { counts.join(", ") };
        let colour = match (self.count(Level::Error), counts.is_empty() && self.is_complete()) {
            (0, true) => AnsiColor::Green,
            (0, false) => AnsiColor::Yellow,
            _ => AnsiColor::Red,
        };
        let clean = style.look.paint(colour.on_default().bold(), &clean);
        let ignored = match self.ignored {
            0 => String::new(),
            count => {
                format!("; {} passed over by `check.ignore`", counted(count, "finding"))
            }
        };
        let known = match &self.since {
            Some(since) if since.known > 0 => {
                format!("; {} already in {}", counted(since.known, "finding"), since.revision)
            }
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "{clean}: {} in {}{ignored}{known}",
            counted(self.objects, "object"),
            counted(self.files, "file"),
        );
        let is_ours = |finding: &&Finding| rule(finding.rule.id).is_some();
        let first = self.findings.iter().find(is_ours).filter(|_| !style.is_verbose);
        if let Some(first) = first {
            let _ = writeln!(out, "more about a rule: `gen explain {}`", first.rule.id);
        }
        out
    }
}
