//! What every command has: the screen, the texts that errors point into, and the repository.

use std::path::PathBuf;

use crate::diagnostics::Sources;
use crate::ops::Context;
use crate::report::{Format, Screen, Show};
use crate::workspace::{Workspace, find_root};

/// One call of the program.
pub struct Session {
    /// Where output goes.
    pub screen: Screen,
    /// Texts that errors point into.
    pub sources: Sources,
    directory: Option<PathBuf>,
}

impl Session {
    /// A call, with the folder that `-C` names.
    #[must_use]
    pub fn new(screen: Screen, directory: Option<PathBuf>) -> Self {
        Self { screen, sources: Sources::default(), directory }
    }

    /// The folder to begin from.
    ///
    /// # Errors
    /// Where the process has no current folder any more.
    pub fn start(&self) -> anyhow::Result<PathBuf> {
        let current = std::env::current_dir()?;
        Ok(match &self.directory {
            Some(directory) => current.join(directory),
            None => current,
        })
    }

    /// The repository.
    ///
    /// # Errors
    /// Where there is no gen.yaml.
    pub fn workspace(&self) -> anyhow::Result<Workspace> {
        let current = std::env::current_dir()?;
        let root = find_root(&current, self.directory.as_deref())?;
        Ok(Workspace::new(&root))
    }

    /// What an operation works with.
    pub fn context<'a>(&'a mut self, workspace: &'a Workspace) -> Context<'a> {
        Context { workspace, sources: &mut self.sources, watch: &self.screen }
    }

    /// Shows a report.
    pub fn show(&self, format: Format, report: &dyn Show) {
        let style = self.screen.style(false);
        self.screen.show(format, report, style, &self.sources);
    }
}
