//! Finds the Secrets used by the objects of a rendered folder.

use std::collections::{BTreeMap, BTreeSet};

use super::Expected;
use super::command::receiver_path;
use super::role::{PULL, Role, SIGNATURE, TLS, of_app, of_flux};
use crate::cluster::Target;
use crate::diagnostics::FileId;
use crate::environment::{Environment, Run};
use crate::kubernetes::{Object, SecretUse, made_secrets, secrets};
use crate::model::{App, Trigger};
use crate::tree::Folder;
use crate::yaml::{Limits, Node, Value, read_documents};

/// A Secret by cluster, namespace and name.
pub type Made = (String, String, String);

/// The Secrets that a folder's objects expect, by namespace and name, and those that come of its objects. `apps` are those whose folder it is: one, or all of the
/// environment for shared objects. `target` is the cluster for the commands, `repository` the URL that Flux reads the tree from.
#[must_use]
pub fn expected(
    environment: &Environment,
    target: &Target,
    apps: &[App],
    repository: &str,
    folder: &Folder,
) -> (Vec<Expected>, Vec<Made>) {
    let mut made = Vec::new();
    let mut found: BTreeMap<(String, String), Expected> = BTreeMap::new();
    let is_yaml = |path: &str| path.rsplit_once('.').is_some_and(|(_, end)| end == "yaml");
    for (_, text) in folder.files.iter().filter(|(path, _)| is_yaml(path)) {
        for object in objects(text) {
            let cluster = || environment.cluster.clone();
            let of_object = made_secrets(&object).into_iter();
            made.extend(of_object.map(|(namespace, name)| (cluster(), namespace, name)));
            for used in secrets(&object) {
                note(environment, target, apps, repository, &object, used, &mut found);
            }
        }
    }
    if let [app] = apps
        && let Some(object) = by_hand(app)
    {
        for used in secrets(&object) {
            note(environment, target, apps, repository, &object, used, &mut found);
        }
    }
    (found.into_values().collect(), made)
}

/// The part of a run that names Secrets, where a person creates it: no object of the tree then does.
fn by_hand(app: &App) -> Option<Object> {
    let pipeline =
        app.pipeline.as_ref().filter(|_| app.trigger.is_none() && app.run != Run::Commit)?;
    let bound = pipeline.all().flat_map(|task| &task.bound).filter_map(|bound| bound.own.as_ref());
    let name = |name: &String| Value::from([("name", name.as_str().into())]);
    let pulled = pipeline.pull_secrets.iter().map(name).collect();
    let pod = Value::from([("imagePullSecrets", Value::Seq(pulled))]);
    let run = Value::from([
        ("apiVersion", "tekton.dev/v1".into()),
        ("kind", "PipelineRun".into()),
        (
            "metadata",
            Value::from([
                ("name", app.name.as_str().into()),
                ("namespace", app.pipeline_namespace.as_str().into()),
            ]),
        ),
        (
            "spec",
            Value::from([
                ("workspaces", Value::Seq(bound.map(|(_, binding)| binding.clone()).collect())),
                ("taskRunTemplate", Value::from([("podTemplate", pod)])),
            ]),
        ),
    ]);
    Object::new(run).ok()
}

