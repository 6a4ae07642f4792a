//! The output of `gen status --watch`: a table that is drawn over the last one, or a line for each cell that changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fit::fit;
use super::{json, words};
use crate::diagnostics::visible;
use crate::ops::status::StatusReport;
use crate::report::{Format, Show, Style};
use crate::status::{Cell, Health};

/// Up to this number of cells, the first answer has a line for each.
const FEW: usize = 20;

/// To the upper left corner; the rest of a line; the rest of the screen.
const HOME: &str = "\u{1b}[H";
const REST_OF_LINE: &str = "\u{1b}[K";
const REST: &str = "\u{1b}[J";

/// What was shown last.
#[derive(Debug, Default)]
pub struct Watched {
    /// Cells by app and environment, in words without times.
    last: Option<BTreeMap<(String, String), String>>,
    /// Why something was not known.
    unknown: BTreeSet<String>,
}

impl Watched {
    /// The whole screen, of so many columns and lines: as much of the text as it has room for, and the verdict.
    #[must_use]
    pub fn frame(report: &StatusReport, style: Style, (columns, height): (usize, usize)) -> String {
        let text: String = report.answer(style).collect();
        let lines: Vec<&str> = text.lines().collect();
        // The cursor stands in the last one.
        let room = height.saturating_sub(1).max(2);
        let more = format!("… {} more lines", (lines.len() + 1).saturating_sub(room));
        let shown: Vec<&str> = match lines.split_last() {
            Some((verdict, rest)) if lines.len() > room => {
                let rest = rest.iter().take(room - 2).copied();
                rest.chain([more.as_str(), *verdict]).collect()
            }
            _ => lines,
        };
        // Behind a full line the cursor still stands on its last character, so the line is cleared before.
        let line = |line: &str| format!("{REST_OF_LINE}{}\n", fit(line, columns));
        format!("{HOME}{}{REST}", shown.into_iter().map(line).collect::<String>())
    }

    /// A line for each reason why something is not known, if that was not one before; then a line for each cell that is not as it was.
    /// At first, that is each cell; of many, each that is not healthy.
    pub fn changes(&mut self, report: &StatusReport, format: Format, style: Style) -> String {
        let unknown = unknown(report);
        let is_told = |(text, _): &&(String, Value)| !self.unknown.contains(text);
        let reason = |(text, value): &(String, Value)| {
            if format == Format::Json {
                let mut value = value.clone();
                value["time"] = report.now.to_string().into();
                return format!("{value}\n");
            }
            format!("{} {text}\n", moment(report))
        };
        let mut out: String = unknown.iter().filter(is_told).map(reason).collect();
        self.unknown = unknown.into_iter().map(|(text, _)| text).collect();
        let key = |cell: &Cell| (cell.app.clone(), cell.environment.clone());
        let now: BTreeMap<(String, String), String> =
            report.cells.iter().map(|cell| (key(cell), words::summary(cell))).collect();
        let is_all = report.cells.len() <= FEW || style.is_verbose;
        let is_new = |cell: &&Cell| match &self.last {
            Some(last) => last.get(&key(cell)) != now.get(&key(cell)),
            None => is_all || cell.health != Health::Well,
        };
        let line = |cell: &Cell| {
            if format == Format::Json {
                let mut value = json::cell(cell);
                value["time"] = report.now.to_string().into();
                return format!("{value}\n");
            }
            let time = moment(report);
            let (app, environment) = (visible(&cell.app), visible(&cell.environment));
            format!("{time} {app} in {environment}: {}\n", words::summary(cell))
        };
        out.extend(report.cells.iter().filter(is_new).map(line));
        self.last = Some(now);
        out
    }
}

fn moment(report: &StatusReport) -> String {
    report.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Why something is not known: in one line, and for programs.
fn unknown(report: &StatusReport) -> Vec<(String, Value)> {
    let one_line = |text: String| text.lines().collect::<Vec<_>>().join(" ");
    let silent = report.columns.iter().filter_map(|column| {
        let value = json!({
            "environment": column.environment, "context": column.context, "silent": column.silent,
        });
        Some((one_line(words::silence(column)?), value))
    });
    let unseen = report.unseen.iter().map(|one| {
        let text = one_line(format!("could not be read: {}", words::unread(one)));
        (text, json!({"notSeen": json::unseen(one)}))
    });
    silent.chain(unseen).collect()
}
