//! Files beside those that make a spec, which somebody may believe to be a part of it.

use std::collections::BTreeSet;

use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::files::Files;

/// Files that are not read, with reasons. Those whose name only ends otherwise than gen's are errors: an environment that is left out
/// in silence is missed when it is too late.
pub(super) fn unused(
    files: &dyn Files,
    patterns: &[String],
    problems: &mut Diagnostics,
) -> Vec<(String, String)> {
    let mut misnamed: BTreeSet<String> = BTreeSet::new();
    let mut unused = Vec::new();
    if files.read("gen.yml", 1 << 20).is_ok_and(|text| text.is_some()) {
        misnamed.insert("gen.yml".to_owned());
    }
    // What cannot be listed is reported where it is read.
    for path in files.list("environments").unwrap_or_default() {
        let name = path.strip_prefix("environments/").unwrap_or(&path);
        match name.rsplit_once('.') {
            Some((_, "yaml")) if !name.contains('/') => {}
            Some((_, "yml")) if !name.contains('/') => drop(misnamed.insert(path)),
            _ => {
                unused
                    .push((path, "environment files are NAME.yaml and NAME.pins.yaml".to_owned()));
            }
        }
    }
    for pattern in patterns {
        let Some(other) = pattern.strip_suffix(".yaml").map(|stem| format!("{stem}.yml")) else {
            continue;
        };
        if !patterns.contains(&other) {
            misnamed.extend(files.glob(&other).unwrap_or_default());
        }
    }
    for path in misnamed {
        let name = format!("{}.yaml", path.trim_end_matches(".yml"));
        problems.push(Diagnostic::error(SpecError::Misnamed { name }).in_file(path));
    }
    unused
}
