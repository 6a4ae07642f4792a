//! The change of the spec for a limit that was reached: of memory, of time. How much is enough only the next run shows, so it is doubled.

use std::collections::BTreeSet;

use super::rights::readers;
use super::suggestion::{Known, Spot, Suggestion};
use super::wanted::{Limit, Wanted};
use crate::diagnose::{Diagnosis, Thing};
use crate::fleet::Prepared;
use crate::model::{App, Pipeline, Task};
use crate::spec::edit::{Change, Edit, Step};
use crate::yaml::Value;

const MEMORY: [&str; 3] = ["resources", "limits", "memory"];

/// The memory of a program's container.
pub(super) fn of_program(known: Known<'_>, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    let Some(seen) = diagnosis.evidence.first().filter(|seen| seen.of.kind == "Pod") else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (prepared, app) in known.apps().filter(|(_, app)| app.namespace == seen.of.namespace) {
        let is_it = |program: &App| {
            program.name == seen.container
                && seen.of.name.starts_with(&format!("{}-", program.name))
        };
        let Some(program) = app.programs().find(is_it) else { continue };
        all.extend(memory_of(known, prepared, app, &program));
    }
    all
}

fn memory_of(
    known: Known<'_>,
    prepared: &Prepared,
    app: &App,
    program: &App,
) -> Option<Suggestion> {
    let limit = program.container.resources.str_at(&["limits", "memory"])?;
    let new = twice_memory(limit)?;
    let process = program.process.as_deref();
    let base: Vec<&str> = process.map_or_else(Vec::new, |name| vec!["processes", name]);
    let keys: Vec<&str> = base.iter().copied().chain(MEMORY).collect();
    let merged = prepared.environment.app(&known.fleet.spec, &app.name)?;
    let written = keys.iter().try_fold(&merged, |node, key| node.written(key));
    let spot = written.and_then(|node| Spot::of(known.sources, node.span));
    let own = Spot::of(known.sources, app.span)?;
    let (line, file, path) = match spot {
        Some(spot) if spot.is_of_app(&app.name) => (spot.line, spot.file, spot.path),
        // What holds for all apps of an environment is over the app's own key.
        Some(spot) if spot.path.first() == Step::keys(&["apps"]).first() => {
            let path = [Step::keys(&["apps", &app.name]), Step::keys(&keys)].concat();
            (spot.line, spot.file, path)
        }
        _ => (own.line, own.file.clone(), own.below(&keys)),
    };
    let whose = process.map_or_else(
        || format!("the app `{}`", app.name),
        |name| format!("the process `{name}` of `{}`", app.name),
    );
    Some(Suggestion {
        title: format!("double the memory limit of {whose} (was {limit})"),
        notes: vec!["only the program's use of memory shows if this is enough".to_owned()],
        wanted: vec![Wanted::Limit {
            environment: app.environment.clone(),
            limit: Limit::Program(program.name.clone()),
            value: new.clone(),
        }],
        edit: Some(Edit { path, change: Change::Set(Value::Str(new)) }),
        of: 0,
        affects: reading(known, app, &file),
        file,
        line,
    })
}

/// The memory of a step.
pub(super) fn of_step(known: Known<'_>, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    of_task(known, diagnosis, |task, step, spot| {
        let at = step_of(task, step);
        if let Some(own) = at.filter(|at| task.steps[*at].resources != Value::Null) {
            let limit = task.steps[own].resources.str_at(&["limits", "memory"])?;
            let new = twice_memory(limit)?;
            let path = in_step(spot, own, &MEMORY);
            let title = format!("double the memory limit of the step `{step}` (was {limit})");
            return Some((path, title, Limit::StepMemory(task.name.clone(), own), new));
        }
        let limit = task.resources.str_at(&["limits", "memory"])?;
        let new = twice_memory(limit)?;
        let title = format!("double the memory limit of the task `{}` (was {limit})", task.name);
        Some((spot.below(&MEMORY), title, Limit::TaskMemory(task.name.clone()), new))
    })
}

/// The time of a step.
pub(super) fn time_of_step(known: Known<'_>, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    of_task(known, diagnosis, |task, step, spot| {
        let at = step_of(task, step)?;
        let limit = task.steps[at].timeout.as_ref()?;
        let new = twice_time(limit)?;
        let path = in_step(spot, at, &["timeout"]);
        let title = format!("double the timeout of the step `{step}` (was {limit})");
        Some((path, title, Limit::StepTime(task.name.clone(), at), new))
    })
}

/// The time of a task whose steps ran: one that never started would not start in more time.
pub(super) fn time_of_task(known: Known<'_>, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    let ran = task_run(known, diagnosis).is_some_and(|run| {
        let steps = run.list(&["status", "steps"]);
        steps.iter().any(|step| step.get("running").is_some() || step.get("terminated").is_some())
    });
    if !ran {
        return Vec::new();
    }
    of_task(known, diagnosis, |task, _, spot| {
        let new = twice_time(&task.timeout)?;
        let title =
            format!("double the timeout of the task `{}` (was {})", task.name, task.timeout);
        Some((spot.below(&["timeout"]), title, Limit::TaskTime(task.name.clone()), new))
    })
}

/// Path, title, limit and value.
type Raised = (Vec<Step>, String, Limit, String);

