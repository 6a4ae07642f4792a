//! `gen import`.

use std::path::PathBuf;

use clap::Args;

use super::args::formats;
use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::import::{ImportOptions, import};
use crate::report::Format;

/// Make a spec from existing YAML, and prove what it would change
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen import manifests/ --into my-gitops   files, folders and lists become a spec\n  gen import manifests/ --dry-run          the verdicts, without writing anything\n\nEach object ends as: same, same and more, different, would be recreated, left outside.\nExit status: 0 nothing differs but what is new, 1 some objects do."
)]
pub struct Import {
    /// Files and folders of YAML or JSON
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Name of the environment
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments(), default_value = "prod")]
    environment: String,
    /// Folder of the new repository, created if missing
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
    /// Write nothing
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json, Format::Markdown]))]
    output: Format,
}

impl Runnable for Import {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let report = import(&ImportOptions {
            start: &session.start()?,
            paths: &self.paths,
            environment: &self.environment,
            into: &self.into,
            dry_run: self.dry_run,
        })?;
        session.show(self.output, &report);
        Ok(if report.changes() { Exit::Differences } else { Exit::Done })
    }

    fn format(&self) -> Format {
        self.output
    }
}
