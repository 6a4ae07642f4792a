//! A pull request comment: within the size limit, the summary first, long bodies folded.
//!
//! The content can be anybody's text. Names are in code spans whose fence no content closes, HTML is escaped, and a body is in a
//! fence longer than any in it; if the space runs out, whole bodies are left out, and the comment says so.

use std::fmt::Write as _;

use super::order::in_order;
use super::sparse::{Line, lines};
use super::text::{granted, subject, title};
use crate::change::{Change, Finding};
use crate::diagnostics::{Diagnostic, visible};
use crate::graph::mermaid;
use crate::ops::diff::DiffReport;
use crate::report::counted;
use crate::report::marked::{code, escaped, html, longest_run};

/// GitHub's limit; it counts characters, this counts bytes, of which there are never fewer.
pub(super) const LONGEST: usize = 65_536;

/// Space reserved for the last sentence.
const RESERVE: usize = 400;

/// Limit of all parts before the bodies together, so that there is always space for some bodies.
const HEAD: usize = 40_000;

/// Maximum number of pipelines drawn; the rest are counted.
const MOST_PIPELINES: usize = 5;

/// Bodies with more lines are folded.
const LONG: usize = 12;

/// The comment. A summary has no fields.
pub(super) fn markdown(report: &DiffReport, summary: bool) -> String {
    let mut page = Page { out: String::new(), is_cut: false };
    page.head(report);
    page.dangers(report);
    page.permissions(report);
    page.pipelines(report);
    page.table(report);
    if !summary {
        for finding in in_order(report.findings().filter(|finding| !finding.fields.is_empty())) {
            page.body(finding);
        }
    }
    if page.is_cut {
        page.out.push_str("The comment is truncated: run `gen diff` in a checkout for the rest.\n");
    }
    page.out
}

struct Page {
    out: String,
    /// Whether something did not fit.
    is_cut: bool,
}

impl Page {
    /// Adds a part if it fits.
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
        let _ = if report.is_empty() {
            let total = report.total();
            writeln!(head, "No differences from {against}: all {total} objects match the spec.\n")
        } else {
            let counts = DiffReport::counted(&report.counts());
            writeln!(head, "Compared with {against}: **{counts}**.\n")
        };
        // A diagnostic in one line, without its location.
        let told =
            |problem: &Diagnostic| format!("{}: {}", problem.kind.entry().code, problem.kind);
        let errors = report.problems.iter().map(|one| format!("- error: {}\n", code(&told(one))));
        let notes = report.notes.iter().map(|note| format!("- note: {}\n", escaped(note)));
        let items: String = errors.chain(notes).collect();
        if !items.is_empty() {
            let _ = writeln!(head, "{items}");
        }
        if !self.add(&head, HEAD) {
            let cut = &head[..head.floor_char_boundary(HEAD)];
            self.out.push_str(&cut[..cut.rfind('\n').map_or(0, |at| at + 1)]);
        }
    }

    fn dangers(&mut self, report: &DiffReport) {
        let dangers = &report.dangers;
        if dangers.is_empty() || !self.add("#### Dangers\n\n", HEAD) {
            return;
        }
        for (index, danger) in dangers.iter().enumerate() {
            let item = format!("- **{}** {}\n", danger.level.word(), escaped(&danger.to_string()));
            if !self.add(&item, HEAD - 200) {
                let _ = writeln!(self.out, "- … and {} more", dangers.len() - index);
                self.is_cut = true;
                break;
            }
        }
        self.out.push('\n');
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
                let _ = writeln!(item, "  - **{word}** {}", escaped(&grant));
            }
            if !self.add(&item, HEAD - 200) {
                let _ = writeln!(self.out, "- … and {} more", changes.len() - index);
                self.is_cut = true;
                break;
            }
        }
        self.out.push('\n');
    }

    /// Code hosts draw them.
    fn pipelines(&mut self, report: &DiffReport) {
        for graph in report.pipelines.iter().take(MOST_PIPELINES) {
            let title = html(&graph.title);
            let picture = mermaid(graph);
            let part = format!(
                "<details><summary>pipeline of {title}</summary>\n\n```mermaid\n{picture}```\n\n</details>\n\n"
            );
            if !self.add(&part, HEAD) {
                self.is_cut = true;
                return;
            }
        }
        let more = report.pipelines.len().saturating_sub(MOST_PIPELINES);
        if more > 0 {
            let pipelines = counted(more, "more pipeline");
            self.add(&format!("The tasks of {pipelines} change.\n\n"), HEAD);
        }
    }

    fn table(&mut self, report: &DiffReport) {
        let findings = in_order(report.findings());
        if findings.is_empty()
            || !self.add("| | object | environment | from |\n| --- | --- | --- | --- |\n", HEAD)
        {
            return;
        }
        for (index, finding) in findings.iter().enumerate() {
            let Change { class, identity, environment, reason, origin, .. } = &finding.change;
            let origin = origin.as_ref().map(|origin| cell(&code(&origin.to_string())));
            let reason = reason.as_ref().map(|reason| format!("<br>{}", cell(&escaped(reason))));
            let row = format!(
                "| {} | {}{} | {} | {} |\n",
                class.word(),
                cell(&code(&identity.to_string())),
                reason.unwrap_or_default(),
                escaped(environment),
                origin.unwrap_or_default()
            );
            if !self.add(&row, HEAD - 200) {
                let _ = writeln!(self.out, "| … | and {} more | | |", findings.len() - index);
                self.is_cut = true;
                break;
            }
        }
        self.out.push('\n');
    }

    /// The fields of an object. If the space runs out within it, it is cut at a line; if little is left, it is left out.
    fn body(&mut self, finding: &Finding) {
        const LITTLE: usize = 1_000;
        let written = |line: Line| {
            let origin = line.origin.as_ref().map(|origin| format!("  # {}", visible(origin)));
            format!("{}{}\n", line.signed(), origin.unwrap_or_default())
        };
        let lines: Vec<String> = lines(&finding.fields).into_iter().map(written).collect();
        let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        let open = if lines.len() > LONG { "" } else { " open" };
        let head =
            format!("<details{open}><summary>{}</summary>\n\n{fence}diff\n", html(&title(finding)));
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
