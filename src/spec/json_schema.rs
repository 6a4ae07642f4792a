//! The JSON schema of the files, from the same table, for completion and checks in editors.

use serde_json::{Map, Value, json};

use super::table::{Field, Object, Shape};
use crate::name::Check;

/// The schema as text. One schema serves all files, which differ in their keys.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema (JSON Schema 2020-12).
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gen",
        "description": "gen.yaml, files under `include`, environments/*.yaml and environments/*.pins.yaml.",
        "anyOf": [{"$ref": "#/$defs/root"}, {"$ref": "#/$defs/environment"}, {"$ref": "#/$defs/pins"}, {"$ref": "#/$defs/included"}],
        "$defs": {
            "root": object(super::root(), true),
            "environment": object(super::environment(), false),
            "pins": object(super::pins_object(), false),
            "included": object(super::included(), true),
            "tasks": {"type": "array", "items": {"$ref": "#/$defs/task"}},
            "task": {"anyOf": [
                {"type": "string", "pattern": Check::Label.pattern()},
                {"type": "array", "items": {"$ref": "#/$defs/task"}},
                {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": ["object", "null"]}},
            ]},
        },
    })
}

/// Layers can leave required keys to others, so only a whole file requires any.
fn object(object: &Object, whole: bool) -> Value {
    let properties: Map<String, Value> =
        object.fields.iter().map(|field| (field.key.clone(), property(field))).collect();
    let required: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| whole && field.required)
        .map(|field| field.key.as_str())
        .collect();
    let mut schema = json!({"type": "object", "description": object.doc, "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(field: &Field) -> Value {
    let mut schema = shape(&field.shape);
    if let Value::Object(map) = &mut schema {
        let default =
            field.default.as_ref().map_or(String::new(), |default| format!(" Default: {default}."));
        map.insert("description".to_owned(), json!(format!("{}{default}", field.doc)));
    }
    schema
}

/// The schema for editors; `null` is allowed everywhere, because it removes the value of a lower layer.
fn shape(of: &Shape) -> Value {
    match of {
        // `cpu: 2` and `port: 80` need no quotes, so editors must not require them.
        Shape::Text(check @ (Check::Cpu | Check::Bytes | Check::Size | Check::Port)) => {
            json!({"type": ["string", "number", "null"], "pattern": check.pattern()})
        }
        Shape::Text(check @ Check::LabelValue) => {
            json!({"type": ["string", "number", "boolean", "null"], "pattern": check.pattern()})
        }
        Shape::Text(check) => match check.pattern() {
            Some(pattern) => json!({"type": ["string", "null"], "pattern": pattern}),
            None => json!({"type": ["string", "null"]}),
        },
        Shape::Literal => json!({"type": ["string", "number", "boolean", "null"]}),
        Shape::Bool => json!({"type": ["boolean", "null"]}),
        Shape::Int(min, max) => {
            json!({"type": ["integer", "null"], "minimum": min, "maximum": max})
        }
        Shape::Word(words) => {
            json!({"enum": words.iter().map(|(word, _)| json!(word)).chain([Value::Null]).collect::<Vec<_>>()})
        }
        Shape::Choice(words) => json!({"enum": words}),
        Shape::List(item) => json!({"type": ["array", "null"], "items": shape(item)}),
        Shape::Map(_, value) => {
            json!({"type": ["object", "null"], "additionalProperties": shape(value)})
        }
        Shape::Object(inner) => nullable(object(inner, false)),
        Shape::Short(inner) => {
            json!({"anyOf": [shape(&inner.fields[0].shape), object(inner, false)]})
        }
        Shape::Reference(inner) => {
            json!({"anyOf": [{"type": ["string", "number", "boolean", "null"]}, object(inner, false)]})
        }
        Shape::Variant(variants) => {
            let words: Vec<Value> =
                variants.iter().map(|(word, _)| json!(word)).chain([Value::Null]).collect();
            let properties: Map<String, Value> =
                variants.iter().map(|(word, inner)| (word.clone(), settings(inner))).collect();
            json!({"anyOf": [{"enum": words}, {"type": "object", "properties": properties, "additionalProperties": false, "maxProperties": 1}]})
        }
        Shape::Tasks => json!({"anyOf": [{"$ref": "#/$defs/tasks"}, {"type": "null"}]}),
        Shape::Either(first, second) => json!({"anyOf": [shape(first), shape(second)]}),
        Shape::Free => json!({}),
    }
}

/// The settings of a word, or only the first of them.
fn settings(of: &Object) -> Value {
    match of.fields.first() {
        None => nullable(object(of, false)),
        Some(first) => json!({"anyOf": [shape(&first.shape), object(of, false)]}),
    }
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!(["object", "null"]);
    schema
}
