//! The objects created, changed and removed by a commit, for its message. Only files that differ are read.

use std::sync::Arc;

use crate::change::{File, Tally};
use crate::diagnostics::Diagnostics;
use crate::git::{Snapshot, Update};
use crate::tree::is_record_name;

use super::message::place;
use super::rebuild::is_rendered;

/// Maximum size of a file that is parsed: the listing of a thousand apps has three megabytes.
const LARGEST: u64 = 64 << 20;

/// The files of an app's folder, or of an environment's shared objects, on both sides.
#[derive(Default)]
struct Unit {
    environment: String,
    before: Vec<File>,
    after: Vec<File>,
}

/// Finds the objects. `changes` are relative to the folder of gen.yaml and sorted by path, in git's order.
pub(super) fn objects(parent: &Snapshot, changes: &[Update]) -> Result<Tally, Diagnostics> {
    let mut wanted: Vec<(&str, bool)> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for update in changes.iter().filter(|update| holds_objects(&update.path)) {
        let path = update.path.as_str();
        if let Some(entry) = parent.entry(path) {
            wanted.push((path, false));
            names.push(&entry.object);
        }
        if let Some((_, object)) = &update.content {
            wanted.push((path, true));
            names.push(object);
        }
    }
    let mut tally = Tally::default();
    let mut unit = Unit::default();
    let mut of = None;
    parent.each_text(names.into_iter(), LARGEST, |number, text| {
        let (path, is_after) = wanted[number];
        // With the cluster: two may have an environment of the same name for a while.
        let key = (path.split('/').nth(1), place(path));
        if of != Some(key) {
            tally.take(&unit.environment, &unit.before, &unit.after);
            of = Some(key);
            unit = Unit {
                environment: key.1.map_or_else(String::new, |(name, _)| name.to_owned()),
                ..Unit::default()
            };
        }
        let side = if is_after { &mut unit.after } else { &mut unit.before };
        side.push((Arc::from(path), text.unwrap_or_default()));
    })?;
    tally.take(&unit.environment, &unit.before, &unit.after);
    Ok(tally)
}

fn holds_objects(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    is_rendered(path)
        && [".yaml", ".yml"].iter().any(|end| name.ends_with(end))
        && name != "kustomization.yaml"
        && !is_record_name(name)
}
