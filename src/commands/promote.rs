//! `gen promote`.

use clap::Args;

use super::args::{Kube, Output, reason};
use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::promote::{PromoteOptions, promote};
use crate::report::Format;

/// Promote the images of one environment to the next
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen promote --to staging                   everything pinned in the stage before\n  gen promote orders --to prod --check       show the promotion; exit 1 if there is any\n  gen promote orders --to prod --push        a branch and a pull request, or a commit (`promote.via`)\n  gen promote orders --to staging --image registry.example/shop/orders@sha256:…\n\n`--context` and `--kubeconfig` matter if the stage before has `deploy: kubectl`: its cluster knows the\nrunning images."
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Promote {
    /// Apps (default: all that are pinned in the stage before)
    #[arg(value_name = "APP", add = names::apps())]
    apps: Vec<String>,
    /// Environment to promote from (default: the stage before)
    #[arg(long, value_name = "ENV", add = names::environments())]
    from: Option<String>,
    /// Environment to promote to
    #[arg(long, value_name = "ENV", add = names::environments())]
    to: String,
    /// Write nothing; show the promotion and exit 1 if there is any
    #[arg(long)]
    check: bool,
    /// Skip a stage, promote what a failed run built, or with `--reason` pass the gate of the environment (`promote.gate`)
    #[arg(long)]
    force: bool,
    /// Why the gate is passed; the commit keeps it
    #[arg(long, value_name = "TEXT", requires = "force", value_parser = reason)]
    reason: Option<String>,
    /// Commit and push; to a separate branch if `promote.via` says so, the default for `prod`
    #[arg(long, conflicts_with = "check")]
    push: bool,
    /// Commit and push to this branch, for a pull request; the checkout stays as it was
    #[arg(long, value_name = "BRANCH", conflicts_with = "check")]
    branch: Option<String>,
    /// Image of the promoted app, if it is not pinned
    #[arg(long, value_name = "REF@DIGEST")]
    image: Option<String>,
    #[command(flatten)]
    kube: Kube,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Promote {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let options = PromoteOptions {
            apps: &self.apps,
            from: self.from.as_deref(),
            to: &self.to,
            check: self.check,
            force: self.force,
            reason: self.reason.as_deref(),
            push: self.push,
            branch: self.branch.as_deref(),
            image: self.image.as_deref(),
            target: &self.kube.target(),
        };
        let report = promote(&mut session.context(&workspace), &options)?;
        session.show(self.output.output, &report);
        Ok(if self.check && report.is_change() { Exit::Differences } else { Exit::Done })
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
