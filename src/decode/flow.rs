//! Inputs and outputs of a task: variables and parameters from the run, results, workspaces.

use std::collections::BTreeSet;

use super::container::variable;
use super::decoder::Decoder;
use super::link::{Goes, Link, Origin};
use super::tekton::refuse_tekton_variable;
use crate::diagnostics::SpecError;
use crate::model::Bound;
use crate::spec::View;
use crate::yaml::{Data, Map, Node, Value};

/// The parameters that carry values of the run into a Task rendered by gen.
pub(super) fn carried(variables: &Value, links: &[Link]) -> Vec<String> {
    let variables = variables.as_seq().unwrap_or_default().iter();
    let by_variable = variables.filter_map(|variable| {
        let name = param_of(variable.str_at(&["name"])?);
        (variable.str_at(&["value"])? == format!("$(params.{name})")).then_some(name)
    });
    let mut all: Vec<String> = by_variable.collect();
    for link in links {
        if let Goes::Variable(name) = &link.goes
            && !all.contains(name)
        {
            all.push(name.clone());
        }
    }
    all
}

/// The parameter that carries a variable into the Task.
pub(super) fn param_of(variable: &str) -> String {
    format!("env-{variable}")
}

pub(super) fn through_param(name: &str) -> Value {
    let value = format!("$(params.{})", param_of(name));
    Value::from([("name", name.into()), ("value", value.into())])
}

/// `env` of a task, as in a Container; values of the run come as parameters.
pub(super) fn variables(d: &mut Decoder<'_>, view: &View<'_>, links: &mut Vec<Link>) -> Vec<Value> {
    let mut all = Vec::new();
    for entry in view.entries("env") {
        let errors = d.problems.len();
        if let Some((origin, span)) = Origin::read(d, &entry.value) {
            let goes = Goes::Variable(param_of(&entry.key));
            links.push(Link { origin, goes, span });
            all.push(through_param(&entry.key));
        } else if d.problems.len() == errors
            && let Some(own) = variable(d, entry)
        {
            refuse_tekton_variable(d, &own, entry.value.span);
            all.push(own);
        }
    }
    all
}

/// Parameters of a referenced Task.
pub(super) fn params(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    links: &mut Vec<Link>,
) -> Vec<(String, Value)> {
    let mut params = Vec::new();
    for entry in view.entries("params") {
        let (name, node) = (&entry.key, &entry.value);
        let value = match &node.data {
            Data::Map(_) => {
                if let Some((origin, span)) = Origin::read(d, node) {
                    let goes = Goes::Param(name.clone());
                    links.push(Link { origin, goes, span });
                    continue;
                }
                let Some(text) = node.get("value").and_then(Node::as_str) else {
                    let place = format!("`params.{name}` (or `param`, `status` or `value`)");
                    d.missing(node.span, &format!("params.{name}.result"), &place);
                    continue;
                };
                text.into()
            }
            Data::Seq(_) => node.texts().as_slice().into(),
            Data::Scalar(scalar) => scalar.text.as_str().into(),
        };
        params.push((name.clone(), value));
    }
    params
}

/// The results of an inline or referenced task: all of them, and those that are lists.
pub(super) fn results(view: &View<'_>) -> (Vec<String>, Vec<String>) {
    let Some(node) = view.get("results") else {
        return (Vec::new(), Vec::new());
    };
    let Some(entries) = node.entries() else {
        return (node.texts(), Vec::new());
    };
    let lists = entries.iter().filter(|entry| entry.value.as_str() == Some("array"));
    let keys = entries.iter().map(|entry| entry.key.clone()).collect();
    (keys, lists.map(|entry| entry.key.clone()).collect())
}

/// Each result of an inline task with the variable that holds the path to write it to.
pub(super) fn result_variables(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    results: &[String],
) -> Vec<(String, String)> {
    let env = view.entries("env").into_iter();
    let mut taken: BTreeSet<String> = env.map(|entry| entry.key.clone()).collect();
    let mut all = Vec::new();
    for result in results {
        let variable = format!("RESULT_{}", result.to_uppercase().replace('-', "_"));
        if !taken.insert(variable.clone()) {
            let (result, variable) = (result.clone(), variable.clone());
            let error = SpecError::ResultVariable { result, variable };
            d.error(view.span_of("results"), error);
        }
        all.push((result.clone(), variable));
    }
    all
}

/// Workspaces of a task: of a referenced one, or of an inline one (`inline`), which has the source anyway.
pub(super) fn workspaces(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    task: &str,
    inline: bool,
) -> Vec<Bound> {
    let mut all = Vec::new();
    for entry in view.entries("workspaces") {
        let (name, node) = (&entry.key, &entry.value);
        let text = |key: &str| node.written(key)?.as_str();
        let place = format!(
            "`workspaces.{name}` (or `secret` or `configMap`), so the workspace is unbound"
        );
        let missing = (&*format!("workspaces.{name}.volume"), &*place);
        let (keys, why) = (["volume", "secret", "configMap"], "a workspace has only one source");
        let source = d.one_of(node.span, keys, text, missing, why);
        let Some((key, source)) = source else { continue };
        let is_source = key == "volume" && source == "source";
        refuse_unfit(d, node, key, is_source, inline);
        if inline && (is_source || ["source", "cache"].contains(&name.as_str())) {
            let why = "an inline task has the source already, at its own place";
            d.excludes(entry.key_span, &format!("workspaces.{name}"), "an inline task", why);
        }
        let of = |kind, source| Some(Value::from([(kind, source)]));
        let own = match (key, source) {
            ("volume", "source") => None,
            ("volume", _) => of("emptyDir", Value::Map(Map::default())),
            ("secret", _) => of("secret", projected("secretName", source, node)),
            _ => of("configMap", projected("name", source, node)),
        };
        all.push(Bound {
            name: name.clone(),
            own: own.map(|binding| (format!("{task}-{name}"), binding)),
            sub_path: text("subPath").map(str::to_owned),
            mount: text("mount").map(str::to_owned),
        });
    }
    all
}

/// Keys of a workspace that its source or its task does not have.
fn refuse_unfit(d: &mut Decoder<'_>, node: &Node, key: &str, is_source: bool, inline: bool) {
    let mut needs = |wanted: &str, is_met: bool, other: &str, why: &str| {
        if let Some(value) = node.written(wanted).filter(|_| !is_met) {
            d.needs(value.span, wanted, other, why);
        }
    };
    let has_keys = key != "volume";
    needs("items", has_keys, "secret", "a volume has no keys");
    needs("optional", has_keys, "secret", "a volume is never missing");
    needs("subPath", is_source, "volume: source", "`items` chooses the files of a Secret");
    needs("mount", inline, "an image and a script", "a Task says itself where it is");
}

/// A Secret or ConfigMap as a workspace: all its keys, or those chosen.
fn projected(name_key: &str, name: &str, node: &Node) -> Value {
    let mut map = Map::default();
    map.push(name_key, name);
    let items = node.get("items").and_then(Node::entries).unwrap_or_default();
    let items = items.iter().filter_map(|item| {
        let path = item.value.as_str()?;
        Some(Value::from([("key", item.key.as_str().into()), ("path", path.into())]))
    });
    let items: Vec<Value> = items.collect();
    map.push_some("items", (!items.is_empty()).then_some(Value::Seq(items)));
    let optional = node.get("optional").is_some_and(|node| node.to_value().is_true());
    map.push_some("optional", optional.then_some(true));
    Value::Map(map)
}
