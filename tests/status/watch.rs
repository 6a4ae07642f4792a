//! `gen status --watch`: lines for what changes, and frames for a terminal.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gitops_gen::diagnose::Unseen;
use gitops_gen::diagnostics::Look;
use gitops_gen::report::{Format, Style, Watched};
use gitops_gen::status::Cell;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;

use crate::command::{Refused, objects, repo, serve_as, shop};
use crate::objects::{DIGEST, applied, deployment, image};
use crate::pure::{report, wanted};
use crate::support::{GEN, Repo};

const PLAIN: Style = Style { look: Look::Plain, is_verbose: false, is_summary: false };

/// The first answer has a line for each app, the next ones only for what changed; a signal ends it.
#[test]
fn a_change_is_a_line() {
    let is_rolled_out = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_rolled_out);
    let server = serve_as(
        move || {
            let mut all = objects();
            if seen.load(Ordering::SeqCst) {
                all.retain(|one| one["metadata"]["namespace"] != "shop-staging");
                all.push(deployment("shop", "staging", 1, 2, &image(DIGEST)));
            }
            all
        },
        Refused::default(),
    );
    let repo = repo(&shop(), &server);
    let mut child = Command::new(GEN)
        .args(["status", "--watch", "--timeout", "5m", "--kubeconfig", "config"])
        .env_clear()
        .current_dir(repo.root())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary under test starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("it goes on").expect("UTF-8");
    let first = next();
    assert!(first.contains(" shop in dev: failed: "), "{first}");
    let second = next();
    assert!(second.contains(" shop in staging: healthy: "), "{second}");
    is_rolled_out.store(true, Ordering::SeqCst);
    let third = next();
    assert!(third.contains(" shop in staging: busy: "), "{third}");
    assert!(third.contains("1/2 ready"), "{third}");
    // A shell in the background makes its children ignore ctrl-c, but not this.
    let pid = child.id().to_string();
    let stopped = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
    assert!(stopped.success());
    let ended = child.wait().expect("it ends");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(15));
}

/// The time is over, and the exit status is that of the last answer; for programs each line is a document.
#[test]
fn a_watch_ends_with_its_timeout() {
    let server = serve_as(objects, Refused::default());
    let repo = repo(&shop(), &server);
    let out = Command::new(GEN)
        .args(["status", "--watch", "--timeout", "1s", "-o", "json", "--kubeconfig", "config"])
        .env_clear()
        .current_dir(repo.root())
        .output()
        .expect("the binary under test starts");
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let all: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect();
    // Nothing changed after the first answer.
    assert_eq!(all.len(), 2, "{text}");
    assert_eq!((&all[0]["environment"], &all[0]["health"]), (&"dev".into(), &"failed".into()));
    let out = Command::new(GEN)
        .args(["status", "--timeout", "1s"])
        .current_dir(repo.root())
        .output()
        .expect("the binary under test starts");
    assert_eq!(out.status.code(), Some(64), "a timeout of nothing");
}

/// A frame is drawn over the last one, and never longer than the terminal.
#[test]
fn a_frame_fits_the_terminal() {
    let all = [wanted("shop", "dev"), wanted("shop", "prod")];
    let objects = [applied("shop", "dev"), deployment("shop", "dev", 2, 2, &image(DIGEST))];
    let report = report(&all, &objects, 80);
    let tall = Watched::frame(&report, PLAIN, (80, 50));
    assert!(tall.starts_with("\u{1b}[H") && tall.ends_with("\u{1b}[J"), "{tall:?}");
    assert!(tall.lines().count() > 6, "{tall}");
    assert!(tall.contains("1 absent, 1 healthy: 1 app in 2 environments"), "{tall}");
    for height in [1, 3, 6] {
        let low = Watched::frame(&report, PLAIN, (80, height));
        let rows = low.matches('\n').count();
        assert!(rows < height.max(3), "{height}: {low}");
        assert!(low.contains(" more lines"), "{low}");
        assert!(low.contains("1 absent, 1 healthy: 1 app in 2 environments"), "{low}");
    }
}

/// What a terminal shows of a text: without what moves the cursor, clears and colours.
fn on_screen(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split("\u{1b}[");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).expect("a sequence ends");
        out.push_str(&part[end + 1..]);
    }
    out
}

/// A line that is longer than the terminal is wide would wrap, and the screen would scroll.
#[test]
fn no_line_of_a_frame_is_longer_than_the_terminal_is_wide() {
    let all = [wanted("shop", "dev"), wanted("shop", "prod")];
    let objects = [applied("shop", "dev"), deployment("shop", "dev", 1, 2, &image(DIGEST))];
    let mut report = report(&all, &objects, 80);
    report.columns[1].silent = Some(format!("the connection failed: {}", "x".repeat(200)));
    report.unseen.push(Unseen {
        what: "pods in shop-dev".to_owned(),
        why: "店 is wide ".repeat(20),
        right: "list pods in shop-dev".to_owned(),
    });
    for look in [Look::Plain, Look::Coloured] {
        let style = Style { look, ..PLAIN };
        let is_coloured = Watched::frame(&report, style, (80, 50)).contains("\u{1b}[34m");
        assert_eq!(is_coloured, look == Look::Coloured);
        for columns in [1, 10, 40, 60, 80, 120] {
            report.width = columns;
            let frame = on_screen(&Watched::frame(&report, style, (columns, 50)));
            let widths = frame.lines().map(|line| {
                // Of what is here, only this one is wide.
                line.chars().map(|one| if one == '店' { 2 } else { 1 }).sum::<usize>()
            });
            assert!(widths.clone().all(|width| width <= columns), "{columns}:\n{frame}");
            assert_eq!(widths.max(), Some(columns), "{columns}:\n{frame}");
        }
    }
}

