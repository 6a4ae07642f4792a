//! `gen explain`.

use clap::Args;

use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::explain::{explain, find};
use crate::report::{Explained, Format};

/// Explain a key, an error, a rule or a failure
#[derive(Debug, Args)]
pub struct Explain {
    /// Key path as in `apps.NAME.source`, also a word of Kubernetes as in `livenessProbe`; error code as in GEN0312, rule as in CHK3001, failure as in C1, `checks` or `failures` (default: all keys)
    #[arg(value_name = "KEY.PATH", add = names::explained())]
    path: Option<String>,
    /// Find keys, tasks, rules, failures and errors by a word in their name or description
    #[arg(short, long, value_name = "WORD", conflicts_with = "path")]
    search: Option<String>,
}

impl Runnable for Explain {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        /// Wider lines of prose are hard to read.
        const WIDEST: usize = 100;
        let workspace = session.workspace().ok();
        let own = workspace.as_ref().map(|workspace| session.context(workspace));
        let parts = match &self.search {
            Some(word) => find(word, own)?,
            None => explain(self.path.as_deref(), own)?,
        };
        let width = session.screen.width().min(WIDEST);
        session.show(Format::Text, &Explained { parts, width });
        Ok(Exit::Done)
    }
}
