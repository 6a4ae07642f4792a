//! Arguments that several commands have.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::names;
use crate::check::Level;
use crate::ops::{self, Target};
use crate::report::Format;

/// Some environments and apps.
#[derive(Debug, Args)]
pub struct Selection {
    /// Only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environments: Vec<String>,
    /// Only these apps
    #[arg(long = "app", short = 'a', value_name = "APP", add = names::apps())]
    apps: Vec<String>,
}

impl Selection {
    /// The names.
    pub fn names(&self) -> ops::Selection<'_> {
        ops::Selection { environments: &self.environments, apps: &self.apps }
    }
}

/// An app in an environment.
#[derive(Debug, Args)]
pub struct AppIn {
    /// App
    #[arg(add = names::apps())]
    pub app: String,
    /// Environment
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    pub environment: String,
}

/// How a cluster is reached.
#[derive(Debug, Args)]
pub struct Kube {
    /// Kube context (default: the environment's)
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
    /// Kubeconfig (default: KUBECONFIG or ~/.kube/config)
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

impl Kube {
    /// How the cluster is reached.
    pub fn target(&self) -> Target {
        Target { kubeconfig: self.kubeconfig.clone(), context: self.context.clone() }
    }
}

/// The format of the report.
#[derive(Debug, Args)]
pub struct Output {
    /// Output format
    #[arg(short, long, default_value = "text", value_parser = formats(&[Format::Text, Format::Json]))]
    pub output: Format,
}

/// Takes some of the formats.
pub fn formats(all: &[Format]) -> impl TypedValueParser<Value = Format> {
    let values = all.iter().filter_map(ValueEnum::to_possible_value);
    let parser = PossibleValuesParser::new(values.map(|value| value.hide(false)));
    parser.map(|name| Format::from_str(&name, false).unwrap_or(Format::Text))
}

/// The least level of findings.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Graveness {
    Info,
    Warning,
    Error,
}

impl From<Graveness> for Level {
    fn from(level: Graveness) -> Self {
        match level {
            Graveness::Info => Self::Info,
            Graveness::Warning => Self::Warning,
            Graveness::Error => Self::Error,
        }
    }
}

/// A reason that a commit keeps in one line.
pub fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("a reason has words".to_owned()),
        1..=200 if !text.chars().any(char::is_control) => Ok(text.to_owned()),
        _ => Err("a reason is one line of at most 200 characters".to_owned()),
    }
}
