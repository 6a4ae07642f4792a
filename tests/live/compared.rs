//! Comparisons of plain manifests with the live cluster, by the library.

#![allow(dead_code, reason = "each test uses a part of what several share")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gitops_gen::change::{Applier, Change, Desired};
use gitops_gen::cluster::{
    Comparison, Connection, Kustomizations, NoProgress, Options, Scope, Target, compare,
};
use gitops_gen::kubernetes::Identity;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::support::{objects, text};

/// An object of the tree, applied by a Kustomization in that namespace; by Flux's entry where there is no name.
pub fn desired(body: &Value, applier: Option<(&str, &str)>) -> Desired {
    let api_version = text(body, "/apiVersion").to_owned();
    let namespace = text(body, "/metadata/namespace");
    Desired {
        identity: Identity {
            group: api_version
                .rsplit_once('/')
                .map_or(String::new(), |(group, _)| group.to_owned()),
            kind: text(body, "/kind").to_owned(),
            namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
            name: text(body, "/metadata/name").to_owned(),
        },
        api_version,
        body: body.clone(),
        environment: "dev".into(),
        app: None,
        path: "tree.yaml".into(),
        origin: None,
        applier: applier.map(|(namespace, name)| {
            Arc::new(Applier { namespace: namespace.to_owned(), name: name.to_owned() })
        }),
    }
}

/// A connection with a kubeconfig.
pub fn connect(kubeconfig: &Path) -> Connection {
    Connection::open(&Target { kubeconfig: Some(kubeconfig.to_owned()), context: None })
        .expect("a connection")
}

/// Short limits, so that what fails fails soon.
pub fn options() -> Options {
    Options {
        deadline: Duration::from_mins(1),
        request_timeout: Duration::from_secs(20),
        ..Options::default()
    }
}

/// A comparison of these objects, with nothing that would be pruned.
pub fn compared(kubeconfig: &Path, objects: Vec<Desired>, options: &Options) -> Comparison {
    let connection = connect(kubeconfig);
    compare(&connection, objects, &Scope::default(), options, &NoProgress)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The scope of an environment `dev` with these Kustomizations.
pub fn scope(namespace: &str, names: &[&str]) -> Scope {
    Scope {
        environments: vec![Kustomizations {
            environment: "dev".to_owned(),
            namespace: namespace.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(),
        }],
        apps: None,
    }
}

/// What became of an object, by its name.
#[track_caller]
pub fn of<'c>(comparison: &'c Comparison, kind: &str, name: &str) -> &'c Change {
    let mut found = comparison
        .changes
        .iter()
        .filter(|change| change.identity.kind == kind && change.identity.name == name);
    let change = found.next().unwrap_or_else(|| panic!("{kind} {name} is in no class"));
    assert!(found.next().is_none(), "{kind} {name} is there twice");
    change
}

/// A kubeconfig of the administrator who acts as somebody: a user that nothing is granted to until a test does.
pub fn impersonating(cluster: &Cluster, folder: &Path, user: &str) -> std::path::PathBuf {
    let authority = folder.join("ca.pem");
    std::fs::write(&authority, cluster.authority()).expect("it is written");
    let path = folder.join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\ncontexts: [{{name: test, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: \"{}\", certificate-authority: {}}}}}]\n\
         users: [{{name: u, user: {{token: \"{}\", as: {user}}}}}]\n",
        cluster.url(),
        authority.display(),
        cluster.token("admin"),
    );
    std::fs::write(&path, text).expect("it is written");
    path
}

/// The objects of a rendered tree, with who applies each: the Kustomization whose path is its folder.
pub fn tree(clusters: &Path, cluster: &str) -> Vec<Desired> {
    let objects: Vec<_> = objects(clusters)
        .into_iter()
        .filter(|object| !object.inner && object.cluster() == cluster)
        .collect();
    let appliers: BTreeMap<String, (String, String)> = objects
        .iter()
        .filter(|object| object.kind() == "Kustomization")
        .map(|object| {
            let path = text(&object.value, "/spec/path");
            let path = path.trim_start_matches("./clusters/").to_owned();
            (path, (object.namespace().to_owned(), object.name().to_owned()))
        })
        .collect();
    objects
        .iter()
        .map(|object| {
            let folder = object.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let applier =
                appliers.get(folder).map(|(namespace, name)| (namespace.as_str(), name.as_str()));
            desired(&object.value, applier)
        })
        .collect()
}
