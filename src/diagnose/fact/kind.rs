//! Something seen of an object.

use crate::diagnose::place::Place;
use crate::diagnose::snapshot::Time;

/// How a fact counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Something is wrong.
    Bad,
    /// It goes on.
    Busy,
    /// All is well.
    Well,
}

/// Something seen of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Where it was seen.
    pub place: Place,
    /// How it counts.
    pub gravity: Gravity,
    /// The reason, as the controllers write it.
    pub reason: String,
    /// The message.
    pub message: String,
    /// The status of a condition.
    pub status: String,
    /// When.
    pub time: Option<Time>,
    /// The container, if it is of one.
    pub container: String,
}

impl Fact {
    /// A fact without a container.
    pub(in crate::diagnose) fn new(
        place: Place,
        gravity: Gravity,
        reason: &str,
        message: &str,
    ) -> Self {
        Self {
            place,
            gravity,
            reason: reason.to_owned(),
            message: message.to_owned(),
            status: String::new(),
            time: None,
            container: String::new(),
        }
    }

    /// A line of a log.
    pub(in crate::diagnose) fn line(message: &str, at: Option<Time>, container: &str) -> Self {
        let container = container.to_owned();
        Self { time: at, container, ..Self::new(Place::Log, Gravity::Bad, "", message) }
    }
}
