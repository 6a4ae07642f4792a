//! The steps of every stage, run for real: the script that was rendered, in the shells of the images, against servers on this
//! machine that stand in for a Git host, a mail server, Slack and a registry. A test that lacks a program is skipped (tests/support/needs.rs).
#![allow(clippy::print_stdout, reason = "says what was tried and what was not")]

mod automation;
mod buildkit;
mod builds;
mod checks;
mod docker;
mod dockerfile;
mod fetch;
mod images;
mod load;
mod notify;
mod payloads;
mod registry;
mod runs;
mod scans;
mod server;
mod shells;
mod skopeo;
#[path = "../system_support/mod.rs"]
mod support;
mod trivy;

use serde_json::Value;
use support::{Rendered, Repo};

/// An app with a pipeline, rendered; `more` are lines below the app, indented by four.
fn rendered(pipeline: &str, more: &str) -> Vec<Rendered> {
    rendered_in("deploy: kubectl\n", pipeline, more)
}

/// The same in an environment with these keys.
fn rendered_in(environment: &str, pipeline: &str, more: &str) -> Vec<Rendered> {
    let repo = Repo::empty();
    let spec = format!(
        "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: {{url: https://git.example/team/shop.git, secret: git}}\n    image: registry.example/team/shop\n    port: 8080\n    pipeline: {pipeline}\n{more}"
    );
    repo.write("gen.yaml", spec);
    repo.write("environments/dev.yaml", environment);
    repo.render();
    repo.objects()
}

/// A Task of a tree.
#[track_caller]
fn task<'a>(objects: &'a [Rendered], name: &str) -> &'a Value {
    let task = objects.iter().find(|object| object.kind() == "Task" && object.name() == name);
    &task.unwrap_or_else(|| panic!("no Task {name}")).value
}
