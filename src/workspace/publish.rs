//! Publishing the tree: compare, write beside, write the journal, rename, drop the journal.
//!
//! Until the journal has its name, nothing of the tree is touched; from then on the next run finishes the work. So the end of the
//! process at any point, kill -9 included, leaves the old tree, or a journal that leads to the new one.
//!
//! Nothing is flushed to the disk by `fsync`: the tree is derived and can be rendered again, it lies in Git, and 30,000 flushes
//! would take minutes. What a power failure tears is found by hash: a torn journal or staged file is refused, a torn file of the
//! tree is not what its record says.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::apply::{Turn, apply};
use super::area::{Area, refuse_unfinished};
use super::claims::{Claims, check_folder, check_names};
use super::compare::{compare, compare_removal};
use super::cursor::Cursor;
use super::disk::Disk;
use super::journal::{self, Entry, JOURNAL};
use super::lock::{self, Lock};
use super::memory::{Memory, remember_later, save_cache};
use super::outcome::{Options, Outcome, Remember, Summary};
use super::place::Place;
use super::preflight::{Plan, preflight};
use super::recall::LAST;
use super::stage;
use super::stat::{Cache, now};
use crate::diagnostics::Diagnostics;
use crate::tree::{Folder, GEN_VERSION, Record, hash};

/// A publication in progress. Dropped before [`Publication::publish`], it leaves the tree as it was.
#[derive(Debug)]
pub struct Publication {
    options: Options,
    root: Place,
    /// None in check mode, which writes nothing.
    area: Option<Area>,
    /// In check mode: keeps a writer out, where one could be in.
    _shared: Option<Lock>,
    cache: Cache,
    next: AtomicUsize,
    state: Mutex<State>,
}

/// A path that a publication writes or removes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// Relative to the root.
    pub path: String,
    /// Where its new content lies until then, relative to the root; none where it goes.
    pub staged: Option<String>,
}

/// The lock on a checkout after its publication.
#[derive(Debug)]
pub struct Held {
    _area: Option<Area>,
}

#[derive(Debug, Default)]
struct State {
    plans: Vec<Plan>,
    memories: Vec<Memory>,
    /// Keys of folders whose cache entry is out of date.
    touched: BTreeSet<String>,
    claims: Claims,
    problems: Diagnostics,
    summary: Summary,
    /// What [`super::recall`] is to find next time.
    last: Option<String>,
}

impl Publication {
    /// Takes the lock, and finishes what an interrupted render left. In check mode nothing is written at all.
    ///
    /// # Errors
    /// GEN0807 while another gen writes; GEN0808 in check mode after an interrupted render; GEN0809.
    pub fn begin(root: &Path, options: Options) -> Result<Self, Diagnostics> {
        Self::begin_on(Disk::default(), root, options)
    }

    /// As [`Publication::begin`], on a disk that a test lets fail.
    ///
    /// # Errors
    /// The same.
    #[doc(hidden)]
    pub fn begin_on(disk: Disk, root: &Path, options: Options) -> Result<Self, Diagnostics> {
        let root = Place::root(Arc::new(disk), root)?;
        let (area, shared, rolled_forward) = if options.check {
            let shared = lock::shared(&root)?;
            refuse_unfinished(&root)?;
            (None, shared, false)
        } else {
            let (area, rolled_forward) = Area::enter(&root, options.force)?;
            (Some(area), None, rolled_forward)
        };
        let cache = area.as_ref().map(|area| Cache::load(&area.place)).unwrap_or_default();
        let mut state = State::default();
        state.summary.rolled_forward = rolled_forward;
        Ok(Self {
            options,
            root,
            area,
            _shared: shared,
            cache,
            next: AtomicUsize::new(0),
            state: Mutex::new(state),
        })
    }

