//! `gen rollback`: the earlier pin, as the commits have it.

use crate::git::{commit, git, init};
use crate::support::{Repo, digest};

const SPEC: &str = "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}\n  till: {source: https://git.example/team/till.git, image: registry.example/team/till}\n";
const PINS: &str = "environments/staging.pins.yaml";

/// Three images of an app, with a commit of another app between; and the commits.
fn repo() -> (Repo, Vec<String>) {
    let repo =
        Repo::new().file("gen.yaml", SPEC).file("environments/staging.yaml", "deploy: git\n");
    init(&repo);
    let mut commits = Vec::new();
    for (number, app) in [('1', "shop"), ('2', "shop"), ('7', "till"), ('3', "shop")] {
        repo.run(["set", app, "-e", "staging", "--image", &digest(number)]).status(0);
        commits.push(commit(&repo, &format!("Deploy {app} {number}")));
    }
    (repo, commits)
}

#[test]
fn the_pin_before_is_pinned_again_and_nothing_else_moves() {
    let (repo, commits) = repo();
    let before = repo.read(PINS);
    let shown = repo.run(["rollback", "shop", "-e", "staging", "--check"]).status(1);
    assert_eq!(repo.read(PINS), before, "{}", shown.stdout);
    let said = repo.run(["rollback", "shop", "-e", "staging"]).status(0);
    assert_eq!(repo.read(PINS), before.replace(&digest('3'), &digest('2')));
    let place = format!("pinned in staging by {} on ", &commits[1][..10]);
    assert!(said.stdout.contains(&place), "{}", said.stdout);
    assert!(
        said.stdout.contains("next: run `gen commit --env staging --app shop`"),
        "{}",
        said.stdout
    );
    repo.run(["render"]).status(0);
}

#[test]
fn a_pin_is_named_by_commit_by_digest_or_by_number() {
    let (repo, commits) = repo();
    // At the commit of the other app, the second image was pinned.
    let wanted = [
        ("-2", '1'),
        (commits[2].as_str(), '2'),
        ("HEAD~3", '1'),
        ("sha256:2222222", '2'),
        // As `gen status` shows it.
        ("22222222", '2'),
    ];
    for (to, number) in wanted {
        git(&repo, &["checkout", "--quiet", "--", "."]);
        repo.run(["rollback", "shop", "-e", "staging", "--to", to]).status(0);
        assert!(repo.read(PINS).contains(&digest(number)), "{to}: {}", repo.read(PINS));
    }
}

#[test]
fn what_never_was_cannot_come_back() {
    let (repo, commits) = repo();
    let said = repo.run(["rollback", "shop", "-e", "staging", "--to", "sha256:abcdef0"]).status(64);
    let known = [&commits[1][..10], &commits[0][..10]].join(", ");
    insta::assert_snapshot!(said.stderr.replace(&known, "COMMIT, COMMIT"), @r"
    error[GEN1511]: `shop` in staging never had the pin `sha256:abcdef0`
      help: earlier pins are by the commits COMMIT, COMMIT; `gen log shop --env staging` shows all
    ");
    let said = repo.run(["rollback", "till", "-e", "staging"]).status(64);
    insta::assert_snapshot!(said.stderr, @r"
    error[GEN1510]: no earlier pin of `till` in staging
      help: `gen log till --env staging` shows what it had
    ");
}

#[test]
fn a_rollback_is_pushed_like_a_promotion() {
    let (repo, _) = repo();
    let bare = repo.outside().join("bare.git");
    let bare = bare.to_str().expect("UTF-8").to_owned();
    git(&repo, &["init", "--quiet", "--bare", &bare]);
    git(&repo, &["remote", "add", "origin", &bare]);
    git(&repo, &["push", "--quiet", "--set-upstream", "origin", "HEAD"]);
    let before = repo.read(PINS);
    let said = repo.run(["rollback", "shop", "-e", "staging", "--branch", "back"]).status(0);
    assert!(said.stdout.contains("pushed to origin/back"), "{}", said.stdout);
    assert_eq!(repo.read(PINS), before);
    let there = git(&repo, &["show", &format!("origin/back:{PINS}")]);
    assert!(there.contains(&digest('2')) && !there.contains(&digest('3')), "{there}");
    repo.run(["rollback", "shop", "-e", "staging", "--push"]).status(0);
    assert!(repo.read(PINS).contains(&digest('2')));
    assert_eq!(git(&repo, &["status", "--porcelain"]), "");
}

/// What else was edited in the spec is pushed with the pin, so it is named.
#[test]
fn other_edits_of_the_app_are_named() {
    let (repo, _) = repo();
    repo.run(["render"]).status(0);
    commit(&repo, "Render");
    let said = repo.run(["rollback", "shop", "-e", "staging", "--check"]).status(1);
    assert!(!said.stdout.contains("also changes"), "{}", said.stdout);
    let edited = SPEC.replace("team/shop}\n", "team/shop, replicas: 3}\n");
    let repo = repo.file("gen.yaml", edited);
    let said = repo.run(["rollback", "shop", "-e", "staging", "--check"]).status(1);
    let part = "also changes, because it differs from what is committed in staging:\n";
    assert!(said.stdout.contains(part), "{}", said.stdout);
    assert!(said.stdout.contains("  shop  app/workload.yaml\n"), "{}", said.stdout);
}
