//! `integration-test` and inline tasks: the demo application's own tests, as its pipeline runs them, against its real server.
//! `GEN_TEST_DEMO_PYTHON` names a Python that has what the application requires.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::server::{Server, answer};
use crate::support::needs::tool;
use crate::support::play::{Play, Shell, has};
use crate::support::wait::{pass, until};
use crate::support::{Repo, project, snapshot};
use crate::{rendered, task};

fn python() -> Option<PathBuf> {
    tool("GEN_TEST_DEMO_PYTHON", "demo-app")
}

/// The demo application as `gen init --demo` writes it.
fn demo() -> Repo {
    Repo::copy(&project().join("templates/init/demo-app-source"))
}

/// The application's server, on a port that it is told; ends with the test.
struct App(Child, String);

impl Drop for App {
    fn drop(&mut self) {
        // It keeps nothing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl App {
    fn start(python: &Path, source: &Repo, port: u16) -> Self {
        let child = Command::new(python)
            .args(["-B", "-m", "flask", "--app", "demo_app:create_app", "run", "--port"])
            .arg(port.to_string())
            .current_dir(source.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python runs");
        Self(child, format!("http://127.0.0.1:{port}"))
    }

    fn wait(self) -> Self {
        let answers = || TcpStream::connect(self.1.trim_start_matches("http://")).is_ok();
        assert!(until(Duration::from_mins(1), answers), "the application does not start");
        self
    }
}

fn check(settings: &str, url: &str, shell: Shell) -> Play {
    let objects = rendered(
        &format!("[fetch-source, integration-test: {settings}]"),
        "    health: /health\n    ready: /ready\n",
    );
    let play =
        Play::new(task(&objects, "shop-integration-test")).variable("APP_URL", url).shell(shell);
    std::fs::create_dir_all(play.place("/workspace/source/.reports")).expect("a folder");
    play
}

fn junit(play: &Play) -> String {
    let file = play.place("/workspace/source/.reports/integration-test.xml");
    std::fs::read_to_string(file).expect("it is there")
}

#[test]
fn paths_of_the_real_server_are_asked_for() {
    let Some(python) = python() else { return };
    if !has("curl") {
        return;
    }
    let source = demo();
    for shell in Shell::all() {
        // The server comes up while the task already waits for it.
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let play = check(
            "{paths: [/, /health, /metrics, \"/no-such?a=<b>&c='d'\"], wait: 60s}",
            &url,
            shell,
        );
        let (python, source) = (python.clone(), Repo::copy(source.path()));
        let starter = std::thread::spawn(move || {
            pass(Duration::from_secs(1));
            App::start(&python, &source, port).wait()
        });
        let played = play.run();
        let _app = starter.join().expect("it starts");
        let played = played.fails(
            "check",
            "/no-such?a=<b>&c='d' failed: curl: (22) The requested URL returned error: 404",
        );
        assert!(played.step("wait").stdout.contains("waiting for http://127.0.0.1"), "{played:?}");
        assert!(played.step("wait").stdout.contains("/ready answers"));
        assert!(played.step("check").stdout.contains("200 in "));
        let junit = junit(&play);
        assert!(junit.contains("<testsuite name=\"shop\" tests=\"4\" failures=\"1\">"), "{junit}");
        assert!(junit.contains("<testcase classname=\"paths\" name=\"/health\"/>"), "{junit}");
        assert!(
            junit.contains("name=\"/no-such?a=&lt;b&gt;&amp;c='d'\"><failure message=\"curl: (22)"),
            "{junit}"
        );

        check("{}", &url, shell).run().succeeds();
    }
}

#[test]
fn an_app_that_never_answers_ends_the_wait() {
    if !has("curl") {
        return;
    }
    let dead = format!("http://127.0.0.1:{}", free_port());
    let unready = Server::start(|_| answer("503 Service Unavailable", "not yet"));
    for shell in Shell::all() {
        for url in [&dead, &unready.url] {
            let played = check("{wait: 1s}", url, shell).run();
            assert_eq!(played.steps.len(), 1);
            assert_eq!(played.step("wait").status, None, "{played:?}");
        }
    }
}

/// The tests that the demo's pipeline runs, as its spec says them; what `pip` would install is there already.
#[test]
fn the_demos_own_tests_run_as_tasks() {
    let Some(python) = python() else { return };
    if !has("curl") {
        return;
    }
    let repo = Repo::empty();
    repo.run(["init", ".", "--demo"]).exits(0);
    repo.render();
    let objects = repo.objects();
    let source = demo();
    for shell in Shell::all() {
        let mut play = Play::new(task(&objects, "demo-app-unit-test")).shell(shell);
        for (path, bytes) in snapshot(source.path()) {
            play = play.file(&format!("/workspace/source/{path}"), bytes);
        }
        let play = play
            .program("python", &format!("exec '{}' \"$@\"", python.display()))
            .program("pip", "echo \"pip $*\"");
        let played = play.run().succeeds();
        let said = &played.step("run").stdout;
        assert!(said.contains("pip install") && said.contains(" passed"), "{said}");

        // A test that fails, fails the task.
        let broken = play.file(
            "/workspace/source/tests/unit/test_broken.py",
            "def test_broken():\n    assert False\n",
        );
        assert_eq!(broken.run().step("run").status, Some(1));
    }
}

/// Tests of the source against the running app, with their JUnit file in the workspace.
#[test]
fn a_script_runs_against_the_app_and_leaves_its_report() {
    let Some(python) = python() else { return };
    if !has("curl") {
        return;
    }
    let source = demo();
    let app = App::start(&python, &source, free_port()).wait();
    let test = "import os, urllib.request\n\ndef test_health():\n    assert urllib.request.urlopen(os.environ['APP_URL'] + '/health').status == 200\n\ndef test_wrong():\n    assert urllib.request.urlopen(os.environ['APP_URL'] + '/').status == WANTED\n";
    for shell in Shell::all() {
        for (wanted, passes) in [("200", true), ("201", false)] {
            let settings = "{image: \"docker.io/library/python:3.12\", script: 'python -B -m pytest -q -p no:cacheprovider --junitxml=\"$JUNIT\" e2e'}";
            let play = check(settings, &app.1, shell)
                .file("/workspace/source/e2e/test_app.py", test.replace("WANTED", wanted))
                .program("python", &format!("exec '{}' \"$@\"", python.display()));
            let played = play.run();
            assert_eq!(played.step("test").status == Some(0), passes, "{played:?}");
            let junit = junit(&play);
            let failures = if passes { "failures=\"0\"" } else { "failures=\"1\"" };
            assert!(junit.contains(failures) && junit.contains("tests=\"2\""), "{junit}");
        }
    }
}
