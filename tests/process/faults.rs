//! What public bug reports showed gen to get wrong, each a small repository of ../shared/examples/faults: its command is run, and what is
//! right is there.

use std::path::Path;
use std::process::Command;

use crate::support::needs;

/// What the output of a folder's command holds, and what it does not.
struct Fault {
    folder: &'static str,
    holds: &'static [&'static str],
    lacks: &'static [&'static str],
}

const fn fault(
    folder: &'static str,
    holds: &'static [&'static str],
    lacks: &'static [&'static str],
) -> Fault {
    Fault { folder, holds, lacks }
}

const ALL: &[Fault] = &[
    // Two runs in one claim: each has a folder of its own.
    fault("01", &["subPath: source-$(context.pipelineRun.name)"], &[]),
    // A quota that Tekton's own containers do not meet: they get limits.
    fault("02", &["kind: ResourceQuota", "kind: LimitRange"], &[]),
    // An address in scp's form: Flux takes URLs only.
    fault("03", &["url: ssh://"], &[]),
    // A limit below the default request.
    fault("04", &["memory: 64Mi"], &["memory: 128Mi"]),
    fault("05", &["GEN0712", "`0400`"], &["defaultMode: 400"]),
    fault("06", &["GEN0212", "GEN0229"], &["clusters/"]),
    // A push with gen's commit among others, and one that quotes a trailer.
    fault("07", &["push: starts a run"], &["starts nothing"]),
    fault(
        "08",
        &[
            "- network-attachment-definitions",
            "- eventbus\n",
            "- podchaos\n",
            "- redis\n",
            "- mongodbcommunity\n",
        ],
        &["redises", "podchaoses", "mongodbcommunities"],
    ),
    fault("09", &["GEN0333", "`configMapGenerator`"], &[]),
    fault("10", &["-- gen run:\n      hostAliases:"], &["GEN0701"]),
    fault("11", &["HTTPS_PROXY"], &[]),
    fault("12", &["PASSWORD=pa$$$$word", "$$(HOME)"], &[]),
    // One host in two apps, and as a trigger's.
    fault("14", &["GEN0411", "`home.lan`", "`hooks.lan`"], &[]),
    // An image that is ready is not built.
    fault("15", &["Deployment 1"], &["Task", "Pipeline"]),
    fault("17", &["GEN0206", "`512m`", "`5m`"], &["clusters/"]),
    fault("19", &["GEN0230", "metadata.labels['KEY']"], &["fieldPath"]),
    fault("21", &["kind: ImageRepository"], &[]),
    fault("22", &["push: starts a run"], &["starts nothing"]),
    fault("26", &["GEN0210", "`https://hooks.lan`"], &["host: https"]),
];

#[test]
fn faults_of_public_reports_are_mended() {
    let Some(shared) = needs::shared("examples/faults") else { return };
    let gen_folder = Path::new(env!("CARGO_BIN_EXE_gen")).parent().expect("a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(gen_folder).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(paths).expect("a PATH");
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for fault in ALL {
        let copy = tempfile::tempdir().expect("a folder");
        let from = shared.join(fault.folder);
        let copied = Command::new("cp").arg("-r").arg(from.join(".")).arg(copy.path()).status();
        assert!(copied.expect("cp runs").success(), "{}", fault.folder);
        let said = Command::new("sh")
            .args(["-c", ". ./cmd.txt 2>&1"])
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .current_dir(copy.path())
            .output()
            .expect("sh runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let missing = fault.holds.iter().filter(|text| !said.contains(**text));
        let there = fault.lacks.iter().filter(|text| said.contains(**text));
        for text in missing.chain(there) {
            wrong.push(format!("{}: `{text}` in\n{said}", fault.folder));
        }
        seen.push(fault.folder.to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // None is passed over.
    let entries = std::fs::read_dir(&shared).expect("a folder").flatten();
    let mut all: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    all.sort();
    assert_eq!(seen, all);
}
