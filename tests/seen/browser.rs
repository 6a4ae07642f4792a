//! The pages in a real browser: clicks, keys, search, contrast, widths.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::json;

use crate::chromium::Browser;
use crate::page::fleet;
use crate::support::{GEN, Repo};

const CONTRAST: &str = include_str!("contrast.js");
/// The rows that a search looks at, and those that it shows.
const ROWS: &str = "[...document.querySelectorAll('[data-row]')]";

/// A page of gen's as a file beside its repository.
fn written(repo: &Repo, arguments: &[&str]) -> PathBuf {
    let file = repo.outside().join("page.html");
    let ran = repo.run([&["report"], arguments, &["-o", file.to_str().expect("UTF-8")]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    file
}

/// The page of a log, with everything that a diagnosis may have.
fn diagnosis(repo: &Repo) -> PathBuf {
    let log = "Error from server (Forbidden): deployments.apps \"shop\" is forbidden: User \"system:serviceaccount:ci:deployer\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"prod\"\n";
    let mut gen_why = std::process::Command::new(GEN)
        .args(["why", "-", "-o", "html"])
        .current_dir(repo.outside())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    gen_why.stdin.take().expect("a pipe").write_all(log.as_bytes()).expect("it reads");
    let page = gen_why.wait_with_output().expect("it ends").stdout;
    let file = repo.outside().join("why.html");
    std::fs::write(&file, page).expect("a file");
    file
}

fn count(browser: &mut Browser, rows: &str) -> u64 {
    browser.ask(&format!("{ROWS}{rows}.length")).as_u64().expect("a number")
}

#[test]
fn a_search_shows_what_it_finds() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&written(&fleet(3), &[]));
    let shown = ".filter((row) => row.checkVisibility({checkVisibilityCSS: true}))";
    let all = count(&mut browser, "");
    assert!(all > 10 && count(&mut browser, shown) == all, "{all}");
    // The key goes to the field, and is not written there.
    browser.press("/", "/");
    assert_eq!(browser.ask("document.activeElement.id"), "search");
    browser.write("deployments app1");
    assert_eq!(browser.ask("document.activeElement.value"), "deployments app1");
    let found = count(&mut browser, shown);
    assert!(found > 0 && found < all, "{found} of {all}");
    let said = browser.ask("document.getElementById('found').textContent");
    assert_eq!(said, format!("{found} of {all} rows"));
    // A row for all apps names the one that is looked for.
    let blanks = browser.ask("[...document.querySelectorAll('tr:not([hidden]) var[data-v=app]')].map((one) => one.textContent)");
    let blanks = blanks.as_array().expect("a list");
    assert!(!blanks.is_empty() && blanks.iter().all(|one| one == "app1"), "{blanks:?}");
    browser.press("Escape", "");
    assert_eq!(browser.ask("document.activeElement.value"), "");
    assert_eq!(count(&mut browser, shown), all);
    browser.write("nothing has this word");
    assert_eq!(count(&mut browser, shown), 0);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn everything_is_reached_by_mouse_and_by_keys() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&written(&fleet(3), &[]));
    // The first stop is the way past the head.
    browser.press("Tab", "");
    assert_eq!(browser.ask("document.activeElement.className"), "skip");
    browser.press("Enter", "\r");
    assert_eq!(browser.ask("location.hash"), "#main");
    // A link leads to its part, which nothing covers.
    browser.click("nav a[href=\"#permissions\"]");
    let top = browser.ask("document.getElementById('permissions').getBoundingClientRect().top - document.querySelector('nav').getBoundingClientRect().bottom");
    assert!(top.as_f64().is_some_and(|top| (0.0..400.0).contains(&top)), "{top}");
    let is_open = "document.querySelector('details').open";
    let before = browser.ask(is_open);
    browser.click("details summary");
    assert_ne!(browser.ask(is_open), before);
    browser.ask("document.querySelector('details summary').focus()");
    browser.press("Enter", "\r");
    assert_eq!(browser.ask(is_open), before);
    // On paper nothing stays folded.
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = false })");
    browser.ask("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(
        browser.ask("[...document.querySelectorAll('details')].every((one) => one.open)"),
        true
    );
    // What is wider than its frame is moved by keys, too.
    let unreached = "[...document.querySelectorAll('.wide, pre')].filter((one) => one.scrollWidth > one.clientWidth && !one.closest('[tabindex]')).length";
    browser.look(320, "light");
    assert_eq!(browser.ask(unreached), 0);
    assert_eq!(browser.complaints(), [""; 0]);
}

/// On a phone and on a wide screen, by day and by night.
#[test]
fn every_page_can_be_read() {
    let Some(mut browser) = Browser::start() else { return };
    let repo = fleet(2);
    assert_eq!(repo.run(["render"]).status, 0);
    let changed = repo.read("environments/prod.yaml").replace("replicas: 3", "replicas: 4");
    let repo = repo.file("environments/prod.yaml", changed);
    for file in [written(&repo, &["--against", "."]), diagnosis(&repo)] {
        browser.open(&file);
        for (width, scheme) in [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")] {
            browser.look(width, scheme);
            let worst = browser.ask(CONTRAST);
            let ratio = worst[0].as_f64().expect("a number");
            assert!((4.5..99.0).contains(&ratio), "{scheme}, {}: {worst}", file.display());
            let wide = browser.ask("document.documentElement.scrollWidth - innerWidth");
            assert!(
                wide.as_i64().is_some_and(|wide| wide <= 0),
                "{width}, {}: {wide}",
                file.display()
            );
        }
        // Headings go down by one, and every part has a name.
        let levels = browser
            .ask("[...document.querySelectorAll('h1, h2, h3')].map((one) => +one.tagName[1])");
        let levels: Vec<i64> = serde_json::from_value(levels).expect("numbers");
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{levels:?}");
        assert!(levels.windows(2).all(|two| two[1] <= two[0] + 1), "{levels:?}");
        let unnamed = browser.ask("[...document.querySelectorAll('[role=region], svg, nav, input')].filter((one) => !one.ariaLabel && !one.getAttribute('aria-labelledby') && !one.closest('label') && !one.querySelector('title')).length");
        assert_eq!(unnamed, 0, "{}", file.display());
        assert_eq!(browser.complaints(), [""; 0]);
    }
}

/// The same looks find what is wrong with a page.
#[test]
fn what_is_wrong_is_found() {
    let Some(mut browser) = Browser::start() else { return };
    let repo = Repo::new();
    let file = repo.outside().join("bad.html");
    let page = |head: &str, body: &str| {
        std::fs::write(
            &file,
            format!("<!doctype html><html><head>{head}</head><body>{body}</body></html>"),
        )
        .expect("a file");
    };
    page("", "<p style='color:#999;background:#fff'>dim</p><div style='width:2000px'>wide</div>");
    browser.open(&file);
    browser.look(320, "light");
    let worst = browser.ask(CONTRAST);
    assert!(worst[0].as_f64().is_some_and(|ratio| ratio < 3.0) && worst[1] == "dim", "{worst}");
    assert_eq!(browser.ask("document.documentElement.scrollWidth > innerWidth"), json!(true));
    assert_eq!(browser.complaints(), [""; 0]);
    for (head, body) in [
        ("", "<script>throw new Error('thrown')</script>"),
        ("", "<script>console.error('told')</script>"),
        ("", "<img src='missing.png' alt=''>"),
        (
            "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">",
            "<p style='color:red'>refused</p>",
        ),
    ] {
        page(head, body);
        browser.open(&file);
        let said = browser.complaints();
        assert!(!said.is_empty(), "{body}");
    }
}
