//! `gen render`.

use clap::Args;

use super::args::{Output, Selection};
use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::render::{RenderOptions, render, stream};
use crate::report::{Format, Plain};

/// Render the spec into clusters/
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen render --env staging --app orders    write one app in one environment\n  gen render --check -o json               list the differences, for a program\n  gen render --stdout | kubectl apply --dry-run=server -f -"
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Render {
    #[command(flatten)]
    selection: Selection,
    /// Write nothing; show a diff and exit 1 if clusters/ is out of date
    #[arg(long, conflicts_with_all = ["force", "stdout"])]
    check: bool,
    /// Write nothing; print all objects as one YAML stream
    #[arg(long, conflicts_with = "force")]
    stdout: bool,
    /// Overwrite files that were edited by hand or are in the way
    #[arg(long)]
    force: bool,
    /// Allow apps, environments and pinned workloads to be removed
    #[arg(long)]
    allow_removals: bool,
    /// Drop the last traces of a removed app, once Flux has pruned its objects
    #[arg(long, value_name = "APP", add = names::apps())]
    forget: Vec<String>,
    /// Render everything anew, read it back and compare
    #[arg(long)]
    verify: bool,
    /// Only warn of what Kubernetes or Tekton would refuse: Flux then stops at it, and applies nothing after it
    #[arg(long)]
    no_check: bool,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Render {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let mut context = session.context(&workspace);
        let options = RenderOptions {
            selection: self.selection.names(),
            check: self.check,
            force: self.force,
            allow_removals: self.allow_removals,
            forget: &self.forget,
            verify: self.verify,
            no_check: self.no_check,
        };
        if self.stdout {
            let text = stream(&mut context, &options)?;
            session.show(Format::Text, &Plain(text));
            return Ok(Exit::Done);
        }
        let report = render(&mut context, &options)?;
        session.show(self.output.output, &report);
        Ok(if report.differs.is_empty() { Exit::Done } else { Exit::Differences })
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
