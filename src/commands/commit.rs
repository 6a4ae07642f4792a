//! `gen commit`.

use clap::Args;

use super::args::{Output, Selection, reason};
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::commit::{CommitOptions, commit};
use crate::report::Format;

/// Render, commit the spec and clusters/, and push
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen commit                               render and commit, with a generated message\n  gen commit --push                        … and push; if the branch moved, render again on top\n  gen commit --branch raise-limits         push another branch, for a pull request\n  gen commit --env dev --app orders --push one app in one environment, as a pipeline does\n\nOnly what gen reads and writes is committed: gen.yaml and its includes, environments/, templates/,\nraw manifests, and gen's own files below clusters/. Your index and other edits stay."
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Commit {
    #[command(flatten)]
    selection: Selection,
    /// Commit message (default: generated from the changes)
    #[arg(short, long, value_name = "MSG", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    message: Option<String>,
    /// Why a gate was passed, kept as `Gen-Reason`
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// Push the commit; if the branch moved, render again on top of it
    #[arg(long)]
    push: bool,
    /// Push to this branch of the remote, for a pull request; your own branch stays
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Sign the commit, even without `commit.gpgSign`
    #[arg(long)]
    sign: bool,
    /// Commit even if the branch is behind its upstream
    #[arg(long, conflicts_with_all = ["push", "branch"])]
    allow_behind: bool,
    /// Show the commit, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Keep retrying a push for this long if others push first
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    retry_for: u64,
    /// Only warn of what Kubernetes or Tekton would refuse: Flux then stops at it, and applies nothing after it
    #[arg(long)]
    no_check: bool,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Commit {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let options = CommitOptions {
            selection: self.selection.names(),
            message: self.message.as_deref(),
            reason: self.reason.as_deref(),
            push: self.push || self.branch.is_some(),
            branch: self.branch.as_deref(),
            sign: self.sign,
            allow_behind: self.allow_behind,
            dry_run: self.dry_run,
            patience: self.retry_for,
            no_check: self.no_check,
        };
        let report = commit(&mut session.context(&workspace), &options)?;
        session.show(self.output.output, &report);
        Ok(Exit::Done)
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
