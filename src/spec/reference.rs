//! README's reference: every key of every file and every error, from the tables that check and print them.

use std::fmt::Write as _;

use super::explain::{plain, roots};
use super::table::{Field, Object, Shape};
use crate::diagnostics::all;

/// Every key, a table a file. Keys that several files share are written out once.
#[must_use]
pub fn keys() -> String {
    let mut out = String::new();
    let app: &Object = super::app();
    let files = roots();
    let tables = files[..3]
        .iter()
        .copied()
        .chain([("an app", app), files[4]]);
    for (title, object) in tables {
        let _ = writeln!(
            out,
            "\n**{title}** — {}\n\n| key | what it does | default |\n| --- | --- | --- |",
            object.doc
        );
        for field in &object.fields {
            row(&mut out, field, "");
        }
    }
    out
}

/// Keys as rows of such a table.
#[must_use]
pub fn rows<'a>(fields: impl IntoIterator<Item = &'a Field>) -> String {
    let mut out = String::new();
    for field in fields {
        row(&mut out, field, "");
    }
    out
}

/// Every error, a row each.
#[must_use]
pub fn errors() -> String {
    let mut out = "| code | message | why |\n| --- | --- | --- |\n".to_owned();
    for entry in all() {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            entry.code,
            cell(&plain(entry.message)),
            cell(entry.doc.trim())
        );
    }
    out
}

fn row(out: &mut String, field: &Field, prefix: &str) {
    let path = format!("{prefix}{}", field.key);
    let mut doc = cell(&field.doc);
    if let Shape::Word(words) = &field.shape {
        let words: Vec<String> = words
            .iter()
            .map(|(word, doc)| format!("`{word}`: {}", cell(doc)))
            .collect();
        let _ = write!(doc, " {}.", words.join("; "));
    }
    if field.required {
        doc.push_str(" **Required.**");
    }
    if let Some(example) = &field.example {
        let _ = write!(doc, " Example: `{}`", cell(example));
    }
    let default = field
        .default
        .as_ref()
        .map_or_else(String::new, |text| cell(text));
    let _ = writeln!(out, "| `{path}` | {doc} | {default} |");
    below(out, &field.shape, &path);
}

fn below(out: &mut String, shape: &Shape, path: &str) {
    match shape {
        // An app and a task have tables of their own.
        Shape::Object(object) if object.fields.len() > 20 => {}
        Shape::Object(object) | Shape::Short(object) => object
            .fields
            .iter()
            .for_each(|field| row(out, field, &format!("{path}."))),
        Shape::Variant(variants) => {
            for (word, object) in variants {
                object
                    .fields
                    .iter()
                    .for_each(|field| row(out, field, &format!("{path}.{word}.")));
            }
        }
        Shape::Reference(object) => object
            .fields
            .iter()
            .for_each(|field| row(out, field, &format!("{path}."))),
        Shape::List(item) => below(out, item, &format!("{path}[]")),
        Shape::Map(_, value) => below(out, value, &format!("{path}.NAME")),
        Shape::Either(first, second) => {
            below(out, first, path);
            below(out, second, path);
        }
        _ => {}
    }
}

/// A text inside a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
