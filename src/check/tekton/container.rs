//! Steps one by one.

use std::collections::BTreeSet;

use super::declare::{self, names};
use super::scope::{Scope, has, is_set, items, part, text, texts};
use super::step::Step;
use super::table::object::ARTIFACTS;
use super::table::task::{
    ARTIFACT_USE, BY_ACTION, IMAGE, MOUNT, ON_ERROR, SCRIPT, STEP_NAME, STEP_PARAMS,
    STEP_RESULT_USE, TIMEOUT,
};
use super::text::{clean, duration, is_label};
use super::variables::{has_artifact, step_results};
use super::{refs, usage, when};
use crate::check::Fields;
use crate::yaml::Value;

/// What a StepAction says in place of a step, with Tekton's word for it.
const OF_ACTION: [(&str, &str); 8] = [
    ("image", "image"),
    ("command", "command"),
    ("args", "args"),
    ("script", "script"),
    ("workingDir", "working dir"),
    ("env", "env"),
    ("volumeMounts", "volumeMounts"),
    ("results", "results"),
];

/// All steps of a spec.
pub(super) fn steps(scope: &mut Scope<'_, '_>, all: &[Step<'_>]) {
    let mut seen = BTreeSet::new();
    for step in all {
        let name = step.text("name");
        if !name.is_empty() && !seen.insert(name) {
            let said = "expected exactly one, got both: name";
            let what = format!("is the second step `{name}`");
            scope.say(&STEP_NAME, &format!("{}.name", step.at), what, said);
        }
        one(scope, step);
        if has(&step.merged, "results") {
            usage::results(scope, step, "step.results", &names(&step.merged, "results"));
            declare::results(scope, &step.merged, &step.at, true);
        }
        when::judge(scope, &step.merged, &step.at);
    }
}

fn one(scope: &mut Scope<'_, '_>, step: &Step<'_>) {
    if artifacts_are_off(scope, step) {
        return;
    }
    let value: &Value = &step.merged;
    if step.has_ref() {
        refs::judge(scope, part(value, "ref"), &format!("{}.ref", step.at));
        for (key, word) in OF_ACTION.into_iter().filter(|(key, _)| has(value, key)) {
            let said = format!("{word} cannot be used with Ref");
            scope.say(&BY_ACTION, &format!("{}.{key}", step.at), "cannot stand beside `ref`", said);
        }
    } else {
        if has(value, "params") {
            let said = "params cannot be used without Ref";
            scope.say(&STEP_PARAMS, &format!("{}.params", step.at), "needs a `ref`", said);
        }
        image(scope, &step.at, has(value, "image"), "Image");
        let both = has(value, "script") && has(value, "command");
        script_and_command(scope, &step.field("script"), both);
    }
    let name = step.text("name");
    if !name.is_empty() && !is_label(name) {
        let what = format!("`{name}` is not a valid DNS label");
        let said = format!("invalid value {name:?}: name Task step name must be a valid DNS Label");
        scope.say(&STEP_NAME, &format!("{}.name", step.at), what, said);
    }
    if duration(step.text("timeout")).is_some_and(|timeout| timeout < 0) {
        let said = format!("invalid value: {}: negative timeout", step.text("timeout"));
        scope.say(&TIMEOUT, &step.field("timeout"), "is negative", said);
        return;
    }
    mounts(scope, step);
    let on_error = step.text("onError");
    let is_known = matches!(on_error, "" | "continue" | "stopAndFail");
    if !is_known && !on_error.starts_with("$(params") {
        let what = format!("`{on_error}` is neither `continue` nor `stopAndFail`");
        scope.say(&ON_ERROR, &step.field("onError"), what, format!("invalid value: {on_error:?}"));
    }
    windows(scope, step);
    for (key, feature, at) in [
        ("stdoutConfig", "step stdout stream support", "stdoutConfig"),
        ("stderrConfig", "step stderr stream support", "stderrConfig"),
    ] {
        if is_set(value, key) {
            scope.needs(Fields::Alpha, feature, &step.field(at));
        }
    }
    places(scope, step);
}

/// Scripts for Windows.
pub(super) fn windows(scope: &mut Scope<'_, '_>, step: &Step<'_>) {
    if step.text("script").trim().starts_with("#!win") {
        scope.needs(Fields::Alpha, "windows script support", &step.field("script"));
    }
}

/// An image that is missing.
pub(super) fn image(scope: &mut Scope<'_, '_>, at: &str, is_there: bool, said: &str) {
    if !is_there {
        scope.say(
            &IMAGE,
            &format!("{at}.image"),
            "is missing",
            format!("missing field(s): {said}"),
        );
    }
}

/// A script beside a command.
pub(super) fn script_and_command(scope: &mut Scope<'_, '_>, at: &str, both: bool) {
    if both {
        let said = "script cannot be used with command";
        scope.say(&SCRIPT, at, "cannot stand beside `command`", said);
    }
}

fn artifacts_are_off(scope: &mut Scope<'_, '_>, step: &Step<'_>) -> bool {
    if scope.judge.cluster.artifacts {
        return false;
    }
    let value: &Value = &step.merged;
    let env = items(value, "env").iter().map(|env| text(env, "value"));
    let words = texts(value, "command").into_iter().chain(texts(value, "args"));
    let mut all = words.chain(env).chain([step.text("script")]);
    let is_used = all.any(|text| has_artifact(text, "steps") || has_artifact(text, "tasks"));
    if is_used {
        let said = "feature flag enable-artifacts should be set to true to use artifacts feature.";
        scope.say(
            &ARTIFACTS,
            &step.at,
            "uses artifacts, which need Tekton's `enable-artifacts`",
            said,
        );
    }
    is_used
}

fn mounts(scope: &mut Scope<'_, '_>, step: &Step<'_>) {
    for (index, mount) in items(&step.merged, "volumeMounts").iter().enumerate() {
        let (name, path) = (text(mount, "name"), text(mount, "mountPath"));
        let cleaned = clean(path);
        if !cleaned.starts_with("/tekton/") && !name.starts_with("tekton-internal-") {
            continue;
        }
        let at = step.item("volumeMounts", index);
        if cleaned.starts_with("/tekton/") && !cleaned.starts_with("/tekton/home") {
            let said = format!(
                "volumeMount cannot be mounted under /tekton/ (volumeMount {name:?} mounted at {path:?})"
            );
            scope.say(&MOUNT, &format!("{at}.mountPath"), "is in a folder of Tekton's own", said);
        }
        if name.starts_with("tekton-internal-") {
            let said = format!("volumeMount name {name:?} cannot start with \"tekton-internal-\"");
            scope.say(&MOUNT, &format!("{at}.name"), "is a name of Tekton's own", said);
        }
    }
}

/// Fields in which results and artifacts of steps cannot stand.
fn places(scope: &mut Scope<'_, '_>, step: &Step<'_>) {
    let value: &Value = &step.merged;
    let mut all: Vec<(String, &str, bool)> = Vec::new();
    let has_variable = |of: &Value| {
        let texts = of.as_map().into_iter().flat_map(crate::yaml::Map::iter);
        texts.into_iter().any(|(_, value)| value.as_str().is_some_and(|text| text.contains("$(")))
    };
    for key in ["name", "image", "script", "imagePullPolicy", "workingDir"] {
        all.push((step.field(key), step.text(key), key == "script"));
    }
    for (index, from) in items(value, "envFrom").iter().enumerate() {
        let at = step.item("envFrom", index);
        all.push((format!("{at}.prefix"), text(from, "prefix"), false));
        for key in ["configMapRef", "secretRef"] {
            all.push((format!("{at}.{key}.name"), text(part(from, key), "name"), false));
        }
    }
    for (list, keys) in [
        ("volumeMounts", &["name", "mountPath", "subPath"][..]),
        ("volumeDevices", &["name", "devicePath"]),
    ] {
        let open = items(value, list).iter().enumerate().filter(|(_, mount)| has_variable(mount));
        for (index, mount) in open {
            let at = step.item(list, index);
            all.extend(keys.iter().map(|key| (format!("{at}.{key}"), text(mount, key), false)));
        }
    }
    for (at, text, is_script) in all.iter().filter(|(_, text, _)| text.contains("$(")) {
        if !step_results(text).is_empty() {
            let said = "stepResult substitutions are only allowed in env, command and args. Found usage in";
            scope.say(&STEP_RESULT_USE, at, "results of steps cannot stand here", said);
        }
        if !is_script && has_artifact(text, "steps") {
            let said = "stepArtifact substitutions are only allowed in env, command, args and script. Found usage in";
            scope.say(&ARTIFACT_USE, at, "artifacts of steps cannot stand here", said);
        }
    }
}
