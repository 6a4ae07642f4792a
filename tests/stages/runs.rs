//! Runs side by side: one waits for older ones or stops them, and each cleans up only what is its own.

use std::path::Path;
use std::process::Command;

use crate::support::play::{Play, Shell};
use crate::{rendered, task};

/// A kubectl that lists the runs of `list.1`, then `list.2` and so on, the last one for ever; it writes down what it is asked to patch.
const KUBECTL: &str = r#"
cd "$HOME"
case $1 in
  get)
    count=$(($(cat count 2>/dev/null || echo 0) + 1))
    echo "$count" >count
    [ -e "list.$count" ] || { echo "no such host" >&2; exit 1; }
    cat "list.$count"
    ;;
  patch) echo "$*" >>patched; [ ! -e refused ] ;;
esac
"#;

const NOW: &str = "2026-11-29T10:00:05Z";

fn line(created: &str, name: &str, pipeline: &str, rest: &str) -> String {
    format!("{created}   {name}   {pipeline}   {rest}\n")
}

fn own() -> String {
    line(NOW, "shop-b", "shop", "Unknown   <none>   <none>")
}

fn waiting(concurrent: &str, shell: Shell, lists: &[String]) -> Play {
    let more = format!("    runs: {{concurrent: {concurrent}}}\n");
    let objects = rendered("[fetch-source, build-image, deploy-app]", &more);
    let play = Play::new(task(&objects, "shop-wait-for-runs"))
        .param("run", "shop-b")
        .program("kubectl", KUBECTL)
        .program("sleep", ":")
        .shell(shell);
    lists
        .iter()
        .enumerate()
        .fold(play, |play, (index, list)| play.file(&format!("/home/gen/list.{}", index + 1), list))
}

fn read(play: &Play, name: &str) -> String {
    std::fs::read_to_string(play.place("/home/gen").join(name)).unwrap_or_default()
}

#[test]
fn a_run_waits_until_the_older_ones_have_ended() {
    let older = "2026-11-29T10:00:04Z";
    let others = [
        // Ended, of another app, held back, or younger: by the second, or by name.
        line(older, "shop-1", "shop", "True   <none>   <none>"),
        line(older, "shop-2", "shop", "False   Cancelled   <none>"),
        line(older, "cart-1", "cart", "Unknown   <none>   <none>"),
        line(older, "shop-3", "shop", "Unknown   PipelineRunPending   <none>"),
        line("2026-11-29T10:00:06Z", "shop-a", "shop", "Unknown   <none>   <none>"),
        line(NOW, "shop-c", "shop", "Unknown   <none>   <none>"),
    ]
    .concat();
    let runs = |state: &str| {
        own()
            + &others
            + &line(older, "shop-z", "shop", &format!("{state}   <none>   <none>"))
            + &line(NOW, "shop-a1", "shop", &format!("{state}   <none>   <none>"))
    };
    for shell in Shell::all() {
        let lists = [runs("<none>"), runs("Unknown"), runs("False")];
        let play = waiting("queue", shell, &lists);
        let played = play.run();
        let step = &played.steps[0];
        assert_eq!(step.status, Some(0), "{shell:?}: {step:?}");
        assert_eq!(read(&play, "count"), "3\n", "{shell:?}");
        assert_eq!(
            step.stdout,
            "wait-for-runs: waiting for shop-z\nwait-for-runs: waiting for shop-a1\n"
        );
        assert_eq!(read(&play, "patched"), "", "a run that waits stops nobody");
    }
}

#[test]
fn a_run_stops_the_older_ones_and_lets_them_finish() {
    let older = |rest: &str| line("2026-11-29T09:00:00Z", "shop-z", "shop", rest);
    let at_its_end =
        line("2026-11-29T09:30:00Z", "shop-y", "shop", "Unknown   <none>   2026-11-29");
    let lists = [
        own() + &older("Unknown   <none>   <none>") + &at_its_end,
        own() + &older("Unknown   CancelledRunFinally   <none>") + &at_its_end,
        own() + &older("Unknown   CancelledRunFinally   2026-11-29"),
        own() + &older("False   CancelledRunFinally   2026-11-29"),
    ];
    for shell in Shell::all() {
        for refused in [false, true] {
            let mut play = waiting("cancel", shell, &lists);
            if refused {
                play = play.file("/home/gen/refused", "");
            }
            let played = play.run();
            assert_eq!(played.steps[0].status, Some(0), "{shell:?}: {played:?}");
            assert_eq!(read(&play, "count"), "4\n", "{shell:?}");
            assert_eq!(
                read(&play, "patched"),
                "patch pipelineruns.tekton.dev shop-z --namespace shop-dev-ci --type merge --patch {\"spec\": {\"status\": \"CancelledRunFinally\"}}\n"
            );
        }
    }
}

