//! gen: one spec becomes everything that Flux and Tekton need to deliver an application.
//!
//! Data flows one way: spec → environment → decode → model → manifests → tree → write, diff or commit. Everything up to `tree` is
//! pure; `workspace` (the disk), `cluster` and `git` are edges. See docs/design.md; `tests/system/layering.rs`
//! enforces the order.

pub mod app;
pub mod change;
pub mod check;
pub mod cluster;
pub mod commands;
pub mod decode;
pub mod diagnose;
pub mod diagnostics;
pub mod environment;
pub mod files;
pub mod fleet;
pub mod git;
pub mod graph;
pub mod import;
pub mod kubernetes;
pub mod manifests;
pub mod model;
pub mod name;
pub mod ops;
pub mod permissions;
pub mod propose;
pub mod registry;
pub mod report;
pub mod spec;
pub mod status;
pub mod template;
pub mod tree;
pub mod workspace;
pub mod yaml;