    /// The facts remembered for a folder, where it was rendered from the same input and no file of it was touched since. Then
    /// there is no need to render and add it. Never in check mode.
    #[must_use]
    pub fn fresh(&self, folder: &str, record: &str, input_digest: &str) -> Option<String> {
        let key = format!("{folder}/{record}");
        let unit = self.cache.unit(&key)?;
        if self.options.force || unit.input_digest != input_digest || input_digest.is_empty() {
            return None;
        }
        let place = self.root.open(folder).ok()??;
        let mut count = 0;
        for file in unit.files() {
            let (path, stamp) = file?;
            if !place.is_still(path, stamp) {
                return None;
            }
            count += 1;
        }
        self.state().claims.unchanged(key, count);
        Some(unit.facts.to_owned())
    }

    /// Compares a folder with the disk, and writes beside what has to change.
    ///
    /// # Errors
    /// What the disk refuses, links, a record that cannot be trusted. Nothing is published then.
    pub fn add(&self, folder: &Folder, remember: Option<Remember>) -> Result<Outcome, Diagnostics> {
        let result = check_folder(folder)
            .and_then(|()| self.state().claims.claim(folder))
            .and_then(|()| self.stage(folder, remember));
        self.note(&result);
        result
    }

    /// Plans to remove everything that a record names, and the record.
    ///
    /// # Errors
    /// As [`Publication::add`].
    pub fn remove(&self, folder: &str, record: &str) -> Result<Outcome, Diagnostics> {
        let result = self.plan_removal(folder, record);
        self.note(&result);
        result
    }

