//! The live cluster: what the API server has, and what it would make of the rendered tree. gen only reads and asks; every
//! change that is sent here is a dry-run.
//!
//! An edge: the one room with tokio, which stays inside. What the answers mean is said by [`crate::change::live`], which is pure.
//! What holds: every object that comes in ends in exactly one class, and a request that fails makes its objects not compared
//! rather than unchanged. Ctrl-C ends the program at once, as the system does it: nothing here has to be put in order.

mod ask;
mod cause;
mod compare;
mod comparison;
mod connection;
mod entry;
mod fetch;
mod judged;
mod kinds;
mod labelled;
mod namespaces;
mod object;
mod page;
mod plan;
mod problems;
mod prune;
mod recognize;
mod request;
mod rights;
pub mod rollout;
mod shared;
mod slim;

pub use compare::compare;
pub use comparison::{Comparison, Kustomizations, NoProgress, Options, Progress, Requests, Scope};
pub use connection::{Connection, Target};
pub use object::ObjectRef;
