//! `gen template`.

use clap::{Args, Subcommand};

use super::{Runnable, Session, names};
use crate::diagnostics::Exit;
use crate::ops::templates;
use crate::report::{Format, Plain};

/// List, show and eject templates
#[derive(Debug, Args)]
pub struct Template {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List all templates, and those that templates/ replaces
    List,
    /// Print a template
    Show {
        /// Name, as in `tasks/build-image`
        #[arg(add = names::templates())]
        name: String,
    },
    /// Copy a built-in template to templates/, to be changed there
    Eject {
        /// Name, as in `tasks/build-image`
        #[arg(add = names::templates())]
        name: String,
        /// Overwrite the file in templates/
        #[arg(long)]
        force: bool,
    },
}

impl Runnable for Template {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let workspace = session.workspace()?;
        let mut context = session.context(&workspace);
        match &self.action {
            Action::List => {
                let library = templates::library(&mut context)?;
                session.show(Format::Text, &library);
            }
            Action::Show { name } => {
                let text = templates::show(&mut context, name)?;
                session.show(Format::Text, &Plain(text));
            }
            Action::Eject { name, force } => {
                let path = templates::eject(&mut context, name, *force)?;
                session.screen.talk(&format!(
                    "wrote {path}; change it there, `gen render` uses it from now on\n"
                ));
            }
        }
        Ok(Exit::Done)
    }
}
