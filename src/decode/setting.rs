//! Settings of a task template, read from its declaration into the tables that check and document the spec.

use crate::name::{Check, word};
use crate::spec::table::{Field, Object, Shape};
use crate::yaml::{Entry, Node, Value};

/// A setting and its default, if any.
pub(super) fn read(entry: &Entry) -> Result<(Field, Option<Value>), String> {
    let node = &entry.value;
    let name = &entry.key;
    let doc = text(node, "doc").ok_or_else(|| format!("missing `doc` of the setting `{name}`"))?;
    let field = Field::read(name, node, shape(name, node)?, doc);
    Ok((field, node.get("default").map(Node::to_value)))
}

fn shape(name: &str, node: &Node) -> Result<Shape, String> {
    Ok(match text(node, "type").unwrap_or_default() {
        "path" => Shape::Text(Check::RelativePath),
        "bool" => Shape::Bool,
        "int" => Shape::Int(int(node, "min", 0), int(node, "max", 1_000_000)),
        "word" => Shape::Choice(words(node)),
        "words" => Shape::Choice(words(node)).list(),
        "texts" => Shape::Text(Check::NotEmpty).list(),
        "requests" => Shape::Text(Check::RequestPath).list(),
        "map" => Shape::Map(Check::NotEmpty, Box::new(Shape::Literal)),
        "list" => {
            let keys = node.get("keys").and_then(Node::entries).unwrap_or_default();
            let fields = keys.iter().map(|entry| Ok(read(entry)?.0));
            let fields = fields.collect::<Result<Vec<_>, String>>()?;
            Shape::Object(Object::new("An entry.", fields)).list()
        }
        other => Shape::Text(
            word(other).ok_or_else(|| format!("unknown type `{other}` of the setting `{name}`"))?,
        ),
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
