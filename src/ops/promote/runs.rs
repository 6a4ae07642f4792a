//! How the runs of promoted images ended, where no gate asks for it.
//!
//! What failed or goes on is not promoted, unless forced. A cluster that cannot be asked, or has the run no more, holds nothing: that
//! would be a gate, and `promote.gate` is how to say so.

use std::collections::BTreeMap;
use std::time::Duration;

use super::PromoteOptions;
use super::asked::{Clusters, PIPELINE_RUNS, builder, list};
use super::proof::{Ended, run};
use super::stages::Stages;
use crate::cluster::{Looked, Options, look};
use crate::diagnostics::{Diagnostic, Diagnostics, PromoteError};
use crate::fleet::{Fleet, Prepared};
use crate::kubernetes::json::text;
use crate::model::App;
use crate::spec::Pin;

/// Nobody waits longer for what is only a precaution.
const PATIENCE: Duration = Duration::from_secs(15);

/// Asks how the run of each image ended, and refuses those that did not end well. Only a cluster that somebody named is asked, with
/// `context` of the environment or with a flag: the current context of kubectl may be any.
///
/// # Errors
/// GEN1126 for each such app, unless `--force` is given.
pub(super) fn pass(
    fleet: &Fleet,
    stages: Stages<'_>,
    args: &PromoteOptions<'_>,
    images: &[&(&App, Pin)],
    notes: &mut Vec<String>,
) -> Result<(), Diagnostics> {
    let mut clusters = Clusters::new(args, stages.from);
    let mut held = Diagnostics::default();
    for (stage, of_stage) in by_stage(fleet, stages, &clusters, images) {
        let runs = match runs(&mut clusters, stage, &of_stage) {
            Ok(runs) => runs,
            Err(why) => {
                notes.push(format!(
                    "how runs ended in {} is not known: {why}",
                    stage.environment.name
                ));
                continue;
            }
        };
        for (promoted, app, pin) in of_stage {
            let is_its = |run: &&serde_json::Value| {
                let label = ["metadata", "labels", "app.kubernetes.io/instance"];
                text(run, &label) == app.instance
                    && text(run, &["metadata", "namespace"]) == app.pipeline_namespace
            };
            let of_app: Vec<_> = runs.iter().filter(is_its).cloned().collect();
            let (app, env) = (promoted.name.clone(), stages.to.environment.name.clone());
            match run(pin, &of_app) {
                Ended::Well => {}
                Ended::NotWell(why) if args.force => {
                    notes.push(format!("{app} goes on to {env} all the same: {why}"));
                }
                Ended::NotWell(why) => {
                    let from = stage.environment.name.clone();
                    held.push(Diagnostic::error(PromoteError::NotWell { app, env, from, why }));
                }
                Ended::Unknown(why) => {
                    notes.push(format!("how the run that built {app} ended is not known: {why}"));
                }
            }
        }
    }
    if held.has_errors() { Err(held) } else { Ok(()) }
}

/// The promoted app, the same app in the stage that builds it, and the image.
type Built<'a> = (&'a App, &'a App, &'a Pin);

/// The images that a pipeline builds, by the stage that has it, in the order of the images.
fn by_stage<'a>(
    fleet: &'a Fleet,
    stages: Stages<'a>,
    clusters: &Clusters<'_>,
    images: &[&'a (&'a App, Pin)],
) -> Vec<(&'a Prepared, Vec<Built<'a>>)> {
    let mut all: BTreeMap<&str, (&Prepared, Vec<Built<'_>>)> = BTreeMap::new();
    for (promoted, pin) in images.iter().map(|one| (one.0, &one.1)) {
        if let Some((stage, app)) = builder(fleet, stages.from, &promoted.name)
            && pin.version.is_none()
            && clusters.target(stage).is_named()
        {
            let of_stage = all.entry(&stage.environment.name).or_insert((stage, Vec::new()));
            of_stage.1.push((promoted, app, pin));
        }
    }
    all.into_values().collect()
}

/// The runs of these apps in a stage's cluster, or why they cannot be seen. Lower case, no full stop.
fn runs(
    clusters: &mut Clusters<'_>,
    stage: &Prepared,
    apps: &[Built<'_>],
) -> Result<Vec<serde_json::Value>, String> {
    let said = |problems: Diagnostics| {
        let first = problems.iter().next().map(|problem| problem.kind.to_string());
        first.unwrap_or_default()
    };
    let connection = clusters.of(stage).map_err(said)?;
    let lists: Vec<_> =
        apps.iter().map(|(_, app, _)| list(app, PIPELINE_RUNS, &app.pipeline_namespace)).collect();
    let options = Options { deadline: PATIENCE, request_timeout: PATIENCE, ..Options::default() };
    let Looked { objects, unread, .. } =
        look(connection, &lists, &options).map_err(|error| said(error.into()))?;
    match unread.first() {
        Some(unread) => Err(format!("cannot see {}: {}", unread.what, unread.why)),
        None => Ok(objects),
    }
}
