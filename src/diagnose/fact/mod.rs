//! What an object shows of its state: conditions, containers, events, and what comparing objects shows.

mod computed;
mod gather;
mod kind;
mod pod;

pub use gather::{facts, failed_at};
pub use kind::{Fact, Gravity};
