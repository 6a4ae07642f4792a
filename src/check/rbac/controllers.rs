//! What controllers ask for as an account that the objects name: Flux where it applies as somebody, and the listeners of Triggers.

use std::collections::BTreeSet;

use super::super::applied::Kustomization;
use super::super::objects::{Item, Objects};
use super::super::scope::Scope;
use super::account::Account;
use super::need::{AllNeeds, Needs};
use crate::kubernetes::definitions::Definitions;
use crate::permissions::{Place, Rule};
use crate::yaml::Value;

/// The API group of Triggers.
const TRIGGERS: &str = "triggers.tekton.dev";
/// What every EventListener watches (triggers v0.37, cmd/eventlistenersink and pkg/sink/initialization.go).
const WATCHED: [&str; 5] =
    ["eventlisteners", "triggers", "triggerbindings", "triggertemplates", "interceptors"];
/// The same for what is not in a namespace.
const WATCHED_EVERYWHERE: [&str; 2] = ["clustertriggerbindings", "clusterinterceptors"];
/// What watching takes.
const READ: [&str; 3] = ["get", "list", "watch"];

/// Adds what all controllers need.
pub(super) fn collect<'a>(scope: &Scope<'a>, needs: &mut AllNeeds<'a>) {
    for item in scope.objects.of(TRIGGERS, "EventListener") {
        listener(scope.objects, item, needs);
    }
    for one in &scope.applied.all {
        kustomization(scope.judge.definitions, one, needs);
    }
}

fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> Rule {
    Rule::new(Place::App, &[group], resources, &[], verbs)
}

fn listener<'a>(objects: &'a Objects, item: &'a Item, needs: &mut AllNeeds<'a>) {
    let object = &item.object;
    let namespace = object.namespace();
    let account = Account::new(namespace, object.value().str_at(&["spec", "serviceAccountName"]));
    let name = object.name();
    let selected = selected(objects, item);
    let of_account = needs.entry(account.clone()).or_default();
    of_account.users.insert(format!("EventListener {name}"));
    let because = format!("EventListener `{name}` watches them");
    let place = (item, "spec.serviceAccountName", because.as_str());
    // With other namespaces selected, it watches in all of them.
    let watched = namespace.filter(|_| !selected.is_wide);
    of_account.add(&rule(TRIGGERS, &WATCHED, &READ), watched, place);
    of_account.add(&rule(TRIGGERS, &WATCHED_EVERYWHERE, &READ), None, place);
    of_account.add(&rule("", &["configmaps"], &READ), namespace, place);
    let because = format!("EventListener `{name}` records events");
    let place = (item, "spec.serviceAccountName", because.as_str());
    of_account.add(&rule("", &["events"], &["create", "patch"]), namespace, place);
    let triggers = object.value().list_at(&["spec", "triggers"]);
    for (at, trigger) in triggers.iter().enumerate() {
        let field = format!("spec.triggers[{at}]");
        started(objects, item, (trigger, &field), needs, account.clone());
    }
    for trigger in selected.triggers {
        let spec = trigger.object.at(&["spec"]).unwrap_or(&Value::Null);
        started(objects, trigger, (spec, "spec"), needs, account.clone());
    }
}

/// The Trigger objects that a listener selects.
pub(super) struct Selected<'a> {
    pub(super) triggers: Vec<&'a Item>,
    /// In other namespaces than its own.
    is_wide: bool,
}

pub(super) fn selected<'a>(objects: &'a Objects, listener: &'a Item) -> Selected<'a> {
    let spec = listener.object.at(&["spec"]).unwrap_or(&Value::Null);
    let groups = spec.list_at(&["triggerGroups"]);
    let of_groups = groups.iter().filter_map(|group| group.get("triggerSelector"));
    let own = (spec.get("labelSelector").is_some() || spec.get("namespaceSelector").is_some())
        .then_some(spec);
    let mut selected = Selected { triggers: Vec::new(), is_wide: false };
    for selector in of_groups.chain(own) {
        let names = selector.at(&["namespaceSelector", "matchNames"]).and_then(Value::as_seq);
        let names: Vec<&str> = names.unwrap_or_default().iter().filter_map(Value::as_str).collect();
        let labels = selector.at(&["labelSelector", "matchLabels"]).and_then(Value::as_map);
        selected.is_wide |= !names.is_empty();
        let is_one = |item: &&Item| {
            let namespace = item.object.namespace();
            let is_there = if names.is_empty() {
                namespace == listener.object.namespace()
            } else {
                namespace.is_some_and(|name| names.contains(&name) || names.contains(&"*"))
            };
            let has = |key: &str, value: &Value| {
                item.object.at(&["metadata", "labels"]).and_then(|all| all.get(key)) == Some(value)
            };
            is_there
                && labels.is_none_or(|labels| labels.iter().all(|(key, value)| has(key, value)))
        };
        selected.triggers.extend(objects.of(TRIGGERS, "Trigger").filter(is_one));
    }
    selected
}

