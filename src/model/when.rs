//! Conditions: what decides at render time whether a task is there, and what Tekton decides for each run.

use super::decode::Decoder;
use super::link::{Goes, Link, Origin};
use crate::diagnostics::SpecError;
use crate::spec::{View, nearest};
use crate::yaml::{Data, Entry, Node};

/// When a task runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct When {
    /// Whether it is for another environment.
    pub(super) elsewhere: bool,
    /// Paths of which one must have changed.
    pub(super) changed: Vec<String>,
    /// What the run is asked.
    pub(super) links: Vec<Link>,
}

/// One node or several, as nodes.
fn several(node: &Node) -> &[Node] {
    node.items().unwrap_or(std::slice::from_ref(node))
}

/// The texts of one scalar or several.
fn texts(node: &Node) -> Vec<String> {
    several(node)
        .iter()
        .filter_map(|node| Some(node.scalar()?.text.clone()))
        .collect()
}

pub(super) fn read(d: &mut Decoder<'_>, task: &View<'_>) -> When {
    let view = task.view("when");
    let mut when = When::default();
    if !view.is_written() {
        return when;
    }
    if let Some(node) = view.get("environment") {
        environments(d, node);
        when.elsewhere = !texts(node).contains(&d.context.environment.name);
    }
    if let Some(node) = view.get("changed") {
        when.changed = texts(node);
        for node in several(node) {
            let text = node.scalar().map_or("", |scalar| scalar.text.as_str());
            if let Some(problem) = bad_path(text) {
                bad(d, node, "changed", problem);
            }
        }
    }
    if let Some(node) = view.get("status") {
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
    d.problems
        .error(node.span, SpecError::BadWhen { path, problem });
}

/// Patterns travel as lines, and git reads them as pathspecs.
fn bad_path(text: &str) -> Option<&'static str> {
    if text.chars().any(char::is_control) {
        Some("holds a control character")
    } else if text.starts_with(':') {
        Some("begins with `:`, which git reads as more than a path")
    } else if text.split('/').any(|part| part == "..") {
        Some("leaves its folder by `..`; begin with `/` for the repository's root")
    } else {
        None
    }
}

fn environments(d: &mut Decoder<'_>, node: &Node) {
    for item in several(node) {
        let Some(name) = item.scalar().map(|scalar| scalar.text.as_str()) else {
            continue;
        };
        let spec = d.context.spec;
        if !spec.environments.contains_key(name) {
            let known = spec.environments.keys().map(String::as_str);
            let problem = nearest(name, known).map_or_else(
                || format!("names `{name}`, and there is no such environment"),
                |near| {
                    format!(
                        "names `{name}`, and there is no such environment; did you mean `{near}`?"
                    )
                },
            );
            bad(d, item, "environment", &problem);
        }
    }
}

fn values(d: &mut Decoder<'_>, view: &View<'_>, met: bool, links: &mut Vec<Link>) {
    for name in ["branch", "event"] {
        if let Some(node) = view.get(name) {
            let values = texts(node);
            if values.is_empty() {
                bad(d, node, name, "names nothing");
            }
            links.push(Link {
                origin: Origin::param(name),
                goes: Goes::When(met, values),
                span: node.span,
            });
        }
    }
    for (name, is_result) in [("param", false), ("result", true)] {
        for Entry {
            key,
            key_span,
            value,
        } in view.entries(name)
        {
            let values = texts(value);
            if values.is_empty() || matches!(value.data, Data::Map(_)) {
                bad(d, value, name, "names no value");
            }
            if values
                .iter()
                .any(|value| super::tekton::tekton_variable(value).is_some())
            {
                bad(
                    d,
                    value,
                    name,
                    "compares with something that Tekton would replace",
                );
            }
            let origin = if is_result {
                let Some(origin) = Origin::result(key) else {
                    let problem = "is not of the form `TASK.RESULT`".to_owned();
                    let path = key.clone();
                    d.problems
                        .error(*key_span, SpecError::BadLink { path, problem });
                    continue;
                };
                origin
            } else {
                Origin::param(key)
            };
            links.push(Link {
                origin,
                goes: Goes::When(met, values),
                span: *key_span,
            });
        }
    }
}
