//! The comparison, phase by phase: known kinds, existing namespaces, live objects, dry runs for the rest, and
//! objects to be pruned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use tokio::task::JoinSet;

use super::ask::ask;
use super::entry::{Entry, Outcome};
use super::fetch::{Fetched, fetch};
use super::judged::{Step, unasked};
use super::kinds::Resource;
use super::namespaces::{Namespaces, namespace, namespaces};
use super::plan::{How, Read, by_namespace, one_by_one, plan};
use super::problems::Problems;
use super::prune::prune;
use super::request::{Caller, Failed, Failure, Purpose};
use super::shared::Shared;
use super::{Comparison, Connection, Options, Progress, Scope};
use crate::change::live::{Refusal, bare, refusal, without_live};
use crate::change::{Change, Class, Desired};
use crate::diagnostics::ClusterError;

/// Determines what Flux would change if the tree were committed. `desired` has the objects to compare; `scope` is their part of the
/// tree.
///
/// # Errors
/// If no request could be sent: no connection, no credentials. Later failures are in the comparison, which is then not
/// complete.
pub fn compare(
    connection: &Connection,
    desired: impl IntoParallelIterator<Item = Desired>,
    scope: &Scope,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Comparison, ClusterError> {
    let entries: Vec<Entry> = desired.into_par_iter().map(Entry::new).collect();
    connection.block_on(async {
        let caller =
            Caller::new(connection.client.clone(), options.deadline, options.request_timeout);
        let shared = Shared::new(caller, entries, options);
        let run = Run {
            outcomes: (0..shared.entries.len()).map(|_| None).collect(),
            shared: Arc::new(shared),
            resources: Vec::new(),
            undecided: Vec::new(),
            problems: Problems::new(connection.server.clone(), options),
            progress,
        };
        run.all(scope).await
    })
}

/// A comparison under way.
pub(super) struct Run<'a> {
    pub(super) shared: Arc<Shared>,
    outcomes: Vec<Option<Outcome>>,
    /// The kind of each object that is not decided by it.
    resources: Vec<Option<Arc<Resource>>>,
    /// Objects that need a dry run, each with the live one if it was read.
    undecided: Vec<(usize, Option<Box<str>>)>,
    pub(super) problems: Problems,
    progress: &'a dyn Progress,
}

/// The result of a task of a comparison.
enum Done {
    Read(Box<Fetched>),
    /// A dry run is done; with the live object if it is a Secret.
    Asked(usize, Result<Outcome, Failed>, Option<Box<str>>),
}

