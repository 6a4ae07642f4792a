//! The text for a terminal: a summary, changed permissions, one line per object, then the fields.
//!
//! Words carry everything: colours only repeat them, so that nothing is lost in a pipe or to a screen reader.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Paint};

use super::order::in_order;
use super::sparse::{Sign, lines};
use crate::change::{Change, Class, Danger, Finding, Grant, Level, PermissionChange, Target};
use crate::check::rbac;
use crate::diagnostics::{Look, visible};
use crate::ops::diff::{DiffReport, EnvironmentDiff};
use crate::report::{Style, counted};

/// Maximum width of gen's own lines.
const WIDTH: usize = 80;

/// Maximum number of subjects listed; the rest are counted.
const MOST_SUBJECTS: usize = 20;

/// Maximum number of dangers listed; the rest are counted.
const MOST_DANGERS: usize = 20;

/// The text.
pub(super) fn text(report: &DiffReport, style: Style) -> String {
    let mut out = Writer { out: String::new(), look: style.look };
    out.head(report);
    out.dangers(&report.dangers, style.is_verbose);
    out.permissions(&report.permissions, style.is_verbose);
    for environment in report.environments.iter().filter(|one| !one.findings.is_empty()) {
        out.environment(environment);
    }
    if style.is_summary {
        return out.out;
    }
    let with_fields = in_order(report.findings().filter(|one| !one.fields.is_empty()));
    for finding in &with_fields {
        out.finding(finding);
    }
    if with_fields.len() > 8 {
        // The first lines have left the screen by now.
        let counts = DiffReport::counted(&report.counts());
        let _ = writeln!(out.out, "\n{counts}; `--summary` omits the fields");
    }
    out.out
}

struct Writer {
    out: String,
    look: Look,
}

impl Writer {
    fn line(&mut self, style: Paint, text: &str) {
        let _ = writeln!(self.out, "{}", self.look.paint(style, text));
    }

