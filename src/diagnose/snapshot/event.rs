//! An event, of either API.

use serde_json::Value;

use super::moment::{Time, time};
use super::thing::Thing;
use crate::kubernetes::json::text;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The kind of what it is about.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The reason.
    pub reason: String,
    /// The message.
    pub message: String,
    /// Whether it is a warning.
    pub is_warning: bool,
    /// When it happened last.
    pub time: Option<Time>,
}

impl Event {
    /// From the object.
    #[must_use]
    pub fn read(body: &Value) -> Self {
        let about = |key: &str| {
            let core = text(body, &["involvedObject", key]);
            if core.is_empty() { text(body, &["regarding", key]) } else { core }.to_owned()
        };
        let message = match text(body, &["message"]) {
            "" => text(body, &["note"]),
            message => message,
        };
        let times: [&[&str]; 6] = [
            &["lastTimestamp"],
            &["series", "lastObservedTime"],
            &["deprecatedLastTimestamp"],
            &["eventTime"],
            &["firstTimestamp"],
            &["metadata", "creationTimestamp"],
        ];
        Self {
            kind: about("kind"),
            namespace: about("namespace"),
            name: about("name"),
            reason: text(body, &["reason"]).to_owned(),
            message: message.to_owned(),
            is_warning: text(body, &["type"]) == "Warning",
            time: times.iter().find_map(|keys| time(text(body, keys))),
        }
    }

    /// Whether it is about an object.
    #[must_use]
    pub fn is_about(&self, thing: &Thing) -> bool {
        let is_near = self.namespace == thing.namespace
            || self.namespace.is_empty()
            || thing.namespace.is_empty();
        self.kind == thing.kind && self.name == thing.name && is_near
    }
}
