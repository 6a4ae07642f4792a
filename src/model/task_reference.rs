//! The tables in docs/reference/tasks.md, from the declarations of the tasks.

use std::fmt::Write as _;

use super::{Catalogue, Declaration, OWN, TaskLevel, UsesSource};
use crate::spec::listed;
use crate::spec::reference::rows;
use crate::spec::table::Field;

/// A table of all tasks, and a section with the settings of each.
#[must_use]
pub fn task_reference(catalogue: &Catalogue) -> String {
    let mut out = "| task | description | results | permissions | Pod Security |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for task in catalogue.iter() {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            shown(task),
            task.about.replace('|', "\\|"),
            listed(task.results.iter().map(String::as_str)),
            permissions(task),
            security(task)
        );
    }
    for task in catalogue.iter() {
        let settings: Vec<&Field> = task.own_settings().collect();
        if settings.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n## {}\n\n{}| setting | description | default |\n| --- | --- | --- |",
            shown(task),
            match task.source {
                UsesSource::No => "",
                UsesSource::Optional => "Uses the source if an earlier task does.\n\n",
                UsesSource::Needed => "Uses the source.\n\n",
            }
        );
        out.push_str(&rows(settings));
    }
    out
}

fn shown(task: &Declaration) -> &str {
    if task.name == OWN { "NAME: {image, script}" } else { &task.name }
}

fn permissions(task: &Declaration) -> String {
    if task.name == OWN {
        "those its `kubectl`, `flux` and `gen` commands need, or those in `permissions`".to_owned()
    } else if task.permissions.is_empty() {
        "none, and no token".to_owned()
    } else {
        task.permissions.join("; ")
    }
}

fn security(task: &Declaration) -> String {
    match &task.security {
        TaskLevel::Fixed(level) => level.word().to_owned(),
        TaskLevel::BySetting(_, levels) => {
            let each = levels.iter().map(|(word, level)| format!("{word}: {}", level.word()));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}
