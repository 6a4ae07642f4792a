//! From what is seen in a cluster to the first cause of a failure, and its cure.
//!
//! A [`Snapshot`] is pure data: objects, events, ends of logs. [`diagnose`] walks it from the symptom to the first cause: the earliest
//! failure that others follow from. What a failure looks like is data, too: the tables in signatures/, a file a component; adding a
//! signature touches no code. Nothing here asks a cluster, reads a file or a clock.

mod blanks;
mod certainty;
mod diagnosis;
mod fact;
mod mask;
mod place;
mod read;
pub mod reference;
mod rights;
mod signature;
mod snapshot;
mod walk;

pub use certainty::Certainty;
pub use diagnosis::{Cure, Diagnosis, Evidence, Link, Ref, Report, State, Weight, Well};
pub use mask::Mask;
pub use place::Place;
pub use read::{line, read};
pub use rights::{Denied, denied, role};
pub use signature::{Component, Role, Signature, signature, signatures};
pub use snapshot::{
    Condition, Event, LeftOut, Line, Log, Origin, Snapshot, Thing, Time, Unseen, time,
};
pub use walk::{Subject, diagnose, wanted_logs};
