//! An app as it is to be written, and what becomes of each object.

use std::collections::BTreeMap;

use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// What the spec makes of an original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The object of the same kind and name.
    Same,
    /// An object with another name, or of another kind.
    Becomes {
        /// Its kind.
        kind: String,
        /// Its name; its beginning, if gen adds a hash.
        name: String,
        /// Why it does not keep its own.
        why: String,
    },
    /// No object: a key says the same.
    Within {
        /// The key.
        key: String,
        /// What that means.
        why: String,
    },
    /// Itself, under `extra`.
    Raw,
    /// Nothing.
    Left {
        /// Why, and what to do.
        why: String,
    },
}

impl Fate {
    /// Kind and name of the object that stands in its place, if it is one that a patch may reach.
    #[must_use]
    pub fn place<'a>(&'a self, object: &'a Object) -> Option<(&'a str, &'a str)> {
        match self {
            Self::Same => Some((object.kind(), object.name())),
            Self::Becomes { kind, name, .. } if kind != "Job" => Some((kind, name)),
            _ => None,
        }
    }
}

/// A patch that is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Residue {
    /// The kind of the object.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The fragment to merge.
    pub merge: Value,
}

/// An app, or one of its processes.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// The namespace of the originals.
    pub namespace: Option<String>,
    /// Its keys, in the order in which they are written.
    pub keys: Map,
    /// Decisions that are left to the user, by key.
    pub notes: BTreeMap<String, String>,
    /// What no key says.
    pub patches: Vec<Residue>,
    /// The originals that go to `extra`.
    pub raw: Vec<usize>,
    /// What becomes of the others.
    pub fates: Vec<(usize, Fate)>,
    /// What was decided against the original, and is no oversight: path of the rendered object and the reason.
    pub decided: Vec<(String, String)>,
    /// The APIs that it needs.
    pub apis: Vec<&'static str>,
    /// Settings of the environment that it wants: key and value.
    pub wishes: Vec<(&'static str, Value)>,
}

impl Draft {
    /// Whether something runs, rather than that it only carries manifests.
    #[must_use]
    pub fn is_program(&self) -> bool {
        self.keys.get("workload").and_then(Value::as_str) != Some("none")
    }

    /// Sets a key, unless the value is empty.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let is_empty = match &value {
            Value::Map(map) => map.is_empty(),
            Value::Seq(items) => items.is_empty(),
            Value::Null => true,
            _ => false,
        };
        if !is_empty {
            self.keys.insert(key, value);
        }
    }

    /// Sets a key if there is something to set.
    pub fn set_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// Leaves a decision to the user.
    pub fn note(&mut self, key: &str, text: impl Into<String>) {
        self.notes.entry(key.to_owned()).or_insert_with(|| text.into());
    }

    /// Says what becomes of an original.
    pub fn fate(&mut self, at: usize, fate: Fate) {
        self.fates.push((at, fate));
    }

    /// Carries an original as it is.
    pub fn carry(&mut self, at: usize) {
        self.raw.push(at);
        self.fates.push((at, Fate::Raw));
    }

    /// Adds a fragment to the patch of an object.
    pub fn patch(&mut self, kind: &str, name: &str, fragment: Value) {
        let there = self.patches.iter_mut().find(|one| one.kind == kind && one.name == name);
        if let Some(patch) = there {
            merge(&mut patch.merge, fragment);
        } else {
            let (kind, name) = (kind.to_owned(), name.to_owned());
            self.patches.push(Residue { kind, name, merge: fragment });
        }
    }
}

/// Puts one fragment into another; lists of named things are joined by name.
pub fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Map(into), Value::Map(from)) => {
            for (key, value) in from.iter() {
                match into.get_mut(key) {
                    Some(there) => merge(there, value.clone()),
                    None => {
                        into.push(key.to_owned(), value.clone());
                    }
                }
            }
        }
        (Value::Seq(into), Value::Seq(from)) => {
            for item in from {
                let name = item.str_at(&["name"]).map(str::to_owned);
                let there = into
                    .iter_mut()
                    .find(|other| name.is_some() && other.str_at(&["name"]) == name.as_deref());
                match there {
                    Some(there) => merge(there, item),
                    None => into.push(item),
                }
            }
        }
        (into, from) => *into = from,
    }
}
