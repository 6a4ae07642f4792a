//! What the app keeps and mounts.

use serde::Serialize;

use crate::yaml::Value;

/// A volume that outlives the pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Storage {
    /// Its name; the claim is `<app>-<name>`.
    pub name: String,
    /// Its claim.
    pub claim: String,
    /// Its size.
    pub size: String,
    /// The StorageClass.
    pub class: Option<String>,
}

/// A file from a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct File {
    /// Its key in the ConfigMap.
    pub key: String,
    /// Where it is mounted.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the app keeps and mounts.
#[derive(Debug, Clone, Default, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volumes {
    /// Volumes that outlive the pod.
    pub storage: Vec<Storage>,
    /// Files from the app's ConfigMap.
    pub files: Vec<File>,
    /// `volumes` of the pod, but those of a StatefulSet's claim templates.
    pub volumes: Vec<Value>,
    /// `volumeMounts` of the container.
    pub mounts: Vec<Value>,
}
