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

/// The largest file of a tree that is read at a revision, in bytes.
const LARGEST: u64 = 64 << 20;

/// What the rendered tree is compared with.
pub(super) struct Side {
    against: Against,
    files: Box<dyn Files>,
    /// What gen recorded there.
    pub(super) records: Vec<FoundRecord>,
}

impl Side {
    /// Finds out what was meant. A folder is one that holds clusters/, or that is written as a path; anything else is a revision.
    ///
    /// # Errors
    /// GEN0910 where gen rendered nothing there; what git says of a revision.
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

    /// What would change if the rendered tree took this one's place.
    ///
    /// # Errors
    /// What cannot be read there.
    pub(super) fn compare(
        self,
        selection: Selection<'_>,
        rendered: Rendered,
    ) -> Result<Compared, Diagnostics> {
        let is_wanted = |found: &&FoundRecord| {
            let names = selection.environments;
            names.is_empty() || names.contains(&found.record.environment)
        };
        let wanted: Vec<&FoundRecord> = self.records.iter().filter(is_wanted).collect();
        let read = |found: &&FoundRecord| {
            let folder =
                standing(self.files.as_ref(), &found.folder, &found.record_name, &found.record)?;
            applied(&folder)
        };
        let folders: Vec<_> = wanted.par_iter().map(read).collect();
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
