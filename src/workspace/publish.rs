//! Publishes the tree: compare, stage, write the journal, rename, remove the journal.
//!
//! Until the journal is in place, nothing in the tree is touched; from then on the next run finishes the work. So if the process
//! ends at any point, even by kill -9, it leaves the old tree, or a journal that leads to the new one.
//!
//! Nothing is flushed to the disk by `fsync`: the tree is derived and can be rendered again, it is in Git, and 30,000 flushes
//! would take minutes. Files torn by a power failure are detected by hash: a torn journal or staged file is refused, a torn file of
//! the tree does not match its record.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::apply::{Turn, apply};
use super::area::{Area, refuse_unfinished};
use super::claims::{Claims, check_folder, check_names};
use super::compare::{compare, compare_removal};
use super::cursor::Cursor;
use super::disk::Disk;
use super::journal::{self, Entry, JOURNAL};
use super::lock;
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
    /// None in check mode, in which nothing is written.
    area: Option<Area>,
    /// In check mode: keeps writers out.
    _shared: Option<OwnedFd>,
    cache: Cache,
    next: AtomicUsize,
    state: Mutex<State>,
}

/// A path that a publication writes or removes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// Relative to the root.
    pub path: String,
    /// The file with its new content, relative to the root; none if it is removed.
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
    /// Keys of folders with outdated cache entries.
    touched: BTreeSet<String>,
    claims: Claims,
    problems: Diagnostics,
    summary: Summary,
    /// The report for [`super::recall`].
    last: Option<String>,
}

impl Publication {
    /// Takes the lock, and finishes an interrupted render. In check mode nothing is written at all.
    ///
    /// # Errors
    /// GEN0807 while another gen writes; GEN0808 in check mode after an interrupted render; GEN0809.
    pub fn begin(root: &Path, options: Options) -> Result<Self, Diagnostics> {
        Self::begin_on(Disk::default(), root, options)
    }

    /// [`Publication::begin`] on a disk with faults, for tests.
    #[doc(hidden)]
    pub fn begin_on(disk: Disk, root: &Path, options: Options) -> Result<Self, Diagnostics> {
        let root = Place::root_on(disk, root)?;
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

    /// The facts remembered for a folder, if its input is the same and none of its files was touched. Then it need not be
    /// rendered and added. Never in check mode.
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

    /// Compares a folder with the disk, and stages its changes.
    ///
    /// # Errors
    /// Errors of the disk, links, an invalid record. Nothing is published then.
    pub fn add(&self, folder: &Folder, remember: Option<Remember>) -> Result<Outcome, Diagnostics> {
        self.noted(self.stage(folder, remember))
    }

    /// Plans to remove the files listed by a record, and the record.
    ///
    /// # Errors
    /// As [`Publication::add`].
    pub fn remove(&self, folder: &str, record: &str) -> Result<Outcome, Diagnostics> {
        self.noted(self.plan_removal(folder, record))
    }

    /// The sum of the changes so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let state = self.state();
        let mut summary = state.summary;
        summary.unchanged += state.claims.unchanged_files();
        summary
    }

    /// Sets the report for [`super::recall`], once this is published. Only for a render of the whole spec.
    pub fn remember(&self, last: String) {
        self.state().last = Some(last);
    }

    /// The changes so far by path, before they are published: for committing them first.
    #[must_use]
    pub fn planned(&self) -> Vec<Planned> {
        let Some(area) = &self.area else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for plan in &self.state().plans {
            let Entry { stage, folder, record, sha256, write, delete } = &plan.entry;
            let at = |path: &String| format!("{folder}/{path}");
            let staged = |path: &String| Some(format!("{}/{stage}/{path}", area.stage.path));
            all.extend(write.iter().map(|path| Planned { path: at(path), staged: staged(path) }));
            let removed = delete.iter().chain(sha256.is_none().then_some(record));
            all.extend(removed.map(|path| Planned { path: at(path), staged: None }));
        }
        all.sort();
        all
    }

    /// Publishes everything.
    ///
    /// # Errors
    /// Everything that was refused; errors of the disk. GEN0806 may come before or after the journal: either nothing was touched,
    /// or the next run finishes.
    pub fn publish(self) -> Result<Summary, Diagnostics> {
        Ok(self.publish_and_hold(|_| None)?.0)
    }

    /// As [`Publication::publish`], but keeps the lock on the checkout for what follows. `last` makes the report for
    /// [`Publication::remember`] from the summary, in parallel.
    ///
    /// # Errors
    /// As [`Publication::publish`].
    pub fn publish_and_hold(
        self,
        last: impl FnOnce(Summary) -> Option<String> + Send,
    ) -> Result<(Summary, Held), Diagnostics> {
        let summary = self.summary();
        let state = std::mem::take(&mut *self.state());
        if !state.problems.is_empty() {
            return Err(state.problems);
        }
        state.claims.refuse_nested()?;
        let Some(area) = &self.area else {
            refuse_unfinished(&self.root)?;
            return Ok((summary, Held { _area: None }));
        };
        // From here on the tree may no longer match the report.
        area.place.remove_file(LAST)?;
        let mut plans = state.plans;
        plans.sort_by_cached_key(|plan| plan.entry.key());
        let (done, last) = rayon::join(|| self.carry_out(area, &plans), || last(summary));
        done?;
        // Without a cache the next run is just slower.
        let _ = save_cache(&self.root, area, &self.cache, state.touched, state.memories);
        if let Some(last) = last.or(state.last) {
            let _ = area.place.replace(LAST, last.as_bytes());
        }
        Ok((summary, Held { _area: self.area }))
    }

    /// Checks once more, writes the journal, renames, removes the journal.
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

    fn noted(&self, result: Result<Outcome, Diagnostics>) -> Result<Outcome, Diagnostics> {
        let mut state = self.state();
        match &result {
            Ok(outcome) => {
                state.problems.extend(outcome.refused.clone());
                state.summary.written += outcome.written.len();
                state.summary.unchanged += outcome.unchanged;
                state.summary.removed += outcome.removed.len();
                state.summary.kept += outcome.kept;
            }
            Err(problems) => state.problems.extend(problems.clone()),
        }
        result
    }

    fn stage(&self, folder: &Folder, remember: Option<Remember>) -> Result<Outcome, Diagnostics> {
        check_folder(folder)?;
        self.state().claims.claim(folder)?;
        let text = Record::of(folder, GEN_VERSION).to_text();
        let seen_at = now();
        let compared = compare(&self.root, folder, &text, self.options)?;
        let area = self.area.as_ref().filter(|_| compared.outcome.refused.is_empty());
        let Some(area) = area else {
            return Ok(compared.outcome);
        };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let paths = compared.write.iter().map(|(path, _)| path.as_str());
        let stamps = if compared.write.is_empty() {
            Vec::new()
        } else {
            stage::write(&area.stage, number, folder, &text, paths)?
        };
        let sha256 = Some(hash(text.as_bytes()));
        let entry = Entry::new(number, &folder.path, &folder.record, sha256);
        let key = entry.key();
        let memory =
            remember.map(|remember| remember_later(&compared, &stamps, remember, &entry, seen_at));
        // Without an old and a new entry the cache need not change.
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
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let entry = Entry::new(number, folder, record, None);
        let mut state = self.state();
        state.touched.insert(entry.key());
        let (plan, outcome) = Plan::new(entry, compared);
        state.plans.extend(plan);
        Ok(outcome)
    }
}
