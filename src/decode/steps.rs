//! Steps of an inline task: containers of one pod that run one after the other.

use super::container::{resources, variable};
use super::decoder::{Decoder, near};
use super::flow::{self, param_of};
use super::layout::Named;
use super::link::{Goes, Link, Origin};
use super::task_refusals::refuse_params_in_script;
use super::tekton::{refuse_tekton_variable, tekton_variable};
use super::{carried, reference};
use crate::diagnostics::{Span, SpecError};
use crate::model::Step;
use crate::name::Check;
use crate::permissions;
use crate::spec::View;
use crate::yaml::{Data, Node, Value};

/// What a StepAction says in place of a step.
const BY_ACTION: [&str; 7] = ["image", "script", "command", "args", "env", "workdir", "user"];

/// The folder of the source, the one variable of Tekton that the parameters of a StepAction can hold.
const SOURCE: &str = "$(workspaces.source.path)";

/// Reads the steps; what they use from the run goes to `links`.
pub(super) fn read(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    object: &str,
    task: &View<'_>,
    links: &mut Vec<Link>,
) -> Vec<Step> {
    if let Some(node) = task.get("steps") {
        if task.get("script").is_some() {
            let why = "a task has either one step or several";
            d.excludes(node.span, "steps", "script", why);
        }
        if task.items("steps").is_empty() {
            own_task(d, node.span, named.name, "has no steps");
        }
    }
    let mut steps: Vec<Step> = Vec::new();
    for view in task.views("steps") {
        let Some(name) = view.text("name") else {
            d.missing(view.span(), "steps.name", "an entry of `steps`");
            continue;
        };
        if steps.iter().any(|step| step.name == name) {
            let problem = format!("has two steps named `{name}`");
            own_task(d, view.span_of("name"), named.name, &problem);
        }
        let mut reader = Reader { d, named, object, view: &view, name, before: &steps, links };
        let step = reader.step(task);
        steps.extend(step);
    }
    steps
}

fn own_task(d: &mut Decoder<'_>, span: Span, name: &str, problem: &str) {
    let (name, problem) = (name.to_owned(), problem.to_owned());
    d.error(span, SpecError::OwnTask { name, problem });
}

/// Results of the task that are those of a step: name and expression.
pub(super) fn results(
    d: &mut Decoder<'_>,
    task: &View<'_>,
    steps: &[Step],
) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in task.get("results").and_then(Node::entries).unwrap_or_default() {
        if let Data::Map(_) = &entry.value.data {
            let Some(node) = entry.value.get("step") else {
                let path = format!("results.{}.step", entry.key);
                d.missing(entry.value.span, &path, &format!("`results.{}`", entry.key));
                continue;
            };
            all.extend(of_step(d, node, steps).map(|text| (entry.key.clone(), text)));
        }
    }
    all
}

/// A result of a step, `STEP.RESULT`, as Tekton's expression.
fn of_step(d: &mut Decoder<'_>, node: &Node, before: &[Step]) -> Option<String> {
    let text = node.as_str()?;
    let names = || before.iter().map(|step| step.name.as_str());
    let problem = match text.split_once('.') {
        None => "must have the form `STEP.RESULT`".to_owned(),
        Some((name, result)) => match before.iter().find(|step| step.name == name) {
            None => near("does not name an earlier step", name, names()),
            Some(step) if step.reference.is_none() => format!(
                "names the step `{name}`, which is no StepAction: let it write a result of the task, to `$RESULT_NAME`"
            ),
            Some(_) if Check::ParamName.test(result).is_err() => {
                "is not a name that a result can have".to_owned()
            }
            Some(Step { action: Some(action), .. }) if !carried::has_result(action, result) => {
                format!("names no result of the StepAction of `{name}`")
            }
            Some(_) => return Some(format!("$(steps.{name}.results.{result})")),
        },
    };
    d.bad_link(node.span, text, problem);
    None
}

/// One step.
struct Reader<'r, 'd, 'a> {
    d: &'r mut Decoder<'d>,
    named: Named<'a>,
    object: &'r str,
    view: &'r View<'a>,
    name: &'r str,
    before: &'r [Step],
    links: &'r mut Vec<Link>,
}

