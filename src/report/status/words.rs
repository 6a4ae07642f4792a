//! The words of a cell, each line about one thing.

use crate::diagnose::{Time, Unseen};
use crate::diagnostics::visible;
use crate::ops::status::Column;
use crate::status::{Applied, Cell, Health, Run, RunState, ago, lasting};

/// The lines of a cell.
pub(super) fn lines(cell: &Cell, now: Time) -> Vec<String> {
    if cell.health == Health::Unseen && cell.flux.is_none() && cell.rollout.is_none() {
        let pinned = cell.pinned.as_ref().map(|image| format!("pinned {}", image.short()));
        return std::iter::once("unknown".to_owned()).chain(pinned).collect();
    }
    let mut lines = vec![image(cell)];
    lines.extend(flux(cell, now));
    lines.extend(rollout(cell));
    lines.extend(cell.runs.first().map(|run| last(run, now)));
    if cell.runs.len() > 1 {
        lines.push(format!("runs {}", sparkline(&cell.runs)));
    }
    lines.retain(|line| !line.is_empty());
    let lines: Vec<String> = lines.iter().map(|line| visible(line)).collect();
    std::iter::once(cell.health.word().to_owned()).chain(lines).collect()
}

/// A cell in one line, without the times that pass: what it was before is a change if this is another.
pub(super) fn summary(cell: &Cell) -> String {
    let mut parts = vec![image(cell)];
    parts.extend(cell.flux.as_ref().map(|flux| match flux.state {
        Applied::Done => flux.revision.clone().unwrap_or_else(|| "nothing applied".to_owned()),
        state => format!("flux {}", state.word()),
    }));
    parts.extend(rollout(cell));
    parts.extend(cell.runs.first().map(|run| match &run.task {
        Some(task) => format!("run {} {}: {task}", run.name, run.state.word()),
        None => format!("run {} {}", run.name, run.state.word()),
    }));
    parts.extend(cell.wrong.first().map(|one| format!("{}: {}", one.what, one.why)));
    visible(&format!("{}: {}", cell.health.word(), parts.join(", ")))
}

/// Why nothing is known of an environment, if that is so.
pub(super) fn silence(column: &Column) -> Option<String> {
    let why = column.silent.as_deref()?;
    let context = column.context.as_deref().unwrap_or("the current context");
    Some(visible(&format!("{}: {context} does not answer: {why}", column.environment)))
}

/// What could not be read, why, and the right that lets it.
pub(super) fn unread(one: &Unseen) -> String {
    let right = match one.right.as_str() {
        "" => String::new(),
        right => format!("; needs: {right}"),
    };
    visible(&format!("{}: {}{right}", one.what, one.why))
}

/// The pinned image, and the one that runs if it is another.
fn image(cell: &Cell) -> String {
    let commit = cell.revision.as_deref().map(|commit| commit.get(..7).unwrap_or(commit));
    let commit = commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
    match (&cell.pinned, &cell.running) {
        (Some(pinned), Some(running)) if pinned.short() != running.short() => {
            format!("{} → {}{commit}", running.short(), pinned.short())
        }
        (Some(pinned), _) => format!("{}{commit}", pinned.short()),
        (None, Some(running)) => running.short(),
        (None, None) => "no image".to_owned(),
    }
}

fn flux(cell: &Cell, now: Time) -> Vec<String> {
    let Some(flux) = &cell.flux else { return vec!["flux unknown".to_owned()] };
    let since = flux.since.map(|since| format!(", {}", ago(since, now))).unwrap_or_default();
    let revision = flux.revision.as_deref().unwrap_or("nothing applied");
    match flux.state {
        Applied::Done => vec![format!("{revision}{since}")],
        Applied::Absent => vec!["not in the cluster".to_owned()],
        state => vec![format!("flux {}{since}", state.word()), format!("applied {revision}")],
    }
}

fn rollout(cell: &Cell) -> Option<String> {
    let rollout = cell.rollout.as_ref().filter(|rollout| rollout.is_counted)?;
    let restarts = match rollout.restarts {
        0 => String::new(),
        1 => ", 1 restart".to_owned(),
        many => format!(", {many} restarts"),
    };
    Some(format!("{}/{} ready{restarts}", rollout.ready, rollout.wanted))
}

fn last(run: &Run, now: Time) -> String {
    let mut parts = vec![format!("run {}", run.state.word())];
    if let Some(task) = &run.task {
        parts[0] = format!("{}: {task}", parts[0]);
    }
    parts.extend(run.seconds.map(lasting));
    // Of one that goes on, both would say the same.
    let ended = run.began.filter(|_| run.state != RunState::Running);
    parts.extend(ended.map(|began| ago(began, now)));
    parts.join(", ")
}

/// The last runs, the oldest first: how long each took by the height of its bar, and `x` for one that failed.
pub(super) fn sparkline(runs: &[Run]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = runs.iter().filter_map(|run| run.seconds).max().unwrap_or(0).max(1);
    let bar = |run: &Run| match (run.state, run.seconds) {
        (RunState::Failed, _) => 'x',
        (RunState::Cancelled, _) => '-',
        (_, Some(seconds)) => {
            let height = seconds.saturating_mul(7) / most;
            BARS.get(usize::try_from(height).unwrap_or(7)).copied().unwrap_or('█')
        }
        (_, None) => '.',
    };
    runs.iter().rev().map(bar).collect()
}
