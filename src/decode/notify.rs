//! Notifications about deployments.
//!
//! Flux reports on its Kustomizations with a Provider and an Alert; runs, which Flux does not see, are reported by a task at their
//! end.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::draft::{Draft, names};
use super::layout::Named;
use super::passing::condition;
use super::task;
use crate::model::{App, Email, Hook, Notify, Slack};
use crate::spec::View;

/// Reads `notify` of an app.
pub(super) fn read(d: &mut Decoder<'_>) -> Notify {
    let notify = d.app.view("notify");
    let slack = notify.view("slack");
    let email = notify.view("email");
    let mut need = |view: &View<'_>, way: &str, key: &str| {
        let text = d.required(view, &format!("notify.{way}"), key);
        text.unwrap_or_default()
    };
    let slack = slack.is_written().then(|| Slack {
        channel: need(&slack, "slack", "channel"),
        secret: need(&slack, "slack", "secret"),
        address: slack.string_or_default("address"),
        always: slack.text("on") != Some("failure"),
    });
    let email = email.is_written().then(|| {
        let to = email.texts("to");
        if to.is_empty() {
            need(&email, "email", "to");
        }
        Email {
            to,
            from: email.string("from"),
            secret: need(&email, "email", "secret"),
            tls: email.string_or_default("tls"),
            always: email.text("on") == Some("always"),
        }
    });
    let mut hooks = Vec::new();
    for name in ["teams", "discord", "webhook"] {
        let hook = notify.view(name);
        if hook.is_written() {
            let provider = match name {
                "teams" => "msteams",
                "webhook" if hook.flag("signed") => "generic-hmac",
                "webhook" => "generic",
                other => other,
            };
            hooks.push(Hook {
                name: name.to_owned(),
                provider: provider.to_owned(),
                secret: need(&hook, name, "secret"),
                always: hook.text("on") != Some("failure"),
            });
        }
    }
    Notify { slack, email, hooks }
}

/// The tasks at the end of a run that report on it: those of the catalogue that serve a channel of the app, unless the app lists
/// them itself.
pub(super) fn tasks(d: &mut Decoder<'_>, app: &App, at_end: &[Draft]) -> Vec<Draft> {
    let notify = d.app.view("notify");
    let mut tasks = Vec::new();
    for declaration in d.context.catalogue.iter() {
        let Some(way) = declaration.notifies.as_deref() else {
            continue;
        };
        let always = match way {
            "slack" => app.notify.slack.as_ref().map(|slack| slack.always),
            "email" => app.notify.email.as_ref().map(|email| email.always),
            _ => None,
        };
        let Some(always) = always else { continue };
        if names(at_end).any(|name| name == declaration.name) {
            continue;
        }
        let named = Named::plain(&declaration.name, notify.span_of(way));
        let Some(mut draft) = task::read(d, app, named, &[], &BTreeSet::new()) else {
            continue;
        };
        // It waits for nothing, and tries three times.
        "5m".clone_into(&mut draft.task.timeout);
        if !always {
            // `Completed`: some task was skipped and none failed. `None` is what a timeout or a cancelled run leaves.
            let well = ["Succeeded", "Completed"].map(str::to_owned);
            let failed = condition("$(tasks.status)", false, &well);
            draft.task.when.push(failed);
        }
        tasks.push(draft);
    }
    tasks
}
