//! `gen status`: what is told of a delivery, in few requests, at any size, and with whatever may be read.

mod command;
mod objects;
mod pure;
#[path = "../support/mod.rs"]
mod support;
mod watch;
