//! The table: apps as rows, environments as columns; and below it what is wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Paint};

use super::words::{lines, silence, unread};
use crate::diagnostics::visible;
use crate::ops::status::{Column, Move, StatusReport};
use crate::report::{Style, counted, list};
use crate::status::{Cell, Health};

/// Above this number of apps, those that are well are counted.
const MANY: usize = 20;
/// The widths of a column: of the names, and of a cell.
const NAMES: usize = 16;
const NARROW: usize = 20;
const WIDE: usize = 44;
/// Maximum number of wrong things shown.
const MOST: usize = 20;

pub(super) fn table(report: &StatusReport, style: Style) -> String {
    let mut out = String::new();
    let all: BTreeSet<&str> = report.cells.iter().map(|cell| cell.app.as_str()).collect();
    let is_all = all.len() <= MANY || style.is_verbose;
    // A cluster that does not answer says it once, and not in each of a thousand rows.
    let silent = |cell: &Cell| {
        let mut columns = report.columns.iter();
        columns.any(|one| one.environment == cell.environment && one.silent.is_some())
    };
    let is_shown = |app: &&&str| {
        is_all || of(report, app).any(|cell| cell.health != Health::Well && !silent(cell))
    };
    let rows: Vec<&str> = all.iter().filter(is_shown).copied().collect();
    let names = rows.iter().map(|app| app.chars().count()).max().unwrap_or(0).clamp(3, NAMES);
    let room = report.width.saturating_sub(names).max(NARROW);
    let beside = (room / NARROW).clamp(1, report.columns.len().max(1));
    if !rows.is_empty() {
        for columns in report.columns.chunks(beside) {
            let width = (room / columns.len() - 2).min(WIDE);
            header(&mut out, columns, (names, width), style);
            for app in &rows {
                let cells: Vec<Option<&Cell>> = columns
                    .iter()
                    .map(|column| {
                        of(report, app).find(|cell| cell.environment == column.environment)
                    })
                    .collect();
                if cells.iter().any(Option::is_some) {
                    row(&mut out, report, app, &cells, (names, width), style);
                }
            }
            out.push('\n');
        }
    }
    for column in &report.columns {
        if let Some(line) = silence(column) {
            let _ = writeln!(out, "{line}");
        }
    }
    if rows.len() < all.len() {
        let left = all.len() - rows.len();
        let _ = writeln!(out, "{} not shown; `-v` shows all", counted(left, "app"));
    }
    out
}

fn of<'r>(report: &'r StatusReport, app: &'r str) -> impl Iterator<Item = &'r Cell> {
    report.cells.iter().filter(move |cell| cell.app == app)
}

fn header(out: &mut String, columns: &[Column], (names, width): (usize, usize), style: Style) {
    let mut line = format!("{:names$}", "app");
    for column in columns {
        let name = cut(&visible(&column.environment), width);
        let _ = write!(line, "  {name:width$}");
    }
    let line = line.trim_end();
    let _ = writeln!(out, "{}", style.look.paint(Paint::new().bold(), line));
}

fn row(
    out: &mut String,
    report: &StatusReport,
    app: &str,
    cells: &[Option<&Cell>],
    (names, width): (usize, usize),
    style: Style,
) {
    let texts: Vec<Vec<String>> = cells
        .iter()
        .map(|cell| cell.map_or_else(|| vec!["-".to_owned()], |cell| lines(cell, report.now)))
        .collect();
    let most = texts.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..most {
        let name = if at == 0 { cut(app, names) } else { String::new() };
        let mut painted = format!("{name:names$}");
        // Blanks are written before a text, so that no line ends in them.
        let mut blanks = String::new();
        for (text, cell) in texts.iter().zip(cells) {
            let text = cut(text.get(at).map_or("", String::as_str), width);
            blanks.push_str("  ");
            let length = text.chars().count();
            if length > 0 {
                painted.push_str(&blanks);
                blanks.clear();
                let colour = cell.map(|cell| colour(cell.health)).filter(|_| at == 0);
                painted.push_str(&colour.map_or_else(
                    || text.clone(),
                    |colour| style.look.paint(colour.on_default(), &text),
                ));
            }
            blanks.push_str(&" ".repeat(width - length));
        }
        let _ = writeln!(out, "{}", painted.trim_end());
    }
}

