//! The live cluster: its objects, and the effect of the rendered tree on them. gen only reads; every
//! write request here is a dry run.
//!
//! An edge: the only room with tokio, which stays inside. Responses are interpreted by [`crate::change::live`], which is pure.
//! Invariants: every object ends in exactly one class, and a failed request makes its objects not compared
//! rather than unchanged. Ctrl-C ends the program at once: nothing here needs cleanup.

mod ask;
mod cause;
mod compare;
mod comparison;
mod connection;
mod contents;
mod discovery;
mod entry;
mod fetch;
mod inspect;
mod judged;
mod kinds;
mod labelled;
mod look;
mod namespaces;
mod object;
mod page;
mod plan;
mod presence;
mod problems;
mod prune;
mod recognize;
mod request;
mod reviews;
mod rights;
pub mod rollout;
mod shared;
mod slim;
mod survey;

pub use compare::compare;
pub use comparison::{Comparison, Kustomizations, NoProgress, Options, Progress, Requests, Scope};
pub use connection::{Connection, Target};
pub use contents::contents;
pub use inspect::{Facts, Question, inspect};
pub use look::{Listing, LogOf, Looked, Unread, logs, look};
pub use object::ObjectRef;
pub use presence::{Sought, Which};
pub use reviews::{Answers, Review};
pub use survey::{Survey, survey};
