//! Who is told of what becomes of a deployment.
//!
//! Flux tells of its Kustomizations by a Provider and an Alert; of a run, a task at its end tells, because Flux does not see runs.

use std::collections::BTreeSet;

use serde::Serialize;

use super::decode::Decoder;
use super::pipeline::Named;
use super::task::{self, Task};
use super::{App, link};
use crate::spec::View;

/// Everyone who is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Notify {
    /// A Slack channel.
    pub slack: Option<Slack>,
    /// E-mail.
    pub email: Option<Email>,
    /// Services that Flux posts to.
    pub hooks: Vec<Hook>,
}

/// A Slack channel that is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Slack {
    /// The channel.
    pub channel: String,
    /// The Secret with the token.
    pub secret: String,
    /// Where messages are posted.
    pub address: String,
    /// Also of successes.
    pub always: bool,
}

/// People who get mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Email {
    /// The addresses.
    pub to: Vec<String>,
    /// The sender; the user of the mail server where none is named.
    pub from: Option<String>,
    /// The Secret with the mail server and its credentials.
    pub secret: String,
    /// `starttls`, `implicit` or `none`.
    pub tls: String,
    /// Also of successes.
    pub always: bool,
}

/// A service whose address is in a Secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Hook {
    /// `teams`, `discord` or `webhook`.
    pub name: String,
    /// Flux's word for it (notification-controller, Provider `spec.type`).
    pub provider: String,
    /// The Secret with its `address`.
    pub secret: String,
    /// Also of successes.
    pub always: bool,
}

impl Notify {
    /// Whether Flux tells anyone.
    #[must_use]
    pub fn by_flux(&self) -> bool {
        self.slack.is_some() || !self.hooks.is_empty()
    }
}

/// Where Slack takes messages.
const SLACK: &str = "https://slack.com/api/chat.postMessage";

fn need(d: &mut Decoder<'_>, view: &View<'_>, way: &str, key: &str) -> String {
    view.string(key).unwrap_or_else(|| {
        let place = format!("notify.{way}");
        d.missing(
            view.span(),
            &format!("{place}.{key}"),
            &format!("`{place}`"),
        );
        String::new()
    })
}

/// Reads `notify` of an app.
pub(super) fn read(d: &mut Decoder<'_>) -> Notify {
    let notify = d.app.view("notify");
    let slack = notify.view("slack");
    let email = notify.view("email");
    let mut all = Notify::default();
    if slack.is_written() {
        all.slack = Some(Slack {
            channel: need(d, &slack, "slack", "channel"),
            secret: need(d, &slack, "slack", "secret"),
            address: slack.string("address").unwrap_or_else(|| SLACK.to_owned()),
            always: slack.text("on") != Some("failure"),
        });
    }
    if email.is_written() {
        let to = email.texts("to");
        if to.is_empty() {
            need(d, &email, "email", "to");
        }
        all.email = Some(Email {
            to,
            from: email.string("from"),
            secret: need(d, &email, "email", "secret"),
            tls: email.string("tls").unwrap_or_else(|| "starttls".to_owned()),
            always: email.text("on") == Some("always"),
        });
    }
    for name in ["teams", "discord", "webhook"] {
        let hook = notify.view(name);
        if hook.is_written() {
            let provider = match name {
                "teams" => "msteams",
                "webhook" if hook.flag("signed") => "generic-hmac",
                "webhook" => "generic",
                other => other,
            };
            all.hooks.push(Hook {
                name: name.to_owned(),
                provider: provider.to_owned(),
                secret: need(d, &hook, name, "secret"),
                always: hook.text("on") != Some("failure"),
            });
        }
    }
    all
}

/// The tasks at the end of a run that tell of it: those of the catalogue that serve a way which the app names, unless the app has
/// put one there itself.
pub(super) fn tasks(d: &mut Decoder<'_>, app: &App, at_end: &[Task]) -> Vec<Task> {
    let catalogue = d.context.catalogue;
    let mut tasks = Vec::new();
    for declaration in catalogue.iter() {
        let always = match declaration.notifies.as_deref() {
            Some("slack") => app.notify.slack.as_ref().map(|slack| slack.always),
            Some("email") => app.notify.email.as_ref().map(|email| email.always),
            _ => None,
        };
        let Some(always) = always else { continue };
        if at_end.iter().any(|task| task.name == declaration.name) {
            continue;
        }
        let view = d.app.view("notify");
        let named = Named {
            name: &declaration.name,
            settings: None,
            span: view.span_of(declaration.notifies.as_deref().unwrap_or_default()),
        };
        let Some(mut task) = task::read(d, app, named, &[], &BTreeSet::new()) else {
            continue;
        };
        // It waits for nobody, and tries three times.
        "5m".clone_into(&mut task.timeout);
        if !always {
            // `Completed`: some task was skipped and none failed. `None` is what a timeout or a cancelled run leaves.
            let well = ["Succeeded", "Completed"].map(str::to_owned);
            task.when
                .push(link::condition("$(tasks.status)", false, &well));
        }
        tasks.push(task);
    }
    tasks
}
