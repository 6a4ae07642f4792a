//! The content of a commit: every file that gen read, and every file that it wrote for the selection. Nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::diagnostics::{Diagnostics, GitError, Sources};
use crate::files::{self, Files, Recorded, Texts};
use crate::fleet::{Fleet, prepare};
use crate::git::{Builder, Content, Difference, Dirty, Mode, Repository, Snapshot, Update, status};
use crate::ops::Selection;
use crate::ops::rendering::Rendering;
use crate::tree::{Owner, Record, TREE, is_record_name};
use crate::workspace::{Planned, Workspace};

/// The checkout.
pub(super) struct Checkout<'a> {
    pub(super) repository: &'a Repository,
    pub(super) workspace: &'a Workspace,
    /// The last commit; none on a branch without commits.
    pub(super) commit: Option<&'a str>,
    files: OnceLock<Snapshot>,
}

impl<'a> Checkout<'a> {
    pub(super) fn new(
        repository: &'a Repository,
        workspace: &'a Workspace,
        commit: Option<&'a str>,
    ) -> Self {
        Self { repository, workspace, commit, files: OnceLock::new() }
    }

    /// The last commit's files, listed on first use.
    pub(super) fn head(&self) -> Result<&Snapshot, Diagnostics> {
        if let Some(files) = self.files.get() {
            return Ok(files);
        }
        let files = Snapshot::open(self.repository, self.commit)?;
        Ok(self.files.get_or_init(|| files))
    }
}

/// The content of the commit. `dirty` are the differences in the folders of the files that were read.
///
/// # Errors
/// GEN1014 for files in conflict, GEN1022 for files ignored by git; errors of git.
pub(super) fn candidate(
    checkout: &Checkout<'_>,
    builder: &Builder<'_>,
    selection: Selection<'_>,
    read: &Texts,
    planned: &[Planned],
    mut dirty: Vec<Dirty>,
) -> Result<Content, Diagnostics> {
    let prefix = checkout.repository.prefix.as_str();
    let folders = folders_of(read.keys());
    let is_planned: BTreeSet<&str> = planned.iter().map(|one| one.path.as_str()).collect();
    let mut records = Records::new(checkout);
    let mut content = Content::default();
    let mut read_before: Option<BTreeSet<String>> = None;
    if may_leave_folders(checkout, &dirty, read)? {
        let before = read_at(checkout.head()?);
        let others = before.iter().map(|path| first(path));
        let others: BTreeSet<String> = others.filter(|name| !folders.contains(name)).collect();
        if !others.is_empty() {
            dirty.extend(status_of(checkout.repository, &others)?);
        }
        read_before = Some(before);
    }
    for Dirty { path, difference } in &dirty {
        let full = format!("{prefix}{path}");
        if *difference == Difference::Ignored {
            let folder = path.strip_suffix('/');
            let covers = |one: &str| one == path || folder.is_some_and(|f| is_below(one, f));
            let mut all = read.keys().map(String::as_str).chain(is_planned.iter().copied());
            if let Some(lost) = all.find(|one| covers(one)) {
                return Err(ignored(lost));
            }
            continue;
        }
        let belongs = if is_planned.contains(path.as_str()) {
            // Its new content is not on disk yet.
            false
        } else if is_below(path, TREE) {
            records.owner(path)?.is_some_and(|owner| selection.has(&owner))
        } else if read.contains_key(path) {
            true
        } else if *difference == Difference::Deleted {
            if read_before.is_none() {
                read_before = Some(read_at(checkout.head()?));
            }
            read_before.as_ref().is_some_and(|before| before.contains(path))
        } else {
            false
        };
        if *difference == Difference::Unmerged && (belongs || is_planned.contains(path.as_str())) {
            let what = format!("a merge with conflicts in `{full}`");
            return Err(GitError::InProgress { what }.into());
        }
        if belongs {
            content.from_disk.push(full);
        }
    }
    let root = checkout.workspace.root();
    let staged = planned.iter().filter_map(|one| Some(root.join(one.staged.as_ref()?)));
    let mut objects = builder.objects_of(&staged.collect::<Vec<_>>())?.into_iter();
    for one in planned {
        let object = one.staged.as_ref().and_then(|_| objects.next());
        let of_one = object.map(|object| (Mode::File, object));
        content.objects.push(Update { path: format!("{prefix}{}", one.path), content: of_one });
    }
    Ok(content)
}

