//! Where an app's pods run, and what they see beside their containers.

use serde::Serialize;

use crate::yaml::Value;

/// Where an app's pods run, and what they see beside their containers.
#[derive(Debug, Clone, Default, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    /// Fields of a Pod's `spec`, with its values.
    pub fields: Vec<(String, Value)>,
    /// `affinity`, if set.
    pub affinity: Value,
    /// How the pods spread: the label of the nodes, the skew, and whether it is required; not set for gen's own way.
    pub spread: Option<Vec<Spread>>,
    /// Name servers of its own.
    pub nameservers: Vec<String>,
}

/// An even spread of pods.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Spread {
    /// The label of nodes that divides them.
    pub key: String,
    /// The difference allowed.
    pub skew: u32,
    /// Pods wait rather than break it.
    pub required: bool,
}
