//! What an event of a git host would start: Tekton Triggers' interceptors, bindings and templates, evaluated here instead of in the
//! cluster.
//!
//! What is evaluated is the rendered EventListener itself. Signatures are not: the secret is in the cluster alone.

use super::interceptor::{items, param};
use super::substitute::{self, substitute};
use super::{Event, cel};
use crate::yaml::{Map, Value};

/// What became of an event at one trigger of a listener.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The trigger's name.
    pub trigger: String,
    /// The objects that it would create, or which of its interceptors said no, and why.
    pub result: Result<Vec<Value>, Refusal>,
}

/// Who said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The interceptor.
    pub interceptor: String,
    /// Why.
    pub why: String,
}

fn refusal(interceptor: &str, why: impl Into<String>) -> Refusal {
    Refusal { interceptor: interceptor.to_owned(), why: why.into() }
}

/// What every trigger of the first EventListener among the objects makes of an event.
#[must_use]
pub fn outcomes(objects: &[Value], event: &Event) -> Vec<Outcome> {
    let listener = objects.iter().find(|object| object.str_at(&["kind"]) == Some("EventListener"));
    let triggers = listener.and_then(|listener| listener.at(&["spec", "triggers"])?.as_seq());
    triggers
        .unwrap_or_default()
        .iter()
        .map(|trigger| Outcome {
            trigger: trigger.str_at(&["name"]).unwrap_or_default().to_owned(),
            result: one(objects, trigger, event),
        })
        .collect()
}

fn one(objects: &[Value], trigger: &Value, event: &Event) -> Result<Vec<Value>, Refusal> {
    let mut extensions = serde_json::Map::new();
    for interceptor in items(trigger, "interceptors") {
        let name = interceptor.str_at(&["ref", "name"]).unwrap_or_default();
        match name {
            "github" => type_of_event(interceptor, event, name, "X-GitHub-Event")?,
            "gitlab" => type_of_event(interceptor, event, name, "X-Gitlab-Event")?,
            "bitbucket" => type_of_event(interceptor, event, name, "X-Event-Key")?,
            "cel" => cel::intercept(interceptor, event, &mut extensions)
                .map_err(|why| refusal(name, why))?,
            other => return Err(refusal(other, "unknown interceptor")),
        }
    }
    let body = serde_json::json!({"body": event.body, "extensions": extensions});
    let mut params = Map::default();
    for binding in items(trigger, "bindings") {
        let name = binding.str_at(&["ref"]).unwrap_or_default();
        let object = named(objects, "TriggerBinding", name)
            .ok_or_else(|| refusal("bindings", format!("missing TriggerBinding `{name}`")))?;
        for param in object.at(&["spec"]).map(|spec| items(spec, "params")).unwrap_or_default() {
            let (Some(key), Some(text)) = (param.str_at(&["name"]), param.str_at(&["value"]))
            else {
                continue;
            };
            let value =
                substitute::from_event(text, &body).map_err(|why| refusal("bindings", why))?;
            params.insert(key, value);
        }
    }
    let name = trigger.str_at(&["template", "ref"]).unwrap_or_default();
    let template = named(objects, "TriggerTemplate", name)
        .ok_or_else(|| refusal("template", format!("missing TriggerTemplate `{name}`")))?;
    let spec = template.at(&["spec"]).cloned().unwrap_or(Value::Null);
    for param in items(&spec, "params") {
        let key = param.str_at(&["name"]).unwrap_or_default();
        if !params.contains_key(key) {
            let default = param.str_at(&["default"]);
            let default =
                default.ok_or_else(|| refusal("template", format!("no value for `{key}`")))?;
            params.insert(key, default);
        }
    }
    Ok(items(&spec, "resourcetemplates").iter().map(|object| substitute(object, &params)).collect())
}

fn named<'a>(objects: &'a [Value], kind: &str, name: &str) -> Option<&'a Value> {
    objects.iter().find(|object| {
        object.str_at(&["kind"]) == Some(kind) && object.str_at(&["metadata", "name"]) == Some(name)
    })
}

fn type_of_event(
    interceptor: &Value,
    event: &Event,
    name: &str,
    header: &str,
) -> Result<(), Refusal> {
    let wanted = param(interceptor, "eventTypes").and_then(Value::as_seq).unwrap_or_default();
    let found = event.header(header).unwrap_or_default();
    if wanted.is_empty() || wanted.iter().any(|word| word.as_str() == Some(found)) {
        return Ok(());
    }
    let wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
    Err(refusal(name, format!("the event is `{found}`, expected {}", wanted.join(", "))))
}
