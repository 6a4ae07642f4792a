//! What a person sees of a spec: the origin of every field, graphs, and the page with everything.

mod blame;
mod browser;
mod chromium;
mod graph;
mod page;
#[path = "../support/mod.rs"]
mod support;
