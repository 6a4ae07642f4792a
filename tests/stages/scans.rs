//! `scan-image` and `scan-source`: exceptions end on their day, one scan makes all files, and a finding stops the pipeline.

use crate::support::play::{Play, Played, Shell};
use crate::support::{list, text};
use crate::{rendered, task};

/// Stands in for trivy: notes what it is called with, writes what `--output` names, and finds something where `finds` is there.
const TRIVY: &str = r#"
echo "trivy $*" >>"$NOTES"
for argument; do
    case $argument in --output=*) echo '{}' >"${argument#*=}" ;; esac
done
case $* in *--exit-code=1*) if [ -e "$NOTES.finds" ]; then exit 1; fi ;; esac
"#;

const IMAGE: &str = "registry.example/team/shop@sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn scan(name: &str, settings: &str, source: bool, shell: Shell) -> Play {
    let fetch = if source { "fetch-source, build-image, " } else { "" };
    let more = if source { "" } else { "    registry: {insecure: true, secret: push}\n" };
    let mut objects = rendered(&format!("[{fetch}{name}: {settings}]"), more);
    if !source {
        // Without a build, what is scanned is the image of the spec.
        objects = rendered(
            &format!("[{fetch}{name}: {settings}]"),
            &format!(
                "{more}  vendor: {{source: https://git.example/x/y.git, image: \"{IMAGE}\", port: 1, pipeline: [{name}: {settings}]}}\n"
            ),
        );
    }
    let app = if source { "shop" } else { "vendor" };
    let play =
        Play::new(task(&objects, &format!("{app}-{name}"))).param("image", IMAGE).shell(shell);
    let notes = play.place("/notes");
    std::fs::create_dir_all(play.place("/workspace/source/.reports")).expect("a folder");
    play.variable("NOTES", notes.to_str().expect("UTF-8")).program("trivy", TRIVY)
}

fn calls(play: &Play) -> Vec<String> {
    let said = std::fs::read_to_string(play.place("/notes")).unwrap_or_default();
    let said = said.replace(play.place("/").to_str().expect("UTF-8"), "/");
    said.lines().map(str::to_owned).collect()
}

fn steps(played: &Played) -> Vec<&str> {
    played.steps.iter().map(|step| step.name.as_str()).collect()
}

#[test]
fn one_scan_makes_the_files_and_decides() {
    for shell in Shell::all() {
        let play = scan(
            "scan-image",
            "{severity: [CRITICAL], database: registry.lan/trivy-db:2}",
            true,
            shell,
        );
        let played = play.run().succeeds();
        assert_eq!(steps(&played), ["scan", "sbom", "sarif", "gate"]);
        assert_eq!(
            calls(&play),
            [
                format!("trivy image --image-src=remote --scanners=vuln --format=json --list-all-pkgs --output=/scan/report.json --ignore-unfixed --cache-dir=/home/gen/trivy --db-repository=registry.lan/trivy-db:2 --skip-version-check --disable-telemetry --no-progress {IMAGE}"),
                "trivy convert --format=cyclonedx --output=/workspace/source/.reports/scan-image.cdx.json /scan/report.json".to_owned(),
                "trivy convert --format=sarif --severity=CRITICAL --output=/workspace/source/.reports/scan-image.sarif /scan/report.json".to_owned(),
                "trivy convert --format=table --severity=CRITICAL --exit-code=1 /scan/report.json".to_owned(),
            ]
        );
        for file in ["scan-image.cdx.json", "scan-image.sarif"] {
            assert!(play.place("/workspace/source/.reports").join(file).is_file());
        }
        let play = play.file("/notes.finds", "");
        let stopped = play.run();
        assert_eq!(stopped.step("gate").status, Some(1));
    }
}

#[test]
fn a_finding_comes_before_the_deployment() {
    let objects = rendered("[fetch-source, build-image, scan-image, deploy-app]", "");
    let pipeline = objects.iter().find(|o| o.kind() == "Pipeline").expect("a pipeline");
    let deploy = list(&pipeline.value, "/spec/tasks")
        .iter()
        .find(|task| text(task, "/name") == "deploy-app");
    assert_eq!(deploy.expect("it deploys")["runAfter"], serde_json::json!(["scan-image"]));
}

#[test]
fn offline_without_a_source_nothing_is_written_or_downloaded() {
    for shell in Shell::all() {
        let play = scan("scan-image", "{offline: true, ignoreUnfixed: false}", false, shell);
        let played = play.run().succeeds();
        assert_eq!(steps(&played), ["scan", "gate"]);
        let first = &calls(&play)[0];
        assert!(
            first.contains(
                "--skip-db-update --skip-java-db-update --offline-scan --cache-backend=memory "
            ),
            "{first}"
        );
        assert!(!first.contains("--ignore-unfixed") && !first.contains("--cache-dir"));
    }
}

#[test]
fn exceptions_end_on_their_day() {
    let reason = "it's \"$(touch x)\" `touch x`\\nand more";
    let yaml = serde_json::to_string(reason).expect("JSON");
    for shell in Shell::all() {
        for name in ["scan-image", "scan-source"] {
            let holds =
                format!("{{ignore: [{{id: CVE-2026-1, reason: {yaml}, until: 2999-12-31}}]}}");
            let play = scan(name, &holds, true, shell);
            let played = play.run().succeeds();
            assert!(
                played
                    .step("exceptions")
                    .stdout
                    .contains("passing over CVE-2026-1 until 2999-12-31 (it's")
            );
            let file =
                std::fs::read_to_string(play.place("/scan/ignore.yaml")).expect("it is there");
            let ignored: serde_json::Value = serde_json::from_str(&file).expect("JSON");
            assert_eq!(ignored["vulnerabilities"][0]["id"], "CVE-2026-1");
            assert_eq!(ignored["vulnerabilities"][0]["statement"], reason);
            assert!(calls(&play)[0].contains("--ignorefile=/scan/ignore.yaml"));

            let mixed = format!(
                "{{ignore: [{{id: A, reason: good, until: 2999-12-31}}, {{id: CVE-2020-2, reason: {yaml}, until: 2020-02-29}}]}}"
            );
            let play = scan(name, &mixed, true, shell);
            let played = play.run();
            let played = played
                .fails("exceptions", "the exception for CVE-2020-2 ended on 2020-02-29 (it's");
            assert_eq!(steps(&played), ["exceptions"]);
            assert!(calls(&play).is_empty());
            assert!(!play.place("/x").exists());
        }
    }
}

/// The day itself still counts.
#[test]
fn the_last_day_counts() {
    let output = std::process::Command::new("date").args(["-u", "+%F"]).output();
    let today = String::from_utf8(output.expect("date runs").stdout).expect("UTF-8");
    let settings = format!("{{ignore: [{{id: A, reason: b, until: {}}}]}}", today.trim());
    for shell in Shell::all() {
        scan("scan-source", &settings, true, shell).run().succeeds();
    }
}
