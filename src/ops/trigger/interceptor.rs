//! An interceptor of a trigger, as the EventListener has it.

use crate::yaml::Value;

/// The items of a list; none where there is none.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_seq).unwrap_or_default()
}

/// A parameter of an interceptor.
pub(super) fn param<'a>(interceptor: &'a Value, name: &str) -> Option<&'a Value> {
    let param =
        items(interceptor, "params").iter().find(|param| param.str_at(&["name"]) == Some(name))?;
    param.get("value")
}
