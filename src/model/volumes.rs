//! Persistent volumes, files and mounts of the app.

use serde::Serialize;

use crate::diagnostics::Span;
use crate::yaml::Value;

/// A persistent volume.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// Its name; the claim is `<app>-<name>`.
    pub name: String,
    /// Its claim.
    pub claim: String,
    /// Its size.
    pub size: String,
    /// The StorageClass; empty for none.
    pub class: Option<String>,
    /// The PersistentVolume that it is.
    pub volume: Option<String>,
    /// What it is filled from, as in a claim's `dataSourceRef`.
    pub data_source: Option<Value>,
    /// The access mode, as in a claim.
    pub access: &'static str,
    /// It stays if the app is removed.
    pub keep: bool,
}

/// A file from a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct File {
    /// Its key in the ConfigMap.
    pub key: String,
    /// Its mount path.
    pub path: String,
    /// Its content, if that is text.
    pub text: String,
    /// Its content in Base64, if it is not.
    pub binary: Option<String>,
    /// The file of the repository that it comes from.
    pub from: Option<String>,
    /// Its location in the spec.
    #[serde(skip)]
    pub span: Span,
}

/// Persistent volumes, files and mounts of the app.
#[derive(Debug, Clone, Default, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volumes {
    /// Persistent volumes.
    pub storage: Vec<Storage>,
    /// Some of them are for one node or one pod.
    pub exclusive: bool,
    /// Files from the app's ConfigMap.
    pub files: Vec<File>,
    /// `volumes` of the pod, without those of a StatefulSet's claim templates.
    pub volumes: Vec<Value>,
    /// `volumeMounts` of the container.
    pub mounts: Vec<Value>,
}
