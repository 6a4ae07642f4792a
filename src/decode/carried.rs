//! Tasks and StepActions of the user's own, from files of the repository: what they take and give, which rights their scripts need, and
//! what Kubernetes, Tekton or the namespace would refuse of them.

use super::decoder::{Decoder, near};
use super::draft::Draft;
use super::link::Goes;
use crate::check::Cluster;
use crate::check::tekton::{admission, kind_of};
use crate::diagnostics::{FileId, Span, SpecError};
use crate::kubernetes::definitions::{Definitions, Misfit, check};
use crate::kubernetes::security::{Standard, refused};
use crate::kubernetes::{Object, documents};
use crate::model::{Level, ParamKind, Task, TaskKind};
use crate::name::word;
use crate::permissions;
use crate::spec::listed;
use crate::yaml::{Limits, Map, Value, read_documents};

/// A file, and its location in the spec.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) span: Span,
}

/// Reads the one object of a file, of this kind; nothing, and errors, if Kubernetes or Tekton would refuse it.
pub(super) fn object(d: &mut Decoder<'_>, file: File<'_>, kind: &str) -> Option<Value> {
    let Some(text) = d.context.spec.carried.get(file.path).cloned() else {
        return refuse(d, file, "there is no such file".to_owned());
    };
    let nodes = read_documents(FileId::BUILT_IN, &text, Limits::default()).unwrap_or_default();
    let otherwise = nodes.iter().find_map(|node| node.read_otherwise().into_iter().next());
    if let Some((word, span)) = otherwise {
        let line = span.start.line;
        let problem = format!(
            "line {line}: Tekton reads unquoted `{word}` as a number or a boolean: quote it, or write the number in decimal or the boolean as `true` or `false`"
        );
        return refuse(d, file, problem);
    }
    let objects = match documents(&text) {
        Ok(documents) => documents.into_iter().map(Object::new).collect::<Result<Vec<_>, _>>(),
        Err(problem) => Err(problem),
    };
    let object = match objects.as_deref() {
        Err(problem) => return refuse(d, file, problem.clone()),
        Ok([object]) if object.kind() == kind => object.clone(),
        Ok(_) => return refuse(d, file, format!("it must hold one {kind} and nothing else")),
    };
    let known = Definitions::built_in().kind(object.api_version(), kind);
    let Some(known) = known.filter(|known| known.fields.is_some()) else {
        let problem = format!("Tekton has no {kind} in `{}`", object.api_version());
        return refuse(d, file, problem);
    };
    let mut found = check(known, object.value());
    // Rules that rely on the types.
    if found.is_empty() {
        found = admission(
            &object,
            &Cluster::with(d.context.environment.tekton_features.iter().cloned()),
        );
    }
    let is_empty = found.is_empty();
    for Misfit { path, what } in found {
        refuse::<()>(d, file, format!("`{path}` {what}"));
    }
    is_empty.then(|| object.value().clone())
}

fn refuse<T>(d: &mut Decoder<'_>, file: File<'_>, problem: String) -> Option<T> {
    let path = file.path.to_owned();
    d.error(file.span, SpecError::BadManifest { path, problem });
    None
}

/// The items of a list in the object's spec.
fn items<'v>(object: &'v Value, key: &str) -> &'v [Value] {
    object.list_at(&["spec", key])
}

fn name_of(item: &Value) -> String {
    item.str_at(&["name"]).unwrap_or_default().to_owned()
}

/// What an object declares under a key: names and types.
fn declared(object: &Value, key: &str) -> Vec<(String, ParamKind)> {
    let kind = |item: &Value| word(kind_of(item)).unwrap_or(ParamKind::String);
    items(object, key).iter().map(|item| (name_of(item), kind(item))).collect()
}

