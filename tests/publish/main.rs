//! Publication against real folders: what gen writes, what it refuses, what it leaves behind when it is stopped.

#![allow(clippy::print_stderr)] // Tests say how much they tried.
#![allow(dead_code, reason = "needs and wait hold what several test programs share")]
#![allow(clippy::disallowed_methods)] // A test's own folders may go with everything in them.

mod cache;
mod edits;
mod faults;
mod full;
mod hostile;
mod kill;
mod locks;
#[path = "../support/needs.rs"]
mod needs;
mod reading;
mod support;
mod trees;
#[path = "../support/wait.rs"]
mod wait;
