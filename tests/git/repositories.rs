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

    /// A bare repository, as on a server.
    pub fn bare(&self, name: &str) -> Checkout<'_> {
        let root = self.folder.path().join(name);
        std::fs::create_dir_all(&root).unwrap();
        let checkout = Checkout { place: self, root };
        checkout.git(&["init", "-q", "--bare"]);
        checkout
    }

    /// A clone of a repository here.
    pub fn clone(&self, from: &str, name: &str) -> Checkout<'_> {
        let root = self.folder.path().join(name);
        let here = Checkout { place: self, root: self.folder.path().to_owned() };
        here.git(&["clone", "-q", from, name]);
        Checkout { place: self, root }
    }

    /// A bare repository `remote` whose `main` holds a rendered fleet of so many apps, and a clone of it.
    pub fn fleet(&self, apps: usize) -> Checkout<'_> {
        let remote = self.bare("remote");
        let first = self.init("first");
        first.write_fleet(apps);
        first.gen_(&["render", "-q"]).done();
        first.commit_all("begin");
        first.git(&["remote", "add", "origin", "../remote"]);
        first.git(&["push", "-q", "-u", "origin", "main"]);
        drop(remote);
        self.clone("remote", "clone")
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

    /// So many apps in files of their own, in `dev` and `staging`.
    pub fn write_fleet(&self, apps: usize) {
        self.write(
            "gen.yaml",
            "version: 1\nrepository: https://git.example/team/gitops.git\ninclude: [apps/*.yaml]\n",
        );
        self.write("environments/dev.yaml", "cluster: home\n");
        self.write("environments/staging.yaml", "cluster: home\npromotesFrom: dev\n");
        for number in 0..apps {
            self.write_app(&format!("app-{number}"), "");
        }
    }

    /// An app, with more lines behind the least.
    pub fn write_app(&self, name: &str, more: &str) {
        self.write(
            &format!("apps/{name}.yaml"),
            format!(
                "apps:\n  {name}:\n    source: https://git.example/team/{name}.git\n    image: registry.example/team/{name}\n{more}"
            ),
        );
    }

    /// Runs gen.
    pub fn gen_(&self, arguments: &[&str]) -> Ran {
        self.run(self.command(super::support::GEN).args(arguments))
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &mut Command) -> Ran {
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let place = self.place.path().display().to_string();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("gen writes UTF-8");
            text.replace(&place, "<place>")
        };
        Ran {
            command: format!("{command:?}"),
            status: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Everything that a command must leave as it was when it fails: refs, head, index, files on disk.
    pub fn state(&self) -> Vec<String> {
        let mut state = vec![
            self.git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"]),
            self.git(&["rev-parse", "--symbolic-full-name", "HEAD"]),
            self.git(&["ls-files", "-s"]),
        ];
        for (path, content) in super::support::tree(&self.root) {
            if !path.starts_with(".git/") && !path.starts_with(".gen/") {
                state.push(format!("{path} {}", String::from_utf8_lossy(&content)));
            }
        }
        state
    }

    /// git finds nothing wrong, and no lock is left.
    #[track_caller]
    pub fn check_sound(&self) {
        let output = self.try_git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git fsck: {said}");
        let locks: Vec<String> = super::support::tree(&self.root)
            .into_iter()
            .map(|(path, _)| path)
            .filter(|path| {
                path.contains(".git/") && Path::new(path).extension() == Some("lock".as_ref())
            })
            .collect();
        assert!(locks.is_empty(), "{locks:?}");
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

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub command: String,
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn status(self, wanted: i32) -> Self {
        assert_eq!(
            self.status, wanted,
            "{}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.stdout, self.stderr
        );
        self
    }

    #[track_caller]
    pub fn done(self) -> Self {
        self.status(0)
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(
            self.stdout.contains(part) || self.stderr.contains(part),
            "no `{part}`\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}