fn of_task(
    known: Known<'_>,
    diagnosis: &Diagnosis,
    raise: impl Fn(&Task, &str, &Spot) -> Option<Raised>,
) -> Vec<Suggestion> {
    let Some(run) = task_run(known, diagnosis) else { return Vec::new() };
    let name = run.label("tekton.dev/pipelineTask");
    let pattern = diagnosis.signature.and_then(|signature| signature.pattern.as_ref());
    let step = diagnosis.evidence.iter().find_map(|seen| {
        let found = pattern?.captures(&seen.text)?;
        Some(found.name("s")?.as_str().to_owned())
    });
    let step = step.unwrap_or_default();
    let instance = run.label("app.kubernetes.io/instance");
    let mut all: Vec<Suggestion> = Vec::new();
    for (_, app) in known.apps() {
        let is_its = app.pipeline_namespace == run.namespace
            && (instance.is_empty() || app.instance == instance);
        let tasks = app.pipeline.iter().filter(|_| is_its).flat_map(Pipeline::all);
        for task in tasks.filter(|task| task.name == name) {
            let Some(spot) = Spot::of(known.sources, task.span) else { continue };
            let Some((path, title, limit, value)) = raise(task, &step, &spot) else { continue };
            let edit = Edit { path, change: Change::Set(Value::Str(value.clone())) };
            all.push(Suggestion {
                of: 0,
                file: spot.file.clone(),
                line: spot.line,
                edit: Some(edit),
                title,
                notes: vec!["only the next run shows if this is enough".to_owned()],
                // A task under `defaults` is that of every app.
                affects: readers(known, task.span)
                    .into_iter()
                    .chain(reading(known, app, &spot.file))
                    .collect(),
                wanted: vec![Wanted::Limit { environment: app.environment.clone(), limit, value }],
            });
        }
    }
    all
}

fn task_run<'a>(known: Known<'a>, diagnosis: &Diagnosis) -> Option<&'a Thing> {
    let of = diagnosis.evidence.iter().map(|seen| &seen.of);
    let links = diagnosis.chain.iter().map(|link| &link.of);
    let mut all = of.chain(links).filter(|of| of.kind == "TaskRun");
    all.find_map(|of| known.snapshot.find("TaskRun", &of.namespace, &of.name))
}

fn step_of(task: &Task, name: &str) -> Option<usize> {
    task.steps.iter().position(|step| step.name == name)
}

fn in_step(spot: &Spot, at: usize, keys: &[&str]) -> Vec<Step> {
    [spot.below(&["steps"]), vec![Step::Item(at)], Step::keys(keys)].concat()
}

/// The app in all environments that may read a file: that of an environment is read for no other.
fn reading(known: Known<'_>, app: &App, file: &str) -> BTreeSet<(String, String)> {
    let own = file.strip_prefix("environments/").and_then(|name| name.strip_suffix(".yaml"));
    let is_it = |(_, one): &(&Prepared, &App)| {
        one.name == app.name && own.is_none_or(|own| one.environment == own)
    };
    let same = known.all_apps().filter(is_it);
    same.map(|(_, one)| (one.environment.clone(), one.name.clone())).collect()
}

/// Twice an amount of memory, in the larger unit if it fits.
fn twice_memory(text: &str) -> Option<String> {
    const UNITS: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let (number, unit) = split(text)?;
    let twice = number.checked_mul(2)?;
    let next = UNITS.iter().position(|one| *one == unit).and_then(|at| UNITS.get(at + 1));
    match next {
        Some(next) if twice % 1024 == 0 && twice > 0 => Some(format!("{}{next}", twice / 1024)),
        _ => Some(format!("{twice}{unit}")),
    }
}

/// Twice a time.
fn twice_time(text: &str) -> Option<String> {
    let (number, unit) = split(text)?;
    let twice = number.checked_mul(2).filter(|_| ["s", "m", "h"].contains(&unit))?;
    let next = if unit == "s" { Some("m") } else { (unit == "m").then_some("h") };
    match next {
        Some(next) if twice % 60 == 0 => Some(format!("{}{next}", twice / 60)),
        _ => Some(format!("{twice}{unit}")),
    }
}

/// A whole number and its unit.
fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_unit = unit.chars().all(|c| c.is_ascii_alphabetic());
    Some((number.parse().ok().filter(|number| *number > 0 && is_unit)?, unit))
}

#[cfg(test)]
mod tests {
    use super::{twice_memory, twice_time};

    #[test]
    fn amounts_are_doubled() {
        let memory = |text| twice_memory(text);
        assert_eq!(memory("256Mi").as_deref(), Some("512Mi"));
        assert_eq!(memory("512Mi").as_deref(), Some("1Gi"));
        assert_eq!(memory("1Gi").as_deref(), Some("2Gi"));
        assert_eq!(memory("100M").as_deref(), Some("200M"));
        assert_eq!(memory("1.5Gi"), None);
        assert_eq!(memory(""), None);
        let time = |text| twice_time(text);
        assert_eq!(time("90s").as_deref(), Some("3m"));
        assert_eq!(time("30m").as_deref(), Some("1h"));
        assert_eq!(time("20m").as_deref(), Some("40m"));
        assert_eq!(time("1h30m"), None);
    }
}
