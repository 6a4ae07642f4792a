//! What a task takes and gives, read from the spec: variables and parameters from the run, the matrix, results, workspaces.

use std::collections::BTreeSet;

use serde::Serialize;

use super::container::variable;
use super::decode::Decoder;
use super::link::{Goes, Link, Origin};
use super::matrix::Matrix;
use super::pipeline::Named;
use super::tekton::refuse_tekton_variables;
use super::when;
use crate::diagnostics::SpecError;
use crate::spec::View;
use crate::yaml::{Data, Map, Node, Value};

/// A workspace of a referenced Task: its name there, and what it is.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Bound {
    /// The name in the Task.
    pub name: String,
    /// Nothing for the volume that all tasks share; else its name in the Pipeline, and its binding in a run.
    pub own: Option<(String, Value)>,
}

/// Everything that a task takes and gives beside its template.
pub(super) struct Passing {
    pub(super) env: Value,
    pub(super) carried: Vec<String>,
    pub(super) params: Vec<(String, Value)>,
    pub(super) matrix: Vec<(String, Value)>,
    pub(super) include: Vec<Vec<(String, Value)>>,
    pub(super) matrix_names: Vec<String>,
    pub(super) results: Vec<String>,
    pub(super) lists: Vec<String>,
    pub(super) own_results: Vec<(String, String)>,
    pub(super) bound: Vec<Bound>,
    pub(super) changed: Vec<String>,
    pub(super) elsewhere: bool,
    pub(super) links: Vec<Link>,
}

impl Passing {
    pub(super) fn read(
        d: &mut Decoder<'_>,
        view: &View<'_>,
        named: Named<'_>,
        referenced: bool,
        is_own: bool,
    ) -> Self {
        let when = when::read(d, view);
        let mut links = when.links;
        let mut env = variables(d, view, &mut links);
        let matrix = Matrix::read(d, view, named, !referenced, &mut links);
        if let Value::Seq(all) = &mut env {
            all.extend(matrix.variables);
        }
        let params = params(d, view, &mut links);
        let (results, lists) = results(view);
        let own_results = if is_own {
            result_variables(d, view, &results)
        } else {
            Vec::new()
        };
        Self {
            carried: carried(&env),
            env,
            params,
            matrix: matrix.lists,
            include: matrix.include,
            matrix_names: matrix.names,
            results,
            lists,
            own_results,
            bound: workspaces(d, view, named.name),
            changed: when.changed,
            elsewhere: when.elsewhere,
            links,
        }
    }
}

/// The parameters that carry variables.
fn carried(variables: &Value) -> Vec<String> {
    let variables = variables.as_seq().unwrap_or_default().iter();
    variables
        .filter_map(|variable| {
            let name = param_of(variable.str_at(&["name"])?);
            (variable.str_at(&["value"])? == format!("$(params.{name})")).then_some(name)
        })
        .collect()
}

/// The parameter by which a variable comes into the Task.
pub(super) fn param_of(variable: &str) -> String {
    format!("env-{variable}")
}

pub(super) fn through_param(name: &str) -> Value {
    Value::from([
        ("name", name.into()),
        ("value", format!("$(params.{})", param_of(name)).into()),
    ])
}

/// `env` of a task: as in a Container; what the run knows comes through parameters.
fn variables(d: &mut Decoder<'_>, view: &View<'_>, links: &mut Vec<Link>) -> Value {
    let mut all = Vec::new();
    for entry in view.entries("env") {
        let errors = d.problems.len();
        if let Some((origin, span)) = Origin::read(&entry.value, d.problems) {
            links.push(Link {
                origin,
                goes: Goes::Variable(param_of(&entry.key)),
                span,
            });
            all.push(through_param(&entry.key));
        } else if d.problems.len() == errors {
            let own: Vec<Value> = variable(entry, d.problems).into_iter().collect();
            refuse_tekton_variables(d, &Value::Seq(own.clone()), entry.value.span);
            all.extend(own);
        }
    }
    Value::Seq(all)
}

