//! `gen status`.

use clap::Args;

use super::args::{Kube, formats};
use super::{Runnable, Session, names};
use crate::diagnostics::{Diagnostics, Exit, UsageError};
use crate::ops::Context;
use crate::ops::status::{StatusOptions, StatusReport, status, watch};
use crate::report::{Format, Watched};
use crate::workspace::Workspace;

/// Show the status of all apps: images, Flux, rollouts and runs
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen status\n  gen status --env staging --env prod\n  gen status shop                  its tasks, objects, events and what differs between environments\n  gen status shop --env dev --wait\n  gen status --watch\n\nExit status: 0 nothing failed, 1 something did, 2 something could not be read."
)]
pub struct Status {
    /// App: also show its tasks, objects and events
    #[arg(value_name = "APP", add = names::apps())]
    app: Option<String>,
    /// Only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environments: Vec<String>,
    /// Wait until nothing is in progress
    #[arg(long, group = "until")]
    wait: bool,
    /// Show changes as they happen, until ctrl-c
    #[arg(long, group = "until")]
    watch: bool,
    /// Timeout of `--wait` (default: 10m) or `--watch` (default: none)
    #[arg(long, value_name = "DURATION", requires = "until")]
    timeout: Option<String>,
    #[command(flatten)]
    kube: Kube,
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json, Format::Html]))]
    output: Format,
}

impl Runnable for Status {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let options = StatusOptions {
            environments: &self.environments,
            app: self.app.as_deref(),
            wait: self.wait.then(|| self.timeout.as_deref().unwrap_or("10m")),
            target: &self.kube.target(),
        };
        if self.watch {
            if self.output == Format::Html {
                return Err(Diagnostics::from(UsageError::WatchedPage {}).into());
            }
            return self.follow(session, &workspace, &options);
        }
        let mut report = status(&mut session.context(&workspace), &options)?;
        report.width = session.screen.width();
        session.show(self.output, &report);
        Ok(exit(&report))
    }

    fn format(&self) -> Format {
        self.output
    }
}

impl Status {
    /// Shows each answer: in place on a terminal, else a line for each change.
    fn follow(
        &self,
        session: &mut Session,
        workspace: &Workspace,
        options: &StatusOptions<'_>,
    ) -> anyhow::Result<Exit> {
        let (screen, format) = (&session.screen, self.output);
        let is_frame = screen.is_drawn() && format == Format::Text;
        let mut watched = Watched::default();
        let mut show = |report: &mut StatusReport| {
            report.width = if is_frame { screen.columns() } else { screen.width() };
            let style = screen.style(false);
            let text = if is_frame {
                Watched::frame(report, style, (screen.columns(), screen.height()))
            } else {
                watched.changes(report, format, style)
            };
            screen.data(&text)
        };
        let mut context = Context { workspace, sources: &mut session.sources, watch: screen };
        let report = watch(&mut context, options, self.timeout.as_deref(), &mut show)?;
        Ok(exit(&report))
    }
}

fn exit(report: &StatusReport) -> Exit {
    match (report.is_wrong(), report.is_complete()) {
        (true, _) => Exit::Differences,
        (false, false) => Exit::Remote,
        (false, true) => Exit::Done,
    }
}