/// The results of a Task, and those of them that are lists. One that is an object passes to no other task.
pub(super) fn results(task: &Value) -> (Vec<String>, Vec<String>) {
    let all = declared(task, "results").into_iter();
    let all: Vec<_> = all.filter(|(_, kind)| *kind != ParamKind::Object).collect();
    let lists = all.iter().filter(|(_, kind)| *kind == ParamKind::Array);
    let lists = lists.map(|(name, _)| name.clone()).collect();
    (all.into_iter().map(|(name, _)| name).collect(), lists)
}

/// Whether a StepAction has that result.
pub(super) fn has_result(action: &Value, result: &str) -> bool {
    items(action, "results").iter().any(|item| name_of(item) == result)
}

/// The types of a Task's parameters; nothing if it is not from a file.
pub(super) fn param_kind(task: &Task, param: &str) -> Option<ParamKind> {
    let TaskKind::Carried(object) = &task.kind else { return None };
    let mut all = declared(object, "params").into_iter();
    all.find(|(name, _)| name == param).map(|(_, kind)| kind)
}

/// Parameters that are given to an object of a file: those that it lacks, those that it does not have, values of another type.
pub(super) fn check_params(
    d: &mut Decoder<'_>,
    file: File<'_>,
    object: &Value,
    given: &[(&str, Option<&Value>)],
) {
    let all = declared(object, "params");
    for (name, value) in given {
        let of_value = value.map(ParamKind::of);
        let problem = match all.iter().find(|(other, _)| other == name) {
            None => {
                let names = all.iter().map(|(name, _)| name.as_str());
                let list = listed(names.clone());
                let list = if list.is_empty() { "none".to_owned() } else { list };
                near(&format!("has no parameter `{name}`: it has {list}"), name, names)
            }
            Some((_, kind)) if of_value.is_some_and(|of_value| of_value != *kind) => {
                format!("has the parameter `{name}` of the type {}", kind.word())
            }
            Some(_) => continue,
        };
        refuse::<()>(d, file, format!("it {problem}"));
    }
    for param in items(object, "params") {
        let name = name_of(param);
        let has_default = param.get("default").is_some_and(|value| *value != Value::Null);
        if !has_default && !given.iter().any(|(other, _)| *other == name) {
            refuse::<()>(
                d,
                file,
                format!("its parameter `{name}` has no default: set it in `params`"),
            );
        }
    }
}

/// Workspaces of a Task that are bound: those that it lacks, those that it does not have.
pub(super) fn check_workspaces(
    d: &mut Decoder<'_>,
    file: File<'_>,
    object: &Value,
    bound: &[&str],
) {
    let all = items(object, "workspaces");
    let names: Vec<String> = all.iter().map(name_of).collect();
    for name in bound.iter().filter(|name| !names.iter().any(|other| other == **name)) {
        let problem = format!("it has no workspace `{name}`");
        refuse::<()>(d, file, near(&problem, name, names.iter().map(String::as_str)));
    }
    for workspace in all.iter().filter(|item| !item.get("optional").is_some_and(Value::is_true)) {
        let name = name_of(workspace);
        if !bound.contains(&name.as_str()) {
            let problem =
                format!("its workspace `{name}` is not bound: `workspaces: {{{name}: source}}`");
            refuse::<()>(d, file, problem);
        }
    }
}

/// The level of Pod Security that the pods of a Task need.
pub(super) fn level(task: &Value) -> Level {
    let template = task.at(&["spec", "stepTemplate"]).unwrap_or(&Value::Null);
    let steps = items(task, "steps").iter().map(|step| merged(template, step));
    let containers = steps.chain(items(task, "sidecars").iter().cloned()).collect();
    let spec = Value::from([
        ("containers", Value::Seq(containers)),
        ("volumes", Value::Seq(items(task, "volumes").to_vec())),
    ]);
    let pod = Value::from([
        ("apiVersion", "v1".into()),
        ("kind", "Pod".into()),
        ("metadata", Value::from([("name", "task".into())])),
        ("spec", spec),
    ]);
    let Ok(pod) = Object::new(pod) else { return Level::Restricted };
    if refused(Standard::Restricted, &pod).is_empty() {
        Level::Restricted
    } else if refused(Standard::Baseline, &pod).is_empty() {
        Level::Baseline
    } else {
        Level::Privileged
    }
}

