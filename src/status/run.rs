//! The runs of an app.

use serde_json::Value;

use super::app::Wanted;
use super::read::{Seen, condition, first_line, label, moment};
use super::since::between;
use crate::diagnose::Time;
use crate::kubernetes::json::text;

/// Number of runs of a history.
pub const HISTORY: usize = 10;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It is pending: somebody or a queue starts it.
    Held,
    /// It goes on.
    Running,
    /// It ended well.
    Succeeded,
    /// It failed.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl RunState {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: RunState,
    /// The task that failed first, or that runs, if it is known.
    pub task: Option<String>,
    /// When it began.
    pub began: Option<Time>,
    /// How long it took or has taken, in seconds.
    pub seconds: Option<u64>,
    /// What it says of a failure.
    pub why: String,
}

/// The newest runs of an app, the newest first.
pub(super) fn runs(wanted: &Wanted, seen: &Seen<'_>, now: Time) -> Vec<Run> {
    let all = seen.of("PipelineRun", &wanted.instance, &wanted.pipeline_namespace);
    let mut all: Vec<&Value> = all.collect();
    let key = |one: &&Value| {
        let time = moment(one, &["metadata", "creationTimestamp"]);
        (time, text(one, &["metadata", "name"]).to_owned())
    };
    all.sort_by_key(|one| std::cmp::Reverse(key(one)));
    all.iter().take(HISTORY).map(|one| run(one, seen, now)).collect()
}

/// One run, or one task of it: both have the same condition.
pub(super) fn run(object: &Value, seen: &Seen<'_>, now: Time) -> Run {
    let name = text(object, &["metadata", "name"]);
    let state = state(object);
    let began = moment(object, &["status", "startTime"]);
    let ended = moment(object, &["status", "completionTime"]);
    let until = ended.or((state == RunState::Running).then_some(now));
    let seconds = began.zip(until).map(|(began, until)| between(began, until));
    let tasks = seen.tasks(text(object, &["metadata", "namespace"]), name);
    let why = match state {
        RunState::Failed => condition(object, "Succeeded")
            .map(|one| {
                format!("{}: {}", text(one, &["reason"]), first_line(text(one, &["message"])))
            })
            .unwrap_or_default(),
        _ => String::new(),
    };
    Run { name: name.to_owned(), state, task: task(tasks, state), began, seconds, why }
}

fn state(object: &Value) -> RunState {
    let Some(one) = condition(object, "Succeeded") else { return RunState::Running };
    let reason = text(one, &["reason"]);
    match text(one, &["status"]) {
        "True" => RunState::Succeeded,
        "False" if reason.contains("Cancelled") || reason.contains("StoppedRun") => {
            RunState::Cancelled
        }
        "False" => RunState::Failed,
        _ if reason == "PipelineRunPending" => RunState::Held,
        _ => RunState::Running,
    }
}

/// The task that failed first, or one that runs.
fn task(tasks: &[&Value], state: RunState) -> Option<String> {
    let is_it = |one: &&&Value| {
        let reason =
            condition(one, "Succeeded").map(|one| text(one, &["reason"])).unwrap_or_default();
        self::state(one) == state && reason != "FailureIgnored"
    };
    let found = tasks.iter().filter(is_it).min_by_key(|one| {
        let ended = moment(one, &["status", "completionTime"]);
        ended.or_else(|| moment(one, &["metadata", "creationTimestamp"]))
    })?;
    if !matches!(state, RunState::Failed | RunState::Running) {
        return None;
    }
    let name = label(found, "tekton.dev/pipelineTask");
    (!name.is_empty()).then(|| name.to_owned())
}
