//! `gen trigger`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::trigger::{TriggerOptions, test};
use crate::report::Format;

/// Try webhooks without a cluster
#[derive(Debug, Args)]
pub struct Trigger {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the run that an event would start, or the interceptor that rejects it
    #[command(
        after_help = "Examples:\n  gen trigger test orders --env dev --event push.json --header 'X-GitHub-Event: push'\n  gen trigger test --env dev --event push.json\n\nThe signature is not checked: only the cluster has its secret. Exit status: 0 a run starts · 1 none does."
    )]
    Test(Test),
}

#[derive(Debug, Args)]
struct Test {
    /// App; every app with a trigger if not given
    #[arg(add = names::apps())]
    app: Option<String>,
    /// Environment
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environment: String,
    /// Body of the event as the git host sends it, a JSON file
    #[arg(long, value_name = "FILE")]
    event: PathBuf,
    /// Header of the request; without one the kind of event is guessed from the body
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    headers: Vec<String>,
}

impl Runnable for Trigger {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let Action::Test(args) = &self.action;
        let workspace = session.workspace()?;
        let options = TriggerOptions {
            app: args.app.as_deref(),
            environment: &args.environment,
            file: &args.event,
            start: &session.start()?,
            headers: &args.headers,
        };
        let report = test(&mut session.context(&workspace), &options)?;
        for line in report.lines() {
            session.screen.talk(&line);
        }
        session.show(Format::Text, &report);
        Ok(if report.starts() { Exit::Done } else { Exit::Differences })
    }
}
