//! `gen init --from`: from an app's checkout to a spec to begin with.

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod hostile;
