//! What the steps of Tasks ask the API server for, and as whom: the runs say it.

use super::super::objects::{Item, Objects};
use super::super::scope::Scope;
use super::account::Account;
use super::need::{AllNeeds, Needs};
use crate::permissions::{Names, Namespaces, Place, asked, line};
use crate::yaml::Value;

/// Tekton's API group.
pub(super) const TEKTON: &str = "tekton.dev";

/// A run, wherever it is written.
struct Run<'a> {
    /// What it is written in.
    item: &'a Item,
    /// The run itself.
    value: &'a Value,
    /// Where it is in that.
    path: String,
    namespace: Option<&'a str>,
}

/// A Task of a run.
struct Use<'a> {
    account: Account,
    /// What the Task is written in, with the path of its spec.
    item: &'a Item,
    path: String,
    spec: &'a Value,
    /// Its name, for messages.
    task: String,
    namespace: Option<&'a str>,
}

/// Adds what all runs need.
pub(super) fn collect<'a>(scope: &Scope<'a>, needs: &mut AllNeeds<'a>) {
    for run in runs(scope.objects) {
        let kind = run.value.str_at(&["kind"]).unwrap_or_default();
        if kind == "PipelineRun" {
            pipeline_run(scope, &run, needs);
        } else {
            task_run(scope, &run, needs);
        }
    }
}

/// The runs among the objects, also those that a TriggerTemplate makes.
fn runs(objects: &Objects) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let is_run = |kind: &str| ["PipelineRun", "TaskRun"].contains(&kind);
    for item in objects {
        let object = &item.object;
        if object.group() == TEKTON && is_run(object.kind()) {
            let (value, namespace) = (object.value(), object.namespace());
            runs.push(Run { item, value, path: String::new(), namespace });
        }
        if item.is("triggers.tekton.dev", &["TriggerTemplate"]) {
            let templates = object.at(&["spec", "resourcetemplates"]).and_then(Value::as_seq);
            for (at, value) in templates.unwrap_or_default().iter().enumerate() {
                if value.str_at(&["kind"]).is_some_and(is_run) {
                    let path = format!("spec.resourcetemplates[{at}].");
                    let namespace = value.str_at(&["metadata", "namespace"]).or(object.namespace());
                    runs.push(Run { item, value, path, namespace });
                }
            }
        }
    }
    runs
}

/// Describes what uses an account.
fn user(needs: &mut AllNeeds<'_>, account: &Account, text: String) {
    needs.entry(account.clone()).or_default().users.insert(text);
}

fn task_run<'a>(scope: &Scope<'a>, run: &Run<'a>, needs: &mut AllNeeds<'a>) {
    let account = Account::new(run.namespace, run.value.str_at(&["spec", "serviceAccountName"]));
    let name = name_of(run.value);
    user(needs, &account, format!("TaskRun {name}"));
    let value = run.value.get("spec").unwrap_or(&Value::Null);
    let place = (run.item, format!("{}spec", run.path));
    task(scope, (value, "taskRef", "taskSpec"), place, run.namespace, account, &name, needs);
}

fn name_of(value: &Value) -> String {
    let name = value.str_at(&["metadata", "name"]);
    let name = name.or_else(|| value.str_at(&["metadata", "generateName"]));
    name.unwrap_or("(unnamed)").to_owned()
}

fn pipeline_run<'a>(scope: &Scope<'a>, run: &Run<'a>, needs: &mut AllNeeds<'a>) {
    let spec = run.value.get("spec").unwrap_or(&Value::Null);
    let of_all = spec.str_at(&["taskRunTemplate", "serviceAccountName"]);
    let name = name_of(run.value);
    let of_task = |task: &str| {
        let specs = spec.list_at(&["taskRunSpecs"]);
        let own = specs.iter().find(|one| one.str_at(&["pipelineTaskName"]) == Some(task));
        own.and_then(|one| one.str_at(&["serviceAccountName"])).or(of_all)
    };
    let account = Account::new(run.namespace, of_all);
    let (item, path, pipeline) = if let Some(pipeline) = spec.get("pipelineSpec") {
        (run.item, format!("{}spec.pipelineSpec", run.path), pipeline)
    } else {
        let wanted = spec.str_at(&["pipelineRef", "name"]).unwrap_or_default();
        let Some(item) = scope.objects.get((TEKTON, "Pipeline"), run.namespace, wanted) else {
            let why = format!("its Pipeline `{wanted}` is not among the objects");
            user(needs, &account, format!("PipelineRun {name}"));
            needs.entry(account).or_default().unread.push((format!("PipelineRun {name}"), why));
            return;
        };
        (item, "spec".to_owned(), item.object.at(&["spec"]).unwrap_or(&Value::Null))
    };
    for list in ["tasks", "finally"] {
        let tasks = pipeline.list_at(&[list]);
        for (at, value) in tasks.iter().enumerate() {
            let task_name = value.str_at(&["name"]).unwrap_or_default();
            let account = Account::new(run.namespace, of_task(task_name));
            user(needs, &account, format!("task {task_name} of PipelineRun {name}"));
            let place = (item, format!("{path}.{list}[{at}]"));
            let spec = (value, "taskRef", "taskSpec");
            task(scope, spec, place, run.namespace, account, task_name, needs);
        }
    }
}

