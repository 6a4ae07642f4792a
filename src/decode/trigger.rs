//! The webhooks that start runs.

use super::bitbucket;
use super::decoder::Decoder;
use super::events::{Wanted, events};
use super::served;
use crate::environment::{Api, HookSecret, Listener, Run, Tls};
use crate::model::{App, Event, Trigger};
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
    check_views(d, word, &view);
    let events = wanted(d, app, word, view);
    if let Some(listener) = &environment.listener {
        return Some(behind(d, app, (word, view), events, listener));
    }
    // An EventListener's name is limited to 60 characters (Tekton Triggers, event_listener_validation.go).
    d.check_length(app.span, d.name, 60);
    let secret = HookSecret::read(&view.view("secret"), || format!("{}-webhook", d.name));
    Some(Trigger {
        host_kind: word.to_owned(),
        secret: secret.name,
        secret_key: secret.key,
        events: served::only_of(word, view.text("repository"), false, events),
        host: d.host(&view, "trigger.host"),
        tls: Tls::read(&view, || format!("{}-listener-tls", d.name)),
        listener: None,
    })
}

/// A trigger behind the environment's own listener.
fn behind(
    d: &mut Decoder<'_>,
    app: &App,
    (host, view): (&str, View<'_>),
    events: Vec<Event>,
    listener: &Listener,
) -> Trigger {
    for (key, why) in [
        ("secret", "the environment's listener checks the signatures for all apps"),
        ("host", "the environment's listener has one host for all apps"),
        ("tls", "the environment's listener has one host for all apps"),
    ] {
        if view.get(key).is_some() {
            d.excludes(view.span_of(key), &format!("trigger.{key}"), "listener", why);
        }
    }
    let repository = view.string("repository").or_else(|| {
        let found = served::repository(host, &app.source.url);
        if found.is_none() {
            let why = "the listener hears of many repositories, and the source's URL is not of the form OWNER/NAME";
            d.needs(app.span, "listener", "trigger.repository", why);
        }
        found
    });
    let secret = listener.secrets.get(host).cloned();
    let secret = secret.expect("the table has the same kinds of hosts in both places");
    Trigger {
        host_kind: host.to_owned(),
        secret: secret.name,
        secret_key: secret.key,
        events: served::only_of(host, repository.as_deref(), true, events),
        host: listener.host.clone(),
        tls: listener.tls.clone(),
        listener: Some(listener.namespace.clone()),
    }
}

/// The events that start a run.
fn wanted(d: &Decoder<'_>, app: &App, host: &str, view: View<'_>) -> Vec<Event> {
    let environment = d.context.environment;
    let mut branches = view.texts("branches");
    if branches.is_empty() {
        branches.push(app.source.branch.clone());
    }
    let folder = app.source.path.as_str();
    let mut paths = view.texts("paths");
    // Other apps of the repository hear of the same push.
    if environment.listener.is_some() && view.get("paths").is_none() && folder != "." {
        paths.push(format!("/{folder}"));
    }
    let includes = d.context.spec.root.get("include").and_then(Node::items).unwrap_or_default();
    let wanted = Wanted {
        host,
        view,
        branches,
        paths,
        folder,
        spec_folder: &environment.repository.path,
        includes: includes.iter().filter_map(Node::as_str).collect(),
    };
    bitbucket::events(&wanted).unwrap_or_else(|| events(&wanted))
}

fn check_views(d: &mut Decoder<'_>, host: &str, view: &View<'_>) {
    for key in ["branches", "tags", "comments"] {
        check_patterns(d, view, key);
    }
    refuse_unknown_to(d, host, view);
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
