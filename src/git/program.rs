//! Runs the git program: a list of arguments in, bounded bytes out.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal as _, Read, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::redact::redact;
use crate::diagnostics::{Diagnostics, GitError, visible};
use crate::files::io_problem;

/// The allowed protocols: no `ext::`, which is a command line, and none of an installed helper.
pub(super) const PROTOCOLS: &[&str] = &["file", "git", "http", "https", "ssh"];

/// Variables that would point git at another repository than that of gen.yaml: children of a hook inherit them.
const FOREIGN: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Settings for every call, regardless of the configuration.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "push.followTags=false",
    "push.gpgSign=false",
    "safe.bareRepository=explicit",
    "gc.auto=0",
    "maintenance.auto=false",
    "color.ui=false",
];

/// Default limit of git's output, in bytes.
const LIMIT: usize = 64 << 20;

/// Polling interval of a silent pipe: the exit of git alone does not wake its reader if a connection
/// that ssh keeps open holds the pipe too.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
const NONE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// The git program in a folder.
#[derive(Debug, Clone)]
pub struct Program {
    folder: PathBuf,
}

/// A git command, not run yet.
#[derive(Debug)]
pub struct Call {
    verb: &'static str,
    command: Command,
    stdin: Option<Vec<u8>>,
    limit: usize,
    deadline: Option<Instant>,
}

/// The output of a git command.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its exit status; 128 plus the signal's number if killed by one.
    pub status: i32,
    /// The bytes on stdout.
    pub stdout: Vec<u8>,
    /// Its stderr, without passwords.
    pub stderr: String,
    /// Whether gen killed it after its deadline.
    pub timed_out: bool,
}

impl Program {
    /// The program in a folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Its working folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command of gen's own, without hooks.
    #[must_use]
    pub fn call(&self, verb: &'static str) -> Call {
        self.start(verb, &["-c", "core.hooksPath=/dev/null"])
    }

    /// A command with the user's hooks, as if typed by the user.
    #[must_use]
    pub fn call_with_hooks(&self, verb: &'static str) -> Call {
        self.start(verb, &[])
    }

    fn start(&self, verb: &'static str, arguments: &[&str]) -> Call {
        let mut command = self.bare();
        command.args(arguments).args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.args(["--no-pager", "--literal-pathspecs", verb]);
        Call { verb, command, stdin: None, limit: LIMIT, deadline: None }
    }

    /// The command with its environment, without arguments.
    fn bare(&self) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.folder);
        for name in FOREIGN {
            command.env_remove(name);
        }
        // Some messages are parsed, so they must not be translated.
        command.env("LC_ALL", "C").env_remove("LANGUAGE");
        command.env("GIT_ALLOW_PROTOCOL", protocols());
        command.env("GIT_OPTIONAL_LOCKS", "0");
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            command.env("GIT_TERMINAL_PROMPT", "0");
            command.env("GCM_INTERACTIVE", "never");
        }
        command
    }
}

/// The protocols, or those of them in the user's own list.
fn protocols() -> String {
    let list = std::env::var("GIT_ALLOW_PROTOCOL").ok();
    let wanted = |protocol: &&&str| {
        list.as_ref().is_none_or(|list| list.split(':').any(|one| one == **protocol))
    };
    let kept: Vec<&str> = PROTOCOLS.iter().filter(wanted).copied().collect();
    kept.join(":")
}

impl Call {
    /// Adds an argument. Untrusted ones follow `--end-of-options` or `--`.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Sets its stdin.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Sets the limit of its output, in bytes.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets its deadline.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Runs it and returns its output, whatever its status.
    ///
    /// # Errors
    /// GEN1001 if it cannot be started, GEN1006 if its output exceeds the limit.
    pub fn output(mut self) -> Result<Output, Diagnostics> {
        let mut child = self.spawn()?;
        let feeder = feed(&mut child, self.stdin.take());
        let is_over = Arc::new(AtomicBool::new(false));
        let read = |pipe, limit| drain(pipe, limit, Arc::clone(&is_over));
        let out = child.stdout.take().map(|pipe| read(pipe.into(), self.limit));
        let err = child.stderr.take().map(|pipe| read(pipe.into(), 1 << 20));
        let ended = self.wait(&mut child);
        is_over.store(true, Ordering::Release);
        let [out, err] = [out, err].map(|thread| thread.map(taken).unwrap_or_default());
        if let Some(feeder) = feeder.filter(JoinHandle::is_finished) {
            let _ = feeder.join();
        }
        let (status, timed_out) = ended.map_err(|error| no_program(&error))?;
        if out.overflowed {
            let (verb, limit) = (self.verb.to_owned(), self.limit);
            return Err(GitError::TooMuch { verb, limit }.into());
        }
        let stderr = redact(&String::from_utf8_lossy(&err.bytes));
        Ok(Output { status, stdout: out.bytes, stderr, timed_out })
    }

    /// Runs it and returns its stdout.
    ///
    /// # Errors
    /// As [`Call::output`], and GEN1005 with its message if it failed.
    pub fn run(self) -> Result<Vec<u8>, Diagnostics> {
        let verb = self.verb;
        let output = self.output()?;
        if output.status == 0 { Ok(output.stdout) } else { Err(output.failed(verb)) }
    }

    /// Runs it and returns its stdout as text, without the trailing newline.
    ///
    /// # Errors
    /// As [`Call::run`].
    pub fn text(self) -> Result<String, Diagnostics> {
        let bytes = self.run()?;
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if text.ends_with('\n') {
            text.pop();
        }
        Ok(text)
    }