/// Checks that every input is in the commit. One that is not is in a submodule, or excluded by another rule of git.
///
/// # Errors
/// GEN1022.
pub(super) fn check_complete(
    checkout: &Checkout<'_>,
    changes: &[Update],
    read: &Texts,
) -> Result<(), Diagnostics> {
    let prefix = checkout.repository.prefix.as_str();
    let head = checkout.head()?;
    let committed: BTreeSet<&str> =
        changes.iter().filter_map(|update| update.path.strip_prefix(prefix)).collect();
    let lost = read.keys().find(|path| {
        !committed.contains(path.as_str())
            && head.entry(path).is_none()
            // A file behind a link to a folder is committed under its own name.
            && !path.match_indices('/').any(|(end, _)| {
                let above = &path[..end];
                let is_link = head.entry(above).is_some_and(|e| e.mode == Mode::Link);
                is_link || committed.contains(above)
            })
    });
    lost.map_or(Ok(()), |path| Err(ignored(path)))
}

/// Checks that files were not edited since they were read.
///
/// # Errors
/// GEN1025.
pub(super) fn check_unedited(
    workspace: &Workspace,
    changes: &[Update],
    prefix: &str,
    read: &Texts,
) -> Result<(), Diagnostics> {
    for update in changes {
        let path = update.path.strip_prefix(prefix).unwrap_or(&update.path);
        let Some(text) = read.get(path) else {
            continue;
        };
        let now = match files::content(workspace, path, Workspace::LARGEST_MANIFEST)? {
            Some(files::Content::Text(text) | files::Content::Base64(text)) => Some(text),
            None => None,
        };
        if now.as_ref() != Some(text) {
            return Err(GitError::Edited { path: path.to_owned() }.into());
        }
    }
    Ok(())
}

fn ignored(path: &str) -> Diagnostics {
    GitError::Ignored { path: path.to_owned() }.into()
}

pub(super) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the change may be that a folder is no longer read, and its files may have been removed too.
fn may_leave_folders(
    checkout: &Checkout<'_>,
    dirty: &[Dirty],
    read: &Texts,
) -> Result<bool, Diagnostics> {
    let changed = dirty.iter().map(|one| one.path.as_str());
    let changed: Vec<&str> = changed.filter(|path| read.contains_key(*path)).collect();
    if changed.is_empty() || changed.contains(&"gen.yaml") {
        return Ok(!changed.is_empty());
    }
    // Only raw manifests and Tasks are in folders chosen by an app.
    let before = checkout.head()?.texts_of(changed, Workspace::LARGEST_MANIFEST)?;
    Ok(before.values().any(|text| text.contains("extra") || text.contains("file")))
}

/// The paths that gen always reads or writes.
const FIXED: &[&str] = &["clusters", "crds", "environments", "gen.yaml", "templates"];

pub(super) fn folders_of<'p>(read: impl Iterator<Item = &'p String>) -> BTreeSet<String> {
    let mut folders: BTreeSet<String> = FIXED.iter().map(|name| (*name).to_owned()).collect();
    folders.extend(read.map(|path| first(path)));
    folders
}

/// Whether there are no differences in the folders of these inputs and of gen's output: then there is nothing to commit.
pub(super) fn is_clean(repository: &Repository, read: &[String]) -> Result<bool, Diagnostics> {
    let dirty = status_of(repository, &folders_of(read.iter()))?;
    let is_harmless = |one: &Dirty| {
        let folder = one.path.strip_suffix('/');
        let covers = |path: &String| {
            *path == one.path || folder.is_some_and(|folder| is_below(path, folder))
        };
        one.difference == Difference::Ignored && !read.iter().any(covers)
    };
    Ok(dirty.iter().all(is_harmless))
}

