//! Values that pass between the tasks of a run: checks every link, and writes it as a Tekton expression.

use std::collections::BTreeSet;

use super::carried;
use super::decoder::{Decoder, near};
use super::draft::{Draft, names};
use super::flow::param_of;
use super::link::{Goes, Link, Origin, indexed};
use crate::model::{ParamKind, RunParam, Task};
use crate::spec::listed;
use crate::yaml::Value;

/// The tasks and parameters that links can name.
pub(super) struct Known<'a> {
    /// Tasks in order.
    pub(super) tasks: &'a [Draft],
    /// Tasks in `finally`.
    pub(super) at_end: &'a [Draft],
    /// Parameters of a run.
    pub(super) params: &'a [RunParam],
}

impl Known<'_> {
    /// Checks every link: its source exists, has the right type, and is allowed at its destination.
    pub(super) fn check(&self, d: &mut Decoder<'_>) {
        let in_order = self.tasks.iter().map(|draft| (draft, false));
        let at_end = self.at_end.iter().map(|draft| (draft, true));
        for (draft, at_end) in in_order.chain(at_end) {
            if let Some(of) = &draft.task.of {
                self.builder(d, &draft.task, of);
            }
            for link in &draft.links {
                if let Err(problem) = self.link(&draft.task, link, at_end) {
                    d.bad_link(link.span, &link.origin.text(), problem);
                }
            }
        }
    }

    /// The task that builds the image of another one: it has to be there, and before it.
    fn builder(&self, d: &mut Decoder<'_>, task: &Task, of: &str) {
        let place = |name: &str| names(self.tasks).position(|other| other == name);
        let problem = match place(of) {
            None => near("is not a task of this pipeline", of, names(self.tasks)),
            Some(at) if !self.tasks[at].task.builds => "builds no image".to_owned(),
            Some(at) if place(&task.name).is_some_and(|own| own <= at) => {
                format!("must come before `{}`", task.name)
            }
            Some(_) => return,
        };
        d.bad_link(task.of_span, of, problem);
    }

    fn link(&self, of: &Task, link: &Link, at_end: bool) -> Result<(), String> {
        let kind = match &link.origin {
            Origin::Result { task, result } => self.result(&of.name, task, result)?,
            Origin::Param { name, key } => self.param(name, key.as_deref())?,
            Origin::Status(_) if !at_end => {
                return Err(
                    "is known only at the end: only tasks in `finally` can use a status".to_owned()
                );
            }
            Origin::Status(task) => {
                let mut known = names(self.tasks);
                if task != "all" && !known.any(|name| name == task) {
                    return Err(near("is not a task of this pipeline", task, names(self.tasks)));
                }
                ParamKind::String
            }
        };
        let wanted = match &link.goes {
            Goes::Param(name) => carried::param_kind(of, name),
            _ => None,
        };
        match (&link.goes, kind) {
            (Goes::Param(name), kind) if wanted.is_some_and(|wanted| wanted != kind) => {
                let wanted = wanted.map_or("", ParamKind::word);
                Err(format!("is of the type {}, but the parameter `{name}` of the Task is of {wanted}", kind.word()))
            }
            (Goes::Param(_), ParamKind::Object) if wanted.is_some() => Ok(()),
            (_, ParamKind::Object) => {
                Err("is an object: use one of its keys, `NAME.KEY`".to_owned())
            }
            (Goes::Matrix(_), ParamKind::String) => {
                Err("is a string, but a matrix needs a list".to_owned())
            }
            (goes, _) if is_variable(goes) && self.is_expanded(&link.origin) => {
                Err("has a default with `$$` or `$(…)`, which Kubernetes replaces in a variable: set the variable itself to that text".to_owned())
            }
            (Goes::Variable(_) | Goes::When(..), ParamKind::Array) => {
                Err("is a list, which only a matrix or a parameter of a referenced Task accepts"
                    .to_owned())
            }
            _ => Ok(()),
        }
    }

    fn result(&self, of: &str, name: &str, result: &str) -> Result<ParamKind, String> {
        let (result, index) = indexed(result);
        if of == name {
            return Err("is a result of the task itself".to_owned());
        }
        if names(self.at_end).any(|other| other == name) {
            return Err(format!("is a result of `{name}` in `finally`, which runs later"));
        }
        let Some(draft) = self.tasks.iter().find(|draft| draft.task.name == name) else {
            let problem = format!("uses an unknown task `{name}`");
            return Err(near(&problem, name, names(self.tasks)));
        };
        let task = &draft.task;
        if !task.results.iter().any(|other| other == result) {
            let given = task.results.iter().map(String::as_str);
            let problem = "is an unknown result";
            return Err(if task.results.is_empty() && task.is_reference() {
                format!(
                    "{problem}: gen does not know the results of the Task behind `{name}`; list it there, `results: [{result}]`"
                )
            } else if task.results.is_empty() {
                format!("{problem}: `{name}` has none")
            } else {
                let problem = format!("{problem}: `{name}` has {}", listed(given.clone()));
                near(&problem, result, given)
            });
        }
        if !task.matrix_names.is_empty() {
            return Err(format!(
                "is a result of `{name}`, which runs several times and so has no single result"
            ));
        }
        let is_list = task.lists.iter().any(|other| other == result);
        match index {
            Some(_) if is_list => Ok(ParamKind::String),
            Some(_) => Err("is an item of a result that is not a list".to_owned()),
            None if is_list => Ok(ParamKind::Array),
            None => Ok(ParamKind::String),
        }
    }

    /// Whether the kubelet would read the parameter's default otherwise. Only the run puts it into a variable.
    fn is_expanded(&self, origin: &Origin) -> bool {
        let Origin::Param { name, .. } = origin else { return false };
        let (name, _) = indexed(name);
        let param = self.params.iter().find(|param| param.name == name);
        let default = param.and_then(|param| param.default.as_ref());
        default.is_some_and(RunParam::is_expanded)
    }

    fn param(&self, name: &str, key: Option<&str>) -> Result<ParamKind, String> {
        let (name, index) = indexed(name);
        let Some(param) = self.params.iter().find(|param| param.name == name) else {
            let names = self.params.iter().map(|param| param.name.as_str());
            let problem =
                format!("is not a parameter of this pipeline: it has {}", listed(names.clone()));
            return Err(near(&problem, name, names));
        };
        if let Some(index) = index {
            let default = param.default.as_ref().and_then(Value::as_seq);
            return match default.map(<[Value]>::len) {
                _ if param.kind != ParamKind::Array => {
                    Err(format!("is an item of `{name}`, which is not a list"))
                }
                Some(length) if index >= length => Err(format!(
                    "is beyond the default of `{name}`, whose last item is {}",
                    length.saturating_sub(1)
                )),
                _ => Ok(ParamKind::String),
            };
        }
        match (param.kind, key) {
            (kind, None) => Ok(kind),
            (ParamKind::Object, Some(key)) if param.keys.iter().any(|other| other == key) => {
                Ok(ParamKind::String)
            }
            (ParamKind::Object, Some(key)) => {
                let keys = param.keys.iter().map(String::as_str);
                let problem = format!("is not a key of `{name}`: it has {}", listed(keys.clone()));
                Err(near(&problem, key, keys))
            }
            (_, Some(_)) => Err(format!("has a key, but `{name}` is not an object")),
        }
    }
}

