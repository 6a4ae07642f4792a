//! What gen says about clusters, shown on a real control plane: etcd, API server, controller manager and Flux of tests/cluster. It is started once
//! for all tests here, and ends with them. Needs `GEN_TEST_CLUSTER`, as `make test` sets it; docs/test-cluster.md lists its real and simulated parts.
#![allow(
    clippy::duplicate_mod,
    reason = "both kinds of support bring their own waits and skips along"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "says what was compared and what was not"
)]

mod access;
mod asked;
mod bring_up;
mod cluster;
mod compared;
mod defaults;
mod deploy;
mod deploy_processes;
mod diff;
mod edits;
mod ended;
mod endings;
mod expected;
mod faults;
mod fleet;
mod flux;
#[path = "../support/mod.rs"]
mod golden;
mod images;
mod imported;
mod installed;
mod journey;
mod life;
mod pace;
mod peer;
mod pitfalls;
mod plane;
mod pods;
mod proof;
mod proxy;
mod refused;
mod requests;
#[path = "../support/rule_cases.rs"]
mod rule_cases;
mod secrets;
mod speed;
mod standards;
mod strict;
#[path = "../system_support/mod.rs"]
mod support;
mod tekton;
