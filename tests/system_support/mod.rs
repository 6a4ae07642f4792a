//! What the system and process tests share: repositories in temporary folders, the real binary, the objects of a rendered tree.

#![allow(dead_code, reason = "each test program uses a part of what several share")]

#[path = "../support/needs.rs"]
pub mod needs;
pub mod play;
pub mod projection;
pub mod specs;
#[path = "../support/wait.rs"]
pub mod wait;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use specs::Files;

/// The program under test.
pub const GEN: &str = env!("CARGO_BIN_EXE_gen");

/// This repository.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The repository of an example: `service`, `monorepo`, `homelab`.
pub fn example(name: &str) -> PathBuf {
    project().join(format!("tests/golden/example-{name}/in"))
}

/// The examples.
pub const EXAMPLES: [&str; 3] = ["service", "monorepo", "homelab"];

/// Whether tests with random input try many more of it.
pub fn is_soak() -> bool {
    std::env::var_os("GEN_SOAK").is_some_and(|value| value == "1")
}

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// The next number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.0;
        next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        next ^= next >> 31;
        usize::try_from(next % end as u64).expect("below a usize")
    }

    /// One of some texts.
    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

/// A repository in a temporary folder.
pub struct Repo {
    folder: tempfile::TempDir,
}

/// What a call of the program said.
pub struct Said {
    /// The exit status; none where a signal ended it.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8 on both streams");
        Self {
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Said {
    /// Fails the test where the status is another.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails the test where stderr does not hold the text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` in:\n{}", self.stderr);
        self
    }
}

impl Repo {
    /// An empty folder.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder }
    }

    /// An empty folder in memory, where this machine has one: for tests that write a great deal.
    pub fn in_memory() -> Self {
        match tempfile::tempdir_in("/dev/shm") {
            Ok(folder) => Self { folder },
            Err(_) => Self::empty(),
        }
    }

    /// With files.
    pub fn new(files: Files) -> Self {
        let repo = Self::empty();
        for (path, text) in files {
            repo.write(path, text);
        }
        repo
    }

    /// A copy of a folder.
    pub fn copy(of: &Path) -> Self {
        let repo = Self::empty();
        for (path, bytes) in snapshot(of) {
            repo.write(&path, bytes);
        }
        repo
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    #[track_caller]
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let target = self.at(path);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("its folder");
        std::fs::write(target, bytes).expect("a file");
    }

    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    #[track_caller]
    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Removes a folder with everything in it.
    #[track_caller]
    #[expect(
        clippy::disallowed_methods,
        reason = "a folder of this test's own; what the lint is for is gen itself"
    )]
    pub fn remove_folder(&self, path: &str) {
        std::fs::remove_dir_all(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Replaces a text that must be there.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "no `{from}` in {path}:\n{text}");
        self.write(path, text.replacen(from, to, 1));
    }

    pub fn has(&self, path: &str) -> bool {
        self.at(path).symlink_metadata().is_ok()
    }

    /// A call of the program in this folder, with an environment that says nothing of the machine.
    pub fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(GEN);
        command
            .current_dir(self.path())
            .args(args)
            .env_remove("NO_COLOR")
            .env_remove("RUSTC_BOOTSTRAP");
        command
    }

    pub fn run<const N: usize>(&self, args: [&str; N]) -> Said {
        self.command(args).output().expect("gen runs").into()
    }

    /// Renders, and expects it to work.
    #[track_caller]
    pub fn render(&self) -> Said {
        self.run(["render"]).exits(0)
    }

    /// Every file, without gen's own folder.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        snapshot(self.path()).into_iter().filter(|(path, _)| !path.starts_with(".gen/")).collect()
    }

    /// The objects of the rendered tree.
    pub fn objects(&self) -> Vec<Rendered> {
        objects(&self.at("clusters"))
    }
}

/// Every file of a folder: path and content.
pub fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("a readable folder");
        if !entry.file_type().is_dir() {
            let path = entry.path().strip_prefix(folder).expect("below it");
            let bytes = std::fs::read(entry.path()).expect("a readable file");
            files.insert(path.to_str().expect("UTF-8").to_owned(), bytes);
        }
    }
    files
}

