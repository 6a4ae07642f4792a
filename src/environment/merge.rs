//! The merge of spec values: mappings merge, scalars and lists replace, null removes.

use crate::spec::table::Shape;
use crate::yaml::{Data, Entry, Node};

/// Merges `over` into `base`. Alternatives, as the shape defines them, replace each other as a whole: a variable that was a
/// string and becomes `{secret, key}`, a workload that becomes a cron job.
pub fn merge(base: &mut Node, over: &Node, shape: &Shape) {
    let (Data::Map(entries), Data::Map(changes)) = (&mut base.data, &over.data) else {
        *base = over.clone();
        return;
    };
    if let Shape::Reference(_) = shape {
        *base = over.clone();
        return;
    }
    if let Shape::Variant(_) = shape {
        let same = entries.iter().any(|entry| changes.iter().any(|change| change.key == entry.key));
        if !same {
            *base = over.clone();
            return;
        }
    }
    base.span = over.span;
    for change in changes {
        apply(entries, change, shape);
    }
}

fn apply(entries: &mut Vec<Entry>, change: &Entry, shape: &Shape) {
    let found = entries.iter().position(|entry| entry.key == change.key);
    if change.value.is_null() {
        match found {
            Some(index) => drop(entries.remove(index)),
            // What removes nothing is an empty string.
            None if shape.is_strings() && change.value.is_blank() => entries.push(change.clone()),
            None => {}
        }
        return;
    }
    match found {
        Some(index) => {
            merge(&mut entries[index].value, &change.value, &below(shape, &change.key));
            entries[index].key_span = change.key_span;
        }
        None => entries.push(change.clone()),
    }
}

fn below(shape: &Shape, key: &str) -> Shape {
    match shape {
        Shape::Object(object) | Shape::Short(object) => {
            object.field(key).map_or(Shape::Free, |field| field.shape.clone())
        }
        Shape::Map(_, value) => (**value).clone(),
        Shape::Variant(variants) => variants
            .iter()
            .find(|(word, _)| *word == key)
            .map_or(Shape::Free, |(_, object)| object.settings()),
        Shape::Either(first, second) => match below(first, key) {
            Shape::Free => below(second, key),
            found => found,
        },
        _ => Shape::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::FileId;
    use crate::spec::{app, expand};
    use crate::yaml::read_one;

    fn merged(base: &str, over: &str) -> String {
        let shape = Shape::Object(app().clone());
        let read = |text: &str| {
            let mut node = read_one(FileId::BUILT_IN, text).unwrap();
            expand(&mut node, &shape);
            node
        };
        let mut node = read(base);
        merge(&mut node, &read(over), &shape);
        node.to_value().to_string()
    }

    #[test]
    fn mappings_merge_scalars_and_lists_replace_null_removes() {
        assert_eq!(
            merged("{env: {A: a, B: b}}", "{env: {B: c, D: d}}"),
            r#"{"env":{"A":"a","B":"c","D":"d"}}"#
        );
        assert_eq!(merged("{env: {A: a, B: b}}", "{env: {A: null}}"), r#"{"env":{"B":"b"}}"#);
        assert_eq!(merged("{env: {A: }}", "{env: {A: , B: , C: ~}}"), r#"{"env":{"B":null}}"#);
        assert_eq!(merged("{args: [a, b]}", "{args: [c]}"), r#"{"args":["c"]}"#);
        assert_eq!(merged("{port: 1, host: a}", "{port: 2}"), r#"{"port":2,"host":"a"}"#);
        assert_eq!(
            merged("{scale: {min: 2, max: 10, cpu: 70}}", "{scale: {min: 4}}"),
            r#"{"scale":{"min":4,"max":10,"cpu":70}}"#
        );
    }

    #[test]
    fn short_forms_merge_like_long_ones() {
        assert_eq!(
            merged("{source: https://h/a}", "{source: {branch: dev}}"),
            r#"{"source":{"url":"https://h/a","branch":"dev"}}"#
        );
    }

    #[test]
    fn alternatives_replace_each_other_whole() {
        assert_eq!(
            merged("{env: {A: {secret: s, key: k}}}", "{env: {A: text}}"),
            r#"{"env":{"A":"text"}}"#
        );
        assert_eq!(
            merged("{env: {A: {secret: s, key: k}}}", "{env: {A: {configMap: c, key: x}}}"),
            r#"{"env":{"A":{"configMap":"c","key":"x"}}}"#
        );
        assert_eq!(
            merged("{workload: deployment}", "{workload: {cronjob: {schedule: '@daily'}}}"),
            r#"{"workload":{"cronjob":{"schedule":"@daily"}}}"#
        );
        assert_eq!(
            merged("{trigger: {github: {secret: s}}}", "{trigger: {github: {branches: [x]}}}"),
            r#"{"trigger":{"github":{"secret":{"name":"s"},"branches":["x"]}}}"#
        );
    }
}
