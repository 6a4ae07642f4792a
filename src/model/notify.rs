//! Notifications about deployments.

use serde::Serialize;

/// Notification channels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Notify {
    /// A Slack channel.
    pub slack: Option<Slack>,
    /// E-mail.
    pub email: Option<Email>,
    /// Services that Flux posts to.
    pub hooks: Vec<Hook>,
}

/// A Slack channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Slack {
    /// The channel.
    pub channel: String,
    /// The Secret with the signing key.
    pub secret: String,
    /// The URL to post to.
    pub address: String,
    /// Notify of successes, too.
    pub always: bool,
}

/// E-mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Email {
    /// The recipients.
    pub to: Vec<String>,
    /// The sender; if not set, the user name at the mail server.
    pub from: Option<String>,
    /// The Secret with the mail server and its credentials.
    pub secret: String,
    /// `starttls`, `implicit` or `none`.
    pub tls: String,
    /// Notify of successes, too.
    pub always: bool,
}

/// A service that Flux posts to, with its URL in a Secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Hook {
    /// `teams`, `discord` or `webhook`.
    pub name: String,
    /// Flux's name for it (notification-controller, Provider `spec.type`).
    pub provider: String,
    /// The Secret with its URL in the key `address`.
    pub secret: String,
    /// Notify of successes, too.
    pub always: bool,
}

impl Notify {
    /// Whether Flux sends any notification.
    #[must_use]
    pub fn by_flux(&self) -> bool {
        self.slack.is_some() || !self.hooks.is_empty()
    }
}