    /// Starts it with pipes for stdin, stdout and stderr.
    pub(super) fn spawn(&mut self) -> Result<Child, Diagnostics> {
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| no_program(&error))
    }

    /// The exit of the child: its status, and whether gen killed it.
    fn wait(&self, child: &mut Child) -> std::io::Result<(i32, bool)> {
        let Some(deadline) = self.deadline else {
            return Ok((code(child.wait()?), false));
        };
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok((code(status), false));
            }
            if Instant::now() >= deadline {
                return Ok((end(child)?, true));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(5));
        }
    }
}

/// Stops a child, first with a signal that lets it remove its locks.
fn end(child: &mut Child) -> std::io::Result<i32> {
    let id = i32::try_from(child.id()).unwrap_or_default();
    if let Some(id) = rustix::process::Pid::from_raw(id) {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
    let patience = Instant::now() + Duration::from_secs(2);
    while Instant::now() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(code(status));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    Ok(code(child.wait()?))
}

fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

impl Output {
    /// The message after a failure, in a line or two.
    #[must_use]
    pub fn problem(&self) -> String {
        if self.timed_out {
            return "it timed out".to_owned();
        }
        let shown = |line: &str| {
            let line = line.trim();
            let mut prefixes = ["fatal: ", "error: ", "remote: "].into_iter();
            let rest = prefixes.find_map(|prefix| line.strip_prefix(prefix));
            visible(rest.unwrap_or(line).trim())
        };
        let has_text = |line: &&str| !line.trim().is_empty() && !line.starts_with("hint:");
        let lines = self.stderr.lines().filter(has_text);
        let lines: Vec<String> = lines.map(shown).take(6).collect();
        let text = lines.join("; ");
        if text.is_empty() {
            return format!("it exited with status {}", self.status);
        }
        text.chars().take(600).collect()
    }

    /// The error of a failed command.
    #[must_use]
    pub fn failed(&self, verb: &str) -> Diagnostics {
        failed(verb, self.problem())
    }
}

/// The error of a failed command.
pub(super) fn failed(verb: &str, problem: String) -> Diagnostics {
    GitError::Failed { verb: verb.to_owned(), problem }.into()
}

/// The parts of a listing that end with NUL. Those that are not UTF-8 are not gen's.
pub(super) fn entries(listing: &[u8]) -> impl Iterator<Item = &str> {
    listing.split(|byte| *byte == 0).filter_map(|line| std::str::from_utf8(line).ok())
}

fn no_program(error: &std::io::Error) -> Diagnostics {
    GitError::NoProgram { problem: io_problem(error) }.into()
}

/// Writes in parallel with the reading, so that neither side blocks the other.
fn feed(child: &mut Child, bytes: Option<Vec<u8>>) -> Option<JoinHandle<()>> {
    let (mut pipe, bytes) = (child.stdin.take()?, bytes?);
    Some(std::thread::spawn(move || {
        // A child that does not read all of it closes the pipe, and reports why on stderr.
        let _ = pipe.write_all(&bytes);
    }))
}

/// The bytes read from a pipe.
#[derive(Debug, Default)]
struct Taken {
    bytes: Vec<u8>,
    overflowed: bool,
}

/// Reads a pipe beside the program's run: to its end or, where something that git left behind keeps it open, until nothing is in it
/// any more after `is_over` says that git has ended. All that git wrote is in the pipe by then, so nothing of it is missed however
/// late this thread comes to run.
fn drain(pipe: OwnedFd, limit: usize, is_over: Arc<AtomicBool>) -> JoinHandle<Taken> {
    let mut pipe = std::fs::File::from(pipe);
    std::thread::spawn(move || {
        let mut read = Taken::default();
        let mut block = vec![0; 64 << 10];
        loop {
            // Before polling the pipe: the poll sees anything written in between.
            let was_over = is_over.load(Ordering::Acquire);
            let patience = if was_over { NONE } else { LOOK };
            let mut watched = [PollFd::new(&pipe, PollFlags::IN)];
            match poll(&mut watched, Some(&patience)) {
                Ok(0) if was_over => return read,
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                // A pipe that cannot be polled can still be read.
                Ok(_) | Err(_) => {}
            }
            match pipe.read(&mut block) {
                Ok(0) => return read,
                Ok(count) if read.bytes.len() + count > limit => {
                    // Reading stops, so that the writer fails with a closed pipe.
                    read.overflowed = true;
                    return read;
                }
                Ok(count) => read.bytes.extend_from_slice(&block[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return read,
            }
        }
    })
}

fn taken(thread: JoinHandle<Taken>) -> Taken {
    thread.join().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output of a shell script, read like git's.
    fn said(script: &str) -> Taken {
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let _open = child.stdin.take();
        let is_over = Arc::new(AtomicBool::new(false));
        let pipe = child.stdout.take().expect("a pipe").into();
        // As on a machine that is busy: the program ends before anybody has read a byte.
        child.wait().expect("a child");
        let thread = drain(pipe, 1 << 20, Arc::clone(&is_over));
        is_over.store(true, Ordering::Release);
        taken(thread)
    }

    #[test]
    fn nothing_that_was_said_is_lost() {
        let all = "i=0; while [ $i -lt 6000 ]; do echo 12345678; i=$((i + 1)); done";
        assert_eq!(said(all).bytes.len(), 54_000);
        // A child of the program's holds the pipe open as long as the test runs, and is not waited for.
        let left = said(&format!("exec 3<&0; cat <&3 & {all}"));
        assert_eq!(left.bytes.len(), 54_000);
    }
}
