//! Whether what an environment holds is what is committed: an app rendered in memory beside the head's files.

use crate::diagnostics::{Diagnostic, Diagnostics, PromoteError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::git::{Repository, Snapshot};
use crate::model::App;
use crate::rendering::Rendering;
use crate::tree::{GEN_VERSION, Record};
use crate::workspace::Workspace;

/// The last commit of a checkout, for comparing with what would be rendered now.
pub(super) struct Committed {
    head: Snapshot,
}

/// How an app's folder differs from what is committed of it.
pub(super) struct Drift {
    /// Nothing of it is committed.
    pub(super) is_new: bool,
    /// The version of gen that rendered what is committed, where that is another.
    pub(super) version: Option<String>,
    /// Paths in the app's folder that are there on one side only or hold something else, but for the record.
    pub(super) paths: Vec<String>,
}

impl Drift {
    /// Whether there is any.
    pub(super) fn is_any(&self) -> bool {
        self.is_new || self.version.is_some() || !self.paths.is_empty()
    }
}

impl Committed {
    /// Opens the last commit of the checkout around the workspace.
    ///
    /// # Errors
    /// What git refuses; no checkout.
    pub(super) fn open(workspace: &Workspace) -> Result<Self, Diagnostics> {
        let repository = Repository::discover(workspace.root())?;
        let head = repository.head()?;
        let head = Snapshot::open(&repository, head.commit.as_deref())?;
        Ok(Self { head })
    }

    /// Compares an app's folder, rendered from these files, with what is committed.
    ///
    /// # Errors
    /// What is wrong with the app's templates; what git refuses; a committed record that cannot be trusted.
    pub(super) fn drift(
        &self,
        fleet: &Fleet,
        files: &dyn Files,
        prepared: &Prepared,
        app: &App,
    ) -> Result<Drift, Diagnostics> {
        let rendering = Rendering {
            fleet,
            environments: &[],
            apps: &[],
            files,
            verify: false,
        };
        let (folder, _, _) = rendering.app(prepared, app)?;
        let record_path = format!("{}/{}", folder.path, folder.record);
        let there = self
            .head
            .texts_below(&folder.path, Workspace::LARGEST_MANIFEST)?;
        let Some(text) = there.get(&record_path) else {
            return Ok(Drift {
                is_new: true,
                version: None,
                paths: Vec::new(),
            });
        };
        let record = Record::read(&record_path, text)?;
        let mut paths: Vec<String> = folder
            .files
            .iter()
            .filter(|(path, text)| {
                let there = there.get(&format!("{}/{path}", folder.path));
                there.is_none_or(|there| there.as_ref() != text.as_str())
            })
            .map(|(path, _)| path.clone())
            .collect();
        let gone = |path: &&String| !folder.files.contains_key(*path);
        paths.extend(record.files.keys().filter(gone).cloned());
        paths.sort();
        let version = (record.gen_version != GEN_VERSION).then_some(record.gen_version);
        Ok(Drift {
            is_new: false,
            version,
            paths,
        })
    }

    /// Refuses an app that is in an environment otherwise than committed.
    ///
    /// # Errors
    /// GEN1112, GEN1113; and as [`Committed::drift`].
    pub(super) fn require(
        &self,
        fleet: &Fleet,
        files: &dyn Files,
        prepared: &Prepared,
        app: &App,
    ) -> Result<(), Diagnostics> {
        let drift = self.drift(fleet, files, prepared, app)?;
        let (name, env) = (app.name.clone(), prepared.environment.name.clone());
        if let Some(theirs) = drift.version {
            let error = PromoteError::OtherVersion {
                app: name,
                env,
                theirs,
                ours: GEN_VERSION.to_owned(),
            };
            return Err(Diagnostic::error(error).into());
        }
        let what = if drift.is_new {
            "nothing of it is".to_owned()
        } else if let [first, rest @ ..] = drift.paths.as_slice() {
            match rest.len() {
                0 => format!("`{first}` differs"),
                more => format!("`{first}` and {more} more differ"),
            }
        } else {
            return Ok(());
        };
        let error = PromoteError::NotCommitted {
            app: name,
            env,
            what,
        };
        Err(Diagnostic::error(error).into())
    }
}
