//! `gen import`: from YAML that is there to a spec, with a verdict for each object.

#[path = "../support/random.rs"]
mod random;
#[path = "../support/mod.rs"]
mod support;

mod cases;
mod coverage;
mod generated;
mod hostile;
mod round;
mod watched;
mod writing;
