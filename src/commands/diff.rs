//! `gen diff`.

use clap::{Args, ValueEnum};

use super::args::{Kube, Selection, formats};
use super::{Runnable, Session};
use crate::diagnostics::{Diagnostic, DiffError, Exit};
use crate::ops::diff::{DiffOptions, DiffReport, Level, diff};
use crate::report::Format;

/// Show what Flux would change if the spec were committed
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen diff --env dev                         changes in the cluster of dev\n  gen diff --against main -o markdown        changes of a branch, for its pull request\n  gen diff --against HEAD~1 --summary        one line per object\n  gen diff --against main --fail-on danger   a gate for pull requests\n\nEvery object is one of:\n  pruned        Flux would delete it\n  blocked       the API server would refuse it\n  changed       fields differ\n  created       it does not exist yet\n  kept          an annotation tells Flux to leave it alone\n  opaque        it is encrypted; only its readable parts were compared\n  not compared  its state is unknown, so the result is incomplete\n  unchanged     applying it changes nothing\n\nExit status: 0 no difference · 1 differences (or as `--fail-on` says) · 2\nincomplete, or the cluster failed"
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Diff {
    #[command(flatten)]
    selection: Selection,
    /// Compare with the live cluster, the tree at a git revision, or a folder
    #[arg(long, value_name = "cluster|REF|DIR", default_value = "cluster")]
    against: String,
    /// Send no dry-run: needs no right to patch, and lists what it could not verify
    #[arg(long)]
    read_only: bool,
    #[command(flatten)]
    kube: Kube,
    /// Maximum number of concurrent requests
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json, Format::Markdown]))]
    output: Format,
    /// Ask the registries whether new images are there, for the nodes' platforms
    #[arg(long)]
    verify_images: bool,
    /// What makes the exit status 1
    #[arg(long, value_name = "WHAT", default_value = "difference")]
    fail_on: FailOn,
    /// Leave out fields: counts, permissions and one line per object
    #[arg(long)]
    summary: bool,
    /// Show the values of Secrets; only on a terminal
    #[arg(long)]
    show_secrets: bool,
}

/// What makes the exit status 1.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    /// Any difference
    Difference,
    /// A guard, an alert or a limit given up, or more permissions; and any danger
    Caution,
    /// Data lost, something that stops serving, a refused object, or power over others
    Danger,
}

impl FailOn {
    fn is_met(self, report: &DiffReport) -> bool {
        match self {
            Self::Difference => report.differs(),
            Self::Caution => report.risks(Level::Caution),
            Self::Danger => report.risks(Level::Danger),
        }
    }
}

impl Runnable for Diff {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        if self.show_secrets && !session.screen.is_terminal() {
            return Err(Diagnostic::error(DiffError::SecretsOffTerminal {}).into());
        }
        let workspace = session.workspace()?;
        let options = DiffOptions {
            selection: self.selection.names(),
            against: &self.against,
            start: &session.start()?,
            read_only: self.read_only,
            target: &self.kube.target(),
            concurrency: usize::from(self.concurrency),
            verify_images: self.verify_images,
            show_secrets: self.show_secrets,
        };
        let report = diff(&mut session.context(&workspace), &options)?;
        let Session { screen, sources, .. } = session;
        screen.diagnostics(&report.problems, sources);
        if let Some(role) = &report.role {
            screen.talk(role);
        }
        screen.show(self.output, &report, screen.style(self.summary), sources);
        let differs = if self.fail_on.is_met(&report) { Exit::Differences } else { Exit::Done };
        let complete = if report.complete { Exit::Done } else { Exit::Remote };
        Ok(differs.worse(complete).worse(report.problems.exit()))
    }

    fn format(&self) -> Format {
        self.output
    }
}
