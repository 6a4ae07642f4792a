//! `gen commit` without a push: what goes into the commit, what stays as it was, and what is refused.

use super::repositories::{Checkout, Place};

/// A committed and rendered fleet, without a remote.
fn rendered(place: &Place) -> Checkout<'_> {
    let checkout = place.init("repo");
    checkout.write_fleet(2);
    checkout.gen_(&["commit", "-q"]).done();
    checkout
}

fn digest(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

fn set(checkout: &Checkout<'_>, app: &str, digit: char) {
    let image = format!("registry.example/team/{app}@{}", digest(digit));
    checkout.gen_(&["set", app, "--env", "dev", "--image", &image, "-q"]).done();
}

fn names(checkout: &Checkout<'_>) -> Vec<String> {
    let listed = checkout.git(&["show", "--format=", "--name-only", "HEAD"]);
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn the_first_commit_holds_what_gen_reads_and_writes_and_nothing_else() {
    let place = Place::new();
    let checkout = place.init("repo");
    checkout.write_fleet(1);
    checkout.write("README.md", "mine\n");
    checkout.write("environments/notes.txt", "mine\n");
    checkout.write("clusters/home/dev/app-0/mine.yaml", "kind: Mine\n");
    checkout.write("templates/tasks/lint.yaml", "# a task\nsteps: []\n");
    let said = checkout.gen_(&["commit"]);
    // A template that is wrong is no reason for half a commit.
    if said.status != 0 {
        assert_eq!(checkout.git(&["ls-files"]), "");
        std::fs::remove_file(checkout.root.join("templates/tasks/lint.yaml")).unwrap();
        checkout.gen_(&["commit"]).done().says("committed");
    }
    let files = checkout.git(&["ls-files"]);
    for own in
        ["gen.yaml", "apps/app-0.yaml", "environments/dev.yaml", "clusters/home/flux/gen-dev.yaml"]
    {
        assert!(files.lines().any(|path| path == own), "{own} is missing:\n{files}");
    }
    for foreign in ["README.md", "notes.txt", "mine.yaml", ".gen"] {
        assert!(!files.contains(foreign), "{foreign} is there:\n{files}");
    }
    checkout.gen_(&["render", "--check", "-q"]).done();
    checkout.gen_(&["commit"]).done().says("nothing to commit");
    assert_eq!(checkout.git(&["rev-list", "--count", "HEAD"]), "1");
    checkout.check_sound();
}

#[test]
fn an_image_is_told_with_what_it_was_before() {
    let place = Place::new();
    let checkout = rendered(&place);
    set(&checkout, "app-0", '1');
    checkout.gen_(&["commit", "-q"]).done();
    set(&checkout, "app-0", '2');
    checkout.gen_(&["commit", "--env", "dev", "--app", "app-0"]).done().says("Deploy app-0 to dev");
    let message = checkout.git(&["log", "-1", "--format=%B"]);
    let spec = message.lines().last().unwrap().to_owned();
    assert!(spec.starts_with("Gen-Spec: sha256:"), "{message}");
    insta::assert_snapshot!(message.replace(&spec, "Gen-Spec: …"), @r"
    Deploy app-0 to dev

    app-0 in dev: image
      registry.example/team/app-0@sha256:1111111111111111111111111111111111111111111111111111111111111111
      → registry.example/team/app-0@sha256:2222222222222222222222222222222222222222222222222222222222222222

    dev: app-0
      changed Deployment app-0-dev/app-0
    1 file of the spec, 2 changed below clusters/: 1 object changed

    Gen-Env: dev
    Gen-App: app-0
    Gen-Spec: …
    ");
    let trailers = checkout.git(&["log", "-1", "--format=%(trailers:key=Gen-App,valueonly)"]);
    assert_eq!(trailers, "app-0");
    assert_eq!(
        names(&checkout),
        [
            "clusters/home/dev/app-0/app/workload.yaml",
            "clusters/home/dev/app-0/gen.lock.json",
            "environments/dev.pins.yaml"
        ]
    );
}

#[test]
fn index_edits_and_untracked_files_stay_as_they_are() {
    let place = Place::new();
    let checkout = rendered(&place);
    checkout.write("README.md", "one\n");
    checkout.write("src/main.py", "print()\n");
    checkout.commit_all("mine");
    // Staged, edited on top of what is staged, removed from the index, untracked.
    checkout.write("README.md", "two\n");
    checkout.git(&["add", "README.md"]);
    checkout.write("README.md", "three\n");
    checkout.git(&["rm", "-q", "--cached", "src/main.py"]);
    checkout.write("new.txt", "new\n");
    checkout.git(&["add", "-N", "new.txt"]);
    checkout.write("untracked.txt", "untracked\n");
    // A staged state of gen's own file is overtaken by what is on disk, as `git commit -- PATH` does.
    checkout.write("environments/dev.yaml", "cluster: home # staged\n");
    checkout.git(&["add", "environments/dev.yaml"]);
    checkout.write("environments/dev.yaml", "cluster: home # edited\n");
    let mut before = checkout.git(&["status", "--porcelain"]);
    before =
        before.lines().filter(|line| !line.contains("dev.yaml")).collect::<Vec<_>>().join("\n");
    checkout.gen_(&["commit"]).done();
    assert_eq!(checkout.git(&["status", "--porcelain"]), before);
    assert_eq!(names(&checkout), ["environments/dev.yaml"]);
    assert_eq!(checkout.git(&["show", "HEAD:environments/dev.yaml"]), "cluster: home # edited");
    assert_eq!(checkout.git(&["show", ":README.md"]), "two");
    checkout.check_sound();
}

#[test]
fn what_is_removed_is_removed_from_the_commit_too() {
    let place = Place::new();
    let checkout = rendered(&place);
    set(&checkout, "app-1", '1');
    checkout.write("manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    checkout.write_app("app-0", "    extra: manifests\n");
    checkout.gen_(&["commit", "-q"]).done();
    assert!(names(&checkout).contains(&"manifests/a.yaml".to_owned()));
    // An include, its manifests and an app go; a file that was never gen's stays removed by hand.
    checkout.write("mine.txt", "");
    checkout.commit_all("mine");
    std::fs::remove_file(checkout.root.join("mine.txt")).unwrap();
    std::fs::remove_file(checkout.root.join("manifests/a.yaml")).unwrap();
    checkout.write_app("app-0", "");
    std::fs::remove_file(checkout.root.join("apps/app-1.yaml")).unwrap();
    std::fs::remove_file(checkout.root.join("environments/dev.pins.yaml")).unwrap();
    checkout.gen_(&["commit"]).done();
    let files = checkout.git(&["ls-files"]);
    assert!(!files.contains("apps/app-1.yaml") && !files.contains("manifests/a.yaml"), "{files}");
    assert!(files.contains("clusters/home/dev/app-1/access/apply.yaml"), "{files}");
    assert!(!files.contains("clusters/home/dev/app-1/app/"), "{files}");
    assert_eq!(checkout.git(&["status", "--porcelain"]), " D mine.txt");
    checkout.gen_(&["render", "--check", "-q"]).done();
}

#[test]
fn only_what_is_selected_is_rendered_and_committed() {
    let place = Place::new();
    let checkout = rendered(&place);
    for app in ["app-0", "app-1"] {
        set(&checkout, app, '3');
    }
    // The other one is rendered on disk already, and still not committed.
    checkout.gen_(&["render", "-q"]).done();
    checkout.gen_(&["commit", "--env", "dev", "--app", "app-1"]).done();
    let committed = names(&checkout);
    assert!(committed.contains(&"clusters/home/dev/app-1/app/workload.yaml".to_owned()));
    assert!(!committed.iter().any(|path| path.contains("app-0/")), "{committed:?}");
    checkout.gen_(&["commit", "--env", "staging"]).done().says("nothing");
    checkout.gen_(&["commit"]).done();
    assert!(names(&checkout).iter().all(|path| path.contains("dev/app-0/")));
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new();
    let checkout = rendered(&place);
    set(&checkout, "app-0", '1');
    let before = checkout.state();
    checkout
        .gen_(&["commit", "--dry-run"])
        .done()
        .says("Deploy app-0 to dev")
        .says("  + clusters/home/dev/app-0/app/workload.yaml");
    let ran = checkout.gen_(&["commit", "--dry-run", "-o", "json"]).done();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["dryRun"], true);
    assert_eq!(json["pins"][0]["app"], "app-0");
    assert_eq!(checkout.state(), before);
}

#[test]
fn work_trees_subfolders_and_line_ends() {
    let place = Place::new();
    let checkout = rendered(&place);
    // A linked work tree has its own head and index.
    checkout.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = Checkout { place: &place, root: place.path().join("side") };
    set(&side, "app-0", '4');
    side.gen_(&["commit"]).done().says("on side");
    side.check_sound();
    assert_eq!(side.git(&["status", "--porcelain"]), "");
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
    assert_eq!(checkout.git(&["rev-list", "--count", "main..side"]), "1");
    // A repository in which gen.yaml lies further down, beside others' work.
    let outer = place.init("outer");
    outer.write("other.txt", "x\n");
    outer.commit_all("other");
    let inner = Checkout { place: &place, root: outer.root.join("deliver/gitops") };
    inner.write_fleet(1);
    inner.gen_(&["commit"]).done();
    outer.write("clusters/x.yaml", "not gen's\n");
    assert_eq!(outer.git(&["status", "--porcelain"]), "?? clusters/");
    assert!(names(&outer).iter().all(|path| path.starts_with("deliver/gitops/")));
    inner.gen_(&["commit"]).done().says("nothing");
    // Line ends are converted as git does it: the commit has LF, whatever the files have.
    let windows = place.init("windows");
    windows.git(&["config", "core.autocrlf", "true"]);
    windows.write_fleet(1);
    windows.write("environments/dev.yaml", "cluster: home\r\n");
    windows.gen_(&["commit"]).done();
    assert_eq!(windows.git(&["status", "--porcelain"]), "");
    assert!(!windows.git(&["show", "HEAD:environments/dev.yaml"]).contains('\r'));
    windows.gen_(&["commit"]).done().says("nothing");
}

/// What the last commit rendered is remembered: the next finds that there is nothing without rendering it all again, and finds
/// everything that there is.
#[test]
fn nothing_new_is_told_again_and_anything_else_is_found() {
    let place = Place::new();
    let checkout = rendered(&place);
    set(&checkout, "app-0", '1');
    checkout.gen_(&["commit"]).done();
    let last = checkout.root.join(".gen/last");
    assert!(last.exists(), "what a commit renders is remembered");
    checkout.gen_(&["commit"]).done().says("nothing to commit");
    // The summary is the one that a render of it all tells.
    let again = checkout.gen_(&["render"]).done().stdout;
    std::fs::remove_file(&last).unwrap();
    assert_eq!(checkout.gen_(&["render"]).done().stdout, again);
    // Edits of what is rendered, of the spec, on disk and in the index alone, and files that are new or ignored.
    let path = "clusters/home/dev/app-0/app/workload.yaml";
    let text = std::fs::read_to_string(checkout.root.join(path)).unwrap();
    checkout.write(path, text.replace("app-0", "app-O"));
    checkout.gen_(&["commit"]).status(3).says("GEN0801");
    checkout.git(&["checkout", "-q", "--", path]);
    checkout.gen_(&["commit"]).done().says("nothing to commit");
    checkout.write("environments/qa.yaml", "cluster: home\n");
    checkout.gen_(&["commit"]).done();
    assert!(names(&checkout).contains(&"environments/qa.yaml".to_owned()));
    checkout.gen_(&["commit"]).done().says("nothing to commit");
    let dev = std::fs::read_to_string(checkout.root.join("environments/dev.yaml")).unwrap();
    checkout.write("environments/dev.yaml", format!("# mine\n{dev}"));
    checkout.gen_(&["commit"]).done();
    assert_eq!(names(&checkout), ["environments/dev.yaml"]);
    checkout.write(".gitignore", "apps/app-2.yaml\n");
    checkout.write_app("app-2", "");
    let refused = checkout.gen_(&["commit"]);
    assert_ne!(refused.status, 0);
    refused.says("GEN1022");
    checkout.check_sound();
}

/// A clone whose git gives every file the line ends of another system: that is nobody's edit, and never gets into a commit.
#[test]
fn line_ends_that_git_gives_are_no_edits() {
    let place = Place::new();
    let ada = place.fleet(2);
    let script = "    pipeline:\n      - check:\n          image: docker.io/library/busybox:1\n          script: |\n            echo one\n            echo two\n";
    ada.write_app("app-0", script);
    set(&ada, "app-0", '6');
    set(&ada, "app-1", '6');
    ada.gen_(&["commit", "--push"]).done();
    let home = place.home().join(".gitconfig");
    let settings = std::fs::read_to_string(&home).unwrap();
    std::fs::write(&home, format!("{settings}[core]\n\tautocrlf = true\n")).unwrap();
    let windows = place.clone("remote", "windows");
    let workload = "clusters/home/dev/app-0/app/workload.yaml";
    let on_disk = |path: &str| std::fs::read_to_string(windows.root.join(path)).unwrap();
    let has_cr = |path: &str| on_disk(path).contains("\r\n");
    assert!(has_cr(workload) && has_cr("gen.yaml"));
    windows.gen_(&["render", "--check"]).done();
    windows.gen_(&["commit"]).done().says("nothing to commit");
    assert_eq!(windows.git(&["status", "--porcelain"]), "");
    assert!(has_cr(workload), "what is as it should be is left as it is");
    // A change is committed with line feeds, and holds nothing else.
    set(&windows, "app-0", '7');
    windows.gen_(&["commit", "--push"]).done();
    assert_eq!(windows.git(&["status", "--porcelain"]), "");
    assert_eq!(
        names(&windows),
        [workload, "clusters/home/dev/app-0/gen.lock.json", "environments/dev.pins.yaml"]
    );
    for path in names(&windows) {
        let text = windows.git(&["show", &format!("HEAD:{path}")]);
        assert!(!text.contains('\r'), "{path}");
    }
    // An app that goes is removed, whatever its files' line ends are.
    windows.git(&["rm", "-q", "--cached", "-r", "clusters"]);
    windows.git(&["reset", "-q", "--hard"]);
    assert!(has_cr(workload));
    std::fs::remove_file(windows.root.join("apps/app-1.yaml")).unwrap();
    windows.gen_(&["commit"]).done();
    assert!(!windows.root.join("clusters/home/dev/app-1/app/workload.yaml").exists());
    assert_eq!(windows.git(&["status", "--porcelain"]), "");
    // A hand edit is one, with these line ends too.
    windows
        .write(workload, on_disk(workload).replace("replicas", "replicaz").replace('\n', "\r\n"));
    windows.gen_(&["render"]).status(3).says("GEN0801");
}

#[test]
fn signatures_and_authors_are_those_of_git() {
    let place = Place::new();
    let checkout = rendered(&place);
    // A program in the place of gpg, which shows that it was asked.
    let signer = place.path().join("signer");
    std::fs::write(&signer, "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho '-----BEGIN PGP SIGNATURE-----'\necho x\necho '-----END PGP SIGNATURE-----'\n").unwrap();
    make_program(&signer);
    checkout.git(&["config", "gpg.program", signer.to_str().unwrap()]);
    set(&checkout, "app-0", '1');
    checkout.gen_(&["commit", "--sign"]).done();
    assert!(checkout.git(&["cat-file", "-p", "HEAD"]).contains("gpgsig"));
    set(&checkout, "app-0", '2');
    checkout.git(&["config", "commit.gpgsign", "true"]);
    checkout.gen_(&["commit"]).done();
    assert!(checkout.git(&["cat-file", "-p", "HEAD"]).contains("gpgsig"));
    assert_eq!(
        checkout.git(&["log", "-1", "--format=%an %ae %cn"]),
        "Ann Example ann@example.test Ann Example"
    );
    set(&checkout, "app-0", '3');
    std::fs::write(&signer, "#!/bin/sh\necho no key >&2\nexit 1\n").unwrap();
    let before = checkout.git(&["rev-parse", "HEAD"]);
    let said = checkout.gen_(&["commit"]).status(4).stderr;
    assert!(said.starts_with("error[GEN1019]: cannot sign the commit: "), "{said}");
    checkout.git(&["config", "commit.gpgsign", "false"]);
    let said = checkout.run(
        checkout
            .command(super::support::GEN)
            .args(["commit"])
            .env("GIT_CONFIG_COUNT", "2")
            .envs([("GIT_CONFIG_KEY_0", "user.name"), ("GIT_CONFIG_VALUE_0", "")])
            .envs([("GIT_CONFIG_KEY_1", "user.useConfigOnly"), ("GIT_CONFIG_VALUE_1", "true")]),
    );
    insta::assert_snapshot!(said.status(4).stderr, @r"
    error[GEN1018]: no author is configured for commits: no name or e-mail address is set
      help: run `git config --global user.name NAME` and `git config --global user.email ADDRESS`
    ");
    assert_eq!(checkout.git(&["rev-parse", "HEAD"]), before);
    checkout.check_sound();
}

pub fn make_program(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn hook(checkout: &Checkout<'_>, name: &str, script: &str) {
    let path = checkout.root.join(".git/hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    make_program(&path);
}

/// The user's hooks see what git's own commit would show them, and may refuse; what they may not is change what is committed.
#[test]
fn hooks_of_the_user_run_as_with_git() {
    let place = Place::new();
    let checkout = rendered(&place);
    hook(
        &checkout,
        "pre-commit",
        "git diff --cached --name-only > ../seen; test -f clusters/home/dev/app-0/app/workload.yaml",
    );
    hook(&checkout, "prepare-commit-msg", "echo \"$2\" > ../kind");
    hook(&checkout, "commit-msg", "echo 'Change-Id: I1' >> \"$1\"");
    hook(&checkout, "post-commit", "git log -1 --format=%s > ../after");
    hook(&checkout, "reference-transaction", "touch ../transaction");
    set(&checkout, "app-0", '1');
    checkout.gen_(&["commit", "-m", "mine"]).done();
    let read = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    assert!(read("seen").contains("environments/dev.pins.yaml\n"), "{}", read("seen"));
    assert!(read("seen").contains("clusters/home/dev/app-0/app/workload.yaml\n"));
    assert_eq!(read("kind"), "message\n");
    assert_eq!(read("after"), "mine\n");
    assert!(checkout.git(&["log", "-1", "--format=%B"]).contains("Change-Id: I1"));
    // gen's own plumbing runs none.
    assert!(!place.path().join("transaction").exists());

    set(&checkout, "app-0", '2');
    let before = checkout.git(&["rev-parse", "HEAD"]);
    hook(&checkout, "commit-msg", "echo 'no ticket' >&2; exit 1");
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(4).stderr, @r"
    error[GEN1016]: the hook `commit-msg` rejects the commit: no ticket
      help: nothing was changed
    ");
    hook(&checkout, "commit-msg", "");
    hook(&checkout, "pre-commit", "echo x >> gen.yaml; git add gen.yaml");
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(4).stderr, @r"
    error[GEN1017]: the hook `pre-commit` changes `gen.yaml`, which must be committed as rendered
      help: exclude gen's files from the hook, or run it before
    ");
    assert_eq!(checkout.git(&["rev-parse", "HEAD"]), before);
    checkout.check_sound();
}

#[test]
fn what_cannot_be_committed_is_said() {
    let place = Place::new();
    let outside = place.path().join("nowhere");
    let nowhere = Checkout { place: &place, root: outside };
    nowhere.write_fleet(1);
    assert!(nowhere.gen_(&["commit"]).status(4).stderr.starts_with("error[GEN1002]: "));
    let checkout = rendered(&place);
    set(&checkout, "app-0", '1');
    let before = checkout.state();
    checkout.git(&["checkout", "-q", "--detach"]);
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(4).stderr, @r"
    error[GEN1015]: HEAD is detached
      help: run `git switch BRANCH`, or push with `--push --branch BRANCH`
    ");
    checkout.git(&["checkout", "-q", "main"]);
    std::fs::write(checkout.root.join(".git/MERGE_HEAD"), "").unwrap();
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(5).stderr, @r"
    error[GEN1014]: a merge is in progress
      help: finish or abort it first; see `git status`
    ");
    std::fs::remove_file(checkout.root.join(".git/MERGE_HEAD")).unwrap();
    insta::assert_snapshot!(checkout.gen_(&["commit", "--push"]).status(4).stderr, @r"
    error[GEN1020]: no remote to push to: none is configured
      help: run `git remote add origin URL`, or `git branch --set-upstream-to=REMOTE/BRANCH`
    ");
    checkout.git(&["remote", "add", "origin", "ext::sh -c touch% canary"]);
    insta::assert_snapshot!(checkout.gen_(&["commit", "--push"]).status(4).stderr, @r"
    error[GEN1021]: unsupported remote `origin`: its URL names a program
      help: run `git remote set-url origin URL` with an https or ssh URL
    ");
    assert_eq!(checkout.state(), before);
    checkout.write(".git/info/exclude", "*.pins.yaml\n");
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(4).stderr, @r"
    error[GEN1022]: git ignores `environments/dev.pins.yaml`, which must be committed
      help: remove it from .gitignore; find the rule with `git check-ignore -v environments/dev.pins.yaml`
    ");
    checkout.write(".git/info/exclude", "");
    std::fs::write(checkout.root.join(".git/index.lock"), "").unwrap();
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(4).stderr, @r"
    error[GEN1023]: another git command is running (it holds `.git/index.lock`)
      help: wait for it to finish; if none is running, remove that file
    ");
    std::fs::remove_file(checkout.root.join(".git/index.lock")).unwrap();
    // Somebody commits while a hook runs.
    hook(
        &checkout,
        "commit-msg",
        "unset GIT_INDEX_FILE; git -c core.hooksPath=/dev/null commit -q --allow-empty -m theirs",
    );
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(5).stderr, @r"
    error[GEN1024]: `main` moved while gen was running
      help: nothing was changed; run the command again
    ");
    hook(&checkout, "commit-msg", "");
    checkout.gen_(&["commit"]).done();
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_branch_that_lacks_known_commits_is_not_committed_to() {
    let place = Place::new();
    let checkout = place.fleet(1);
    checkout.write("README.md", "x\n");
    checkout.commit_all("theirs");
    checkout.git(&["push", "-q"]);
    checkout.git(&["reset", "-q", "--hard", "HEAD~1"]);
    set(&checkout, "app-0", '1');
    insta::assert_snapshot!(checkout.gen_(&["commit"]).status(5).stderr, @"
    error[GEN1010]: `main` is behind `origin/main` (missing commits: 1)
      help: run `git pull --autostash`; or use `--push`, which renders on top of them; or `--allow-behind`
    ");
    checkout.gen_(&["commit", "--allow-behind"]).done();
    set(&checkout, "app-0", '2');
    insta::assert_snapshot!(checkout.gen_(&["commit", "--push"]).status(5).stderr, @"
    error[GEN1011]: `main` and `origin/main` have diverged: 1 ahead, 1 behind
      help: run `git pull --rebase --autostash`; on conflicts below clusters/, take either side, `gen render`, `git add` and continue
    ");
}

/// A file that is edited while gen is at work is not committed half: neither as it was read, nor as it is.
#[test]
fn an_edit_at_the_wrong_moment() {
    let place = Place::new();
    let checkout = rendered(&place);
    set(&checkout, "app-0", '1');
    let path = std::env::var("PATH").unwrap();
    let real = path
        .split(':')
        .map(|folder| std::path::Path::new(folder).join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let shim = place.path().join("shim/git");
    std::fs::create_dir_all(shim.parent().unwrap()).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *' status '*) echo '# late' >> gen.yaml;; esac\nexec {} \"$@\"\n",
        real.display()
    );
    std::fs::write(&shim, script).unwrap();
    make_program(&shim);
    let with_shim = || {
        let mut command = checkout.command(super::support::GEN);
        let path = format!("{}:{path}", shim.parent().unwrap().display());
        command.args(["commit"]).env("PATH", path);
        command
    };
    let head = checkout.git(&["rev-parse", "HEAD"]);
    insta::assert_snapshot!(checkout.run(&mut with_shim()).status(5).stderr, @r"
    error[GEN1025]: `gen.yaml` was edited while gen was running
      help: nothing was changed; run the command again
    ");
    assert_eq!(checkout.git(&["rev-parse", "HEAD"]), head);
    let real = format!(
        "#!/bin/sh\ncase \"$*\" in *version*) echo git version 2.30.2; exit;; esac\nexec {} \"$@\"\n",
        real.display()
    );
    std::fs::write(&shim, real).unwrap();
    insta::assert_snapshot!(checkout.run(&mut with_shim()).status(4).stderr, @r"
    error[GEN1003]: git 2.30.2 is too old
      help: install git 2.36 or later on PATH
    ");
}
