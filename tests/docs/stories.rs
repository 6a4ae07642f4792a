//! Guides that tell a story: each YAML block is a file, and each command runs where the one before it left off.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::page::{Line, keep, lines, read};

/// The repository that every story is about; a bare one takes its place.
const REPOSITORY: &str = "https://git.example/team/gitops.git";

/// A checkout with its remote, for one page.
struct Story {
    page: &'static str,
    home: tempfile::TempDir,
    checkout: PathBuf,
    /// gen's commands that ran.
    ran: usize,
}

impl Story {
    fn new(page: &'static str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let remote = home.path().join("gitops.git");
        let config = format!(
            "[user]\n\tname = Ann Example\n\temail = ann@example.test\n[url \"{}\"]\n\tinsteadOf = {REPOSITORY}\n",
            remote.display()
        );
        fs::write(home.path().join(".gitconfig"), config).expect("git's configuration");
        let checkout = home.path().join("gitops");
        fs::create_dir(&checkout).expect("a folder");
        let story = Self { page, home, checkout, ran: 0 };
        story.shell("git init --quiet --bare --initial-branch=main ../gitops.git");
        story.shell("git init --quiet --initial-branch=main .");
        story.shell(&format!("git remote add origin {REPOSITORY}"));
        story
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.checkout)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path());
        command
    }

    fn shell(&self, line: &str) {
        let output = self.command("sh").args(["-c", line]).output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {line}: {said}", self.page);
    }

    /// Runs gen: status, and both outputs as a terminal shows them.
    fn run(&self, line: &str) -> (i32, String) {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let output =
            self.command(env!("CARGO_BIN_EXE_gen")).args(words).output().expect("gen runs");
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        (output.status.code().unwrap_or(-1), text(output.stdout) + &text(output.stderr))
    }

    fn succeed(&self, line: &str) {
        let (status, out) = self.run(line);
        assert_eq!(status, 0, "{}: {line}: {out}", self.page);
    }

    /// Writes a block to the file that its first line names.
    fn write(&self, block: &str) {
        let name = block.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = name.unwrap_or_else(|| panic!("{}: a block names no file:\n{block}", self.page));
        let path = self.checkout.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, block).expect("a file");
    }

    fn is_whole(&self) -> bool {
        self.checkout.join("gen.yaml").is_file() && self.checkout.join("environments").is_dir()
    }

    /// Tells the story of the page; a section `Mistakes` shows what is refused.
    fn tell(mut self) -> Self {
        let text = read(self.page);
        let mut is_mistaken = false;
        let mut outputs = Vec::new();
        for step in steps(&text) {
            match step {
                Step::Section(title) => is_mistaken = title == "Mistakes",
                Step::File(block) => {
                    self.write(&block);
                    if self.is_whole() && !is_mistaken {
                        self.succeed("gen render");
                    }
                }
                Step::Shown(command, output) => {
                    let (status, out) = self.run(&command);
                    assert_eq!(status, if is_mistaken { 3 } else { 0 }, "{command}: {out}");
                    outputs.push(with_names(&out, &output));
                    self.ran += 1;
                }
                Step::Line(line) => match line.split(' ').next().unwrap_or_default() {
                    "gen" if !asks_cluster(&line) => {
                        self.succeed(&line);
                        self.ran += 1;
                    }
                    "git" | "rm" => self.shell(&line),
                    "gen" | "kubectl" | "flux" | "sops" | "age-keygen" => {}
                    other => panic!("{}: `{other}` is not known here: {line}", self.page),
                },
            }
        }
        keep(self.page, &text, &with_outputs(&text, outputs));
        self
    }
}

/// The page with these outputs below its commands, in order.
fn with_outputs(page: &str, outputs: Vec<String>) -> String {
    let mut outputs = outputs.into_iter();
    let mut is_shown = false;
    let mut new = String::with_capacity(page.len());
    for line in page.split_inclusive('\n') {
        if line.starts_with("```") {
            is_shown = line.trim_end() == "```console";
            new.push_str(line);
        } else if !is_shown || line.starts_with("$ ") {
            new.push_str(line);
        }
        if is_shown && line.starts_with("$ ") {
            new.push_str(&outputs.next().expect("each command has its output"));
        }
    }
    new
}

/// Whether only a cluster could answer. That these exist is the test of all commands.
fn asks_cluster(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    words.contains(&"--live") || (words[1] == "diff" && !words.contains(&"--against"))
}

