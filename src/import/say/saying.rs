//! A program while it is said, and the short forms of what is.

use super::ports::Ports;
use crate::import::draft::Draft;
use crate::import::group::Group;
use crate::import::world::World;
use crate::yaml::{Map, Value};

/// A program while it is said.
pub(super) struct Saying<'w> {
    pub(super) world: &'w World,
    pub(super) group: &'w Group,
    pub(super) environment: &'w str,
    pub(super) kind: &'w str,
    pub(super) body: &'w Value,
    /// The pod's `spec`.
    pub(super) pod: &'w Value,
    /// Its own container; the others are helpers.
    pub(super) main: &'w Value,
    pub(super) ports: Ports,
    pub(super) draft: Draft,
    /// Names of volumes, of those that several containers mount.
    pub(super) shared: Vec<String>,
    /// It is said as a process of an app.
    pub(super) is_process: bool,
}

/// The value of the only key, for mappings that can be written so.
pub(super) fn short(map: Map, key: &str) -> Result<Value, Map> {
    match map.get(key) {
        Some(value) if map.len() == 1 => Ok(value.clone()),
        _ => Err(map),
    }
}
