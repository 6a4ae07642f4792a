//! The fields of an object by path, as `gen blame` lists them.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::yaml::Value;

/// A path: keys, and numbers of list items.
pub type Path = Vec<String>;

/// Every scalar and every empty list and mapping, with its path, in the order of the object.
#[must_use]
pub fn leaves(value: &Value) -> Vec<(Path, &Value)> {
    fn walk<'v>(value: &'v Value, path: &mut Path, found: &mut Vec<(Path, &'v Value)>) {
        match value {
            Value::Map(map) if !map.is_empty() => {
                for (key, value) in map.iter() {
                    path.push(key.to_string());
                    walk(value, path, found);
                    path.pop();
                }
            }
            Value::Seq(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    path.push(index.to_string());
                    walk(value, path, found);
                    path.pop();
                }
            }
            _ => found.push((path.clone(), value)),
        }
    }
    let mut found = Vec::new();
    walk(value, &mut Path::new(), &mut found);
    found
}

/// The value at a path.
#[must_use]
pub fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Seq(items) => items.get(key.parse::<usize>().ok()?),
        _ => value.get(key),
    })
}

/// The same in JSON.
#[must_use]
pub fn at_json<'v>(value: &'v Json, path: &[String]) -> Option<&'v Json> {
    path.iter().try_fold(value, |value, key| match value {
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => value.get(key),
    })
}

/// The path of the same field in another object: items of lists are the same if they have the same name, for others may come before
/// them; without a name, or where no item has it, if they stand in the same place.
#[must_use]
pub fn counterpart(value: &Value, path: &[String], other: &Value) -> Option<Path> {
    let (mut value, mut other) = (value, other);
    let mut found = Path::new();
    for key in path {
        let next = at(value, std::slice::from_ref(key))?;
        let mut step = key.clone();
        if let (Value::Seq(before), Value::Seq(after), Some(name)) =
            (value, other, next.str_at(&["name"]))
        {
            // Several may have one name, as the subjects of a RoleBinding: then the first is the first, and so on.
            let is_named = |item: &&Value| item.str_at(&["name"]) == Some(name);
            let earlier =
                key.parse().map_or(0, |at| before.iter().take(at).filter(is_named).count());
            let named = after.iter().enumerate().filter(|(_, item)| is_named(item));
            match named.map(|(index, _)| index).nth(earlier) {
                Some(index) => step = index.to_string(),
                None if before.len() != after.len() => return None,
                None => {}
            }
        }
        other = at(other, std::slice::from_ref(&step))?;
        value = next;
        found.push(step);
    }
    Some(found)
}

/// The value of the same field in another object.
#[must_use]
pub fn same<'v>(value: &Value, path: &[String], other: &'v Value) -> Option<&'v Value> {
    at(other, &counterpart(value, path, other)?)
}

/// A path for people: an item of a list by its name, if it has one. `spec.containers[app].image`, `metadata.labels["a.b/c"]`.
#[must_use]
pub fn shown(object: &Value, path: &[String]) -> String {
    let mut out = String::new();
    let mut value = Some(object);
    for key in path {
        let is_item = matches!(value, Some(Value::Seq(_)));
        value = value.and_then(|value| at(value, std::slice::from_ref(key)));
        if is_item {
            let name = value.and_then(|item| item.str_at(&["name"])).unwrap_or(key);
            let _ = write!(out, "[{name}]");
        } else if key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) && !key.is_empty() {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(key);
        } else {
            let _ = write!(out, "[{key:?}]");
        }
    }
    out
}

/// Whether a typed path means this field, or something that it is in. A list item can be typed by name or by number.
#[must_use]
pub fn is_within(object: &Value, path: &[String], typed: &str) -> bool {
    let typed = parse(typed);
    if typed.len() > path.len() {
        return false;
    }
    let mut value = Some(object);
    typed.iter().zip(path).all(|(word, key)| {
        let is_item = matches!(value, Some(Value::Seq(_)));
        value = value.and_then(|value| at(value, std::slice::from_ref(key)));
        let named = || value.and_then(|item| item.str_at(&["name"])) == Some(word);
        word == key || (is_item && named())
    })
}

/// The steps of a typed path: `a.b[c]["d.e"]`.
fn parse(typed: &str) -> Path {
    let mut steps = Path::new();
    let mut rest = typed;
    while !rest.is_empty() {
        rest = rest.trim_start_matches('.');
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = quoted.split_once("\"]").unwrap_or((quoted, ""));
            steps.push(key.to_owned());
            rest = after;
        } else if let Some(item) = rest.strip_prefix('[') {
            let (key, after) = item.split_once(']').unwrap_or((item, ""));
            steps.push(key.to_owned());
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end > 0 {
                steps.push(rest[..end].to_owned());
            }
            rest = &rest[end..];
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::documents;

    #[test]
    fn paths_are_shown_and_read_back() {
        let text = "metadata: {labels: {a.b/c: x}}\nspec: {list: [{name: app, image: i}, {image: j}], none: {}}";
        let object = documents(text).expect("YAML").remove(0);
        let all = leaves(&object);
        let paths: Vec<String> = all.iter().map(|(path, _)| shown(&object, path)).collect();
        assert_eq!(
            paths,
            [
                "metadata.labels[\"a.b/c\"]",
                "spec.list[app].name",
                "spec.list[app].image",
                "spec.list[1].image",
                "spec.none"
            ]
        );
        for (path, value) in &all {
            assert!(is_within(&object, path, &shown(&object, path)), "{path:?}");
            assert_eq!(at(&object, path), Some(*value));
        }
        let other = documents("spec: {list: [{name: new}, {name: app, image: k}]}")
            .expect("YAML")
            .remove(0);
        let image = ["spec", "list", "0", "image"].map(str::to_owned);
        assert_eq!(same(&object, &image, &other), Some(&Value::from("k")));
        let twice = "list: [{name: a, kind: x}, {name: a, kind: y}]";
        let twice = documents(twice).expect("YAML").remove(0);
        let kind = ["list", "1", "kind"].map(str::to_owned);
        assert_eq!(same(&twice, &kind, &twice), Some(&Value::from("y")));
        let within =
            |typed: &str| all.iter().filter(|(path, _)| is_within(&object, path, typed)).count();
        assert_eq!(within(""), 5);
        assert_eq!(within("spec"), 4);
        assert_eq!(within("spec.list[0]"), 2);
        assert_eq!(within("spec.list[app].image.more"), 0);
        assert_eq!(within("spec.li"), 0);
    }
}
