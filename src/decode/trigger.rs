//! The webhooks that start runs.

use super::decoder::Decoder;
use super::events::{Wanted, events};
use crate::environment::{Api, Run, Tls};
use crate::model::{App, Trigger};
use crate::yaml::Node;

/// Reads `trigger`, if the environment starts runs by webhooks.
pub(super) fn read(d: &mut Decoder<'_>, app: &App) -> Option<Trigger> {
    let environment = d.context.environment;
    if environment.run != Run::Webhook || app.pipeline.is_none() {
        return None;
    }
    let what = format!("the trigger of `{}`", d.name);
    let Some((word, view)) = d.app.variant("trigger") else {
        let why = "no `trigger` is set for the app";
        d.unmet(app.span, &what, why);
        return None;
    };
    if !environment.has(Api::Triggers) {
        d.unmet(view.span(), &what, "`apis` does not include `triggers`");
        return None;
    }
    // An EventListener's name is limited to 60 characters (Tekton Triggers, event_listener_validation.go).
    d.check_length(app.span, d.name, 60);
    let mut branches = view.texts("branches");
    if branches.is_empty() {
        branches.push(app.source.branch.clone());
    }
    let secret = view.string("secret");
    Some(Trigger {
        host_kind: word.to_owned(),
        secret: secret.unwrap_or_else(|| format!("{}-webhook", d.name)),
        events: events(&Wanted {
            host: word,
            view,
            branches,
            folder: &app.source.path,
            spec_folder: &environment.repository.path,
            includes: d
                .context
                .spec
                .root
                .get("include")
                .and_then(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(Node::as_str)
                .collect(),
        }),
        host: d.host(&view, "trigger.host"),
        tls: Tls::read(&view, || format!("{}-listener-tls", d.name)),
    })
}
