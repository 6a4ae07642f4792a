//! `load-test` with k6 itself, which tests/tools/setup builds: thresholds hold or stop the run, and the summary is a result.
//! `GEN_TEST_K6` names the program.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::server::{Server, answer};
use crate::support::needs::tool;
use crate::support::play::{Play, Shell};
use crate::support::wait::pass;
use crate::{rendered, task};

fn k6() -> Option<PathBuf> {
    tool("GEN_TEST_K6", "k6")
}

fn load(k6: &Path, settings: &str, server: &Server, shell: Shell) -> Play {
    let objects = rendered(&format!("[fetch-source, load-test: {settings}]"), "");
    let play = Play::new(task(&objects, "shop-load-test"))
        .variable("APP_URL", server.url.as_str())
        .shell(shell);
    std::fs::create_dir_all(play.place("/workspace/source/.reports")).expect("a folder");
    play.program("k6", &format!("exec '{}' \"$@\"", k6.display()))
}

/// Answers at once, but fails every `nth` request.
fn failing(nth: usize) -> Server {
    let count = AtomicUsize::new(1);
    Server::start(move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        if number.is_multiple_of(nth) {
            answer("500 Internal Server Error", "no")
        } else {
            answer("200 OK", "yes")
        }
    })
}

#[test]
fn thresholds_hold_and_the_summary_is_a_result() {
    let Some(k6) = k6() else { return };
    for shell in Shell::all() {
        let server = failing(usize::MAX);
        let settings = "{vus: 2, duration: 1s, p95: 5000, errors: 0, paths: [/, '/a?b=c&d']}";
        let play = load(&k6, settings, &server, shell);
        let played = play.run().succeeds();
        let summary = &played.results["LOAD_SUMMARY"];
        let heard = server.heard();
        assert!(
            summary.starts_with(&format!("requests={} rate=", heard.len())),
            "{summary}, {}",
            heard.len()
        );
        assert!(summary.ends_with("failed=0.00%"), "{summary}");
        assert!(played.step("load").stdout.contains(summary.as_str()));
        assert!(heard.iter().any(|request| request.target == "/a?b=c&d"));
        let report = std::fs::read_to_string(play.place("/workspace/source/.reports/load.json"));
        assert!(report.expect("it is there").contains("http_req_duration"));
    }
}

#[test]
fn a_threshold_that_does_not_hold_stops_the_run() {
    let Some(k6) = k6() else { return };
    for shell in Shell::all() {
        let wrong = failing(4);
        let played =
            load(&k6, "{vus: 2, duration: 1s, p95: 5000, errors: 20}", &wrong, shell).run();
        // k6's own status for it.
        assert_eq!(played.step("load").status, Some(99), "{played:?}");
        assert!(played.step("load").stderr.contains(
            "a threshold was not held: slower than 5000 ms, or more than 20 of 100 requests failed"
        ));
        let share = played.results["LOAD_SUMMARY"].rsplit_once("failed=").expect("a share").1;
        assert!(share.starts_with("25.") || share.starts_with("24."), "{share}");
        let tolerated = load(&k6, "{vus: 2, duration: 1s, p95: 5000, errors: 30}", &wrong, shell);
        tolerated.run().succeeds();
    }
    let slow = Server::start(|_| {
        pass(Duration::from_millis(120));
        answer("200 OK", "at last")
    });
    let played = load(&k6, "{vus: 1, duration: 1s, p95: 50}", &slow, Shell::Dash).run();
    assert_eq!(played.step("load").status, Some(99), "{played:?}");
}

#[test]
fn a_script_of_the_source_brings_its_own_thresholds() {
    let Some(k6) = k6() else { return };
    let script = |limit: u32| {
        format!(
            "import http from 'k6/http';\nexport const options = {{ vus: 1, iterations: 3, thresholds: {{ http_reqs: ['count<{limit}'] }} }};\nexport default () => http.get(`${{__ENV.APP_URL}}/own`);\n"
        )
    };
    for shell in Shell::all() {
        let server = failing(usize::MAX);
        let run = |limit: u32| {
            let play = load(&k6, "{file: tests/load.js}", &server, shell);
            play.file("/workspace/source/tests/load.js", script(limit)).run()
        };
        let held = run(10).succeeds();
        assert!(held.results["LOAD_SUMMARY"].starts_with("requests=3 "));
        assert!(server.heard().iter().all(|request| request.target == "/own"));
        assert_eq!(run(2).step("load").status, Some(99));
        // A script that is none is no breach of a threshold.
        let play = load(&k6, "{file: tests/load.js}", &server, shell);
        let broken = play.file("/workspace/source/tests/load.js", "export default {").run();
        let status = broken.step("load").status;
        assert!(status != Some(0) && status != Some(99), "{broken:?}");
        assert!(!broken.results.contains_key("LOAD_SUMMARY"));
    }
}
