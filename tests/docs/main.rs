//! The documentation is kept true: its tables come from the program's own, its commands run, its outputs are what gen prints, its
//! links lead somewhere. `UPDATE=1` rewrites tables, outputs
//! and pictures.

#[path = "../support/mod.rs"]
mod support;

mod apps;
mod book;
mod check;
mod commands;
mod homelab;
mod import;
mod links;
mod man;
mod markup;
mod page;
mod pictures;
mod propose;
mod readme;
mod reference;
mod see;
mod site;
mod status;
mod stories;
mod terminal;
mod why;
