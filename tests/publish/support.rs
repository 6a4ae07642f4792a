//! A checkout in a temporary folder, and trees to publish there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gitops_gen::diagnostics::Sources;
use gitops_gen::diagnostics::{Diagnostics, Look, render};
use gitops_gen::tree::{Folder, Owner};
use gitops_gen::workspace::{Disk, Options, Outcome, Publication, Summary, records};

pub const PLAIN: Options = Options { force: false, check: false };
pub const FORCE: Options = Options { force: true, check: false };
pub const CHECK: Options = Options { force: false, check: true };

pub struct Checkout {
    pub folder: tempfile::TempDir,
}

impl Checkout {
    pub fn new() -> Self {
        // In memory where that is possible: what is tested is the order of the calls, not the disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory).unwrap()
        } else {
            tempfile::tempdir().unwrap()
        };
        fs::create_dir(folder.path().join("root")).unwrap();
        Self { folder }
    }

    pub fn with(tree: &[Folder]) -> Self {
        let checkout = Self::new();
        publish(&checkout.root(), tree, PLAIN).unwrap();
        checkout
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// A folder beside the repository, which nothing may touch.
    pub fn outside(&self) -> PathBuf {
        let outside = self.folder.path().join("outside");
        fs::create_dir_all(&outside).unwrap();
        outside
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    pub fn tree(&self) -> BTreeMap<String, String> {
        files(&self.path("clusters"), "clusters")
    }
}

/// Every file below a folder; links by what they say.
pub fn files(folder: &Path, prefix: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!("{prefix}/{}", entry.file_name().to_str().unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.insert(format!("{path}/"), String::new());
            found.extend(files(&entry.path(), &path));
        } else if kind.is_symlink() {
            found.insert(path, format!("-> {}", fs::read_link(entry.path()).unwrap().display()));
        } else {
            found.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
    found
}

pub fn app(name: &str, files: &[(&str, &str)]) -> Folder {
    Folder {
        path: format!("clusters/homelab/dev/{name}"),
        record: "gen.lock.json".to_owned(),
        owner: Owner { environment: "dev".to_owned(), app: Some(name.to_owned()), retired: false },
        files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
    }
}

pub fn entry(environment: &str, text: &str) -> Folder {
    Folder {
        path: "clusters/homelab/flux".to_owned(),
        record: format!("gen-{environment}.lock.json"),
        owner: Owner { environment: environment.to_owned(), app: None, retired: false },
        files: BTreeMap::from([(format!("gen-{environment}.yaml"), text.to_owned())]),
    }
}

/// Publishes a tree: what it holds is added, what else is owned goes.
pub fn publish(root: &Path, tree: &[Folder], options: Options) -> Result<Summary, Diagnostics> {
    publish_on(Disk::default(), root, tree, options)
}

pub fn publish_on(
    disk: Disk,
    root: &Path,
    tree: &[Folder],
    options: Options,
) -> Result<Summary, Diagnostics> {
    let publication = Publication::begin_on(disk, root, options)?;
    for found in records(root)? {
        let wanted =
            |folder: &Folder| folder.path == found.folder && folder.record == found.record_name;
        if !tree.iter().any(wanted) {
            publication.remove(&found.folder, &found.record_name)?;
        }
    }
    for folder in tree {
        publication.add(folder, None)?;
    }
    publication.publish()
}

pub fn add_one(root: &Path, folder: &Folder, options: Options) -> Result<Outcome, Diagnostics> {
    Publication::begin(root, options)?.add(folder, None)
}

/// As a person sees it.
pub fn shown(problems: &Diagnostics) -> String {
    let one = |problem| render(problem, &Sources::default(), Look::Plain);
    problems.iter().map(one).collect()
}

pub fn codes(problems: &Diagnostics) -> Vec<String> {
    problems.iter().map(|problem| problem.kind.entry().code.to_string()).collect()
}
