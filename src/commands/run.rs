//! `gen run`.

use clap::Args;

use super::args::AppIn;
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::run::{run, run_process};
use crate::report::{Format, Plain};

/// Print a PipelineRun or the Job of a process, for `kubectl create`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen run demo-app --env dev | kubectl create -f -\n  gen run shop --env prod --process reindex | kubectl create -f -"
)]
pub struct Run {
    #[command(flatten)]
    of: AppIn,
    /// Parameter of the pipeline
    #[arg(long = "param", short = 'p', value_name = "KEY=VALUE")]
    params: Vec<String>,
    /// The Job of this process instead of a PipelineRun
    #[arg(long, value_name = "NAME", conflicts_with = "params")]
    process: Option<String>,
}

impl Runnable for Run {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let AppIn { app, environment } = &self.of;
        let mut context = session.context(&workspace);
        let text = match &self.process {
            Some(process) => run_process(&mut context, app, environment, process)?,
            None => run(&mut context, app, environment, &self.params)?,
        };
        session.show(Format::Text, &Plain(text));
        Ok(Exit::Done)
    }
}
