//! A trail: from an object that failed, down to what it follows from.

use crate::diagnose::diagnosis::{Ref, Weight};
use crate::diagnose::fact::{Fact, Gravity};
use crate::diagnose::signature::{Hit, Role, rank};
use crate::diagnose::snapshot::Thing;

/// An object, or a log, on a trail.
#[derive(Debug, Clone)]
pub(super) struct Station<'a> {
    pub of: Ref,
    pub thing: Option<&'a Thing>,
    /// What it shows, if no signature knows it.
    pub fact: Option<Fact>,
    /// The signature that explains it.
    pub hit: Option<Hit>,
    /// What else it shows.
    pub others: Vec<Hit>,
}

/// From the symptom to the cause.
#[derive(Debug, Clone)]
pub(super) struct Trail<'a> {
    pub stations: Vec<Station<'a>>,
    /// Other failures below the same objects.
    pub besides: Vec<Trail<'a>>,
    /// How the first object stands.
    pub root: Gravity,
    /// Text that may hold refusals of the API server.
    pub text: String,
}

impl Trail<'_> {
    /// Where it ends.
    pub fn leaf(&self) -> Option<&Station<'_>> {
        self.stations.last()
    }

    fn role(&self) -> Option<Role> {
        self.leaf()?.hit.as_ref().map(|hit| hit.role)
    }

    /// How grave it is.
    pub fn weight(&self) -> Weight {
        match self.role() {
            Some(Role::Note) => Weight::Note,
            Some(Role::Waiting) => Weight::Waits,
            _ if self.root == Gravity::Busy => Weight::Stuck,
            _ => Weight::Failed,
        }
    }

    /// All objects on it and beside it.
    pub fn all(&self) -> Vec<Ref> {
        let own = self.stations.iter().map(|one| one.of.clone());
        own.chain(self.besides.iter().flat_map(Trail::all)).collect()
    }

    /// What is better known comes first: a cause, a symptom, a message that nobody knows, a consequence.
    pub fn order(&self) -> u8 {
        match self.role() {
            Some(role @ (Role::Cause | Role::Symptom)) => rank(role),
            None => 2,
            Some(role) => rank(role) + 2,
        }
    }
}

/// The name of an object.
pub(super) fn reference(thing: &Thing) -> Ref {
    Ref { kind: thing.kind.clone(), namespace: thing.namespace.clone(), name: thing.name.clone() }
}
