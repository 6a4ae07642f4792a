//! Errors in tasks: keys that the template does not accept, keys that exclude each other, Tekton variables in the script.

use super::decoder::Decoder;
use super::layout::Named;
use crate::diagnostics::{SpecError, TemplateError};
use crate::model::{App, Declaration};
use crate::name::image_parts;
use crate::spec::View;

/// Keys that the template does not accept are an error instead of being ignored.
pub(super) fn refuse_untaken(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    declaration: &Declaration,
) {
    for (key, taken_as) in
        [("image", "script"), ("steps", "steps"), ("services", "services"), ("cache", "cache")]
    {
        let is_taken = declaration.takes_key(taken_as) || declaration.takes_key(key);
        if view.get(key).is_some() && !is_taken {
            let (name, problem) = (named.name.to_owned(), format!("does not accept `{key}`"));
            d.error(view.span_of(key), SpecError::OwnTask { name, problem });
        }
    }
}

/// What says which image a task is about: its own to build, or the task that builds it. Returns whether it builds another image than
/// the app's.
pub(super) fn other_image(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    declaration: &Declaration,
    app: &App,
) -> bool {
    let takes_image = declaration.inputs.iter().any(|input| input.value.contains("IMAGE_"));
    if view.get("of").is_some() && (!takes_image || declaration.deploys) {
        let problem = "does not accept `of`: it works on no image, or on the app's own".to_owned();
        let name = named.name.to_owned();
        d.error(view.span_of("of"), SpecError::OwnTask { name, problem });
    }
    if !declaration.builds {
        d.check_image(view);
        return false;
    }
    let Some(parts) = view.text("image").and_then(image_parts) else {
        return false;
    };
    let mut bad = |problem: &str| {
        let (name, problem) = (named.name.to_owned(), problem.to_owned());
        d.error(view.span_of("image"), SpecError::OwnTask { name, problem });
    };
    if parts.tag.is_some() || parts.digest.is_some() {
        bad("builds an image, whose name has no tag or digest; `tag` sets the tag");
    }
    parts.name != app.image.name
}

/// Keys for tasks rendered by gen.
const RENDERED: &[&str] =
    &["env", "steps", "services", "cache", "caches", "resources", "user", "readOnlyRoot"];

/// Keys for referenced tasks.
const REFERENCED: &[&str] = &["params", "workspaces"];

/// Keys without a meaning together, or for this kind of task.
pub(super) fn refuse_combinations(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    referenced: bool,
    is_own: bool,
) {
    if view.text("onError") == Some("continue") && view.int("retries").unwrap_or(0) > 0 {
        let why = "Tekton rejects retries of a task whose failure is ignored";
        d.excludes(view.span_of("onError"), "onError: continue", "retries", why);
    }
    // An approval says by itself what it does not have.
    if view.view("approve").is_written() {
        return;
    }
    let (wrong, needs) =
        if referenced { (RENDERED, "an image and a script") } else { (REFERENCED, "ref") };
    let is_wrong = |key: &&&str| view.get(key).is_some() && !(is_own && **key == "workspaces");
    for key in wrong.iter().filter(is_wrong) {
        let why = if referenced {
            format!("`{}` is a Task not rendered by gen", named.name)
        } else {
            format!("a task rendered by gen has no {key}; use `env`")
                .replace("params", "parameters")
        };
        d.needs(view.span_of(key), key, needs, &why);
    }
}

/// How variables of Tekton begin that it replaces in a script (its page `variables`).
const VARIABLES: [&str; 13] = [
    "$(params.",
    "$(params[",
    "$(tasks.",
    "$(context.",
    "$(results.",
    "$(results[",
    "$(workspaces.",
    "$(steps.",
    "$(step.",
    "$(artifacts.",
    "$(inputs.",
    "$(outputs.",
    "$(credentials.",
];

/// Tekton would replace a parameter inside a script as text, before the shell reads it.
pub(super) fn refuse_params_in_script(d: &mut Decoder<'_>, view: &View<'_>) {
    let script = view.text("script").unwrap_or_default();
    for word in VARIABLES {
        if let Some(start) = script.find(word) {
            let rest = &script[start..];
            let end = rest.find(')').map_or(rest.len(), |end| end + 1);
            let param = rest[..end].to_owned();
            let error = TemplateError::ParamInScript { param };
            d.problems.error(view.span_of("script"), error);
        }
    }
}
