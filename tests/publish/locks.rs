//! One gen a checkout.

use std::time::{Duration, Instant};

use gitops_gen::diagnostics::Exit;
use gitops_gen::workspace::Publication;

use crate::support::{CHECK, Checkout, PLAIN, app, shown};
use crate::wait::until;

#[test]
fn the_second_waits_a_little_and_gives_up() {
    let checkout = Checkout::with(&[app("a", &[("x", "1")])]);
    let first = Publication::begin(&checkout.root(), PLAIN).unwrap();
    let start = Instant::now();
    let problems = Publication::begin(&checkout.root(), PLAIN).unwrap_err();
    assert!((2..20).contains(&start.elapsed().as_secs()));
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0807]: another gen is running (it holds `.gen/lock`)
      help: wait for it to finish
    "#);
    assert_eq!(problems.exit(), Exit::Local);
    assert!(Publication::begin(&checkout.root(), CHECK).is_err(), "a reader waits for the writer");
    drop(first);
    let reader = Publication::begin(&checkout.root(), CHECK).unwrap();
    let other = Publication::begin(&checkout.root(), CHECK).unwrap();
    drop((reader, other));
    Publication::begin(&checkout.root(), PLAIN).unwrap();
}

#[test]
fn the_second_gets_its_turn_when_the_first_ends_in_time() {
    let checkout = Checkout::new();
    let first = Publication::begin(&checkout.root(), PLAIN).unwrap();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| Publication::begin(&checkout.root(), PLAIN).map(drop));
        // It has opened the file that the first one holds.
        let lock = checkout.path(".gen/lock").canonicalize().unwrap();
        let opened = || {
            let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
            let targets = files.filter_map(|file| std::fs::read_link(file.path()).ok());
            targets.filter(|target| *target == lock).count() == 2
        };
        assert!(until(Duration::from_secs(20), opened));
        drop(first);
        second.join().unwrap().unwrap();
    });
}
