//! What tasks ask of a run as a whole: parameters that gen fills in, which paths changed, what its one volume allows.

use std::collections::BTreeSet;

use super::decode::Decoder;
use super::link::{Goes, Link, Origin};
use super::params::RunParam;
use super::pipeline::{Change, Workspace};
use super::task::Task;
use super::{App, link};
use crate::diagnostics::SpecError;
use crate::environment::Run;
use crate::yaml::Value;

/// Parameters that gen declares because some task asks for them.
pub(super) fn asked_for<'a>(app: &App, tasks: impl Iterator<Item = &'a Task>) -> Vec<RunParam> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for task in tasks {
        for link in &task.links {
            if let link::Origin::Param { name, .. } = &link.origin {
                wanted.extend(
                    ["branch", "event", "before"]
                        .into_iter()
                        .filter(|built_in| built_in == name),
                );
            }
        }
        if !task.changed.is_empty() {
            wanted.insert("before");
        }
    }
    let built_in = |name: &str| {
        let default = match name {
            "branch" => app.source.branch.as_str(),
            "event" => "manual",
            _ => "",
        };
        RunParam::built_in(name, default)
    };
    wanted.into_iter().map(built_in).collect()
}

/// Whether something that runs here asks for a parameter of gen's own.
pub(super) fn asks(tasks: &[Task], at_end: &[Task], changes: &[Change], name: &str) -> bool {
    let expression = format!("$(params.{name})");
    let is_it = |value: &Value| value.as_str() == Some(&expression);
    let asked = |task: &Task| {
        task.params.iter().any(|(_, value)| is_it(value))
            || task
                .when
                .iter()
                .any(|when| when.get("input").is_some_and(is_it))
    };
    tasks.iter().chain(at_end).any(asked) || (name == "before" && !changes.is_empty())
}

/// The questions about changed paths, and the conditions that wait for the answers of the task that fetches the source.
pub(super) fn changes(d: &mut Decoder<'_>, tasks: &mut [Task], at_end: &mut [Task]) -> Vec<Change> {
    let mut changes = Vec::new();
    let teller = tasks
        .iter()
        .position(|task| !task.is_reference() && task.tells_changes);
    let teller_name = teller.map(|index| tasks[index].name.clone());
    for task in tasks
        .iter_mut()
        .chain(at_end)
        .filter(|task| !task.changed.is_empty())
    {
        let Some(teller) = &teller_name else {
            let problem =
                "needs a task before it that fetches the source, as `fetch-source` does".to_owned();
            let path = "changed".to_owned();
            d.problems
                .error(task.span, SpecError::BadWhen { path, problem });
            continue;
        };
        let result = format!("changed-{}", task.name);
        task.when.push(link::condition(
            &format!("$(tasks.{teller}.results.{result})"),
            true,
            &["true".to_owned()],
        ));
        let pathspec = |path: &String| match path.strip_prefix('/') {
            Some(path) => format!(":(top,glob){path}"),
            None => format!(":(glob){path}"),
        };
        changes.push(Change {
            variable: format!("CHANGED_{}", changes.len() + 1),
            result,
            paths: task
                .changed
                .iter()
                .map(pathspec)
                .collect::<Vec<_>>()
                .join("\n"),
        });
    }
    if let (Some(index), false) = (teller, changes.is_empty()) {
        let before = Value::from("$(params.before)");
        tasks[index].params.push(("before".to_owned(), before));
    }
    changes
}

/// What the one volume of a run allows. Gives whether downloads are kept on it.
pub(super) fn check_volume<'a>(
    d: &mut Decoder<'_>,
    tasks: impl Iterator<Item = &'a Task>,
    workspace: &Workspace,
) -> bool {
    let mut caches = false;
    for task in tasks {
        if !task.caches.is_empty() {
            caches = true;
            // A pod has one claim at most (Tekton's `coschedule: workspaces`), so downloads lie beside the source on it, and
            // outlive the run only where the claim does.
            if !workspace.shared {
                let error = SpecError::Needs {
                    key: "caches".to_owned(),
                    other: "workspace: {shared: true}".to_owned(),
                    why: "a claim of one run ends with it, and a task has one claim at most"
                        .to_owned(),
                };
                d.problems.error(task.span, error);
            }
        }
        let selects = task
            .placement
            .get("nodeSelector")
            .or(task.placement.get("affinity"));
        if selects.is_some() && task.uses_volume() {
            let name = task.name.clone();
            d.warn(task.span, SpecError::PlacedApart { name });
        }
    }
    caches
}

/// Where pull requests start runs, these deploy nothing: what deploys is skipped, and so is all that comes after it. Gives the
/// parameter that tells such a run, where it is needed.
pub(super) fn spare_deployments(d: &Decoder<'_>, tasks: &mut [Task]) -> Option<RunParam> {
    let (_, trigger) = d.app.variant("trigger")?;
    if d.context.environment.run != Run::Webhook || !trigger.flag("pullRequests") {
        return None;
    }
    let mut skipped: BTreeSet<String> = BTreeSet::new();
    loop {
        let next = tasks.iter().find(|task| {
            !skipped.contains(&task.name)
                && (task.deploys
                    || task.after.iter().any(|name| skipped.contains(name))
                    || link::takes_from(task).any(|(name, _)| skipped.contains(name)))
        });
        let Some(task) = next else { break };
        skipped.insert(task.name.clone());
    }
    for task in tasks.iter_mut().filter(|task| skipped.contains(&task.name)) {
        task.links.push(Link {
            origin: Origin::param("event"),
            goes: Goes::When(false, vec!["pull-request".to_owned()]),
            span: task.span,
        });
    }
    (!skipped.is_empty()).then(|| RunParam::built_in("event", "manual"))
}