/// Why something is not known is told once, before the cells that it leaves in doubt, and again if it comes back.
#[test]
fn what_is_not_known_is_a_line_with_the_reason() {
    let all = [wanted("shop", "dev")];
    let objects = [applied("shop", "dev"), deployment("shop", "dev", 2, 2, &image(DIGEST))];
    let well = report(&all, &objects, 80);
    let mut silent = report(&all, &[], 80);
    silent.cells = all.iter().map(Cell::unseen).collect();
    silent.columns[0].silent = Some("the connection\nfailed\u{1b}[2J".to_owned());
    silent.unseen.push(Unseen {
        what: "pods in shop-dev".to_owned(),
        why: "forbidden".to_owned(),
        right: "list pods in shop-dev".to_owned(),
    });
    let mut watched = Watched::default();
    let mut changes = |report| watched.changes(report, Format::Text, PLAIN);
    insta::assert_snapshot!(changes(&silent), @r"
    2026-11-23T11:00:00Z dev: kind-homelab does not answer: the connection failed\u{1b}[2J
    2026-11-23T11:00:00Z could not be read: pods in shop-dev: forbidden; needs: list pods in shop-dev
    2026-11-23T11:00:00Z shop in dev: unknown: 5f70bf18 (0f1b7a5)
    ");
    assert_eq!(changes(&silent), "");
    assert!(!changes(&well).contains("does not answer"));
    assert!(changes(&silent).contains("dev: kind-homelab does not answer: "));
    let text = Watched::default().changes(&silent, Format::Json, PLAIN);
    let documents: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect();
    assert_eq!(documents.len(), 3, "{text}");
    assert_eq!(
        (&documents[0]["environment"], &documents[0]["context"]),
        (&"dev".into(), &"kind-homelab".into())
    );
    assert_eq!(documents[1]["notSeen"]["right"], "list pods in shop-dev");
    assert!(documents.iter().all(|one| one["time"] == "2026-11-23T11:00:00Z"), "{text}");
}

/// All that the program writes to a terminal of this kind, 40 columns wide.
fn on_terminal(repo: &Repo, kind: &str) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("it is ours");
    unlockpt(&master).expect("it is ours");
    let size = Winsize { ws_row: 12, ws_col: 40, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&master, size).expect("it has a size");
    let name = ptsname(&master, Vec::new()).expect("it has a name");
    let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = open(&name, flags, Mode::empty()).expect("it is opened");
    let mut child = Command::new(GEN)
        .args(["status", "--watch", "--timeout", "1s", "--kubeconfig", "config"])
        .env_clear()
        .env("TERM", kind)
        .current_dir(repo.root())
        .stdout(terminal)
        .spawn()
        .expect("the binary under test starts");
    let mut bytes = Vec::new();
    // The end of a terminal that nobody writes to any more is an error.
    let end = std::fs::File::from(master).read_to_end(&mut bytes);
    assert!(end.is_ok() || !bytes.is_empty(), "{end:?}");
    child.wait().expect("it ends");
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_terminal_gets_frames_of_its_size_and_one_that_moves_no_cursor_gets_lines() {
    let server = serve_as(objects, Refused::default());
    let repo = repo(&shop(), &server);
    let frames = on_terminal(&repo, "xterm");
    assert!(frames.starts_with("\u{1b}[H"), "{frames:?}");
    let shown = on_screen(&frames);
    assert!(shown.lines().all(|line| line.trim_end().chars().count() <= 40), "{shown}");
    let dumb = on_terminal(&repo, "dumb");
    assert!(!dumb.contains('\u{1b}'), "{dumb:?}");
    assert!(dumb.contains(" shop in dev: failed: "), "{dumb}");
}

/// Of many apps, only those are told at first that are not healthy; and times that pass are no change.
#[test]
fn of_many_apps_those_are_told_that_are_not_healthy() {
    let names: Vec<String> = (0..30).map(|number| format!("app-{number:02}")).collect();
    let all: Vec<_> = names.iter().map(|app| wanted(app, "dev")).collect();
    let mut objects: Vec<Value> = names.iter().map(|app| applied(app, "dev")).collect();
    objects.extend(names.iter().map(|app| deployment(app, "dev", 1, 1, &image(DIGEST))));
    objects.pop();
    let mut watched = Watched::default();
    let mut shown = report(&all, &objects, 80);
    let first = watched.changes(&shown, Format::Text, PLAIN);
    assert_eq!(first.lines().count(), 1, "{first}");
    assert!(first.starts_with("2026-11-23T11:00:00Z app-29 in dev: failed: "), "{first}");
    shown.now += std::time::Duration::from_hours(1);
    assert_eq!(watched.changes(&shown, Format::Text, PLAIN), "");
    shown.cells[3].health = gitops_gen::status::Health::Absent;
    assert!(watched.changes(&shown, Format::Text, PLAIN).contains(" app-03 in dev: absent"));
}
