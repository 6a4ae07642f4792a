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
        let report = init(&InitOptions {
            folder: &session.start()?.join(&self.folder),
            shown: &self.folder,
            demo: self.demo,
            full: self.full,
            ci: self.ci,
            with_tekton: self.with_tekton.as_deref(),
        })?;
        session.show(Format::Text, &report);
        Ok(Exit::Done)
    }
}
