//! For a pull request's comment: at most as long as one may be, the summary first, long bodies folded.
//!
//! What is shown can be anybody's text. Names stand in code spans whose fence no content closes, HTML is escaped, and a body stands
//! in a fence that is longer than any in it; where the room ends, whole bodies are left out and the comment says so.

use std::fmt::Write as _;

use super::sparse::{Line, lines};
use super::text::{granted, subject};
use crate::change::Finding;
use crate::diagnostics::{Diagnostic, visible};
use crate::ops::diff::DiffReport;

/// What GitHub takes; its limit counts characters, this counts bytes, of which there are never fewer.
pub(super) const LONGEST: usize = 65_536;

/// What is kept free for the last sentence.
const RESERVE: usize = 400;

/// The parts before the bodies may take so much together, so that some bodies are always there.
const HEAD: usize = 40_000;

/// A body of more lines is folded.
const LONG: usize = 12;

/// A comment. A summary leaves out the fields.
pub(super) fn markdown(report: &DiffReport, summary: bool) -> String {
    let mut page = Page { out: String::new(), is_cut: false };
    page.head(report);
    page.permissions(report);
    page.table(report);
    if !summary {
        for finding in report.findings().filter(|finding| !finding.fields.is_empty()) {
            page.body(finding);
        }
    }
    page.end();
    page.out
}

struct Page {
    out: String,
    /// Something did not fit.
    is_cut: bool,
}

impl Page {
    /// Adds a part where there is room for it.
    fn add(&mut self, part: &str, room: usize) -> bool {
        let fits = self.out.len() + part.len() <= room;
        if fits {
            self.out.push_str(part);
        }
        fits
    }

    fn head(&mut self, report: &DiffReport) {
        let mut head = String::from("### gen diff\n\n");
        if let Some(why) = report.incomplete() {
            let _ = writeln!(head, "**INCOMPLETE**: {why}.\n");
        }
        let against = code(&report.against.words());
        if report.complete && !report.differs() && report.findings().next().is_none() {
            let _ = writeln!(
                head,
                "No difference from {against}: all {} objects are as the spec says.\n",
                report.total()
            );
        } else {
            let _ = writeln!(
                head,
                "Compared with {against}: **{}**.\n",
                DiffReport::counted(&report.counts())
            );
        }
        let mut items: Vec<String> = report
            .problems
            .iter()
            .map(|problem| format!("error: {}", code(&told(problem))))
            .collect();
        items.extend(report.notes.iter().map(|note| format!("note: {}", escaped(note))));
        for item in &items {
            let _ = writeln!(head, "- {item}");
        }
        if !items.is_empty() {
            head.push('\n');
        }
        if !self.add(&head, HEAD) {
            let mut end = HEAD;
            while !head.is_char_boundary(end) {
                end -= 1;
            }
            let whole_lines = head[..end].rfind('\n').map_or(0, |at| at + 1);
            self.out.push_str(&head[..whole_lines]);
        }
    }

    fn permissions(&mut self, report: &DiffReport) {
        let changes = &report.permissions;
        if changes.is_empty() || !self.add("#### Permissions\n\n", HEAD) {
            return;
        }
        let several = changes.iter().any(|change| change.cluster != changes[0].cluster);
        for (index, change) in changes.iter().enumerate() {
            let mut item = format!("- {}\n", code(&subject(change, several)));
            for (word, grant) in granted(change) {
                let _ = writeln!(item, "  - **{word}** {}", escaped(&grant.to_string()));
            }
            if !self.add(&item, HEAD - 200) {
                let _ = writeln!(self.out, "- … and {} more", changes.len() - index);
                self.is_cut = true;
                break;
            }
        }
        self.out.push('\n');
    }

    fn table(&mut self, report: &DiffReport) {
        let findings: Vec<&Finding> = report.findings().collect();
        if findings.is_empty()
            || !self.add("| | object | environment | from |\n| --- | --- | --- | --- |\n", HEAD)
        {
            return;
        }
        for (index, finding) in findings.iter().enumerate() {
            let origin = finding
                .origin
                .as_ref()
                .map(|origin| cell(&code(&origin.to_string())))
                .unwrap_or_default();
            let reason = finding
                .reason
                .as_ref()
                .map(|reason| format!("<br>{}", cell(&escaped(reason))))
                .unwrap_or_default();
            let row = format!(
                "| {} | {}{reason} | {} | {origin} |\n",
                finding.class.word(),
                cell(&code(&finding.identity.to_string())),
                escaped(&finding.environment)
            );
            if !self.add(&row, HEAD - 200) {
                let _ = writeln!(self.out, "| … | and {} more | | |", findings.len() - index);
                self.is_cut = true;
                break;
            }
        }
        self.out.push('\n');
    }

    /// The fields of an object. Where the room ends within it, it is cut at a line; where little is left, it is left out.
    fn body(&mut self, finding: &Finding) {
        const LITTLE: usize = 1_000;
        let lines = lines(&finding.fields);
        let written = |line: &Line| {
            let origin = line.origin.as_ref();
            let origin = origin.map(|origin| format!("  # {}", visible(origin)));
            format!("{}{}\n", line.signed(), origin.unwrap_or_default())
        };
        let lines: Vec<String> = lines.iter().map(written).collect();
        let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        let title =
            format!("{}: {} in {}", finding.class.word(), finding.identity, finding.environment);
        let open = if lines.len() > LONG { "" } else { " open" };
        let head = format!("<details{open}><summary>{}</summary>\n\n{fence}diff\n", html(&title));
        let tail = format!("{fence}\n\n</details>\n\n");
        let frame = self.out.len() + head.len() + tail.len();
        let room = (LONGEST - RESERVE).saturating_sub(frame);
        let size: usize = lines.iter().map(String::len).sum();
        if size <= room {
            self.out.extend([head, lines.concat(), tail]);
            return;
        }
        self.is_cut = true;
        if room < LITTLE {
            return;
        }
        let mut used = 0;
        let fits = |line: &&String| {
            used += line.len();
            used <= room - 100
        };
        let shown: Vec<&String> = lines.iter().take_while(fits).collect();
        let more = format!("  … {} more lines\n", lines.len() - shown.len());
        self.out.push_str(&head);
        self.out.extend(shown.into_iter().map(String::as_str));
        self.out.extend([more, tail]);
    }

    fn end(&mut self) {
        if self.is_cut {
            self.out.push_str(
                "Not everything fits into a comment; `gen diff` in the checkout shows all of it.\n",
            );
        }
    }
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// One line of visible text.
fn flat(text: &str) -> String {
    visible(text).replace('\n', " ")
}

/// A code span that its content cannot end.
fn code(text: &str) -> String {
    let text = flat(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad =
        if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text in which nothing is markup: no link, no mention, no HTML.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in flat(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention would call somebody.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            c if "\\`*_{}[]()!|~$".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.replace("://", ":&#47;&#47;")
}

/// In a table, a bar ends a cell even within code.
fn cell(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c == '|' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

fn html(text: &str) -> String {
    flat(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A diagnostic in one line, without its place in a text.
fn told(diagnostic: &Diagnostic) -> String {
    format!("{}: {}", diagnostic.kind.entry().code, diagnostic.kind)
}
