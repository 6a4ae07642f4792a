//! The pipeline's objects: a Task for every task that a template renders, and the Pipeline that puts them in order.

use super::context::{Context, serialized};
use super::weave::{pipeline_task, weave};
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, SpecError, TemplateError};
use crate::environment::Outside;
use crate::kubernetes::Object;
use crate::model::{Bound, GIVEN, Pipeline, RunParam, Task, TaskKind};
use crate::permissions::{Rule, forbidden};
use crate::template::Engine;
use crate::yaml::{Map, Value};

/// A rendered task: its Task, and every API action that it needs.
pub(super) struct Rendered {
    pub(super) task: Option<Object>,
    /// The StepActions from files.
    pub(super) actions: Vec<Object>,
    pub(super) permissions: Vec<Rule>,
}

/// Renders one task's template. The first document declares the task, the second is the Task.
pub(super) fn task(
    engine: &Engine,
    context: &Context,
    task: &Task,
    namespace: &str,
    outside: &Outside,
) -> Result<Rendered, Diagnostics> {
    let template = match &task.kind {
        TaskKind::Template(template) => template,
        TaskKind::Reference(_) | TaskKind::Carried(_) => {
            let mut permissions = task.permissions.clone();
            permissions.sort();
            permissions.dedup();
            let object = match &task.kind {
                TaskKind::Carried(object) => Some(carried(object, &task.object, namespace)?),
                _ => None,
            };
            return Ok(Rendered { task: object, actions: Vec::new(), permissions });
        }
    };
    let context = self::context(context, task);
    let variables = variables(task);
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let documents = engine.render_task(template, &context.value(), &variables);
    let mut documents = documents.map_err(|errors| at_the_task(errors, task))?.into_iter();
    let fault = |error: TemplateError| {
        Diagnostics::from(Diagnostic::error(error).in_file(format!("templates/{template}")))
    };
    let declaration = documents.next().unwrap_or_default();
    let mut permissions = task.permissions.clone();
    for rule in declaration.get("permissions").and_then(Value::as_seq).unwrap_or_default() {
        let problem =
            || TemplateError::Declaration { problem: format!("{rule} is not a valid permission") };
        let rule = Rule::from_value(rule).ok_or_else(|| fault(problem()))?;
        if let Some(what) = forbidden(&rule) {
            return Err(fault(TemplateError::Declaration {
                problem: format!("gen grants no {what}"),
            }));
        }
        permissions.push(rule);
    }
    permissions.sort();
    permissions.dedup();
    let rest: Vec<Value> = documents.collect();
    let kinds: Vec<&str> = rest.iter().filter_map(|value| value.str_at(&["kind"])).collect();
    if kinds != ["Task"] {
        let found = if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
        return Err(fault(TemplateError::NotOneTask { found }));
    }
    let object = rest.into_iter().next().map(Object::new).transpose();
    let mut object = object.map_err(|problem| fault(TemplateError::NotAnObject { problem }))?;
    if let Some(object) = &mut object {
        weave(object, task, outside);
    }
    refuse_params_in_scripts(object.as_ref()).map_err(fault)?;
    refuse_unknown_variables(object.as_ref(), task)?;
    let actions = task.steps.iter().filter_map(|step| step.action.as_ref());
    let actions = actions.map(|action| {
        let name = action.str_at(&["metadata", "name"]).unwrap_or_default();
        carried(action, name, namespace)
    });
    let actions = actions.collect::<Result<_, _>>()?;
    Ok(Rendered { task: object, actions, permissions })
}

/// What the template of a task sees.
pub(super) fn context(context: &Context, task: &Task) -> Context {
    context.with("task", serialized(task))
}

/// An object from a file of the repository, under the name and in the namespace that it gets here.
fn carried(value: &Value, name: &str, namespace: &str) -> Result<Object, Diagnostics> {
    let mut value = value.clone();
    if let Some(map) = value.as_map_mut() {
        let metadata = map.map_at("metadata");
        metadata.insert("name", name);
        metadata.insert("namespace", namespace);
    }
    let fault = |problem| Diagnostic::error(TemplateError::NotAnObject { problem });
    Ok(Object::new(value).map_err(fault)?)
}

/// The variables that the spec gives a task and its services, to which its other strings can refer.
fn variables(task: &Task) -> Vec<String> {
    let services = task.services.iter().filter_map(|service| service.get("env"));
    let steps = task.steps.iter().map(|step| &step.env);
    let lists = std::iter::once(&task.env).chain(services).chain(steps);
    let lists = lists.filter_map(Value::as_seq);
    let names = lists.flatten().filter_map(|variable| variable.str_at(&["name"]));
    let mut all: Vec<String> = names.map(str::to_owned).collect();
    if !task.steps.is_empty() {
        all.extend(GIVEN.map(str::to_owned));
        all.extend(task.own_results.iter().map(|(_, variable)| variable.clone()));
        all.extend(task.bound.iter().map(Bound::variable));
    }
    all
}

