//! Comparisons of plain manifests with the live cluster, by the library.

#![allow(dead_code, reason = "each test uses a part of what several share")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gitops_gen::change::{Applier, Change, Desired};
use gitops_gen::cluster::{
    Comparison, Connection, Kustomizations, NoProgress, Options, Scope, Target, compare,
};
use gitops_gen::resource::Identity;
use serde_json::Value;

use crate::support::text;

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
            Arc::new(Applier {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            })
        }),
    }
}

/// A connection with a kubeconfig.
pub fn connect(kubeconfig: &Path) -> Connection {
    Connection::open(&Target {
        kubeconfig: Some(kubeconfig.to_owned()),
        context: None,
    })
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
    compare(
        &connection,
        objects,
        &Scope::default(),
        options,
        &NoProgress,
    )
    .unwrap_or_else(|error| panic!("{error}"))
}

/// The scope of an environment `dev` with these Kustomizations.
pub fn scope(namespace: &str, names: &[&str]) -> Scope {
    Scope {
        environments: vec![Kustomizations {
            environment: "dev".to_owned(),
            namespace: namespace.to_owned(),
            names: names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>(),
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
    let change = found
        .next()
        .unwrap_or_else(|| panic!("{kind} {name} is in no class"));
    assert!(found.next().is_none(), "{kind} {name} is there twice");
    change
}
