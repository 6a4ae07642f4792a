//! For people at a terminal: what is not complete, who may do what, a line an object, then the fields.
//!
//! Words carry everything: the colours only repeat them, so that nothing is lost to a pipe or a screen reader.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Paint};

use super::sparse::{Sign, lines};

use crate::change::{Class, Finding, Grant, PermissionChange};
use crate::diagnostics::{Look, visible};
use crate::ops::diff::{DiffReport, EnvironmentDiff};
use crate::report::{Style, counted};

/// Lines that gen words itself are no longer than this.
const WIDTH: usize = 80;

/// So many subjects are told in full; the rest is counted.
const MOST_SUBJECTS: usize = 20;

/// The text. Verbose leaves out nothing.
pub(super) fn text(report: &DiffReport, style: Style) -> String {
    let mut out = Writer { out: String::new(), look: style.look };
    out.head(report);
    out.permissions(&report.permissions, style.is_verbose);
    for environment in
        report.environments.iter().filter(|environment| !environment.findings.is_empty())
    {
        out.environment(environment);
    }
    let with_fields = report.findings().filter(|finding| !finding.fields.is_empty());
    if style.is_summary {
        return out.out;
    }
    let mut count = 0;
    for finding in with_fields {
        out.finding(finding);
        count += 1;
    }
    if count > 8 {
        // What was said first has left the screen by now.
        out.line(
            Paint::new(),
            &format!(
                "\n{}; `--summary` leaves out the fields",
                DiffReport::counted(&report.counts())
            ),
        );
    }
    out.out
}

struct Writer {
    out: String,
    look: Look,
}

impl Writer {
    fn paint(&self, style: Paint, text: &str) -> String {
        match self.look {
            Look::Coloured if style != Paint::new() => format!("{style}{text}{style:#}"),
            _ => text.to_owned(),
        }
    }

    /// A line; the empty one that may stand before it has no colour.
    fn line(&mut self, style: Paint, text: &str) {
        let own = text.trim_start_matches('\n');
        self.out.push_str(&text[..text.len() - own.len()]);
        let own = self.paint(style, own);
        let _ = writeln!(self.out, "{own}");
    }

    /// A text over several lines where it is long; those after the first are indented further. A painted word may lead it.
    fn wrapped(&mut self, indent: usize, lead: Option<(Paint, &str)>, text: &str) {
        let mut line = " ".repeat(indent);
        let mut width = indent;
        let mut is_begun = false;
        if let Some((style, word)) = lead {
            line.push_str(&self.paint(style, word));
            width += word.chars().count();
            is_begun = true;
        }
        for word in visible(text).split_whitespace() {
            let next = word.chars().count();
            if is_begun && width + 1 + next > WIDTH {
                let _ = writeln!(self.out, "{line}");
                line = " ".repeat(indent + 2);
                width = indent + 2;
                is_begun = false;
            }
            if is_begun {
                line.push(' ');
                width += 1;
            }
            line.push_str(word);
            width += next;
            is_begun = true;
        }
        let _ = writeln!(self.out, "{line}");
    }

    fn head(&mut self, report: &DiffReport) {
        if let Some(why) = report.incomplete() {
            let bold = AnsiColor::Red.on_default().bold();
            self.wrapped(0, Some((bold, "INCOMPLETE:")), &why);
        }
        let counts = report.counts();
        let words = visible(&report.against.words());
        if report.complete && !report.differs() && report.findings().next().is_none() {
            self.wrapped(
                0,
                None,
                &format!(
                    "no difference from {words}: all {} objects are as the spec says",
                    report.total()
                ),
            );
        } else {
            self.wrapped(
                0,
                None,
                &format!("compared with {words}: {}", DiffReport::counted(&counts)),
            );
        }
        for note in &report.notes {
            self.wrapped(0, None, &format!("note: {note}"));
        }
        if let Some(asked) = report.asked {
            let _ = writeln!(
                self.out,
                "asked: {}, {}, {}, {} in all",
                counted(asked.lists, "list"),
                counted(asked.gets, "read"),
                counted(asked.dry_runs, "dry-run"),
                counted(asked.total, "request")
            );
        }
    }

    fn permissions(&mut self, changes: &[PermissionChange], all: bool) {
        if changes.is_empty() {
            return;
        }
        self.line(Paint::new().bold(), "\npermissions");
        let several = changes.iter().any(|change| change.cluster != changes[0].cluster);
        let most = if all { usize::MAX } else { MOST_SUBJECTS };
        for change in changes.iter().take(most) {
            self.wrapped(2, None, &subject(change, several));
            for (word, colour, grants) in [
                ("gains", AnsiColor::Green, &change.gains),
                ("loses", AnsiColor::Red, &change.loses),
            ] {
                for grant in grants {
                    self.wrapped(4, Some((colour.on_default(), word)), &grant.to_string());
                }
            }
        }
        if changes.len() > most {
            self.line(
                Paint::new(),
                &format!("  … and {} more subjects; `-v` names all", changes.len() - most),
            );
        }
    }

