//! Tasks not rendered by gen: in the cluster, or fetched by one of Tekton's resolvers when the run starts.

use super::carried::{self, File};
use super::decoder::{Decoder, near};
use super::layout::Named;
use super::tekton::tekton_variable;
use crate::diagnostics::{Span, SpecError};
use crate::model::{TaskKind, is_commit};
use crate::name::image_parts;
use crate::spec::{View, nearest};
use crate::yaml::Value;

/// Built-in resolvers of Tekton, each with its required and optional parameters (pipeline v1.15, pkg/resolution/resolver).
const RESOLVERS: [(&str, &str, &str); 5] = [
    ("cluster", "name", "kind namespace"),
    (
        "git",
        "pathInRepo",
        "url revision org repo token tokenKey gitToken gitTokenKey scmType serverURL configKey cache",
    ),
    ("bundles", "bundle name", "kind secret serviceAccount cache"),
    ("hub", "name version", "kind catalog type url"),
    ("http", "url", "http-username http-password-secret http-password-secret-key digest"),
];

/// The Task of a task with `ref`.
pub(super) fn read(d: &mut Decoder<'_>, named: Named<'_>, view: &View<'_>) -> Option<TaskKind> {
    let reference = view.view("ref");
    if let Some(file) = file(d, &reference) {
        return carried::object(d, file, "Task").map(TaskKind::Carried);
    }
    of_cluster(d, (named.name, named.span), &reference, "Task").map(TaskKind::Reference)
}

/// The file that a reference names.
pub(super) fn file<'a>(d: &mut Decoder<'_>, reference: &View<'a>) -> Option<File<'a>> {
    let Some(path) = reference.text("file") else {
        if reference.get("reason").is_some() {
            let why = "gen does not know the pods of others";
            d.needs(reference.span_of("reason"), "ref.reason", "ref.file", why);
        }
        return None;
    };
    for key in ["name", "resolver", "params"] {
        if reference.get(key).is_some() {
            let why = "a reference has one source; a task's own `params` stand beside `ref`";
            d.excludes(reference.span_of(key), key, "file", why);
        }
    }
    Some(File { path, span: reference.span_of("file") })
}

/// The reference of a task to a Task, or of a step to a StepAction, that the cluster has or fetches.
pub(super) fn of_cluster(
    d: &mut Decoder<'_>,
    (task, span): (&str, Span),
    reference: &View<'_>,
    kind: &str,
) -> Option<Value> {
    match (reference.text("name"), reference.text("resolver")) {
        (Some(name), None) if kind == "Task" => {
            Some(Value::from([("kind", kind.into()), ("name", name.into())]))
        }
        (Some(name), None) => Some(Value::from([("name", name.into())])),
        (None, Some(resolver)) => {
            let params = reference.pairs("params");
            check(d, task, reference, resolver, &params);
            let pair = |(name, value): (String, String)| {
                Value::from([("name", name.into()), ("value", value.into())])
            };
            let params = Value::Seq(params.into_iter().map(pair).collect());
            Some(Value::from([("resolver", resolver.into()), ("params", params)]))
        }
        _ => {
            let problem = format!("must have a `ref` with either a {kind}, a file or a resolver");
            let name = task.to_owned();
            d.error(span, SpecError::OwnTask { name, problem });
            None
        }
    }
}

fn check(
    d: &mut Decoder<'_>,
    task: &str,
    reference: &View<'_>,
    name: &str,
    params: &[(String, String)],
) {
    let mut bad = |span, problem: String| {
        let name = task.to_owned();
        d.error(span, SpecError::BadResolver { name, problem });
    };
    let Some((_, needs, takes)) = RESOLVERS.iter().find(|(other, ..)| *other == name) else {
        // A cluster can have custom resolvers; a misspelt built-in one is found here.
        if let Some(near) = nearest(name, RESOLVERS.iter().map(|(name, ..)| *name)) {
            let problem = format!("has the unknown resolver `{name}`; did you mean `{near}`?");
            bad(reference.span_of("resolver"), problem);
        }
        return;
    };
    let value = |key: &str| {
        let found = params.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    };
    for key in needs.split(' ').filter(|key| value(key).is_none()) {
        let problem = format!("requires the parameter `{key}` of the resolver `{name}`");
        bad(reference.span(), problem);
    }
    for entry in reference.entries("params") {
        let key = entry.key.as_str();
        let mut known = needs.split(' ').chain(takes.split(' '));
        if !known.clone().any(|other| other == key) {
            let problem = format!("has `{key}`, which the resolver `{name}` does not accept");
            bad(entry.key_span, near(&problem, key, &mut known));
        }
        if tekton_variable(value(key).unwrap_or_default()).is_some() {
            let problem = format!("lets a run choose `{key}`, and so the code to run");
            bad(entry.value.span, problem);
        }
    }
    if name == "git" && value("url").is_none() && value("repo").is_none() {
        let problem = "requires `url`, or `org` and `repo`, of the resolver `git`".to_owned();
        bad(reference.span(), problem);
        return;
    }
    if let Some((what, pin)) = unpinned(name, value) {
        let (name, pin) = (task.to_owned(), pin.to_owned());
        let error = SpecError::UnpinnedReference { name, what, pin };
        d.warn(reference.span_of("params"), error);
    }
}

/// The part of a reference that can change under the same name, and how to pin it.
fn unpinned<'a>(
    resolver: &str,
    value: impl Fn(&str) -> Option<&'a str>,
) -> Option<(String, &'static str)> {
    match resolver {
        "git" => {
            let what = match value("revision") {
                Some(text) if is_commit(text) => return None,
                Some(text) => format!("the branch or tag `{text}`"),
                None => "the default branch".to_owned(),
            };
            Some((what, "pin a commit: `revision: SHA`, 40 hexadecimal digits"))
        }
        "bundles" => {
            let bundle = value("bundle").unwrap_or_default();
            let is_pinned = image_parts(bundle).is_some_and(|parts| parts.digest.is_some());
            let pin = "pin a digest: `bundle: REGISTRY/NAME@sha256:…`";
            (!is_pinned).then(|| (format!("the tag of `{bundle}`"), pin))
        }
        "http" if value("digest").is_none() => {
            Some(("a URL".to_owned(), "pin the file: `digest: sha256:…`"))
        }
        "hub" if value("version") == Some("latest") => {
            Some(("`latest`".to_owned(), "pin a version, as in `version: \"0.9\"`"))
        }
        _ => None,
    }
}
