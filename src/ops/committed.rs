//! Compares an app, rendered in memory, with the last commit.

use std::sync::Arc;

use crate::diagnostics::{Diagnostics, PromoteError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::git::{Mode, Repository, Snapshot, TreeEntry};
use crate::model::App;
use crate::ops::rendering::Rendering;
use crate::tree::{
    FoundRecord, GEN_VERSION, Record, Side, SideFile, TREE, compare, hash, is_record_name,
};
use crate::workspace::Workspace;

/// The last commit of a checkout, to compare with what would be rendered now.
pub(super) struct Committed {
    head: Snapshot,
}

/// The differences between an app's folder and its last commit.
pub(super) struct Drift {
    /// Nothing is committed yet.
    pub(super) is_new: bool,
    /// The version of gen that rendered the committed files, if different.
    pub(super) version: Option<String>,
    /// Paths in the app's folder that differ or are on one side only, except for the record.
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
    pub(super) fn open(workspace: &Workspace) -> Result<Self, Diagnostics> {
        let repository = Repository::discover(workspace.root())?;
        let commit = repository.head()?.commit;
        Ok(Self { head: Snapshot::open(&repository, commit.as_deref())? })
    }

    /// The committed text of a file that gen reads.
    ///
    /// # Errors
    /// Errors of git.
    pub(super) fn text(&self, path: &str) -> Result<Option<Arc<str>>, Diagnostics> {
        self.head.read(path, Workspace::LARGEST_SPEC)
    }

    /// Compares an app's folder, rendered from these files, with the last commit.
    ///
    /// # Errors
    /// Errors in the app's templates; errors of git; an invalid committed record.
    pub(super) fn drift(
        &self,
        fleet: &Fleet,
        files: &dyn Files,
        prepared: &Prepared,
        app: &App,
    ) -> Result<Drift, Diagnostics> {
        let (folder, _, _) = Rendering::new(fleet, files).app(prepared, app)?;
        let mut side = CommitSide::new(&self.head, &folder.path);
        let Some(old) = side.file(&folder.record) else {
            return Ok(Drift { is_new: true, version: None, paths: Vec::new() });
        };
        let bytes = old.bytes(Record::LARGEST)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let record = Record::read(&format!("{}/{}", folder.path, folder.record), &text)?;
        let verdicts = compare(&mut side, Some((&record, old)), &folder, &text)?;
        let gone = |path: &&String| !folder.files.contains_key(*path);
        let refused = verdicts.refused.into_iter().map(|refused| refused.path);
        let written = verdicts.write.into_iter().map(|(path, _)| path);
        let mut paths: Vec<String> = written.chain(refused).collect();
        paths.extend(record.files.keys().filter(gone).cloned());
        paths.sort();
        paths.dedup();
        let version = (record.gen_version != GEN_VERSION).then_some(record.gen_version);
        Ok(Drift { is_new: false, version, paths })
    }

    /// Refuses an app with uncommitted differences.
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
            let ours = GEN_VERSION.to_owned();
            return Err(PromoteError::OtherVersion { app: name, env, theirs, ours }.into());
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
        Err(PromoteError::NotCommitted { app: name, env, what }.into())
    }
}

/// Every record of a commit.
pub(super) fn records(there: &Snapshot) -> Result<Vec<FoundRecord>, Diagnostics> {
    let is_record = |path: &str| is_record_name(path.rsplit('/').next().unwrap_or_default());
    let paths = there.entries_below(TREE).map(|(path, _)| path);
    let texts = there.texts_of(paths.filter(|path| is_record(path)), Record::LARGEST)?;
    FoundRecord::among(texts.iter())
}

/// Maximum size of a file written by gen, in bytes.
const LARGEST: u64 = 16 << 20;

/// A folder in a commit.
pub(super) struct CommitSide<'a, 'f> {
    there: &'a Snapshot,
    pub(super) folder: &'f str,
}

/// A file of a commit.
pub(super) struct Blob<'a> {
    there: &'a Snapshot,
    entry: &'a TreeEntry,
}

impl<'a, 'f> CommitSide<'a, 'f> {
    pub(super) fn new(there: &'a Snapshot, folder: &'f str) -> Self {
        Self { there, folder }
    }

    /// A file in it.
    pub(super) fn file(&self, path: &str) -> Option<Blob<'a>> {
        let entry = self.there.entry(&format!("{}/{path}", self.folder))?;
        Some(Blob { there: self.there, entry })
    }
}

impl<'a> Side for CommitSide<'a, '_> {
    type File = Blob<'a>;

    fn find(&mut self, path: &str) -> Result<Option<Blob<'a>>, Diagnostics> {
        Ok(self.file(path))
    }
}

impl Blob<'_> {
    fn bytes(&self, limit: u64) -> Result<Option<Vec<u8>>, Diagnostics> {
        self.there.object(&self.entry.object, limit)
    }
}

impl SideFile for Blob<'_> {
    fn holds(&self, text: &str) -> bool {
        // As on disk: the executable bit does not matter.
        matches!(self.entry.mode, Mode::File | Mode::Program)
            && self.entry.object == self.there.name_of(text.as_bytes())
    }

    fn has_hash(&self, named: &str) -> Result<bool, Diagnostics> {
        let bytes = self.bytes(LARGEST)?;
        Ok(bytes.is_some_and(|bytes| hash(&bytes) == named))
    }
}
