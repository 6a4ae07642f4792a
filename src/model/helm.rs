//! A Helm chart that stands for an app.

use serde::Serialize;

use crate::yaml::{Map, Value};

/// A Helm chart.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Helm {
    /// Where it is.
    pub chart: Chart,
    /// Its version, or a range.
    pub version: String,
    /// The Secret for the repository or registry.
    pub secret: Option<String>,
    /// Its values.
    pub values: Value,
    /// `valuesFrom`, as in a HelmRelease.
    pub values_from: Value,
    /// The name of the release.
    pub release: String,
    /// The account that installs it.
    pub account: Option<String>,
    /// How it is installed, upgraded and removed: fields of a HelmRelease's `spec`.
    pub settings: Map,
    /// The interval of its source and release, if not that of all that Flux applies.
    pub interval: Option<String>,
    /// The time limit of an installation.
    pub timeout: String,
}

/// Where a chart is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// A name in a Helm repository.
    Repository {
        /// The chart.
        name: String,
        /// The repository.
        url: String,
    },
    /// An address in an OCI registry.
    Oci {
        /// The address.
        url: String,
    },
}