/// What a template itself says is wrong is wrong with the settings, so their place comes first.
fn at_the_task(errors: Diagnostics, task: &Task) -> Diagnostics {
    let mut placed = Diagnostics::default();
    for error in errors {
        let Kind::Template(TemplateError::Failed { problem }) = &error.kind else {
            placed.push(error);
            continue;
        };
        let settings =
            SpecError::TaskSettings { name: task.name.clone(), problem: problem.clone() };
        placed.push(
            Diagnostic::error(settings)
                .at(task.span)
                .note(error.at, "rejected by its template here"),
        );
    }
    placed
}

/// What no script may hold.
const WORDS: [&str; 4] = ["$(params.", "$(params[", "$(tasks.", "$(context."];

fn holds_words(text: &str) -> bool {
    let is_one = |at: usize| WORDS.iter().any(|word| text[at..].starts_with(word));
    references(text).any(is_one)
}

/// A parameter inside a script is put there as text before the shell reads it (Tekton TEP-0146), so its value could run as a
/// command. Values reach scripts by variables.
fn refuse_params_in_scripts(task: Option<&Object>) -> Result<(), TemplateError> {
    let lists =
        ["steps", "sidecars"].into_iter().filter_map(|key| task?.at(&["spec", key])?.as_seq());
    for script in lists.flatten().filter_map(|step| step.str_at(&["script"])) {
        if !holds_words(script) {
            continue;
        }
        for word in WORDS {
            if let Some(start) = script.find(word) {
                let end = script[start..].find(')').map_or(script.len(), |end| start + end + 1);
                return Err(TemplateError::ParamInScript { param: script[start..end].to_owned() });
            }
        }
    }
    Ok(())
}

/// Tekton refuses a Task that names a parameter, result or workspace which it does not declare, and knows no way to mean the
/// characters. So a value of the spec that holds such a name, wherever it came to stand, is found here.
fn refuse_unknown_variables(object: Option<&Object>, task: &Task) -> Result<(), Diagnostics> {
    let Some(spec) = object.and_then(|object| object.at(&["spec"])) else {
        return Ok(());
    };
    match find_variable(spec, &unknown_in(spec)) {
        Some(variable) => Err(unknown_variable(task, variable)),
        None => Ok(()),
    }
}

/// Whether a variable is one that a Task would have to declare, and does not.
fn unknown_in(spec: &Value) -> impl Fn(&str, &str) -> bool {
    let declares = |list: &str, name: &str| {
        let items = spec.get(list).and_then(Value::as_seq).unwrap_or_default();
        items.iter().any(|item| item.str_at(&["name"]) == Some(name))
    };
    move |prefix, name| match prefix {
        "params" | "results" | "workspaces" => !declares(prefix, name),
        _ => false,
    }
}

fn unknown_variable(task: &Task, variable: &str) -> Diagnostics {
    let error =
        SpecError::TektonVariable { name: task.name.clone(), variable: variable.to_owned() };
    Diagnostic::error(error).at(task.span).into()
}

/// The first `$(PREFIX.NAME…)` or `$(PREFIX['NAME']…)` in the texts of a value that is what is looked for.
fn find_variable<'a>(value: &'a Value, is_it: &dyn Fn(&str, &str) -> bool) -> Option<&'a str> {
    match value {
        Value::Str(text) => references(text).find_map(|at| {
            let rest = &text[at + 2..];
            let inner = &rest[..rest.find(')')?];
            let end = inner.find(['.', '['])?;
            let (prefix, name) = inner.split_at(end);
            let name = match name.strip_prefix('.') {
                Some(name) => name.split(['.', '[']).next()?,
                None => name.trim_start_matches(['[', '"', '\'']).split(['"', '\'', ']']).next()?,
            };
            is_it(prefix, name).then(|| &text[at..at + 3 + inner.len()])
        }),
        Value::Seq(items) => items.iter().find_map(|item| find_variable(item, is_it)),
        Value::Map(map) => map.iter().find_map(|(_, value)| find_variable(value, is_it)),
        _ => None,
    }
}

/// Where `$(` stands. Nearly all texts have none, which one pass over the bytes tells.
fn references(text: &str) -> impl Iterator<Item = usize> {
    let dollars = memchr::memchr_iter(b'$', text.as_bytes());
    dollars.filter(|at| text.as_bytes().get(at + 1) == Some(&b'('))
}

