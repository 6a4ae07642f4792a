//! What each command of a tool asks the API server for.

mod flags;
pub(super) mod flux;
pub(super) mod kubectl;
pub(super) mod need;
pub(super) mod others;
pub(super) mod own;
