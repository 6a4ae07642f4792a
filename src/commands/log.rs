//! `gen log`.

use clap::Args;

use super::args::Output;
use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::log::log;
use crate::report::Format;

/// Show the deployment history
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen log                        the last commits that changed an environment\n  gen log orders --env prod      the images of orders in prod, and since when"
)]
pub struct Log {
    /// Only this app
    #[arg(add = names::apps())]
    app: Option<String>,
    /// Only this environment
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environment: Option<String>,
    /// Number of commits
    #[arg(short = 'n', value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    number: u32,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Log {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let (app, environment) = (self.app.as_deref(), self.environment.as_deref());
        let most = self.number as usize;
        let report = log(&mut session.context(&workspace), app, environment, most)?;
        session.show(self.output.output, &report);
        Ok(Exit::Done)
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
