//! `gen explain`.

use clap::Args;

use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::explain::explain;
use crate::report::{Format, Plain};

/// Explain a key, an error, a rule or a failure
#[derive(Debug, Args)]
pub struct Explain {
    /// Key path as in `apps.NAME.source`, error code as in GEN0312, rule as in CHK3001, failure as in C1, `checks` or `failures` (default: all keys)
    #[arg(value_name = "KEY.PATH", add = names::explained())]
    path: Option<String>,
}

impl Runnable for Explain {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let text = explain(self.path.as_deref())?;
        session.show(Format::Text, &Plain(text));
        Ok(Exit::Done)
    }
}