/// The differences in these folders, relative to the folder of gen.yaml. By folder, since git compares every path with every
/// requested one.
pub(super) fn status_of(
    repository: &Repository,
    folders: &BTreeSet<String>,
) -> Result<Vec<Dirty>, Diagnostics> {
    let prefix = repository.prefix.as_str();
    let paths: Vec<String> = folders.iter().map(|path| format!("{prefix}{path}")).collect();
    let mut dirty = status(&repository.program, &paths)?;
    for one in &mut dirty {
        if let Some(path) = one.path.strip_prefix(prefix) {
            one.path = path.to_owned();
        }
    }
    Ok(dirty)
}

pub(super) fn first(path: &str) -> String {
    path.split('/').next().unwrap_or_default().to_owned()
}

/// The files of the last commit that gen read: a removed file among them was gen's. Errors there do not matter.
fn read_at(head: &Snapshot) -> BTreeSet<String> {
    let recorded = Recorded::new(head);
    let mut sources = Sources::default();
    if let Ok((fleet, _)) = prepare(&recorded, &mut sources) {
        read_manifests(&fleet, &recorded);
    }
    recorded.read_files().into_keys().collect()
}

/// Reads the raw manifests of all apps, so that they are recorded.
pub(super) fn read_manifests(fleet: &Fleet, files: &dyn Files) {
    let rendering = Rendering::new(fleet, files);
    for app in fleet.environments.iter().flat_map(|prepared| &prepared.apps) {
        let _ = rendering.manifests(app);
    }
}

/// Records on disk and in the last commit, each read once.
struct Records<'a> {
    checkout: &'a Checkout<'a>,
    read: BTreeMap<String, [Option<Arc<Record>>; 2]>,
    /// The names of records in a folder.
    names: BTreeMap<String, Vec<String>>,
}

impl<'a> Records<'a> {
    fn new(checkout: &'a Checkout<'a>) -> Self {
        Self { checkout, read: BTreeMap::new(), names: BTreeMap::new() }
    }

    /// The owner of a file below clusters/: that of the next record above that lists it, on disk or in the last commit.
    fn owner(&mut self, path: &str) -> Result<Option<Owner>, Diagnostics> {
        for (end, _) in path.rmatch_indices('/') {
            let (folder, name) = (&path[..end], &path[end + 1..]);
            for record in self.names(folder)? {
                let record_path = format!("{folder}/{record}");
                for found in self.read(&record_path)?.into_iter().flatten() {
                    if name == record || found.files.contains_key(name) {
                        return Ok(Some(found.owner()));
                    }
                }
            }
        }
        Ok(None)
    }

    fn names(&mut self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        if let Some(names) = self.names.get(folder) {
            return Ok(names.clone());
        }
        let below = self.checkout.head()?.entries_below(folder);
        let below = below.map(|(path, _)| path[folder.len() + 1..].to_owned());
        let mut names: BTreeSet<String> = below.filter(|name| is_record_name(name)).collect();
        if let Ok(listed) = std::fs::read_dir(self.checkout.workspace.root().join(folder)) {
            let found = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.extend(found.filter(|name| is_record_name(name)));
        }
        let names: Vec<String> = names.into_iter().collect();
        self.names.insert(folder.to_owned(), names.clone());
        Ok(names)
    }

    fn read(&mut self, path: &str) -> Result<[Option<Arc<Record>>; 2], Diagnostics> {
        if let Some(read) = self.read.get(path) {
            return Ok(read.clone());
        }
        let sides: [&dyn Files; 2] = [self.checkout.workspace, self.checkout.head()?];
        let mut read = [None, None];
        for (side, slot) in sides.into_iter().zip(&mut read) {
            if let Some(text) = side.read(path, Record::LARGEST)? {
                *slot = Some(Arc::new(Record::read(path, &text)?));
            }
        }
        self.read.insert(path.to_owned(), read.clone());
        Ok(read)
    }
}
