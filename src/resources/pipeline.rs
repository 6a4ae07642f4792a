//! The pipeline's objects: a Task for every task that a template renders, and the Pipeline that puts them in order.

use minijinja::Value as Context_;

use super::context::{Context, serialized};
use crate::error::{Diagnostic, Diagnostics, TemplateError};
use crate::model::{App, Pipeline, Rule, Task, TaskKind};
use crate::resource::Object;
use crate::template::Engine;
use crate::yaml::{Map, Value};

/// A rendered task: its Task, and every API action that it needs.
pub(super) struct Rendered {
    pub(super) task: Option<Object>,
    pub(super) permissions: Vec<Rule>,
}

/// Renders one task's template. The first document declares the task, the second is the Task.
pub(super) fn task(
    engine: &Engine,
    context: &Context,
    task: &Task,
) -> Result<Rendered, Diagnostics> {
    let TaskKind::Template(template) = &task.kind else {
        return Ok(Rendered {
            task: None,
            permissions: task.permissions.clone(),
        });
    };
    let context = context.with("task", serialized(task));
    let mut documents = engine.render(template, &context.value())?.into_iter();
    let fault = |error: TemplateError| {
        Diagnostics::from(Diagnostic::error(error).in_file(format!("templates/{template}")))
    };
    let declaration = documents.next().unwrap_or_default();
    let mut permissions = task.permissions.clone();
    for rule in declaration
        .get("permissions")
        .and_then(Value::as_seq)
        .unwrap_or_default()
    {
        let problem = || TemplateError::Declaration {
            problem: format!("{rule} is no permission"),
        };
        let rule = Rule::from_value(rule).ok_or_else(|| fault(problem()))?;
        if let Some(what) = crate::model::forbidden(&rule) {
            return Err(fault(TemplateError::Declaration {
                problem: format!("gen grants no {what}"),
            }));
        }
        permissions.push(rule);
    }
    permissions.sort();
    permissions.dedup();
    let rest: Vec<Value> = documents.collect();
    let kinds: Vec<&str> = rest
        .iter()
        .filter_map(|value| value.str_at(&["kind"]))
        .collect();
    if kinds != ["Task"] {
        let found = if kinds.is_empty() {
            "nothing".to_owned()
        } else {
            kinds.join(", ")
        };
        return Err(fault(TemplateError::NotOneTask { found }));
    }
    let object = rest.into_iter().next().map(Object::new).transpose();
    let object = object.map_err(|problem| fault(TemplateError::NotAnObject { problem }))?;
    refuse_params_in_scripts(object.as_ref()).map_err(fault)?;
    Ok(Rendered {
        task: object,
        permissions,
    })
}

/// A parameter inside a script is put there as text before the shell reads it (Tekton TEP-0146), so its value could run as a
/// command. Values reach scripts by variables.
fn refuse_params_in_scripts(task: Option<&Object>) -> Result<(), TemplateError> {
    let lists = ["steps", "sidecars"]
        .into_iter()
        .filter_map(|key| task?.at(&["spec", key])?.as_seq());
    for script in lists.flatten().filter_map(|step| step.str_at(&["script"])) {
        for word in ["$(params.", "$(params[", "$(tasks.", "$(context."] {
            if let Some(start) = script.find(word) {
                let end = script[start..]
                    .find(')')
                    .map_or(script.len(), |end| start + end + 1);
                return Err(TemplateError::ParamInScript {
                    param: script[start..end].to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// The Pipeline.
pub(super) fn pipeline(
    engine: &Engine,
    context: &Context,
    app: &App,
    pipeline: &Pipeline,
) -> Result<Vec<Value>, Diagnostics> {
    let in_order: Vec<Value> = pipeline
        .tasks
        .iter()
        .map(|task| pipeline_task(task, true))
        .collect();
    let at_end: Vec<Value> = pipeline
        .at_end
        .iter()
        .map(|task| pipeline_task(task, false))
        .collect();
    let mut results = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for task in &pipeline.tasks {
        for result in task
            .results
            .iter()
            .filter(|result| seen.insert(result.as_str()))
        {
            let value = format!("$(tasks.{}.results.{result})", task.name);
            results.push(Value::from([
                ("name", result.as_str().into()),
                ("value", value.into()),
            ]));
        }
    }
    let revision = app.source.revision.as_ref().unwrap_or(&app.source.branch);
    let mut value = Map::default();
    value.push("revision", revision.as_str());
    value.push("tasks", Value::Seq(in_order));
    value.push("atEnd", Value::Seq(at_end));
    value.push("results", Value::Seq(results));
    value.push("claim", claim(pipeline));
    let context = context
        .with("pipeline", Context_::from(&Value::Map(value)))
        .value();
    let mut documents = engine.render("pipeline/pipeline.yaml", &context)?;
    if pipeline.needs_source && pipeline.workspace.shared {
        documents.extend(engine.render("pipeline/claim.yaml", &context)?);
    }
    Ok(documents)
}

/// A task of the Pipeline.
fn pipeline_task(task: &Task, in_order: bool) -> Value {
    let mut map = Map::default();
    map.push("name", task.name.as_str());
    let reference = match &task.kind {
        TaskKind::Template(_) => Value::from([
            ("kind", "Task".into()),
            ("name", task.object.as_str().into()),
        ]),
        TaskKind::Reference(reference) => reference.clone(),
    };
    map.push("taskRef", reference);
    if in_order && !task.after.is_empty() {
        map.push(
            "runAfter",
            Value::Seq(
                task.after
                    .iter()
                    .map(|name| Value::Str(name.clone()))
                    .collect(),
            ),
        );
    }
    if !task.params.is_empty() {
        let params = task.params.iter().map(|(name, value)| {
            Value::from([
                ("name", name.as_str().into()),
                ("value", value.as_str().into()),
            ])
        });
        map.push("params", Value::Seq(params.collect()));
    }
    if task.needs_source {
        map.push(
            "workspaces",
            Value::Seq(vec![Value::from([
                ("name", "source".into()),
                ("workspace", "source".into()),
            ])]),
        );
    }
    if task.retries > 0 {
        map.push("retries", task.retries);
    }
    map.push("timeout", task.timeout.as_str());
    Value::Map(map)
}

/// The claim of the shared volume, as a PersistentVolumeClaim's `spec`.
pub(super) fn claim(pipeline: &Pipeline) -> Value {
    let mut spec = Map::default();
    spec.push("accessModes", Value::Seq(vec!["ReadWriteOnce".into()]));
    if let Some(class) = &pipeline.workspace.class {
        spec.push("storageClassName", class.as_str());
    }
    let requests = Value::from([("storage", pipeline.workspace.size.as_str().into())]);
    spec.push("resources", Value::from([("requests", requests)]));
    Value::Map(spec)
}
