//! What is judged together, and by what.

use std::collections::BTreeMap;

use super::applied::Applied;
use super::cluster::Cluster;
use super::objects::Objects;
use crate::kubernetes::definitions::Definitions;
use crate::permissions::Rule as PermissionRule;

/// What the objects are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The kinds that are known, with those that the repository defines.
    pub definitions: &'a Definitions,
    /// What the cluster is and has switched on.
    pub cluster: &'a Cluster,
    /// What Tasks are declared to ask the API server for, where gen rendered them.
    pub declared: &'a Declared,
}

/// What Tasks are declared to ask for: by namespace and name of the Task, each rule with the namespace where it is asked.
pub type Declared = BTreeMap<(String, String), Vec<(String, PermissionRule)>>;

/// Objects that belong together, with what follows from all of them.
pub(super) struct Scope<'a> {
    pub(super) judge: Judge<'a>,
    pub(super) objects: &'a Objects,
    pub(super) applied: Applied<'a>,
}

impl<'a> Scope<'a> {
    /// Finds what each Kustomization applies.
    pub(super) fn new(judge: Judge<'a>, objects: &'a Objects) -> Self {
        Self { judge, objects, applied: Applied::new(objects) }
    }
}
