//! `kill -9` at random points of a commit and a push: git finds nothing wrong, and the next run heals what was left.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::repositories::Place;
use super::support::GEN;
use super::support::wait::pass;

/// A random number below a bound, the same for the same seed.
fn random(seed: u64, below: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d;
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 32;
    x % below
}

/// Ends gen and every git that it started, at once.
fn kill_group(id: u32) {
    let group = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw);
    let _ = rustix::process::kill_process_group(group.unwrap(), rustix::process::Signal::KILL);
}

/// Removes what a git that was killed had locked in a repository: refs, and HEAD where it is the branch's. Its own housekeeping may go on
/// meanwhile, so what vanishes is gone.
fn clear_locks(repository: &Path) {
    let refs = repository.join("refs");
    assert!(refs.is_dir());
    let refs = walkdir::WalkDir::new(refs);
    let top = walkdir::WalkDir::new(repository).max_depth(1);
    for entry in refs.into_iter().chain(top).filter_map(Result::ok) {
        let path = entry.into_path();
        if path.extension().is_some_and(|ending| ending == "lock")
            && let Err(error) = std::fs::remove_file(&path)
        {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
        }
    }
}

#[test]
fn a_kill_leaves_nothing_that_the_next_run_does_not_heal() {
    let rounds = if std::env::var_os("GEN_SOAK").is_some() { 1000 } else { 50 };
    let place = Place::new();
    let ours = place.fleet(2);
    let theirs = place.clone("remote", "theirs");
    // How long an undisturbed push takes, so that the kills fall into it.
    ours.write_app("app-0", "    labels: {round: begin}\n");
    let start = Instant::now();
    ours.gen_(&["commit", "--push", "-q"]).done();
    let mut whole = u64::try_from(start.elapsed().as_micros()).unwrap();
    let (mut killed, mut pushes, mut healed) = (0, 0, 0);
    let mut round = 0;
    // So many rounds, and more where too few of them were kills.
    while round < rounds || killed * 2 <= rounds {
        assert!(round < 4 * rounds, "only {killed} of {round} runs were killed");
        let push = round % 3 != 0;
        if round % 3 == 2 {
            // Somebody else was there first, so that the checkout has to come along.
            theirs.git(&["pull", "-q", "--ff-only"]);
            theirs.write("theirs.txt", format!("{round}\n"));
            theirs.write_app("app-1", &format!("    labels: {{theirs: \"{round}\"}}\n"));
            theirs.gen_(&["render", "-q"]).done();
            theirs.commit_all("theirs");
            theirs.git(&["push", "-q"]);
        }
        ours.write_app("app-0", &format!("    labels: {{round: \"{round}\"}}\n"));
        ours.write("notes.txt", format!("mine {round}\n"));
        let mut command = ours.command(GEN);
        command.args(["commit", "-q", "-m", &format!("round {round}")]);
        if push {
            command.arg("--push");
            pushes += 1;
        }
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        pass(Duration::from_micros(random(round, whole + whole / 4)));
        if child.try_wait().unwrap().is_none() {
            kill_group(child.id());
            killed += 1;
        }
        child.wait().unwrap();
        // The server's side of the push ran here too, and was killed with it: its lock is the server's to clear.
        clear_locks(&ours.root.with_file_name("remote"));
        let fsck = ours.try_git(&["fsck", "--no-dangling", "--no-progress"]);
        let said = String::from_utf8_lossy(&fsck.stderr).into_owned();
        assert!(fsck.status.success(), "round {round}: {said}");
        // The same again, undisturbed: the change is committed, once, and everything is in order.
        let start = Instant::now();
        let again = ours.gen_(&["commit", "--push", "-m", &format!("round {round}")]).done();
        // A machine has more to do at one time than at another.
        whole = (3 * whole + u64::try_from(start.elapsed().as_micros()).unwrap()) / 4;
        healed += usize::from(again.stdout.contains("finished an interrupted run first"));
        assert_eq!(
            ours.git(&["status", "--porcelain"]),
            "?? notes.txt",
            "round {round}: {again:?}"
        );
        ours.check_sound();
        let remote = ours.git(&["rev-parse", "origin/main"]);
        assert_eq!(ours.git(&["rev-parse", "HEAD"]), remote, "round {round}: {again:?}");
        let said = ours.git(&["log", "-3", "--format=%s"]);
        let times = said.lines().filter(|line| *line == format!("round {round}")).count();
        assert_eq!(times, 1, "round {round}: {said}\n{again:?}");
        ours.gen_(&["render", "--check", "-q"]).done();
        assert_eq!(
            std::fs::read_to_string(ours.root.join("notes.txt")).unwrap(),
            format!("mine {round}\n")
        );
        round += 1;
    }
    println!(
        "{killed} of {round} runs killed, {pushes} were pushes; {healed} left something to finish"
    );
}

