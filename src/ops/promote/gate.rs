//! The gate of an environment: whether images may go on to it, by what the stage before shows of them.

use std::collections::BTreeMap;

use super::PromoteOptions;
use super::asked::{Clusters, HELM_RELEASES, PIPELINE_RUNS, PODS, builder, list};
use super::proof::{Shown, closed, holds};
use super::stages::Stages;
use crate::cluster::{Looked, Options, look};
use crate::diagnostics::{Diagnostic, Diagnostics, PromoteError};
use crate::environment::Gate;
use crate::fleet::Fleet;
use crate::model::App;
use crate::spec::Pin;

/// Lets these images in, or says what holds them. With `--force` and a reason they pass, and a note says what held them.
///
/// # Errors
/// GEN1125 for each app that is held; no connection to the cluster of a stage before.
pub(super) fn pass(
    fleet: &Fleet,
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
        let shown = shown(fleet, stages, args, images)?;
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

/// What the stages before show of each app, or why they do not. Pods are those of the stage that the image comes from; its run is in
/// the nearest one that has a pipeline of the app: one that only runs images has none.
fn shown<'a>(
    fleet: &Fleet,
    stages: Stages<'_>,
    args: &PromoteOptions<'_>,
    images: &[&(&'a App, Pin)],
) -> Result<BTreeMap<&'a str, Result<Shown, String>>, Diagnostics> {
    let gate = &stages.to.environment.gate;
    let mut clusters = Clusters::new(args, stages.from);
    let mut all = BTreeMap::new();
    for (app, pin) in images {
        // Only what is wanted of it is asked for: each list is a right more.
        let mut wanted = Vec::new();
        let mut shown = Ok(Shown::default());
        if pin.version.is_some() {
            wanted
                .extend(gate.soak.map(|_| (stages.from, list(app, HELM_RELEASES, &app.namespace))));
        } else {
            if gate.run {
                if let Some((stage, app)) = builder(fleet, stages.from, &app.name) {
                    wanted.push((stage, list(app, PIPELINE_RUNS, &app.pipeline_namespace)));
                } else {
                    shown = Err("no stage before has a pipeline of it".to_owned());
                }
            }
            wanted.extend(gate.soak.map(|_| (stages.from, list(app, PODS, &app.namespace))));
        }
        for (stage, list) in wanted {
            let connection = clusters.of(stage)?;
            let Looked { objects, unread, .. } =
                look(connection, std::slice::from_ref(&list), &Options::default())?;
            if let Some(unread) = unread.first() {
                shown = Err(format!("cannot see {}: {}", unread.what, unread.why));
            } else if let Ok(shown) = &mut shown {
                *shown.place(&list.kind) = objects;
            }
        }
        all.insert(app.name.as_str(), shown);
    }
    Ok(all)
}