    /// What was decided up to now, summed up.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let state = self.state();
        let mut summary = state.summary;
        summary.unchanged += state.claims.unchanged_files();
        summary
    }

    /// Has [`super::recall`] give back what this render told, once it is published: only where it was everything that the spec
    /// describes.
    pub fn remember(&self, last: String) {
        self.state().last = Some(last);
    }

    /// What was decided up to now, path by path, before it is made so: for committing it first.
    #[must_use]
    pub fn planned(&self) -> Vec<Planned> {
        let Some(area) = &self.area else {
            return Vec::new();
        };
        let state = self.state();
        let mut all = Vec::new();
        for plan in &state.plans {
            let Entry { stage, folder, .. } = &plan.entry;
            let planned = |path: &String, staged: Option<String>| Planned {
                path: format!("{folder}/{path}"),
                staged,
            };
            let staged = |path: &String| format!("{}/{stage}/{path}", area.stage.path);
            let write = plan.entry.write.iter();
            all.extend(write.map(|path| planned(path, Some(staged(path)))));
            let delete = plan.entry.delete.iter();
            all.extend(delete.map(|path| planned(path, None)));
            if plan.entry.sha256.is_none() {
                all.push(planned(&plan.entry.record, None));
            }
        }
        all.sort();
        all
    }

    /// As [`Publication::publish`], and keeps the lock on the checkout, for what has to follow before anybody else writes.
    ///
    /// # Errors
    /// As [`Publication::publish`].
    pub fn publish_and_hold(mut self) -> Result<(Summary, Held), Diagnostics> {
        let summary = self.make_it_so(|_| None)?;
        Ok((summary, Held { _area: self.area }))
    }

    /// Makes it all so.
    ///
    /// # Errors
    /// Everything that was refused; what the disk refuses. GEN0806 may come before or after the journal: either nothing was touched,
    /// or the next run finishes.
    pub fn publish(mut self) -> Result<Summary, Diagnostics> {
        self.make_it_so(|_| None)
    }

    /// As [`Publication::publish`], and remembers what `last` gives for the summary, which is made meanwhile: see
    /// [`Publication::remember`].
    ///
    /// # Errors
    /// As [`Publication::publish`].
    pub fn publish_and_remember(
        mut self,
        last: impl FnOnce(Summary) -> Option<String> + Send,
    ) -> Result<Summary, Diagnostics> {
        self.make_it_so(last)
    }

    fn make_it_so(
        &mut self,
        last: impl FnOnce(Summary) -> Option<String> + Send,
    ) -> Result<Summary, Diagnostics> {
        let summary = self.summary();
        let state = std::mem::take(&mut *self.state());
        if !state.problems.is_empty() {
            return Err(state.problems);
        }
        state.claims.refuse_nested()?;
        let Some(area) = &self.area else {
            refuse_unfinished(&self.root)?;
            return Ok(summary);
        };
        // From here on the tree may be another than the one of which something was told.
        area.place.remove_file(LAST)?;
        let mut plans = state.plans;
        plans.sort_by_cached_key(|plan| plan.entry.key());
        let (done, last) = rayon::join(|| self.carry_out(area, &plans), || last(summary));
        done?;
        // Without a cache the next run is slower, and that is all.
        let _ = save_cache(&self.root, area, &self.cache, state.touched, state.memories);
        if let Some(last) = last.or(state.last) {
            let _ = area.place.replace(LAST, last.as_bytes());
        }
        Ok(summary)
    }

    /// Looks once more, writes the journal, renames, drops the journal.
    fn carry_out(&self, area: &Area, plans: &[Plan]) -> Result<(), Diagnostics> {
        if plans.is_empty() {
            return Ok(());
        }
        plans.par_iter().try_for_each(|plan| preflight(&self.root, plan, self.options.force))?;
        let entries: Vec<&Entry> = plans.iter().map(|plan| &plan.entry).collect();
        journal::write(&area.place, &entries)?;
        let mut tree = Cursor::new(&self.root);
        for plan in plans {
            let turn = if plan.whole { Turn::Whole } else { Turn::First };
            apply(&self.root, &mut tree, &area.stage, &plan.entry, turn)?;
        }
        area.place.remove_file(JOURNAL)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, result: &Result<Outcome, Diagnostics>) {
        let mut state = self.state();
        match result {
            Ok(outcome) => {
                state.problems.extend(outcome.refused.clone());
                state.summary.written += outcome.written.len();
                state.summary.unchanged += outcome.unchanged;
                state.summary.removed += outcome.removed.len();
                state.summary.kept += outcome.kept;
            }
            Err(problems) => state.problems.extend(problems.clone()),
        }
    }

    fn stage(&self, folder: &Folder, remember: Option<Remember>) -> Result<Outcome, Diagnostics> {
        let text = Record::of(folder, GEN_VERSION).to_text();
        let seen_at = now();
        let compared = compare(&self.root, folder, &text, self.options)?;
        let Some(area) = &self.area else {
            return Ok(compared.outcome);
        };
        if !compared.outcome.refused.is_empty() {
            return Ok(compared.outcome);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let paths = compared.write.iter().map(|(path, _)| path.as_str());
        let stamps = if compared.write.is_empty() {
            Vec::new()
        } else {
            stage::write(&area.stage, number, folder, &text, paths)?
        };
        let entry = Entry {
            stage: number,
            folder: folder.path.clone(),
            record: folder.record.clone(),
            sha256: Some(hash(text.as_bytes())),
            write: Vec::new(),
            delete: Vec::new(),
        };
        let key = entry.key();
        let memory =
            remember.map(|remember| remember_later(&compared, &stamps, remember, &entry, seen_at));
        // What was not remembered and will not be need not be forgotten: the cache stays as it is.
        let is_touched = memory.is_some() || self.cache.unit(&key).is_some();
        let mut state = self.state();
        state.touched.extend(is_touched.then_some(key));
        state.memories.extend(memory);
        let (plan, outcome) = Plan::new(entry, compared);
        state.plans.extend(plan);
        Ok(outcome)
    }

    fn plan_removal(&self, folder: &str, record: &str) -> Result<Outcome, Diagnostics> {
        check_names(folder, record)?;
        self.state().claims.remove(folder, record)?;
        let compared = compare_removal(&self.root, folder, record, self.options)?;
        if self.area.is_none() || !compared.outcome.refused.is_empty() {
            return Ok(compared.outcome);
        }
        let entry = Entry {
            stage: self.next.fetch_add(1, Ordering::Relaxed),
            folder: folder.to_owned(),
            record: record.to_owned(),
            sha256: None,
            write: Vec::new(),
            delete: Vec::new(),
        };
        let mut state = self.state();
        state.touched.insert(entry.key());
        let (plan, outcome) = Plan::new(entry, compared);
        state.plans.extend(plan);
        Ok(outcome)
    }
}
