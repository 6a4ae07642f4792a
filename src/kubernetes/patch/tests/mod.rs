//! Tests of reading, matching, protecting and of laws; the tables of cases are in tests/patches.rs.

mod errors;
mod laws;
mod matching;
mod protecting;

use super::Patch;
use crate::diagnostics::{Diagnostics, Look, Sources, render};
use crate::yaml::{Node, Value, read_one};

/// A text of one file, as a node, with the table that its places point into.
fn read(text: &str) -> (Sources, Node) {
    let mut sources = Sources::default();
    let id = sources.add("environments/dev.yaml", text);
    let node = read_one(id, text).unwrap();
    (sources, node)
}

fn value(text: &str) -> Value {
    read(text).1.to_value()
}

fn patch(text: &str) -> Result<Patch, Diagnostics> {
    Patch::read(&read(text).1)
}

/// A Deployment with a pinned image, as gen renders it.
const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: orders-dev
  labels: {app.kubernetes.io/name: orders, app.kubernetes.io/instance: orders-dev, tier: web}
  annotations: {gitops-gen.dev/hash: abc, example.test/note: n}
spec:
  replicas: 2
  selector: {matchLabels: {app.kubernetes.io/name: orders}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: orders, tier: web}
    spec:
      containers:
        - name: orders
          image: registry.example/orders@sha256:abc
          env: [{name: LOG_LEVEL, value: info}]
        - {name: proxy, image: registry.example/proxy:1}
      volumes: [{name: tmp, emptyDir: {}}]
";

const PINNED: &str = "registry.example/orders@sha256:abc";

/// Reads a patch and applies it to the Deployment; all that is said about it, as a person reads it.
fn said(text: &str) -> String {
    let (sources, node) = read(text);
    let before = value(DEPLOYMENT);
    let mut object = before.clone();
    let outcome = Patch::read(&node).and_then(|patch| {
        if patch.apply(&mut object, Some(PINNED))? {
            Ok(())
        } else {
            let seen = [("Deployment", "orders"), ("Service", "orders")];
            Err(patch.without_match(seen).into())
        }
    });
    let Err(errors) = outcome else {
        return format!("applied: {object}\n");
    };
    assert_eq!(object.to_string(), before.to_string(), "changed in spite of {errors}");
    let text: Vec<String> =
        errors.iter().map(|error| render(error, &sources, Look::Plain)).collect();
    text.concat()
}
