//! `gen import`.

use std::path::PathBuf;

use clap::Args;

use super::args::formats;
use super::{Runnable, Session, names};
use crate::diagnostics::{Diagnostics, Exit};
use crate::ops::diff::{DiffOptions, diff};
use crate::ops::import::{From, ImportOptions, import};
use crate::ops::{Selection, Target};
use crate::report::Format;
use crate::workspace::Workspace;

/// Make a spec from existing YAML, and prove what it would change
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen import manifests/ --into my-gitops   files, folders and lists become a spec\n  gen import manifests/ --dry-run          the verdicts, without writing anything\n  gen import --live shop --into my-gitops  what is in a namespace of the cluster\n\nEach object ends as: same, same and more, different, would be recreated, left outside.\nExit status: 0 nothing differs but what is new, 1 some objects do,\n2 not everything in the namespace could be read or compared.\nFiles that cannot be read are listed, and do not change it."
)]
pub struct Import {
    /// Files and folders of YAML or JSON
    #[arg(value_name = "PATH", required_unless_present = "live")]
    paths: Vec<PathBuf>,
    /// Import what is in a namespace of the cluster instead
    #[arg(long, value_name = "NAMESPACE", conflicts_with = "paths")]
    live: Option<String>,
    /// Kube context (default: the current one)
    #[arg(long, value_name = "CONTEXT", requires = "live")]
    context: Option<String>,
    /// Kubeconfig (default: KUBECONFIG or ~/.kube/config)
    #[arg(long, value_name = "FILE", requires = "live")]
    kubeconfig: Option<PathBuf>,
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
        let start = session.start()?;
        let target = Target { kubeconfig: self.kubeconfig.clone(), context: self.context.clone() };
        let from = match &self.live {
            Some(namespace) => From::Namespace(namespace, &target),
            None => From::Paths(&self.paths),
        };
        let mut report = import(&ImportOptions {
            start: &start,
            from,
            environment: &self.environment,
            into: &self.into,
            dry_run: self.dry_run,
        })?;
        let mut problems = Diagnostics::default();
        if self.live.is_some() && report.is_written() {
            let workspace = Workspace::new(&start.join(&self.into));
            let options = DiffOptions {
                selection: Selection::default(),
                against: "cluster",
                start: &start,
                read_only: false,
                target: &target,
                concurrency: 16,
                verify_images: false,
                show_secrets: false,
            };
            // What was written and proved is told, whatever becomes of this.
            match diff(&mut session.context(&workspace), &options) {
                Ok(diff) => {
                    problems.extend(diff.problems.clone());
                    report.diff = Some(diff);
                }
                Err(found) => problems.extend(found),
            }
        }
        session.show(self.output, &report);
        session.screen.diagnostics(&problems, &session.sources);
        let is_seen =
            report.unread.is_empty() && report.diff.as_ref().is_none_or(|diff| diff.complete);
        let seen = if self.live.is_none() || is_seen { Exit::Done } else { Exit::Remote };
        let same = if report.changes() { Exit::Differences } else { Exit::Done };
        Ok(same.worse(seen).worse(problems.exit()))
    }

    fn format(&self) -> Format {
        self.output
    }
}
