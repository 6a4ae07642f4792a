//! What passes between the tasks of a run: results, parameters, how a task ended. Each is written by name in the spec and reaches
//! a task as a parameter, never as text inside a script.

use std::collections::BTreeSet;

use super::params::{ParamKind, RunParam};
use super::task::Task;
use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::spec::nearest;
use crate::yaml::{Node, Value};

/// Where a value of a run comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The result of a task: `TASK.RESULT`.
    Result {
        /// The task.
        task: String,
        /// Its result.
        result: String,
    },
    /// A parameter of the run, or a key of one that is an object.
    Param {
        /// The parameter.
        name: String,
        /// The key.
        key: Option<String>,
    },
    /// How a task ended; `all` is the whole run.
    Status(String),
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Goes {
    /// Into a parameter of the Task.
    Param(String),
    /// Into a variable, by the parameter of that name.
    Variable(String),
    /// Into the matrix, under that name.
    Matrix(String),
    /// Into a condition: whether the values are meant to be met, and the values.
    When(bool, Vec<String>),
}

/// A value that a task takes from the run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link {
    /// Where it comes from.
    pub origin: Origin,
    /// Where it goes.
    pub goes: Goes,
    /// Where the spec says so.
    pub span: Span,
}

impl Origin {
    /// `TASK.RESULT`; the task's name has no dot.
    pub(super) fn result(text: &str) -> Option<Self> {
        let (task, result) = text.split_once('.')?;
        Some(Self::Result {
            task: task.to_owned(),
            result: result.to_owned(),
        })
    }

    /// `NAME`, or `NAME.KEY`.
    pub(super) fn param(text: &str) -> Self {
        let (name, key) = match text.split_once('.') {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (text, None),
        };
        Self::Param {
            name: name.to_owned(),
            key,
        }
    }

    /// From a mapping that has one of `result`, `param` and `status`; nothing where it has none.
    pub(super) fn read(node: &Node, problems: &mut Diagnostics) -> Option<(Self, Span)> {
        let written: Vec<(&str, &Node)> = ["result", "param", "status"]
            .into_iter()
            .filter_map(|key| Some((key, node.get(key).filter(|node| !node.is_null())?)))
            .collect();
        let (key, value) = *written.first()?;
        let others = ["secret", "configMap", "field", "value"];
        let other = written.get(1).map(|(key, _)| *key).or_else(|| {
            others
                .into_iter()
                .find(|key| node.get(key).is_some_and(|node| !node.is_null()))
        });
        if let Some(second) = other {
            problems.error(
                node.span,
                SpecError::Excludes {
                    first: key.to_owned(),
                    second: second.to_owned(),
                    why: "a value comes from one place".to_owned(),
                },
            );
        }
        let text = &value.scalar()?.text;
        let origin = match key {
            "result" => {
                let origin = Self::result(text);
                if origin.is_none() {
                    problems.error(value.span, bad(text, "is not of the form `TASK.RESULT`"));
                }
                origin?
            }
            "param" => Self::param(text),
            _ => Self::Status(text.clone()),
        };
        Some((origin, value.span))
    }

    /// As the spec writes it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Result { task, result } => format!("{task}.{result}"),
            Self::Param { name, key: None } => name.clone(),
            Self::Param {
                name,
                key: Some(key),
            } => format!("{name}.{key}"),
            Self::Status(task) => task.clone(),
        }
    }

    /// As Tekton writes it.
    fn expression(&self, whole: bool) -> String {
        let inner = match self {
            Self::Result { task, result } => format!("tasks.{task}.results.{result}"),
            Self::Param { name, key: None } => format!("params.{name}"),
            Self::Param {
                name,
                key: Some(key),
            } => format!("params.{name}.{key}"),
            Self::Status(task) if task == "all" => "tasks.status".to_owned(),
            Self::Status(task) => format!("tasks.{task}.status"),
        };
        let rest = if whole { "[*]" } else { "" };
        format!("$({inner}{rest})")
    }
}

fn bad(path: &str, problem: &str) -> SpecError {
    SpecError::BadLink {
        path: path.to_owned(),
        problem: problem.to_owned(),
    }
}

/// The tasks and parameters that links may name.
pub(super) struct Known<'a> {
    /// Those that run in order.
    pub(super) tasks: &'a [Task],
    /// Those at the end.
    pub(super) at_end: &'a [Task],
    /// What a run is given.
    pub(super) params: &'a [RunParam],
}

