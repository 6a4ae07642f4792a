//! A task template's own settings, read from its declaration into the same table that checks and documents the spec.

use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};
use crate::yaml::{Entry, Node, Value};

/// A setting, and its default where it has one; what is wrong with it where it is none.
pub(super) fn read(entry: &Entry) -> Result<(Field, Option<Value>), String> {
    let node = &entry.value;
    let name = &entry.key;
    let doc = text(node, "doc").ok_or_else(|| format!("missing `doc` of the setting `{name}`"))?;
    let mut field = key(name, shape(name, node)?, doc);
    field.example = text(node, "example").map(str::to_owned);
    field.required = text(node, "required") == Some("true");
    let default = node.get("default").map(Node::to_value);
    field.default = default
        .as_ref()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    Ok((field, default))
}

fn shape(name: &str, node: &Node) -> Result<Shape, String> {
    Ok(match text(node, "type") {
        Some("text") => Shape::Text(Check::NotEmpty),
        Some("image") => Shape::Text(Check::Image),
        Some("path") => Shape::Text(Check::RelativePath),
        Some("duration") => Shape::Text(Check::Duration),
        Some("quantity") => Shape::Text(Check::Quantity),
        Some("name") => Shape::Text(Check::Name),
        Some("tag") => Shape::Text(Check::Tag),
        Some("date") => Shape::Text(Check::Date),
        Some("bool") => Shape::Bool,
        Some("int") => Shape::Int(int(node, "min", 0), int(node, "max", 1_000_000)),
        Some("word") => Shape::Choice(words(node)),
        Some("words") => Shape::Choice(words(node)).list(),
        Some("texts") => Shape::Text(Check::NotEmpty).list(),
        Some("requests") => Shape::Text(Check::RequestPath).list(),
        Some("map") => Shape::Map(Check::NotEmpty, Box::new(Shape::Literal)),
        Some("list") => {
            let keys = node.get("keys").and_then(Node::entries).unwrap_or_default();
            let fields = keys.iter().map(|entry| Ok(read(entry)?.0));
            let fields = fields.collect::<Result<Vec<_>, String>>()?;
            Shape::Object(Object::new("An entry.", fields)).list()
        }
        other => {
            let other = other.unwrap_or_default();
            return Err(format!("unknown type `{other}` of the setting `{name}`"));
        }
    })
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

fn int(node: &Node, key: &str, otherwise: i64) -> i64 {
    let number = node.get(key).and_then(|node| node.to_value().as_int());
    number.unwrap_or(otherwise)
}

fn words(node: &Node) -> Vec<String> {
    node.get("words").map(Node::texts).unwrap_or_default()
}
