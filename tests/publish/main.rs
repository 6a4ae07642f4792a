//! Publication against real folders: what gen writes, what it refuses, what it leaves behind when it is stopped.

#![allow(clippy::print_stderr)] // Skipped tests and soak runs say so.
#![allow(clippy::disallowed_methods)] // A test's own folders may go with everything in them.

mod cache;
mod edits;
mod faults;
mod full;
mod hostile;
mod kill;
mod locks;
mod reading;
mod support;
mod trees;
