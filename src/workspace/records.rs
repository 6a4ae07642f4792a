//! Finding what gen owns in a checkout.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::compare::read_record;
use super::disk::{Disk, Nature};
use super::place::{Place, link};
use crate::diagnostics::Diagnostics;
use crate::tree::{FoundRecord, TREE, bad_record, is_record_name};

/// Every record below clusters/, sorted by folder and name. Links to folders are not followed.
///
/// # Errors
/// GEN0804 for each record that cannot be trusted, GEN0805 for each that is a link.
pub fn records(root: &Path) -> Result<Vec<FoundRecord>, Diagnostics> {
    let root = Place::root(Arc::new(Disk::default()), root)?;
    let Some(tree) = root.open(TREE)? else {
        return Ok(Vec::new());
    };
    let (mut found, mut problems) = search(&tree, &read);
    found.sort_by(|one, other| {
        (&one.folder, &one.record_name).cmp(&(&other.folder, &other.record_name))
    });
    problems.extend(trespasses(&found));
    if problems.is_empty() {
        Ok(found)
    } else {
        problems.sort();
        Err(problems)
    }
}

/// Refuses to go on while an interrupted render left the tree half published. For commands that only read.
///
/// # Errors
/// GEN0808.
pub fn refuse_unfinished(root: &Path) -> Result<(), Diagnostics> {
    let root = Place::root(Arc::new(Disk::default()), root)?;
    super::area::refuse_unfinished(&root)
}

/// The paths of the records in a folder and below it, none of them read.
///
/// # Errors
/// A folder that cannot be read; a record that is a link.
pub(super) fn names(tree: &Place) -> Result<Vec<String>, Diagnostics> {
    let (found, problems) = search(tree, &|place, name| Some(Ok(place.at(name))));
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// What `take` makes of every record in a folder and below it.
fn search<T: Send>(
    place: &Place,
    take: &(impl Fn(&Place, &str) -> Option<Result<T, Diagnostics>> + Sync),
) -> (Vec<T>, Diagnostics) {
    let mut problems = Diagnostics::default();
    let mut found = Vec::new();
    for result in results(place, take) {
        match result {
            Ok(one) => found.push(one),
            Err(error) => problems.extend(error),
        }
    }
    (found, problems)
}

fn results<T: Send>(
    place: &Place,
    take: &(impl Fn(&Place, &str) -> Option<Result<T, Diagnostics>> + Sync),
) -> Vec<Result<T, Diagnostics>> {
    let names = match place.list() {
        Ok(names) => names,
        Err(error) => return vec![Err(error)],
    };
    let inner = |(name, nature): &(String, Nature)| match nature {
        Nature::Folder => match place.open(name) {
            Ok(Some(folder)) => results(&folder, take),
            Ok(None) => Vec::new(),
            Err(error) => vec![Err(error)],
        },
        Nature::Link if is_record_name(name) => vec![Err(link(&place.at(name)))],
        _ if is_record_name(name) => take(place, name).into_iter().collect(),
        _ => Vec::new(),
    };
    names.par_iter().flat_map_iter(inner).collect()
}

fn read(place: &Place, name: &str) -> Option<Result<FoundRecord, Diagnostics>> {
    let read = read_record(place, name).transpose()?;
    Some(read.map(|(record, _)| FoundRecord {
        folder: place.path.clone(),
        record_name: name.to_owned(),
        record,
    }))
}

/// Records that name files in the folder of a record further down: those are not theirs.
fn trespasses(found: &[FoundRecord]) -> Diagnostics {
    let folders: BTreeSet<&str> = found.iter().map(|record| record.folder.as_str()).collect();
    let mut problems = Diagnostics::default();
    for record in found {
        let below = format!("{}/", record.folder);
        let next = folders.range(below.as_str()..).next();
        if !next.is_some_and(|folder| folder.starts_with(&below)) {
            continue;
        }
        for path in record.record.files.keys() {
            let whole = format!("{below}{path}");
            let folder = whole.match_indices('/').map(|(end, _)| &whole[..end]);
            if folder
                .filter(|folder| folder.len() >= below.len())
                .any(|folder| folders.contains(folder))
            {
                let problem = format!("it lists `{path}`, which belongs to another record");
                problems.extend(bad_record(&format!("{below}{}", record.record_name), &problem));
                break;
            }
        }
    }
    problems
}
