//! New entries of the statistics cache.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::area::Area;
use super::compare::Compared;
use super::disk::Stamp;
use super::journal::Entry;
use super::outcome::Remember;
use super::place::Place;
use super::stat::{Cache, NewUnit, is_racy, now};
use crate::diagnostics::Diagnostics;

/// A cache entry for a folder, once it is published.
#[derive(Debug)]
pub(super) struct Memory {
    unit: NewUnit,
    folder: String,
    /// The number of the unit's files that this run writes and renames one by one, which changes their status. The files of
    /// a folder that is renamed as a whole keep theirs.
    renamed: usize,
    /// The time at which the other files had the remembered state; none if they have it until the publication is done.
    seen_at: Option<i64>,
}

pub(super) fn remember_later(
    compared: &Compared,
    stamps: &[Stamp],
    remember: Remember,
    entry: &Entry,
    seen_at: i64,
) -> Memory {
    let written =
        compared.write.iter().zip(stamps).map(|((path, _), stamp)| (path.clone(), *stamp));
    let files: Vec<(String, Stamp)> = written.chain(compared.same.iter().cloned()).collect();
    Memory {
        unit: NewUnit { key: entry.key(), remember, files },
        folder: entry.folder.clone(),
        renamed: if compared.whole { 0 } else { stamps.len() },
        seen_at: (!compared.whole).then_some(seen_at),
    }
}

/// Saves the states of the published files. Renaming a file changes its status, so those are read again. All others are
/// remembered as they were last seen: touching one after that changes its status, so that it is not fresh.
pub(super) fn save_cache(
    root: &Place,
    area: &Area,
    cache: &Cache,
    touched: BTreeSet<String>,
    memories: Vec<Memory>,
) -> Result<(), Diagnostics> {
    if touched.is_empty() {
        return Ok(());
    }
    let settled = memories.into_par_iter().filter_map(|one| settle(root, one).ok().flatten());
    let units: Vec<NewUnit> = settled.collect();
    let mut entries: BTreeMap<String, Option<NewUnit>> =
        touched.into_iter().map(|key| (key, None)).collect();
    entries.extend(units.into_iter().map(|unit| (unit.key.clone(), Some(unit))));
    cache.save(&area.place, &entries)
}

fn settle(root: &Place, memory: Memory) -> Result<Option<NewUnit>, Diagnostics> {
    let Memory { mut unit, folder, renamed, seen_at } = memory;
    let published_at = now();
    let (renamed, others) = unit.files.split_at_mut(renamed);
    let seen_at = seen_at.unwrap_or(published_at);
    if others.iter().any(|(_, stamp)| is_racy(*stamp, seen_at)) {
        return Ok(None);
    }
    let place = if renamed.is_empty() { None } else { root.open(&folder)? };
    for (path, stamp) in renamed {
        let Some(place) = &place else {
            return Ok(None);
        };
        let current = place.status(path)?.map(|status| status.stamp);
        let untouched =
            current.filter(|current| Stamp { ctime: stamp.ctime, ..*current } == *stamp);
        match untouched {
            Some(current) if !is_racy(current, published_at) => *stamp = current,
            _ => return Ok(None),
        }
    }
    Ok(unit.fits().then_some(unit))
}