/// Parameters of a referenced Task.
fn params(d: &mut Decoder<'_>, view: &View<'_>, links: &mut Vec<Link>) -> Vec<(String, Value)> {
    let mut params = Vec::new();
    for entry in view.entries("params") {
        let node = &entry.value;
        let value = match &node.data {
            Data::Map(_) => {
                if let Some((origin, span)) = Origin::read(node, d.problems) {
                    let goes = Goes::Param(entry.key.clone());
                    links.push(Link { origin, goes, span });
                    continue;
                }
                if let Some(scalar) = node.get("value").and_then(Node::scalar) {
                    Value::from(scalar.text.as_str())
                } else {
                    {
                        let path = format!("params.{}.result", entry.key);
                        let place =
                            format!("`params.{}` (or `param`, `status` or `value`)", entry.key);
                        d.missing(node.span, &path, &place);
                        continue;
                    }
                }
            }
            Data::Seq(_) => list(node),
            Data::Scalar(scalar) => Value::from(scalar.text.as_str()),
        };
        params.push((entry.key.clone(), value));
    }
    params
}

fn list(node: &Node) -> Value {
    let items = node.items().unwrap_or_default().iter();
    Value::Seq(
        items
            .filter_map(|item| Some(Value::from(item.scalar()?.text.as_str())))
            .collect(),
    )
}

/// What an own or referenced task gives: all results, and those of them that are lists.
fn results(view: &View<'_>) -> (Vec<String>, Vec<String>) {
    let Some(node) = view.get("results") else {
        return (Vec::new(), Vec::new());
    };
    match &node.data {
        Data::Map(entries) => {
            let is_list = |node: &Node| node.scalar().is_some_and(|scalar| scalar.text == "array");
            (
                entries.iter().map(|entry| entry.key.clone()).collect(),
                entries
                    .iter()
                    .filter(|entry| is_list(&entry.value))
                    .map(|entry| entry.key.clone())
                    .collect(),
            )
        }
        _ => (
            node.items()
                .unwrap_or_default()
                .iter()
                .filter_map(|item| Some(item.scalar()?.text.clone()))
                .collect(),
            Vec::new(),
        ),
    }
}

/// Each result of an own task with the variable that says where to write it.
fn result_variables(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    results: &[String],
) -> Vec<(String, String)> {
    let mut taken: BTreeSet<String> = view
        .entries("env")
        .into_iter()
        .map(|entry| entry.key.clone())
        .collect();
    let mut all = Vec::new();
    for result in results {
        let upper = result.to_uppercase().replace('-', "_");
        let variable = format!("RESULT_{upper}");
        if !taken.insert(variable.clone()) {
            let (result, variable) = (result.clone(), variable.clone());
            d.problems.error(
                view.span_of("results"),
                SpecError::ResultVariable { result, variable },
            );
        }
        all.push((result.clone(), variable));
    }
    all
}

/// Workspaces of a referenced Task.
fn workspaces(d: &mut Decoder<'_>, view: &View<'_>, task: &str) -> Vec<Bound> {
    let mut all = Vec::new();
    for entry in view.entries("workspaces") {
        let text = |key: &str| {
            let node = entry.value.get(key).filter(|node| !node.is_null());
            node.and_then(Node::scalar)
                .map(|scalar| scalar.text.as_str())
        };
        let named = |kind: &str, key: &str, name: &str| {
            let reference = Value::from([(key, name.into())]);
            Value::from([(kind, reference)])
        };
        let own = match (text("volume"), text("secret"), text("configMap")) {
            (Some("source"), None, None) => None,
            (Some(_), None, None) => Some(Value::from([("emptyDir", Value::Map(Map::default()))])),
            (None, Some(name), None) => Some(named("secret", "secretName", name)),
            (None, None, Some(name)) => Some(named("configMap", "name", name)),
            (None, None, None) => {
                let path = format!("workspaces.{}.volume", entry.key);
                let place = format!(
                    "`workspaces.{}` (or `secret` or `configMap`), which leaves the workspace unbound",
                    entry.key
                );
                d.missing(entry.value.span, &path, &place);
                continue;
            }
            _ => {
                let written: Vec<&str> = ["volume", "secret", "configMap"]
                    .into_iter()
                    .filter(|key| text(key).is_some())
                    .collect();
                d.problems.error(
                    entry.value.span,
                    SpecError::Excludes {
                        first: written[0].to_owned(),
                        second: written[1].to_owned(),
                        why: "a workspace is one thing".to_owned(),
                    },
                );
                continue;
            }
        };
        all.push(Bound {
            name: entry.key.clone(),
            own: own.map(|binding| (format!("{task}-{}", entry.key), binding)),
        });
    }
    all
}