/// Whether the value becomes that of a variable, in a task that gen renders.
fn is_variable(goes: &Goes) -> bool {
    match goes {
        Goes::Variable(_) => true,
        Goes::Matrix(name) => name.starts_with(&param_of("")),
        Goes::Param(_) | Goes::When(..) => false,
    }
}

/// Writes every link as a Tekton expression: into parameters, the matrix and the conditions of its task.
pub(super) fn resolve(tasks: &mut [Draft], at_end: &mut [Draft], params: &[RunParam]) {
    let lists: BTreeSet<(String, String)> = tasks
        .iter()
        .flat_map(|draft| {
            let lists = draft.task.lists.iter();
            lists.map(|result| (draft.task.name.clone(), result.clone()))
        })
        .collect();
    let is_kind = |name: &str, kind: ParamKind| {
        let mut params = params.iter();
        params.any(|param| param.name == name && param.kind == kind)
    };
    for Draft { task, links, .. } in tasks.iter_mut().chain(at_end) {
        for link in links.drain(..) {
            let whole = match &link.origin {
                Origin::Result { task, result } => lists.contains(&(task.clone(), result.clone())),
                Origin::Param { name, key } => key.is_none() && is_kind(name, ParamKind::Array),
                Origin::Status(_) => false,
            };
            let is_object = matches!(&link.origin, Origin::Param { name, key: None } if is_kind(name, ParamKind::Object));
            let expression = link.origin.expression(whole || is_object);
            match link.goes {
                // A whole array is written as the only item of an array.
                Goes::Param(name) if whole => {
                    task.params.push((name, vec![expression.into()].into()));
                }
                Goes::Param(name) | Goes::Variable(name) => {
                    task.params.push((name, expression.into()));
                }
                Goes::Matrix(name) => task.matrix.push((name, expression.into())),
                Goes::When(met, values) => task.when.push(condition(&expression, met, &values)),
            }
        }
    }
}

/// An entry of a PipelineTask's `when`.
pub(super) fn condition(input: &str, met: bool, values: &[String]) -> Value {
    Value::from([
        ("input", input.into()),
        ("operator", if met { "in" } else { "notin" }.into()),
        ("values", values.into()),
    ])
}
