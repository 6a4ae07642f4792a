//! `gen schema`.

use clap::{Args, ValueEnum};

use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::report::{DIFF_SCHEMA, Format, Plain};
use crate::spec::json_schema::schema_text;

/// Print a JSON schema
#[derive(Debug, Args)]
pub struct Schema {
    /// Subject of the schema
    #[arg(value_enum, value_name = "WHAT", default_value_t = Subject::Spec)]
    of: Subject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// gen.yaml, included files, environments and pins, for editors
    Spec,
    /// The output of `gen diff -o json`
    Diff,
}

impl Runnable for Schema {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let text = match self.of {
            Subject::Spec => schema_text(),
            Subject::Diff => DIFF_SCHEMA.to_owned(),
        };
        session.show(Format::Text, &Plain(text));
        Ok(Exit::Done)
    }
}
