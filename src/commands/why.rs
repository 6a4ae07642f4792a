//! `gen why`.

use clap::Args;

use super::args::{Kube, formats};
use super::{Runnable, Session, names};
use crate::diagnose::{Cure, State};
use crate::diagnostics::{Diagnostic, Exit, WhyError};
use crate::ops::why::{
    WhyOptions, WhyReport, along, fix, input, push, why, why_object, why_text, why_text_in, write,
};
use crate::report::Format;

/// Explain a failure: what failed, the first cause, and the cure
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen why shop --env dev\n  gen why shop --env dev --run shop-dev-1a2b\n  gen why pipelinerun/ci/shop-run-7\n  kubectl logs POD -c step-deploy | gen why -\n  kubectl describe taskrun NAME | gen why -\n  kubectl get pipelineruns,taskruns,pods,events -o yaml | gen why -\n  kubectl logs POD -c step-deploy | gen why - --fix\n\nNeither a cluster nor a gen.yaml is needed for `-`; if there is a gen.yaml, the change to the spec is shown, too.\n\nExit status: 0 nothing is wrong, 1 a cause was found, 2 something is wrong and its cause was not found. With `--fix`: 0 the change was made and nothing is left, 64 there is no terminal to ask on; otherwise as without."
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
    /// Change the spec to fix it, if what it renders passes `gen check`; asks first
    #[arg(long)]
    fix: bool,
    /// Do not ask
    #[arg(long, short, requires = "fix")]
    yes: bool,
    /// Commit and push the change to this branch, for a pull request; the checkout stays as it was
    #[arg(long, value_name = "BRANCH", requires = "fix")]
    branch: Option<String>,
    #[command(flatten)]
    kube: Kube,
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json, Format::Markdown, Format::Html]))]
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
                    |mut context| why_text_in(&mut context, &input, options.environment),
                )
            } else {
                why_object(context, object, &options)?
            }
        } else {
            let workspace = session.workspace()?;
            why(session.context(&workspace), &options)?
        };
        if self.fix {
            return self.mend(session, report);
        }
        session.show(self.output, &report);
        Ok(exit(&report))
    }

    fn format(&self) -> Format {
        self.output
    }
}

impl Why {
    /// Shows the change of the spec, and makes it if that is wanted.
    fn mend(&self, session: &mut Session, mut report: WhyReport) -> anyhow::Result<Exit> {
        let is_text = self.output == Format::Text;
        if is_text {
            // The change is shown as it is made, and once.
            for one in &mut report.report.diagnoses {
                one.cures.retain(|cure| !matches!(cure, Cure::Change { .. }));
            }
            session.show(self.output, &report);
        }
        let workspace = session.workspace()?;
        let mut plan = fix(&mut session.context(&workspace), &report)?;
        if self.branch.is_some() && plan.is_change() {
            along(&mut session.context(&workspace), &mut plan)?;
        }
        if is_text {
            session.show(self.output, &plan);
        }
        let is_wanted = match () {
            () if !plan.is_change() => Some(false),
            () if self.yes => Some(true),
            () if is_text => session.screen.agrees("make this change?"),
            () => None,
        };
        if is_wanted == Some(true) {
            let mut context = session.context(&workspace);
            match &self.branch {
                Some(branch) => push(&mut context, &mut plan, branch)?,
                None => write(&context, &mut plan)?,
            }
        }
        let is_mended = is_wanted == Some(true) && plan.left.is_empty();
        if is_wanted.is_none() {
            report.errors = Diagnostic::error(WhyError::NoAnswer {}).into();
        }
        if !is_text {
            report.fix = Some(plan);
            session.show(self.output, &report);
        } else if is_wanted == Some(true) {
            session.show(self.output, &plan);
        }
        if report.errors.has_errors() {
            session.screen.diagnostics(&report.errors, &session.sources);
            return Ok(report.errors.exit());
        }
        Ok(if is_mended { Exit::Done } else { exit(&report) })
    }
}

fn exit(report: &WhyReport) -> Exit {
    match report.report.state {
        State::Well | State::Busy => Exit::Done,
        State::Found => Exit::Differences,
        State::Unknown | State::Nothing => Exit::Remote,
    }
}
