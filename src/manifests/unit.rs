//! One app in one environment: from the model to the files of its folder, made by itself (`objects`) or cast from the mould of those
//! that are like it (`mould`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Shared;
use super::facts::Facts;
use super::files::{files, same, verify};
use super::likeness::Likeness;
use super::mould::{Cast, Mould};
use super::moulds::{Known, Moulds};
use super::objects::make;
use super::plan::{NamespacePlan, Plan};
use super::run;
use crate::diagnostics::Diagnostics;
use crate::environment::Environment;
use crate::kubernetes::patch::Patch;
use crate::model::{App, Pipeline, Task};
use crate::template::Engine;
use crate::tree::{Folder, Owner};

/// What is needed to render the units of an environment.
#[derive(Clone, Copy)]
pub struct Unit<'a> {
    /// The templates.
    pub engine: &'a Engine,
    /// The environment.
    pub environment: &'a Environment,
    /// Its namespaces.
    pub plan: &'a Plan,
    /// What its templates see.
    pub shared: &'a Shared,
    /// Its patches.
    pub patches: &'a [Patch],
    /// Some of the templates are the user's: they may look into what they like.
    pub own_templates: bool,
    /// Reads everything that is written back and compares.
    pub verify: bool,
}

impl<'a> Unit<'a> {
    /// Moulds, where an app may be cast from one: where all that could count what a word of the app is does not, or is not there.
    fn moulds(&self, app: &App, manifests: &[(String, Arc<str>)]) -> Option<&'a Moulds> {
        // A rule stands among others by what it names; a matrix and a variable that is carried are no part of what apps are like.
        let is_plain = |task: &Task| {
            task.permissions.is_empty() && task.carried.is_empty() && task.matrix_names.is_empty()
        };
        let fits = !self.own_templates
            && self.patches.is_empty()
            && manifests.is_empty()
            && app.permissions.is_empty()
            // The workload travels as a text, in which a word may need quotes.
            && !app.task_runs_workload()
            && app.pipeline.iter().flat_map(Pipeline::all).all(is_plain);
        fits.then_some(&*self.shared.moulds)
    }
}

/// Renders a unit; `manifests` are the raw manifests of the app, path and text.
///
/// # Errors
/// What templates, patches and raw manifests are wrong about.
pub fn unit(
    unit: Unit<'_>,
    app: &App,
    likeness: &Likeness,
    manifests: &[(String, Arc<str>)],
) -> Result<(Folder, Facts, Diagnostics), Diagnostics> {
    let moulds = unit.moulds(app, manifests);
    let known = moulds.and_then(|moulds| moulds.get(&likeness.key));
    let cast = match &known {
        Some(Known::Mould(mould)) => mould.cast(&app.environment, app.span, &likeness.words),
        _ => None,
    };
    if !unit.verify
        && let Some(cast) = cast
    {
        unit.shared.moulds.note_cast();
        return Ok((folder(app, cast.files), cast.facts, cast.warnings));
    }
    let own = unit.plan.own(app);
    let made = make(unit, app, run::committed_name(app), &own, manifests)?;
    let files = files(&app.environment, &made.placed, made.raw);
    if unit.verify {
        verify(&files, &made.placed)?;
        if let Some(cast) = cast {
            same(&cast.files, &files)?;
        }
    }
    let made = Cast {
        files,
        facts: made.facts,
        warnings: made.warnings,
    };
    if let Some(moulds) = moulds {
        match known {
            None => moulds.note(likeness.key, Known::One),
            Some(Known::One) if !moulds.is_full() => {
                let mould = mould(unit, likeness).filter(|mould| {
                    let cast = mould.cast(&app.environment, app.span, &likeness.words);
                    cast.as_ref() == Some(&made)
                });
                let known = mould.map_or(Known::Unlike, |mould| Known::Mould(Arc::new(mould)));
                moulds.note(likeness.key, known);
            }
            Some(_) => {}
        }
    }
    Ok((folder(app, made.files), made.facts, made.warnings))
}

/// The mould of an app and of those that are like it; nothing where rendering it says more than what it leaves out.
fn mould(unit: Unit<'_>, likeness: &Likeness) -> Option<Mould> {
    let app = &likeness.app;
    let own: Vec<&NamespacePlan> = likeness.own.iter().collect();
    let made = make(unit, app, likeness.run.clone(), &own, &[]).ok()?;
    let files = files(&app.environment, &made.placed, Vec::new());
    let namespaces = [&*app.namespace, &*app.pipeline_namespace];
    Mould::new(namespaces, &made.placed, files, &made.facts, &made.warnings)
}

fn folder(app: &App, files: BTreeMap<String, String>) -> Folder {
    Folder {
        path: format!("clusters/{}/{}/{}", app.cluster, app.environment, app.name),
        record: "gen.lock.json".to_owned(),
        owner: Owner {
            environment: app.environment.clone(),
            app: Some(app.name.clone()),
            retired: false,
        },
        files,
    }
}
