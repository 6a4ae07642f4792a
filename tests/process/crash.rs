//! The program killed while it renders. Whatever the moment, no file is torn, a mixture of two trees is never called clean, and the next
//! render ends with one whole tree.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::wait::{pass, until_every};
use crate::support::{GEN, Random, Repo, is_soak, snapshot};

type Tree = BTreeMap<String, Vec<u8>>;

/// An app whose folder is quick to render and has six files.
const APP: &str = "  NAME: {source: https://git.example/a.git, image: \"registry.example/a@sha256:1111111111111111111111111111111111111111111111111111111111111111\", pipeline: []}\n";

/// Far longer than anything here takes: only a hang is longer.
const HANG: Duration = Duration::from_secs(100);

/// Short against a publication, and long enough to leave the processor to it.
const BETWEEN_LOOKS: Duration = Duration::from_micros(100);

/// A fleet that can be rendered as one of two trees, which differ in every file with an object.
struct Fleet {
    repo: Repo,
    trees: [Tree; 2],
}

impl Fleet {
    fn new(apps: usize) -> Self {
        let repo = Repo::in_memory();
        let mut text = String::from("apps:\n");
        for app in 1..apps {
            text += &APP.replace("NAME", &format!("app-{app}"));
        }
        repo.write("apps/all.yaml", text);
        let mut fleet = Self { repo, trees: [Tree::new(), Tree::new()] };
        for state in [1, 0] {
            fleet.want(state);
            fleet.repo.run(["render", "-q"]).exits(0);
            fleet.trees[state] = fleet.tree();
        }
        let shared = |path: &&String| fleet.trees[0].get(*path) == fleet.trees[1].get(*path);
        let same = fleet.trees[0].keys().filter(shared).count();
        // Lists of files are: two of an app's seven.
        assert!(same * 2 < fleet.trees[0].len(), "{same} files are the same");
        fleet
    }

    /// Writes the spec of one of the two trees.
    fn want(&self, state: usize) {
        let team = ["red", "blue"][state];
        self.repo.write(
            "gen.yaml",
            format!("version: 1\nrepository: https://git.example/g.git\ninclude: [apps/*.yaml]\ndefaults: {{labels: {{team: {team}}}}}\n"),
        );
        self.repo.write(
            "environments/dev.yaml",
            format!("cluster: home\nquota: {{pods: {}}}\n", state + 10),
        );
    }

    fn tree(&self) -> Tree {
        let clusters = self.repo.at("clusters");
        if clusters.exists() { snapshot(&clusters) } else { Tree::new() }
    }

