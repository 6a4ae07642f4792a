//! `gen check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::{Graveness, Selection};
use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::Target;
use crate::ops::check::{
    CheckOptions, LiveOptions, check, check_paths, rbac, rbac_paths, who, who_paths,
};
use crate::report::{Format, GitHub, Junit, Sarif};

/// Maximum number of concurrent requests to a cluster.
const CONCURRENCY: usize = 16;

/// Find what would be refused or fail, before it runs
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen check                      judge everything that `gen render` would write\n  gen check manifests/           judge any YAML; no gen.yaml is needed\n  gen check -o sarif > gen.sarif for a code host\n  gen check --rbac all           what each account needs, has and could get\n  gen check --live --env dev     also ask the cluster whether it has all that\n  gen check --since origin/main  only what a branch brings\n\nExit status: 0 clean, 1 findings, 2 not everything could be judged."
)]
pub struct Check {
    /// Files and folders of YAML or JSON (default: what the spec renders to)
    #[arg(value_name = "PATH", conflicts_with_all = ["environments", "apps"])]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    /// Only these rules, by id or name
    #[arg(long = "rule", value_name = "RULE", add = names::rules())]
    rules: Vec<String>,
    /// Print what an account needs, has, lacks and could get: NAMESPACE/NAME, a name, or `all`
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["rules", "level"])]
    rbac: Option<String>,
    /// Print who can change each environment: from the repository through accounts to verbs
    #[arg(long, conflicts_with_all = ["rbac", "rules", "level", "live"])]
    authority: bool,
    /// Ask the clusters, too: rights, kinds, Secrets, classes and Tekton's settings
    #[arg(long, conflicts_with = "rbac")]
    live: bool,
    /// Kube context (default: the environment's)
    #[arg(long, value_name = "CONTEXT", requires = "live")]
    context: Option<String>,
    /// Kubeconfig (default: KUBECONFIG or ~/.kube/config)
    #[arg(long, value_name = "FILE", requires = "live")]
    kubeconfig: Option<PathBuf>,
    /// Only findings that this revision does not have, as in `--since origin/main`
    #[arg(long, value_name = "REV", conflicts_with_all = ["paths", "rbac"])]
    since: Option<String>,
    /// Leave out findings below this level
    #[arg(long, value_name = "LEVEL", default_value = "warning")]
    level: Graveness,
    /// Output format
    #[arg(long, short = 'o', value_name = "FORMAT", default_value = "text")]
    output: As,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum As {
    /// For people at a terminal
    Text,
    /// For programs
    Json,
    /// For code hosts: SARIF 2.1.0
    Sarif,
    /// For CI systems that show tests
    Junit,
    /// Annotations of GitHub's workflows
    Github,
}

impl Check {
    fn authority(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let report = if self.paths.is_empty() {
            let workspace = session.workspace()?;
            who(&mut session.context(&workspace), self.selection.names())?
        } else {
            who_paths(&session.start()?, &self.paths)?
        };
        session.show(self.format(), &report);
        Ok(Exit::Done)
    }

    fn rbac(&self, session: &mut Session, account: &str) -> anyhow::Result<Exit> {
        let report = if self.paths.is_empty() {
            let workspace = session.workspace()?;
            rbac(&mut session.context(&workspace), self.selection.names(), account)?
        } else {
            rbac_paths(&session.start()?, &self.paths, account)?
        };
        session.show(self.format(), &report);
        Ok(if report.is_whole() { Exit::Done } else { Exit::Differences })
    }
}

impl Runnable for Check {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        if let Some(account) = &self.rbac {
            return self.rbac(session, account);
        }
        if self.authority {
            return self.authority(session);
        }
        let target = Target { kubeconfig: self.kubeconfig.clone(), context: self.context.clone() };
        let live = LiveOptions { target: &target, concurrency: CONCURRENCY };
        let options = CheckOptions {
            live: self.live.then_some(live),
            selection: self.selection.names(),
            rules: &self.rules,
            level: self.level.into(),
            since: self.since.as_deref(),
        };
        let report = if self.paths.is_empty() {
            let workspace = session.workspace()?;
            check(&mut session.context(&workspace), &options)?
        } else {
            check_paths(&session.start()?, &self.paths, &options)?
        };
        match self.output {
            As::Text => session.show(Format::Text, &report),
            As::Json => session.show(Format::Json, &report),
            As::Sarif => session.show(Format::Json, &Sarif(&report)),
            As::Junit => session.show(Format::Text, &Junit(&report)),
            As::Github => session.show(Format::Text, &GitHub(&report)),
        }
        let Session { screen, sources, .. } = session;
        if let Some(live) = &report.live {
            screen.diagnostics(&live.problems, sources);
            if let Some(role) = &live.role {
                screen.talk(role);
            }
        }
        Ok(if !report.is_complete() {
            Exit::Remote
        } else if report.findings.is_empty() {
            Exit::Done
        } else {
            Exit::Differences
        })
    }

    fn format(&self) -> Format {
        if matches!(self.output, As::Json | As::Sarif) { Format::Json } else { Format::Text }
    }
}
