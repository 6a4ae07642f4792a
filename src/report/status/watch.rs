//! The output of `gen status --watch`: a table that is drawn over the last one, or a line for each cell that changed.

use std::collections::BTreeMap;

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
}

impl Watched {
    /// The whole screen: as much of the text as it has lines for, and the verdict.
    #[must_use]
    pub fn frame(report: &StatusReport, style: Style, height: usize) -> String {
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
        let line = |line: &str| format!("{line}{REST_OF_LINE}\n");
        format!("{HOME}{}{REST}", shown.into_iter().map(line).collect::<String>())
    }

    /// A line for each cell that is not as it was. At first, that is each one; of many, each that is not healthy.
    pub fn changes(&mut self, report: &StatusReport, format: Format, style: Style) -> String {
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
            let time = report.now.strftime("%Y-%m-%dT%H:%M:%SZ");
            let (app, environment) = (visible(&cell.app), visible(&cell.environment));
            format!("{time} {app} in {environment}: {}\n", words::summary(cell))
        };
        let out = report.cells.iter().filter(is_new).map(line).collect();
        self.last = Some(now);
        out
    }
}
