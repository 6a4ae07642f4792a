//! A mapping that keeps its order, and that many values can share.
//!
//! Most of what templates say is the same for every app. A mapping that is shared is copied by counting one more user, and
//! whoever changes one gets a copy of its own first, so that sharing can be seen in nothing but time and memory.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use serde::ser::{Serialize, SerializeMap, Serializer};
use smol_str::SmolStr;

use super::Value;

/// A key: short ones, and those that are written in the program, are copied without being allocated.
pub type Key = SmolStr;

/// A mapping from texts to values that keeps its order. Objects of Kubernetes have few keys, so looking through them
/// in turn is faster than hashing.
#[derive(Debug, Clone)]
pub struct Map {
    entries: Entries,
}

#[derive(Debug, Clone)]
enum Entries {
    Own(Vec<(Key, Value)>),
    Shared(Arc<Shared>),
}

/// The entries of a mapping that is shared, and its text once it was written.
#[derive(Debug)]
pub(super) struct Shared {
    entries: Vec<(Key, Value)>,
    written: OnceLock<Written>,
}

/// How a mapping is written in one column: nothing where that depends on what follows it.
#[derive(Debug)]
struct Written {
    column: usize,
    text: Option<String>,
}

impl Shared {
    /// The text of the mapping in a column, by `write` where it is not known yet. One column is remembered: a part of a template
    /// nearly always stands in the same.
    pub fn written(&self, column: usize, write: impl FnOnce() -> Option<String>) -> Option<&str> {
        let written = self.written.get_or_init(|| Written { column, text: write() });
        let text = written.text.as_deref();
        text.filter(|_| written.column == column)
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl PartialEq for Map {
    /// The order of keys is how it looks, not what it says.
    fn eq(&self, other: &Self) -> bool {
        if let (Entries::Shared(one), Entries::Shared(other)) = (&self.entries, &other.entries)
            && Arc::ptr_eq(one, other)
        {
            return true;
        }
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl Hash for Map {
    /// The order of keys counts, because it is how the mapping will be written.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entries().hash(state);
    }
}

impl Map {
    /// A mapping with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { entries: Entries::Own(Vec::with_capacity(capacity)) }
    }

    /// Lets all copies made from now on share the entries, and those of the mappings below.
    pub fn share(&mut self) {
        if let Entries::Own(entries) = &mut self.entries {
            for (_, value) in entries.iter_mut() {
                value.share();
            }
            let entries = std::mem::take(entries);
            self.entries = Entries::Shared(Arc::new(Shared { entries, written: OnceLock::new() }));
        }
    }

    /// What it shares, where it does.
    pub(super) fn shared(&self) -> Option<&Shared> {
        match &self.entries {
            Entries::Own(_) => None,
            Entries::Shared(shared) => Some(shared),
        }
    }

    /// Entries in order, keys as they are kept.
    pub(super) fn entries(&self) -> &[(Key, Value)] {
        match &self.entries {
            Entries::Own(entries) => entries,
            Entries::Shared(shared) => &shared.entries,
        }
    }

    /// The entries, to change: a copy where they are shared.
    fn own(&mut self) -> &mut Vec<(Key, Value)> {
        if let Entries::Shared(shared) = &self.entries {
            self.entries = Entries::Own(shared.entries.clone());
        }
        match &mut self.entries {
            Entries::Own(entries) => entries,
            Entries::Shared(_) => unreachable!("made its own just above"),
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.entries().iter().position(|(k, _)| k == key)
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let entry = self.entries().iter().find(|(k, _)| k.as_str() == key);
        entry.map(|(_, value)| value)
    }

    /// The value under a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let index = self.position(key)?;
        Some(&mut self.own()[index].1)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a key: in its old place where it is there, at the end where it is new. Returns what was there.
    pub fn insert(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.own().push((key, value));
        None
    }

    /// Adds an entry that the caller knows to be new.
    pub fn push(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        self.own().push((key.into(), value.into()));
    }

    /// Adds an entry at the end, where there is a value.
    pub fn push_some(&mut self, key: impl Into<Key>, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.push(key, value);
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let index = self.position(key)?;
        Some(self.own().remove(index).1)
    }

    /// The value under a key, which is made where it is missing.
    pub fn entry_or(&mut self, key: &str, value: impl FnOnce() -> Value) -> &mut Value {
        let index = self.position(key).unwrap_or_else(|| {
            let entries = self.own();
            entries.push((key.into(), value()));
            entries.len() - 1
        });
        &mut self.own()[index].1
    }

    /// The mapping under a key, which is made (or put in the place of another value) where it is missing.
    pub fn map_at(&mut self, key: &str) -> &mut Self {
        let value = self.entry_or(key, || Value::Map(Self::default()));
        if !matches!(value, Value::Map(_)) {
            *value = Value::Map(Self::default());
        }
        match value {
            Value::Map(map) => map,
            _ => unreachable!("made a mapping just above"),
        }
    }

    /// The list at this key; made where it is missing, and put in the place of anything else.
    ///
    /// # Panics
    /// Never: what is not a list is replaced by one just before.
    pub fn list_at(&mut self, key: &str) -> &mut Vec<Value> {
        let value = self.entry_or(key, || Value::Seq(Vec::new()));
        if value.as_seq().is_none() {
            *value = Value::Seq(Vec::new());
        }
        value.as_seq_mut().expect("it was made one")
    }

    /// Entries in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        let entries = self.entries().iter();
        entries.map(|(key, value)| (key.as_str(), value))
    }

    /// Entries in order, values to change.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Value)> {
        let entries = self.own().iter_mut();
        entries.map(|(key, value)| (key.as_str(), value))
    }

    /// Keys in order.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    /// Puts the entries in the order of their keys, for digests and for what has no order of its own.
    pub fn sort(&mut self) {
        if !self.keys().is_sorted() {
            self.own().sort_by(|a, b| a.0.cmp(&b.0));
        }
    }

    /// Brings the named keys to the front, in the order named; the others keep theirs.
    pub fn lead_with(&mut self, keys: &[&str]) {
        let rank = |key: &str| keys.iter().position(|k| *k == key).unwrap_or(keys.len());
        if !self.keys().is_sorted_by_key(rank) {
            self.own().sort_by_key(|(key, _)| rank(key));
        }
    }
}

impl<K: Into<Key>> FromIterator<(K, Value)> for Map {
    fn from_iter<T: IntoIterator<Item = (K, Value)>>(iter: T) -> Self {
        let mut map = Self::default();
        for (key, value) in iter {
            map.insert(key, value);
        }
        map
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self.iter() {
            out.serialize_entry(key, value)?;
        }
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::emit_document;

    fn nested() -> Map {
        let inner = Value::from([("b", "x\n".into()), ("a", Value::Seq(vec![Value::Null]))]);
        [("inner", inner), ("last", "text\n\n".into())].into_iter().collect()
    }

    #[test]
    fn a_change_is_seen_in_no_other_copy() {
        let plain = nested();
        let mut first = plain.clone();
        first.share();
        let mut second = first.clone();
        assert_eq!(first, second);
        second.map_at("inner").sort();
        second.insert("new", 1_i64);
        assert_eq!(first, plain);
        assert_eq!(first.keys().collect::<Vec<_>>(), ["inner", "last"]);
        let inner = |map: &Map| map.get("inner").unwrap().to_string();
        assert_eq!(inner(&first), r#"{"b":"x\n","a":[null]}"#);
        assert_eq!(inner(&second), r#"{"a":[null],"b":"x\n"}"#);
        assert_eq!(first.remove("last"), Some("text\n\n".into()));
    }

    #[test]
    fn what_is_shared_is_written_the_same_wherever_it_stands() {
        let mut shared = nested();
        shared.share();
        let around = |map: &Map| {
            [
                Value::Map(map.clone()),
                Value::from([("key", Value::Map(map.clone())), ("z", 1_i64.into())]),
                Value::Seq(vec![Value::Seq(vec![Value::Map(map.clone())]), Value::Null]),
                Value::from([("key", Value::Map(map.clone()))]),
            ]
        };
        for _ in 0..2 {
            for (one, other) in around(&shared).iter().zip(&around(&nested())) {
                assert_eq!(emit_document(one), emit_document(other));
            }
        }
    }
}
