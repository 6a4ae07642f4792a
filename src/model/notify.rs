//! Who is told of what becomes of a deployment.

use serde::Serialize;

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
