//! The whole delivery on a real node: what gen renders is applied by Flux, its pipeline runs in pods, builds, deploys and tests the demo
//! application, and what it deploys answers. Run by `make e2e` (tests/tools/e2e), which makes the namespaces, images and programs for it;
//! anywhere else they are ignored.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tells the story as it goes")]

mod accounts;
mod apps;
#[path = "../live/cluster.rs"]
mod cluster;
mod delivery;
mod difference;
mod failures;
#[path = "../live/flux.rs"]
mod flux;
mod homelab;
mod images;
mod node;
#[path = "../live/requests.rs"]
mod requests;
mod run;
mod semantics;
mod stages;
mod stopped;
mod story;
#[path = "../system_support/mod.rs"]
mod support;
mod tekton;
mod webhook;
