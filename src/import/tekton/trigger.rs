//! Webhooks that start a pipeline.

use super::needs::{Needs, within};
use crate::import::draft::{Draft, Fate};
use crate::import::world::World;
use crate::yaml::{Map, Value};

const HOSTS: [&str; 3] = ["github", "gitlab", "bitbucket"];

/// Says what starts a pipeline.
pub(super) fn say(
    world: &World,
    pipeline: usize,
    draft: &mut Draft,
    fates: &mut Vec<(usize, Fate)>,
    needs: &mut Needs,
) {
    let name = world.all[pipeline].name();
    let is_its = |template: &Value| {
        let mut made = template.list_at(&["spec", "resourcetemplates"]).iter();
        made.any(|made| made.str_at(&["spec", "pipelineRef", "name"]) == Some(name))
    };
    let templates: Vec<(usize, &str)> = world
        .of("TriggerTemplate")
        .filter(|(_, it)| is_its(it.object.value()))
        .map(|(at, it)| (at, it.name()))
        .collect();
    if templates.is_empty() {
        return;
    }
    let mut host = None;
    let mut settings = Map::default();
    for (at, listener) in world.of("EventListener") {
        for trigger in listener.object.value().list_at(&["spec", "triggers"]) {
            let template = trigger.str_at(&["template", "ref"]).unwrap_or_default();
            if !templates.iter().any(|(_, name)| *name == template) {
                continue;
            }
            fates.push((at, within("trigger", "gen makes the listener")));
            for binding in trigger.list_at(&["bindings"]) {
                let of = binding.str_at(&["ref"]).unwrap_or_default();
                let found = world.find("TriggerBinding", listener.namespace(), of);
                fates.extend(found.map(|at| (at, within("trigger", "gen makes the binding"))));
            }
            for interceptor in trigger.list_at(&["interceptors"]) {
                intercepted(interceptor, &mut host, &mut settings);
            }
        }
    }
    fates.extend(templates.iter().map(|(at, _)| (*at, within("trigger", "gen makes the run"))));
    fates.sort_by_key(|(at, _)| *at);
    fates.dedup_by_key(|(at, _)| *at);
    let host = host.unwrap_or("github");
    let value =
        if settings.is_empty() { host.into() } else { Value::from([(host, Value::Map(settings))]) };
    draft.set("trigger", value);
    draft.apis.push("triggers");
    needs.settings.insert("run", "webhook");
}

fn intercepted(interceptor: &Value, host: &mut Option<&'static str>, settings: &mut Map) {
    let of = interceptor.str_at(&["ref", "name"]).unwrap_or_default();
    let params = interceptor.list_at(&["params"]);
    let param = |name: &str| {
        let found = params.iter().find(|param| param.str_at(&["name"]) == Some(name));
        found.and_then(|param| param.get("value"))
    };
    if let Some(known) = HOSTS.iter().find(|known| **known == of) {
        *host = Some(known);
        if let Some(secret) = param("secretRef") {
            let mut map = Map::default();
            map.push_some("name", secret.str_at(&["secretName"]));
            map.push_some("key", secret.str_at(&["secretKey"]));
            settings.push("secret", Value::Map(map));
        }
        let is_pull = |event: &Value| event.as_str() == Some("pull_request");
        if param("eventTypes").and_then(Value::as_seq).is_some_and(|all| all.iter().any(is_pull)) {
            settings.push("pullRequests", true);
        }
    }
    if of == "cel"
        && let Some(filter) = param("filter").and_then(Value::as_str)
    {
        for (form, end) in [("startsWith('refs/heads/", "*"), ("== 'refs/heads/", "")] {
            if let Some((_, rest)) = filter.split_once(form)
                && let Some((branch, _)) = rest.split_once('\'')
            {
                settings.push("branches", vec![Value::from(format!("{branch}{end}"))]);
            }
        }
    }
}
