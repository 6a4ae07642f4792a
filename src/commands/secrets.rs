//! `gen secrets`.

use std::path::PathBuf;

use clap::Args;

use super::args::{Output, Selection};
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::Target;
use crate::ops::secrets::{SecretsOptions, secrets};

/// List the Secrets that the cluster needs, and how to create them
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen secrets --env dev\n  gen secrets --env dev --live    show which of them are missing in the cluster\n\nThe commands name files in place of values: a value on a command line stays in the shell's history."
)]
pub struct Secrets {
    #[command(flatten)]
    selection: Selection,
    /// Look them up in the clusters; only their metadata is read, never a value
    #[arg(long)]
    live: bool,
    /// Kube context (default: the environment's)
    #[arg(long, value_name = "CONTEXT", requires = "live")]
    context: Option<String>,
    /// Kubeconfig (default: KUBECONFIG or ~/.kube/config)
    #[arg(long, value_name = "FILE", requires = "live")]
    kubeconfig: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Secrets {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let target = Target { kubeconfig: self.kubeconfig.clone(), context: self.context.clone() };
        let options =
            SecretsOptions { selection: self.selection.names(), live: self.live, target: &target };
        let report = secrets(&mut session.context(&workspace), &options)?;
        session.show(self.output.output, &report);
        session.screen.diagnostics(&report.problems, &session.sources);
        let exit = report.problems.exit();
        Ok(if !report.is_complete() {
            exit.worse(Exit::Remote)
        } else if report.lacks_any() {
            exit.worse(Exit::Differences)
        } else {
            exit
        })
    }
}
