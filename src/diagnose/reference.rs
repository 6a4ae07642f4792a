//! The signatures in words, for `gen explain` and docs/reference/failures.md.

use std::fmt::Write as _;

use super::blanks::{Piece, pieces};
use super::signature::{Component, Role, Signature, signatures};

/// The tables in the order of a delivery, from a run back to its sources and down to pods.
const ORDER: [Component; 7] = [
    Component::PipelineRun,
    Component::TaskRun,
    Component::Log,
    Component::Kustomization,
    Component::Source,
    Component::Trigger,
    Component::Workload,
];

fn of(component: Component) -> impl Iterator<Item = &'static Signature> {
    let mut all: Vec<&Signature> =
        signatures().iter().filter(|one| one.component == component).collect();
    all.sort_by_key(|one| {
        let digits: String = one.id.chars().filter(char::is_ascii_digit).collect();
        (digits.parse::<u32>().unwrap_or_default(), one.id.clone())
    });
    all.into_iter()
}

/// A template for people: dots for its words.
fn plain(template: &str) -> String {
    let text = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Blank { .. } => "…".to_owned(),
    };
    pieces(template).into_iter().map(text).collect()
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Cause => "a cause",
        Role::Symptom => "a symptom: the cause lies below it",
        Role::Waiting => "not a failure, unless it lasts",
        Role::Consequence => "a consequence, never a cause",
        Role::Note => "not a failure",
    }
}

/// One signature.
#[must_use]
pub fn explain(one: &Signature) -> String {
    let mut out = format!("{}: {}\n\n{}\n\n", one.id, plain(&one.title), plain(&one.cause));
    let _ = writeln!(out, "help: {}", plain(&one.cure));
    for case in &one.cases {
        let _ =
            writeln!(out, "if the message has `{}`: {} {}", case.pattern, case.cause, case.cure);
    }
    for command in &one.commands {
        let _ = writeln!(out, "  $ {}", plain(command));
    }
    let _ = writeln!(out, "it is {}", role(one.role));
    let of = if one.kinds.is_empty() { "logs".to_owned() } else { one.kinds.join(", ") };
    let _ = writeln!(out, "seen in: {of}");
    if !one.reasons.is_empty() {
        let _ = writeln!(out, "reason: {}", one.reasons.join(", "));
    }
    if let Some(pattern) = &one.pattern {
        let _ = writeln!(out, "message: {pattern}");
    }
    let _ = writeln!(out, "source: {}\nmore: {}", one.source, one.docs);
    out
}

/// All signatures, a line each.
#[must_use]
pub fn list() -> String {
    let mut out = String::new();
    for component in ORDER {
        let _ = writeln!(out, "{}:", component.title());
        for one in self::of(component) {
            let _ = writeln!(out, "  {:4} {}", one.id, plain(&one.title));
        }
    }
    out.push_str("\n`gen explain C1` says more about one\n");
    out
}

/// The reference of all signatures, as Markdown.
#[must_use]
pub fn page() -> String {
    let mut out = String::new();
    for component in ORDER {
        let _ = write!(
            out,
            "\n## {}\n\n| id | failure | cause | help |\n| --- | --- | --- | --- |\n",
            component.title()
        );
        for one in self::of(component) {
            let [title, cause, cure] =
                [&one.title, &one.cause, &one.cure].map(|text| plain(text).replace('|', "\\|"));
            let _ = writeln!(out, "| {} | {title} | {cause} | {cure} |", one.id);
        }
    }
    out
}
