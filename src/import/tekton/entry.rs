//! The tasks of a pipeline, as `pipeline` and `finally` have them.

use std::collections::BTreeMap;

use super::needs::within;
use super::{Role, Saying, Step};
use crate::import::draft::Draft;
use crate::import::write::file_name;
use crate::yaml::{Map, Value, emit_document};

impl Saying<'_> {
    pub(super) fn tasks(&mut self, steps: &[Step<'_>], draft: &mut Draft) {
        let mut levels: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        let mut last = Vec::new();
        for step in steps {
            let entry = match step.role {
                Role::Clone => self.own("fetch-source", step),
                Role::Build => self.own("build-image", step),
                Role::Deploy => self.own("deploy-app", step),
                Role::Other => self.carried(step, draft),
            };
            if step.is_final {
                last.push(entry);
            } else {
                levels.entry(depth(step.task, steps, 0)).or_default().push(entry);
            }
        }
        let mut pipeline: Vec<Value> = Vec::new();
        for mut level in levels.into_values() {
            if level.len() == 1 {
                pipeline.append(&mut level);
            } else {
                pipeline.push(Value::Seq(level));
            }
        }
        let usual = ["fetch-source", "build-image", "deploy-app"].map(Value::from);
        if pipeline != usual {
            draft.set("pipeline", Value::Seq(pipeline));
        }
        draft.set("finally", Value::Seq(last));
    }

    /// A task of gen's own.
    fn own(&mut self, name: &str, step: &Step<'_>) -> Value {
        if let Some(at) = step.at {
            self.fates.push((at, within(name, "gen's own task does it")));
        }
        let mut settings = conditions(step.task);
        if settings.is_empty() {
            return name.into();
        }
        Value::from([(name, Value::Map(std::mem::take(&mut settings)))])
    }

    /// A task that is carried: inline if it is one script that knows no parameters, else as a file.
    fn carried(&mut self, step: &Step<'_>, draft: &mut Draft) -> Value {
        let name = step.task.str_at(&["name"]).unwrap_or_default();
        let mut map = Map::default();
        if let Some(inline) = step.spec.and_then(|spec| inline(spec, step.task)) {
            map = inline;
            if let Some(at) = step.at {
                self.fates.push((at, within("pipeline", "it is an inline task")));
            }
        } else if let Some(spec) = step.spec {
            let base = file_name(step.at.map_or(name, |at| self.world.all[at].name()));
            let path = format!("tekton/{base}.yaml");
            let carried = Value::from([
                ("apiVersion", "tekton.dev/v1".into()),
                ("kind", "Task".into()),
                ("metadata", Value::from([("name", base.as_str().into())])),
                ("spec", spec.clone()),
            ]);
            self.needs.files.insert(path.clone(), emit_document(&carried));
            if let Some(at) = step.at {
                self.fates.push((at, within("pipeline", "it is carried as it is, in tekton/")));
            }
            map.push("ref", Value::from([("file", path.into())]));
            self.handed(step.task, &mut map);
        } else {
            map.push(
                "ref",
                Value::from([(
                    "name",
                    step.task.str_at(&["taskRef", "name"]).unwrap_or(name).into(),
                )]),
            );
            self.handed(step.task, &mut map);
            draft.note("pipeline", "a Task that is not among the originals stays in the cluster");
        }
        for (key, value) in conditions(step.task).iter() {
            map.push(key.to_owned(), value.clone());
        }
        Value::from([(name, Value::Map(map))])
    }

    /// Parameters and workspaces of a Task in a file.
    fn handed(&self, task: &Value, map: &mut Map) {
        let mut params = Map::default();
        for param in task.list_at(&["params"]) {
            let (Some(name), Some(value)) = (param.str_at(&["name"]), param.get("value")) else {
                continue;
            };
            let value = match value.as_str() {
                Some(text) => referred(text).or_else(|| Some(self.run.resolved(text)?.into())),
                None => Some(value.clone()),
            };
            params.push_some(name.to_owned(), value);
        }
        let mut workspaces = Map::default();
        for workspace in task.list_at(&["workspaces"]) {
            if let Some(name) = workspace.str_at(&["name"]) {
                workspaces.push(name.to_owned(), "source");
            }
        }
        if !params.is_empty() {
            map.push("params", Value::Map(params));
        }
        if !workspaces.is_empty() {
            map.push("workspaces", Value::Map(workspaces));
        }
    }
}

