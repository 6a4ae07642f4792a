//! Containers beside the app's own: before it, or along with it.

use serde::Serialize;

use super::{Hardening, Probes};
use crate::yaml::Value;

/// A container beside the app's own. Values copied into the object already have Kubernetes' shape.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Helper {
    /// Its name.
    pub name: String,
    /// It runs along with the app, instead of before it.
    pub sidecar: bool,
    /// Its image; that of the app if not set.
    pub image: Option<String>,
    /// When the node pulls the image, as a Container's `imagePullPolicy`.
    pub pull: Option<&'static str>,
    /// The program.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Where it runs and what it reads: fields of a Container.
    pub fields: Vec<(&'static str, Value)>,
    /// `env`, as in a Container.
    pub env: Value,
    /// `envFrom`, as in a Container.
    pub env_from: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user ID, if not the pod's.
    pub user: Option<u32>,
    /// Its rights.
    pub security: Hardening,
    /// What the kubelet asks it.
    pub probes: Probes,
    /// `terminationMessagePolicy`, as in a Container.
    pub termination_message_policy: Option<String>,
    /// `volumeMounts`, as in a Container.
    pub mounts: Vec<Value>,
}
