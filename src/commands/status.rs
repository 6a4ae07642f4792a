//! `gen status`.

use clap::Args;

use super::args::{Kube, Output};
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::status::{StatusOptions, StatusReport, status};
use crate::report::Format;

/// Show the whole delivery: images, Flux, rollouts and runs
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen status\n  gen status --env staging --env prod\n  gen status shop                  its tasks, objects, events and what differs between environments\n  gen status shop --env dev --wait\n\nExit status: 0 nothing is wrong, 1 something is, 2 something could not be seen."
)]
pub struct Status {
    /// App; with it, its tasks, objects and events are shown, too
    #[arg(value_name = "APP")]
    app: Option<String>,
    /// Only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    environments: Vec<String>,
    /// Ask again until nothing is in progress
    #[arg(long)]
    wait: bool,
    /// Time for that
    #[arg(long, value_name = "DURATION", default_value = "10m", requires = "wait")]
    timeout: String,
    #[command(flatten)]
    kube: Kube,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Status {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let options = StatusOptions {
            environments: &self.environments,
            app: self.app.as_deref(),
            wait: self.wait.then_some(self.timeout.as_str()),
            target: &self.kube.target(),
        };
        let mut report = status(&mut session.context(&workspace), &options)?;
        report.width = session.screen.width();
        session.show(self.output.output, &report);
        Ok(exit(&report))
    }

    fn format(&self) -> Format {
        self.output.output
    }
}

fn exit(report: &StatusReport) -> Exit {
    match (report.is_wrong(), report.is_complete()) {
        (true, _) => Exit::Differences,
        (false, false) => Exit::Remote,
        (false, true) => Exit::Done,
    }
}
