//! What Tekton's webhook refuses in a Task or StepAction beside what their definitions say (pipeline v1.15, pkg/apis/pipeline/v1,
//! task_validation.go, container_validation.go, param_types.go and result_validation.go), and what fails only in a run.

use std::collections::BTreeSet;

use super::definitions::Misfit;
use crate::yaml::{Map, Value};

/// What a StepAction says in place of a step.
const BY_ACTION: [&str; 8] =
    ["args", "command", "env", "image", "results", "script", "volumeMounts", "workingDir"];

/// Everything in the object that Tekton does not take. Its fields are known to be of the right type.
#[must_use]
pub fn faults(object: &Value) -> Vec<Misfit> {
    let spec = object.get("spec").unwrap_or(&Value::Null);
    let mut judge = Judge { spec, found: Vec::new() };
    judge.params();
    judge.results("spec", spec);
    if object.str_at(&["kind"]) == Some("StepAction") {
        judge.container("spec", spec, spec.get("image").is_some());
    } else {
        judge.task();
    }
    judge.variables("spec", spec);
    judge.found
}

/// The items of a list; none if there is none.
fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_seq).unwrap_or_default()
}

fn name(value: &Value) -> &str {
    value.str_at(&["name"]).unwrap_or_default()
}

fn has(value: &Value, key: &str) -> bool {
    match value.get(key) {
        None | Some(Value::Null) => false,
        Some(Value::Str(text)) => !text.is_empty(),
        Some(Value::Seq(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// A label of RFC 1123.
fn is_label(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.len() <= 63
        && ends(text.chars().next())
        && ends(text.chars().last())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_param_name(text: &str, dots: bool) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c) || dots && c == '.')
}

fn is_result_name(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(text.chars().next())
        && ends(text.chars().last())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The type that a parameter or result declares, or has by its other fields.
#[must_use]
pub fn kind_of(declared: &Value) -> &str {
    declared.str_at(&["type"]).filter(|kind| !kind.is_empty()).unwrap_or_else(|| {
        match declared.get("default") {
            _ if has(declared, "properties") => "object",
            Some(Value::Seq(_)) => "array",
            Some(Value::Map(_)) => "object",
            _ => "string",
        }
    })
}

struct Judge<'a> {
    spec: &'a Value,
    found: Vec<Misfit>,
}

impl Judge<'_> {
    fn say(&mut self, path: impl Into<String>, what: impl Into<String>) {
        self.found.push(Misfit { path: path.into(), what: what.into() });
    }

    /// Names that occur twice in a list.
    fn unique(&mut self, of: &Value, at: &str, key: &str) {
        let mut seen = BTreeSet::new();
        for (index, item) in items(of, key).iter().enumerate() {
            let name = name(item);
            if !name.is_empty() && !seen.insert(name) {
                self.say(format!("{at}.{key}[{index}].name"), format!("is the second `{name}`"));
            }
        }
    }

    fn params(&mut self) {
        let spec = self.spec;
        self.unique(spec, "spec", "params");
        for (index, param) in items(spec, "params").iter().enumerate() {
            let at = format!("spec.params[{index}]");
            let kind = kind_of(param);
            if !["string", "array", "object"].contains(&kind) {
                self.say(format!("{at}.type"), "must be string, array or object");
            }
            if !is_param_name(name(param), kind != "object") {
                self.say(format!("{at}.name"), "is not a name that a parameter can have");
            }
            let of_default = match param.get("default") {
                None | Some(Value::Null) => kind,
                Some(Value::Seq(_)) => "array",
                Some(Value::Map(_)) => "object",
                Some(_) => "string",
            };
            if kind != of_default {
                self.say(
                    format!("{at}.default"),
                    format!("is of the type {of_default}, and the parameter of {kind}"),
                );
            }
            if kind == "object" && !has(param, "properties") {
                self.say(at, "is an object, which needs `properties`");
            } else if has(param, "enum") {
                self.say(format!("{at}.enum"), "needs a feature that Tekton has off by default");
            }
        }
    }

    fn results(&mut self, at: &str, of: &Value) {
        self.unique(of, at, "results");
        for (index, result) in items(of, "results").iter().enumerate() {
            let at = format!("{at}.results[{index}]");
            if !is_result_name(name(result)) {
                self.say(format!("{at}.name"), "is not a name that a result can have");
            }
            let kind = kind_of(result);
            if !["string", "array", "object"].contains(&kind) {
                self.say(format!("{at}.type"), "must be string, array or object");
            } else if kind == "object" && !has(result, "properties") {
                self.say(at.clone(), "is an object, which needs `properties`");
            }
            if has(result, "value") && of_step(result.str_at(&["value"])).is_none() {
                self.say(format!("{at}.value"), "must be `$(steps.STEP.results.RESULT)`");
            }
        }
    }

    fn task(&mut self) {
        let spec = self.spec;
        for list in ["steps", "volumes", "workspaces"] {
            self.unique(spec, "spec", list);
        }
        if items(spec, "steps").is_empty() {
            self.say("spec.steps", "has no step");
        }
        let template = spec.get("stepTemplate").unwrap_or(&Value::Null);
        for (index, step) in items(spec, "steps").iter().enumerate() {
            let at = format!("spec.steps[{index}]");
            if !name(step).is_empty() && !is_label(name(step)) {
                self.say(format!("{at}.name"), "is not a valid DNS label");
            }
            if has(step, "ref") {
                for key in BY_ACTION.into_iter().filter(|key| has(step, key)) {
                    self.say(format!("{at}.{key}"), "cannot stand beside `ref`");
                }
                continue;
            }
            if has(step, "params") {
                self.say(format!("{at}.params"), "needs `ref`");
            }
            self.container(&at, step, has(step, "image") || has(template, "image"));
            self.results(&at, step);
        }
        for (index, sidecar) in items(spec, "sidecars").iter().enumerate() {
            let at = format!("spec.sidecars[{index}]");
            if name(sidecar) == "tekton-log-results" {
                self.say(format!("{at}.name"), "is a name of Tekton's own");
            }
            self.container(&at, sidecar, has(sidecar, "image"));
        }
        self.mounts();
    }

    /// What steps, sidecars and StepActions have in common.
    fn container(&mut self, at: &str, container: &Value, has_image: bool) {
        if !has_image {
            self.say(format!("{at}.image"), "is missing");
        }
        if has(container, "script") && has(container, "command") {
            self.say(format!("{at}.script"), "cannot stand beside `command`");
        }
        if let Some(word) = container.str_at(&["onError"]).filter(|word| !word.is_empty())
            && !matches!(word, "continue" | "stopAndFail")
            && !word.starts_with("$(params")
        {
            self.say(format!("{at}.onError"), "must be `continue` or `stopAndFail`");
        }
        for (index, mount) in items(container, "volumeMounts").iter().enumerate() {
            let path = mount.str_at(&["mountPath"]).unwrap_or_default();
            let at = format!("{at}.volumeMounts[{index}]");
            if path.starts_with("/tekton/") && !path.starts_with("/tekton/home") {
                self.say(format!("{at}.mountPath"), "is in a folder of Tekton's own");
            }
            if name(mount).starts_with("tekton-internal-") {
                self.say(format!("{at}.name"), "is a name of Tekton's own");
            }
        }
    }

    /// Workspaces are mounted at a path of their own, and only those that are declared.
    fn mounts(&mut self) {
        let spec = self.spec;
        let template = spec.get("stepTemplate").into_iter();
        let containers = template.chain(items(spec, "steps"));
        let mounted = |path: &str| {
            let mut mounts = containers.clone().flat_map(|step| items(step, "volumeMounts"));
            mounts.any(|mount| mount.str_at(&["mountPath"]) == Some(path))
        };
        let mut paths = BTreeSet::new();
        for (index, workspace) in items(spec, "workspaces").iter().enumerate() {
            let default = format!("/workspace/{}", name(workspace));
            let path = workspace.str_at(&["mountPath"]).unwrap_or(&default);
            if mounted(path) || !paths.insert(path.to_owned()) {
                let at = format!("spec.workspaces[{index}].mountPath");
                self.say(at, format!("shares `{path}` with another mount"));
            }
        }
        for list in ["steps", "sidecars"] {
            for (index, container) in items(spec, list).iter().enumerate() {
                for used in items(container, "workspaces") {
                    if !self.declares("workspaces", name(used)) {
                        let what = format!("names `{}`, which is not declared", name(used));
                        self.say(format!("spec.{list}[{index}].workspaces"), what);
                    }
                }
            }
        }
    }

    fn declares(&self, list: &str, wanted: &str) -> bool {
        items(self.spec, list).iter().any(|item| name(item) == wanted)
    }

    /// Variables that name nothing, and lists where only a string can stand.
    fn variables(&mut self, at: &str, value: &Value) {
        match value {
            Value::Str(text) => {
                for (prefix, name, whole) in variables(text) {
                    if ["params", "results", "workspaces"].contains(&prefix)
                        && !self.declares(prefix, name)
                    {
                        self.say(at, format!("uses `{prefix}.{name}`, which is not declared"));
                    } else if prefix == "params" && self.is_list(name) && !is_item(whole) {
                        let may_stand = at.ends_with(']') || at.contains(".params[");
                        if whole != text || !may_stand {
                            let what = "a list, which must be an item of `command` or `args`";
                            self.say(at, format!("uses `{whole}`, {what} by itself"));
                        }
                    }
                }
            }
            Value::Seq(all) => {
                for (index, item) in all.iter().enumerate() {
                    self.variables(&format!("{at}[{index}]"), item);
                }
            }
            Value::Map(map) => self.within(at, map),
            _ => {}
        }
    }

    fn within(&mut self, at: &str, map: &Map) {
        // Descriptions and defaults are not replaced.
        let is_prose = |key: &str| matches!(key, "description" | "default" | "displayName");
        for (key, value) in map.iter().filter(|(key, _)| !is_prose(key)) {
            self.variables(&format!("{at}.{key}"), value);
        }
    }

    /// Whether the parameter is a list; an item of it, `NAME[0]`, is not.
    fn is_list(&self, wanted: &str) -> bool {
        let mut params = items(self.spec, "params").iter();
        params.any(|param| name(param) == wanted && kind_of(param) == "array")
    }
}

/// The step and the result of `$(steps.STEP.results.RESULT)`.
fn of_step(value: Option<&str>) -> Option<(&str, &str)> {
    let inner = value?.strip_prefix("$(steps.")?.strip_suffix(')')?;
    let (step, result) = inner.split_once(".results.")?;
    (is_label(step) && is_result_name(result)).then_some((step, result))
}

/// Whether a reference is to one item of a list: `$(params.NAME[0])`.
fn is_item(reference: &str) -> bool {
    reference.ends_with("])") && !reference.ends_with("[*])") && !reference.ends_with("'])")
}

/// The variables of a text: what stands before the first dot, the name, and the whole reference.
fn variables(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.match_indices("$(").filter_map(|(at, _)| {
        let inner = &text[at + 2..];
        let inner = &inner[..inner.find(')')?];
        let (prefix, rest) = inner.split_at(inner.find(['.', '['])?);
        let name = match rest.strip_prefix('.') {
            Some(rest) => rest.split(['.', '[']).next()?,
            None => rest.trim_start_matches(['[', '"', '\'']).split(['"', '\'', ']']).next()?,
        };
        Some((prefix, name, &text[at..at + 3 + inner.len()]))
    })
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::diagnostics::FileId;
    use crate::yaml::{Limits, Node, read_documents};

    fn of(text: &str) -> Vec<String> {
        let documents = read_documents(FileId::BUILT_IN, text, Limits::default());
        let value = Node::to_value(&documents.expect("YAML")[0]);
        faults(&value).into_iter().map(|fault| format!("{} {}", fault.path, fault.what)).collect()
    }

    #[test]
    fn a_task_of_the_catalogue_is_taken() {
        let text = "kind: Task\nspec:\n  params: [{name: url}, {name: a, type: array, default: [x]}, {name: o, type: object, properties: {k: {type: string}}}]\n  results: [{name: commit}, {name: r, value: $(steps.b.results.r)}]\n  workspaces: [{name: out}]\n  stepTemplate: {image: i}\n  steps:\n    - {name: a, script: \"echo $(params.url) $(params['url']) $(params.o.k) $(params.a[0]) $(results.commit.path) $(workspaces.out.path) $(date) $HOME\"}\n    - {name: b, ref: {name: x}, params: [{name: l, value: \"$(params.a[*])\"}]}\n    - {name: c, command: [x], args: [\"$(params.a[*])\", $(context.taskRun.name)]}\n";
        assert_eq!(of(text), [""; 0]);
    }

    #[test]
    fn what_tekton_refuses_is_found() {
        let text = "kind: Task\nspec:\n  params: [{name: a, type: array, default: x}, {name: a}, {name: 1b}, {name: o, type: object}, {name: e, enum: [a]}, {name: t, type: list}]\n  results: [{name: -x}, {name: y, value: x}, {name: z, type: object}]\n  workspaces: [{name: w}, {name: w}, {name: v, mountPath: /m}]\n  volumes: [{name: v}, {name: v}]\n  sidecars: [{name: tekton-log-results}]\n  steps:\n    - {name: A, script: x, command: [y], onError: ignore, volumeMounts: [{name: tekton-internal-x, mountPath: /tekton/x}, {name: v, mountPath: /m}]}\n    - {name: s, image: i, params: [{name: a, value: b}], workspaces: [{name: u}]}\n    - {name: s, ref: {name: x}, image: i}\n    - {image: i, script: \"$(params.nope) $(params.a)\", args: [\"x$(params.a[*])\", $(workspaces.u.path)]}\n";
        let want = [
            "spec.params[1].name is the second `a`",
            "spec.params[0].default is of the type string, and the parameter of array",
            "spec.params[2].name is not a name that a parameter can have",
            "spec.params[3] is an object, which needs `properties`",
            "spec.params[4].enum needs a feature that Tekton has off by default",
            "spec.params[5].type must be string, array or object",
            "spec.results[0].name is not a name that a result can have",
            "spec.results[1].value must be `$(steps.STEP.results.RESULT)`",
            "spec.results[2] is an object, which needs `properties`",
            "spec.steps[2].name is the second `s`",
            "spec.volumes[1].name is the second `v`",
            "spec.workspaces[1].name is the second `w`",
            "spec.steps[0].name is not a valid DNS label",
            "spec.steps[0].image is missing",
            "spec.steps[0].script cannot stand beside `command`",
            "spec.steps[0].onError must be `continue` or `stopAndFail`",
            "spec.steps[0].volumeMounts[0].mountPath is in a folder of Tekton's own",
            "spec.steps[0].volumeMounts[0].name is a name of Tekton's own",
            "spec.steps[1].params needs `ref`",
            "spec.steps[2].image cannot stand beside `ref`",
            "spec.sidecars[0].name is a name of Tekton's own",
            "spec.sidecars[0].image is missing",
            "spec.workspaces[1].mountPath shares `/workspace/w` with another mount",
            "spec.workspaces[2].mountPath shares `/m` with another mount",
            "spec.steps[1].workspaces names `u`, which is not declared",
            "spec.steps[3].script uses `params.nope`, which is not declared",
            "spec.steps[3].script uses `$(params.a)`, a list, which must be an item of `command` or `args` by itself",
            "spec.steps[3].args[0] uses `$(params.a[*])`, a list, which must be an item of `command` or `args` by itself",
            "spec.steps[3].args[1] uses `workspaces.u`, which is not declared",
        ];
        assert_eq!(of(text), want);
        assert_eq!(of("kind: Task\nspec: {}\n"), ["spec.steps has no step"]);
        let action =
            "kind: StepAction\nspec: {script: $(step.results.x.path), results: [{name: x}]}\n";
        assert_eq!(of(action), ["spec.image is missing"]);
    }
}
