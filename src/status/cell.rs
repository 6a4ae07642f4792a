//! A cell of the table: one app in one environment.

use super::app::Wanted;
use super::flux::{Applied, Flux, flux};
use super::read::Seen;
use super::run::{Run, RunState, runs};
use super::workload::{Image, Rollout, rollout};
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
            Self::Well => "well",
            Self::Busy => "busy",
            Self::Held => "held",
            Self::Absent => "absent",
            Self::Unseen => "unseen",
            Self::Wrong => "wrong",
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
    /// Takes back what follows only from what could not be read: of Kustomizations, of workloads.
    pub fn doubt(&mut self, wanted: &Wanted, no_flux: bool, no_workloads: bool) {
        if no_flux && self.flux.as_ref().is_some_and(|flux| flux.state == Applied::Absent) {
            self.flux = None;
        }
        let absent = |one: &Rollout| !one.absent.is_empty();
        if no_workloads && self.rollout.as_ref().is_some_and(absent) {
            self.rollout = None;
            let names: Vec<String> = wanted
                .programs
                .iter()
                .map(|program| format!("{} {}", program.kind, program.name))
                .collect();
            self.wrong.retain(|wrong| !names.contains(&wrong.what));
        }
        let is_unseen = no_flux && self.flux.is_none() || no_workloads && self.rollout.is_none();
        if is_unseen && self.wrong.is_empty() {
            self.health = Health::Unseen;
        }
    }

    /// A cell of which nothing could be seen.
    #[must_use]
    pub fn unseen(wanted: &Wanted) -> Self {
        Self {
            app: wanted.app.clone(),
            environment: wanted.environment.clone(),
            health: Health::Unseen,
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
    let mut cell = Cell { running, runs, ..Cell::unseen(wanted) };
    let ask = format!("why {} --env {}", wanted.app, wanted.environment);
    let mut wrong = |what: String, why: String, ask: String| {
        cell.wrong.push(Wrong { what, why, ask });
    };
    if flux.state == Applied::Failed {
        wrong(format!("Kustomization {}", flux.name), flux.why.clone(), ask.clone());
    }
    let mut busy = matches!(flux.state, Applied::Busy | Applied::Waiting);
    let mut held = Vec::new();
    if flux.state == Applied::Suspended {
        held.push(format!("Kustomization {} is suspended", flux.name));
    }
    let is_absent = flux.state == Applied::Absent;
    if let Some(rollout) = &rollout {
        if let Some((what, why)) = rollout.wrong.first() {
            wrong(what.clone(), why.clone(), ask.clone());
        }
        held.extend(rollout.paused.iter().map(|one| format!("{one} is paused")));
        busy |= rollout.busy;
        let is_applied = flux.state == Applied::Done && !wanted.by_task;
        if let Some(absent) =
            rollout.absent.first().filter(|_| is_applied && wanted.image.is_some())
        {
            let why = "Flux has applied the app, and it is not in the cluster".to_owned();
            wrong(absent.clone(), why, ask.clone());
        }
    }
    if let Some(last) = cell.runs.first().cloned() {
        match last.state {
            RunState::Failed => {
                let ask = format!("{ask} --run {}", last.name);
                let why = match &last.task {
                    Some(task) => format!("the task {task} failed"),
                    None => last.why,
                };
                cell.wrong.push(Wrong { what: format!("PipelineRun {}", last.name), why, ask });
            }
            RunState::Running => busy = true,
            RunState::Held => held.push(format!("PipelineRun {} waits to be started", last.name)),
            RunState::Succeeded | RunState::Cancelled => {}
        }
    }
    // A pin that Flux has applied and that does not run is on its way.
    let differs =
        cell.pinned.as_ref().zip(cell.running.as_ref()).is_some_and(|(pinned, running)| {
            pinned.digest.is_some() && pinned.digest != running.digest
        });
    busy |= differs && !wanted.by_task;
    cell.health = if !cell.wrong.is_empty() {
        Health::Wrong
    } else if is_absent {
        Health::Absent
    } else if !held.is_empty() {
        Health::Held
    } else if busy {
        Health::Busy
    } else {
        Health::Well
    };
    cell.held = held;
    cell.flux = Some(flux);
    cell.rollout = rollout;
    cell
}
