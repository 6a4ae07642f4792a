//! `gen blame`.

use clap::Args;

use super::args::Output;
use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::origin::blame;
use crate::report::Format;

/// Show what set each field of a rendered object
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen blame Deployment/shop --env dev                 all fields\n  gen blame Deployment/shop.spec.replicas --env dev   one field, or all below it\n  gen blame 'Ingress/shop-dev/shop.spec.rules[0]' -e dev\n\nA field comes from one of:\n  app          the app's entry in the spec\n  environment  the environment's file\n  defaults     gen.yaml, for all apps\n  pin          environments/ENV.pins.yaml\n  patch        a patch\n  manifest     a manifest or Task that gen passes through\n  template     a template of yours\n  gen          a built-in template, or what gen adds to every object"
)]
pub struct Blame {
    /// Object, and a field of it: KIND/NAME, KIND/NAMESPACE/NAME, KIND/NAME.field.path
    #[arg(value_name = "KIND/NAME[.FIELD]")]
    what: String,
    /// Environment
    #[arg(long = "env", short = 'e', value_name = "ENV", add = names::environments())]
    environment: String,
    /// App, if several have such an object
    #[arg(long = "app", short = 'a', value_name = "APP", add = names::apps())]
    app: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Runnable for Blame {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let mut context = session.context(&workspace);
        let report = blame(&mut context, &self.environment, self.app.as_deref(), &self.what)?;
        session.show(self.output.output, &report);
        Ok(Exit::Done)
    }

    fn format(&self) -> Format {
        self.output.output
    }
}