/// The objects of a file, and those inside the ConfigMap that carries a workload to its deploy task. Anything else, such as a
/// kustomization.yaml, names no Secret.
fn objects(text: &str) -> Vec<Object> {
    let Ok(documents) = read_documents(FileId::BUILT_IN, text, Limits::default()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for object in documents.iter().map(Node::to_value).filter_map(|value| Object::new(value).ok()) {
        let carried = object.at(&["data", "workload.yaml"]).and_then(Value::as_str);
        if let (Some(text), "ConfigMap") = (carried, object.kind()) {
            all.extend(objects(text));
        }
        all.push(object);
    }
    all
}

fn note(
    environment: &Environment,
    target: &Target,
    apps: &[App],
    repository: &str,
    object: &Object,
    used: SecretUse,
    found: &mut BTreeMap<(String, String), Expected>,
) {
    let SecretUse { namespace, name, key } = used;
    let of_apps = apps.iter().flat_map(|app| of_app(app, environment, &namespace, &name));
    let mut roles: Vec<Role> =
        of_apps.chain(of_flux(environment, &namespace, &name, repository)).collect();
    if roles.is_empty() {
        roles.push(by_object(object, key.as_deref()));
    }
    let expected = found.entry((namespace.clone(), name.clone())).or_insert_with(|| Expected {
        environment: environment.name.clone(),
        cluster: environment.cluster.clone(),
        target: target.clone(),
        namespace,
        name,
        kind: "Opaque",
        keys: BTreeMap::new(),
        optional: BTreeMap::new(),
        users: BTreeSet::new(),
        breaks: BTreeSet::new(),
        then: BTreeSet::new(),
    });
    match object.kind() {
        "Receiver" => drop(expected.then.insert(webhook(environment, target, object))),
        "EventListener" => {
            let namespace = expected.namespace.as_str();
            let triggers = apps.iter().filter_map(|app| {
                let trigger = app.trigger.as_ref()?;
                let is_here = match &trigger.listener {
                    Some(of_all) => of_all == namespace && trigger.secret == expected.name,
                    None => app.name == object.name(),
                };
                is_here.then_some(trigger)
            });
            // One webhook of an organization can be enough for all of its repositories.
            let mut hosts: BTreeMap<&str, Vec<&Trigger>> = BTreeMap::new();
            for trigger in triggers {
                hosts.entry(&trigger.host_kind).or_default().push(trigger);
            }
            let each = hosts.values().map(|all| listener(all, namespace, object.name()));
            expected.then.extend(each);
        }
        _ => {}
    }
    expected.users.insert(format!("{} {}", object.kind(), object.name()));
    let owned = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
    for role in &roles {
        if role.kind != "Opaque" {
            expected.kind = role.kind;
        }
        // The signature's key can have another name.
        let renamed = key.as_deref().filter(|_| *role == SIGNATURE);
        let owned_as =
            |pair: &(&str, &str)| (renamed.unwrap_or(pair.0).to_owned(), pair.1.to_owned());
        expected.keys.extend(role.keys.iter().map(owned_as));
        expected.optional.extend(role.optional.iter().map(owned));
        expected.breaks.insert(role.breaks);
    }
    if let Some(key) = key.filter(|key| !expected.optional.contains_key(key)) {
        expected.keys.entry(key).or_insert_with(|| "a value known to the app".to_owned());
    }
}

/// How to set up the git host for a Receiver. Its path is a hash that includes the token, so only the cluster knows it.
fn webhook(environment: &Environment, target: &Target, receiver: &Object) -> String {
    let settings = environment.flux.receiver.as_ref();
    let url = settings.and_then(|one| Some(address(one.host.as_ref()?, one.tls.is_some())));
    let url = url.unwrap_or_else(|| "the URL of Flux's Service `webhook-receiver`".to_owned());
    let show = receiver_path(environment, target, receiver.name());
    format!("set the git host's webhook to {url} and the path printed by: {show}")
}

/// How to set up a git host for a listener, whose triggers for it are these.
fn listener(triggers: &[&Trigger], namespace: &str, name: &str) -> String {
    let hosted = triggers.first().and_then(|one| Some((one.host.as_ref()?, one.tls.is_some())));
    let address = hosted.map_or_else(
        || format!("the URL of the Service `el-{name}` in {namespace}"),
        |(host, encrypted)| address(host, encrypted),
    );
    let events = triggers.iter().flat_map(|trigger| &trigger.events);
    let events: BTreeSet<&str> =
        events.flat_map(|event| &event.types).map(String::as_str).collect();
    let events: Vec<&str> = events.into_iter().collect();
    format!(
        "set the git host's webhook to {address}, with content type application/json, for the events {}",
        events.join(", ")
    )
}

fn address(host: &str, encrypted: bool) -> String {
    format!("{}://{host}", if encrypted { "https" } else { "http" })
}

/// The purpose of a Secret that only the object itself mentions.
fn by_object(object: &Object, key: Option<&str>) -> Role {
    let plain = |breaks| Role { kind: "Opaque", keys: &[], optional: &[], breaks };
    match object.kind() {
        "Ingress" => TLS,
        "EventListener" => SIGNATURE,
        "Deployment" | "StatefulSet" | "CronJob" if key.is_none() && pulls(object) => PULL,
        "Deployment" | "StatefulSet" | "CronJob" => plain("the app's pods do not start"),
        "Task" | "Pipeline" | "PipelineRun" | "TriggerTemplate" => {
            plain("the task's pod does not start")
        }
        _ => plain("the object that uses it does not work"),
    }
}

fn pulls(object: &Object) -> bool {
    let paths: [&[&str]; 2] = [
        &["spec", "template", "spec", "imagePullSecrets"],
        &["spec", "jobTemplate", "spec", "template", "spec", "imagePullSecrets"],
    ];
    paths.iter().any(|path| object.at(path).is_some())
}