/// What a trigger creates, as its own account where it has one.
fn started<'a>(
    objects: &'a Objects,
    item: &'a Item,
    (trigger, field): (&'a Value, &str),
    needs: &mut AllNeeds<'a>,
    account: Account,
) {
    let namespace = item.object.namespace();
    let own = trigger.str_at(&["serviceAccountName"]).filter(|name| !name.is_empty());
    if let Some(own) = own {
        let because = format!("a trigger creates its runs as `{own}`");
        let impersonate =
            Rule::new(Place::App, &[""], &["serviceaccounts"], &[own], &["impersonate"]);
        let of_listener = needs.entry(account.clone()).or_default();
        of_listener.add(&impersonate, namespace, (item, field, &because));
    }
    let account = own.map_or(account, |own| Account::new(namespace, Some(own)));
    let template = trigger.str_at(&["template", "ref"]);
    let inline = trigger.at(&["template", "spec"]);
    let found =
        template.and_then(|name| objects.get((TRIGGERS, "TriggerTemplate"), namespace, name));
    let spec = inline.or_else(|| found.and_then(|found| found.object.at(&["spec"])));
    let of_account = needs.entry(account).or_default();
    let Some(spec) = spec else {
        if let Some(name) = template {
            let why = format!("its TriggerTemplate `{name}` is not among the objects");
            of_account.unread.push((format!("{}: {field}", item.object.name()), why));
        }
        return;
    };
    let templates = spec.list_at(&["resourcetemplates"]);
    for template in templates {
        let (Some(api), Some(kind)) =
            (template.str_at(&["apiVersion"]), template.str_at(&["kind"]))
        else {
            continue;
        };
        let group = crate::kubernetes::split_api(api).0;
        let plural = crate::kubernetes::plural(api, kind);
        let namespace = template.str_at(&["metadata", "namespace"]).or(namespace);
        let because = format!("an event creates a {kind}");
        of_account.add(&rule(group, &[&plural], &["create"]), namespace, (item, field, &because));
    }
}

fn kustomization<'a>(definitions: &Definitions, one: &Kustomization<'a>, needs: &mut AllNeeds<'a>) {
    let item = one.item;
    let object = &item.object;
    let Some(name) = object.value().str_at(&["spec", "serviceAccountName"]) else { return };
    if object.at(&["spec", "kubeConfig"]).is_some() {
        return;
    }
    let account = Account::new(object.namespace(), Some(name));
    let of_account = needs.entry(account).or_default();
    let who = format!("Kustomization {}", object.name());
    of_account.users.insert(who.clone());
    if one.objects.is_empty() {
        let why = "nothing below its path is among the objects".to_owned();
        of_account.unread.push((who, why));
        return;
    }
    let waits = object.at(&["spec", "wait"]).is_some_and(Value::is_true)
        || object.at(&["spec", "healthChecks"]).is_some();
    let target = object.value().str_at(&["spec", "targetNamespace"]);
    let (mut waited, mut with_sets) = (BTreeSet::new(), BTreeSet::new());
    for one in &one.objects {
        apply(definitions, item, one, target, of_account);
        let kind = one.object.kind();
        if waits && ["Deployment", "StatefulSet"].contains(&kind) {
            waited.extend(target.or(one.object.namespace()));
        }
        if waits && kind == "Deployment" {
            with_sets.extend(target.or(one.object.namespace()));
        }
    }
    // As kstatus' readers do (cli-utils, pkg/kstatus/polling/statusreaders).
    let because = format!("{who} waits for workloads, and its poller lists what is theirs");
    let place = (item, "spec.wait", because.as_str());
    for namespace in waited {
        of_account.add(&rule("", &["pods"], &["list"]), Some(namespace), place);
    }
    for namespace in with_sets {
        of_account.add(&rule("apps", &["replicasets"], &["list"]), Some(namespace), place);
    }
}

/// What server-side apply and pruning of one object take.
fn apply<'a>(
    definitions: &Definitions,
    item: &'a Item,
    one: &Item,
    target: Option<&str>,
    needs: &mut Needs<'a>,
) {
    let (api, kind) = (one.object.api_version(), one.object.kind());
    let known = definitions.kind(api, kind);
    let plural =
        known.map_or_else(|| crate::kubernetes::plural(api, kind), |known| known.plural.to_owned());
    let is_namespaced = known.is_none_or(|known| known.is_namespaced);
    let namespace = target.or(one.object.namespace()).filter(|_| is_namespaced);
    let because = format!("{} applies {kind} `{}`", item.object.name(), one.object.name());
    let place = (item, "spec.serviceAccountName", because.as_str());
    let verbs = ["create", "delete", "get", "patch"];
    needs.add(&rule(one.object.group(), &[&plural], &verbs), namespace, place);
}
