//! The other side of a comparison: a tree in a folder or at a git revision.

use rayon::prelude::*;

use super::tree::{Rendered, keep_apps};
use super::{Against, Compared, DiffOptions};
use crate::change::{applied, assemble, standing};
use crate::diagnostics::{Diagnostics, DiffError};
use crate::files::{Files, Memory};
use crate::git::{Repository, Snapshot};
use crate::ops::Selection;
use crate::tree::{FoundRecord, TREE};
use crate::workspace::{Workspace, records};

/// Maximum size of a file of a tree at a revision, in bytes.
const LARGEST: u64 = 64 << 20;

/// The tree that the rendered one is compared with.
pub(super) struct Side {
    against: Against,
    files: Box<dyn Files>,
    /// The records of its folders.
    pub(super) records: Vec<FoundRecord>,
}

impl Side {
    /// Opens what `--against` names: a folder if it contains clusters/ or is written as a path, otherwise a revision.
    ///
    /// # Errors
    /// GEN0910 if there is no rendered tree; git's errors about a revision.
    pub(super) fn open(
        workspace: &Workspace,
        options: &DiffOptions<'_>,
    ) -> Result<Self, Diagnostics> {
        let named = options.against;
        let folder = options.start.join(named);
        let is_path = named.starts_with(['.', '/']) || named.ends_with('/');
        let side = if is_path || folder.join(TREE).is_dir() {
            Self {
                against: Against::Folder(named.to_owned()),
                records: records(&folder)
                    .map_err(|found| if folder.is_dir() { found } else { no_tree(named) })?,
                files: Box::new(Workspace::new(&folder)),
            }
        } else {
            Self::at_revision(workspace, named)?
        };
        if side.records.is_empty() {
            return Err(no_tree(named));
        }
        Ok(side)
    }

    fn at_revision(workspace: &Workspace, named: &str) -> Result<Self, Diagnostics> {
        let repository = Repository::discover(workspace.root())?;
        let commit = repository.resolve(named)?;
        let snapshot = Snapshot::open(&repository, Some(&commit))?;
        let files = Memory(snapshot.texts_below(TREE, LARGEST)?);
        Ok(Self {
            against: Against::Revision(named.to_owned(), commit),
            records: FoundRecord::among(files.0.iter())?,
            files: Box::new(files),
        })
    }

    /// The changes if the rendered tree replaced this one.
    ///
    /// # Errors
    /// Unreadable or invalid files.
    pub(super) fn compare(
        self,
        selection: Selection<'_>,
        rendered: Rendered,
    ) -> Result<Compared, Diagnostics> {
        let is_wanted = |found: &&FoundRecord| {
            let names = selection.environments;
            names.is_empty() || names.contains(&found.record.environment)
        };
        let read = |found: &FoundRecord| {
            let FoundRecord { folder, record_name, record, .. } = found;
            applied(&standing(self.files.as_ref(), folder, record_name, record)?)
        };
        let folders: Vec<_> = self.records.par_iter().filter(is_wanted).map(read).collect();
        let mut all = Vec::with_capacity(folders.len());
        let mut problems = Diagnostics::default();
        for folder in folders {
            match folder {
                Ok(folder) => all.push(folder),
                Err(found) => problems.extend(found),
            }
        }
        if problems.has_errors() {
            // Half a tree would look as if the other half were new.
            return Err(problems);
        }
        let mut before = assemble(all);
        keep_apps(&mut before, selection.apps);
        Ok(Compared::between(self.against, before, rendered))
    }
}

fn no_tree(place: &str) -> Diagnostics {
    let place = place.to_owned();
    DiffError::NoTree { place }.into()
}