/// The same for a StepAction in a task that gen renders, whose other steps are hardened.
pub(super) fn level_of_action(action: &Value) -> Level {
    let context = Value::from([
        ("runAsNonRoot", true.into()),
        ("allowPrivilegeEscalation", false.into()),
        ("capabilities", Value::from([("drop", Value::Seq(vec!["ALL".into()]))])),
        ("seccompProfile", Value::from([("type", "RuntimeDefault".into())])),
    ]);
    let template = Value::from([("securityContext", context)]);
    let steps = Value::Seq(action.get("spec").cloned().into_iter().collect());
    let spec = Value::from([("stepTemplate", template), ("steps", steps)]);
    level(&Value::from([("spec", spec)]))
}

/// A step with what its template says beside it.
fn merged(template: &Value, step: &Value) -> Value {
    let (Some(template), Some(step)) = (template.as_map(), step.as_map()) else {
        return step.clone();
    };
    let mut map = template.clone();
    for (key, value) in step.iter() {
        let both = map.get(key).map(|other| merged(other, value));
        map.insert(key, both.unwrap_or_else(|| value.clone()));
    }
    Value::Map(map)
}

/// A program of a Task or StepAction: the script that it runs or is like, and its variables as in a Container.
pub(super) fn programs(object: &Value) -> Vec<(String, Value)> {
    let template = object.at(&["spec", "stepTemplate"]).unwrap_or(&Value::Null);
    let own = object.get("spec").filter(|_| object.str_at(&["kind"]) == Some("StepAction"));
    let steps = items(object, "steps").iter().chain(items(object, "sidecars")).chain(own);
    steps.map(|step| program(&merged(template, step))).collect()
}

fn program(step: &Value) -> (String, Value) {
    let texts = |key: &str| -> Vec<String> {
        let items = step.get(key).and_then(Value::as_seq).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut env = step.get("env").and_then(Value::as_seq).unwrap_or_default().to_vec();
    let script = step.str_at(&["script"]).filter(|text| !text.is_empty()).map(str::to_owned);
    let text = script.unwrap_or_else(|| {
        let names: Vec<&str> = env.iter().filter_map(|item| item.str_at(&["name"])).collect();
        let image = step.str_at(&["image"]).unwrap_or_default();
        permissions::line(&texts("command"), &texts("args"), image, &names)
    });
    // gen gives it no variables, so what they are called says nothing.
    for name in ["APP_NAME", "NAMESPACE", "PIPELINE_NAMESPACE"] {
        let mut map = Map::default();
        map.push("name", name);
        map.push("value", "$(");
        if !env.iter().any(|item| item.str_at(&["name"]) == Some(name)) {
            env.push(Value::Map(map));
        }
    }
    (text, Value::Seq(env))
}

/// Checks the values that tasks from files get; their links are known by now.
pub(super) fn check_given<'a>(d: &mut Decoder<'_>, drafts: impl Iterator<Item = &'a Draft>) {
    for draft in drafts {
        let Task { kind: TaskKind::Carried(object), params, .. } = &draft.task else { continue };
        let Some((path, span)) = &draft.file else { continue };
        let file = File { path, span: *span };
        let mut given: Vec<(&str, Option<&Value>)> =
            params.iter().map(|(name, value)| (name.as_str(), Some(value))).collect();
        // Their types are those of what they come from.
        given.extend(draft.links.iter().filter_map(|link| match &link.goes {
            Goes::Param(name) => Some((name.as_str(), None)),
            _ => None,
        }));
        let of_matrix = Value::from("");
        given.extend(draft.task.matrix_names.iter().map(|name| (name.as_str(), Some(&of_matrix))));
        check_params(d, file, object, &given);
        let bound: Vec<&str> = draft.task.bound.iter().map(|bound| bound.name.as_str()).collect();
        check_workspaces(d, file, object, &bound);
    }
}
