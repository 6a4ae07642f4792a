//! The next step of a key's path, for completion.

use super::table::{Object, Shape};
use super::{app, explain, task_common};

/// Stands for a name of the user's in a path.
const NAME: &str = "NAME";

/// The paths that are one step longer than the last dot of `typed`, with what each is. All keys with the same path count once: the same
/// key stands in several files.
#[must_use]
pub fn next_keys(typed: &str) -> Vec<(String, String)> {
    let (before, steps) = match typed.rsplit_once('.') {
        Some((before, _)) => (format!("{before}."), explain::steps(before)),
        None => (String::new(), Vec::new()),
    };
    let mut found: Vec<(String, String)> = Vec::new();
    let mut offer = |name: &str, doc: &str| {
        let path = format!("{before}{name}");
        if found.iter().all(|(known, _)| *known != path) {
            found.push((path, doc.to_owned()));
        }
    };
    let roots = explain::roots().into_iter().map(|(_, table)| table);
    let tables: Vec<&Object> = match steps.split_first() {
        None => {
            for word in ["app", "task", "environment"] {
                offer(word, "");
            }
            roots.chain([&**app()]).collect()
        }
        Some((&"app", rest)) => below(app(), rest, &mut offer),
        Some((&"task", rest)) => below(task_common(), rest, &mut offer),
        Some((&"environment", rest)) => below(super::environment(), rest, &mut offer),
        Some(_) => {
            roots.chain([&**app()]).flat_map(|table| below(table, &steps, &mut offer)).collect()
        }
    };
    for field in tables.into_iter().flat_map(|table| &table.fields) {
        offer(&field.key, &field.doc);
    }
    found
}

/// Whether the last step of a path in an app is a key of the spec, and not a name of the user's: `env.KEY.secret`, but not `env.secret`.
#[must_use]
pub fn is_key_of_app(path: &[&str]) -> bool {
    path.split_last().is_some_and(|(last, before)| {
        below(app(), before, &mut |_, _| {}).iter().any(|table| table.field(last).is_some())
    })
}

/// The tables at the end of some steps. A name of the user's is offered at once, for it has no table.
fn below<'t>(
    table: &'t Object,
    steps: &[&str],
    offer: &mut impl FnMut(&str, &str),
) -> Vec<&'t Object> {
    let Some((first, rest)) = steps.split_first() else { return vec![table] };
    let field = table.fields.iter().find(|field| field.key == *first);
    field.map(|field| within(&field.shape, rest, offer)).unwrap_or_default()
}

fn within<'t>(
    shape: &'t Shape,
    steps: &[&str],
    offer: &mut impl FnMut(&str, &str),
) -> Vec<&'t Object> {
    match (shape, steps) {
        (Shape::List(item), _) => within(item, steps, offer),
        (Shape::Map(..) | Shape::Tasks, []) => {
            offer(NAME, "");
            Vec::new()
        }
        (Shape::Map(_, value), [_, rest @ ..]) => within(value, rest, offer),
        (Shape::Object(table) | Shape::Short(table) | Shape::Reference(table), _) => {
            below(table, steps, offer)
        }
        (Shape::Variant(variants), []) => {
            for (word, table) in variants {
                offer(word, &table.doc);
            }
            Vec::new()
        }
        (Shape::Variant(variants), [word, rest @ ..]) => {
            let table = variants.iter().find(|(known, _)| known == word);
            table.map(|(_, table)| below(table, rest, offer)).unwrap_or_default()
        }
        (Shape::Either(first, second), _) => {
            let mut tables = within(first, steps, offer);
            tables.extend(within(second, steps, offer));
            tables
        }
        (Shape::Tasks, [_, rest @ ..]) => below(task_common(), rest, offer),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(typed: &str) -> Vec<String> {
        next_keys(typed).into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn keys_are_offered_a_step_at_a_time() {
        let first = offered("");
        for path in ["apps", "app", "task", "environment", "defaults", "cluster"] {
            assert!(first.iter().any(|found| found == path), "{path}: {first:?}");
        }
        assert_eq!(first.iter().filter(|path| *path == "apps").count(), 1);
        assert_eq!(offered("apps."), ["apps.NAME"]);
        let app = offered("apps.shop.");
        assert!(app.contains(&"apps.shop.source".to_owned()), "{app:?}");
        assert!(offered("app.source.u").contains(&"app.source.url".to_owned()));
        assert!(offered("app.pipeline.x.").contains(&"app.pipeline.x.retries".to_owned()));
        assert!(offered("nothing.at.all").is_empty());
    }

    #[test]
    fn keys_of_the_spec_are_told_from_names() {
        for path in [&["env", "KEY", "secret"][..], &["secret", "secret"], &["volumes", "secret"]] {
            assert_eq!(is_key_of_app(path), path[0] != "secret", "{path:?}");
        }
        assert!(!is_key_of_app(&["env", "secret"]));
        assert!(!is_key_of_app(&["helm", "values", "auth", "secret"]));
        assert!(!is_key_of_app(&[]));
    }

    /// What is offered can be explained.
    #[test]
    fn every_path_is_known_to_explain() {
        let mut tried = 0;
        let mut paths = offered("");
        for path in offered("") {
            let deeper = offered(&format!("{path}."));
            for path in &deeper {
                paths.extend(offered(&format!("{path}.")));
            }
            paths.extend(deeper);
        }
        for path in paths {
            assert!(explain::key(&path).is_ok(), "{path}");
            tried += 1;
        }
        assert!(tried > 300, "{tried}");
    }
}
