//! Repositories in temporary folders, with a git that sees nothing of the machine's settings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with repositories in it, and the HOME of everybody who works there.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        std::fs::write(
            home.join(".gitconfig"),
            "[user]\n\tname = Ann Example\n\temail = ann@example.test\n[init]\n\tdefaultBranch = main\n",
        )
        .unwrap();
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A new repository without a commit.
    pub fn init(&self, name: &str) -> Checkout<'_> {
        let root = self.folder.path().join(name);
        std::fs::create_dir_all(&root).unwrap();
        let checkout = Checkout { place: self, root };
        checkout.git(&["init", "-q"]);
        checkout
    }
}

/// A checkout.
pub struct Checkout<'a> {
    pub place: &'a Place,
    pub root: PathBuf,
}

impl Checkout<'_> {
    /// A command in here that sees PATH and HOME and nothing else.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.place.home())
            .env("RAYON_NUM_THREADS", "2");
        command
    }

    pub fn try_git(&self, arguments: &[&str]) -> Output {
        self.command("git").args(arguments).output().unwrap()
    }

    /// Runs git and returns what it printed, without the last line break.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.trim_end_matches('\n').to_owned()
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn link(&self, path: &str, target: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    /// Commits everything that is there, as a person would.
    pub fn commit_all(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}
