//! `gen wait`.

use clap::Args;

use super::args::{AppIn, Kube};
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::wait::{WaitOptions, wait};
use crate::report::Format;

/// Wait until Flux has applied a commit and the app runs its image
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gen commit --env staging --push && gen wait orders --env staging\n\nIn a pod without a kubeconfig, it uses the pod's service account, which only needs to get the app's\nKustomization and its workload."
)]
pub struct Wait {
    #[command(flatten)]
    of: AppIn,
    /// Commit that Flux must have applied, or one after it
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    revision: String,
    /// Image that must run (default: the pinned one)
    #[arg(long, value_name = "REF@DIGEST")]
    image: Option<String>,
    /// Time for the rollout, after Flux has applied the commit
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: String,
    /// Time for everything, however long Flux takes
    #[arg(long, value_name = "DURATION")]
    at_most: Option<String>,
    #[command(flatten)]
    kube: Kube,
}

impl Runnable for Wait {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let options = WaitOptions {
            app: &self.of.app,
            environment: &self.of.environment,
            revision: &self.revision,
            image: self.image.as_deref(),
            timeout: &self.timeout,
            at_most: self.at_most.as_deref(),
            target: &self.kube.target(),
        };
        let report = wait(&mut session.context(&workspace), &options)?;
        session.show(Format::Text, &report);
        Ok(Exit::Done)
    }
}
