//! The tasks that run in this environment.

use std::collections::{BTreeMap, BTreeSet};

use super::decoder::Decoder;
use super::draft::Draft;
use super::inputs::missing_result;
use super::passing::condition;
use crate::diagnostics::SpecError;
use crate::environment::{Api, Deploy, Selection};
use crate::model::App;

/// Tasks that do not run here, with those that each would have waited for.
type LeftOut = BTreeMap<String, Vec<String>>;

/// The tasks that run in this environment, in order and in `finally`, each waiting only for others that do.
pub(super) fn select(
    d: &mut Decoder<'_>,
    app: &App,
    in_order: Vec<Draft>,
    last: Vec<Draft>,
) -> (Vec<Draft>, Vec<Draft>) {
    let selection = &d.context.environment.pipeline;
    let selected = |name: &str| match selection {
        Selection::All => true,
        Selection::None => false,
        Selection::Tasks(names) => names.iter().any(|(other, _)| other == name),
    };
    let mut left_out = LeftOut::new();
    let (mut tasks, mut at_end) = (Vec::new(), Vec::new());
    for mut draft in in_order {
        if selected(&draft.task.name) && !draft.elsewhere && runs_here(d, app, &draft, &tasks) {
            draft.share_source(&tasks);
            tasks.push(draft);
        } else {
            left_out.insert(draft.task.name, draft.task.after);
        }
    }
    leave_out(d, app, &mut tasks, &mut left_out);
    if tasks.is_empty() {
        return (tasks, at_end);
    }
    for mut draft in last.into_iter().filter(|draft| !draft.elsewhere) {
        if draft.task.rolls_back {
            // If no run deploys anything, there is nothing to restore.
            if !tasks.iter().any(|draft| draft.task.deploys) {
                continue;
            }
            let failed = ["Failed".to_owned()];
            let failed = condition("$(tasks.status)", true, &failed);
            draft.task.when.push(failed);
        }
        match lacking(&draft, &left_out).or_else(|| no_way_back(d, &draft)) {
            Some(why) => unmet(d, app, &draft, why),
            None => at_end.push(draft),
        }
    }
    for draft in &mut tasks {
        let after = draft.task.after.iter();
        let after: BTreeSet<_> = after.flat_map(|name| present(name, &left_out)).collect();
        draft.task.after = after.into_iter().collect();
    }
    (tasks, at_end)
}

fn unmet(d: &mut Decoder<'_>, app: &App, draft: &Draft, why: impl Into<String>) {
    let what = format!("the task `{}` of `{}`", draft.task.name, app.name);
    d.unmet(draft.task.span, &what, why);
}

/// Whether the app and the environment meet the requirements of the task; reports if not.
fn runs_here(d: &mut Decoder<'_>, app: &App, draft: &Draft, before: &[Draft]) -> bool {
    let task = &draft.task;
    let environment = d.context.environment;
    let lacks = |need: &&String| match need.as_str() {
        "port" => app.network.url.is_none(),
        _ => !app.has_program(),
    };
    let commits = task.deploys && environment.deploy == Deploy::Git;
    let by_policy = task.deploys && environment.deploy == Deploy::ImageAutomation;
    if task.approves && !environment.has(Api::Approval) {
        let why = "no controller here waits for people; without one, let a pull request decide, with `promotesFrom` and `promote: {via: branch}`";
        d.needs(task.span, "approve", "apis: [approval]", why);
        return false;
    }
    let why = if let Some(need) = task.requires.iter().find(lacks) {
        format!("the app has no {need}")
    } else if commits && !environment.images.contains_key("gen") {
        // A default task is left out; one from the spec is an error.
        if !task.span.is_built_in() {
            let task_name = task.name.clone();
            d.error(task.span, SpecError::NoGenImage { task: task_name });
            return false;
        }
        "no image with gen is set (`gen explain GEN0345`)".to_owned()
    } else if by_policy && !environment.has(Api::ImageAutomation) {
        "`apis` does not include `image-automation`".to_owned()
    } else if let Some(result) = missing_result(draft, before, app) {
        no_result(&result)
    } else {
        return true;
    };
    unmet(d, app, draft, why);
    false
}

/// The result that a task needs from one that does not run here.
fn lacking(draft: &Draft, left_out: &LeftOut) -> Option<String> {
    let mut taken = draft.takes_from();
    let (name, result) = taken.find(|(name, _)| left_out.contains_key(*name))?;
    Some(format!("it uses `{name}.{result}`, and `{name}` does not run here"))
}

/// Leaves out tasks that use results of those left out, until there are none.
fn leave_out(d: &mut Decoder<'_>, app: &App, tasks: &mut Vec<Draft>, left_out: &mut LeftOut) {
    let gone = |tasks: &[Draft], left_out: &LeftOut| {
        tasks.iter().enumerate().find_map(|(index, draft)| {
            let no_result = || Some(no_result(&missing_result(draft, &tasks[..index], app)?));
            Some((index, lacking(draft, left_out).or_else(no_result)?))
        })
    };
    while let Some((index, why)) = gone(tasks, left_out) {
        let draft = tasks.remove(index);
        unmet(d, app, &draft, why);
        left_out.insert(draft.task.name, draft.task.after);
    }
}

fn no_result(result: &str) -> String {
    format!("no earlier task has the result `{result}`, and no image is pinned")
}

/// A name that runs here, or those that the left-out task would have waited for.
fn present(name: &str, left_out: &LeftOut) -> Vec<String> {
    match left_out.get(name) {
        None => vec![name.to_owned()],
        Some(before) => before.iter().flat_map(|name| present(name, left_out)).collect(),
    }
}

/// Why a task cannot restore the previous release in this environment.
fn no_way_back(d: &Decoder<'_>, draft: &Draft) -> Option<String> {
    let environment = d.context.environment;
    let why = match environment.deploy {
        _ if !draft.task.rolls_back => return None,
        Deploy::ImageAutomation => "with `deploy: image-automation` Flux chooses the image",
        Deploy::Git if environment.promote_by_branch => {
            "a pull request decides what runs here (`promote: {via: branch}`)"
        }
        Deploy::Git | Deploy::Kubectl => return None,
    };
    Some(why.to_owned())
}
