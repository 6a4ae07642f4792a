//! The rights of an app's pods and containers.

use serde::Serialize;

use super::Level;
use crate::yaml::Value;

/// The rights of a container's processes.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hardening {
    /// The root file system is read-only.
    pub read_only_root: bool,
    /// Processes can gain rights.
    pub escalation: bool,
    /// All rights on the node.
    pub privileged: bool,
    /// Added capabilities.
    pub add: Vec<String>,
    /// Dropped capabilities.
    pub drop: Vec<String>,
    /// The filter of system calls, if not the pod's: `seccompProfile`, as in a Container.
    pub seccomp: Option<Value>,
    /// `appArmorProfile`, as in a Container.
    pub app_armor: Option<Value>,
}

/// The rights of an app's pods.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// The Pod Security level.
    pub level: Level,
    /// The rights of the app's container.
    #[serde(flatten)]
    pub container: Hardening,
    /// The group ID of the processes.
    pub group: Option<u32>,
    /// Their other groups.
    pub groups: Vec<u32>,
    /// The group of volumes, if set.
    pub fs_group: Option<u32>,
    /// Kernel settings.
    pub sysctls: Vec<(String, String)>,
    /// The node's network.
    pub host_network: bool,
    /// The node's processes.
    #[serde(rename = "hostPID")]
    pub host_pid: bool,
    /// The node's shared memory.
    #[serde(rename = "hostIPC")]
    pub host_ipc: bool,
}