impl Run<'_> {
    async fn all(mut self, scope: &Scope) -> Result<Comparison, ClusterError> {
        self.resources = self.kinds().await?;
        let namespaces = self.namespaces(scope).await;
        self.read_and_ask().await;
        let pruned = prune(&self.shared, scope, &namespaces, &mut self.problems).await;
        Ok(self.finish(pruned))
    }

    pub(super) fn decide(&mut self, place: usize, outcome: Outcome) {
        if self.outcomes[place].replace(outcome).is_none() {
            self.progress.advance(1);
        }
    }

    /// Not compared, for this failure.
    pub(super) fn fail(&mut self, place: usize, failed: &Failed) {
        let reason = self.problems.add(failed);
        let entry = &self.shared.entries[place];
        // The values of the tree's Secrets must be known wherever they could appear, in order to mask them.
        let after = entry.is_secret().then(|| entry.desired(None));
        self.decide(place, Outcome::because(Class::NotCompared, reason).with(None, after));
    }

    /// Checks the namespaces. Objects in a missing one are decided with it.
    async fn namespaces(&mut self, scope: &Scope) -> Namespaces {
        let shared = Arc::clone(&self.shared);
        let mut found = namespaces(&shared, &self.resources).await;
        // Missing namespaces, and those that differ, are handled like any other object.
        for failed in &found.failures {
            self.problems.add(failed);
        }
        for (place, step) in std::mem::take(&mut found.steps) {
            if let Step::Done(outcome) = step {
                self.decide(place, outcome);
            }
        }
        for (place, entry) in shared.entries.iter().enumerate() {
            let name = entry.object.identity.namespace.as_deref().unwrap_or_default();
            let is_open = self.resources[place].is_some() && self.outcomes[place].is_none();
            if !is_open || !found.is_absent(name) {
                continue;
            }
            let desired = entry.desired(None);
            let is_brought = shared.index.contains_key(&namespace(name));
            let (class, reason) = if let Some(reason) = without_live(&desired) {
                self.decide(place, Outcome::because(Class::Kept, reason));
                continue;
            } else if is_brought {
                let reason = "not validated: its namespace does not exist yet";
                (Class::Created, reason.to_owned())
            } else if scope.apps.is_some() {
                let reason = "not validated: its namespace does not exist yet, and is not part of the comparison";
                (Class::Created, reason.to_owned())
            } else {
                let reason = format!("the namespace {name} does not exist, and is not in the tree");
                (Class::Blocked, reason)
            };
            self.decide(place, Outcome::because(class, reason).with(None, Some(desired)));
        }
        found
    }

    /// Reads live objects, and sends dry runs for those that are still undecided, a bounded number at a time: as soon as one list is here,
    /// while others are still read.
    async fn read_and_ask(&mut self) {
        let shared = Arc::clone(&self.shared);
        let of = |(place, resource): (usize, &Option<Arc<Resource>>)| {
            let resource = resource.as_ref().filter(|_| self.outcomes[place].is_none())?;
            let namespace = shared.entries[place].object.identity.namespace.clone();
            Some((place, Arc::clone(resource), namespace))
        };
        let open = self.resources.iter().enumerate().filter_map(of).collect();
        let at_once = shared.requests.available_permits().max(1) * 2;
        let mut tasks: JoinSet<Done> = JoinSet::new();
        let mut reads = plan(open);
        let mut asking = 0;
        loop {
            for read in reads.drain(..) {
                let shared = Arc::clone(&shared);
                tasks.spawn(async move { Done::Read(Box::new(fetch(shared, read).await)) });
            }
            while asking < at_once
                && let Some((place, live)) = self.undecided.pop()
            {
                if let Some(resource) = self.resources[place].clone() {
                    asking += 1;
                    let shared = Arc::clone(&shared);
                    tasks.spawn(async move {
                        // The values of a live Secret must be masked even if no dry run gave a result.
                        let is_secret = shared.entries[place].is_secret();
                        let kept = live.as_ref().filter(|_| is_secret).cloned();
                        Done::Asked(place, ask(&shared, place, &resource, live).await, kept)
                    });
                }
            }
            match tasks.join_next().await {
                None => break,
                // If a list is not allowed, smaller reads are tried: by namespace, then by object.
                Some(Ok(Done::Read(fetched))) => reads = self.take(*fetched),
                Some(Ok(Done::Asked(place, answer, kept))) => {
                    asking -= 1;
                    self.answered(place, answer, kept);
                }
                Some(Err(_)) => {}
            }
        }
    }

    fn answered(&mut self, place: usize, answer: Result<Outcome, Failed>, kept: Option<Box<str>>) {
        let mut failed = match answer {
            Ok(outcome) => return self.decide(place, outcome),
            Err(failed) => failed,
        };
        let is_dry_run = failed.0.purpose == Purpose::DryRun;
        if !is_dry_run {
            // Its list was allowed: that reading it again is not is reported as a rejected request.
            failed.0.needs = None;
        }
        if is_dry_run
            && let Failure::Refused { status, answer } = &failed.1
            && let Refusal::MissingRight(words) = refusal(*status, answer)
        {
            self.problems.add(&failed);
            let reason = format!("missing permissions: {words}");
            self.decide(place, Outcome::because(Class::NotCompared, reason));
        } else {
            self.fail(place, &failed);
        }
        if let (Some(text), Some(outcome)) = (kept, &mut self.outcomes[place]) {
            outcome.before = serde_json::from_str(&text).ok().map(bare);
        }
    }

    /// Handles the result of a read; returns the reads to try instead if it was not allowed, or if it left something open.
    fn take(&mut self, fetched: Fetched) -> Vec<Read> {
        let shared = Arc::clone(&self.shared);
        let mut seen = BTreeSet::new();
        for (place, step) in fetched.steps {
            if self.outcomes[place].is_some() || !seen.insert(place) {
                continue;
            }
            match step {
                Step::Done(outcome) => self.decide(place, outcome),
                Step::Ask(live, differs) if shared.read_only => {
                    self.decide(place, unasked(&shared, place, &live, differs));
                }
                Step::Ask(live, _) => self.undecided.push((place, Some(live))),
                Step::Absent => self.absent(place),
            }
        }
        let Read { resource, entries, how } = fetched.read;
        let is_open = |place: &usize| self.outcomes[*place].is_none() && !seen.contains(place);
        let rest: Vec<usize> = entries.into_iter().filter(is_open).collect();
        match (fetched.failure, how) {
            (None, How::One) => Vec::new(),
            // Not in the list: missing, or without Flux's label.
            (None, How::List(_)) if shared.read_only => one_by_one(&resource, rest),
            (None, How::List(_)) => {
                self.undecided.extend(rest.into_iter().map(|place| (place, None)));
                Vec::new()
            }
            (Some(failed), How::List(namespace)) if failed.1.is_forbidden() => {
                if namespace.is_some() || !resource.is_namespaced {
                    return one_by_one(&resource, rest);
                }
                let mut namespaces: BTreeMap<_, Vec<usize>> = BTreeMap::new();
                for place in rest {
                    let namespace = shared.entries[place].object.identity.namespace.clone();
                    namespaces.entry(namespace).or_default().push(place);
                }
                by_namespace(&resource, namespaces)
            }
            (Some(failed), _) => {
                for place in rest {
                    self.fail(place, &failed);
                }
                Vec::new()
            }
        }
    }

    /// An object that does not exist.
    fn absent(&mut self, place: usize) {
        let entry = &self.shared.entries[place];
        let desired = entry.desired(None);
        let outcome = if let Some(reason) = without_live(&desired) {
            Outcome::because(Class::Kept, reason)
        } else if entry.is_encrypted {
            Outcome::because(Class::Created, "not validated: encrypted with SOPS")
        } else if self.shared.read_only {
            Outcome::because(Class::Created, "not validated: `--read-only` sends no dry run")
                .with(None, Some(desired))
        } else {
            return self.undecided.push((place, None));
        };
        self.decide(place, outcome);
    }

    /// Collects the results, in Flux's order of application.
    fn finish(self, pruned: Vec<Change>) -> Comparison {
        let entries = &self.shared.entries;
        let mut outcomes: Vec<_> = entries.iter().zip(self.outcomes).collect();
        outcomes.sort_by_key(|(entry, _)| (Arc::clone(&entry.object.environment), entry.stage()));
        let changes = outcomes.into_iter().map(|(entry, outcome)| {
            // A task that ended silently, which only a bug could cause, leaves its object unknown and not unchanged.
            let unknown = || Outcome::because(Class::NotCompared, "the comparison ended early");
            entry.change(outcome.unwrap_or_else(unknown))
        });
        let mut comparison = Comparison {
            changes: changes.chain(pruned).collect(),
            requests: self.shared.caller.requests(),
            ..Comparison::default()
        };
        let used = self.resources.iter().flatten().map(|resource| resource.as_ref().clone());
        self.problems.tell(&mut comparison, &used.collect());
        let is_unknown = |change: &Change| change.class == Class::NotCompared;
        comparison.complete =
            comparison.problems.is_empty() && !comparison.changes.iter().any(is_unknown);
        comparison
    }
}
