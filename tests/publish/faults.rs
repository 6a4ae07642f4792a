//! Every call to the file system fails in turn.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitops_gen::diagnostics::Exit;
use gitops_gen::tree::Folder;
use gitops_gen::workspace::{Call, Disk, Fault, Publication, Verdict};

use crate::support::{CHECK, Checkout, PLAIN, app, codes, entry, files, publish, publish_on};

/// Fails one call, by its number.
#[derive(Debug)]
struct Nth {
    number: usize,
    verdict: Verdict,
    calls: AtomicUsize,
    only: Option<Call>,
}

impl Nth {
    fn new(number: usize, verdict: Verdict, only: Option<Call>) -> Arc<Self> {
        let calls = AtomicUsize::new(0);
        Arc::new(Self { number, verdict, calls, only })
    }

    fn was_reached(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.number
    }
}

impl Fault for Nth {
    fn before(&self, call: Call) -> Verdict {
        if self.only.is_some_and(|only| only != call) {
            return Verdict::Pass;
        }
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.number {
            self.verdict
        } else {
            Verdict::Pass
        }
    }
}

fn old() -> Vec<Folder> {
    vec![
        app("a", &[("one.yaml", "1"), ("x/two.yaml", "2"), ("y/three.yaml", "3")]),
        app("gone", &[("x/one.yaml", "1")]),
        entry("dev", "1"),
    ]
}

fn new() -> Vec<Folder> {
    vec![
        app("a", &[("one.yaml", "1"), ("x/two.yaml", "two"), ("z/four.yaml", "4")]),
        app("new", &[("x/one.yaml", "1")]),
        entry("dev", "2"),
        entry("staging", "1"),
    ]
}

fn verdicts() -> Vec<Verdict> {
    use rustix::io::Errno;
    let errors = [Errno::NOSPC, Errno::IO, Errno::ACCESS, Errno::ROFS];
    let mut all: Vec<Verdict> =
        errors.iter().map(|error| Verdict::Fail(error.raw_os_error())).collect();
    all.push(Verdict::Short);
    all
}

fn tree_of(tree: &[Folder]) -> BTreeMap<String, String> {
    Checkout::with(tree).tree()
}

#[test]
fn every_call_of_a_publication_fails_in_turn() {
    let (before, after) = (tree_of(&old()), tree_of(&new()));
    let (mut runs, mut untouched, mut rolled, mut done) = (0, 0, 0, 0);
    for verdict in verdicts() {
        let only = (verdict == Verdict::Short).then_some(Call::Write);
        for number in 0.. {
            let checkout = Checkout::with(&old());
            let fault = Nth::new(number, verdict, only);
            let disk = Disk::faulty(Arc::clone(&fault) as Arc<dyn Fault>);
            let result = publish_on(disk, &checkout.root(), &new(), PLAIN);
            let what = format!("{verdict:?} at call {number}: {result:?}");
            if !fault.was_reached() {
                assert_eq!(checkout.tree(), after, "{what}");
                break;
            }
            runs += 1;
            if let Err(problems) = &result {
                assert_eq!(problems.exit(), Exit::Local, "{what}");
            }
            if checkout.path(".gen/journal").exists() {
                assert!(result.is_err(), "{what}");
                let check = Publication::begin(&checkout.root(), CHECK).unwrap_err();
                assert_eq!(codes(&check), ["GEN0808"], "{what}");
                drop(Publication::begin(&checkout.root(), PLAIN).unwrap());
                assert_eq!(checkout.tree(), after, "{what}");
                rolled += 1;
            } else if result.is_ok() {
                // What only tidies up or remembers may fail.
                assert_eq!(checkout.tree(), after, "{what}");
                done += 1;
            } else {
                assert_eq!(checkout.tree(), before, "{what}");
                untouched += 1;
            }
            publish(&checkout.root(), &new(), PLAIN).unwrap();
            assert_eq!(checkout.tree(), after, "{what}");
            assert!(!checkout.path(".gen/stage").exists(), "{what}");
        }
    }
    eprintln!(
        "{runs} faults: {untouched} left the tree as it was, {rolled} rolled forward, {done} did not matter"
    );
    assert!(untouched > 100 && rolled > 50 && done > 0);
}

