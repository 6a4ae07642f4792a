//! What the image of a step lacks for its script.

use std::collections::BTreeSet;

use super::rules::NO_TOOL;
use crate::check::found::Found;
use crate::check::objects::Item;
use crate::name::image_parts;
use crate::permissions::programs;
use crate::yaml::Value;

/// An image that everybody knows.
struct Known {
    /// Its repository, `/` at the end for all below it.
    repository: &'static str,
    /// Shells that it does not have.
    shells: &'static [&'static str],
    /// Programs that it does not have.
    programs: &'static str,
}

const ALL: &[&str] = &["sh", "bash"];

/// Docker's own images as Docker Hub lists them, by their short names; `docker.io/library/` is taken off before.
const KNOWN: &[Known] = &[
    Known {
        repository: "alpine",
        shells: &["bash"],
        programs: "bash curl docker git go helm jq kubectl make node npm perl python python3 skopeo tkn yq",
    },
    Known {
        repository: "busybox",
        shells: &["bash"],
        programs: "bash curl docker git go helm jq kubectl make node npm openssl perl python python3 skopeo tkn yq",
    },
    Known {
        repository: "debian",
        shells: &[],
        programs: "curl docker git go helm jq kubectl make node npm python python3 skopeo tkn wget yq",
    },
    Known {
        repository: "ubuntu",
        shells: &[],
        programs: "curl docker git go helm jq kubectl make node npm python python3 skopeo tkn wget yq",
    },
    Known { repository: "gcr.io/distroless/", shells: ALL, programs: "" },
    Known { repository: "gcr.io/kaniko-project/executor", shells: ALL, programs: "" },
    Known { repository: "cgr.dev/chainguard/static", shells: ALL, programs: "" },
];

/// Judges the steps of a Task, or a StepAction.
pub(super) fn check(item: &Item, body: &Value, path: &str, found: &mut Found) {
    let steps = body.list_at(&["steps"]);
    let general = body.str_at(&["stepTemplate", "image"]);
    if steps.is_empty() {
        step(item, body, path, general, found);
    }
    for (at, one) in steps.iter().enumerate() {
        step(item, one, &format!("{path}.steps[{at}]"), general, found);
    }
}

fn step(item: &Item, step: &Value, path: &str, general: Option<&str>, found: &mut Found) {
    let (Some(image), Some(script)) =
        (step.str_at(&["image"]).or(general), step.str_at(&["script"]))
    else {
        return;
    };
    let Some(known) = known(image) else { return };
    let field = format!("{path}.script");
    let interpreter = interpreter_of(script);
    if known.shells.contains(&interpreter.as_str()) || lacks(known, &interpreter) {
        let text = format!("needs `{interpreter}`, which `{image}` does not have");
        found.add(&NO_TOOL, item, field, text).said("no such file or directory");
        return;
    }
    if !["sh", "bash", "dash", "ash"].contains(&interpreter.as_str()) {
        return;
    }
    let missing: BTreeSet<String> =
        programs(script).into_iter().filter(|program| lacks(known, program)).collect();
    if let Some(first) = missing.first() {
        let all: Vec<String> = missing.iter().map(|program| format!("`{program}`")).collect();
        let text = format!("runs {}, which `{image}` does not have", all.join(", "));
        found.add(&NO_TOOL, item, field, text).said(format!("{first}: not found"));
    }
}

fn lacks(known: &Known, program: &str) -> bool {
    known.programs.split(' ').any(|one| one == program)
}

/// The program that runs a script; Tekton writes `#!/bin/sh` where it has no such line.
pub(super) fn interpreter_of(script: &str) -> String {
    let first = script.strip_prefix("#!").and_then(|rest| rest.lines().next());
    interpreter(first.unwrap_or("/bin/sh"))
}

/// The program of a `#!` line: `bash` of `/usr/bin/env -S bash -e`.
fn interpreter(line: &str) -> String {
    let words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let mut words = words.skip_while(|word| *word == "env" || word.starts_with('-'));
    words.next().unwrap_or("sh").to_owned()
}

/// What is known of an image. Debug variants have a shell.
fn known(image: &str) -> Option<&'static Known> {
    let parts = image_parts(image)?;
    let (name, tag) = (parts.name, parts.tag.unwrap_or_default());
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let is_it = |known: &&Known| {
        name == known.repository
            || known.repository.ends_with('/') && name.starts_with(known.repository)
    };
    KNOWN.iter().find(is_it).filter(|_| !tag.contains("debug") && !image.contains("$("))
}
