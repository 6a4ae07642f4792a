//! The keys of every file, declared in `keys/*.yaml`.
//!
//! A type is written as the values that it allows: `label` is a string in that format ([`crate::name::Check`]), `[label]` a list,
//! `{label: bool}` a mapping with free keys, `[first, second]` either of two, `{int: [min, max]}` a number, `{words: …}` one of the
//! words. Names with a capital are declared in these files, each before the types that it uses; they are mappings (`about`, `keys`,
//! and `form` if a string is accepted, too) or other types. `"*"` among the keys stands for the keys of another mapping.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::table::{Field, Object, Shape};
use crate::diagnostics::FileId;
use crate::name::word;
use crate::yaml::{Data, Node, read_one};

type Types = HashMap<String, Shape>;

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let mut types = Types::new();
    let files = [
        include_str!("keys/shared.yaml"),
        include_str!("keys/task.yaml"),
        include_str!("keys/program.yaml"),
        include_str!("keys/app.yaml"),
        include_str!("keys/environment.yaml"),
        include_str!("keys/gen.yaml"),
    ];
    for text in files {
        let node = read_one(FileId::BUILT_IN, text).expect("the tables of keys are YAML");
        for entry in node.entries().unwrap_or_default().iter().rev() {
            let read = declared(&entry.value, &types);
            let read = read.unwrap_or_else(|| panic!("`{}` declares no type", entry.key));
            types.insert(entry.key.clone(), read);
        }
    }
    types
});

/// A declared mapping.
fn object(name: &str) -> &'static Arc<Object> {
    TYPES[name].object().expect("only mappings are asked for")
}

/// The keys of gen.yaml.
#[must_use]
pub fn root() -> &'static Arc<Object> {
    object("Root")
}

/// The keys of an included file.
#[must_use]
pub fn included() -> &'static Arc<Object> {
    object("Included")
}

/// The keys of an app: in gen.yaml, in an included file, under `defaults`, and in an environment's overrides.
#[must_use]
pub fn app() -> &'static Arc<Object> {
    object("App")
}

/// The keys of a process of an app.
#[must_use]
pub fn process() -> &'static Arc<Object> {
    object("Process")
}

/// The keys of an inline task, and of every task.
#[must_use]
pub fn task_common() -> &'static Arc<Object> {
    object("Task")
}

/// The keys of the first document of a task template.
#[must_use]
pub fn declaration() -> &'static Arc<Object> {
    object("Declaration")
}

/// The keys of environments/NAME.yaml.
#[must_use]
pub fn environment() -> &'static Arc<Object> {
    object("Environment")
}

/// The keys of environments/NAME.pins.yaml.
#[must_use]
pub fn pins() -> &'static Arc<Object> {
    object("Pins")
}

fn declared(node: &Node, types: &Types) -> Option<Shape> {
    let Some(about) = node.get("about") else {
        return shape(node, types);
    };
    only(node, &["about", "form", "keys"])?;
    let mut fields = Vec::new();
    for entry in node.get("keys").and_then(Node::entries).unwrap_or_default() {
        if entry.key == "*" {
            for name in entry.value.texts() {
                fields.extend_from_slice(&types.get(&name)?.object()?.fields);
            }
            continue;
        }
        only(&entry.value, &["type", "doc", "default", "example", "required"])?;
        let of = shape(entry.value.get("type")?, types)?;
        let item = if let Shape::List(item) = &of { item } else { &of };
        let about = item.object().map(|object| object.doc.as_str());
        let doc = entry.value.get("doc").and_then(Node::as_str).or(about)?;
        fields.push(Field::read(&entry.key, &entry.value, of.clone(), doc));
    }
    let object = Object::new(about.as_str()?, fields);
    Some(match node.get("form").and_then(Node::as_str) {
        None => Shape::Object(object),
        Some("short") => Shape::Short(object),
        Some(_) => Shape::Reference(object),
    })
}

fn shape(node: &Node, types: &Types) -> Option<Shape> {
    Some(match &node.data {
        Data::Scalar(scalar) => match scalar.text.as_str() {
            "literal" => Shape::Literal,
            "bool" => Shape::Bool,
            "tasks" => Shape::Tasks,
            "free" => Shape::Free,
            name => match types.get(name) {
                Some(shape) => shape.clone(),
                None => Shape::Text(word(name)?),
            },
        },
        Data::Seq(items) => match items.as_slice() {
            [item] => shape(item, types)?.list(),
            [first, second] => {
                Shape::Either(Box::new(shape(first, types)?), Box::new(shape(second, types)?))
            }
            _ => return None,
        },
        Data::Map(entries) => {
            let [entry] = entries.as_slice() else { return None };
            let of = &entry.value;
            match entry.key.as_str() {
                "words" => Shape::Word(each(of, |node| node.as_str().map(str::to_owned))?),
                "variants" => Shape::Variant(each(of, |node| {
                    Some(types.get(node.as_str()?)?.object()?.clone())
                })?),
                "choice" => Shape::Choice(of.texts()),
                "int" => match of.items()? {
                    [min, max] => Shape::Int(min.to_value().as_int()?, max.to_value().as_int()?),
                    _ => return None,
                },
                check => Shape::Map(word(check)?, Box::new(shape(of, types)?)),
            }
        }
    })
}

/// Nothing if the mapping has other keys than these.
fn only(node: &Node, keys: &[&str]) -> Option<()> {
    node.entries()?.iter().all(|entry| keys.contains(&entry.key.as_str())).then_some(())
}

/// The values of a mapping, by key.
fn each<T>(node: &Node, read: impl Fn(&Node) -> Option<T>) -> Option<Vec<(String, T)>> {
    node.entries()?.iter().map(|entry| Some((entry.key.clone(), read(&entry.value)?))).collect()
}