    fn start(&self) -> Child {
        Command::new(GEN)
            .args(["render", "-q"])
            .current_dir(self.repo.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("gen runs")
    }

    /// Every file is one of the two trees' own, whole.
    #[track_caller]
    fn no_file_is_torn(&self, tree: &Tree) {
        for (path, bytes) in tree {
            let whole = self.trees.iter().any(|whole| whole.get(path) == Some(bytes));
            assert!(whole, "{path} is torn: {} bytes", bytes.len());
        }
    }

    /// `render --check` for each of the two specs: 0 only where the tree is that one, and 4 only for an interrupted render.
    #[track_caller]
    fn check_never_lies(&self, wanted: usize) -> bool {
        let tree = self.tree();
        let said = self.repo.run(["render", "--check", "-q"]);
        let unfinished = said.stderr.contains("GEN0808");
        match said.status {
            Some(0) => assert!(tree == self.trees[wanted], "a mixture is called clean"),
            Some(1) => assert!(tree != self.trees[wanted]),
            Some(4) => assert!(unfinished, "{}", said.stderr),
            _ => panic!("{:?} {}", said.status, said.stderr),
        }
        unfinished
    }

    #[track_caller]
    fn nothing_is_left_in_gens_folder(&self) {
        let left: Vec<String> = snapshot(&self.repo.at(".gen")).into_keys().collect();
        assert_eq!(left, [".gitignore", "last", "lock", "stat"]);
    }
}

/// How long a render takes, and how long of it the journal is there.
fn times(fleet: &Fleet) -> (Duration, Duration) {
    let start = Instant::now();
    let mut child = fleet.start();
    let (mut first, mut last) = (None, start);
    let ended = until_every(BETWEEN_LOOKS, HANG, || {
        if fleet.repo.has(".gen/journal") {
            last = Instant::now();
            first = first.or(Some(last));
        }
        child.try_wait().expect("a child")
    });
    ended.expect("it ends");
    let publishing = first.map_or(BETWEEN_LOOKS, |first| last - first);
    (start.elapsed(), publishing)
}

#[test]
fn killed_at_any_moment() {
    let rounds = if is_soak() { 1000 } else { 100 };
    let fleet = Fleet::new(150);
    fleet.want(1);
    let (whole, mut publishing) = times(&fleet);
    let (mut old, mut unfinished, mut done) = (0, 0, 0);
    let mut random = Random(3);
    let mut stands = 1;
    for round in 0..rounds {
        let wanted = 1 - stands;
        fleet.want(wanted);
        let mut child = fleet.start();
        let mut moment =
            |of: Duration| of * u32::try_from(random.below(1_000)).expect("small") / 900;
        // Half of the kills fall somewhere, half into the short time in which files take their places.
        if round % 2 == 0 {
            pass(moment(whole));
        } else {
            let publishes = until_every(BETWEEN_LOOKS, HANG, || {
                let has_ended = child.try_wait().expect("a child").is_some();
                (has_ended || fleet.repo.has(".gen/journal")).then_some(())
            });
            publishes.expect("it publishes or ends");
            pass(moment(publishing));
        }
        child.kill().expect("a child");
        child.wait().expect("a child");
        let tree = fleet.tree();
        fleet.no_file_is_torn(&tree);
        if fleet.check_never_lies(wanted) {
            unfinished += 1;
        } else if tree == fleet.trees[stands] {
            old += 1;
        } else {
            assert!(tree == fleet.trees[wanted], "round {round}: neither tree, and no word of it");
            done += 1;
            // Measured while the machine had other work, or shorter than it was: aim earlier.
            if round % 2 == 1 {
                publishing = publishing * 3 / 4;
            }
        }
        // The next render may want the one tree or the other; it ends with that one, whole.
        let next = if round % 3 == 0 { stands } else { wanted };
        fleet.want(next);
        fleet.repo.run(["render", "-q"]).exits(0);
        assert!(fleet.tree() == fleet.trees[next], "round {round}");
        fleet.nothing_is_left_in_gens_folder();
        stands = next;
    }
    println!("{rounds} kills: {old} before, {unfinished} while, {done} after publishing");
    assert!(old > 0 && unfinished > 0, "the kills missed what they were for");
}

/// The first render of all, killed: then there is nothing, or what the next render finishes.
#[test]
fn the_first_render_killed() {
    let fleet = Fleet::new(40);
    let mut random = Random(4);
    for _ in 0..10 {
        for folder in ["clusters", ".gen"] {
            fleet.repo.remove_folder(folder);
        }
        let mut child = fleet.start();
        pass(Duration::from_millis(random.below(200) as u64));
        child.kill().expect("a child");
        child.wait().expect("a child");
        fleet.no_file_is_torn(&fleet.tree());
        fleet.check_never_lies(0);
        fleet.repo.run(["render", "-q"]).exits(0);
        assert!(fleet.tree() == fleet.trees[0]);
        fleet.nothing_is_left_in_gens_folder();
    }
}

/// The control of the check above: a mixture that nobody interrupted is found all the same.
#[test]
fn a_mixture_is_never_called_clean() {
    let fleet = Fleet::new(10);
    let mixed = fleet.trees[0].clone();
    for (path, bytes) in fleet.trees[1].iter().filter(|(path, _)| path.contains("/app-3/")) {
        assert!(mixed.contains_key(path));
        fleet.repo.write(&format!("clusters/{path}"), bytes);
    }
    for state in [0, 1] {
        fleet.want(state);
        fleet.repo.run(["render", "--check", "-q"]).exits(1);
    }
}

#[test]
fn renders_at_once_take_turns() {
    let fleet = Fleet::new(60);
    for round in 0..5 {
        let wanted = round % 2;
        fleet.want(wanted);
        let spawn = || {
            fleet.repo.command(["render", "-q"]).stderr(Stdio::piped()).spawn().expect("gen runs")
        };
        let children: Vec<Child> = (0..4).map(|_| spawn()).collect();
        for child in children {
            let output = child.wait_with_output().expect("a child");
            let stderr = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => {}
                Some(4) => assert!(stderr.contains("GEN0807"), "{stderr}"),
                other => panic!("{other:?} {stderr}"),
            }
        }
        assert!(fleet.tree() == fleet.trees[wanted]);
        fleet.nothing_is_left_in_gens_folder();
    }
}

#[test]
fn a_lock_that_is_held_is_told() {
    let fleet = Fleet::new(3);
    let lock = std::fs::File::open(fleet.repo.at(".gen/lock")).expect("the lock");
    lock.lock().expect("the lock");
    fleet.want(1);
    for args in [&["render"][..], &["render", "--check"]] {
        let said: crate::support::Said =
            fleet.repo.command(args).output().expect("gen runs").into();
        said.exits(4).says("GEN0807").says(".gen/lock");
        assert!(fleet.tree() == fleet.trees[0]);
    }
    // Printing needs no lock.
    fleet.repo.run(["render", "--stdout"]).exits(0);
    drop(lock);
    fleet.repo.run(["render", "-q"]).exits(0);
}
