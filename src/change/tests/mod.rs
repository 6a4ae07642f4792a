//! The laws of comparing, and what must never be shown.

mod laws;
mod masking;
mod meaning;
mod rights;
mod trees;

use std::sync::Arc;

use serde_json::Value;

use super::Desired;
use crate::kubernetes::Identity;
use crate::yaml::read_documents;

/// An object from YAML, as it would stand in a tree.
fn desired(text: &str) -> Desired {
    let body = body(text);
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let api_version = at("/apiVersion").unwrap();
    Desired {
        identity: Identity {
            group: api_version.rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
            kind: at("/kind").unwrap(),
            namespace: at("/metadata/namespace"),
            name: at("/metadata/name").unwrap(),
        },
        api_version,
        body,
        environment: Arc::from("dev"),
        app: Some(Arc::from("shop")),
        path: Arc::from("clusters/home/dev/shop/app/workload.yaml"),
        origin: None,
        applier: None,
    }
}

fn body(text: &str) -> Value {
    let mut documents =
        read_documents(crate::diagnostics::FileId::BUILT_IN, text, crate::yaml::Limits::default())
            .unwrap();
    serde_json::to_value(documents.pop().unwrap().to_value()).unwrap()
}

/// Objects from a stream.
fn all(text: &str) -> Vec<Desired> {
    text.split("---\n").filter(|text| !text.trim().is_empty()).map(desired).collect()
}
