//! `gen blame`: what set each field of a rendered object.
//!
//! Three sources tell: the steps by which the object was made (`manifests::traced`), the pins, and the lines of the spec that it depends
//! on (`cause`). The closest to a person wins: a pin or a patch, then a line of the spec, then a template of the user's own, then gen.

mod cause;
mod edit;
mod fields;
mod find;

pub use cause::Layer;

use cause::{Made, causes};
use fields::{Path, at, at_json, counterpart, is_within, leaves, same, shown};
use find::{Found, check_field, find};

use super::{Context, app_in};
use crate::change::Masker;
use crate::decode::catalogue;
use crate::diagnostics::{Diagnostics, Sources, Span};
use crate::fleet::{Fleet, Prepared, library};
use crate::kubernetes::Object;
use crate::manifests::{Before, Maker, Step, Traced, Unit, traced};
use crate::model::{App, Catalogue};
use crate::ops::mounted::filled;
use crate::ops::raw::Raw;
use crate::ops::rendering::unit_of;
use crate::yaml::Value;

/// The kind whose values are hidden wherever they stand.
const SECRET: &str = "Secret";

/// What set a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The app's own entry in the spec.
    App,
    /// gen.yaml, for all apps.
    Defaults,
    /// The environment's file.
    Environment,
    /// A pin.
    Pin,
    /// A patch.
    Patch,
    /// A manifest or Task that gen passes through.
    Manifest,
    /// A template of the user's.
    Template,
    /// gen: a built-in template, or what holds for every object.
    Gen,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Defaults => "defaults",
            Self::Environment => "environment",
            Self::Pin => "pin",
            Self::Patch => "patch",
            Self::Manifest => "manifest",
            Self::Template => "template",
            Self::Gen => "gen",
        }
    }
}

/// A place in a file of the repository, or in a built-in template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file; `(built in) NAME` for gen's own templates.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// A field with its origin.
#[derive(Debug, Clone)]
pub struct Field {
    /// The path, for people.
    pub path: String,
    /// The value, as JSON, without what looks secret; nothing for a Secret's.
    pub value: Option<String>,
    /// What set it.
    pub kind: Kind,
    /// The key in the spec, if it comes from there.
    pub key: Option<String>,
    /// Where; nothing for what gen adds to every object.
    pub place: Option<Place>,
    /// The line of the template that it went through.
    pub template: Option<Place>,
}

/// An object with the origins of its fields.
#[derive(Debug, Clone)]
pub struct BlameReport {
    /// The environment.
    pub environment: String,
    /// The app.
    pub app: String,
    /// Kind, namespace and name.
    pub object: String,
    /// Its file in the tree.
    pub file: String,
    /// The fields that were asked for.
    pub fields: Vec<Field>,
}

/// Traces an object, or one of its fields: `KIND/NAME[.field.path]`.
///
/// # Errors
/// Errors in the spec; an object or field that is not there.
pub fn blame(
    context: &mut Context<'_>,
    environment: &str,
    app: Option<&str>,
    what: &str,
) -> Result<BlameReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let prepared = fleet.select_environments(&[environment.to_owned()])?[0];
    if let Some(app) = app {
        app_in(&fleet, app, environment)?;
    }
    let Found { app, raw, index, path } = find((&fleet, prepared), context.workspace, app, what)?;
    let app = &*filled(app, &raw.mounted)?;
    let all = objects(&fleet, prepared, app, &raw)?;
    // The experiments take a while.
    check_field(&all[index].object, path, environment)?;
    let catalogue = tasks(context)?;
    let made = Made { fleet: &fleet, prepared, catalogue: &catalogue, app, raw: &raw };
    Ok(report(made, context.sources, &all, index, path))
}

/// The tasks of the catalogue. They were read before, so there is nothing new to say of them.
fn tasks(context: &Context<'_>) -> Result<Catalogue, Diagnostics> {
    let mut sources = Sources::default();
    let (library, _) = library(context.workspace, &mut sources)?;
    catalogue(library.tasks())
}

/// The objects of an app with the steps that made them.
///
/// # Errors
/// As in rendering.
pub fn objects(
    fleet: &Fleet,
    prepared: &Prepared,
    app: &App,
    raw: &Raw,
) -> Result<Vec<Traced>, Diagnostics> {
    let app = &*filled(app, &raw.mounted)?;
    let unit = Unit { traced: true, ..unit_of(fleet, prepared) };
    traced(unit, app, &raw.manifests, &Before::default())
}

