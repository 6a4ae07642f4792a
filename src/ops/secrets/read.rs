//! Finds the Secrets used by the objects of a rendered folder.

use std::collections::{BTreeMap, BTreeSet};

use super::Expected;
use super::command::receiver_path;
use super::role::{PULL, Role, SIGNATURE, TLS, of_app, of_flux};
use crate::diagnostics::FileId;
use crate::environment::Environment;
use crate::kubernetes::{Object, SecretUse, secrets};
use crate::model::{App, Trigger};
use crate::tree::Folder;
use crate::yaml::{Limits, Node, read_documents};

/// The Secrets that a folder's objects expect, by namespace and name. `apps` are those whose folder it is: one, or all of the
/// environment for shared objects. `repository` is the URL that Flux reads the tree from.
#[must_use]
pub fn expected(
    environment: &Environment,
    apps: &[&App],
    repository: &str,
    folder: &Folder,
) -> Vec<Expected> {
    let mut found: BTreeMap<(String, String), Expected> = BTreeMap::new();
    for (path, text) in &folder.files {
        let is_yaml = path.rsplit_once('.').is_some_and(|(_, end)| end == "yaml");
        if is_yaml {
            note(environment, apps, repository, &objects(text), &mut found);
        }
    }
    found.into_values().collect()
}

/// The objects of a file; those inside the ConfigMap by which a workload travels to its deploy task too. What is not an object, such
/// as a list of files for kustomize, names no Secret.
fn objects(text: &str) -> Vec<Object> {
    let Ok(documents) = read_documents(FileId::BUILT_IN, text, Limits::default()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for object in documents.iter().map(Node::to_value).filter_map(|value| Object::new(value).ok()) {
        let carried = object.at(&["data", "workload.yaml"]).and_then(crate::yaml::Value::as_str);
        if let (Some(text), "ConfigMap") = (carried, object.kind()) {
            all.extend(objects(text));
        }
        all.push(object);
    }
    all
}

fn note(
    environment: &Environment,
    apps: &[&App],
    repository: &str,
    objects: &[Object],
    found: &mut BTreeMap<(String, String), Expected>,
) {
    for object in objects {
        for used in secrets(object) {
            let SecretUse { namespace, name, key } = used;
            let mut roles: Vec<Role> =
                apps.iter().flat_map(|app| of_app(app, environment, &namespace, &name)).collect();
            roles.extend(of_flux(environment, &namespace, &name, repository));
            let roles = if roles.is_empty() { by_object(object, key.as_deref()) } else { roles };
            let expected =
                found.entry((namespace.clone(), name.clone())).or_insert_with(|| Expected {
                    environment: environment.name.clone(),
                    cluster: environment.cluster.clone(),
                    context: environment.context.clone(),
                    namespace,
                    name,
                    kind: "Opaque",
                    keys: BTreeMap::new(),
                    optional: BTreeMap::new(),
                    users: BTreeSet::new(),
                    breaks: BTreeSet::new(),
                    then: BTreeSet::new(),
                });
            if object.kind() == "Receiver" {
                expected.then.insert(webhook(environment, object));
            }
            let listens = apps
                .iter()
                .filter(|app| object.kind() == "EventListener" && app.name == object.name());
            expected.then.extend(
                listens
                    .filter_map(|app| app.trigger.as_ref())
                    .map(|trigger| listener(trigger, &expected.namespace, object.name())),
            );
            expected.users.insert(format!("{} {}", object.kind(), object.name()));
            let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
                pairs.iter().map(|(key, doc)| ((*key).to_owned(), (*doc).to_owned())).collect()
            };
            for role in &roles {
                if role.kind != "Opaque" {
                    expected.kind = role.kind;
                }
                expected.keys.extend(owned(role.keys));
                expected.optional.extend(owned(role.optional));
                expected.breaks.insert(role.breaks);
            }
            if let Some(key) = key.filter(|key| {
                !expected.keys.contains_key(key) && !expected.optional.contains_key(key)
            }) {
                expected.keys.insert(key, "a value known to the app".to_owned());
            }
        }
    }
}

/// How to set up the git host for a Receiver. Its path is a hash that includes the token, so only the cluster knows it.
fn webhook(environment: &Environment, receiver: &Object) -> String {
    let host = environment.flux.receiver.as_ref();
    let address = host
        .and_then(|receiver| receiver.host.as_ref().map(|host| (host, &receiver.tls)))
        .map_or_else(
            || "the URL of Flux's Service `webhook-receiver`".to_owned(),
            |(host, tls)| address(host, tls.is_some()),
        );
    let show = receiver_path(environment, receiver.name());
    format!("set the git host's webhook to {address} and the path printed by: {show}")
}

/// How to set up the git host for a listener.
fn listener(trigger: &Trigger, namespace: &str, name: &str) -> String {
    let address = trigger.host.as_ref().map_or_else(
        || format!("the URL of the Service `el-{name}` in {namespace}"),
        |host| address(host, trigger.tls.is_some()),
    );
    let events: BTreeSet<&str> =
        trigger.events.iter().flat_map(|event| event.types.iter().map(String::as_str)).collect();
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
fn by_object(object: &Object, key: Option<&str>) -> Vec<Role> {
    let plain = |breaks| Role { kind: "Opaque", keys: &[], optional: &[], breaks };
    vec![match object.kind() {
        "Ingress" => TLS,
        "EventListener" => SIGNATURE,
        "Deployment" | "StatefulSet" | "CronJob" if key.is_none() && pulls(object) => PULL,
        "Deployment" | "StatefulSet" | "CronJob" => plain("the app's pods do not start"),
        "Task" | "Pipeline" | "PipelineRun" | "TriggerTemplate" => {
            plain("the task's pod does not start")
        }
        _ => plain("the object that uses it does not work"),
    }]
}

fn pulls(object: &Object) -> bool {
    let paths: [&[&str]; 2] = [
        &["spec", "template", "spec", "imagePullSecrets"],
        &["spec", "jobTemplate", "spec", "template", "spec", "imagePullSecrets"],
    ];
    paths.iter().any(|path| object.at(path).is_some())
}
