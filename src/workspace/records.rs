//! Finds the records in a checkout.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::compare::read_record;
use super::disk::Nature;
use super::place::{Place, link};
use crate::diagnostics::Diagnostics;
use crate::tree::{FoundRecord, TREE, bad_record, is_record_name};

/// Every record below clusters/, sorted by folder and name. Links to folders are not followed.
///
/// # Errors
/// GEN0804 for each record that cannot be trusted, GEN0805 for each that is a link.
pub fn records(root: &Path) -> Result<Vec<FoundRecord>, Diagnostics> {
    let Some(tree) = Place::root(root)?.open(TREE)? else {
        return Ok(Vec::new());
    };
    let (mut found, mut problems) = Diagnostics::partition(search(&tree, &read));
    found.sort_by(|one, other| {
        (&one.folder, &one.record_name).cmp(&(&other.folder, &other.record_name))
    });
    problems.extend(trespasses(&found));
    if problems.is_empty() {
        return Ok(found);
    }
    problems.sort();
    Err(problems)
}

/// Stops while an interrupted render left the tree half published. For commands that only read.
///
/// # Errors
/// GEN0808.
pub fn refuse_unfinished(root: &Path) -> Result<(), Diagnostics> {
    super::area::refuse_unfinished(&Place::root(root)?)
}

/// The paths of the records in a folder and below it, none of them read.
pub(super) fn names(tree: &Place) -> Result<Vec<String>, Diagnostics> {
    search(tree, &|place, name| Ok(Some(place.at(name)))).into_iter().collect()
}

/// The results of `take` for every record in a folder and below it.
fn search<T: Send>(
    place: &Place,
    take: &(impl Fn(&Place, &str) -> Result<Option<T>, Diagnostics> + Sync),
) -> Vec<Result<T, Diagnostics>> {
    let names = match place.list() {
        Ok(names) => names,
        Err(error) => return vec![Err(error)],
    };
    let inner = |(name, nature): &(String, Nature)| match nature {
        Nature::Folder => match place.open(name) {
            Ok(folder) => folder.map_or_else(Vec::new, |folder| search(&folder, take)),
            Err(error) => vec![Err(error)],
        },
        Nature::Link if is_record_name(name) => vec![Err(link(&place.at(name)))],
        _ if is_record_name(name) => take(place, name).transpose().into_iter().collect(),
        _ => Vec::new(),
    };
    names.par_iter().flat_map_iter(inner).collect()
}

fn read(place: &Place, name: &str) -> Result<Option<FoundRecord>, Diagnostics> {
    let (folder, record_name) = (place.path.clone(), name.to_owned());
    let read = read_record(place, name)?;
    Ok(read.map(|(record, _)| FoundRecord { folder, record_name, record }))
}

/// Records that list files in the folder of another record further down.
fn trespasses(found: &[FoundRecord]) -> Diagnostics {
    let folders: BTreeSet<&str> = found.iter().map(|record| record.folder.as_str()).collect();
    let mut problems = Diagnostics::default();
    for record in found {
        let below = format!("{}/", record.folder);
        let next = folders.range(below.as_str()..).next();
        if !next.is_some_and(|folder| folder.starts_with(&below)) {
            continue;
        }
        let is_theirs = |path: &&String| {
            let mut ends = path.match_indices('/').map(|(end, _)| end);
            ends.any(|end| folders.contains(&*format!("{below}{}", &path[..end])))
        };
        if let Some(path) = record.record.files.keys().find(is_theirs) {
            let problem = format!("it lists `{path}`, which belongs to another record");
            problems.extend(bad_record(&format!("{below}{}", record.record_name), &problem));
        }
    }
    problems
}
