//! The webhooks that start runs.

use super::bitbucket;
use super::decoder::Decoder;
use super::events::{Wanted, events};
use crate::environment::{Api, Run, Tls};
use crate::model::{App, Trigger};
use crate::name::Check;
use crate::spec::View;
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
    for key in ["branches", "tags", "comments"] {
        check_patterns(d, &view, key);
    }
    refuse_unknown_to(d, word, &view);
    let secret = view.view("secret");
    let wanted = Wanted {
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
    };
    let events = bitbucket::events(&wanted).unwrap_or_else(|| events(&wanted));
    Some(Trigger {
        host_kind: word.to_owned(),
        secret: secret.string("name").unwrap_or_else(|| format!("{}-webhook", d.name)),
        secret_key: secret.string_or_default("key"),
        events,
        host: d.host(&view, "trigger.host"),
        tls: Tls::read(&view, || format!("{}-listener-tls", d.name)),
    })
}

/// Names that a branch or tag can have, with wildcards; a comment is one line.
fn check_patterns(d: &mut Decoder<'_>, view: &View<'_>, key: &str) {
    for node in view.items(key) {
        let text = node.as_str().unwrap_or_default();
        if key == "comments" {
            if text.trim().is_empty() || text.trim() != text || text.contains(['\n', '\r']) {
                let why = "a comment is compared with a whole line, without the blanks around it";
                d.excludes(node.span, key, "blanks around it or several lines", why);
            }
        } else {
            Check::GitRef.check(&text.replace(['*', '?'], "x"), node.span, d.problems);
        }
    }
}

/// What the events of a host do not tell.
fn refuse_unknown_to(d: &mut Decoder<'_>, host: &str, view: &View<'_>) {
    let (keys, why): (&[&str], &str) = match host {
        "bitbucket" => (&["paths", "forks"], "its events name neither files nor whole commits"),
        "bitbucket-server" => (&["paths"], "its events name no files"),
        _ => return,
    };
    for key in keys.iter().filter(|key| view.get(key).is_some()) {
        d.excludes(view.span_of(key), &format!("trigger.{key}"), host, why);
    }
}

/// Whether runs start for pull requests.
pub(super) fn tries_pull_requests(view: &View<'_>) -> bool {
    view.flag("pullRequests") || !view.items("comments").is_empty()
}
