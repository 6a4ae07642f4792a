//! Plays a rendered Task on this machine: its steps one after the other, as Tekton would have them run in a pod. What is mounted
//! is a folder of the test's own, variables are put in as Tekton and the kubelet put them in, and programs are this machine's or
//! stand-ins. Images, users and limits are not played.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::needs::{self, which};
use super::wait::until_some;
use super::{list, text};

/// What runs a script that begins with `#!/bin/sh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// Debian's.
    Dash,
    /// That of the small images, with its own sed, awk, find and all the others.
    Busybox,
}

impl Shell {
    /// Those that this machine has; a missing one counts as skipped.
    pub fn all() -> Vec<Self> {
        let found = [(Self::Dash, "dash"), (Self::Busybox, "busybox")];
        let found = found.into_iter().filter(|(_, program)| has(program));
        found.map(|(shell, _)| shell).collect()
    }
}

/// Whether a program is there; skips the test where it is not.
pub fn has(program: &str) -> bool {
    needs::program(program).is_some()
}

/// How long a step may take where it says nothing itself.
const PATIENCE: Duration = Duration::from_mins(2);

/// A Task about to be played.
pub struct Play {
    task: Value,
    folder: tempfile::TempDir,
    params: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    path: Vec<PathBuf>,
    shell: Shell,
}

/// What one step did.
#[derive(Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Its exit status; none where it took too long and was ended.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// What became of a Task.
#[derive(Debug)]
pub struct Played {
    /// Steps that ran, in order; those after a failure do not.
    pub steps: Vec<Step>,
    /// Results that were written.
    pub results: BTreeMap<String, String>,
}

impl Play {
    /// A Task as it was rendered.
    pub fn new(task: &Value) -> Self {
        let play = Self {
            task: task.clone(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            params: BTreeMap::new(),
            variables: BTreeMap::new(),
            path: Vec::new(),
            shell: Shell::Dash,
        };
        for path in play.mounts() {
            std::fs::create_dir_all(play.place(&path)).expect("a folder");
        }
        play
    }

    /// With a parameter's value.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.params.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With a variable that the pod has beside those of the Task, or another value for one of them.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// With a file where the container has it.
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let target = self.place(path);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("its folder");
        std::fs::write(target, bytes).expect("a file");
        self
    }

