//! `gen check`: every rule finds what it is for and nothing else.

mod live;
mod rules;
mod server;
mod shellcheck;
#[path = "../support/mod.rs"]
mod support;
mod trees;
