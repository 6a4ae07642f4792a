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

/// What interceptors add to an event.
type Extensions = serde_json::Map<String, serde_json::Value>;

/// What every trigger of the first EventListener among the objects makes of an event: its own, and the Triggers that its groups
/// select.
#[must_use]
pub fn outcomes(objects: &[Value], event: &Event) -> Vec<Outcome> {
    let listener = objects.iter().find(|object| object.str_at(&["kind"]) == Some("EventListener"));
    let Some(spec) = listener.and_then(|listener| listener.at(&["spec"])) else {
        return Vec::new();
    };
    let own = items(spec, "triggers").iter().map(|trigger| Outcome {
        trigger: trigger.str_at(&["name"]).unwrap_or_default().to_owned(),
        result: one(objects, trigger, event, Extensions::new()),
    });
    let grouped = items(spec, "triggerGroups").iter().flat_map(|group| {
        let extensions = intercept(group, event, Extensions::new());
        selected(objects, group).map(move |trigger| Outcome {
            trigger: trigger.str_at(&["metadata", "name"]).unwrap_or_default().to_owned(),
            result: extensions.clone().and_then(|extensions| {
                let spec = trigger.at(&["spec"]).unwrap_or(&Value::Null);
                one(objects, spec, event, extensions)
            }),
        })
    });
    own.chain(grouped).collect()
}

/// The Triggers that a group selects.
fn selected<'a>(objects: &'a [Value], group: &'a Value) -> impl Iterator<Item = &'a Value> {
    let selector = |path: &[&str]| group.at(&["triggerSelector"]).and_then(|all| all.at(path));
    let namespaces = selector(&["namespaceSelector", "matchNames"]).and_then(Value::as_seq);
    let labels = selector(&["labelSelector", "matchLabels"]).and_then(Value::as_map);
    objects.iter().filter(move |object| {
        let namespace = object.str_at(&["metadata", "namespace"]);
        let has =
            |(key, value): (&str, &Value)| object.at(&["metadata", "labels", key]) == Some(value);
        object.str_at(&["kind"]) == Some("Trigger")
            && namespaces.unwrap_or_default().iter().any(|name| name.as_str() == namespace)
            && labels.into_iter().flat_map(Map::iter).all(has)
    })
}

/// What the interceptors of a group or a trigger add to an event, or which of them said no.
fn intercept(
    owner: &Value,
    event: &Event,
    mut extensions: Extensions,
) -> Result<Extensions, Refusal> {
    for interceptor in items(owner, "interceptors") {
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
    Ok(extensions)
}

fn one(
    objects: &[Value],
    trigger: &Value,
    event: &Event,
    extensions: Extensions,
) -> Result<Vec<Value>, Refusal> {
    let extensions = intercept(trigger, event, extensions)?;
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
