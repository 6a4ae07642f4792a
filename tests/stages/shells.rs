//! Scripts as text: every shell reads them, and shellcheck finds nothing in them.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::play::{Shell, has};
use crate::support::{list, text, trees};

/// Every script of a rendered step, and a place where it stands. Those that a spec wrote itself, in steps `run` and `test`, are
/// left out: they are the user's.
fn scripts(begins: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (tree, objects) in trees() {
        for task in objects.iter().filter(|object| object.kind() == "Task") {
            for step in list(&task.value, "/spec/steps") {
                let (name, script) = (text(step, "/name"), text(step, "/script"));
                if script.starts_with(begins) && !["run", "test"].contains(&name) {
                    let place = format!("{tree}: {} {name}", task.name());
                    found.entry(script.to_owned()).or_insert(place);
                }
            }
        }
    }
    found
}

fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = text + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[test]
fn shellcheck_finds_nothing() {
    if !has("shellcheck") {
        return;
    }
    let check = |script: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), script).expect("a file");
        let mut command = Command::new("shellcheck");
        said(command.args(["--norc", "--shell=sh", "--severity=style"]).arg(file.path()))
    };
    let scripts = scripts("#!/bin/sh");
    for (script, place) in &scripts {
        let (clean, findings) = check(script);
        assert!(clean, "{place}:\n{findings}");
    }
    // It would find an unquoted variable.
    assert!(!check("#!/bin/sh\nrm -r $1\n").0);
    println!("{} scripts are clean", scripts.len());
    assert!(scripts.len() >= 10);
}

#[test]
fn every_shell_reads_every_script() {
    let scripts = scripts("#!/bin/sh");
    for shell in Shell::all() {
        let (program, arguments): (&str, &[&str]) = match shell {
            Shell::Dash => ("dash", &["-n"]),
            Shell::Busybox => ("busybox", &["sh", "-n"]),
        };
        let read = |script: &str| {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), script).expect("a file");
            said(Command::new(program).args(arguments).arg(file.path()))
        };
        for (script, place) in &scripts {
            let (clean, problem) = read(script);
            assert!(clean, "{program}: {place}: {problem}");
        }
        assert!(!read("if true; then\n").0);
        println!("{program} reads {} scripts", scripts.len());
    }
}

#[test]
fn python_reads_every_script() {
    if !has("python3") {
        return;
    }
    let scripts = scripts("#!/usr/bin/env python3");
    for (script, place) in &scripts {
        let code = "import ast, sys; ast.parse(sys.argv[1])";
        let (clean, problem) = said(Command::new("python3").args(["-c", code, script]));
        assert!(clean, "{place}: {problem}");
    }
    assert!(scripts.len() >= 2);
}
