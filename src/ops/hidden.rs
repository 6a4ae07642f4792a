//! Values of the spec as people may see them: what looks like a secret is hidden.

use serde_json::Value;

use crate::change::{Masker, Step, tell_apart};
use crate::spec::is_key_of_app;
use crate::yaml::Node;

/// The value of a key, to compare before it is hidden.
pub(super) fn plain(node: &Node) -> Value {
    match node.scalar() {
        Some(scalar) => scalar.text.clone().into(),
        None => serde_json::to_value(node.to_value()).unwrap_or_default(),
    }
}

/// Both sides of an app's key that differ. Two different secrets still look different.
pub(super) fn both(key: &[String], mut sides: [Option<Value>; 2]) -> [Option<String>; 2] {
    for side in sides.iter_mut().flatten() {
        hide(&mut key.to_vec(), side);
    }
    if let [Some(before), Some(after)] = &mut sides {
        tell_apart(before, after);
    }
    sides.map(|side| {
        side.map(|value| match value {
            Value::String(text) => text,
            value => value.to_string(),
        })
    })
}

/// Hides what is secret in a value of an app's key. `secret` of a reference is the name of a Secret.
fn hide(path: &mut Vec<String>, value: &mut Value) {
    match value {
        Value::Object(map) => {
            let name = map.get("name").and_then(Value::as_str).map(str::to_owned);
            for (key, value) in map.iter_mut() {
                let length = path.len();
                // `value` is the value of the variable in the sibling `name`.
                path.extend(name.clone().filter(|_| is_value(key)));
                path.push(key.clone());
                hide(path, value);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            // Of the items of a list, one can be the name of the next one: `--token VALUE`.
            let mut together = Value::Array(items.clone());
            mask(path, &mut together);
            let masked = together.as_array().cloned().unwrap_or_default();
            for (item, masked) in items.iter_mut().zip(masked) {
                if item.is_object() {
                    hide(path, item);
                } else {
                    *item = masked;
                }
            }
        }
        scalar => mask(path, scalar),
    }
}

fn is_value(key: &str) -> bool {
    ["value", "default"].contains(&key)
}

fn mask(path: &[String], value: &mut Value) {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    let steps = match keys.as_slice() {
        [.., "secret"] if is_key_of_app(&keys) => Vec::new(),
        // The name of a variable is the key of its value.
        [before @ .., name, last] if is_value(last) => {
            let item = Step::Item { key: "name", value: (*name).to_owned() };
            let keys = before.iter().map(|key| Step::Key((*key).to_owned()));
            keys.chain([item, Step::Key((*last).to_owned())]).collect()
        }
        keys => keys.iter().map(|key| Step::Key((*key).to_owned())).collect(),
    };
    Masker::default().value("", &steps, value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_hidden_and_names_of_secrets_are_not() {
        for (key, value, shown) in [
            ("env.API_TOKEN.value", json!("hunter22"), "<secret>"),
            ("env.API_TOKEN.notSecret", json!("a dummy"), "a dummy"),
            (
                "env.API_TOKEN",
                json!({"secret": "shop", "key": "token"}),
                r#"{"secret":"shop","key":"token"}"#,
            ),
            ("args", json!(["--token", "hunter22"]), r#"["--token","<secret>"]"#),
            (
                "helm.values.extraEnv",
                json!(["--token", "hunter22", {"name": "ADMIN_PASSWORD", "value": "hunter22"}, {"name": "LEVEL", "value": "info"}]),
                r#"["--token","<secret>",{"name":"ADMIN_PASSWORD","value":"<secret>"},{"name":"LEVEL","value":"info"}]"#,
            ),
            ("helm.values.adminPassword", json!("hunter22"), "<secret>"),
            ("helm.valuesFrom", json!([{"secret": "shop"}]), r#"[{"secret":"shop"}]"#),
            ("pullSecret", json!("registry"), "registry"),
            ("helm.values.password", json!(["-hunter22"]), r#"["<secret>"]"#),
        ] {
            let key: Vec<String> = key.split('.').map(str::to_owned).collect();
            assert_eq!(both(&key, [Some(value), None]), [Some(shown.to_owned()), None], "{key:?}");
        }
    }

    #[test]
    fn hidden_values_still_differ() {
        let key = ["env".to_owned(), "DB_PASSWORD".to_owned()];
        let sides = both(&key, [Some("hunter22".into()), Some("hunter33".into())]);
        assert_eq!(sides, ["before", "after"].map(|side| Some(format!("<secret, {side}>"))));
    }
}
