//! A repository in a temporary folder, and the real binary in it.
//!
//! A child sees nothing of the machine: no variable but PATH, its own HOME, no colours. A failed check shows all that was said.
#![allow(dead_code, reason = "every test program uses another part of the builder")]

pub mod cases;
pub mod loopback;
pub mod needs;
pub mod rule_cases;
pub mod wait;

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The binary under test.
pub const GEN: &str = env!("CARGO_BIN_EXE_gen");

/// A digest for pins: sixty-four times the same digit.
#[must_use]
pub fn digest(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

/// A repository that goes with the test.
pub struct Repo {
    outer: TempDir,
    root: PathBuf,
}

impl Default for Repo {
    fn default() -> Self {
        Self::new()
    }
}

impl Repo {
    /// An empty one. Beside it lies `home/`; whatever else appears there was written outside.
    #[must_use]
    pub fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("repo");
        std::fs::create_dir(&root).unwrap();
        std::fs::create_dir(outer.path().join("home")).unwrap();
        // The search for gen.yaml ends here, whatever stands above the temporary folder.
        std::fs::create_dir(root.join(".git")).unwrap();
        Self { outer, root }
    }

    /// One app with its source and image, in the environment `dev`, which says nothing.
    #[must_use]
    pub fn small() -> Self {
        Self::new().file("gen.yaml", SMALL).file("environments/dev.yaml", "{}\n")
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder around it, which gen has no business in.
    #[must_use]
    pub fn outside(&self) -> &Path {
        self.outer.path()
    }

    fn place(&self, path: &str) -> PathBuf {
        let place = self.root.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    /// Writes a file.
    #[must_use]
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.place(path), content).unwrap();
        self
    }

    /// Makes a link.
    #[must_use]
    pub fn link(self, path: &str, target: impl AsRef<Path>) -> Self {
        std::os::unix::fs::symlink(target, self.place(path)).unwrap();
        self
    }

    /// A file of that many zeros that takes no space.
    #[must_use]
    pub fn sparse(self, path: &str, bytes: u64) -> Self {
        let file = std::fs::File::create(self.place(path)).unwrap();
        file.set_len(bytes).unwrap();
        self
    }

    /// A named pipe, which a reader would wait at for ever.
    #[must_use]
    pub fn fifo(self, path: &str) -> Self {
        let made = Command::new("mkfifo").arg(self.place(path)).status();
        assert!(made.unwrap().success(), "mkfifo");
        self
    }

    /// Lays the files of a folder over this one.
    #[must_use]
    pub fn copy(self, from: &Path) -> Self {
        for (path, content) in tree(from) {
            std::fs::write(self.place(&path), content).unwrap();
        }
        self
    }

    /// Takes a file away.
    #[must_use]
    pub fn without(self, path: &str) -> Self {
        std::fs::remove_file(self.root.join(path)).unwrap();
        self
    }

    /// Reads a file.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// What was rendered: path below clusters/ and content.
    #[must_use]
    pub fn clusters(&self) -> Vec<(String, Vec<u8>)> {
        tree(&self.root.join("clusters"))
    }

    /// Runs gen.
    pub fn run<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        self.run_as(Command::new(GEN), arguments)
    }

    /// Runs gen with at most that much memory (bytes) and time on the processor (seconds), where the machine has `prlimit`.
    pub fn run_limited<S: AsRef<str>>(
        &self,
        memory: u64,
        seconds: u64,
        arguments: impl IntoIterator<Item = S>,
    ) -> Ran {
        let mut command = Command::new("prlimit");
        command
            .args([format!("--as={memory}"), format!("--cpu={seconds}")])
            .args(["--core=0", "--", GEN]);
        if needs::program("prlimit").is_none() {
            command = Command::new(GEN);
        }
        self.run_as(command, arguments)
    }

    fn run_as<S: AsRef<str>>(
        &self,
        mut command: Command,
        arguments: impl IntoIterator<Item = S>,
    ) -> Ran {
        let arguments: Vec<String> =
            arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        command
            .args(&arguments)
            .current_dir(&self.root)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.outer.path().join("home"))
            // An address space is counted with what the allocator sets aside for each thread.
            .env("MALLOC_ARENA_MAX", "2")
            .env("RAYON_NUM_THREADS", "2")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        let stdout = drain(child.stdout.take().unwrap());
        let stderr = drain(child.stderr.take().unwrap());
        let status = wait::until_some(HANG, || child.try_wait().unwrap());
        let Some(status) = status else {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("gen {} hangs", arguments.join(" "));
        };
        let text = |bytes: Vec<u8>| {
            // The folder's name differs from run to run.
            let root = self.root.display().to_string();
            String::from_utf8(bytes).expect("gen writes UTF-8").replace(&root, "<root>")
        };
        Ran {
            command: format!("gen {}", arguments.join(" ")),
            status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: text(stdout.join().unwrap()),
            stderr: text(stderr.join().unwrap()),
            took: start.elapsed(),
        }
    }
}

/// The smallest spec.
pub const SMALL: &str = "\
version: 1
repository: https://git.example/team/gitops.git
apps:
  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}
";

/// After this long a child no longer comes to an end. Far beyond what any machine needs.
const HANG: Duration = Duration::from_mins(2);

fn drain(mut pipe: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// What gen said and how it ended.
pub struct Ran {
    /// The command line.
    pub command: String,
    /// The exit status; 128 and the number of the signal where one ended it.
    pub status: i32,
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
    /// By the clock.
    pub took: Duration,
}

impl Ran {
    fn told(&self) -> String {
        let mut text = format!("{} ended with {}\n", self.command, self.status);
        let _ = write!(text, "--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        text
    }

    /// Checks the exit status.
    #[track_caller]
    pub fn status(self, wanted: i32) -> Self {
        assert_eq!(self.status, wanted, "{}", self.told());
        self
    }

    /// Checks that the data holds a text.
    #[track_caller]
    pub fn stdout(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "no `{part}` on stdout\n{}", self.told());
        self
    }

    /// Checks that the talk holds a text.
    #[track_caller]
    pub fn stderr(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "no `{part}` on stderr\n{}", self.told());
        self
    }

    /// Checks that neither output holds a text.
    #[track_caller]
    pub fn silent_about(self, part: &str) -> Self {
        let found = self.stdout.contains(part) || self.stderr.contains(part);
        assert!(!found, "`{part}` was printed\n{}", self.told());
        self
    }
}

/// All files below a folder, sorted: path and content. Links are followed; what is no file or folder is left out.
#[must_use]
pub fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name();
    let mut files: Vec<(String, Vec<u8>)> = walk
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap();
            let content = std::fs::read(entry.path()).unwrap();
            (path.to_str().unwrap().to_owned(), content)
        })
        .collect();
    files.sort();
    files
}