/// The same for what the Pipeline gives to a task: its parameters, and results of its other tasks.
fn refuse_unknown_inputs(pipeline: &Pipeline) -> Result<(), Diagnostics> {
    let names: Vec<&str> = pipeline.tasks.iter().map(|task| task.name.as_str()).collect();
    let mut problems = Diagnostics::default();
    for task in pipeline.all() {
        let lists = task.include.iter().flatten().chain(&task.params).chain(&task.matrix);
        let mut values = lists.map(|(_, value)| value).chain(&task.when);
        if let Some(variable) = values.find_map(foreign_reference) {
            problems.extend(unknown_variable(task, variable));
        }
        let at_end = pipeline.at_end.iter().any(|other| other.name == task.name);
        for (_, value) in &task.params {
            let found = find_variable(value, &|prefix, name| match prefix {
                "params" => !pipeline.params.iter().any(|param| param.name == name),
                // At the end, `$(tasks.status)` is what became of all.
                "tasks" if name == "status" && at_end => false,
                "tasks" => name == task.name || !names.contains(&name),
                "context" | "workspaces" => false,
                _ => true,
            });
            if let Some(variable) = found {
                problems.extend(unknown_variable(task, variable));
            }
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(()) }
}

/// The first `$(NAME)` in a value of a Pipeline that Tekton refuses: there, each has to be a variable of its own
/// (pkg/apis/pipeline/v1, `validateVarSubstitutionExpressions`).
fn foreign_reference(value: &Value) -> Option<&str> {
    const KNOWN: [&str; 6] = ["context", "finally", "params", "results", "tasks", "workspaces"];
    match value {
        Value::Str(text) => references(text).find_map(|at| {
            let inner = &text[at + 2..];
            let inner = &inner[..inner.find(')')?];
            let name = inner.split('[').next().unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            let is_foreign = !KNOWN.contains(&name.split('.').next().unwrap_or_default());
            let is_read = !name.is_empty() && name.chars().all(is_name);
            (is_read && is_foreign).then(|| &text[at..at + 3 + inner.len()])
        }),
        Value::Seq(items) => items.iter().find_map(foreign_reference),
        Value::Map(map) => map.iter().find_map(|(_, value)| foreign_reference(value)),
        _ => None,
    }
}

/// The Pipeline, as its templates see it.
pub(super) fn pipeline(pipeline: &Pipeline) -> Result<Value, Diagnostics> {
    refuse_unknown_inputs(pipeline)?;
    let in_order: Vec<Value> =
        pipeline.tasks.iter().map(|task| pipeline_task(task, pipeline, true)).collect();
    let at_end: Vec<Value> =
        pipeline.at_end.iter().map(|task| pipeline_task(task, pipeline, false)).collect();
    let mut value = Map::default();
    let params = pipeline.params.iter().map(RunParam::declaration);
    value.push("params", Value::Seq(params.collect()));
    value.push("workspaces", Value::Seq(workspaces(pipeline)));
    value.push("tasks", Value::Seq(in_order));
    value.push("atEnd", Value::Seq(at_end));
    value.push("results", Value::Seq(results(pipeline)));
    value.push("claim", claim(pipeline));
    Ok(Value::Map(value))
}

/// The results of the tasks, each under the name that its first maker gives it. A task that runs several times has none.
fn results(pipeline: &Pipeline) -> Vec<Value> {
    let mut results = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for task in pipeline.tasks.iter().filter(|task| task.matrix_names.is_empty()) {
        // Of another image than the app's they have the task's name before them, as Tekton Chains reads them.
        let prefix = if task.other_image { format!("{}-", task.name) } else { String::new() };
        let name = |result: &str| format!("{prefix}{result}");
        for result in task.results.iter().filter(|result| seen.insert(name(result))) {
            let is_list = task.lists.contains(result);
            let rest = if is_list { "[*]" } else { "" };
            let value = format!("$(tasks.{}.results.{result}{rest})", task.name);
            let mut map = Map::default();
            map.push("name", name(result));
            if is_list {
                map.push("type", "array");
            }
            map.push("value", value);
            results.push(Value::Map(map));
        }
    }
    results
}

/// Workspaces of the Pipeline: the volume that its tasks share, and those of referenced Tasks.
fn workspaces(pipeline: &Pipeline) -> Vec<Value> {
    let mut all = Vec::new();
    let workspace = |name: &str, description: &str| {
        Value::from([("name", name.into()), ("description", description.into())])
    };
    if pipeline.needs_source {
        all.push(workspace("source", "The source, shared by the tasks of a run."));
    }
    for task in pipeline.all() {
        let about = match task.kind {
            TaskKind::Template(_) => format!("For the task {}.", task.name),
            _ => "For a Task that is not rendered here.".to_owned(),
        };
        for (name, _) in task.bound.iter().filter_map(|bound| bound.own.as_ref()) {
            all.push(workspace(name, &about));
        }
    }
    all
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
