//! Keys by what they are about.

use super::tree::each;
use super::{Row, roots, whole};
use crate::spec::table::{Object, Shape};
use crate::spec::{app, words};

/// The keys with these words in their name, their description, or what they may be set to, and those that other tools call so; and, as
/// rows of their own, the words of other tools with the keys that say them.
#[must_use]
pub fn search(wanted: &str) -> (Vec<Row>, Vec<Row>) {
    let wanted = wanted.to_lowercase();
    let is_in = |text: &str| text.to_lowercase().contains(&wanted);
    let words: Vec<_> = words::all().into_iter().filter(|(word, _)| is_in(word)).collect();
    let called: Vec<String> = words.iter().flat_map(|(_, paths)| whole(paths)).collect();
    let mut keys: Vec<Row> = Vec::new();
    for (start, object) in tables() {
        each(object, &mut |path, field| {
            let name = format!("{start}{}", path.join("."));
            let is_about = path.last().is_some_and(|key| is_in(key))
                || is_in(&field.doc)
                || can_be(&field.shape, &is_in)
                || called.contains(&name);
            // The same key may stand in two forms of one value.
            if is_about && keys.iter().all(|row| row.name != name) {
                keys.push(Row { depth: 1, name, about: field.doc.clone() });
            }
        });
    }
    let row = |(word, paths): (&str, &[String])| {
        let paths: Vec<String> = whole(paths).iter().map(|path| format!("`{path}`")).collect();
        Row { depth: 1, name: word.to_owned(), about: format!("here {}", paths.join(" or ")) }
    };
    (keys, words.into_iter().map(row).collect())
}

/// What stands before a key's path for `gen explain`, with the table that the path starts at.
fn tables() -> Vec<(&'static str, &'static Object)> {
    let mut tables: Vec<(&'static str, &'static Object)> = vec![("app.", app())];
    for (file, table) in roots() {
        let start = match file {
            "a task of a pipeline" => "task.",
            "environments/NAME.yaml" => "environment.",
            _ => "",
        };
        tables.push((start, table));
    }
    tables
}

/// Whether a value of this shape can be such a word, or one that is described so.
fn can_be(shape: &Shape, is_in: &dyn Fn(&str) -> bool) -> bool {
    match shape {
        Shape::Word(words) => words.iter().any(|(word, doc)| is_in(word) || is_in(doc)),
        Shape::Choice(words) => words.iter().any(|word| is_in(word)),
        Shape::Variant(words) => words.iter().any(|(word, table)| is_in(word) || is_in(&table.doc)),
        Shape::List(item) | Shape::Map(_, item) => can_be(item, is_in),
        Shape::Either(first, second) => can_be(first, is_in) || can_be(second, is_in),
        _ => false,
    }
}
