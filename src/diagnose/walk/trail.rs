//! The walk from an object that failed down to what it follows from.

use std::cell::RefCell;
use std::collections::HashSet;

use super::station::{Station, Trail, reference};
use super::{logs, related};
use crate::diagnose::diagnosis::{Ref, Weight};
use crate::diagnose::fact::{Fact, Gravity, facts};
use crate::diagnose::place::Place;
use crate::diagnose::signature::{Hit, Role, of_fact, of_text, rank};
use crate::diagnose::snapshot::{Snapshot, Thing};

/// What a walk looks at.
pub(super) struct Walk<'a> {
    pub snapshot: &'a Snapshot,
    ghosts: &'a [Thing],
    /// Objects on the way here, so that a circle ends.
    path: RefCell<HashSet<Ref>>,
}

impl<'a> Walk<'a> {
    pub fn new(snapshot: &'a Snapshot, ghosts: &'a [Thing]) -> Self {
        Self { snapshot, ghosts, path: RefCell::default() }
    }

    /// From an object down to the cause of its failure; nothing if it is well or simply goes on.
    pub fn descend(&self, thing: &'a Thing) -> Option<Trail<'a>> {
        let of = reference(thing);
        if !self.path.borrow_mut().insert(of.clone()) {
            return None;
        }
        let trail = self.at(thing);
        self.path.borrow_mut().remove(&of);
        trail
    }

    fn at(&self, thing: &'a Thing) -> Option<Trail<'a>> {
        let facts = facts(self.snapshot, thing);
        let root = state(&facts);
        let mut hits: Vec<Hit> = facts
            .iter()
            .flat_map(|fact| of_fact(&thing.kind, fact))
            .map(|hit| self.patient(hit))
            .collect();
        if root == Gravity::Well {
            hits.retain(|hit| hit.signature.role == Role::Note);
        }
        // What comparing shows is the newest; then conditions before events.
        hits.sort_by_key(|hit| {
            (rank(hit.role), hit.signature.certainty, hit.fact.place != Place::Computed)
        });
        let mut seen = HashSet::new();
        hits.retain(|hit| seen.insert(hit.signature.id.clone()));
        let role = hits.first().map(|hit| hit.role);
        let mut trail =
            Trail { stations: Vec::new(), besides: Vec::new(), root, text: String::new() };
        let unknown = facts.iter().find(|fact| {
            fact.gravity == Gravity::Bad && fact.place != Place::Event && !fact.reason.is_empty()
        });
        let is_wrong = !hits.is_empty() || unknown.is_some();
        if root == Gravity::Well && !is_wrong {
            return None;
        }
        let may_follow = !matches!(role, Some(Role::Cause | Role::Note)) && root != Gravity::Well;
        let below = if may_follow { self.below(thing, &hits, &mut trail) } else { None };
        // What nobody knows, or only follows, says less than what is known here.
        let below = below.filter(|below| {
            hits.is_empty() || below.order() < 2 || below.weight() == Weight::Waits
        });
        if is_wrong {
            let mut all = hits.into_iter();
            let hit = all.next();
            let fact = unknown.filter(|_| hit.is_none()).cloned();
            let others = all.collect();
            let inner = hit.as_ref().filter(|_| below.is_none()).and_then(Hit::inner);
            let station = Station { of: reference(thing), thing: Some(thing), fact, hit, others };
            trail.stations.push(station.clone());
            if let Some(inner) = inner {
                trail.text.push_str(&inner.fact.message);
                trail.stations.push(Station {
                    hit: Some(inner),
                    fact: None,
                    others: Vec::new(),
                    ..station
                });
            }
        }
        if let Some(below) = below {
            if trail.stations.is_empty() {
                // It only goes on or failed without a word: it is the symptom all the same.
                let (of, fact) = (reference(thing), facts.into_iter().next());
                trail.stations.push(Station {
                    of,
                    thing: Some(thing),
                    fact,
                    hit: None,
                    others: Vec::new(),
                });
            }
            trail.stations.extend(below.stations);
            trail.besides.extend(below.besides);
            trail.text.push_str(&below.text);
        }
        (!trail.stations.is_empty()).then_some(trail)
    }

    /// The best trail below an object; the others that failed go beside it.
    fn below(&self, thing: &'a Thing, hits: &[Hit], trail: &mut Trail<'a>) -> Option<Trail<'a>> {
        if let Some(of_log) = self.log(thing) {
            return Some(of_log);
        }
        let things = related::below(self.snapshot, self.ghosts, thing, hits);
        let mut found: Vec<Trail<'a>> =
            things.into_iter().filter_map(|one| self.descend(one)).collect();
        found.retain(|one| one.weight() != Weight::Note);
        found.sort_by_key(Trail::order);
        let mut found = found.into_iter();
        let best = found.next()?;
        let has_failed = |one: &Trail<'_>| one.order() <= 2 && one.weight() <= Weight::Stuck;
        trail.besides.extend(found.filter(has_failed));
        Some(best)
    }

    /// What the log of a container that failed says.
    fn log(&self, thing: &'a Thing) -> Option<Trail<'a>> {
        let log = match thing.kind.as_str() {
            "TaskRun" => {
                let has_failed =
                    thing.condition("Succeeded").is_some_and(|one| one.status == "False");
                logs::of_task_run(self.snapshot, thing).filter(|_| has_failed)
            }
            "Pod" => {
                let container = failed_container(thing)?;
                let by_message = container.1.as_deref().and_then(|message| {
                    let hit = of_text(&Fact::line(message, None, &container.0))?;
                    Some(self.one(thing, hit, message.to_owned()))
                });
                match logs::of_pod(self.snapshot, &thing.name, &container.0) {
                    None => return by_message,
                    log => log,
                }
            }
            "EventListener" => {
                let prefix = format!("el-{}-", thing.name);
                self.snapshot.logs.iter().find(|log| log.origin.pod.starts_with(&prefix))
            }
            _ => None,
        }?;
        let (hit, others) = logs::best(log)?;
        let station =
            Station { of: logs::name(log), thing: None, fact: None, hit: Some(hit), others };
        Some(Trail {
            stations: vec![station],
            besides: Vec::new(),
            root: Gravity::Bad,
            text: logs::lines_of(log),
        })
    }

    fn one(&self, thing: &'a Thing, hit: Hit, text: String) -> Trail<'a> {
        let station = Station {
            of: reference(thing),
            thing: Some(thing),
            fact: None,
            hit: Some(hit),
            others: Vec::new(),
        };
        let _ = self;
        Trail { stations: vec![station], besides: Vec::new(), root: Gravity::Bad, text }
    }

    /// What only waits is a failure after its time.
    fn patient(&self, mut hit: Hit) -> Hit {
        let now = self.snapshot.moment();
        let age = now.zip(hit.fact.time).map(|(now, since)| now.duration_since(since).as_secs());
        if let (Some(patience), Some(age)) = (hit.signature.patience, age)
            && age > patience
        {
            hit.role = Role::Cause;
        }
        hit
    }
}

/// How an object stands: what it says of itself, and only without that what events say.
fn state(facts: &[Fact]) -> Gravity {
    let own = facts.iter().filter(|fact| fact.place != Place::Event);
    own.map(|fact| match fact.place {
        // No controller says that it failed.
        Place::Computed if fact.gravity == Gravity::Bad => Gravity::Busy,
        _ => fact.gravity,
    })
    .min()
    .or_else(|| facts.iter().map(|fact| fact.gravity).min())
    .unwrap_or(Gravity::Well)
}

/// The container of a pod that failed, now or the last time, with the message that it left.
fn failed_container(pod: &Thing) -> Option<(String, Option<String>)> {
    for of in ["initContainerStatuses", "containerStatuses"] {
        for status in pod.list(&["status", of]) {
            for state in ["/state/terminated", "/lastState/terminated"] {
                let Some(ended) = status.pointer(state) else { continue };
                let code = ended.get("exitCode").and_then(serde_json::Value::as_i64);
                if code.unwrap_or_default() != 0 {
                    let text = |of: &serde_json::Value, key: &str| {
                        of.get(key).and_then(serde_json::Value::as_str).map(str::to_owned)
                    };
                    return Some((text(status, "name")?, text(ended, "message")));
                }
            }
        }
    }
    None
}
