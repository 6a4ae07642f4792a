//! What is told when a push is refused or has nothing to push, and that its advice works: always against a real bare repository.

use super::repositories::{Checkout, Place};

const PINS: &str = "environments/staging.pins.yaml";

fn image(digit: char) -> String {
    format!("registry.example/team/app-0@sha256:{}", String::from(digit).repeat(64))
}

/// A fleet with an app that is pinned in `dev` and pushed.
fn pinned(place: &Place) -> Checkout<'_> {
    let checkout = place.fleet(1);
    checkout.gen_(&["set", "app-0", "--env", "dev", "--image", &image('1'), "-q"]).done();
    checkout.gen_(&["commit", "--push", "-q"]).done();
    checkout
}

/// A commit here, and another on the remote.
fn diverge(place: &Place, ours: &Checkout<'_>) {
    let theirs = place.clone("remote", "theirs");
    theirs.write("theirs.md", "theirs\n");
    theirs.commit_all("theirs");
    theirs.git(&["push", "-q"]);
    ours.write("ours.md", "ours\n");
    ours.commit_all("ours");
}

/// Runs the command of a help: what is between its first backquotes.
#[track_caller]
fn follow(checkout: &Checkout<'_>, stderr: &str) {
    let help = stderr.split_once("help: ").expect("a help").1;
    let command = help.split('`').nth(1).expect("a command");
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("git"));
    checkout.git(&words.collect::<Vec<_>>());
}

#[test]
fn a_refused_promotion_leaves_no_pins_file_and_its_advice_works() {
    let place = Place::new();
    let ours = pinned(&place);
    diverge(&place, &ours);
    let before = ours.state();
    let said = ours.gen_(&["promote", "--to", "staging", "--push"]).status(5);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1011]: `main` and `origin/main` have diverged: 1 ahead, 1 behind
      help: run `git pull --rebase --autostash`; on conflicts below clusters/, take either side, `gen render`, `git add` and continue
    ");
    assert_eq!(ours.state(), before);
    follow(&ours, &said.stderr);
    ours.gen_(&["promote", "--to", "staging", "--push"]).done().says("pushed to origin/main");
    assert_eq!(ours.git(&["status", "--porcelain"]), "");
    // A pins file that was there before is as it was before.
    ours.gen_(&["set", "app-0", "--env", "dev", "--image", &image('2'), "-q"]).done();
    ours.gen_(&["commit", "--push", "-q"]).done();
    ours.git(&["remote", "set-url", "origin", "../nowhere"]);
    let before = ours.state();
    ours.gen_(&["promote", "--to", "staging", "--push"]).status(2).says("error[GEN1007]");
    assert_eq!(ours.state(), before);
    let pins = std::fs::read_to_string(ours.root.join(PINS)).unwrap();
    assert!(pins.contains(&image('1')), "{pins}");
}

#[test]
fn the_advice_of_a_refused_commit_works_with_written_pins() {
    let place = Place::new();
    let ours = pinned(&place);
    diverge(&place, &ours);
    ours.gen_(&["promote", "--to", "staging", "-q"]).done();
    let said = ours.gen_(&["commit", "--push"]).status(5);
    assert!(said.stderr.starts_with("error[GEN1011]"), "{said:?}");
    follow(&ours, &said.stderr);
    ours.gen_(&["commit", "--push"]).done().says("pushed to origin/main");
    assert_eq!(ours.git(&["status", "--porcelain"]), "");
    // The same for a branch that is only behind, with a git that rebases.
    ours.git(&["config", "pull.rebase", "true"]);
    ours.git(&["reset", "-q", "--hard", "HEAD~1"]);
    ours.write_app("app-0", "    labels: {team: a}\n");
    let said = ours.gen_(&["commit"]).status(5);
    assert!(said.stderr.starts_with("error[GEN1010]"), "{said:?}");
    follow(&ours, &said.stderr);
    ours.gen_(&["commit"]).done();
}

#[test]
fn commits_that_are_only_pushed_have_no_empty_line() {
    let place = Place::new();
    let checkout = pinned(&place);
    checkout.gen_(&["set", "app-0", "--env", "dev", "--image", &image('2'), "-q"]).done();
    checkout.gen_(&["commit", "-q"]).done();
    let said = checkout.gen_(&["commit", "--push"]).done();
    let head = checkout.git(&["rev-parse", "--short=10", "HEAD"]);
    insta::assert_snapshot!(said.stdout.replace(&head, "<head>"), @"
    pushed to origin/main
    note: nothing new to commit; earlier commits were pushed
    see: git show <head>
    next: Flux applies it at its next interval
    ");
}

#[test]
fn a_second_promotion_points_to_the_pull_request() {
    let place = Place::new();
    let checkout = pinned(&place);
    checkout.write(
        "environments/staging.yaml",
        "cluster: home\npromotesFrom: dev\npromote: {via: branch}\n",
    );
    checkout.gen_(&["commit", "--push", "-q"]).done();
    let promote = || checkout.gen_(&["promote", "--to", "staging", "--push"]);
    let first = promote().done().stdout;
    let next = first.lines().last().unwrap_or_default();
    assert!(next.starts_with("next: open a pull request from `gen/app-0-staging-"), "{first}");
    let branch = next.split('`').nth(1).unwrap_or_default();
    let short = checkout.git(&["rev-parse", "--short=10", &format!("origin/{branch}")]);
    let again = promote().done().stdout;
    assert_eq!(again.lines().last(), Some(next), "{again}");
    let again = again.replace(branch, "<branch>").replace(&short, "<commit>");
    insta::assert_snapshot!(again, @"
    app-0 in staging, from dev
      image     none → registry.example/team/app-0@sha256:111111111111…
    nothing to commit: `origin/<branch>` already has the change
    note: this checkout is unchanged; the commit is on `origin/<branch>`
    see: git show <commit>
    next: open a pull request from `<branch>`
    ");
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
    // The branch here has moved on: what is there is not overwritten, and no rebase would help.
    checkout.write("README.md", "x\n");
    checkout.commit_all("readme");
    let said = promote().status(5).stderr.replace(branch, "<branch>");
    insta::assert_snapshot!(said, @"
    error[GEN1026]: `origin/<branch>` exists already, with commits that `main` does not have (1)
      help: nothing was changed; open or merge its pull request, use another branch with `--branch NAME`, or remove it with `git push origin --delete <branch>`
    ");
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
    checkout.git(&["push", "-q", "origin", "--delete", branch]);
    promote().done().says(next);
}