/// A Task by name, or one that is written where it is used.
fn task<'a>(
    scope: &Scope<'a>,
    (value, reference, inline): (&'a Value, &str, &str),
    (item, path): (&'a Item, String),
    namespace: Option<&'a str>,
    account: Account,
    name: &str,
    needs: &mut AllNeeds<'a>,
) {
    if let Some(spec) = value.get(inline) {
        let path = format!("{path}.{inline}");
        let one = Use { account, item, path, spec, task: name.to_owned(), namespace };
        return steps(&one, needs);
    }
    let of_task = value.get(reference);
    let kind = of_task.and_then(|task| task.str_at(&["kind"])).unwrap_or("Task");
    let wanted = of_task.and_then(|task| task.str_at(&["name"])).unwrap_or_default();
    let found = scope.objects.get((TEKTON, kind), namespace, wanted);
    if let Some(item) = found.filter(|_| kind == "Task") {
        let key = (namespace.unwrap_or_default().to_owned(), wanted.to_owned());
        if let Some(rules) = scope.judge.declared.get(&key) {
            let because = format!("task `{name}` declares it");
            let of_account = needs.entry(account).or_default();
            for (namespace, rule) in rules {
                let namespace = Some(namespace.as_str()).filter(|_| rule.place != Place::Cluster);
                of_account.add(rule, namespace, (item, "spec", &because));
            }
            return;
        }
        let spec = item.object.at(&["spec"]).unwrap_or(&Value::Null);
        let path = "spec".to_owned();
        let one = Use { account, item, path, spec, task: name.to_owned(), namespace };
        return steps(&one, needs);
    }
    let what = if wanted.is_empty() {
        "its Task comes from a resolver".to_owned()
    } else {
        format!("its {kind} `{wanted}` is not among the objects")
    };
    needs.entry(account).or_default().unread.push((format!("task {name}"), what));
}

fn steps<'a>(one: &Use<'a>, needs: &mut AllNeeds<'a>) {
    let of_account = needs.entry(one.account.clone()).or_default();
    let shared = one.spec.at(&["stepTemplate", "env"]).and_then(Value::as_seq).unwrap_or_default();
    let list = one.spec.list_at(&["steps"]);
    for (at, step) in list.iter().enumerate() {
        let own = step.list_at(&["env"]);
        let env: Vec<Value> = shared.iter().chain(own).cloned().collect();
        let name = step.str_at(&["name"]).map_or_else(|| at.to_string(), str::to_owned);
        let said = format!("step `{name}` of task `{}`", one.task);
        let path = format!("{}.steps[{at}]", one.path);
        if step.get("ref").is_some() {
            let why = "it is a StepAction, whose commands are not read".to_owned();
            of_account.unread.push((said, why));
            continue;
        }
        script(step, &env, one, (&said, &path), of_account);
    }
}

fn script<'a>(
    step: &Value,
    env: &[Value],
    one: &Use<'a>,
    (said, path): (&str, &str),
    needs: &mut Needs<'a>,
) {
    let texts = |key: &str| -> Vec<String> {
        let list = step.list_at(&[key]);
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let variables: Vec<&str> = env.iter().filter_map(|one| one.str_at(&["name"])).collect();
    let (text, field) = match step.str_at(&["script"]) {
        Some(script) if !script.is_empty() => (script.trim_start().to_owned(), "script"),
        _ => {
            let image = step.str_at(&["image"]).unwrap_or_default();
            let field = if texts("command").is_empty() { "args" } else { "command" };
            (line(&texts("command"), &texts("args"), image, &variables), field)
        }
    };
    let value_of = |name: &str| {
        let found = env.iter().rev().find(|one| one.str_at(&["name"]) == Some(name));
        found.and_then(|one| one.str_at(&["value"])).filter(|text| !text.contains("$("))
    };
    let home = one.namespace.unwrap_or_default();
    let other = value_of("NAMESPACE").or_else(|| named_namespace(&text)).unwrap_or(home);
    let all = Value::Seq(env.to_vec());
    let names = Names {
        app_name: value_of("APP_NAME").unwrap_or_default(),
        namespaces: Namespaces { app: other, pipeline: home, flux: "flux-system" },
        instance: "",
        workload: None,
        env: &all,
    };
    let asked = asked(&text, &names);
    let path = format!("{path}.{field}");
    for rule in &asked.rules {
        let namespace = match rule.place {
            Place::App => one.namespace.map(|_| other),
            Place::Pipeline => one.namespace,
            Place::Flux => Some("flux-system"),
            Place::Cluster => None,
        };
        needs.add(rule, namespace, (one.item, &path, said));
    }
    for (command, why) in asked.unread {
        needs.unread.push((format!("{said}: `{command}`"), why));
    }
    // Another language asks by itself, with the token of the pod.
    if asked.rules.is_empty() && text.contains("KUBERNETES_SERVICE_HOST") {
        let why = "it asks the API server by itself, which is not read".to_owned();
        needs.unread.push((said.to_owned(), why));
    }
}

/// The namespace that the commands of a script name, where it is one only.
fn named_namespace(text: &str) -> Option<&str> {
    let mut found = None;
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let name = match word {
            "-n" | "--namespace" => words.peek().copied(),
            _ => word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")),
        };
        let name = name.map(|name| name.trim_matches(['"', '\'']));
        let is_plain = |name: &&str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if let Some(name) = name.filter(is_plain) {
            if found.is_some_and(|other| other != name) {
                return None;
            }
            found = Some(name);
        }
    }
    found
}