/// A result or status of another task.
fn referred(text: &str) -> Option<Value> {
    let inner = text.strip_prefix("$(")?.strip_suffix(')')?;
    if inner == "tasks.status" {
        return Some(Value::from([("status", "all".into())]));
    }
    let (task, rest) = inner.strip_prefix("tasks.")?.split_once('.')?;
    match rest.strip_prefix("results.") {
        Some(result) => Some(Value::from([("result", format!("{task}.{result}").into())])),
        None if rest == "status" => Some(Value::from([("status", task.into())])),
        None => None,
    }
}

/// One image and one script, which knows nothing of Tekton but the folder of the source.
fn inline(spec: &Value, task: &Value) -> Option<Map> {
    let [step] = spec.list_at(&["steps"]) else { return None };
    let known = ["name", "image", "script", "workingDir"];
    let is_plain = step.as_map()?.keys().all(|key| known.contains(&key));
    let script = step.str_at(&["script"])?;
    let directory = step.str_at(&["workingDir"]).unwrap_or_default();
    let is_in_source = directory.is_empty() || directory.starts_with("$(workspaces.");
    let has_params = script.contains("$(") || !task.list_at(&["params"]).is_empty();
    let others = ["steps", "workspaces", "sidecars", "params", "description"];
    if !is_plain
        || !is_in_source
        || has_params
        || !spec.as_map()?.keys().all(|key| others.contains(&key))
    {
        return None;
    }
    let mut map = Map::default();
    map.push_some("image", step.str_at(&["image"]));
    map.push("script", script);
    let mut services = Vec::new();
    for sidecar in spec.list_at(&["sidecars"]) {
        if sidecar.as_map()?.keys().any(|key| !["name", "image"].contains(&key)) {
            return None;
        }
        services.push(sidecar.clone());
    }
    if !services.is_empty() {
        map.push("services", services);
    }
    Some(map)
}

/// What decides about a task: the branch, retries and time.
fn conditions(task: &Value) -> Map {
    let mut map = Map::default();
    for when in task.list_at(&["when"]) {
        let input = when.str_at(&["input"]).unwrap_or_default();
        let is_branch = ["revision)", "branch)", "ref)"].iter().any(|end| input.ends_with(end));
        let branches = when.list_at(&["values"]);
        if is_branch && when.str_at(&["operator"]) == Some("in") && !branches.is_empty() {
            let value = match branches {
                [one] => one.clone(),
                all => all.to_vec().into(),
            };
            map.push("when", Value::from([("branch", value)]));
        }
    }
    let retries = task.get("retries").filter(|retries| retries.as_int() != Some(0));
    map.push_some("retries", retries.cloned());
    map.push_some("timeout", task.str_at(&["timeout"]));
    map
}

/// How many tasks come before one.
fn depth(task: &Value, steps: &[Step<'_>], guard: usize) -> usize {
    let before = task.list_at(&["runAfter"]).iter().filter_map(Value::as_str);
    let text = Value::Seq(task.list_at(&["params"]).to_vec()).to_string();
    let named = steps.iter().filter(|step| {
        let name = step.task.str_at(&["name"]).unwrap_or_default();
        before.clone().any(|one| one == name) || text.contains(&format!("$(tasks.{name}.results."))
    });
    if guard > steps.len() {
        return guard;
    }
    named.map(|step| 1 + depth(step.task, steps, guard + 1)).max().unwrap_or(0)
}
