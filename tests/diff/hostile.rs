//! A tree that somebody prepared: what it holds must reach neither a terminal as commands nor a page as markup, and what is long
//! must fit where it goes.

use super::{base, check_schema};
use crate::support::Repo;

/// What GitHub takes as a comment.
const LONGEST: usize = 65_536;

/// A tree with a Secret and a name that is more than a name, listed by hand.
fn prepared() -> Repo {
    let path = "clusters/home/dev/worker/app";
    let repo = base();
    let list = repo.read(&format!("{path}/kustomization.yaml"));
    let evil = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: worker-dev}\nstringData: {password: canary-4711, note: \"\\e[2J<b>\"}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"a|b`c</summary>\\e[31m@x\", namespace: worker-dev}\ndata: {url: \"postgres://u:canary-4711@h/db\"}\n";
    repo.file(&format!("{path}/kustomization.yaml"), format!("{list}- evil.yaml\n"))
        .file(&format!("{path}/evil.yaml"), evil)
}

#[test]
fn what_stands_there_is_shown_and_not_sent() {
    let repo = prepared();
    for output in ["text", "json", "markdown"] {
        let ran = repo.run(["diff", "--against", ".", "-o", output]).status(1);
        let ran = ran.silent_about("\u{1b}").silent_about("canary");
        if output == "json" {
            check_schema(&ran.stdout);
        }
        if output == "markdown" {
            assert!(
                ran.stdout.contains("``ConfigMap worker-dev/a\\|b`c</summary>\\u{1b}[31m@x``"),
                "{}",
                ran.stdout
            );
            assert_eq!(
                ran.stdout.matches("</summary>").count() - 1,
                ran.stdout.matches("<summary>").count()
            );
        }
    }
    // Colours are gen's own, and nothing else is.
    let ran = repo.run(["--color", "always", "diff", "--against", "."]);
    assert!(ran.stdout.contains("\u{1b}[31m"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\u{1b}[2J"), "{}", ran.stdout);
    // A colour ends on the line that it began on, as pagers need it.
    for line in ran.stdout.lines() {
        if let Some(at) = line.rfind("\u{1b}[") {
            assert!(line[at..].starts_with("\u{1b}[0m"), "{line:?}");
        }
    }
    repo.run(["--color", "never", "diff", "--against", "."]).silent_about("\u{1b}");
}

/// Every fence that opens closes, and nothing but a fence of its own length ends it.
fn check_page(page: &str) {
    let mut fence: Option<String> = None;
    let mut details = 0;
    for line in page.lines() {
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches("diff").to_owned());
            }
            None => {
                details += line.matches("<details").count();
                details -= line.matches("</details>").count();
            }
        }
    }
    assert_eq!((fence, details), (None, 0), "{page}");
}

#[test]
fn a_comment_is_never_too_long_and_never_broken() {
    let lines = (0..3000).map(|n| format!("        ```` line {n} </details> `\n"));
    let long = lines.collect::<Vec<_>>().concat();
    let app = |n: usize| {
        let text = if n == 0 { &long } else { "        ```\n" };
        let settings = "source: https://git.example/a.git, image: 'registry.example/a:1'";
        format!("  app-{n}:\n    <<settings>>\n    files:\n      /etc/a.txt: |\n{text}")
            .replace("<<settings>>", &settings.replace(", ", "\n    "))
    };
    let apps = (0..60).map(app).collect::<Vec<_>>().concat();
    let repo = base();
    let spec = repo.read("gen.yaml");
    for (number, spec) in [
        spec.replace("        five\n", &long),
        format!("{spec}{apps}"),
        spec.replace("        five\n", "        `````\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let changed = base().file("gen.yaml", spec);
        let page = changed.run(["diff", "--against", ".", "-o", "markdown"]).status(1).stdout;
        assert!(page.len() <= LONGEST, "{number}: {}", page.len());
        check_page(&page);
        if number < 2 {
            assert!(page.contains("The comment is truncated"), "{number}");
            assert!(page.len() > LONGEST / 4, "{number}: the room is used");
        }
        let summary =
            changed.run(["diff", "--against", ".", "-o", "markdown", "--summary"]).status(1).stdout;
        assert!(summary.len() <= LONGEST && !summary.contains("<details"), "{number}");
    }
}

/// The check itself: a page that is broken is seen.
#[test]
#[should_panic(expected = "assertion")]
fn a_broken_page_is_seen() {
    check_page("<details>\n\n```diff\n+ x\n```\n````diff\n```\n");
}
