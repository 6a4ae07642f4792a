//! A cell of the table: one app in one environment.

use super::app::Wanted;
use super::flux::{Applied, Flux, flux};
use super::read::Seen;
use super::run::{Run, RunState, runs};
use super::workload::{Image, Rollout, is_hidden, rollout};
use crate::diagnose::Time;

/// How a cell stands, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Nothing is wrong.
    Well,
    /// Something is in progress.
    Busy,
    /// Something is held back.
    Held,
    /// Nothing of it is in the cluster.
    Absent,
    /// Something could not be seen.
    Unseen,
    /// Something is wrong.
    Wrong,
}

impl Health {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "healthy",
            Self::Busy => "busy",
            Self::Held => "suspended",
            Self::Absent => "absent",
            Self::Unseen => "unknown",
            Self::Wrong => "failed",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What.
    pub what: String,
    /// What is said of it.
    pub why: String,
    /// The question that explains it, as arguments of `gen`.
    pub ask: String,
}

/// An app in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The app.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// How it stands.
    pub health: Health,
    /// Something is in progress, whatever else is wrong or held back.
    pub busy: bool,
    /// The pinned image.
    pub pinned: Option<Image>,
    /// The commit that it was built from.
    pub revision: Option<String>,
    /// The image that runs.
    pub running: Option<Image>,
    /// How far Flux is; none if it was not seen.
    pub flux: Option<Flux>,
    /// How far the workloads are.
    pub rollout: Option<Rollout>,
    /// The newest runs, the newest first.
    pub runs: Vec<Run>,
    /// What is held back.
    pub held: Vec<String>,
    /// What is wrong, the first cause first.
    pub wrong: Vec<Wrong>,
}

/// The cells of apps in one cluster.
#[must_use]
pub fn cells(all: &[Wanted], seen: &Seen<'_>, now: Time) -> Vec<Cell> {
    all.iter().map(|wanted| cell(wanted, seen, now)).collect()
}

impl Cell {
    /// A cell of which nothing could be seen.
    #[must_use]
    pub fn unseen(wanted: &Wanted) -> Self {
        Self {
            app: wanted.app.clone(),
            environment: wanted.environment.clone(),
            health: Health::Unseen,
            busy: false,
            pinned: wanted.image.as_deref().map(Image::of),
            revision: wanted.revision.clone(),
            running: None,
            flux: None,
            rollout: None,
            runs: Vec::new(),
            held: Vec::new(),
            wrong: Vec::new(),
        }
    }
}

fn cell(wanted: &Wanted, seen: &Seen<'_>, now: Time) -> Cell {
    let flux = flux(wanted, seen);
    let (running, rollout) = rollout(wanted, seen);
    let runs = runs(wanted, seen, now);
    let state = flux.as_ref().map(|flux| flux.state);
    let ask = format!("why {} --env {}", wanted.app, wanted.environment);
    let wrong = |what: &str, why: &str| Wrong {
        what: what.to_owned(),
        why: why.to_owned(),
        ask: ask.clone(),
    };
    let mut cell = Cell { running, runs, ..Cell::unseen(wanted) };
    if let Some(flux) = flux.as_ref().filter(|flux| flux.state == Applied::Failed) {
        cell.wrong.push(wrong(&format!("Kustomization {}", flux.name), &flux.why));
    }
    let mut busy = state == Some(Applied::Waiting) || flux.as_ref().is_some_and(|flux| flux.busy);
    if let Some(flux) = flux.as_ref().filter(|flux| flux.state == Applied::Suspended) {
        cell.held.push(format!("Kustomization {} is suspended", flux.name));
    }
    if let Some(rollout) = &rollout {
        cell.wrong.extend(rollout.wrong.iter().map(|(what, why)| wrong(what, why)));
        cell.held.extend(rollout.paused.iter().map(|one| {
            let word = if one.starts_with("CronJob ") { "suspended" } else { "paused" };
            format!("{one} is {word}")
        }));
        busy |= rollout.busy;
        if state == Some(Applied::Done) && !wanted.by_task && wanted.image.is_some() {
            let why = "applied by Flux, but not in the cluster";
            cell.wrong.extend(rollout.absent.iter().map(|what| wrong(what, why)));
        }
    }
    if let Some(last) = cell.runs.first().cloned() {
        let what = format!("PipelineRun {}", last.name);
        match last.state {
            RunState::Failed => {
                let why = match &last.task {
                    Some(task) => format!("the task {task} failed"),
                    None => last.why,
                };
                let ask = format!("{ask} --run {}", last.name);
                cell.wrong.push(Wrong { what, why, ask });
            }
            RunState::Running => busy = true,
            RunState::Held => cell.held.push(format!("{what} is pending")),
            RunState::Succeeded | RunState::Cancelled => {}
        }
    }
    // A pin that does not run is on its way, unless Flux does not apply it.
    let differs = |(pinned, running): (&Image, &Image)| match &pinned.digest {
        Some(_) => pinned.digest != running.digest,
        None => pinned.tag.is_some() && pinned.tag != running.tag,
    };
    let is_stopped = matches!(state, Some(Applied::Suspended | Applied::Failed | Applied::Absent));
    let is_coming = !wanted.by_task && !is_stopped;
    busy |= is_coming && cell.pinned.as_ref().zip(cell.running.as_ref()).is_some_and(differs);
    cell.busy = busy;
    cell.health = if !cell.wrong.is_empty() {
        Health::Wrong
    } else if is_unseen(wanted, seen) {
        Health::Unseen
    } else if state == Some(Applied::Absent) {
        Health::Absent
    } else if !cell.held.is_empty() {
        Health::Held
    } else if busy {
        Health::Busy
    } else {
        Health::Well
    };
    cell.flux = flux;
    cell.rollout = rollout;
    cell
}

/// Whether something could not be read that might be wrong.
fn is_unseen(wanted: &Wanted, seen: &Seen<'_>) -> bool {
    seen.lacks("Kustomization", &wanted.flux_namespace)
        || is_hidden(wanted, seen)
        || (wanted.has_pipeline && seen.lacks("PipelineRun", &wanted.pipeline_namespace))
}
