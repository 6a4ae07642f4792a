//! Whether what an environment holds is what is committed: an app rendered in memory beside the head's files.

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
        let rendering = Rendering::new(fleet, files);
        let (folder, _, _) = rendering.app(prepared, app)?;
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
            let error =
                PromoteError::OtherVersion { app: name, env, theirs, ours: GEN_VERSION.to_owned() };
            return Err(error.into());
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
        let error = PromoteError::NotCommitted { app: name, env, what };
        Err(error.into())
    }
}

/// Every record of a commit.
///
/// # Errors
/// GEN0804.
pub(super) fn records(there: &Snapshot) -> Result<Vec<FoundRecord>, Diagnostics> {
    let is_record = |path: &str| is_record_name(path.rsplit('/').next().unwrap_or_default());
    let paths = there.entries_below(TREE).map(|(path, _)| path);
    let texts = there.texts_of(paths.filter(|path| is_record(path)), Record::LARGEST)?;
    FoundRecord::among(texts.iter())
}

/// The largest file that gen may have written, in bytes.
const LARGEST: u64 = 16 << 20;

/// A folder as a commit has it.
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
        let there = self.there;
        let entry = there.entry(&format!("{}/{path}", self.folder))?;
        Some(Blob { there, entry })
    }
}

impl<'a> Side for CommitSide<'a, '_> {
    type File = Blob<'a>;

    fn find(&mut self, path: &str) -> Result<Option<Blob<'a>>, Diagnostics> {
        Ok(self.file(path))
    }

    fn find_owned(&mut self, path: &str) -> Result<Option<Blob<'a>>, Diagnostics> {
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
        // As on disk: whether it can be run is nobody's business.
        matches!(self.entry.mode, Mode::File | Mode::Program)
            && self.entry.object == self.there.name_of(text.as_bytes())
    }

    fn has_hash(&self, named: &str) -> Result<bool, Diagnostics> {
        let bytes = self.bytes(LARGEST)?;
        Ok(bytes.is_some_and(|bytes| hash(&bytes) == named))
    }
}
