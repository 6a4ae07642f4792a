//! What objects can refer to by name, and how the API server calls it.

use super::super::finding::{Level, Rule};
use super::rules::{CLASS, NAMESPACE, OBJECT, SECRET};

/// A kind of object that others refer to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub struct Kind {
    /// `storage.k8s.io/v1`.
    pub api_version: &'static str,
    /// `StorageClass`.
    pub kind: &'static str,
    /// `storageclasses`.
    pub plural: &'static str,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
}

const fn kind(
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    is_namespaced: bool,
) -> Kind {
    Kind { api_version, kind, plural, is_namespaced }
}

pub(super) const SECRETS: Kind = kind("v1", "Secret", "secrets", true);
pub(super) const CONFIG_MAPS: Kind = kind("v1", "ConfigMap", "configmaps", true);
pub(super) const ACCOUNTS: Kind = kind("v1", "ServiceAccount", "serviceaccounts", true);
pub(super) const CLAIMS: Kind = kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);
pub(super) const NAMESPACES: Kind = kind("v1", "Namespace", "namespaces", false);
pub(super) const STORAGE: Kind = kind("storage.k8s.io/v1", "StorageClass", "storageclasses", false);
pub(super) const INGRESS: Kind =
    kind("networking.k8s.io/v1", "IngressClass", "ingressclasses", false);
pub(super) const GATEWAYS: Kind = kind("gateway.networking.k8s.io/v1", "Gateway", "gateways", true);
pub(super) const GATEWAY_CLASSES: Kind =
    kind("gateway.networking.k8s.io/v1", "GatewayClass", "gatewayclasses", false);
pub(super) const PRIORITIES: Kind =
    kind("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false);
pub(super) const RUNTIMES: Kind = kind("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false);

/// The annotation of the StorageClass that claims without one get.
pub const DEFAULT_STORAGE: &str = "storageclass.kubernetes.io/is-default-class";

/// One object that others refer to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
pub struct Thing {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name; none for the StorageClass that is the default.
    pub name: Option<String>,
}

impl Kind {
    /// The API group.
    pub(super) fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The rule that it must be there.
    pub(super) fn rule(&self) -> &'static Rule {
        match self.kind {
            "Secret" => &SECRET,
            "Namespace" => &NAMESPACE,
            "ConfigMap" | "ServiceAccount" | "PersistentVolumeClaim" => &OBJECT,
            _ => &CLASS,
        }
    }

    /// How grave it is if it is not there.
    pub(super) fn level(&self) -> Level {
        // Some controllers take the name of a class that no object describes.
        if *self == INGRESS { Level::Warning } else { Level::Error }
    }
}