/// The states that random kills hit seldom, one by one: what a run leaves between two of its steps.
#[test]
fn locks_of_its_own_are_told_from_those_of_others() {
    let place = Place::new();
    let ours = place.fleet(1);
    ours.write_app("app-0", "    labels: {a: b}\n");
    // git's own lock is never touched, however old it is.
    let lock = ours.root.join(".git/index.lock");
    std::fs::write(&lock, "").unwrap();
    ours.gen_(&["commit"]).status(4).says("GEN1023");
    assert!(lock.exists());
    std::fs::remove_file(&lock).unwrap();
    // Between moving the branch and renaming the index: the lock is the next index.
    let old = ours.git(&["rev-parse", "HEAD"]);
    ours.gen_(&["commit", "-q"]).done();
    let new = ours.git(&["rev-parse", "HEAD"]);
    let index = ours.root.join(".git/index");
    let next = ours.root.join(".git/next");
    std::fs::copy(&index, &next).unwrap();
    ours.git(&["read-tree", &old]);
    std::fs::rename(&next, &lock).unwrap();
    let inode = std::os::unix::fs::MetadataExt::ino(&lock.metadata().unwrap());
    let journal = |inode: u64| {
        format!(
            "{{\"old\":\"{old}\",\"new\":\"{new}\",\"disk\":null,\"inode\":{inode},\"branch\":\"refs/heads/main\"}}"
        )
    };
    let journal_path = ours.root.join(".git/gen/journal");
    std::fs::write(&journal_path, journal(inode)).unwrap();
    assert_ne!(ours.git(&["status", "--porcelain"]), "");
    ours.gen_(&["commit"]).done().says("finished an interrupted run first");
    assert_eq!(ours.git(&["status", "--porcelain"]), "");
    assert!(!lock.exists() && !journal_path.exists());
    // The same, where somebody removed the lock already: the index still has what was committed before.
    ours.git(&["read-tree", &old]);
    std::fs::write(&journal_path, journal(inode)).unwrap();
    ours.gen_(&["commit"]).done().says("finished an interrupted run first");
    assert_eq!(ours.git(&["status", "--porcelain"]), "");
    // A lock of somebody else stays, whatever the journal says.
    std::fs::write(&lock, "").unwrap();
    std::fs::write(&journal_path, journal(1)).unwrap();
    let _ = ours.gen_(&["commit"]);
    assert!(lock.exists());
    std::fs::remove_file(&lock).unwrap();
    // The lock of a ref that a killed fetch left.
    std::fs::write(ours.root.join(".git/gen/refs"), "refs/remotes/origin/main").unwrap();
    std::fs::write(ours.root.join(".git/refs/remotes/origin/main.lock"), "").unwrap();
    ours.write_app("app-0", "    labels: {a: c}\n");
    ours.gen_(&["commit", "--push"]).done();
    assert_eq!(ours.git(&["rev-parse", "origin/main"]), ours.git(&["rev-parse", "HEAD"]));
    ours.check_sound();
}

/// Git takes a file away before it writes it anew, so a kill in between leaves it away, empty, or cut short.
#[test]
fn files_that_a_kill_has_cut_short_are_written_whole() {
    let place = Place::new();
    let ours = place.fleet(2);
    let theirs = place.clone("remote", "theirs");
    theirs.write_app("app-1", "    labels: {theirs: changed}\n");
    theirs.gen_(&["commit", "--push", "-q"]).done();
    ours.git(&["fetch", "-q"]);
    let old = ours.git(&["rev-parse", "HEAD"]);
    let new = ours.git(&["rev-parse", "origin/main"]);
    let disk = ours.git(&["rev-parse", "HEAD^{tree}"]);
    let changed = ours.git(&["diff", "--name-only", &old, &new, "--", "clusters"]);
    let changed: Vec<&str> = changed.lines().collect();
    let [empty, half, gone, whole, ..] = changed[..] else {
        panic!("{changed:?}");
    };
    let content = |path: &str| {
        let shown = ours.try_git(&["cat-file", "blob", &format!("{new}:{path}")]);
        assert!(shown.status.success());
        shown.stdout
    };
    let at = |path: &str| ours.root.join(path);
    std::fs::write(at(empty), "").unwrap();
    std::fs::write(at(half), &content(half)[..content(half).len() / 2]).unwrap();
    std::fs::remove_file(at(gone)).unwrap();
    std::fs::write(at(whole), content(whole)).unwrap();
    // Where nothing was interrupted, those are edits of somebody.
    ours.gen_(&["commit", "--allow-behind"]).status(3).says("GEN0801");
    assert_eq!(std::fs::read(at(empty)).unwrap(), b"");
    let journal = format!(
        "{{\"old\":\"{old}\",\"new\":\"{new}\",\"disk\":\"{disk}\",\"inode\":0,\"branch\":\"refs/heads/main\"}}"
    );
    std::fs::write(ours.root.join(".git/gen/journal"), &journal).unwrap();
    ours.gen_(&["commit"]).done().says("finished an interrupted run first");
    assert_eq!(ours.git(&["rev-parse", "HEAD"]), new);
    assert_eq!(ours.git(&["status", "--porcelain"]), "");
    for path in changed {
        assert_eq!(std::fs::read(at(path)).unwrap(), content(path), "{path}");
    }
    ours.check_sound();
}
