//! How a delivery stands: the spec's apps, and what the clusters have of them.

mod ask;
mod moves;
mod want;

use std::time::{Duration, Instant};

use crate::cluster::Target;
use crate::diagnose::{Time, Unseen};
use crate::diagnostics::{Diagnostic, Diagnostics, WhyError};
use crate::name::{Check, seconds};
use crate::ops::pins::StageDifference;
use crate::ops::selection::elsewhere;
use crate::ops::{Context, Selection, Watch};
use crate::status::{Cell, Health, Page};
pub use moves::{Move, UnknownMoves};

/// Interval of asking again.
const PAUSE: Duration = Duration::from_secs(5);

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct StatusOptions<'a> {
    /// The environments; all if none is named.
    pub environments: &'a [String],
    /// The app whose page is wanted.
    pub app: Option<&'a str>,
    /// Ask again until nothing is in progress, at most this long.
    pub wait: Option<&'a str>,
    /// How the clusters are reached.
    pub target: &'a Target,
}

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub environment: String,
    /// Its kube context.
    pub context: Option<String>,
    /// Why nothing of it is known, if that is so.
    pub silent: Option<String>,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct StatusReport {
    /// The environments, in the order of promotion.
    pub columns: Vec<Column>,
    /// The cells, by app and then in the order of the columns.
    pub cells: Vec<Cell>,
    /// The pages of the app that was asked for, one an environment.
    pub pages: Vec<Page>,
    /// What differs between stages that follow each other, of that app: from, to, difference.
    pub differences: Vec<(String, String, StageDifference)>,
    /// What a promotion would move to the next stage.
    pub moves: Vec<Move>,
    /// Where that is not known.
    pub unknown_moves: Vec<UnknownMoves>,
    /// It is about one app.
    pub is_page: bool,
    /// What could not be seen.
    pub unseen: Vec<Unseen>,
    /// Number of requests.
    pub requests: usize,
    /// When.
    pub now: Time,
    /// Columns of the output.
    pub width: usize,
}

impl StatusReport {
    /// The gravest health.
    #[must_use]
    pub fn health(&self) -> Health {
        self.cells.iter().map(|cell| cell.health).max().unwrap_or(Health::Well)
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.health() == Health::Wrong
    }

    /// Whether everything could be seen.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unseen.is_empty() && self.columns.iter().all(|one| one.silent.is_none())
    }

    /// What is in progress.
    fn busy(&self) -> Vec<String> {
        let busy = self.cells.iter().filter(|cell| cell.busy);
        busy.map(|cell| format!("{} in {}", cell.app, cell.environment)).collect()
    }
}

/// Asks the clusters.
///
/// # Errors
/// Errors in the spec; an unknown app or environment; GEN1503 if something is still in progress at the end of the wait.
pub fn status(
    context: &mut Context<'_>,
    options: &StatusOptions<'_>,
) -> Result<StatusReport, Diagnostics> {
    let limit = options.wait.map(duration).transpose()?;
    let begin = Instant::now();
    repeat(context, options, |report, watch| {
        let busy = report.busy();
        let Some(limit) = limit.filter(|_| !busy.is_empty()) else { return Ok(None) };
        if begin.elapsed() + PAUSE > limit {
            let what = named(&busy);
            let seconds = limit.as_secs();
            return Err(Diagnostic::error(WhyError::StillBusy { what, seconds }).into());
        }
        watch.note(&format!("in progress: {}", named(&busy)));
        Ok(Some(PAUSE))
    })
}

/// Asks the clusters again and again, and gives each answer to `show`, until that wants no more or the time is over. The spec is read
/// once.
///
/// # Errors
/// Errors in the spec; an unknown app or environment; not a duration.
pub fn watch(
    context: &mut Context<'_>,
    options: &StatusOptions<'_>,
    limit: Option<&str>,
    show: &mut dyn FnMut(&mut StatusReport) -> bool,
) -> Result<StatusReport, Diagnostics> {
    let limit = limit.map(duration).transpose()?;
    let begin = Instant::now();
    repeat(context, options, |report, _| {
        let goes_on = show(report);
        let left = limit.map(|limit| limit.saturating_sub(begin.elapsed()));
        let pause = left.map_or(PAUSE, |left| left.min(PAUSE));
        Ok(Some(pause).filter(|pause| goes_on && !pause.is_zero()))
    })
}

/// Asks until `decide` gives no pause.
fn repeat(
    context: &mut Context<'_>,
    options: &StatusOptions<'_>,
    mut decide: impl FnMut(&mut StatusReport, &dyn Watch) -> Result<Option<Duration>, Diagnostics>,
) -> Result<StatusReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let apps: Vec<String> = options.app.into_iter().map(str::to_owned).collect();
    let selection = Selection { environments: options.environments, apps: &apps };
    let selected = selection.of(&fleet)?;
    if let Some(name) = options.app
        && !selected.iter().any(|prepared| prepared.apps.iter().any(|app| app.name == name))
    {
        return Err(elsewhere(name, "it is in none of these environments"));
    }
    let wanted = want::wanted(&selected, options.app);
    loop {
        let mut report = ask::ask(&selected, &wanted, options);
        if let Some(name) = options.app {
            report.differences = want::differences(&fleet, &selected, name);
        }
        moves::moves(&fleet, &selected, options.app, &mut report);
        match decide(&mut report, context.watch)? {
            Some(pause) => std::thread::sleep(pause),
            None => return Ok(report),
        }
    }
}

fn duration(text: &str) -> Result<Duration, Diagnostics> {
    Check::Duration.test(text)?;
    Ok(Duration::from_secs(seconds(text).unwrap_or_default()))
}

/// The first of some names.
fn named(all: &[String]) -> String {
    const MOST: usize = 5;
    let mut text = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > MOST {
        text = format!("{text} and {} more", all.len() - MOST);
    }
    text
}