impl Known<'_> {
    /// Checks every link: what it names is there, has the right type, and can go where it is wanted.
    pub(super) fn check(&self, problems: &mut Diagnostics) {
        for (task, at_end) in self
            .tasks
            .iter()
            .map(|task| (task, false))
            .chain(self.at_end.iter().map(|task| (task, true)))
        {
            for link in &task.links {
                if let Err(problem) = self.link(task, link, at_end) {
                    problems.error(link.span, bad(&link.origin.text(), &problem));
                }
            }
        }
    }

    fn link(&self, of: &Task, link: &Link, at_end: bool) -> Result<(), String> {
        let kind = match &link.origin {
            Origin::Result { task, result } => self.result(of, task, result)?,
            Origin::Param { name, key } => self.param(name, key.as_deref())?,
            Origin::Status(task) => {
                if !at_end {
                    return Err(
                        "is known only at the end: a status is for tasks of `finally`".to_owned(),
                    );
                }
                if task != "all" && !self.tasks.iter().any(|other| other.name == *task) {
                    return Err(near(
                        "is no task of this pipeline",
                        task,
                        self.tasks.iter().map(|task| task.name.as_str()),
                    ));
                }
                ParamKind::String
            }
        };
        match (&link.goes, kind) {
            (_, ParamKind::Object) => {
                Err("is an object, of which only a key can be taken: `NAME.KEY`".to_owned())
            }
            (Goes::Matrix(_), ParamKind::String) => {
                Err("is one text, and a matrix needs a list".to_owned())
            }
            (Goes::Variable(_) | Goes::When(..), ParamKind::Array) => Err(
                "is a list, which only a matrix or a parameter of a referenced Task can take"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }

    fn result(&self, of: &Task, name: &str, result: &str) -> Result<ParamKind, String> {
        if of.name == name {
            return Err("is the task's own result".to_owned());
        }
        if self.at_end.iter().any(|task| task.name == name) {
            return Err(format!(
                "is of `{name}` in `finally`, whose results come too late for others"
            ));
        }
        let Some(task) = self.tasks.iter().find(|task| task.name == name) else {
            let names = self.tasks.iter().map(|task| task.name.as_str());
            return Err(near(
                &format!("names no task of this pipeline: there is no `{name}`"),
                name,
                names,
            ));
        };
        if !task.results.iter().any(|other| other == result) {
            let given = task.results.iter().map(String::as_str);
            return Err(if task.results.is_empty() && task.is_reference() {
                format!(
                    "is a result that nobody makes: gen does not know what the Task behind `{name}` gives; name it there, `results: [{result}]`"
                )
            } else if task.results.is_empty() {
                format!("is a result that nobody makes: `{name}` gives none")
            } else {
                near(
                    &format!(
                        "is a result that nobody makes: `{name}` gives {}",
                        list(given.clone())
                    ),
                    result,
                    given,
                )
            });
        }
        if !task.matrix_names.is_empty() {
            return Err(format!(
                "is of `{name}`, which runs several times and so has no single result"
            ));
        }
        Ok(if task.lists.iter().any(|other| other == result) {
            ParamKind::Array
        } else {
            ParamKind::String
        })
    }

    fn param(&self, name: &str, key: Option<&str>) -> Result<ParamKind, String> {
        let Some(param) = self.params.iter().find(|param| param.name == name) else {
            let names = self.params.iter().map(|param| param.name.as_str());
            return Err(near(
                &format!(
                    "is no parameter of this pipeline: it has {}",
                    list(names.clone())
                ),
                name,
                names,
            ));
        };
        match (param.kind, key) {
            (kind, None) => Ok(kind),
            (ParamKind::Object, Some(key)) if param.keys.iter().any(|other| other == key) => {
                Ok(ParamKind::String)
            }
            (ParamKind::Object, Some(key)) => {
                let keys = param.keys.iter().map(String::as_str);
                Err(near(
                    &format!("names no key of `{name}`: it has {}", list(keys.clone())),
                    key,
                    keys,
                ))
            }
            (_, Some(_)) => Err(format!("names a key, and `{name}` is no object")),
        }
    }
}

fn near<'a>(problem: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("{problem}; did you mean `{near}`?"),
        None => problem.to_owned(),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Tasks whose results the task takes.
pub(super) fn takes_from(task: &Task) -> impl Iterator<Item = (&str, &str)> {
    task.links.iter().filter_map(|link| match &link.origin {
        Origin::Result { task, result } => Some((task.as_str(), result.as_str())),
        _ => None,
    })
}

/// Writes every link as Tekton does: into parameters, the matrix and the conditions of its task.
pub(super) fn resolve(tasks: &mut [Task], at_end: &mut [Task], params: &[RunParam]) {
    let lists: BTreeSet<(String, String)> = tasks
        .iter()
        .flat_map(|task| {
            task.lists
                .iter()
                .map(|result| (task.name.clone(), result.clone()))
        })
        .collect();
    for task in tasks.iter_mut().chain(at_end) {
        for link in std::mem::take(&mut task.links) {
            let whole = match &link.origin {
                Origin::Result { task, result } => lists.contains(&(task.clone(), result.clone())),
                Origin::Param { name, key } => {
                    key.is_none()
                        && params
                            .iter()
                            .any(|param| param.name == *name && param.kind == ParamKind::Array)
                }
                Origin::Status(_) => false,
            };
            let expression = link.origin.expression(whole);
            match &link.goes {
                Goes::Param(name) => {
                    // A whole array stands as the only item of an array.
                    let value = if whole {
                        Value::Seq(vec![expression.into()])
                    } else {
                        expression.into()
                    };
                    task.params.push((name.clone(), value));
                }
                Goes::Variable(name) => task.params.push((name.clone(), expression.into())),
                Goes::Matrix(name) => task.matrix.push((name.clone(), expression.into())),
                Goes::When(met, values) => {
                    task.when.push(condition(&expression, *met, values));
                }
            }
        }
    }
}

/// An entry of a PipelineTask's `when`.
pub(super) fn condition(input: &str, met: bool, values: &[String]) -> Value {
    Value::from([
        ("input", input.into()),
        ("operator", if met { "in" } else { "notin" }.into()),
        (
            "values",
            Value::Seq(values.iter().map(|value| value.as_str().into()).collect()),
        ),
    ])
}
