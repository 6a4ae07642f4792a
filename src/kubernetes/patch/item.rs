//! Which item of a list an item of a patch means.

use super::shapes::Key;
use crate::yaml::{Node, Value};

/// Which item of a keyed list an item of the patch means.
pub(super) struct Id {
    key: Key,
    value: Value,
    /// The second key's value, where the patch writes it.
    second: Option<Value>,
    /// Whether the patch itself has several items of this key.
    several: bool,
}

impl Id {
    /// What the item says; nothing where it lacks the key.
    pub fn of(key: Key, item: &Node, items: &[Node]) -> Option<Self> {
        let read = |item: &Node| {
            let value = item.get(key.name)?;
            value.scalar()?;
            (!value.is_null()).then(|| value.to_value())
        };
        let value = read(item)?;
        let same = |other: &&Node| read(other).as_ref() == Some(&value);
        Some(Self {
            second: key
                .second
                .and_then(|(name, _)| item.get(name))
                .map(Node::to_value),
            several: items.iter().filter(same).count() > 1,
            key,
            value,
        })
    }

    fn same_key(&self, candidate: &Value) -> bool {
        candidate.get(self.key.name) == Some(&self.value)
    }

    /// Whether the second key agrees too, where there is one; what is not written has its default.
    fn same_second(&self, candidate: &Value) -> bool {
        let Some((name, default)) = self.key.second else {
            return true;
        };
        let default = Value::from(default);
        candidate.get(name).unwrap_or(&default) == self.second.as_ref().unwrap_or(&default)
    }

    /// The item that is meant. The key alone decides where that is clear, as in Kubernetes; else both keys do.
    pub fn find(&self, list: &[Value]) -> Option<usize> {
        let several = self.several || list.iter().filter(|item| self.same_key(item)).count() > 1;
        list.iter()
            .position(|item| self.same_key(item) && (!several || self.same_second(item)))
    }

    /// A deletion takes every item of the key, unless it names the second key.
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