fn colour(health: Health) -> AnsiColor {
    match health {
        Health::Well => AnsiColor::Green,
        Health::Busy => AnsiColor::Blue,
        Health::Held | Health::Absent | Health::Unseen => AnsiColor::Yellow,
        Health::Wrong => AnsiColor::Red,
    }
}

/// At most this many characters, the last of which says if there were more.
pub(in crate::report) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// What is wrong, held back and unseen, and the verdict.
pub(super) fn end(report: &StatusReport, style: Style) -> String {
    let mut out = String::new();
    let wrong: Vec<(&Cell, _)> = report
        .cells
        .iter()
        .flat_map(|cell| cell.wrong.iter().map(move |one| (cell, one)))
        .collect();
    if !wrong.is_empty() {
        let _ = writeln!(out, "problems:");
        let shown = if style.is_verbose { wrong.len() } else { MOST };
        for (cell, one) in wrong.iter().take(shown) {
            let line = format!("{} in {}: {}: {}", cell.app, cell.environment, one.what, one.why);
            let _ = writeln!(out, "  {}", cut(&visible(&line), report.width.saturating_sub(2)));
            let _ = writeln!(out, "    $ gen {}", visible(&one.ask));
        }
        if wrong.len() > shown {
            let _ = writeln!(out, "  … and {} more; `-v` lists all", wrong.len() - shown);
        }
    }
    let held: Vec<String> = report
        .cells
        .iter()
        .flat_map(|cell| {
            let what = format!("{} in {}", cell.app, cell.environment);
            cell.held.iter().map(move |one| visible(&format!("{what}: {one}")))
        })
        .collect();
    list(&mut out, "on hold", &held, MOST, style.is_verbose);
    list(&mut out, "a promotion would move", &moves(report), MOST, style.is_verbose);
    let unseen: Vec<String> = report.unseen.iter().map(unread).collect();
    list(&mut out, "could not be read", &unseen, MOST, style.is_verbose);
    let _ = writeln!(out, "{}", verdict(report, style));
    out
}

/// What a promotion would move, a line each.
pub(super) fn moves(report: &StatusReport) -> Vec<String> {
    let unknown = report.unknown_moves.iter().map(|one| {
        let (from, to) = (visible(&one.from), visible(&one.to));
        format!("from {from} to {to}: not known without `--env {from}`")
    });
    report.moves.iter().map(moved).chain(unknown).collect()
}

fn moved(one: &Move) -> String {
    let before = one.before.as_deref().unwrap_or("nothing");
    let (app, from, to, after) = (&one.app, &one.from, &one.to, &one.after);
    let is_good = one.health.is_none_or(|health| health == Health::Well);
    let health = one.health.filter(|_| !is_good).map(|health| format!(" ({})", health.word()));
    let line =
        format!("{app} from {from}{} to {to}: {before} → {after}", health.unwrap_or_default());
    visible(&line)
}

/// How many cells stand how, in words.
pub(super) fn counts(report: &StatusReport) -> String {
    let count = |health: Health| report.cells.iter().filter(|cell| cell.health == health).count();
    let all = [
        (Health::Wrong, "failed"),
        (Health::Unseen, "unknown"),
        (Health::Absent, "absent"),
        (Health::Held, "suspended"),
        (Health::Busy, "in progress"),
        (Health::Well, "healthy"),
    ];
    let counts: Vec<String> = all
        .iter()
        .map(|(health, word)| (count(*health), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if counts.is_empty() { "no apps".to_owned() } else { counts.join(", ") }
}

fn verdict(report: &StatusReport, style: Style) -> String {
    let apps: BTreeSet<&str> = report.cells.iter().map(|cell| cell.app.as_str()).collect();
    let painted = style.look.paint(colour(report.health()).on_default().bold(), &counts(report));
    format!(
        "{painted}: {} in {}, by {}",
        counted(apps.len(), "app"),
        counted(report.columns.len(), "environment"),
        counted(report.requests, "request")
    )
}
