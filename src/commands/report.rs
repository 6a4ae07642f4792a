//! `gen report`.

use std::path::PathBuf;

use clap::Args;

use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::page::{page, write};
use crate::report::page_html;

/// Write an HTML report of the spec
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen report -o report.html                        all environments\n  gen report --env prod --against main -o pr.html  with what a branch changes\n\nThe page is a single file that loads nothing from the network: environments and\nimages, pipelines, what differs between environments and why, permissions,\nSecrets to create, findings of `gen check`, and the diff.\nNo value of a Secret is in it."
)]
pub struct Report {
    /// Only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environments: Vec<String>,
    /// Include the changes from a Git revision or a folder
    #[arg(long, value_name = "REF|DIR")]
    against: Option<String>,
    /// File (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Runnable for Report {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let start = session.start()?;
        let against = self.against.as_deref().map(|against| (against, start.as_path()));
        let report = page(&mut session.context(&workspace), &self.environments, against)?;
        if let Some(diff) = &report.diff {
            session.screen.diagnostics(&diff.problems, &session.sources);
        }
        let text = page_html(&report)?;
        match &self.output {
            Some(file) => write(&start.join(file), &text)?,
            None => drop(session.screen.data(&text)),
        }
        Ok(Exit::Done)
    }
}
