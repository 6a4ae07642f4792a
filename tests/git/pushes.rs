//! `gen commit --push`: on top of what is there, never by force; and whatever fails leaves the checkout as it was.

use super::commits::make_program;
use super::repositories::{Checkout, Place};

fn set(checkout: &Checkout<'_>, app: &str, digit: char) {
    let digest = format!("sha256:{}", String::from(digit).repeat(64));
    let image = format!("registry.example/team/{app}@{digest}");
    checkout.gen_(&["set", app, "--env", "dev", "--image", &image, "-q"]).done();
}

fn remote(place: &Place) -> Checkout<'_> {
    Checkout { place, root: place.path().join("remote") }
}

/// A hook on the other side.
fn remote_hook(place: &Place, name: &str, script: &str) {
    let path = place.path().join("remote/hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    make_program(&path);
}

#[test]
fn a_push_moves_remote_branch_and_checkout_together() {
    let place = Place::new();
    let checkout = place.fleet(1);
    set(&checkout, "app-0", '1');
    checkout.gen_(&["commit", "--push"]).done().says("pushed to origin/main\n");
    let head = checkout.git(&["rev-parse", "HEAD"]);
    assert_eq!(remote(&place).git(&["rev-parse", "main"]), head);
    assert_eq!(checkout.git(&["rev-parse", "origin/main"]), head);
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
    checkout.gen_(&["commit", "--push"]).done().says("nothing to commit");
    // A commit that was made before goes along.
    set(&checkout, "app-0", '2');
    checkout.gen_(&["commit", "-q"]).done();
    checkout.gen_(&["commit", "--push"]).done().says("pushed to origin/main");
    assert_eq!(remote(&place).git(&["rev-parse", "main"]), checkout.git(&["rev-parse", "HEAD"]));
}

#[test]
fn what_moved_is_rendered_again_and_merged_where_it_is_written_by_hand() {
    let place = Place::new();
    let ours = place.fleet(3);
    let theirs = place.clone("remote", "theirs");
    // Theirs: a pin of one app, a line of one file, and something that is not gen's.
    set(&theirs, "app-0", '1');
    theirs.write(
        "environments/staging.yaml",
        "cluster: home\npromotesFrom: dev\napps:\n  app-1: {labels: {x: theirs}}\n",
    );
    theirs.write("README.md", "theirs\n");
    theirs.commit_all("readme");
    theirs.gen_(&["commit", "--push", "-q"]).done();
    // Ours: another pin, another line, and edits of our own.
    set(&ours, "app-1", '2');
    ours.write_app("app-2", "    labels: {team: ours}\n");
    ours.write("notes.txt", "mine\n");
    ours.gen_(&["render", "-q"]).done();
    ours.gen_(&["commit", "--push"])
        .done()
        .says("rendered on top of newer commits of `origin/main`");
    assert_eq!(ours.git(&["status", "--porcelain"]), "?? notes.txt");
    assert_eq!(std::fs::read_to_string(ours.root.join("README.md")).unwrap(), "theirs\n");
    let pins = std::fs::read_to_string(ours.root.join("environments/dev.pins.yaml")).unwrap();
    assert!(pins.contains("app-0") && pins.contains("app-1"), "{pins}");
    ours.gen_(&["render", "--check"]).done();
    let after = place.clone("remote", "after");
    after.gen_(&["render", "--check"]).done();
    assert_eq!(after.git(&["rev-list", "--merges", "--count", "HEAD"]), "0");
    // What both sides changed alike is no commit.
    set(&ours, "app-2", '3');
    set(&theirs, "app-2", '3');
    ours.gen_(&["commit", "--push", "-q"]).done();
    theirs.gen_(&["commit", "--push"]).done().says("`origin/main` already has the change");
    assert_eq!(theirs.git(&["status", "--porcelain"]), "");
    assert_eq!(theirs.git(&["rev-parse", "HEAD"]), ours.git(&["rev-parse", "HEAD"]));
}

#[test]
fn both_changed_the_same() {
    let place = Place::new();
    let ours = place.fleet(1);
    let theirs = place.clone("remote", "theirs");
    set(&theirs, "app-0", '1');
    theirs.write("environments/staging.yaml", "cluster: home\npromotesFrom: dev # theirs\n");
    theirs.gen_(&["commit", "--push", "-q"]).done();
    set(&ours, "app-0", '2');
    let before = ours.state();
    insta::assert_snapshot!(ours.gen_(&["commit", "--push"]).status(5).stderr, @r"
    error[GEN1013]: `environments/dev.pins.yaml` was changed both locally and on `origin/main`: both set `image` of `app-0`
      help: nothing was changed; apply what `git diff HEAD...origin/main -- environments/dev.pins.yaml` shows, or `git stash`, `git pull` and `git stash pop`
    ");
    assert_eq!(ours.state(), before);
    std::fs::remove_file(ours.root.join("environments/dev.pins.yaml")).unwrap();
    ours.write("environments/staging.yaml", "cluster: home\npromotesFrom: dev # ours\n");
    let before = ours.state();
    ours.gen_(&["commit", "--push"]).status(5).says(
        "`environments/staging.yaml` was changed both locally and on `origin/main`: the same lines differ",
    );
    assert_eq!(ours.state(), before);
    ours.check_sound();
}

/// Edits that are in the way of bringing the checkout along: the push is done, the edits are kept.
#[test]
fn own_edits_are_never_lost() {
    let place = Place::new();
    let first = place.fleet(2);
    first.write("README.md", "one\n");
    first.commit_all("readme");
    first.git(&["push", "-q"]);
    let ours = place.clone("remote", "ours");
    first.write("README.md", "two\n");
    first.commit_all("readme again");
    first.git(&["push", "-q"]);
    ours.write("README.md", "mine\n");
    set(&ours, "app-0", '1');
    let before = ours.state();
    ours.gen_(&["commit", "--push"])
        .done()
        .says("pushed to origin/main")
        .says("this checkout is unchanged because of your edits");
    assert_eq!(ours.state(), before);
    let after = place.clone("remote", "after");
    after.gen_(&["render", "--check"]).done();
    assert!(after.root.join("environments/dev.pins.yaml").exists());
    // Once they are out of the way, the next one brings it along.
    ours.git(&["checkout", "-q", "README.md"]);
    ours.gen_(&["commit", "--push"]).done().says("already has the change");
    assert_eq!(ours.git(&["status", "--porcelain"]), "");
    assert_eq!(ours.git(&["rev-parse", "HEAD"]), after.git(&["rev-parse", "HEAD"]));
}

#[test]
fn another_branch_for_a_pull_request() {
    let place = Place::new();
    let checkout = place.fleet(1);
    set(&checkout, "app-0", '1');
    let before = checkout.state();
    checkout
        .gen_(&["commit", "--branch", "deploy/app-0"])
        .done()
        .says("pushed to origin/deploy/app-0")
        .says("next: open a pull request from `deploy/app-0`");
    assert_eq!(checkout.state(), before);
    let bare = remote(&place);
    assert_eq!(bare.git(&["rev-list", "--count", "main..deploy/app-0"]), "1");
    // The next one goes on top of it.
    checkout.write_app("app-0", "    labels: {team: a}\n");
    checkout.gen_(&["commit", "--branch", "deploy/app-0"]).done();
    assert_eq!(bare.git(&["rev-list", "--count", "main..deploy/app-0"]), "2");
    // The remote's address says where to open it; a push elsewhere is set up so that nothing leaves this machine.
    let url = bare.root.display().to_string();
    checkout.git(&["config", &format!("url.{url}.insteadOf"), "https://github.com/me/gitops.git"]);
    checkout.git(&["remote", "set-url", "origin", "https://github.com/me/gitops.git"]);
    checkout
        .gen_(&["commit", "--branch", "other"])
        .done()
        .says("next: open https://github.com/me/gitops/compare/main...other?expand=1");
    // Without a branch of one's own, as CI checks out.
    checkout.git(&["checkout", "-q", "--detach"]);
    checkout.gen_(&["commit", "--push", "--branch", "main"]).done();
    assert_eq!(bare.git(&["log", "-1", "--format=%s", "main"]), "Change app-0 in dev, staging");
}

#[test]
fn whatever_the_remote_refuses_leaves_the_checkout_as_it_was() {
    let place = Place::new();
    let checkout = place.fleet(1);
    set(&checkout, "app-0", '1');
    let before = checkout.state();
    let bare = remote(&place);
    let head = bare.git(&["rev-parse", "main"]);

    remote_hook(&place, "pre-receive", "echo 'no deploys on Fridays' >&2; exit 1");
    insta::assert_snapshot!(checkout.gen_(&["commit", "--push"]).status(2).stderr, @r"
    error[GEN1009]: the remote `origin` rejects the push to `main`: (pre-receive hook declined); no deploys on Fridays
      help: nothing was changed; if the branch is protected, push another with `--branch NAME` for a pull request
    ");
    assert_eq!(checkout.state(), before);
    remote_hook(&place, "pre-receive", "");
    remote_hook(
        &place,
        "update",
        "test \"$1\" != refs/heads/main || { echo 'GH006: Protected branch update failed' >&2; exit 1; }",
    );
    checkout
        .gen_(&["commit", "--push"])
        .status(2)
        .says("error[GEN1009]")
        .says("GH006: Protected branch update failed");
    assert_eq!(checkout.state(), before);
    checkout.gen_(&["commit", "--branch", "deploy"]).done();
    remote_hook(&place, "update", "");
    assert_eq!(bare.git(&["rev-parse", "main"]), head);

    let hidden = place.path().join("hidden");
    std::fs::rename(&bare.root, &hidden).unwrap();
    insta::assert_snapshot!(checkout.gen_(&["commit", "--push"]).status(2).stderr, @r"
    error[GEN1007]: cannot reach the remote `origin`: '<place>/remote' does not appear to be a git repository; Could not read from remote repository.; Please make sure you have the correct access rights; and the repository exists.
      help: nothing was changed; try again once it is reachable
    ");
    std::fs::rename(&hidden, &bare.root).unwrap();
    assert_eq!(checkout.state(), before);

    // A server that wants a password, in the place of one: nothing is asked where nobody is.
    let helper = place.path().join("bin/git-remote-https");
    std::fs::create_dir_all(helper.parent().unwrap()).unwrap();
    std::fs::write(&helper, "#!/bin/sh\necho \"fatal: could not read Username for '$2': terminal prompts disabled\" >&2\nexit 128\n").unwrap();
    make_program(&helper);
    checkout.git(&["remote", "set-url", "origin", "https://me:t0ken@git.example/a.git"]);
    let said = checkout.run(
        checkout
            .command(super::support::GEN)
            .args(["commit", "--push"])
            .env("GIT_EXEC_PATH", place.path().join("bin"))
            .env(
                "PATH",
                format!(
                    "{}:{}",
                    place.path().join("bin").display(),
                    std::env::var("PATH").unwrap()
                ),
            ),
    );
    let said = said.status(2);
    assert!(
        said.stderr.starts_with("error[GEN1008]: the remote `origin` denies access: "),
        "{said:?}"
    );
    assert!(!said.stderr.contains("t0ken") && !said.stdout.contains("t0ken"), "{said:?}");
    assert_eq!(checkout.state(), before);
    checkout.check_sound();
}

/// Somebody is always faster: the tries end, and say so.
#[test]
fn who_never_comes_first_gives_up() {
    let place = Place::new();
    let checkout = place.fleet(1);
    set(&checkout, "app-0", '1');
    let before = checkout.state();
    // Each push finds the branch moved since it was looked at.
    remote_hook(
        &place,
        "pre-receive",
        "unset GIT_QUARANTINE_PATH; new=$(git commit-tree -p main -m theirs 'main^{tree}'); git update-ref refs/heads/main $new",
    );
    let bare = remote(&place);
    bare.git(&["config", "user.name", "x"]);
    bare.git(&["config", "user.email", "x@example.test"]);
    let said = checkout.gen_(&["commit", "--push", "--retry-for", "0"]).status(5).stderr;
    let said = said.split(", ").next().unwrap();
    insta::assert_snapshot!(said, @"error[GEN1012]: others pushed to `origin/main` first (attempts: 1");
    assert_eq!(checkout.state(), before);
    remote_hook(&place, "pre-receive", "");
    checkout.gen_(&["commit", "--push"]).done();
    checkout.check_sound();
}

#[test]
fn a_full_disk_and_a_read_only_one_change_nothing() {
    let place = Place::new();
    let checkout = place.fleet(1);
    set(&checkout, "app-0", '1');
    let before = checkout.state();
    // No file may grow beyond a kilobyte: objects, the next index and what is rendered all hit it, one limit after another.
    for blocks in ["0", "1", "2", "4", "8"] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" commit --push");
        let ran = checkout.run(checkout.command("sh").args(["-c", &script, super::support::GEN]));
        if ran.status == 0 {
            break;
        }
        assert!([2, 4].contains(&ran.status), "{ran:?}");
        assert_eq!(checkout.state(), before, "ulimit -f {blocks}: {ran:?}");
    }
    checkout.gen_(&["commit", "--push"]).done();
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
    checkout.check_sound();
}

#[test]
fn a_shallow_clone_pushes_too() {
    let place = Place::new();
    let first = place.fleet(2);
    for number in 0..3 {
        first.write("README.md", format!("{number}\n"));
        first.commit_all("more");
    }
    first.git(&["push", "-q"]);
    let here = Checkout { place: &place, root: place.path().to_owned() };
    let url = format!("file://{}", place.path().join("remote").display());
    here.git(&["clone", "-q", "--depth", "1", &url, "shallow"]);
    let shallow = Checkout { place: &place, root: place.path().join("shallow") };
    set(&first, "app-0", '1');
    first.gen_(&["commit", "--push", "-q"]).done();
    set(&shallow, "app-1", '2');
    shallow.gen_(&["commit", "--push"]).done().says("on top of newer commits");
    assert_eq!(shallow.git(&["status", "--porcelain"]), "");
    shallow.gen_(&["render", "--check"]).done();
    let after = place.clone("remote", "after");
    after.gen_(&["render", "--check"]).done();
    after.check_sound();
}
