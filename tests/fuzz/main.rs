//! Random and broken input for everything that reads what strangers write: specs and scripts, templates, objects that are compared,
//! addresses and paths. Whatever comes, gen answers: no panic, no hang, no memory without end; and what it answers holds its laws.
//!
//! Input is made by changing what the golden cases hold, from a seed that is printed, so that a failure can be had again:
//! `GEN_FUZZ_SEED=N cargo test --test fuzz`. `make soak` tries far more.
#![allow(clippy::print_stdout, reason = "says what was tried")]
#![allow(
    clippy::duplicate_mod,
    reason = "both kinds of support bring their own waits and skips along"
)]

mod child;
mod corpus;
#[path = "../support/mod.rs"]
mod golden;
mod grammar;
mod mutate;
mod objects;
#[path = "../support/random.rs"]
mod random;
mod spec;
mod templates;

#[path = "../system_support/mod.rs"]
mod support;

use child::fuzz;

#[test]
fn specs() {
    fuzz("specs", 4_000);
}

#[test]
fn templates_and_renders() {
    fuzz("templates", 8_000);
}

#[test]
fn diffs_and_masking() {
    fuzz("objects", 5_000);
}

#[test]
fn addresses_refs_and_paths() {
    fuzz("grammar", 200_000);
}

/// Every detector sees what it is there for.
#[test]
fn what_is_looked_for_is_found() {
    for (target, says) in
        [("panics", "panicked"), ("hangs", "no answer"), ("grows", "memory"), ("leaks", "canary")]
    {
        let said = child::run(target, 1, 1).expect_err("the planted fault is found");
        assert!(said.contains(says), "{target}:\n{said}");
        assert!(said.contains("the input was"), "{target}:\n{said}");
    }
}