/// The output with the names of the commits that are shown, which differ from day to day.
fn with_names(output: &str, shown: &str) -> String {
    let name = |text: &str| {
        let (_, rest) =
            text.split_once("\ncommitted ").or_else(|| text.split_once("committed "))?;
        let end = rest.find(|c: char| !c.is_ascii_hexdigit())?;
        Some(rest[..end].to_owned())
    };
    match (name(output), name(shown)) {
        (Some(new), Some(old)) => output.replace(&new, &old),
        _ => output.to_owned(),
    }
}

enum Step {
    Section(String),
    /// A YAML block.
    File(String),
    /// A command with the output below it.
    Shown(String, String),
    /// A line of a shell.
    Line(String),
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    // What follows prose begins a block.
    let mut is_new = true;
    for line in lines(text) {
        match line {
            Line::Prose(line) => {
                is_new = true;
                if let Some(title) = line.strip_prefix("## ") {
                    steps.push(Step::Section(title.to_owned()));
                }
                continue;
            }
            Line::Code("yaml", line) => match steps.last_mut() {
                Some(Step::File(block)) if !is_new => {
                    block.push_str(line);
                    block.push('\n');
                }
                _ => steps.push(Step::File(format!("{line}\n"))),
            },
            Line::Code("sh", line) => steps.push(Step::Line(line.to_owned())),
            Line::Code("console", line) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step::Shown(command.to_owned(), String::new())),
                (None, Some(Step::Shown(_, output))) => {
                    output.push_str(line);
                    output.push('\n');
                }
                _ => panic!("an output without a command: {line}"),
            },
            Line::Code(other, line) => panic!("a block in `{other}`: {line}"),
        }
        is_new = false;
    }
    steps
}

#[test]
fn secrets() {
    assert_eq!(Story::new("docs/guides/secrets.md").tell().ran, 3);
}

#[test]
fn patches() {
    assert_eq!(Story::new("docs/guides/patches.md").tell().ran, 3);
}

#[test]
fn a_task() {
    assert_eq!(Story::new("docs/guides/write-a-task.md").tell().ran, 1);
}

#[test]
fn clusters() {
    let story = Story::new("docs/guides/clusters.md").tell();
    assert_eq!(story.ran, 1);
    for cluster in ["test", "eu", "us"] {
        assert!(story.checkout.join("clusters").join(cluster).join("flux").is_dir(), "{cluster}");
    }
}

#[test]
fn previews() {
    let story = Story::new("docs/guides/previews.md");
    story.shell("git commit --quiet --allow-empty --message=Begin && git push --quiet --set-upstream origin main");
    let story = story.tell();
    assert_eq!(story.ran, 6);
    assert!(!story.checkout.join("clusters/homelab/pr-42").exists(), "nothing of it is left");
}

#[test]
fn a_promotion() {
    let story = Story::new("docs/guides/promotion.md");
    story.shell("git commit --quiet --allow-empty --message=Begin && git push --quiet --set-upstream origin main");
    let story = story.tell();
    assert_eq!(story.ran, 6);
    let pins = |at: &str| format!("git cat-file -e {at}:environments/prod.pins.yaml");
    story.shell("git fetch --quiet");
    story.shell(&format!("! {}", pins("origin/main")));
    story.shell(&pins("$(git for-each-ref --format='%(refname)' 'refs/remotes/origin/gen/*')"));
}

#[test]
fn an_upgrade() {
    let story = Story::new("docs/guides/upgrade.md");
    story.succeed("gen init . --demo");
    story.succeed("gen render");
    rendered_by_another(&story.checkout.join("clusters"));
    story.shell("git add --all && git commit --quiet --message=Before && git push --quiet --set-upstream origin main");
    let story = story.tell();
    assert_eq!(story.ran, 5);
    story.shell("git fetch --quiet && git diff --quiet origin/main main && ! git diff --quiet origin/main origin/upgrade-gen");
}

/// Makes the records name another version of gen.
fn rendered_by_another(folder: &Path) {
    let mut changed = 0;
    for entry in walkdir::WalkDir::new(folder) {
        let path = entry.expect("it can be read").into_path();
        if path.to_string_lossy().ends_with(".lock.json") {
            let text = fs::read_to_string(&path).expect("a record");
            let other = text.replace(&format!("\"{}\"", env!("CARGO_PKG_VERSION")), "\"0.0.9\"");
            assert_ne!(other, text);
            fs::write(path, other).expect("a record");
            changed += 1;
        }
    }
    assert!(changed > 0);
}

#[test]
fn failures() {
    let story = Story::new("docs/guides/failures.md").tell();
    assert_eq!(story.ran, 1);
}
