//! The comparison, phase by phase: known kinds, existing namespaces, live objects, dry runs for the rest, and
//! objects to be pruned.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use tokio::task::JoinSet;

use super::ask::{Unanswered, ask};
use super::entry::{Entry, Outcome};
use super::fetch::{Fetched, fetch};
use super::judged::{Step, unasked};
use super::kinds::Resource;
use super::namespaces::{Namespaces, namespaces};
use super::plan::{Read, by_namespace, plan};
use super::problems::Problems;
use super::prune::prune;
use super::request::{Caller, Failure, Request};
use super::shared::Shared;
use super::{Comparison, Connection, Options, Progress, Scope};
use crate::change::live::{bare, without_live};
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
        let shared = Shared::new(caller, entries, options.concurrency, options.read_only);
        let mut run = Run {
            outcomes: (0..shared.entries.len()).map(|_| None).collect(),
            shared: Arc::new(shared),
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
    pub(super) problems: Problems,
    progress: &'a dyn Progress,
}

/// The result of a task of a comparison.
enum Done {
    Read(Box<Fetched>),
    /// A dry run is done; with the live object if it is a Secret.
    Asked(usize, Result<Outcome, Box<Unanswered>>, Option<Box<str>>),
}

impl Run<'_> {
    async fn all(&mut self, scope: &Scope) -> Result<Comparison, ClusterError> {
        let resources = self.kinds().await?;
        let wanted: Vec<usize> =
            (0..resources.len()).filter(|place| resources[*place].is_some()).collect();
        let there = self.namespaces(scope, &resources, &wanted).await;
        self.read_and_ask(&resources, &wanted).await;
        let pruned = prune(&self.shared, scope, &there, &mut self.problems).await;
        let used: BTreeSet<Resource> =
            resources.iter().flatten().map(|resource| resource.as_ref().clone()).collect();
        Ok(self.finish(pruned, &used))
    }

    pub(super) fn decide(&mut self, place: usize, outcome: Outcome) {
        if self.outcomes[place].replace(outcome).is_none() {
            self.progress.advance(1);
        }
    }

    /// Not compared, for this failure.
    pub(super) fn fail(&mut self, place: usize, request: &Request, failure: &Failure) {
        let reason = self.problems.add(request, failure);
        let shared = Arc::clone(&self.shared);
        let entry = &shared.entries[place];
        // The values of the tree's Secrets must be known wherever they could appear, in order to mask them.
        let after = (entry.identity.kind == "Secret").then(|| entry.desired(None));
        let outcome = Outcome::because(Class::NotCompared, reason).with(None, after);
        self.decide(place, outcome);
    }

    /// Checks the namespaces. Objects in a missing one are decided with it.
    async fn namespaces(
        &mut self,
        scope: &Scope,
        resources: &[Option<Arc<Resource>>],
        wanted: &[usize],
    ) -> Namespaces {
        let shared = Arc::clone(&self.shared);
        let (there, fetched) = namespaces(&shared, resources, wanted).await;
        for fetched in fetched {
            // Missing namespaces, and those that differ, are handled like any other object.
            if let Some((request, failure)) = &fetched.failure {
                self.problems.refused(&fetched.read, failure);
                let _ = self.problems.add(request, failure);
            }
            for (place, step) in fetched.steps {
                if let Step::Done(outcome) = step {
                    self.decide(place, outcome);
                }
            }
        }
        for place in wanted {
            let entry = &shared.entries[*place];
            let Some(namespace) = &entry.identity.namespace else {
                continue;
            };
            if self.outcomes[*place].is_some() || !there.is_absent(namespace) {
                continue;
            }
            let is_brought = shared.index.find("", "Namespace", None, namespace).is_some();
            let desired = entry.desired(None);
            let outcome = if let Some(reason) = without_live(&desired) {
                Outcome::because(Class::Kept, reason)
            } else if is_brought {
                Outcome::because(Class::Created, "not validated: its namespace does not exist yet")
                    .with(None, Some(desired))
            } else if scope.apps.is_some() {
                Outcome::because(
                    Class::Created,
                    "not validated: its namespace does not exist yet, and is not part of the comparison",
                )
                .with(None, Some(desired))
            } else {
                Outcome::because(
                    Class::Blocked,
                    format!("the namespace {namespace} does not exist, and is not in the tree"),
                )
                .with(None, Some(desired))
            };
            self.decide(*place, outcome);
        }
        there
    }

    /// Reads live objects, and sends dry runs for those that are still undecided, a bounded number at a time: as soon as one list is here,
    /// while others are still read.
    async fn read_and_ask(&mut self, resources: &[Option<Arc<Resource>>], wanted: &[usize]) {
        let shared = Arc::clone(&self.shared);
        let of = |place: &usize| {
            let namespace = shared.entries[*place].identity.namespace.clone();
            resources[*place].as_ref().map(|resource| (*place, Arc::clone(resource), namespace))
        };
        let open =
            wanted.iter().filter(|place| self.outcomes[**place].is_none()).filter_map(of).collect();
        let at_once = shared.requests.available_permits().max(1) * 2;
        let mut tasks: JoinSet<Done> = JoinSet::new();
        let start = |tasks: &mut JoinSet<Done>, read: Read| {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move { Done::Read(Box::new(fetch(shared, read).await)) });
        };
        for read in plan(open) {
            start(&mut tasks, read);
        }
        let mut undecided: Vec<(usize, Option<Box<str>>)> = Vec::new();
        let mut asking = 0;
        loop {
            while asking < at_once
                && let Some((place, live)) = undecided.pop()
            {
                if let Some(resource) = resources[place].clone() {
                    asking += 1;
                    self.start_asking(&mut tasks, place, resource, live);
                }
            }
            let Some(joined) = tasks.join_next().await else {
                break;
            };
            match joined {
                // If a list is not allowed, smaller reads are tried: by namespace, then by object.
                Ok(Done::Read(fetched)) => {
                    for read in self.take(*fetched, &mut undecided) {
                        start(&mut tasks, read);
                    }
                }
                Ok(Done::Asked(place, answer, kept)) => {
                    asking -= 1;
                    self.answered(place, resources, answer, kept);
                }
                Err(_) => {}
            }
        }
    }

    fn start_asking(
        &self,
        tasks: &mut JoinSet<Done>,
        place: usize,
        resource: Arc<Resource>,
        live: Option<Box<str>>,
    ) {
        let shared = Arc::clone(&self.shared);
        // The values of a live Secret must be masked even if no dry run gave a result.
        let is_secret = shared.entries[place].identity.kind == "Secret";
        let kept = live.as_ref().filter(|_| is_secret).cloned();
        tasks.spawn(async move {
            let answer = ask(shared, place, resource, live).await;
            Done::Asked(place, answer, kept)
        });
    }

    fn answered(
        &mut self,
        place: usize,
        resources: &[Option<Arc<Resource>>],
        answer: Result<Outcome, Box<Unanswered>>,
        kept: Option<Box<str>>,
    ) {
        match answer {
            Ok(outcome) => self.decide(place, outcome),
            Err(unanswered) => {
                self.unanswered(place, resources, &unanswered);
                if let (Some(text), Some(outcome)) = (kept, &mut self.outcomes[place]) {
                    outcome.before = serde_json::from_str(&text).ok().map(bare);
                }
            }
        }
    }

    /// Handles the result of a read; returns the reads to try instead if it was not allowed.
    fn take(
        &mut self,
        fetched: Fetched,
        undecided: &mut Vec<(usize, Option<Box<str>>)>,
    ) -> Vec<Read> {
        let shared = Arc::clone(&self.shared);
        let mut seen = BTreeSet::new();
        for (place, step) in fetched.steps {
            if self.outcomes[place].is_some() || !seen.insert(place) {
                continue;
            }
            match step {
                Step::Done(outcome) => self.decide(place, outcome),
                Step::Ask(live, differs) if shared.read_only => {
                    let outcome = unasked(&shared, place, &live, differs);
                    self.decide(place, outcome);
                }
                Step::Ask(live, _) => undecided.push((place, Some(live))),
                Step::Absent => self.absent(place, undecided, true),
            }
        }
        let (entries, resource, namespace) = match &fetched.read {
            Read::One { entry, resource } => (vec![*entry], resource, &None),
            Read::List { entries, resource, namespace } => (entries.clone(), resource, namespace),
        };
        let rest: Vec<usize> = entries
            .into_iter()
            .filter(|place| self.outcomes[*place].is_none() && !seen.contains(place))
            .collect();
        let one = |entry: usize| Read::One { resource: Arc::clone(resource), entry };
        match &fetched.failure {
            None if matches!(fetched.read, Read::One { .. }) => Vec::new(),
            // Not in the list: missing, or without Flux's label.
            None if shared.read_only => rest.into_iter().map(one).collect(),
            None => {
                for place in rest {
                    self.absent(place, undecided, false);
                }
                Vec::new()
            }
            Some((_, Failure::Refused { status: 403, .. }))
                if namespace.is_none()
                    && resource.is_namespaced
                    && matches!(fetched.read, Read::List { .. }) =>
            {
                let objects = rest
                    .into_iter()
                    .map(|place| (place, shared.entries[place].identity.namespace.clone()))
                    .collect();
                by_namespace(resource, objects)
            }
            Some((_, Failure::Refused { status: 403, .. }))
                if matches!(fetched.read, Read::List { .. }) =>
            {
                rest.into_iter().map(one).collect()
            }
            Some((request, failure)) => {
                self.problems.refused(&fetched.read, failure);
                if let Read::One { entry, resource } = &fetched.read {
                    let namespace = shared.entries[*entry].identity.namespace.as_deref();
                    self.problems.refused_one("get", resource, namespace, failure);
                }
                for place in rest {
                    self.fail(place, request, failure);
                }
                Vec::new()
            }
        }
    }

    /// A missing object, for certain or as far as a list shows.
    fn absent(
        &mut self,
        place: usize,
        undecided: &mut Vec<(usize, Option<Box<str>>)>,
        is_sure: bool,
    ) {
        let shared = Arc::clone(&self.shared);
        let entry = &shared.entries[place];
        let desired = entry.desired(None);
        if let (true, Some(reason)) = (is_sure, without_live(&desired)) {
            self.decide(place, Outcome::because(Class::Kept, reason));
        } else if is_sure && entry.is_encrypted {
            self.decide(
                place,
                Outcome::because(Class::Created, "not validated: encrypted with SOPS"),
            );
        } else if is_sure && shared.read_only {
            self.decide(
                place,
                Outcome::because(Class::Created, "not validated: `--read-only` sends no dry run")
                    .with(None, Some(desired)),
            );
        } else {
            undecided.push((place, None));
        }
    }

    fn unanswered(
        &mut self,
        place: usize,
        resources: &[Option<Arc<Resource>>],
        unanswered: &Unanswered,
    ) {
        if let (Some(words), Some(resource)) = (&unanswered.missing_right, &resources[place]) {
            let shared = Arc::clone(&self.shared);
            let namespace = shared.entries[place].identity.namespace.as_deref();
            let verb = if unanswered.request.patch.is_some() { "patch" } else { "get" };
            self.problems.refused_one(verb, resource, namespace, &unanswered.failure);
            self.decide(
                place,
                Outcome::because(Class::NotCompared, format!("missing permissions: {words}")),
            );
        } else {
            self.fail(place, &unanswered.request, &unanswered.failure);
        }
    }

    /// Collects the results, in Flux's order of application.
    fn finish(&mut self, pruned: Vec<Change>, used: &BTreeSet<Resource>) -> Comparison {
        let mut order: Vec<usize> = (0..self.outcomes.len()).collect();
        let entries = &self.shared.entries;
        order.sort_by_key(|place| {
            let entry = &entries[*place];
            (Arc::clone(&entry.environment), entry.stage(), *place)
        });
        let mut changes: Vec<Change> = order
            .into_iter()
            .map(|place| {
                // A task that ended silently, which only a bug could make, leaves its object unknown and not unchanged.
                let outcome = self.outcomes[place].take().unwrap_or_else(|| {
                    Outcome::because(Class::NotCompared, "the comparison ended early")
                });
                entries[place].change(outcome)
            })
            .collect();
        changes.extend(pruned);
        let not_compared = changes.iter().any(|change| change.class == Class::NotCompared);
        let told = self.problems.tell(used);
        Comparison {
            complete: !not_compared && told.errors.is_empty(),
            changes,
            notes: told.notes,
            problems: told.errors,
            role: told.role,
            requests: self.shared.caller.requests(),
        }
    }
}
