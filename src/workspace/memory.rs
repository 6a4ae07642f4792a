//! What a run learns for the statistics cache.

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

/// What may be remembered of a folder once it is published.
#[derive(Debug)]
pub(super) struct Memory {
    unit: NewUnit,
    folder: String,
    /// Those among the unit's files that this run writes and renames one by one: that changes their status. The files of a
    /// folder that is renamed as a whole stay what they were.
    renamed: usize,
    /// When the other files were what is remembered; none where that is so until the publication is done.
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
        unit: NewUnit {
            key: entry.key(),
            input_digest: remember.input_digest,
            facts: remember.facts,
            files,
        },
        folder: entry.folder.clone(),
        renamed: if compared.whole { 0 } else { stamps.len() },
        seen_at: (!compared.whole).then_some(seen_at),
    }
}

/// Saves what is known of the published files. Renaming a file changes its status, so those are looked at again. All others
/// are remembered as they were last seen: whoever touches one after that changes its status, so that it is not fresh.
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
    let units: Vec<NewUnit> =
        memories.into_par_iter().filter_map(|memory| settle(root, memory).ok().flatten()).collect();
    let mut entries: BTreeMap<String, Option<NewUnit>> =
        touched.into_iter().map(|key| (key, None)).collect();
    for unit in units {
        entries.insert(unit.key.clone(), Some(unit));
    }
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
    if renamed.is_empty() {
        return Ok(unit.fits().then_some(unit));
    }
    let Some(place) = root.open(&folder)? else {
        return Ok(None);
    };
    for (path, stamp) in renamed {
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
