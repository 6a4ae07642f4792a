//! What a change means, regardless of layout.

use super::change::{Change, Step};
use crate::yaml::{Map, Value};

/// The value with the change; none if there is nothing to change.
pub(super) fn changed(mut value: Value, path: &[Step], change: &Change) -> Option<Value> {
    within(&mut value, path, change)?;
    Some(value)
}

fn within(value: &mut Value, path: &[Step], change: &Change) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        match change {
            Change::Remove => return None,
            Change::Set(new) => *value = new.clone(),
            Change::Append(items) => {
                if *value == Value::Null {
                    *value = Value::Seq(Vec::new());
                }
                value.as_seq_mut()?.extend(items.iter().cloned());
            }
        }
        return Some(());
    };
    match first {
        Step::Item(at) => within(value.as_seq_mut()?.get_mut(*at)?, rest, change),
        Step::Key(key) => {
            if let Value::Str(word) = value {
                (word == key).then_some(())?;
                let mut map = Map::default();
                map.push(key.as_str(), Value::Null);
                *value = Value::Map(map);
            }
            if *value == Value::Null {
                *value = Value::Map(Map::default());
            }
            let map = value.as_map_mut()?;
            if rest.is_empty() && *change == Change::Remove {
                return map.remove(key).map(drop);
            }
            within(map.entry_or(key, || Value::Null), rest, change)
        }
    }
}
