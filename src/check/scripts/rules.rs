//! The rules of this family.

use crate::check::finding::{Level, Rule};

/// The rules of this family.
pub static RULES: &[&Rule] = &[&UNQUOTED, &GOES_ON, &NO_TOOL, &SHELLCHECK];

pub(super) static UNQUOTED: Rule = Rule {
    id: "CHK8001",
    name: "script-unquoted-param",
    level: Level::Warning,
    holds: "A parameter or result in a script stands between quotes, or comes in by a variable.",
    otherwise: "Tekton puts the value into the script as text: a branch named `main; rm -rf .` is run as a command.",
    cure: "pass it by `env`, and write `\"$NAME\"` in the script",
    source: "https://github.com/tektoncd/catalog/blob/main/recommendations.md",
};

pub(super) static GOES_ON: Rule = Rule {
    id: "CHK8002",
    name: "script-goes-on",
    level: Level::Info,
    holds: "A script of several commands with a `#!` line of its own stops at the first that fails.",
    otherwise: "The step succeeds if its last command does, whatever failed before. Without a `#!` line Tekton adds `set -e` itself.",
    cure: "add `set -e`",
    source: "https://tekton.dev/docs/pipelines/tasks/#running-scripts-within-steps",
};

pub(super) static NO_TOOL: Rule = Rule {
    id: "CHK8003",
    name: "script-no-tool",
    level: Level::Warning,
    holds: "The image of a step has the shell and the programs that its script runs.",
    otherwise: "The step fails: `no such file or directory`, or `not found`.",
    cure: "use an image that has them, or install them first",
    source: "what the images hold: docker.io/library/alpine:3.22, busybox:1.37, debian:13, ubuntu:24.04, distroless",
};

/// What shellcheck says; `ops/check` runs it.
pub static SHELLCHECK: Rule = Rule {
    id: "CHK8004",
    name: "shellcheck",
    level: Level::Warning,
    holds: "shellcheck finds no error or warning in a script, where it is on the PATH.",
    otherwise: "The script does not do what it appears to do; shellcheck's wiki has an example for each code.",
    cure: "change the script as it says, or write `# shellcheck disable=…` above the line",
    source: "https://www.shellcheck.net/wiki/",
};
