//! The objects of an app with what set their fields, step by step, for `gen blame`.

use std::sync::Arc;

use super::objects::make;
use super::retired::Before;
use super::steps::Step;
use super::unit::Unit;
use crate::diagnostics::Diagnostics;
use crate::kubernetes::Object;
use crate::model::App;

/// An object, and how it was made.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The object.
    pub object: Object,
    /// Its file, below the folder of its app.
    pub file: &'static str,
    /// The steps, at least one.
    pub steps: Vec<Step>,
}

/// The objects of a unit. Where `unit.traced` is not set, they have no steps.
///
/// # Errors
/// As [`super::unit`].
pub fn traced(
    unit: Unit<'_>,
    app: &App,
    manifests: &[(String, Arc<str>)],
    before: &Before,
) -> Result<Vec<Traced>, Diagnostics> {
    let made = make(unit, app, manifests, before)?;
    let object = |placed: super::files::Placed| Traced {
        file: placed.file.path(),
        object: placed.object,
        steps: placed.steps,
    };
    Ok(made.placed.into_iter().map(object).collect())
}
