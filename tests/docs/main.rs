//! The documentation is kept true: its tables come from the program's own, its commands run, its outputs are what gen prints, its
//! links lead somewhere. `UPDATE=1` rewrites tables and outputs.

mod apps;
mod check;
mod commands;
mod homelab;
mod import;
mod links;
mod man;
mod page;
mod propose;
mod readme;
mod reference;
mod see;
mod status;
mod why;
