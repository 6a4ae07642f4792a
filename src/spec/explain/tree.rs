//! All keys as a tree.

use super::{Part, Row, roots};
use crate::spec::app;
use crate::spec::table::{Field, Object, Shape};

/// All files with their keys, and the keys below those.
#[must_use]
pub fn everything() -> Vec<Part> {
    let mut parts = Vec::new();
    let mut all = roots();
    all.insert(1, ("an app, under `apps`", app()));
    for (title, object) in all {
        // Some files' descriptions begin with their name.
        let about = object.doc.strip_prefix(title).and_then(|rest| rest.strip_prefix(": "));
        parts.push(Part::Words(format!("{title}: {}", about.unwrap_or(&object.doc))));
        let mut rows = Vec::new();
        // The lengths of the paths that this one is below.
        let mut above: Vec<usize> = Vec::new();
        each(object, &mut |path, field| {
            above.retain(|length| *length < path.len());
            let name = path[above.last().copied().unwrap_or(0)..].join(".");
            let about = first_sentence(&field.doc).to_owned();
            rows.push(Row { depth: above.len() + 1, name, about });
            above.push(path.len());
        });
        parts.push(Part::Rows(rows));
    }
    parts.push(Part::Words(
        "`gen explain KEY.PATH` says all about a key, as in `gen explain apps.NAME.source.url`, `gen explain app.pipeline` or `gen explain task.retries`; `gen explain task.build-image` lists a task's settings; `gen explain -s WORD` finds what is about something, also by the words of Kubernetes.".to_owned(),
    ));
    parts
}

/// Calls for each key below an object, in the table's order: the steps to it, and the key. What is below an app or a task is told of
/// their own tables only.
pub fn each<'t>(object: &'t Object, visit: &mut dyn FnMut(&[String], &'t Field)) {
    walk(object, &mut Vec::new(), visit);
}

fn walk<'t>(
    object: &'t Object,
    path: &mut Vec<String>,
    visit: &mut dyn FnMut(&[String], &'t Field),
) {
    for field in &object.fields {
        path.push(field.key.clone());
        visit(path, field);
        below(&field.shape, path, visit);
        path.pop();
    }
}

fn below<'t>(
    shape: &'t Shape,
    path: &mut Vec<String>,
    visit: &mut dyn FnMut(&[String], &'t Field),
) {
    match shape {
        // An app and a task have tables of their own.
        Shape::Object(object) if object.fields.len() > 20 => {}
        Shape::Object(object) | Shape::Short(object) | Shape::Reference(object) => {
            walk(object, path, visit);
        }
        Shape::Variant(variants) => {
            for (word, object) in variants {
                path.push(word.clone());
                walk(object, path, visit);
                path.pop();
            }
        }
        Shape::List(item) => below(item, path, visit),
        Shape::Map(_, value) => {
            path.push("NAME".to_owned());
            below(value, path, visit);
            path.pop();
        }
        Shape::Either(first, second) => {
            below(first, path, visit);
            below(second, path, visit);
        }
        _ => {}
    }
}

/// The first sentence of a description.
fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").map(|(at, _)| at + 1);
    let is_end = |at: &usize| text[*at..].trim_start().starts_with(|c: char| !c.is_lowercase());
    ends.into_iter().find(is_end).map_or(text, |at| &text[..at])
}
