//! Matches items of a patch with items of a list.

use super::shapes::Key;
use crate::yaml::{Node, Value};

/// The item of a keyed list that an item of the patch matches.
pub(super) struct Id {
    key: Key,
    value: Value,
    /// The second key's value, if the patch has it.
    second: Option<Value>,
    /// Whether the patch itself has several items of this key.
    several: bool,
}

impl Id {
    /// The item's keys; nothing if it lacks the merge key.
    pub fn of(key: Key, item: &Node, items: &[Node]) -> Option<Self> {
        let read = |item: &Node| {
            let value = item.get(key.name)?;
            value.scalar()?;
            (!value.is_null()).then(|| value.to_value())
        };
        let value = read(item)?;
        let same = |other: &&Node| read(other).as_ref() == Some(&value);
        Some(Self {
            second: key.second.and_then(|(name, _)| item.get(name)).map(Node::to_value),
            several: items.iter().filter(same).count() > 1,
            key,
            value,
        })
    }

    fn same_key(&self, candidate: &Value) -> bool {
        candidate.get(self.key.name) == Some(&self.value)
    }

    /// Whether the second key also matches, if there is one; it has a default if not set.
    fn same_second(&self, candidate: &Value) -> bool {
        let Some((name, default)) = self.key.second else {
            return true;
        };
        let default = Value::from(default);
        candidate.get(name).unwrap_or(&default) == self.second.as_ref().unwrap_or(&default)
    }

    /// The matching item. The key alone decides if it is unique, as in Kubernetes; else both keys do.
    pub fn find(&self, list: &[Value]) -> Option<usize> {
        let several = self.several || list.iter().filter(|item| self.same_key(item)).count() > 1;
        list.iter().position(|item| self.same_key(item) && (!several || self.same_second(item)))
    }

    /// A deletion matches all items with the key, unless it has the second key.
    pub fn deletes(&self, candidate: &Value) -> bool {
        self.same_key(candidate) && (self.second.is_none() || self.same_second(candidate))
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Value::Str(text) => f.write_str(text),
            other => write!(f, "{other}"),
        }
    }
}
