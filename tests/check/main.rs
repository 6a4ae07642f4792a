//! `gen check`: every rule finds what it is for and nothing else.

mod rules;
#[path = "../support/mod.rs"]
mod support;
mod trees;
