//! Secrets in the clear: left out of the values of a chart, and named where a list of arguments needs them.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::world::World;
use crate::diagnostics::{beside_secret, looks_secret, named_secret};
use crate::yaml::{Map, Value};

/// What to do with an argument.
const DO: &str = "put it in a Secret, and use `$(NAME)` of a variable in `env`";

/// Removes what looks like a secret from the values of a chart, and returns the paths. Items of a list stay, empty, or those after
/// them would move.
pub(super) fn left_out(values: &mut Map) -> Vec<String> {
    let mut left = Vec::new();
    map_without(values, "", &mut left);
    left
}

fn map_without(values: &mut Map, path: &str, left: &mut Vec<String>) {
    let variable = values.get("name").and_then(Value::as_str).map(str::to_owned);
    let mut gone = Vec::new();
    for (key, value) in values.iter_mut() {
        let here = below(path, key);
        match value {
            Value::Str(text) if is_secret(key, variable.as_deref(), text) => {
                left.push(here);
                gone.push(key.to_owned());
            }
            value => without(value, &here, left),
        }
    }
    for key in gone {
        values.remove(&key);
    }
}

fn without(value: &mut Value, path: &str, left: &mut Vec<String>) {
    match value {
        Value::Map(inner) => map_without(inner, path, left),
        Value::Seq(items) => {
            let mut before = None;
            for (at, item) in items.iter_mut().enumerate() {
                let here = format!("{path}[{at}]");
                let text = item.as_str().map(str::to_owned);
                if let Some(kept) =
                    text.as_deref().and_then(|text| beside_secret(before.as_deref(), text))
                {
                    *item = kept.into();
                    left.push(here);
                } else {
                    without(item, &here, left);
                }
                before = text;
            }
        }
        _ => {}
    }
}

/// `value` is the value of the variable in the sibling `name`.
fn is_secret(key: &str, variable: Option<&str>, text: &str) -> bool {
    let name = variable.filter(|_| ["value", "default"].contains(&key)).unwrap_or(key);
    looks_secret(name, text)
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Notes at the keys of an app that hold a secret in the clear.
pub(super) fn note(draft: &mut Draft) {
    for path in of_keys(&draft.keys) {
        let key = path.split(['.', '[']).next().unwrap_or_default();
        let note = format!("`{path}` looks like a secret: {DO}");
        let said = draft.notes.entry(key.to_owned()).or_default();
        *said = if said.is_empty() { note } else { format!("{said}; {note}") };
    }
}

/// What is in the clear in an environment of the new repository: `shop: args[1]`.
pub(super) fn all(drafts: &[Draft], world: &World) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for draft in drafts {
        let paths = of_keys(&draft.keys);
        all.extend(paths.into_iter().map(|path| format!("{}: {path}", draft.name)));
        for at in &draft.raw {
            let object = &world.all[*at].object;
            let mut paths = Vec::new();
            find(object.value(), "", &mut paths);
            let name = format!("{}/{}", object.kind(), object.name());
            all.extend(paths.into_iter().map(|path| format!("{}: {name} {path}", draft.name)));
        }
    }
    all
}

fn of_keys(keys: &Map) -> Vec<String> {
    let mut paths = Vec::new();
    for (key, value) in keys.iter() {
        find(value, key, &mut paths);
    }
    paths
}

/// Only what is a secret by its form, or by the option or the variable that it is the value of: keys also name Secrets.
fn find(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::Str(text) if looks_secret("", text) => paths.push(path.to_owned()),
        Value::Map(map) => {
            let variable = map.get("name").and_then(Value::as_str);
            for (key, value) in map.iter() {
                let here = below(path, key);
                match (variable, value) {
                    (Some(name), Value::Str(text))
                        if key == "value" && named_secret(name, text) =>
                    {
                        paths.push(here);
                    }
                    _ => find(value, &here, paths),
                }
            }
        }
        Value::Seq(items) => {
            let mut before = None;
            for (at, item) in items.iter().enumerate() {
                let here = format!("{path}[{at}]");
                let text = item.as_str();
                if text.is_some_and(|text| beside_secret(before, text).is_some()) {
                    paths.push(here);
                } else {
                    find(item, &here, paths);
                }
                before = text;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_chart_lose_secrets_and_nothing_else() {
        let list = |items: &[&str]| Value::Seq(items.iter().map(|item| (*item).into()).collect());
        let variable =
            |name: &str, value: &str| Value::from([("name", name.into()), ("value", value.into())]);
        let mut values = Map::default();
        values.push("dbPassword", "hunter22");
        values.push("existingSecret", "shop-db");
        values.push("tokenUrl", "https://a.example/token");
        values.push(
            "args",
            list(&["--token", "hunter22", "--api-key=hunter22", "--tls-secret=shop-tls"]),
        );
        values.push(
            "extraEnv",
            vec![variable("ADMIN_PASSWORD", "hunter22"), variable("LEVEL", "info")],
        );
        let left = left_out(&mut values);
        assert_eq!(left, ["dbPassword", "args[1]", "args[2]", "extraEnv[0].value"]);
        let text = Value::Map(values.clone()).to_string();
        assert!(!text.contains("hunter22"), "{text}");
        assert_eq!(
            values.get("args"),
            Some(&list(&["--token", "", "--api-key=", "--tls-secret=shop-tls"]))
        );
        assert_eq!(values.get("existingSecret"), Some(&"shop-db".into()));
        assert!(text.contains("a.example/token") && text.contains("info"), "{text}");
        assert!(left_out(&mut values).is_empty());
    }
}
