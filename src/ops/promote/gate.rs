//! The gate of an environment: whether images may go on to it, by what the stage before shows of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::PromoteOptions;
use super::proof::{Shown, closed, holds};
use super::stages::Stages;
use crate::cluster::{Connection, Listing, Looked, Options, look};
use crate::diagnostics::{Diagnostic, Diagnostics, PromoteError};
use crate::environment::Gate;
use crate::kubernetes::json::text;
use crate::model::App;
use crate::spec::Pin;

/// Lets these images in, or says what holds them. With `--force` and a reason they pass, and a note says what held them.
///
/// # Errors
/// GEN1125 for each app that is held; no connection to the cluster of the stage before.
pub(super) fn pass(
    stages: Stages<'_>,
    args: &PromoteOptions<'_>,
    images: &[&(&App, Pin)],
    notes: &mut Vec<String>,
) -> Result<(), Diagnostics> {
    let gate = &stages.to.environment.gate;
    if images.is_empty() || *gate == Gate::default() {
        return Ok(());
    }
    let now = jiff::Timestamp::now();
    let closed = closed(gate, now);
    let mut all: BTreeMap<&str, Vec<String>> =
        images.iter().map(|(app, _)| (app.name.as_str(), closed.clone())).collect();
    if gate.run || gate.soak.is_some() {
        let shown = shown(stages, args, images)?;
        for (app, pin) in images {
            let why = match shown.get(app.name.as_str()) {
                Some(Ok(shown)) => holds(gate, pin, shown, now),
                Some(Err(why)) => vec![why.clone()],
                None => Vec::new(),
            };
            all.entry(&app.name).or_default().extend(why);
        }
    }
    let env = &stages.to.environment.name;
    let mut held = Diagnostics::default();
    for (app, why) in all.into_iter().filter(|(_, why)| !why.is_empty()) {
        let why = why.join("; ");
        if args.force && args.reason.is_some() {
            notes.push(format!("{app} passes the gate of {env} all the same: {why}"));
            continue;
        }
        let (app, env) = (app.to_owned(), env.clone());
        held.push(Diagnostic::error(PromoteError::Held { app, env, why }));
    }
    if held.has_errors() { Err(held) } else { Ok(()) }
}

/// What the stage before shows of each app, or why it does not.
fn shown<'a>(
    stages: Stages<'_>,
    args: &PromoteOptions<'_>,
    images: &[&(&'a App, Pin)],
) -> Result<BTreeMap<&'a str, Result<Shown, String>>, Diagnostics> {
    let environment = &stages.from.environment;
    let connection = Connection::open(&args.target.or(environment.context.as_ref()))?;
    let list = |app: &App, [group, version, kind, plural]: [&str; 4], namespace: &str| Listing {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespace: Some(namespace.to_owned()),
        selector: format!("app.kubernetes.io/instance={}", app.instance),
    };
    let mut all = BTreeMap::new();
    for (app, _) in images {
        let lists = [
            list(app, ["tekton.dev", "v1", "PipelineRun", "pipelineruns"], &app.pipeline_namespace),
            list(app, ["", "v1", "Pod", "pods"], &app.namespace),
        ];
        let Looked { objects, unread, .. } = look(&connection, &lists, &Options::default())?;
        let of_app = if let Some(unread) = unread.first() {
            Err(format!("cannot see {}: {}", unread.what, unread.why))
        } else {
            let is_run = |one: &Value| text(one, &["kind"]) == "PipelineRun";
            let (runs, pods) = objects.into_iter().partition(is_run);
            Ok(Shown { runs, pods })
        };
        all.insert(app.name.as_str(), of_app);
    }
    Ok(all)
}