    /// With programs in the place of this machine's: name and shell script.
    pub fn program(self, name: &str, script: &str) -> Self {
        let text = self.place("/texts").join(name);
        let target = self.place("/programs").join(name);
        for file in [&text, &target] {
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("its folder");
        }
        std::fs::write(&text, format!("#!/bin/sh\n{script}\n")).expect("a file");
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&text, permissions).expect("it can be run");
        // Another process writes what is run: a file that this one has open could be open in another thread's child too, for the
        // moment before that becomes its program, and could not be run in that moment ("Text file busy").
        let copied = Command::new("cp").arg(text).arg(target).status();
        assert!(copied.expect("cp runs").success());
        self
    }

    /// With a folder of programs before this machine's.
    pub fn programs(mut self, folder: &Path) -> Self {
        self.path.push(folder.to_owned());
        self
    }

    /// In a shell.
    pub fn shell(mut self, shell: Shell) -> Self {
        self.shell = shell;
        self
    }

    /// Where something of the container is on this machine.
    pub fn place(&self, path: &str) -> PathBuf {
        self.folder.path().join("root").join(path.trim_start_matches('/'))
    }

    fn sidecar(&self, name: &str) -> &Value {
        let mut sidecars = list(&self.task, "/spec/sidecars").iter();
        let sidecar = sidecars.find(|sidecar| text(sidecar, "/name") == name);
        sidecar.unwrap_or_else(|| panic!("no sidecar `{name}`"))
    }

    /// What a sidecar is started with: its arguments, or the command of its readiness probe.
    pub fn words_of_sidecar(&self, name: &str, at: &str) -> Vec<String> {
        let words = list(self.sidecar(name), at).iter();
        words.map(|word| self.fill(word.as_str().expect("a text"))).collect()
    }

    /// Variables of a sidecar, without those that come from Secrets. Tekton's stepTemplate is not for it.
    pub fn environment_of_sidecar(&self, name: &str) -> BTreeMap<String, String> {
        self.variables_in(list(self.sidecar(name), "/env").iter())
    }

    /// Paths of the container that are folders here.
    fn mounts(&self) -> Vec<String> {
        let mut paths: Vec<String> =
            ["/workspace/source", "/tekton/results", "/var/run/secrets"].map(str::to_owned).into();
        let steps = list(&self.task, "/spec/steps").iter();
        for holder in steps.chain([&self.task["spec"]["stepTemplate"]]) {
            let mounts = list(holder, "/volumeMounts").iter();
            paths.extend(mounts.map(|mount| text(mount, "/mountPath").to_owned()));
        }
        paths.sort();
        paths.dedup();
        // The longest first, so that a folder in a mounted folder is found before it.
        paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
        paths
    }

    /// A text of the Task: paths of the container become paths here, and `$(…)` what Tekton puts there. What was put in is not
    /// looked at again.
    fn fill(&self, template: &str) -> String {
        let mounts = self.mounts();
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find(['/', '$']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some((value, after)) = self.variable_at(rest) {
                out.push_str(&value);
                rest = after;
                continue;
            }
            // In `unix:///run/socket` the path begins at the third.
            let inside = !out.ends_with("://") && out.chars().last().is_some_and(is_of_path);
            let mount = mounts.iter().find(|path| {
                let after = rest.strip_prefix(path.as_str());
                let ends = |after: &str| !after.starts_with(|c| is_of_path(c) && c != '/');
                !inside && after.is_some_and(ends)
            });
            let length = mount.map_or(1, String::len);
            match mount {
                Some(mount) => out.push_str(self.place(mount).to_str().expect("UTF-8")),
                None => out.push_str(&rest[..1]),
            }
            rest = &rest[length..];
        }
        out.push_str(rest);
        out
    }

    fn variable_at<'a>(&self, rest: &'a str) -> Option<(String, &'a str)> {
        let (name, after) = rest.strip_prefix("$(")?.split_once(')')?;
        let at = |path: &str| self.place(path).to_str().expect("UTF-8").to_owned();
        let value = if let Some(param) = name.strip_prefix("params.") {
            let given = self.params.get(param);
            given.unwrap_or_else(|| panic!("the test gives no parameter `{param}`")).clone()
        } else if let Some(result) =
            name.strip_prefix("results.").and_then(|name| name.strip_suffix(".path"))
        {
            at(&format!("/tekton/results/{result}"))
        } else if name == "workspaces.source.path" {
            at("/workspace/source")
        } else {
            return None;
        };
        Some((value, after))
    }

    /// Runs the steps.
    pub fn run(&self) -> Played {
        let mut steps = Vec::new();
        for (index, step) in list(&self.task, "/spec/steps").iter().enumerate() {
            let done = self.step(index, step);
            let goes_on = done.status == Some(0) || text(step, "/onError") == "continue";
            steps.push(done);
            if !goes_on {
                break;
            }
        }
        let results = super::snapshot(&self.place("/tekton/results"));
        let results = results
            .into_iter()
            .map(|(name, bytes)| (name, String::from_utf8(bytes).expect("UTF-8")));
        Played { steps, results: results.collect() }
    }

    /// Variables of a step, as the kubelet has them: `$(NAME)` of one that stands before is its value.
    fn environment(&self, step: &Value) -> BTreeMap<String, String> {
        let template = list(&self.task, "/spec/stepTemplate/env").iter();
        let mut all = self.variables_in(template.chain(list(step, "/env")));
        all.extend(self.variables.clone());
        all
    }

    fn variables_in<'v>(
        &self,
        variables: impl Iterator<Item = &'v Value>,
    ) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        for variable in variables {
            let name = text(variable, "/name").to_owned();
            let value = variable.get("value").and_then(Value::as_str);
            if let Some(value) = value {
                let value = expand(&self.fill(value), &all);
                all.insert(name, value);
            }
        }
        all
    }

    fn command(&self, index: usize, step: &Value) -> Command {
        let environment = self.environment(step);
        if let Some(script) = step.get("script").and_then(Value::as_str) {
            let script = self.fill(script);
            let file = self.place(&format!("/tekton/scripts/{index}"));
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("its folder");
            std::fs::write(&file, &script).expect("a file");
            let first = script.lines().next().unwrap_or_default();
            let mut command = match (first, self.shell) {
                ("#!/bin/sh" | "#!/bin/sh -e", Shell::Dash) => Command::new("dash"),
                ("#!/bin/sh" | "#!/bin/sh -e", Shell::Busybox) => {
                    let mut command = Command::new("busybox");
                    command.arg("sh");
                    command
                }
                _ => {
                    let words = first.trim_start_matches("#!").split_whitespace();
                    let words: Vec<&str> = words.filter(|word| *word != "/usr/bin/env").collect();
                    let [program, arguments @ ..] = words.as_slice() else {
                        panic!("no interpreter in `{first}`")
                    };
                    let mut command = Command::new(program);
                    command.args(arguments);
                    command
                }
            };
            command.arg(file);
            return command;
        }
        let mut words = ["/command", "/args"]
            .into_iter()
            .flat_map(|key| list(step, key))
            .map(|word| expand(&self.fill(word.as_str().expect("a text")), &environment));
        // A program of the image, by whatever path, is the stand-in of that name.
        let program = words.next().expect("a program");
        let name = Path::new(&program).file_name().expect("a name").to_owned();
        let mut command = Command::new(name);
        command.args(words);
        command
    }

    fn step(&self, index: usize, step: &Value) -> Step {
        let name = text(step, "/name").to_owned();
        let mut command = self.command(index, step);
        let outputs = ["stdout", "stderr"].map(|stream| {
            let file = self.folder.path().join(format!("{index}.{stream}"));
            (std::fs::File::create(&file).expect("a file"), file)
        });
        let folder = match text(step, "/workingDir") {
            "" => self.place("/"),
            folder => PathBuf::from(self.fill(folder)),
        };
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", self.search_path())
            .envs(self.environment(step))
            .stdin(Stdio::null())
            .stdout(outputs[0].0.try_clone().expect("a file"))
            .stderr(outputs[1].0.try_clone().expect("a file"))
            .process_group(0);
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{name}: {command:?}: {error}"));
        let limit = seconds(text(step, "/timeout")).unwrap_or(PATIENCE);
        let ended = until_some(limit, || child.try_wait().expect("a child"));
        if ended.is_none() {
            let group = rustix::process::Pid::from_child(&child);
            // The group is the child's own; it may be gone by now.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            child.wait().expect("a child");
        }
        let status = ended.and_then(|status| status.code());
        let [stdout, stderr] = outputs.map(|(_, file)| {
            let bytes = std::fs::read(file).expect("a file");
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Step { name, status, stdout, stderr }
    }

    fn search_path(&self) -> OsString {
        let mut folders = vec![self.place("/programs")];
        folders.extend(self.path.clone());
        if self.shell == Shell::Busybox {
            folders.push(applets().to_owned());
        }
        let own = std::env::var_os("PATH").unwrap_or_default();
        folders.extend(std::env::split_paths(&own));
        std::env::join_paths(folders).expect("a search path")
    }
}

impl Played {
    /// Fails the test where a step failed.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        let last = self.steps.last().expect("a step");
        assert_eq!(last.status, Some(0), "{self:#?}");
        self
    }

    /// Fails the test where the step did not fail, or says something else on stderr.
    #[track_caller]
    pub fn fails(self, step: &str, says: &str) -> Self {
        let last = self.steps.last().expect("a step");
        assert!(
            last.name == step && last.status != Some(0) && last.stderr.contains(says),
            "not `{says}` from `{step}`: {self:#?}"
        );
        self
    }

    /// A step that ran.
    #[track_caller]
    pub fn step(&self, name: &str) -> &Step {
        let step = self.steps.iter().find(|step| step.name == name);
        step.unwrap_or_else(|| panic!("`{name}` did not run: {self:#?}"))
    }
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}

/// `$(NAME)` of a known variable becomes its value, as in Kubernetes; `$$` keeps it from that.
fn expand(value: &str, known: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix("$(").and_then(|r| r.split_once(')'))
            && let Some(value) = known.get(name)
        {
            out.push_str(value);
            rest = after;
        } else {
            out.push('$');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn seconds(duration: &str) -> Option<Duration> {
    let number = |unit: char| duration.strip_suffix(unit)?.parse::<u64>().ok();
    let seconds = number('s').or_else(|| Some(number('m')? * 60))?;
    Some(Duration::from_secs(seconds))
}

/// A folder with all programs that busybox is.
fn applets() -> &'static Path {
    static APPLETS: std::sync::LazyLock<tempfile::TempDir> = std::sync::LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listed = Command::new("busybox").arg("--list").output();
        let listed = listed.expect("busybox runs").stdout;
        for applet in String::from_utf8(listed).expect("UTF-8").lines() {
            let busybox = which("busybox").expect("it is there");
            // `[[` and the like are names too.
            std::os::unix::fs::symlink(busybox, folder.path().join(applet)).expect("a link");
        }
        folder
    });
    APPLETS.path()
}
