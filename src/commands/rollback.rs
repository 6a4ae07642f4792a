//! `gen rollback`.

use clap::Args;

use super::args::{AppIn, Output};
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::rollback::{RollbackOptions, rollback};
use crate::report::Format;

/// Roll an app back to an earlier pin
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen rollback orders --env prod                    the pin before this one\n  gen rollback orders --env prod --to 1a2b3c4 --push\n  gen rollback orders --env prod --to sha256:5f70bf18\n\nOnly the pin goes back: the image, chart version and commit. The spec stays as it is: to undo a change of the spec, use `git revert`."
)]
pub struct Rollback {
    #[command(flatten)]
    of: AppIn,
    /// Earlier pin: a commit, an image digest, or -N for N pins back
    #[arg(long, value_name = "COMMIT|DIGEST|-N", default_value = "-1", allow_hyphen_values = true)]
    to: String,
    /// Write nothing; show the change and exit 1 if there is any
    #[arg(long)]
    check: bool,
    /// Commit and push; to a separate branch if `promote.via` says so, the default for `prod`
    #[arg(long, conflicts_with = "check")]
    push: bool,
    /// Commit and push to this branch, for a pull request; the checkout stays as it was
    #[arg(long, value_name = "BRANCH", conflicts_with = "check")]
    branch: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Rollback {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let options = RollbackOptions {
            app: &self.of.app,
            environment: &self.of.environment,
            to: &self.to,
            check: self.check,
            push: self.push,
            branch: self.branch.as_deref(),
        };
        let report = rollback(&mut session.context(&workspace), &options)?;
        session.show(self.output.output, &report);
        Ok(if self.check && report.is_change() { Exit::Differences } else { Exit::Done })
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
