//! `gen why`.

use clap::Args;

use super::args::{Kube, formats};
use super::{Runnable, Session, names};
use crate::diagnose::State;
use crate::diagnostics::Exit;
use crate::ops::why::{WhyOptions, WhyReport, input, why, why_object, why_text, why_text_in};
use crate::report::Format;

/// Explain a failure: what failed, the first cause, and the cure
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen why shop --env dev\n  gen why shop --env dev --run shop-dev-1a2b\n  gen why pipelinerun/ci/shop-run-7\n  kubectl logs POD -c step-deploy | gen why -\n  kubectl describe taskrun NAME | gen why -\n  kubectl get pipelineruns,taskruns,pods,events -o yaml | gen why -\n\nNeither a cluster nor a gen.yaml is needed for `-`; if there is a gen.yaml, the change of the spec is shown, too.\n\nExit status: 0 nothing is wrong, 1 a cause was found, 2 something is wrong and its cause was not found."
)]
pub struct Why {
    /// App, or KIND/NAMESPACE/NAME, or `-`: read logs, descriptions, tables, YAML or JSON from standard input
    #[arg(value_name = "WHAT", add = names::apps(), required_unless_present = "all")]
    what: Option<String>,
    /// Everything of the environment, by cause
    #[arg(long, conflicts_with = "what")]
    all: bool,
    /// Environment (default: the only one)
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environment: Option<String>,
    /// A certain PipelineRun of the app (default: the newest)
    #[arg(long, value_name = "NAME", requires = "what")]
    run: Option<String>,
    /// Number of lines read from the end of a log
    #[arg(long, value_name = "N", default_value_t = 200)]
    logs: usize,
    #[command(flatten)]
    kube: Kube,
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json, Format::Markdown]))]
    output: Format,
}

impl Runnable for Why {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let what = self.what.as_deref();
        let options = WhyOptions {
            app: what,
            environment: self.environment.as_deref(),
            run: self.run.as_deref(),
            lines: self.logs,
            target: &self.kube.target(),
        };
        // Neither a text nor an object needs a spec.
        let report = if let Some(object) = what.filter(|what| *what == "-" || what.contains('/')) {
            let workspace = session.workspace().ok();
            let context = workspace.as_ref().map(|workspace| session.context(workspace));
            if object == "-" {
                let input = input(std::io::stdin().lock())?;
                context.map_or_else(
                    || why_text(&input),
                    |mut context| why_text_in(&mut context, &input),
                )
            } else {
                why_object(context, object, &options)?
            }
        } else {
            let workspace = session.workspace()?;
            why(session.context(&workspace), &options)?
        };
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
