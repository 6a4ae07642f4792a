//! How an image comes to an environment: pins, promotion, and what is told of it afterwards. Every test runs the real program.

#[path = "../support/mod.rs"]
mod support;

mod automation;
mod deploy;
mod gate;
mod git;
mod log;
mod promote;
mod rollback;
mod secrets;
mod server;
mod set;
mod wait;