fn report(
    made: Made<'_>,
    sources: &Sources,
    all: &[Traced],
    index: usize,
    path: &str,
) -> BlameReport {
    let one = &all[index];
    let value = one.object.value();
    let objects: Vec<Object> = all.iter().map(|one| one.object.clone()).collect();
    let causes = causes(made, &objects, index);
    let is_secret = one.object.kind() == SECRET;
    let masked = masked(&one.object);
    let mut fields = Vec::new();
    for (steps, value_of) in leaves(value) {
        if !is_within(value, &steps, path) {
            continue;
        }
        let found = origin(made.prepared, made.app, sources, one, &steps);
        let mut field = found.unwrap_or_else(|| Field::new(value, &steps, value_of));
        // What a template of the user's says by itself is its own, even in an object that a line of the spec asks for.
        let is_closer = |cause: &&cause::Cause| match field.kind {
            Kind::Gen => true,
            Kind::Template => !cause.only_there,
            _ => false,
        };
        if let Some(cause) = causes.get(&steps).filter(is_closer) {
            field.kind = match cause.layer {
                Layer::Root => Kind::Defaults,
                Layer::App => Kind::App,
                Layer::Environment => Kind::Environment,
            };
            field.key = Some(cause.key.clone());
            field.place = place(sources, cause.span);
        } else if field.kind == Kind::Gen && value_of.as_str() == Some(&made.app.name) {
            // Everything is called as the app is.
            let entry = made.fleet.spec.apps.get(&made.app.name);
            field.kind = Kind::App;
            field.place = entry.and_then(|entry| place(sources, entry.key_span));
        }
        let is_of_secret = is_secret && matches!(steps[0].as_str(), "data" | "stringData");
        field.value = at_json(&masked, &steps).filter(|_| !is_of_secret).map(ToString::to_string);
        fields.push(field);
    }
    let Made { prepared, app, .. } = made;
    BlameReport {
        environment: prepared.environment.name.clone(),
        app: app.name.clone(),
        object: one.object.identity().to_string(),
        file: format!("{}/{}", app.folder(), one.file),
        fields,
    }
}

/// An object without what looks secret. No object of an app holds a Secret's values in plain text, so none of them can stand elsewhere.
fn masked(object: &Object) -> serde_json::Value {
    let mut value = serde_json::to_value(object.value()).unwrap_or_default();
    Masker::default().value(object.kind(), &[], &mut value);
    value
}

impl Field {
    fn new(object: &Value, path: &Path, value: &Value) -> Self {
        Self {
            path: shown(object, path),
            value: Some(serde_json::to_string(value).unwrap_or_default()),
            kind: Kind::Gen,
            key: None,
            place: None,
            template: None,
        }
    }
}

/// The origins of all fields without the experiments of `cause`, and the paths of those that no step set.
#[must_use]
pub fn steps_of(
    prepared: &Prepared,
    app: &App,
    sources: &Sources,
    one: &Traced,
) -> (Vec<Field>, Vec<String>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (path, _) in leaves(one.object.value()) {
        match origin(prepared, app, sources, one, &path) {
            Some(field) => known.push(field),
            None => unknown.push(shown(one.object.value(), &path)),
        }
    }
    (known, unknown)
}

/// The origin of a field without the spec: the step that set it, and the pin that it holds.
fn origin(
    prepared: &Prepared,
    app: &App,
    sources: &Sources,
    one: &Traced,
    path: &Path,
) -> Option<Field> {
    let value = at(one.object.value(), path)?;
    let mut field = Field::new(one.object.value(), path, value);
    let step = setter(one, path, value)?;
    match &step.maker {
        Maker::Template(_, trace) => {
            // A later step may have put items before it.
            let path = counterpart(one.object.value(), path, &step.value)?;
            field.template = Some(place(sources, trace.place(&path)?)?);
            field.place.clone_from(&field.template);
            let is_own =
                field.place.as_ref().is_some_and(|place| place.file.starts_with("templates/"));
            field.kind = if is_own { Kind::Template } else { Kind::Gen };
        }
        Maker::Manifest(span) => {
            (field.kind, field.place) = (Kind::Manifest, place(sources, *span));
        }
        Maker::Patch(span) => (field.kind, field.place) = (Kind::Patch, place(sources, *span)),
        Maker::Labels | Maker::Gen => {}
    }
    if field.kind >= Kind::Template
        && let Some((pin, span)) = prepared.environment.pin(&app.name)
        && let Value::Str(text) = value
    {
        let image = pin.reference(&app.image.name);
        let pinned = [image.as_deref(), pin.version.as_deref(), pin.revision.as_deref()];
        if pinned.into_iter().flatten().any(|pinned| text == pinned) {
            (field.kind, field.place) = (Kind::Pin, place(sources, *span));
        }
    }
    Some(field)
}

/// The step after which a field always had its value.
fn setter<'s>(one: &'s Traced, path: &Path, value: &Value) -> Option<&'s Step> {
    let has = |step: &&Step| same(one.object.value(), path, &step.value) == Some(value);
    one.steps.iter().rev().take_while(has).last()
}

fn place(sources: &Sources, span: Span) -> Option<Place> {
    (!span.is_built_in()).then(|| Place {
        file: sources.file(span.file).path.to_string(),
        line: span.start.line as usize,
    })
}
