//! One app in one environment: from the model to the files of its folder.

use std::sync::Arc;

use super::context::Shared;
use super::facts::Facts;
use super::files::{Placed, files, verify};
use super::objects::make;
use super::plan::Plan;
use super::retired::Before;
use crate::check::Gate;
use crate::diagnostics::Diagnostics;
use crate::environment::Environment;
use crate::kubernetes::definitions::Definitions;
use crate::kubernetes::patch::Patches;
use crate::model::App;
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
    pub patches: &'a Patches,
    /// What the repository adds to gen's own definitions of kinds.
    pub definitions: &'a Definitions,
    /// Reads everything that is written back and compares.
    pub verify: bool,
    /// Judges what is written.
    pub gate: Option<&'a Gate>,
    /// Hands the objects over, too.
    pub keep: bool,
    /// Notes how each object is made.
    pub traced: bool,
}

/// Renders a unit; `manifests` are the raw manifests of the app, path and text; `before` is what it could delete until now.
///
/// # Errors
/// What templates, patches and raw manifests are wrong about.
pub fn unit(
    unit: Unit<'_>,
    app: &App,
    manifests: &[(String, Arc<str>)],
    before: &Before,
) -> Result<(Folder, Facts, Diagnostics), Diagnostics> {
    let mut made = make(unit, app, manifests, before)?;
    let files = files(&app.environment, &made.placed, made.raw);
    if unit.verify {
        verify(&files, &made.placed)?;
    }
    if unit.keep {
        let placed = made.placed.into_iter();
        made.facts.objects =
            placed.map(|Placed { file, object, .. }| (file.path(), object)).collect();
    }
    let folder = Folder {
        path: app.folder(),
        record: "gen.lock.json".to_owned(),
        owner: Owner {
            environment: app.environment.clone(),
            app: Some(app.name.clone()),
            retired: false,
        },
        files,
    };
    Ok((folder, made.facts, made.warnings))
}