    /// A text, wrapped; lines after the first are indented further. A painted word may lead it.
    fn wrapped(&mut self, indent: usize, lead: Option<(Paint, &str)>, text: &str) {
        let mut line = " ".repeat(indent);
        let mut width = indent;
        let mut is_begun = lead.is_some();
        if let Some((style, word)) = lead {
            line.push_str(&self.look.paint(style, word));
            width += word.chars().count();
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
        self.wrapped(0, None, &report.outcome());
        for note in &report.notes {
            self.wrapped(0, None, &format!("note: {note}"));
        }
        if let Some(sent) = report.requests {
            let _ = writeln!(
                self.out,
                "requests: {}, {}, {}, {} in total",
                counted(sent.lists, "list"),
                counted(sent.gets, "read"),
                counted(sent.dry_runs, "dry run"),
                sent.total()
            );
        }
    }

    fn dangers(&mut self, dangers: &[Danger], all: bool) {
        if dangers.is_empty() {
            return;
        }
        self.out.push('\n');
        self.line(Paint::new().bold(), "dangers");
        let most = if all { usize::MAX } else { MOST_DANGERS };
        for danger in dangers.iter().take(most) {
            let colour = match danger.level {
                Level::Danger => AnsiColor::Red.on_default().bold(),
                Level::Caution => AnsiColor::Yellow.on_default(),
            };
            self.wrapped(2, Some((colour, danger.level.word())), &danger.to_string());
        }
        if dangers.len() > most {
            let worse = Level::ALL.map(|level| {
                let of_level = |one: &&Danger| one.level == level;
                counted(dangers.iter().skip(most).filter(of_level).count(), level.word())
            });
            let _ = writeln!(self.out, "  … and {}; `-v` lists all", worse.join(", "));
        }
    }

    fn permissions(&mut self, changes: &[PermissionChange], all: bool) {
        if changes.is_empty() {
            return;
        }
        self.out.push('\n');
        self.line(Paint::new().bold(), "permissions");
        let several = changes.iter().any(|change| change.cluster != changes[0].cluster);
        let most = if all { usize::MAX } else { MOST_SUBJECTS };
        for change in changes.iter().take(most) {
            self.wrapped(2, None, &subject(change, several));
            for (word, grant) in granted(change) {
                let colour = if word == "gains" { AnsiColor::Green } else { AnsiColor::Red };
                self.wrapped(4, Some((colour.on_default(), word)), &grant);
            }
        }
        if changes.len() > most {
            let more = changes.len() - most;
            let _ = writeln!(self.out, "  … and {more} more subjects; `-v` lists all");
        }
    }

    fn environment(&mut self, environment: &EnvironmentDiff) {
        let EnvironmentDiff { name, cluster, counts, findings } = environment;
        let head = format!("{name} (clusters/{cluster}): {}", DiffReport::counted(counts));
        self.out.push('\n');
        self.line(Paint::new().bold(), &head);
        let words = findings.iter().map(|finding| finding.change.class.word().len());
        let width = words.max().unwrap_or(0);
        let shared = shared_reasons(environment);
        for finding in in_order(findings) {
            let Change { class, identity, reason, .. } = &finding.change;
            let word = self.look.paint(colour(*class), &format!("{:width$}", class.word()));
            let object = visible(&identity.to_string());
            let _ = write!(self.out, "  {word}  {object}");
            let used = 4 + width + object.chars().count();
            let fields = names(finding, WIDTH.saturating_sub(used + 2));
            if !fields.is_empty() {
                let _ = write!(self.out, ": {fields}");
            }
            let reason = reason.as_deref().unwrap_or_default();
            let number = shared.iter().position(|shared| *shared == reason);
            if let Some(number) = number {
                let _ = write!(self.out, " [{}]", number + 1);
            }
            self.out.push('\n');
            if !reason.is_empty() && number.is_none() {
                self.wrapped(4 + width, None, reason);
            }
        }
        for (index, reason) in shared.iter().enumerate() {
            self.wrapped(2, None, &format!("[{}] {reason}", index + 1));
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let Change { class, path, origin, .. } = &finding.change;
        self.out.push('\n');
        self.line(colour(*class).bold(), &visible(&title(finding)));
        if let Some(path) = path {
            let origin = origin.as_ref().map(|origin| format!(", from {origin}"));
            let place = format!("# {path}{}", origin.unwrap_or_default());
            self.line(Paint::new().dimmed(), &visible(&place));
        }
        for line in lines(&finding.fields) {
            let style = match line.sign {
                Sign::Same => Paint::new(),
                Sign::Gone => AnsiColor::Red.on_default(),
                Sign::New => AnsiColor::Green.on_default(),
            };
            let mut text = self.look.paint(style, &line.signed());
            if let Some(origin) = &line.origin {
                let origin = format!("  # {}", visible(origin));
                text.push_str(&self.look.paint(Paint::new().dimmed(), &origin));
            }
            let _ = writeln!(self.out, "{text}");
        }
    }
}

/// `changed: Deployment shop-dev/shop in dev`.
pub(super) fn title(finding: &Finding) -> String {
    let Change { class, identity, environment, .. } = &finding.change;
    format!("{}: {identity} in {environment}", class.word())
}

pub(super) fn subject(change: &PermissionChange, with_cluster: bool) -> String {
    let account = match change.account {
        Some(Class::Created) => " (new)",
        Some(Class::Pruned) => " (removed)",
        _ => "",
    };
    let cluster = if with_cluster { format!(" on {}", change.cluster) } else { String::new() };
    format!("{}{account}{cluster}", change.subject)
}

/// `gains create on pods/exec in demo-app-dev, which leads to more: access to pods/exec`.
pub(super) fn granted(change: &PermissionChange) -> impl Iterator<Item = (&'static str, String)> {
    let gained = |grant: &Grant| match leads_to(grant) {
        Some(more) => format!("{grant}, which leads to more: {more}"),
        None => grant.to_string(),
    };
    let gains = change.gains.iter().map(move |grant| ("gains", gained(grant)));
    gains.chain(change.loses.iter().map(|grant| ("loses", grant.to_string())))
}

/// What a grant leads to beyond its words.
pub(super) fn leads_to(grant: &Grant) -> Option<String> {
    let verbs: Vec<&str> = grant.verbs.iter().map(String::as_str).collect();
    grant.targets.iter().find_map(|target| match target {
        Target::Resource { group, resource, name } => {
            rbac::leads_to(group, resource, name.as_deref(), &verbs)
        }
        Target::Path(_) | Target::Role(_) => None,
    })
}

fn colour(class: Class) -> Paint {
    match class {
        Class::Pruned | Class::Blocked => AnsiColor::Red.on_default(),
        Class::Changed | Class::NotCompared => AnsiColor::Yellow.on_default(),
        Class::Created => AnsiColor::Green.on_default(),
        Class::Kept | Class::Opaque | Class::Unchanged => Paint::new(),
    }
}

/// Reasons shared by several objects: they are printed once, below the list.
fn shared_reasons(environment: &EnvironmentDiff) -> Vec<&str> {
    let reasons = || {
        let findings = environment.findings.iter();
        findings.filter_map(|finding| finding.change.reason.as_deref())
    };
    let mut shared: Vec<&str> = Vec::new();
    for reason in reasons() {
        if !shared.contains(&reason) && reasons().filter(|other| *other == reason).count() > 2 {
            shared.push(reason);
        }
    }
    shared
}

/// The names of fields, as many as fit; of a single long one, its end.
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
