//! `gen why`.

use clap::Args;

use super::args::formats;
use super::{Runnable, Session};
use crate::diagnose::State;
use crate::diagnostics::Exit;
use crate::ops::why::{WhyReport, input, why_text};
use crate::report::Format;

/// Explain a failure: what failed, the first cause, and the change that mends it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  kubectl logs POD -c step-deploy | gen why -\n  kubectl describe taskrun NAME | gen why -\n  kubectl get pipelineruns,taskruns,pods,events -o yaml | gen why -\n\nNeither a cluster nor a gen.yaml is needed for `-`; if there is a gen.yaml, the change of the spec is shown, too.\n\nExit status: 0 nothing is wrong, 1 a cause was found, 2 something is wrong and its cause was not found."
)]
pub struct Why {
    /// `-`: read a log, `kubectl describe`, tables, YAML or JSON of objects from standard input
    #[arg(value_name = "-")]
    what: String,
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json, Format::Markdown]))]
    output: Format,
}

impl Runnable for Why {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let report = why_text(&input(std::io::stdin().lock())?);
        session.show(self.output, &report);
        Ok(exit(&report))
    }

    fn format(&self) -> Format {
        self.output
    }
}

fn exit(report: &WhyReport) -> Exit {
    match report.report.state {
        State::Well | State::Busy => Exit::Done,
        State::Found => Exit::Differences,
        State::Unknown | State::Nothing => Exit::Remote,
    }
}
