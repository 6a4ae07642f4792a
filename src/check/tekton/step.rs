//! A step together with its template, and the texts in it where Tekton looks for variables.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::scope::{has, is_set, items, part, text};
use crate::yaml::{Map, Value};

/// Which field of a step a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `command` and `args`, where a list may stand.
    Words,
    /// `onError`, in which nothing but its variables is looked at.
    OnError,
    /// Any other.
    Other,
}

/// A text of a step.
#[derive(Debug, Clone)]
pub(super) struct Use<'v> {
    pub(super) part: Part,
    pub(super) field: String,
    pub(super) text: &'v str,
}

/// A step as Tekton judges it: with what its template says beside it, unless a StepAction says everything.
#[derive(Debug)]
pub(super) struct Step<'a> {
    own: &'a Value,
    pub(super) merged: Cow<'a, Value>,
    /// The step's path, and that of the template.
    pub(super) at: String,
    template_at: String,
    template: &'a Value,
}

/// The steps of a Task's spec.
pub(super) fn steps<'a>(spec: &'a Value, at: &str) -> Vec<Step<'a>> {
    let template = part(spec, "stepTemplate");
    let all = items(spec, "steps").iter().enumerate();
    all.map(|(index, own)| {
        let is_own = is_set(own, "ref") || *template == Value::Null;
        Step {
            own,
            merged: if is_own { Cow::Borrowed(own) } else { Cow::Owned(merge(template, own)) },
            at: format!("{at}.steps[{index}]"),
            template_at: format!("{at}.stepTemplate"),
            template,
        }
    })
    .collect()
}

/// The spec of a StepAction, which is like a step.
pub(super) fn action<'a>(spec: &'a Value, at: &str) -> Step<'a> {
    Step {
        own: spec,
        merged: Cow::Borrowed(spec),
        at: at.to_owned(),
        template_at: String::new(),
        template: part(&Value::Null, ""),
    }
}

/// What a step has, and what its template has beside that.
fn merge(template: &Value, step: &Value) -> Value {
    let mut map = template.as_map().cloned().unwrap_or_default();
    for (key, value) in step.as_map().into_iter().flat_map(Map::iter) {
        let by = match key {
            "env" => Some("name"),
            "volumeMounts" => Some("mountPath"),
            _ => None,
        };
        let joined = by.and_then(|by| {
            let names: BTreeSet<&str> =
                items(step, key).iter().map(|item| text(item, by)).collect();
            let kept = items(template, key).iter().filter(|item| !names.contains(text(item, by)));
            let all: Vec<Value> = items(step, key).iter().chain(kept).cloned().collect();
            (!all.is_empty()).then_some(Value::Seq(all))
        });
        if has(step, key) {
            map.insert(key, joined.unwrap_or_else(|| value.clone()));
        }
    }
    Value::Map(map)
}

impl Step<'_> {
    /// The path of a field: in the step, or in the template if it is from there.
    pub(super) fn field(&self, key: &str) -> String {
        let is_of_template = !has(self.own, key) && has(self.template, key);
        format!("{}.{key}", if is_of_template { &self.template_at } else { &self.at })
    }

    /// The path of an item of a list that is joined.
    pub(super) fn item(&self, key: &str, index: usize) -> String {
        let own = items(self.own, key).len();
        if index < own || matches!(self.merged, Cow::Borrowed(_)) {
            return format!("{}.{key}[{index}]", self.at);
        }
        let wanted = items(&self.merged, key).get(index);
        let at = items(self.template, key).iter().position(|item| Some(item) == wanted);
        format!("{}.{key}[{}]", self.template_at, at.unwrap_or_default())
    }

    /// A text of the step.
    pub(super) fn text(&self, key: &str) -> &str {
        text(&self.merged, key)
    }

    /// Whether it is a StepAction's.
    pub(super) fn has_ref(&self) -> bool {
        is_set(self.own, "ref")
    }

    /// Its texts; of a StepAction fewer.
    pub(super) fn uses(&self, of_action: bool) -> Vec<Use<'_>> {
        let mut all = Vec::new();
        // Most texts have no variable, and their paths are of no use.
        let mut add = |part, field: &dyn Fn() -> String, text| {
            if let Some(text) = text {
                all.push(Use { part, field: field(), text });
            }
        };
        let value: &Value = &self.merged;
        let keys: &[&str] = if of_action {
            &["image", "script"]
        } else {
            &["name", "image", "workingDir", "script"]
        };
        for key in keys {
            add(Part::Other, &|| self.field(key), variable(value.get(key)));
        }
        for key in ["command", "args"] {
            for (index, word) in items(value, key).iter().enumerate() {
                let field = || format!("{}[{index}]", self.field(key));
                add(Part::Words, &field, variable(Some(word)));
            }
        }
        for (index, env) in items(value, "env").iter().enumerate() {
            let field = || format!("{}.value", self.item("env", index));
            add(Part::Other, &field, variable(env.get("value")));
        }
        for (index, mount) in items(value, "volumeMounts").iter().enumerate() {
            let keys: &[&str] =
                if of_action { &["name"] } else { &["name", "mountPath", "subPath"] };
            for key in keys {
                let field = || format!("{}.{key}", self.item("volumeMounts", index));
                add(Part::Other, &field, variable(mount.get(key)));
            }
        }
        if !of_action {
            add(Part::OnError, &|| self.field("onError"), variable(value.get("onError")));
        }
        all
    }
}

/// A text that may have a variable.
fn variable(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| text.contains("$("))
}
