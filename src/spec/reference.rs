//! The tables in docs/reference: every key and every error, from the tables that check and print them.

use std::fmt::Write as _;

use super::explain::{plain, roots};
use super::table::{Field, Object, Shape};
use crate::diagnostics::all;

/// Titles of the error codes' hundreds.
const AREAS: [(u16, &str); 14] = [
    (1, "YAML syntax"),
    (2, "Names, paths and references"),
    (3, "gen.yaml and apps"),
    (4, "Environments and pins"),
    (5, "Templates"),
    (6, "Command line"),
    (7, "Patches"),
    (8, "Files on disk"),
    (9, "Clusters and comparisons"),
    (10, "Git"),
    (11, "Pins and promotion"),
    (13, "Finding out why"),
    (14, "Import"),
    (15, "Mending, status and what there is"),
];

/// Every key, one section with a table per file. Keys of apps and tasks have sections of their own.
#[must_use]
pub fn keys() -> String {
    let mut out = String::new();
    let app: &Object = super::app();
    let files = roots();
    let tables = files[..3].iter().copied().chain([("an app", app), files[4]]);
    for (title, object) in tables {
        let doc = object.doc.strip_prefix(&format!("{title}: "));
        let doc = sentence(doc.unwrap_or(&object.doc));
        // A file keeps its name as it is.
        let title = if title.contains('.') { title.to_owned() } else { sentence(title) };
        let _ = writeln!(out, "\n## {title}\n");
        if doc.trim_end_matches('.') != title {
            let _ = writeln!(out, "{doc}\n");
        }
        out.push_str("| key | description | default |\n| --- | --- | --- |\n");
        out.push_str(&rows(&object.fields));
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

/// Every error, one section each, grouped by area.
///
/// # Panics
/// If an error's area has no title.
#[must_use]
pub fn errors() -> String {
    let mut out = String::new();
    let mut area = 0;
    for entry in all() {
        if entry.code.0 / 100 != area {
            area = entry.code.0 / 100;
            let title = AREAS.iter().find(|(number, _)| *number == area);
            let (_, title) = title.expect("every area of errors has a title");
            let _ = writeln!(out, "\n## {title}");
        }
        let _ = writeln!(
            out,
            "\n### {}\n\n**{}**\n\n{}\n",
            entry.code,
            plain(entry.message),
            entry.doc.trim()
        );
        // A help that only the program knows has nothing to show here.
        let is_known = !entry.help.is_empty() && !entry.help.starts_with('{');
        if is_known {
            let _ = writeln!(out, "- help: {}", plain(entry.help));
        }
        let _ = writeln!(out, "- {}", entry.status());
    }
    out
}

fn row(out: &mut String, field: &Field, prefix: &str) {
    let path = format!("{prefix}{}", field.key);
    let mut doc = cell(&field.doc);
    if let Shape::Word(words) = &field.shape {
        let words: Vec<String> =
            words.iter().map(|(word, doc)| format!("`{word}`: {}", cell(doc))).collect();
        let _ = write!(doc, " {}.", words.join("; "));
    }
    if field.required {
        doc.push_str(" **Required.**");
    }
    if let Some(example) = &field.example {
        let _ = write!(doc, " Example: `{}`", cell(example));
    }
    let default = field.default.as_ref().map_or_else(String::new, |text| cell(text));
    let _ = writeln!(out, "| `{path}` | {doc} | {default} |");
    below(out, &field.shape, &path);
}

fn below(out: &mut String, shape: &Shape, path: &str) {
    match shape {
        // An app and a task have tables of their own.
        Shape::Object(object) if object.fields.len() > 20 => {}
        Shape::Object(object) | Shape::Short(object) | Shape::Reference(object) => {
            object.fields.iter().for_each(|field| row(out, field, &format!("{path}.")));
        }
        Shape::Variant(variants) => {
            for (word, object) in variants {
                object.fields.iter().for_each(|field| row(out, field, &format!("{path}.{word}.")));
            }
        }
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

/// The text with its first letter in upper case.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