impl Reader<'_, '_, '_> {
    fn step(&mut self, task: &View<'_>) -> Option<Step> {
        let view = self.view;
        let is_reference = view.view("ref").is_written();
        if is_reference {
            self.refuse(&BY_ACTION, "ref", "a StepAction says it itself");
        } else {
            self.program(task);
        }
        let env = self.env();
        let params = self.params();
        let (reference, action) = match is_reference.then(|| self.action(&params)) {
            Some(action) => {
                let (reference, action) = action?;
                (Some(reference), action)
            }
            None => (None, None),
        };
        let image = view.string("image").or_else(|| task.string("image"));
        self.d.check_image(view);
        let sized = view.view("resources").is_written();
        let resources = sized.then(|| resources(self.d, view, ["100m", "256Mi", "2", "2Gi"]));
        Some(Step {
            name: self.name.to_owned(),
            image: image.filter(|_| !is_reference),
            script: permissions::script_of(view).map(str::to_owned),
            command: view.texts("command"),
            args: view.texts("args"),
            env: Value::Seq(env),
            workdir: view.string("workdir"),
            user: view.u32("user"),
            resources: resources.unwrap_or_default(),
            timeout: view.string("timeout"),
            continues: view.text("onError") == Some("continue"),
            reference,
            params,
            action,
            span: ["script", "command", "args"]
                .iter()
                .find_map(|key| view.get(key))
                .map_or(view.span(), |node| node.span),
        })
    }

    /// The reference to the StepAction, and the StepAction if it is from a file.
    fn action(&mut self, params: &[Value]) -> Option<(Value, Option<Value>)> {
        let view = self.view.view("ref");
        let Some(file) = reference::file(self.d, &view) else {
            let of = (self.named.name, view.span());
            return Some((reference::of_cluster(self.d, of, &view, "StepAction")?, None));
        };
        let mut action = carried::object(self.d, file, "StepAction")?;
        let given: Vec<(&str, Option<&Value>)> = params
            .iter()
            .filter_map(|param| Some((param.str_at(&["name"])?, param.get("value"))))
            .collect();
        carried::check_params(self.d, file, &action, &given);
        let name = self.d.derived(view.span(), format!("{}-{}", self.object, self.name));
        if let Some(map) = action.as_map_mut() {
            map.map_at("metadata").insert("name", name.as_str());
        }
        Some((Value::from([("name", name.into())]), Some(action)))
    }

    fn refuse(&mut self, keys: &[&str], other: &str, why: &str) {
        for key in keys.iter().filter(|key| self.view.get(key).is_some()) {
            self.d.excludes(self.view.span_of(key), key, other, why);
        }
    }

    /// What a step of its own runs.
    fn program(&mut self, task: &View<'_>) {
        let view = self.view;
        let has = |key| view.get(key).is_some();
        if has("script") {
            self.refuse(&["command"], "script", "a step runs one program");
            refuse_params_in_script(self.d, view);
        } else if !has("command") && !has("args") {
            let place = format!("the step `{}` (or `command` or `args`)", self.name);
            self.d.missing(view.span(), "steps.script", &place);
        }
        if !has("image") && task.get("image").is_none() {
            self.d.missing(view.span(), "steps.image", &format!("the step `{}`", self.name));
        }
        if has("params") {
            let why = "only a StepAction has parameters; use `env`";
            self.d.needs(view.span_of("params"), "params", "ref", why);
        }
        for node in ["command", "args"].into_iter().flat_map(|key| view.items(key)) {
            if let Some(variable) = node.as_str().and_then(tekton_variable) {
                let (name, variable) = (self.name.to_owned(), variable.to_owned());
                self.d.error(node.span, SpecError::TektonVariable { name, variable });
            }
        }
    }

    fn env(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        for entry in self.view.entries("env") {
            let errors = self.d.problems.len();
            let parameter = || param_of(&format!("{}-{}", self.name, entry.key));
            let value = match self.passed(&entry.value, parameter()) {
                Some(value) => {
                    Value::from([("name", entry.key.as_str().into()), ("value", value.into())])
                }
                None if self.d.problems.len() > errors => continue,
                None => match variable(self.d, entry) {
                    Some(own) => {
                        refuse_tekton_variable(self.d, &own, entry.value.span);
                        own
                    }
                    None => continue,
                },
            };
            all.push(value);
        }
        all
    }

    /// The expression for a value of the run or of an earlier step; nothing if it is neither, or wrong.
    fn passed(&mut self, node: &Node, parameter: String) -> Option<String> {
        if let Some(step) = node.written("step") {
            if node.entries().is_some_and(|entries| entries.len() > 1) {
                let why = "a value has only one source";
                self.d.excludes(node.span, "step", "another source", why);
            }
            return of_step(self.d, step, self.before);
        }
        let (origin, span) = Origin::read(self.d, node)?;
        let expression = format!("$(params.{parameter})");
        self.links.push(Link { origin, goes: Goes::Variable(parameter), span });
        Some(expression)
    }

    /// Parameters of a StepAction, as in a Task.
    fn params(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        for entry in self.view.entries("params") {
            let (name, node) = (&entry.key, &entry.value);
            let errors = self.d.problems.len();
            let parameter = format!("step-{}-{name}", self.before.len() + 1);
            let value = match (&node.data, self.passed(node, parameter)) {
                (_, Some(expression)) => expression.into(),
                (Data::Map(_), None) => {
                    if self.d.problems.len() > errors {
                        continue;
                    }
                    let Some(text) = node.get("value").and_then(Node::as_str) else {
                        let place =
                            format!("`params.{name}` (or `result`, `param`, `status` or `value`)");
                        self.d.missing(node.span, &format!("steps.params.{name}.step"), &place);
                        continue;
                    };
                    text.into()
                }
                (Data::Seq(_), None) => node.texts().as_slice().into(),
                (Data::Scalar(scalar), None) => scalar.text.as_str().into(),
            };
            let own = node.one_or_more().iter().filter_map(Node::as_str);
            let texts = own.chain(node.get("value").and_then(Node::as_str));
            for text in texts.map(|text| text.replace(SOURCE, "")) {
                if let Some(variable) = tekton_variable(&text) {
                    let (name, variable) = (name.clone(), variable.to_owned());
                    self.d.error(node.span, SpecError::TektonVariable { name, variable });
                }
            }
            all.push(Value::from([("name", name.as_str().into()), ("value", value)]));
        }
        all
    }
}

/// A result with a name that a step's environment has already is refused like any other.
pub(super) fn result_variables(
    d: &mut Decoder<'_>,
    task: &View<'_>,
    results: &[String],
    of_steps: &[(String, String)],
) -> Vec<(String, String)> {
    let own: Vec<String> = results
        .iter()
        .filter(|result| !of_steps.iter().any(|(name, _)| name == *result))
        .cloned()
        .collect();
    flow::result_variables(d, task, &own)
}
