//! What a task does, by its images, scripts and arguments.

use super::run::Run;
use crate::yaml::Value;

/// What a task is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Clone,
    Build,
    Deploy,
    Other,
}

/// Everything that a step runs, in one text.
fn said(spec: &Value) -> String {
    let mut all = String::new();
    for step in spec.list_at(&["steps"]) {
        for key in ["image", "script"] {
            all.push_str(step.str_at(&[key]).unwrap_or_default());
            all.push('\n');
        }
        for key in ["command", "args"] {
            for item in step.list_at(&[key]) {
                all.push_str(&item.as_str().map_or_else(|| item.to_string(), str::to_owned));
                all.push(' ');
            }
        }
        all.push('\n');
    }
    all
}

/// What a task does.
pub(super) fn role(task: &Value, spec: &Value) -> Role {
    let text = said(spec).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let name = task.str_at(&["name"]).unwrap_or_default().to_lowercase();
    if has(&["kubectl apply", "kubectl set image", "kubectl rollout", "oc apply", "helm upgrade"]) {
        return Role::Deploy;
    }
    if has(&["git clone", "git-init", "git fetch"]) {
        return Role::Clone;
    }
    let builders = [
        "kaniko",
        "buildah",
        "buildkit",
        "buildctl",
        "docker build",
        "docker buildx",
        "podman build",
        "ko build",
        "img build",
    ];
    if has(&builders) {
        return Role::Build;
    }
    // One that only says that it builds stands where a build is meant.
    let is_named = ["build", "build-image", "build-push", "image"]
        .iter()
        .any(|it| name == *it || name.starts_with("build"));
    let is_simulated = has(&["echo"]) && spec.list_at(&["steps"]).len() == 1 && is_idle(&text);
    if is_named && is_simulated { Role::Build } else { Role::Other }
}

/// Whether a script only talks and waits.
fn is_idle(text: &str) -> bool {
    text.lines().map(str::trim).skip(1).all(|line| {
        let first = line.split_whitespace().next().unwrap_or_default();
        first.is_empty()
            || first.starts_with('#')
            || matches!(first, "echo" | "sleep" | "set" | "exit" | "true")
    })
}

/// The address of a repository in a script.
pub(super) fn url(spec: &Value) -> Option<String> {
    let text = said(spec);
    let start = ["https://", "ssh://", "http://"].iter().find_map(|scheme| text.find(scheme))?;
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || "\"'`)".contains(c)).unwrap_or(rest.len());
    let url = &rest[..end];
    (!url.contains('$')).then(|| url.to_owned())
}

/// The name of the Deployment that a deploying task waits for, or has as a parameter.
pub(super) fn deployed(run: &Run<'_>, task: &Value, spec: &Value) -> Option<String> {
    let params = task.list_at(&["params"]);
    let named = params.iter().find(|param| {
        param.str_at(&["name"]).is_some_and(|name| {
            ["deployment", "deployment-name", "app-name", "app"].contains(&name)
        })
    });
    if let Some(name) = named.and_then(|param| run.resolved(param.str_at(&["value"])?)) {
        return Some(name);
    }
    let text = said(spec);
    let start = text.find("deployment/").map(|start| start + "deployment/".len())?;
    let rest = &text[start..];
    let end =
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-.".contains(c))).unwrap_or(rest.len());
    let name = &rest[..end];
    (!name.is_empty()).then(|| name.to_owned())
}