/// Where runs of several branches start, those of another one are neither waited for nor stopped.
#[test]
fn a_run_stops_the_older_ones_of_its_branch_alone() {
    let older = "2026-11-29T09:00:00Z";
    let open = "Unknown   <none>   <none>";
    let runs = |own: &str, ended: &str| {
        let state =
            |name: &str| if ended.contains(name) { "False   <none>   <none>" } else { open };
        line(NOW, "shop-b", "shop", &format!("{open}   {own}"))
            + &line(older, "shop-main", "shop", &format!("{}   push   main", state("shop-main")))
            + &line(
                older,
                "shop-hand",
                "shop",
                &format!("{}   <none>   <none>", state("shop-hand")),
            )
            + &line(older, "shop-x", "shop", &format!("{}   push   x", state("shop-x")))
            + &line(
                older,
                "shop-pull",
                "shop",
                &format!("{}   pull-request   main", state("shop-pull")),
            )
            + &line(older, "shop-tag", "shop", &format!("{}   tag   ", state("shop-tag")))
    };
    let environment = "deploy: kubectl\nrun: webhook\napis: [triggers]\n";
    let more = "    runs: {concurrent: cancel}\n    trigger: {github: {branches: [main, \"*\"], pullRequests: true}}\n";
    let objects = crate::rendered_in(environment, "[fetch-source, build-image, deploy-app]", more);
    for (event, branch, stopped) in [
        ("push", "main", "shop-main shop-hand"),
        ("push", "x", "shop-x"),
        ("pull-request", "main", "shop-pull"),
        ("pull-request", "y", ""),
        ("tag", "", "shop-tag"),
    ] {
        for shell in Shell::all() {
            let own = format!("{event}   {branch}");
            let play = Play::new(task(&objects, "shop-wait-for-runs"))
                .param("run", "shop-b")
                .param("branch", branch)
                .param("event", event)
                .program("kubectl", KUBECTL)
                .program("sleep", ":")
                .file("/home/gen/list.1", runs(&own, ""))
                .file("/home/gen/list.2", runs(&own, stopped))
                .shell(shell);
            let played = play.run();
            assert_eq!(played.steps[0].status, Some(0), "{shell:?}: {played:?}");
            let patched = read(&play, "patched");
            let names: Vec<&str> =
                patched.lines().filter_map(|line| line.split(' ').nth(2)).collect();
            assert_eq!(names.join(" "), stopped, "{event} {branch} {shell:?}: {played:?}");
        }
    }
}

#[test]
fn a_run_that_cannot_see_the_others_does_not_start() {
    for shell in Shell::all() {
        let played = waiting("queue", shell, &[String::new()]).run();
        assert_ne!(played.steps[0].status, Some(0), "{shell:?}: {played:?}");
        assert!(played.steps[0].stderr.contains("shop-b, is not among"), "{played:?}");
    }
}

fn folders(volume: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(volume).expect("the volume");
    let names = entries.map(|entry| entry.expect("it").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Two runs on one claim: the end of one leaves the sources of the other alone, and so does each before.
#[test]
fn a_run_removes_its_own_sources_and_those_of_runs_long_ended() {
    for (shell, at_end, left) in Shell::all().into_iter().flat_map(|shell| {
        [
            (shell, "", ["cache", "other", "source-b"].as_slice()),
            (
                shell,
                "    finally: [report: {image: a/b, script: x}]\n",
                &["cache", "other", "source-a", "source-b"],
            ),
        ]
    }) {
        let more = format!("    workspace: {{shared: true}}\n{at_end}");
        let objects = rendered("[fetch-source, build-image]", &more);
        let play = Play::new(task(&objects, "shop-clean-source")).param("run", "a").shell(shell);
        let volume = play.place("/volume");
        let play = play.variable("VOLUME", volume.to_str().expect("UTF-8"));
        for folder in
            ["cache", "other", "source-a/.git", "source-b", "source-old/x", "source-$(id)"]
        {
            std::fs::create_dir_all(volume.join(folder)).expect("a folder");
        }
        std::fs::write(volume.join("source-a/.git/config"), "x").expect("a file");
        for old in ["cache", "other", "source-old", "source-$(id)"] {
            let touched =
                Command::new("touch").args(["-d", "2 days ago"]).arg(volume.join(old)).status();
            assert!(touched.expect("touch runs").success());
        }
        let played = play.run();
        assert_eq!(played.steps[0].status, Some(0), "{shell:?}: {played:?}");
        assert_eq!(folders(&volume), left, "{shell:?}: {played:?}");
    }
}
