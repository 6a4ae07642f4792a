//! Lines of logs: which of them is the cause.

use std::sync::LazyLock;

use regex::Regex;

use super::station::{Station, Trail};
use crate::diagnose::diagnosis::Ref;
use crate::diagnose::fact::{Fact, Gravity};
use crate::diagnose::signature::{Component, Hit, is_noise, of_text, rank};
use crate::diagnose::snapshot::{Line, Log, Snapshot, Thing};

/// Lines that tell of a failure that no signature knows.
static SUSPICIOUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(error|fatal|panic|failed|failure|denied|forbidden|exception|traceback|cannot|refused|invalid|aborted|killed)\b").ok()
});

/// What looks so and is not: counts of zero, and words that deny it.
static HARMLESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(0 (errors?|failed|failures?)|no errors?|without errors?|errors?[:=] ?0|failed[:=] ?0)\b").ok()
});

/// Number of lines shown where none explains the failure.
const END: usize = 10;

/// A longer line is not matched beyond this many bytes.
const LONGEST: usize = 16 << 10;

/// The facts of the lines that a signature knows, in the order of the log.
fn hits(log: &Log) -> Vec<(usize, Hit)> {
    let container = container(log);
    let known = log.lines.iter().enumerate().filter_map(|(at, line)| {
        let text = cut(&line.text);
        let hit = of_text(&Fact::line(text, line.time, &container))?;
        (!is_noise("", text)).then_some((at, hit))
    });
    known.collect()
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn container(log: &Log) -> String {
    match (log.origin.container.as_str(), log.origin.step.as_str()) {
        ("", "") => String::new(),
        ("", step) => format!("step-{step}"),
        (container, _) => container.to_owned(),
    }
}

/// The best of them: causes before what follows from them, sure ones before possible ones, then the earliest. A controller's log goes
/// on for days, so of its lines the latest counts.
pub(super) fn best(log: &Log) -> Option<(Hit, Vec<Hit>)> {
    let mut all = hits(log);
    let is_of_controller = |hit: &Hit| {
        matches!(
            hit.signature.component,
            Component::Trigger | Component::Kustomization | Component::Source
        )
    };
    let last = log.lines.len();
    all.sort_by_key(|(at, hit)| {
        let age = if is_of_controller(hit) { last - at } else { *at };
        (rank(hit.role), hit.signature.certainty, age)
    });
    let mut all = all.into_iter().map(|(at, mut hit)| {
        hit.fact.message = with_following(log, at);
        hit
    });
    let best = all.next()?;
    Some((best, all.collect()))
}

/// A line with those that go on behind it.
fn with_following(log: &Log, at: usize) -> String {
    const MOST: usize = 4;
    let mut text = cut(&log.lines[at].text).to_owned();
    let goes_on =
        |line: &&Line| line.text.starts_with([' ', '\t', '{']) && !line.text.trim().is_empty();
    for line in log.lines[at + 1..].iter().take(MOST).take_while(goes_on) {
        text.push('\n');
        text.push_str(cut(&line.text));
    }
    text
}

/// The end of a log.
pub(super) fn end(log: &Log) -> String {
    let from = log.lines.len().saturating_sub(END);
    let lines: Vec<&str> = log.lines[from..].iter().map(|line| cut(&line.text)).collect();
    lines.join("\n")
}

/// The name of a log.
pub(super) fn name(log: &Log) -> Ref {
    let origin = &log.origin;
    let name = match (origin.pod.as_str(), origin.task.as_str()) {
        ("", "") => "the pasted text".to_owned(),
        ("", task) => format!("log of task {task}, step {}", origin.step),
        (pod, _) if origin.container.is_empty() => format!("log of pod {pod}"),
        (pod, _) => format!("log of pod {pod}, container {}", origin.container),
    };
    Ref { kind: String::new(), namespace: String::new(), name }
}

/// What a log says by itself, with no object around it.
pub(super) fn trail<'a>(log: &Log) -> Option<Trail<'a>> {
    let station = |fact: Option<Fact>, hit: Option<Hit>, others: Vec<Hit>| Station {
        of: name(log),
        thing: None,
        fact,
        hit,
        others,
    };
    if let Some((hit, others)) = best(log) {
        let denied = lines_of(log);
        let stations = vec![station(None, Some(hit), others)];
        return Some(Trail { stations, besides: Vec::new(), root: Gravity::Bad, text: denied });
    }
    let is = |pattern: &LazyLock<Option<Regex>>, text: &str| {
        pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
    };
    let suspicious: Vec<&Line> = log
        .lines
        .iter()
        .filter(|line| {
            let text = cut(&line.text);
            is(&SUSPICIOUS, text) && !is(&HARMLESS, text) && !is_noise("", text)
        })
        .collect();
    let first = suspicious.first()?;
    let from = suspicious.len().saturating_sub(END);
    let text: Vec<&str> = suspicious[from..].iter().map(|line| cut(&line.text)).collect();
    let fact = Fact::line(&text.join("\n"), first.time, &container(log));
    let stations = vec![station(Some(fact), None, Vec::new())];
    Some(Trail { stations, besides: Vec::new(), root: Gravity::Bad, text: String::new() })
}

/// The lines of a log that may hold refusals.
pub(super) fn lines_of(log: &Log) -> String {
    let lines = log.lines.iter().filter(|line| line.text.contains("cannot "));
    lines.map(|line| cut(&line.text)).collect::<Vec<_>>().join("\n")
}

/// The logs of a container of a pod: those that are surely its own, or a text from nowhere.
pub(super) fn of_pod<'a>(snapshot: &'a Snapshot, pod: &str, container: &str) -> Option<&'a Log> {
    let is_its = |log: &&Log| {
        log.origin.pod == pod
            && !pod.is_empty()
            && (log.origin.container == container
                || log.origin.container.is_empty()
                || container.is_empty())
    };
    snapshot.logs.iter().find(is_its)
}

/// The log of the step of a TaskRun that failed.
pub(super) fn of_task_run<'a>(snapshot: &'a Snapshot, run: &Thing) -> Option<&'a Log> {
    let container = failed_container(run);
    let pod = run.text(&["status", "podName"]);
    let task = run.label("tekton.dev/pipelineTask");
    let step = container.trim_start_matches("step-");
    let by_task = |log: &&Log| {
        !task.is_empty()
            && log.origin.task == task
            && (log.origin.step == step || log.origin.step.is_empty() || step.is_empty())
    };
    let anything = |log: &&Log| log.origin.pod.is_empty() && log.origin.task.is_empty();
    of_pod(snapshot, pod, &container)
        .or_else(|| snapshot.logs.iter().find(by_task))
        .or_else(|| snapshot.logs.iter().find(anything))
}

/// The container that a failed TaskRun names, or the first of its steps that failed.
pub(super) fn failed_container(run: &Thing) -> String {
    let message = run.condition("Succeeded").map(|one| one.message.as_str()).unwrap_or_default();
    let named = message
        .split('"')
        .nth(1)
        .filter(|name| ["step-", "sidecar-"].iter().any(|prefix| name.starts_with(prefix)));
    let failed = || {
        let steps = run.list(&["status", "steps"]).iter();
        let mut failed = steps.filter(|step| {
            step.pointer("/terminated/exitCode")
                .and_then(serde_json::Value::as_i64)
                .unwrap_or_default()
                != 0
        });
        failed.next().map(|step| crate::kubernetes::json::text(step, &["container"]).to_owned())
    };
    named.map(str::to_owned).or_else(failed).unwrap_or_default()
}
