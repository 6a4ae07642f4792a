//! `gen run`.

use clap::Args;

use super::args::AppIn;
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::run::run;
use crate::report::{Format, Plain};

/// Print a PipelineRun for `kubectl create -f -`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gen run demo-app --env dev | kubectl create -f -")]
pub struct Run {
    #[command(flatten)]
    of: AppIn,
    /// Parameter of the pipeline
    #[arg(long = "param", short = 'p', value_name = "KEY=VALUE")]
    params: Vec<String>,
}

impl Runnable for Run {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let AppIn { app, environment } = &self.of;
        let text = run(&mut session.context(&workspace), app, environment, &self.params)?;
        session.show(Format::Text, &Plain(text));
        Ok(Exit::Done)
    }
}