/// One change to an object, after which something must be caught: a positive control.
pub type Change = fn(&mut Value);

/// An object and where it stands.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Its file, below clusters/; what travels inside another object has that object's file.
    pub path: String,
    /// The object.
    pub value: Value,
    /// It travels in a ConfigMap or TriggerTemplate, and is applied from there.
    pub inner: bool,
}

impl Rendered {
    pub fn kind(&self) -> &str {
        text(&self.value, "/kind")
    }

    pub fn name(&self) -> &str {
        text(&self.value, "/metadata/name")
    }

    pub fn namespace(&self) -> &str {
        text(&self.value, "/metadata/namespace")
    }

    /// The folder of the unit: `homelab/dev/demo-app`; for Flux's entry `homelab/flux/gen-dev.yaml`.
    pub fn unit(&self) -> String {
        self.path.split('/').take(3).collect::<Vec<_>>().join("/")
    }

    /// The cluster that it is meant for.
    pub fn cluster(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// `Deployment shop/api` with its file.
    pub fn title(&self) -> String {
        format!("{} {}/{} ({})", self.kind(), self.namespace(), self.name(), self.path)
    }
}

/// A text in an object; empty where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A list in an object; empty where there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// All objects of a tree, kustomization.yaml apart, read by another reader than gen's own: also the workload that travels to the
/// deploy task in a ConfigMap, and the run in a TriggerTemplate.
pub fn objects(clusters: &Path) -> Vec<Rendered> {
    let found = objects_of(snapshot(clusters));
    assert!(!found.is_empty(), "nothing in {}", clusters.display());
    found
}

/// The same of a tree's files.
pub fn objects_of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<Rendered> {
    let mut found = Vec::new();
    for (path, bytes) in files {
        let is_yaml = Path::new(&path).extension().is_some_and(|ending| ending == "yaml");
        if !is_yaml || path.ends_with("/kustomization.yaml") {
            continue;
        }
        let content = String::from_utf8(bytes).expect("UTF-8");
        for value in documents(&content) {
            let object = Rendered { path: path.clone(), value, inner: false };
            found.extend(inner(&object));
            found.push(object);
        }
    }
    found
}

/// The documents of a YAML stream.
pub fn documents(content: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(content)
        .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
        .filter(|value: &Value| !value.is_null())
        .collect()
}

fn inner(object: &Rendered) -> Vec<Rendered> {
    let mut values = Vec::new();
    if object.kind() == "ConfigMap" && object.name().ends_with("-workload") {
        values.extend(documents(text(&object.value, "/data/workload.yaml")));
    }
    if object.kind() == "TriggerTemplate" {
        values.extend(list(&object.value, "/spec/resourcetemplates").iter().cloned());
    }
    let rendered = |value| Rendered { path: object.path.clone(), value, inner: true };
    values.into_iter().map(rendered).collect()
}

/// Rendered trees: this repository's own, those of [`specs::ALL`], and the examples. Rendered once for all
/// tests of a program.
pub fn trees() -> &'static [(String, Vec<Rendered>)] {
    static TREES: std::sync::LazyLock<Vec<(String, Vec<Rendered>)>> =
        std::sync::LazyLock::new(|| {
            let mut trees =
                vec![("this repository".to_owned(), objects(&project().join("clusters")))];
            for (name, files) in specs::ALL {
                let repo = Repo::new(files);
                repo.render();
                trees.push(((*name).to_owned(), repo.objects()));
            }
            let full = Repo::empty();
            full.run(["init", ".", "--demo", "--full"]).exits(0);
            full.render();
            trees.push(("full demo".to_owned(), full.objects()));
            for name in EXAMPLES {
                let repo = Repo::copy(&example(name));
                repo.render();
                trees.push((format!("example {name}"), repo.objects()));
            }
            trees
        });
    &TREES
}
