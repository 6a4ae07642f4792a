//! What gen does with git, by the real git program on real repositories.
#![allow(clippy::print_stdout, reason = "says how much was tried")]

mod commits;
mod hostile;
mod kills;
mod pushes;
mod refused;
mod repositories;
mod since;
mod snapshot;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod writers;
