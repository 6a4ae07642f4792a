//! Conditions of a task: those decided at render time, and those that Tekton evaluates for each run.

use super::decoder::{Decoder, near};
use super::link::{Goes, Link, Origin};
use super::tekton::tekton_variable;
use crate::diagnostics::SpecError;
use crate::spec::View;
use crate::yaml::{Data, Entry, Node};

/// Conditions of a task.
#[derive(Default)]
pub(super) struct When {
    /// It is only for other environments.
    pub(super) elsewhere: bool,
    /// Paths, one of which must have changed.
    pub(super) changed: Vec<String>,
    /// Conditions on values of the run.
    pub(super) links: Vec<Link>,
}

pub(super) fn read(d: &mut Decoder<'_>, task: &View<'_>) -> When {
    let view = task.view("when");
    let mut when = When::default();
    if !view.is_written() {
        return when;
    }
    if let Some(node) = view.get("environment") {
        environments(d, node);
        when.elsewhere = !node.texts().contains(&d.context.environment.name);
    }
    if let Some(node) = view.get("changed") {
        when.changed = node.texts();
        for node in node.one_or_more() {
            if let Some(problem) = bad_path(node.as_str().unwrap_or_default()) {
                bad(d, node, "changed", problem);
            }
        }
    }
    if let Some(entries) = view.get("status").and_then(Node::entries) {
        for Entry { key, key_span, value } in entries {
            if value.texts().is_empty() {
                bad(d, value, "status", "has no value");
            }
            let word = |text: String| match text.as_str() {
                "succeeded" => "Succeeded".to_owned(),
                "failed" => "Failed".to_owned(),
                _ => "None".to_owned(),
            };
            when.links.push(Link {
                origin: Origin::Status(key.clone()),
                goes: Goes::When(true, value.texts().into_iter().map(word).collect()),
                span: *key_span,
            });
        }
    } else if let Some(node) = view.get("status") {
        // `Completed`: some task was skipped and none failed. `None` is what a timeout or a cancelled run leaves.
        let succeeded = view.text("status") != Some("failed");
        let values = ["Succeeded", "Completed"].map(str::to_owned).to_vec();
        when.links.push(Link {
            origin: Origin::Status("all".to_owned()),
            goes: Goes::When(succeeded, values),
            span: node.span,
        });
    }
    values(d, &view, true, &mut when.links);
    values(d, &view.view("not"), false, &mut when.links);
    when
}

fn bad(d: &mut Decoder<'_>, node: &Node, path: &str, problem: &str) {
    let (path, problem) = (path.to_owned(), problem.to_owned());
    d.error(node.span, SpecError::BadWhen { path, problem });
}

/// Patterns are passed as lines, and git reads them as pathspecs.
fn bad_path(text: &str) -> Option<&'static str> {
    if text.chars().any(char::is_control) {
        Some("contains a control character")
    } else if text.starts_with(':') {
        Some("starts with `:`, which is pathspec magic in git")
    } else if text.split('/').any(|part| part == "..") {
        Some("leaves its folder with `..`; for the repository's root, start with `/`")
    } else {
        None
    }
}

fn environments(d: &mut Decoder<'_>, node: &Node) {
    let known = &d.context.spec.environments;
    for item in node.one_or_more() {
        if let Some(name) = item.as_str().filter(|name| !known.contains_key(*name)) {
            let problem = format!("has the unknown environment `{name}`");
            let problem = near(&problem, name, known.keys().map(String::as_str));
            bad(d, item, "environment", &problem);
        }
    }
}

fn values(d: &mut Decoder<'_>, view: &View<'_>, met: bool, links: &mut Vec<Link>) {
    for name in ["branch", "event"] {
        if let Some(node) = view.get(name) {
            let values = node.texts();
            if values.is_empty() {
                bad(d, node, name, "is empty");
            }
            links.push(Link {
                origin: Origin::param(name),
                goes: Goes::When(met, values),
                span: node.span,
            });
        }
    }
    for name in ["param", "result"] {
        for Entry { key, key_span, value } in view.entries(name) {
            let values = value.texts();
            if values.is_empty() || matches!(value.data, Data::Map(_)) {
                bad(d, value, name, "has no value");
            }
            if values.iter().any(|value| tekton_variable(value).is_some()) {
                let problem = "contains something that Tekton would replace";
                bad(d, value, name, problem);
            }
            let origin = match name {
                "param" => Some(Origin::param(key)),
                _ => Origin::result(d, *key_span, key),
            };
            links.extend(origin.map(|origin| Link {
                origin,
                goes: Goes::When(met, values),
                span: *key_span,
            }));
        }
    }
}
