//! What tasks require of a run as a whole: built-in parameters, questions about changed paths, a suitable volume.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::draft::Draft;
use super::link::{Goes, Link, Origin};
use super::passing::condition;
use super::trigger::tries_pull_requests;
use crate::diagnostics::SpecError;
use crate::environment::Run;
use crate::model::{App, Change, RunParam, Task, Workspace};
use crate::yaml::Value;

/// Built-in parameters to declare because some task uses them.
pub(super) fn asked_for<'a>(
    app: &App,
    drafts: &(impl Iterator<Item = &'a Draft> + Clone),
) -> Vec<RunParam> {
    let built_in = [("before", ""), ("branch", &app.source.branch), ("event", "manual")];
    let is_used = |name: &str, draft: &Draft| {
        let mut links = draft.links.iter();
        links.any(|link| matches!(&link.origin, Origin::Param { name: used, .. } if used == name))
            || (name == "before" && !draft.task.changed.is_empty())
    };
    let used = built_in.into_iter().filter(|(name, _)| drafts.clone().any(|d| is_used(name, d)));
    used.map(|(name, default)| RunParam::built_in(name, default)).collect()
}

/// Whether something that runs here uses a built-in parameter.
pub(super) fn asks(tasks: &[Draft], at_end: &[Draft], changes: &[Change], name: &str) -> bool {
    let expression = format!("$(params.{name})");
    let is_it = |value: &Value| value.as_str() == Some(&expression);
    let asked = |Draft { task, .. }: &Draft| {
        let mut inputs = task.when.iter().filter_map(|when| when.get("input"));
        task.params.iter().any(|(_, value)| is_it(value)) || inputs.any(is_it)
    };
    tasks.iter().chain(at_end).any(asked) || (name == "before" && !changes.is_empty())
}

/// The questions about changed paths, and the conditions on the answers of the task that fetches the source.
pub(super) fn changes(
    d: &mut Decoder<'_>,
    tasks: &mut [Draft],
    at_end: &mut [Draft],
) -> Vec<Change> {
    let mut changes = Vec::new();
    let teller = tasks.iter().position(|draft| draft.tells_changes);
    let teller_name = teller.map(|index| tasks[index].task.name.clone());
    let drafts = tasks.iter_mut().chain(at_end);
    for Draft { task, .. } in drafts.filter(|draft| !draft.task.changed.is_empty()) {
        let Some(teller) = &teller_name else {
            let problem =
                "requires an earlier task that fetches the source, such as `fetch-source`"
                    .to_owned();
            let path = "changed".to_owned();
            d.error(task.span, SpecError::BadWhen { path, problem });
            continue;
        };
        let result = format!("changed-{}", task.name);
        let expression = format!("$(tasks.{teller}.results.{result})");
        task.when.push(condition(&expression, true, &["true".to_owned()]));
        let pathspec = |path: &String| match path.strip_prefix('/') {
            Some(path) => format!(":(top,glob){path}"),
            None => format!(":(glob){path}"),
        };
        let paths: Vec<String> = task.changed.iter().map(pathspec).collect();
        changes.push(Change {
            variable: format!("CHANGED_{}", changes.len() + 1),
            result,
            paths: paths.join("\n"),
        });
    }
    if let (Some(index), false) = (teller, changes.is_empty()) {
        let before = Value::from("$(params.before)");
        tasks[index].task.params.push(("before".to_owned(), before));
    }
    changes
}

/// Checks the tasks against the one volume of a run. Returns whether downloads are kept on it.
pub(super) fn check_volume<'a>(
    d: &mut Decoder<'_>,
    tasks: impl Iterator<Item = &'a Task>,
    workspace: &Workspace,
) -> bool {
    let mut caches = false;
    for task in tasks {
        if !task.caches.is_empty() {
            caches = true;
            // A pod has at most one claim (Tekton's `coschedule: workspaces`), so downloads are kept next to the source on it, and
            // outlive the run only if the claim does.
            if !workspace.shared {
                let why =
                    "the claim of a run is removed with it, and a task can use only one claim";
                d.needs(task.span, "caches", "workspace: {shared: true}", why);
            }
        }
        let selects = |key| task.placement.get(key).is_some();
        if (selects("nodeSelector") || selects("affinity")) && task.uses_volume() {
            let name = task.name.clone();
            d.warn(task.span, SpecError::PlacedApart { name });
        }
    }
    caches
}

/// Runs for pull requests deploy nothing: deploying tasks are skipped, and so are all after them. Returns the parameter that
/// marks such a run, if it is needed.
pub(super) fn spare_deployments(d: &Decoder<'_>, drafts: &mut [Draft]) -> Option<RunParam> {
    let (_, trigger) = d.app.variant("trigger")?;
    if d.context.environment.run != Run::Webhook || !tries_pull_requests(&trigger) {
        return None;
    }
    let mut skipped: BTreeSet<String> = BTreeSet::new();
    loop {
        let next = drafts.iter().find(|draft| {
            let is_skipped = |name: &str| skipped.contains(name);
            !is_skipped(&draft.task.name)
                && (draft.task.deploys
                    || draft.task.after.iter().any(|name| is_skipped(name))
                    || draft.takes_from().any(|(name, _)| is_skipped(name)))
        });
        let Some(draft) = next else { break };
        skipped.insert(draft.task.name.clone());
    }
    for draft in drafts {
        if skipped.contains(&draft.task.name) {
            draft.links.push(Link {
                origin: Origin::param("event"),
                goes: Goes::When(false, vec!["pull-request".to_owned()]),
                span: draft.task.span,
            });
        }
    }
    (!skipped.is_empty()).then(|| RunParam::built_in("event", "manual"))
}
