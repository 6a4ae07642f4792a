//! What every command has: the screen, the texts that errors point into, and the repository.

use std::path::PathBuf;

use crate::diagnostics::Diagnostics;
use crate::diagnostics::Sources;
use crate::report::Screen;
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
        Self {
            screen,
            sources: Sources::default(),
            directory,
        }
    }

    /// The folder to begin from.
    ///
    /// # Errors
    /// Where the process has no current folder any more.
    pub fn start(&self) -> anyhow::Result<PathBuf> {
        let current = std::env::current_dir()?;
        Ok(self
            .directory
            .as_ref()
            .map_or_else(|| current.clone(), |directory| current.join(directory)))
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

    /// Shows warnings.
    pub fn warn(&self, found: &Diagnostics) {
        self.screen.diagnostics(found, &self.sources);
    }
}
