//! The program as a process: what it says and ends with, what it leaves on the disk when it is killed, which files it touches.
#![allow(clippy::print_stdout, reason = "says what was tried and what was not")]

mod again;
mod cli;
mod completion;
mod crash;
mod determinism;
mod failures;
mod faults;
mod interrupts;
mod ownership;
#[path = "../system_support/mod.rs"]
mod support;
