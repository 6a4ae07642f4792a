//! An app whose image is ready, as a tag or digest in `image` says: nothing builds it or pushes over it.

use super::decoder::Decoder;
use super::draft::Draft;
use crate::diagnostics::SpecError;
use crate::environment::Run;
use crate::model::App;
use crate::name::image_parts;
use crate::yaml::Value;

/// Whether the spec names a tag or digest, or needs no image.
pub(super) fn is_ready(d: &Decoder<'_>) -> bool {
    let parts = d.app.text("image").and_then(image_parts);
    carries_only(d) || parts.is_some_and(|parts| parts.tag.is_some() || parts.digest.is_some())
}

/// Whether the app is raw manifests and nothing else: then there is no image.
pub(super) fn carries_only(d: &Decoder<'_>) -> bool {
    let is_none = d.app.variant("workload").is_some_and(|(word, _)| word == "none");
    is_none && d.app.get("image").is_none() && d.app.get("extra").is_some()
}

/// A task that runs here and would push over the image. Builders that only look an image up, or make one up, push nothing.
pub(super) fn refuse_builds(d: &mut Decoder<'_>, app: &App, tasks: &[Draft]) {
    if !app.image.ready {
        return;
    }
    for Draft { task, .. } in
        tasks.iter().filter(|draft| draft.task.builds && !draft.task.other_image)
    {
        let builder = task.settings.get("builder").and_then(Value::as_str);
        if !matches!(builder, Some("none" | "mock")) {
            let image = d.app.string("image").unwrap_or_default();
            let (name, task) = (app.image.name.clone(), task.name.clone());
            let span = d.app.span_of("image");
            d.error(span, SpecError::ReadyImageBuilt { image, task, name });
        }
    }
}

/// kaniko has no secrets that last for a build only: it would fail at the step of the Dockerfile that mounts one.
pub(super) fn refuse_build_secrets(d: &mut Decoder<'_>, app: &App, tasks: &[Draft]) {
    let by_kaniko = |draft: &Draft| {
        let builder = draft.task.settings.get("builder").and_then(Value::as_str);
        draft.task.builds && builder == Some("kaniko")
    };
    if !app.build.secrets.is_empty() && tasks.iter().any(by_kaniko) {
        let span = d.app.view("build").span_of("secrets");
        let why = "kaniko has no secrets of a build";
        d.needs(span, "build.secrets", "build-image: {builder: buildkit}", why);
    }
}

/// Only a task that works on the source needs one, if the image is ready. Otherwise the source is required anyway.
pub(super) fn require_source<'a>(
    d: &mut Decoder<'_>,
    app: &App,
    mut tasks: impl Iterator<Item = &'a Draft>,
) {
    if app.image.ready && app.source.url.is_empty() && tasks.any(|draft| draft.task.needs_source) {
        d.missing(app.span, "source", &format!("the app `{}`", d.name));
    }
}

/// Keys of the pipeline that such an app does without, because the pipeline is empty by default.
pub(super) fn tell_unused(d: &mut Decoder<'_>, app: &App) {
    if !app.image.ready || d.app.get("pipeline").is_some() {
        return;
    }
    for key in ["build", "finally", "trigger"] {
        let asked = d.app.get(key).is_some() && (key != "trigger" || app.run == Run::Webhook);
        if asked {
            let what = format!("`{key}` of `{}`", d.name);
            let why = "its image is ready, so it has no pipeline unless `pipeline` sets one";
            d.unmet(d.app.span_of(key), &what, why);
        }
    }
}
