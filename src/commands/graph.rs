//! `gen graph`.

use clap::Args;

use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::graph::graph;
use crate::report::{Drawing, Format, Plain};

/// Draw the pipeline of an app, or the chain of environments
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen graph                                 environments, and how images travel\n  gen graph shop --env dev                  what runs, a line a step\n  gen graph shop -e dev -o svg > shop.svg\n  gen graph shop -e dev -o mermaid          for Markdown on a code host\n  gen graph shop -e dev -o dot | dot -Tpng > shop.png"
)]
pub struct Graph {
    /// App (default: the chain of environments)
    #[arg(add = names::apps())]
    app: Option<String>,
    /// Environment (default: the first in which the app has a pipeline)
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environment: Option<String>,
    /// Output format
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: Drawing,
}

impl Runnable for Graph {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let graph = graph(
            &mut session.context(&workspace),
            self.app.as_deref(),
            self.environment.as_deref(),
        )?;
        session.show(Format::Text, &Plain(self.output.of(&graph)));
        Ok(Exit::Done)
    }
}
