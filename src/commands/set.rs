//! `gen set`.

use clap::Args;

use super::args::{AppIn, Kube, Output};
use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::adopt::adopt;
use crate::ops::set::{SetOptions, set};
use crate::report::Format;

/// Pin the image, commit or chart version of an app in an environment
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)]
#[command(
    after_help = "Examples:\n  gen set orders --env staging --image registry.example/shop/orders@sha256:…\n  gen set orders --env dev --revision v1.4.2          build another commit\n  gen set orders --env staging --rerun                start its run again\n  gen set orders --env prod --adopt                   take over what is live, without restarting its pods\n\n`--context` and `--kubeconfig` are for `--adopt`."
)]
pub struct Set {
    #[command(flatten)]
    of: AppIn,
    /// Image with its digest, or only the digest, `sha256:…`, of the image in the spec
    #[arg(long, value_name = "REF@DIGEST", conflicts_with = "tag")]
    image: Option<String>,
    /// Tag of the image in the spec; it is not looked up, and a digest is safer
    #[arg(long)]
    tag: Option<String>,
    /// Version of its chart, if the app is one
    #[arg(long)]
    version: Option<String>,
    /// Commit to build
    #[arg(long, value_name = "SHA")]
    revision: Option<String>,
    /// Adopt what is live: write its selector, which cannot change, into environments/ENV.yaml
    #[arg(long, conflicts_with_all = ["image", "tag", "version", "revision", "rerun", "committed"])]
    adopt: bool,
    /// Start the committed run again, even with the same inputs
    #[arg(long)]
    rerun: bool,
    /// Refuse if the app's folder differs from the last commit or was rendered by another gen
    #[arg(long)]
    committed: bool,
    /// Show the change, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    kube: Kube,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Set {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        if self.adopt {
            let (app, environment) = (&self.of.app, &self.of.environment);
            let target = self.kube.target();
            let report =
                adopt(&mut session.context(&workspace), app, environment, &target, self.dry_run)?;
            session.show(self.output.output, &report);
            return Ok(Exit::Done);
        }
        let options = SetOptions {
            app: &self.of.app,
            environment: &self.of.environment,
            image: self.image.as_deref(),
            tag: self.tag.as_deref(),
            version: self.version.as_deref(),
            revision: self.revision.as_deref(),
            rerun: self.rerun,
            committed: self.committed,
            dry_run: self.dry_run,
        };
        let report = set(&mut session.context(&workspace), &options)?;
        session.show(self.output.output, &report);
        Ok(Exit::Done)
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
