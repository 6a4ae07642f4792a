//! Calls git while gen renders: for the differences on disk, and the files of the last commit. They can run in parallel, since a
//! commit's render is only staged and changes nothing that git reads.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::candidate::{Checkout, first, folders_of, status_of};
use crate::diagnostics::Diagnostics;
use crate::files::Texts;
use crate::git::{Dirty, Repository};

/// The differences on disk when git was called.
pub(super) struct Asked {
    dirty: Vec<Dirty>,
    folders: BTreeSet<String>,
    /// The files that gen had read by then.
    read: Texts,
}

/// Does the work, and meanwhile calls git for the folders of the files `read` so far, and lists the last commit's files. Returns the
/// results of both.
pub(super) fn ask<T>(
    checkout: &Checkout<'_>,
    read: Texts,
    work: impl FnOnce() -> T,
) -> (T, Result<Asked, Diagnostics>) {
    let folders = folders_of(read.keys());
    let (done, dirty, listed) = std::thread::scope(|scope| {
        let dirty = scope.spawn(|| status_of(checkout.repository, &folders));
        let listed = scope.spawn(|| checkout.head().map(|_| ()));
        (work(), dirty.join(), listed.join())
    });
    let dirty = dirty.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let listed = listed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let asked = listed.and(dirty).map(|dirty| Asked { dirty, folders, read });
    (done, asked)
}

impl Asked {
    /// The differences for all files `read`. Git is called again for files that gen read after the first call: they may have been
    /// written between the two.
    pub(super) fn with_late(
        self,
        repository: &Repository,
        read: &Texts,
    ) -> Result<Vec<Dirty>, Diagnostics> {
        let is_late = |(path, text): &(&String, &Arc<str>)| {
            let before = self.read.get(*path);
            before.is_none_or(|before| !Arc::ptr_eq(before, text))
        };
        let late = read.iter().filter(is_late).map(|(path, _)| first(path));
        let mut again: BTreeSet<String> = late.collect();
        let all = folders_of(read.keys());
        again.extend(all.into_iter().filter(|one| !self.folders.contains(one)));
        let mut dirty = self.dirty;
        if !again.is_empty() {
            dirty.retain(|one| !again.contains(&first(&one.path)));
            dirty.extend(status_of(repository, &again)?);
        }
        Ok(dirty)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::git::Difference;

    /// A file that was written after the call of git, and read by gen after that.
    #[test]
    fn what_is_read_late_is_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git")
            .args(["init", "--quiet"])
            .current_dir(folder.path())
            .status();
        assert!(made.unwrap().success());
        let repository = Repository::discover(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("apps")).unwrap();
        std::fs::write(folder.path().join("apps/a.yaml"), "new").unwrap();

        let text: Arc<str> = Arc::from("new");
        let read = BTreeMap::from([("apps/a.yaml".to_owned(), Arc::clone(&text))]);
        let apps = ["apps/".to_owned()];
        let asked = |read: &BTreeMap<String, Arc<str>>, folders: &[String]| Asked {
            dirty: Vec::new(),
            folders: folders_of(folders.iter()),
            read: read.clone(),
        };
        let found = [Dirty { path: "apps/a.yaml".to_owned(), difference: Difference::Untracked }];
        let old = BTreeMap::from([("apps/a.yaml".to_owned(), Arc::from("old"))]);
        for (before, folders, wanted) in [
            (&BTreeMap::new(), &apps[..], &found[..]),
            (&old, &apps, &found),
            (&read, &[], &found),
            // It was read before git was called.
            (&read, &apps, &[]),
        ] {
            let dirty = asked(before, folders).with_late(&repository, &read);
            assert_eq!(dirty.unwrap(), wanted, "{before:?} {folders:?}");
        }
    }
}
