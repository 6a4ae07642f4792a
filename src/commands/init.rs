//! `gen init`.

use std::path::PathBuf;

use clap::Args;

use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::init::{Ci, InitOptions, init};
use crate::report::Format;

/// Create a GitOps repository
#[derive(Debug, Args)]
pub struct Init {
    /// Folder, created if missing
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Also write the sample application's source
    #[arg(long)]
    demo: bool,
    /// Propose the spec from the checkout of an app, or of a repository with several; nothing in it is run
    #[arg(long, value_name = "CHECKOUT", conflicts_with_all = ["demo", "full"])]
    from: Option<PathBuf>,
    /// Sample with every stage: scans, tests, load, notifications, webhooks
    #[arg(long, requires = "demo")]
    full: bool,
    /// Also write a CI workflow that checks pull requests and renders what is merged; only that if gen.yaml exists
    #[arg(long, value_enum, value_name = "HOST")]
    ci: Option<Ci>,
    /// Also write manifests with which Flux installs Tekton Pipelines and Triggers; only that if gen.yaml exists
    #[arg(long, value_name = "CLUSTER", num_args = 0..=1, require_equals = true, default_missing_value = "homelab")]
    with_tekton: Option<String>,
}

impl Runnable for Init {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let start = session.start()?;
        let report = init(&InitOptions {
            folder: &start.join(&self.folder),
            shown: &self.folder,
            demo: self.demo,
            full: self.full,
            ci: self.ci,
            with_tekton: self.with_tekton.as_deref(),
            from: self.from.as_deref().map(|from| (start.as_path(), from)),
        })?;
        session.show(Format::Text, &report);
        Ok(Exit::Done)
    }
}
