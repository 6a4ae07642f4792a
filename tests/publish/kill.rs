//! `kill -9` at random points: no torn file, and after the next run the old tree or the new, never a mixture.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gitops_gen::tree::Folder;
use gitops_gen::workspace::{Call, Disk, Fault, Publication, Verdict, refuse_unfinished};

use crate::support::{CHECK, Checkout, PLAIN, app, codes, entry, files, publish, publish_on};
use crate::wait::{pass, until_every};

const ROOT: &str = "GEN_TEST_PUBLISHING_ROOT";
const FROM: &str = "GEN_TEST_PUBLISHING_FROM";

/// One of an endless row of trees: apps come and go, files change, stay, appear and disappear.
fn tree(version: usize) -> Vec<Folder> {
    let text = |app: usize| {
        format!("version {version}\n{}version {version}\n", "line\n".repeat(app * 200))
    };
    let mut all: Vec<Folder> = (0..10)
        .filter(|number| !(number + version).is_multiple_of(4))
        .map(|number| {
            let name = format!("app-{number}");
            let mut folder = app(
                &name,
                &[
                    ("app/workload.yaml", &text(number)),
                    ("access/role.yaml", "version x\nversion x\n"),
                ],
            );
            if version.is_multiple_of(2) {
                folder.files.insert("run/run.yaml".to_owned(), text(1));
            }
            folder
        })
        .collect();
    all.push(entry("dev", &text(1)));
    all
}

/// Not a test by itself: what the tests here start and kill.
#[test]
fn publishing_loop() {
    let Ok(root) = std::env::var(ROOT) else {
        return;
    };
    let from: usize = std::env::var(FROM).unwrap().parse().unwrap();
    for version in from.. {
        let disk = Disk::faulty(Arc::new(Slow));
        publish_on(disk, Path::new(&root), &tree(version), PLAIN).unwrap();
    }
}

/// A disk that takes its time to rename and remove, so that many a kill meets the tree half published.
#[derive(Debug)]
struct Slow;

impl Fault for Slow {
    fn before(&self, call: Call) -> Verdict {
        if matches!(call, Call::Rename | Call::Remove) {
            pass(Duration::from_micros(200));
        }
        Verdict::Pass
    }
}

fn expected(version: usize) -> BTreeMap<String, String> {
    let checkout = Checkout::with(&tree(version));
    checkout.tree()
}

/// The version whose tree this is, whole.
fn version_of(tree: &BTreeMap<String, String>) -> Option<usize> {
    let text = tree.get("clusters/homelab/flux/gen-dev.yaml")?;
    let version = text.lines().next()?.strip_prefix("version ")?;
    version.parse().ok()
}

fn is_torn(text: &str) -> bool {
    !text.ends_with('\n') || text.lines().next() != text.lines().last()
}

#[test]
fn killed_at_random_points() {
    let rounds: usize = if std::env::var_os("GEN_SOAK").is_some() { 1000 } else { 100 };
    let checkout = Checkout::new();
    let root = checkout.root();
    publish(&root, &tree(0), PLAIN).unwrap();
    let mut version = 0;
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let (mut rolled, mut staged) = (0, 0);
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["kill::publishing_loop", "--exact", "--test-threads=1"])
            .env(ROOT, &root)
            .env(FROM, (version + 1).to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // From when it has begun, however long this machine takes to start it.
        let stage = checkout.path(".gen/stage");
        let look = || stage.exists().then_some(());
        let begun = until_every(Duration::from_micros(100), Duration::from_mins(1), look);
        begun.expect("it publishes");
        pass(Duration::from_micros(random % 80_000));
        child.kill().unwrap();
        child.wait().unwrap();

        for (path, text) in files(&checkout.path("clusters"), "clusters") {
            let torn = path.contains(".yaml") && is_torn(&text);
            assert!(!torn, "round {round}: {path} is torn");
        }
        staged += usize::from(checkout.path(".gen/stage").exists());
        if checkout.path(".gen/journal").exists() {
            rolled += 1;
            assert_eq!(codes(&refuse_unfinished(&root).unwrap_err()), ["GEN0808"]);
            assert_eq!(codes(&Publication::begin(&root, CHECK).unwrap_err()), ["GEN0808"]);
        } else {
            let tree = checkout.tree();
            assert_eq!(
                tree,
                expected(version_of(&tree).unwrap()),
                "round {round}: a mixture without a journal"
            );
        }
        drop(Publication::begin(&root, PLAIN).unwrap());
        let now = checkout.tree();
        let reached = version_of(&now).unwrap();
        assert!(reached >= version, "round {round}: older than before");
        assert_eq!(now, expected(reached), "round {round}: a mixture");
        version = reached;
        if round % 10 == 0 {
            let summary = publish(&root, &tree(version), CHECK).unwrap();
            assert_eq!((summary.written, summary.removed), (0, 0));
        }
    }
    eprintln!(
        "{rounds} kills over {version} trees: {staged} while staging or later, {rolled} rolled forward"
    );
    assert!(version > rounds / 10 && rolled > rounds / 20);
}