#[test]
fn every_call_of_rolling_forward_fails_in_turn() {
    let after = tree_of(&new());
    let mut runs = 0;
    // Interrupted at the first, at some and at the last of the renames.
    for interrupted in [3, 5, 7] {
        for number in 0.. {
            let checkout = Checkout::with(&old());
            let first = Nth::new(
                interrupted,
                Verdict::Fail(rustix::io::Errno::IO.raw_os_error()),
                Some(Call::Rename),
            );
            publish_on(Disk::faulty(first), &checkout.root(), &new(), PLAIN).unwrap_err();
            assert!(checkout.path(".gen/journal").exists(), "{interrupted}");
            let second =
                Nth::new(number, Verdict::Fail(rustix::io::Errno::IO.raw_os_error()), None);
            let disk = Disk::faulty(Arc::clone(&second) as Arc<dyn Fault>);
            let result = Publication::begin_on(disk, &checkout.root(), PLAIN).map(drop);
            if !second.was_reached() {
                break;
            }
            runs += 1;
            if let Err(problems) = result {
                assert_eq!(problems.exit(), Exit::Local);
            }
            drop(Publication::begin(&checkout.root(), PLAIN).unwrap());
            assert_eq!(checkout.tree(), after, "{interrupted}, {number}");
        }
    }
    eprintln!("{runs} faults while rolling forward");
    assert!(runs > 100);
}

#[test]
fn an_edit_after_the_interruption_is_not_lost() {
    let checkout = interrupted();
    checkout.write("clusters/homelab/dev/a/x/two.yaml", "edited");
    let problems = Publication::begin(&checkout.root(), PLAIN).unwrap_err();
    assert_eq!(codes(&problems), ["GEN0801"]);
    assert_eq!(checkout.read("clusters/homelab/dev/a/x/two.yaml"), "edited");
    drop(Publication::begin(&checkout.root(), crate::support::FORCE).unwrap());
    assert_eq!(checkout.tree(), tree_of(&new()));
}

/// A checkout in which a render was stopped at its second rename: the first is the journal's.
fn interrupted() -> Checkout {
    let checkout = Checkout::with(&old());
    let fault =
        Nth::new(1, Verdict::Fail(rustix::io::Errno::IO.raw_os_error()), Some(Call::Rename));
    publish_on(Disk::faulty(fault), &checkout.root(), &new(), PLAIN).unwrap_err();
    assert!(checkout.path(".gen/journal").exists());
    checkout
}

#[test]
fn an_edited_file_is_not_deleted_when_rolling_forward() {
    let checkout = interrupted();
    let path = "clusters/homelab/dev/gone/x/one.yaml";
    checkout.write(path, "edited");
    drop(Publication::begin(&checkout.root(), PLAIN).unwrap());
    assert_eq!(checkout.read(path), "edited");
    assert!(!checkout.path("clusters/homelab/dev/gone/gen.lock.json").exists());
}

#[test]
fn a_staged_file_that_is_not_what_was_staged_goes_nowhere() {
    for tampered in [Some("tampered"), None] {
        let checkout = interrupted();
        let staged = files(&checkout.path(".gen/stage"), ".gen/stage");
        let path = staged.keys().find(|path| path.ends_with("x/two.yaml")).unwrap();
        match tampered {
            Some(text) => checkout.write(path, text),
            None => std::fs::remove_file(checkout.path(path)).unwrap(),
        }
        let before = checkout.tree();
        for options in [PLAIN, crate::support::FORCE] {
            let problems = Publication::begin(&checkout.root(), options).unwrap_err();
            assert_eq!(codes(&problems), ["GEN0809"], "{tampered:?}: {problems}");
        }
        assert_eq!(checkout.tree(), before);
    }
}
