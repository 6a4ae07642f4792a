//! Files of the repository that tasks name: a Task or StepAction of the user's own, `ref: {file: tekton/task.yaml}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostics::{Diagnostics, Span};
use crate::files::Files;
use crate::name::Check;
use crate::yaml::{Data, Node};

/// Maximum size of such a file, in bytes.
const LIMIT: u64 = 1 << 20;

/// The text of each file that one of the apps' layers names and that is there. A file that cannot be read is an error; one that is missing is told where it is used.
pub(super) fn carried<'n>(
    files: &dyn Files,
    apps: impl IntoIterator<Item = &'n Node>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, Arc<str>> {
    let mut named = BTreeMap::new();
    apps.into_iter().for_each(|app| in_app(app, &mut named));
    let mut texts = BTreeMap::new();
    for (path, span) in named {
        match files.read(path, LIMIT) {
            Ok(text) => texts.extend(text.map(|text| (path.to_owned(), text))),
            Err(errors) => errors.into_iter().for_each(|error| {
                let is_placed = error.at.is_some();
                problems.push(if is_placed { error } else { error.at(span) });
            }),
        }
    }
    texts
}

fn in_app<'n>(app: &'n Node, named: &mut BTreeMap<&'n str, Span>) {
    for key in ["pipeline", "finally"] {
        if let Some(tasks) = app.get(key) {
            visit(tasks, named);
        }
    }
}

/// Every `ref` with a `file`, of tasks and of their steps.
fn visit<'n>(node: &'n Node, named: &mut BTreeMap<&'n str, Span>) {
    match &node.data {
        Data::Scalar(_) => {}
        Data::Seq(items) => items.iter().for_each(|item| visit(item, named)),
        Data::Map(entries) => {
            for entry in entries {
                let file = entry.value.get("file").filter(|_| entry.key == "ref");
                match file.and_then(|file| Some((file.as_str()?, file.span))) {
                    Some((path, span)) if Check::RelativePath.test(path).is_ok() => {
                        named.entry(path).or_insert(span);
                    }
                    _ => visit(&entry.value, named),
                }
            }
        }
    }
}