    fn environment(&mut self, environment: &EnvironmentDiff) {
        let head = format!(
            "\n{} (clusters/{}): {}",
            environment.name,
            environment.cluster,
            DiffReport::counted(&environment.counts)
        );
        self.line(Paint::new().bold(), &head);
        let width = environment
            .findings
            .iter()
            .map(|finding| finding.class.word().len())
            .max()
            .unwrap_or(0);
        let shared = shared_reasons(environment);
        for finding in &environment.findings {
            let word = format!("{:width$}", finding.class.word());
            let word = self.paint(colour(finding.class), &word);
            let object = visible(&finding.identity.to_string());
            let _ = write!(self.out, "  {word}  {object}");
            let used = 4 + width + object.chars().count();
            let fields = names(finding, WIDTH.saturating_sub(used + 2));
            let reason = finding.reason.as_deref().unwrap_or_default();
            if !fields.is_empty() {
                let _ = write!(self.out, ": {fields}");
            }
            if let Some(number) = shared.iter().position(|shared| *shared == reason) {
                let _ = write!(self.out, " [{}]", number + 1);
            }
            self.out.push('\n');
            if !reason.is_empty() && !shared.contains(&reason) {
                self.wrapped(4 + width, None, reason);
            }
        }
        for (index, reason) in shared.iter().enumerate() {
            self.wrapped(2, None, &format!("[{}] {reason}", index + 1));
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let object = visible(&finding.identity.to_string());
        let head = format!("\n{}: {object} in {}", finding.class.word(), finding.environment);
        self.line(colour(finding.class).bold(), &head);
        let place = match (&finding.path, &finding.origin) {
            (Some(path), Some(origin)) => format!("# {path}, from {origin}"),
            (Some(path), None) => format!("# {path}"),
            (None, _) => String::new(),
        };
        if !place.is_empty() {
            self.line(Paint::new().dimmed(), &visible(&place));
        }
        for line in lines(&finding.fields) {
            let style = match line.sign {
                Sign::Same => Paint::new(),
                Sign::Gone => AnsiColor::Red.on_default(),
                Sign::New => AnsiColor::Green.on_default(),
            };
            let text = self.paint(style, &line.signed());
            let _ = write!(self.out, "{text}");
            if let Some(origin) = &line.origin {
                let origin = self.paint(Paint::new().dimmed(), &format!("  # {}", visible(origin)));
                let _ = write!(self.out, "{origin}");
            }
            self.out.push('\n');
        }
    }
}

pub(super) fn subject(change: &PermissionChange, with_cluster: bool) -> String {
    let account = match change.account {
        Some(Class::Created) => " (new)",
        Some(Class::Pruned) => " (goes itself)",
        _ => "",
    };
    let cluster = if with_cluster { format!(" on {}", change.cluster) } else { String::new() };
    format!("{}{account}{cluster}", change.subject)
}

/// `gains get, list on pods in demo-app-dev`.
pub(super) fn granted(change: &PermissionChange) -> impl Iterator<Item = (&'static str, &Grant)> {
    let gains = change.gains.iter().map(|grant| ("gains", grant));
    gains.chain(change.loses.iter().map(|grant| ("loses", grant)))
}

fn colour(class: Class) -> Paint {
    match class {
        Class::Pruned | Class::Blocked => AnsiColor::Red.on_default(),
        Class::Changed | Class::NotCompared => AnsiColor::Yellow.on_default(),
        Class::Created => AnsiColor::Green.on_default(),
        Class::Kept | Class::Opaque | Class::Unchanged => Paint::new(),
    }
}

/// Reasons that several objects share: they are told once, below the list.
fn shared_reasons(environment: &EnvironmentDiff) -> Vec<&str> {
    let reasons = || {
        let findings = environment.findings.iter();
        findings.filter_map(|finding| finding.reason.as_deref())
    };
    let mut shared: Vec<&str> = Vec::new();
    for reason in reasons() {
        if !shared.contains(&reason) && reasons().filter(|other| *other == reason).count() > 2 {
            shared.push(reason);
        }
    }
    shared
}

/// The names of fields, as many as there is room for; of a single long one its end.
fn names(finding: &Finding, room: usize) -> String {
    let paths: Vec<String> = finding
        .fields
        .iter()
        .map(|shown| visible(&shown.field.path.to_string()))
        .filter(|path| !path.is_empty())
        .collect();
    let with_rest = |count: usize| {
        let rest = match paths.len() - count {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{rest}", paths[..count].join(", "))
    };
    let fits = |text: &String| text.chars().count() <= room;
    let listed = (1..=paths.len()).rev().map(with_rest).find(fits);
    listed.unwrap_or_else(|| match paths.as_slice() {
        [] => String::new(),
        [one] => {
            let ends = one.match_indices('.').map(|(at, _)| format!("…{}", &one[at..]));
            ends.into_iter().find(fits).unwrap_or_else(|| "1 field".to_owned())
        }
        many => format!("{} fields", many.len()),
    })
}
