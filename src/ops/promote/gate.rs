//! The gate of an environment: whether images may go on to it, by what the stage before shows of them.

use std::collections::BTreeMap;

use super::PromoteOptions;
use super::proof::{Shown, closed, holds};
use super::stages::Stages;
use crate::cluster::{Connection, Listing, Looked, Options, Target, look};
use crate::diagnostics::{Diagnostic, Diagnostics, PromoteError};
use crate::environment::Gate;
use crate::fleet::{Fleet, Prepared};
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
    let mut clusters = Clusters { args, from: stages.from, open: Vec::new() };
    let mut all = BTreeMap::new();
    for (app, pin) in images {
        // Only what is wanted of it is asked for: each list is a right more.
        let mut wanted = Vec::new();
        let mut shown = Ok(Shown::default());
        if pin.version.is_some() {
            let kind = ["helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases"];
            wanted.extend(gate.soak.map(|_| (stages.from, list(app, kind, &app.namespace))));
        } else {
            let kind = ["tekton.dev", "v1", "PipelineRun", "pipelineruns"];
            if gate.run {
                if let Some((stage, app)) = builder(fleet, stages.from, &app.name) {
                    wanted.push((stage, list(app, kind, &app.pipeline_namespace)));
                } else {
                    shown = Err("no stage before has a pipeline of it".to_owned());
                }
            }
            let kind = ["", "v1", "Pod", "pods"];
            wanted.extend(gate.soak.map(|_| (stages.from, list(app, kind, &app.namespace))));
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

fn list(app: &App, [group, version, kind, plural]: [&str; 4], namespace: &str) -> Listing {
    Listing {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespace: Some(namespace.to_owned()),
        selector: format!("app.kubernetes.io/instance={}", app.instance),
    }
}

/// The nearest stage with a pipeline of an app, this one or before it.
fn builder<'f>(fleet: &'f Fleet, from: &Prepared, app: &str) -> Option<(&'f Prepared, &'f App)> {
    let mut at = Some(from.environment.name.as_str());
    while let Some(name) = at {
        let stage = fleet.environments.iter().find(|one| one.environment.name == name)?;
        let found = stage.apps.iter().find(|one| one.name == app && one.pipeline.is_some());
        if let Some(app) = found {
            return Some((stage, app));
        }
        at = stage.environment.promotes_from.as_deref();
    }
    None
}

/// The clusters of stages, each connected to once.
struct Clusters<'a> {
    args: &'a PromoteOptions<'a>,
    from: &'a Prepared,
    open: Vec<(Target, Connection)>,
}

impl Clusters<'_> {
    fn of(&mut self, stage: &Prepared) -> Result<&Connection, Diagnostics> {
        let context = stage.environment.context.as_ref();
        let asked = self.args.target;
        let is_from = stage.environment.name == self.from.environment.name;
        // `--context` is the cluster of the stage that the image comes from.
        let target = match context {
            Some(context) if !is_from => {
                Target { context: Some(context.clone()), kubeconfig: asked.kubeconfig.clone() }
            }
            _ => asked.or(context),
        };
        let known = self.open.iter().position(|(known, _)| *known == target);
        let at = if let Some(at) = known {
            at
        } else {
            let connection = Connection::open(&target)?;
            self.open.push((target, connection));
            self.open.len() - 1
        };
        Ok(&self.open[at].1)
    }
}
