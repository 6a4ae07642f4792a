//! `fetch-source` against a Git host on this machine that wants a password.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use rayon::prelude::*;

use crate::payloads::PAYLOADS;
use crate::server::{self, Server};
use crate::support::Repo;
use crate::support::play::{Play, Played, Shell, has};
use crate::{rendered, task};

/// `reader:s3cret-pw` in the form of HTTP.
const LOGIN: &str = "cmVhZGVyOnMzY3JldC1wdw==";
const PASSWORD: &str = "s3cret-pw";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@example.test",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// A host with two repositories: `app.git`, with a file of twenty megabytes, a tag, a branch, a folder and a submodule, and
/// `lib.git`, which is the submodule.
struct Host {
    server: Server,
    folder: Repo,
    first: String,
    second: String,
}

impl Host {
    fn new() -> Self {
        let folder = Repo::empty();
        let server = server::git(folder.path(), LOGIN);
        for name in ["lib", "app"] {
            std::fs::create_dir_all(folder.at(name)).expect("a folder");
            git(&folder.at(name), &["init", "--quiet"]);
        }
        folder.write("lib/lib.txt", "a library\n");
        git(&folder.at("lib"), &["add", "."]);
        git(&folder.at("lib"), &["commit", "--quiet", "-m", "Begin"]);
        git(folder.path(), &["clone", "--quiet", "--bare", "lib", "lib.git"]);

        let app = folder.at("app");
        folder.write("app/services/api/main.txt", "an app\n");
        // Noise, which no compression makes small.
        let mut noise = Vec::new();
        let source = std::fs::File::open("/dev/urandom").expect("every Linux has it");
        source.take(20 << 20).read_to_end(&mut noise).expect("as much as is asked for");
        folder.write("app/huge.bin", noise);
        // The address is the host's, so that the submodule asks for the password too.
        let modules =
            format!("[submodule \"lib\"]\n\tpath = lib\n\turl = {}/lib.git\n", server.url);
        folder.write("app/.gitmodules", modules);
        let library = git(&folder.at("lib"), &["rev-parse", "HEAD"]);
        let entry = format!("160000,{library},lib");
        git(&app, &["update-index", "--add", "--cacheinfo", &entry]);
        git(&app, &["add", ".gitmodules", "services", "huge.bin"]);
        git(&app, &["commit", "--quiet", "-m", "First $(id) `id`"]);
        let first = git(&app, &["rev-parse", "HEAD"]);
        git(&app, &["tag", "v1"]);
        git(&app, &["switch", "--quiet", "-c", "feature/x"]);
        folder.write("app/services/api/main.txt", "a better app\n");
        // Not `--all`, which would take the submodule out, as it is not checked out here.
        git(&app, &["add", "services"]);
        git(&app, &["commit", "--quiet", "-m", "Second"]);
        let second = git(&app, &["rev-parse", "HEAD"]);
        git(folder.path(), &["clone", "--quiet", "--bare", "app", "app.git"]);
        // As the big hosts have it: any commit may be asked for.
        git(&folder.at("app.git"), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        Self { server, folder, first, second }
    }

    /// The task about to fetch a revision with the host's password.
    fn fetch(&self, settings: &str, revision: &str, shell: Shell) -> Play {
        let objects = rendered(&format!("[fetch-source: {settings}]"), "");
        let task = task(&objects, "shop-fetch-source");
        Play::new(task)
            .param("revision", revision)
            .variable("URL", format!("{}/app.git", self.server.url))
            .variable("FOLDER", "services/api")
            // The machine's own configuration has no part in it, as in a container.
            .variable("GIT_CONFIG_SYSTEM", "/dev/null")
            .file("/var/run/secrets/git/username", "reader")
            .file("/var/run/secrets/git/password", PASSWORD)
            .shell(shell)
    }
}

/// Made once: the large file takes its time.
static HOST: LazyLock<Host> = LazyLock::new(Host::new);

fn read(play: &Play, path: &str) -> String {
    let file = play.place("/workspace/source").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn everything_said(played: &Played) -> String {
    format!("{played:?}")
}

#[test]
fn branches_tags_and_commits_with_a_password() {
    if !has("git") {
        return;
    }
    let host = &*HOST;
    for shell in Shell::all() {
        for (revision, commit, content) in [
            ("main", &host.first, "an app\n"),
            ("v1", &host.first, "an app\n"),
            ("feature/x", &host.second, "a better app\n"),
            (host.first.clone().as_str(), &host.first, "an app\n"),
        ] {
            let play = host.fetch("{}", revision, shell);
            // What an earlier run left behind is gone afterwards.
            let play = play.file("/workspace/source/left-behind", "old");
            let played = play.run().succeeds();
            assert_eq!(played.results["commit"], *commit, "{revision}");
            assert_eq!(played.results["CHAINS-GIT_COMMIT"], *commit);
            assert_eq!(played.results["url"], format!("{}/app.git", host.server.url));
            assert_eq!(read(&play, "services/api/main.txt"), content);
            assert!(!play.place("/workspace/source/left-behind").exists());
            assert!(!play.place("/workspace/source/lib/lib.txt").exists());
            let huge = std::fs::metadata(play.place("/workspace/source/huge.bin"));
            assert_eq!(huge.expect("it is there").len(), 20 << 20);
            assert!(play.place("/workspace/source/.reports").is_dir());
            let source = play.place("/workspace/source");
            assert_eq!(git(&source, &["status", "--porcelain"]), "");
            assert_eq!(git(&source, &["rev-list", "--count", "HEAD"]), "1");
            assert!(!everything_said(&played).contains(PASSWORD));
            let config = read(&play, ".git/config");
            assert!(!config.contains(PASSWORD) && !config.contains("reader"));
        }
    }
    assert!(host.server.heard().iter().all(|request| !request.target.contains(PASSWORD)));
}

#[test]
fn submodules_and_the_whole_history_where_asked_for() {
    if !has("git") {
        return;
    }
    let host = &*HOST;
    for shell in Shell::all() {
        let play = host.fetch("{submodules: true, depth: 0}", "feature/x", shell);
        play.run().succeeds();
        assert_eq!(read(&play, "lib/lib.txt"), "a library\n");
        let source = play.place("/workspace/source");
        assert_eq!(git(&source, &["rev-list", "--count", "HEAD"]), "2");
    }
}

/// Git LFS itself needs a server of its own; a program of its name stands for it.
#[test]
fn large_files_where_asked_for() {
    if !has("git") {
        return;
    }
    let host = &*HOST;
    for shell in Shell::all() {
        let stands_in =
            "#!/bin/sh\necho \"$@\" >>\"$HOME/lfs\"\n[ \"$1\" != pull ] || echo large >huge.bin\n";
        let play = host.fetch("{lfs: true}", "main", shell).program("git-lfs", stands_in);
        play.run().succeeds();
        assert_eq!(read(&play, "huge.bin"), "large\n");
        let heard = std::fs::read_to_string(play.place("/home/gen/lfs")).expect("it was called");
        assert_eq!(heard, "version\ninstall --local --skip-repo\npull origin\n");
        let broken = "#!/bin/sh\n[ \"$1\" = version ]\n";
        let play = host.fetch("{lfs: true}", "main", shell).program("git-lfs", broken);
        play.run().fails("clone", "");
    }
}

#[test]
fn what_cannot_be_fetched_is_said() {
    if !has("git") {
        return;
    }
    let host = &*HOST;
    for shell in Shell::all() {
        let missing = host.fetch("{}", "no-such-branch", shell).run();
        let missing =
            missing.fails("clone", "cannot fetch \"no-such-branch\" from http://127.0.0.1:");
        assert!(missing.results.is_empty(), "{missing:?}");
        for revision in ["--upload-pack=touch x", "-x", "+main", "main:main", "a b", ""] {
            let refused = host.fetch("{}", revision, shell).run();
            refused.fails("clone", "is no branch, tag or commit");
        }
        let folder = host.fetch("{}", "main", shell).variable("FOLDER", "no/such");
        folder.run().fails("clone", "there is no folder \"no/such\" in \"main\"");
        let wrong = host.fetch("{}", "main", shell);
        let wrong = wrong.file("/var/run/secrets/git/password", "wrong-pw").run();
        let wrong = wrong.fails("clone", "cannot fetch \"main\"");
        assert!(!everything_said(&wrong).contains("wrong-pw"), "{wrong:?}");
        let none = host.fetch("{}", "main", shell);
        std::fs::remove_file(none.place("/var/run/secrets/git/password")).expect("it was there");
        none.run().fails("clone", "the Secret has neither a password nor an ssh-privatekey");
    }
}

/// A webhook says which commit is built, and which was before it: no text of either is run on its way through git.
#[test]
fn no_revision_is_run() {
    let shells = Shell::all();
    if !has("git") || shells.is_empty() {
        return;
    }
    let folder = Repo::empty();
    folder.write("app/src/main.txt", "an app\n");
    git(&folder.at("app"), &["init", "--quiet"]);
    git(&folder.at("app"), &["add", "."]);
    git(&folder.at("app"), &["commit", "--quiet", "-m", "Begin"]);
    git(folder.path(), &["clone", "--quiet", "--bare", "app", "app.git"]);
    let server = server::git(folder.path(), LOGIN);
    let objects =
        rendered("[fetch-source, test: {image: a/b, script: x, when: {changed: src}}]", "");
    let canaries = tempfile::tempdir().expect("a temporary folder");
    // Without a space, which the script itself would refuse.
    let text =
        |pattern: &str, canary: &Path| pattern.replace('@', &format!(">{}", canary.display()));
    let run = |(index, pattern): (usize, &&str)| {
        let canary = canaries.path().join(index.to_string());
        let text = text(pattern, &canary);
        let fetch = |revision: &str, before: &str| {
            let play = Play::new(task(&objects, "shop-fetch-source"))
                .param("revision", revision)
                .param("before", before)
                .variable("URL", format!("{}/app.git", server.url))
                .variable("GIT_CONFIG_SYSTEM", "/dev/null")
                .file("/var/run/secrets/git/username", "reader")
                .file("/var/run/secrets/git/password", PASSWORD)
                .shell(shells[index % shells.len()]);
            let played = play.run();
            assert!(!canary.exists(), "{text:?} was run");
            played
        };
        let refused = fetch(&text, "");
        assert_eq!(refused.step("clone").status, Some(1), "{refused:?}");
        let played = fetch("main", &text).succeeds();
        assert_eq!(played.results["changed-test"], "true");
        usize::from(refused.step("clone").stderr.contains("cannot fetch"))
    };
    let at_git: usize = PAYLOADS.par_iter().enumerate().map(run).sum();
    println!("{at_git} of {} texts came to git", PAYLOADS.len());
    assert!(at_git >= 15, "only {at_git}");

    // It would be seen.
    let canary = canaries.path().join("seen");
    let script = format!("echo {}", text(PAYLOADS[0], &canary));
    let shell = Command::new("sh").args(["-c", &script]).output();
    assert!(shell.expect("sh runs").status.success() && canary.exists());
}

/// The password is the source's host's alone: another host that a submodule names is not told it.
#[test]
fn another_host_gets_no_password() {
    if !has("git") {
        return;
    }
    let host = &*HOST;
    let other = Server::start(|_| {
        let ask = ("WWW-Authenticate".to_owned(), "Basic realm=\"x\"".to_owned());
        ("401 Unauthorized".to_owned(), vec![ask], Vec::new())
    });
    let folder = Repo::copy(host.folder.path());
    let modules = format!("[submodule \"lib\"]\n\tpath = lib\n\turl = {}/lib.git\n", other.url);
    folder.write("app/.gitmodules", modules);
    git(&folder.at("app"), &["add", ".gitmodules"]);
    git(&folder.at("app"), &["commit", "--quiet", "-m", "Elsewhere"]);
    git(folder.path(), &["clone", "--quiet", "--bare", "app", "evil.git"]);
    let server = server::git(folder.path(), LOGIN);
    for shell in Shell::all() {
        let play = host.fetch("{submodules: true}", "feature/x", shell);
        let played = play.variable("URL", format!("{}/evil.git", server.url)).run();
        assert_ne!(played.step("clone").status, Some(0), "{played:?}");
    }
    let heard = other.heard();
    assert!(!heard.is_empty());
    assert!(
        heard.iter().all(|request| !request.headers.contains_key("authorization")),
        "{heard:?}"
    );
}
