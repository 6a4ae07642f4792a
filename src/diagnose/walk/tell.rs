//! From a trail to a diagnosis in words.

use super::logs;
use super::station::{Station, Trail};
use super::trail::Walk;
use crate::diagnose::blanks::{Piece, pieces};
use crate::diagnose::certainty::Certainty;
use crate::diagnose::diagnosis::{Cure, Diagnosis, Evidence, Link, Ref};
use crate::diagnose::fact::Fact;
use crate::diagnose::mask::Mask;
use crate::diagnose::place::Place;
use crate::diagnose::rights::{Denied, denied, role};
use crate::diagnose::signature::{Groups, Hit, Offer, Role, exit_code};
use crate::diagnose::snapshot::Thing;
use crate::kubernetes::json::text;

/// Longer texts are cut: a message can be a megabyte.
const LONGEST: usize = 2_000;

/// A part of a message within a sentence; the proof has all of it.
const WORD: usize = 200;

/// Maximum number of other things named.
const MOST: usize = 8;

/// The diagnosis at the end of a trail.
pub(super) fn tell(walk: &Walk<'_>, trail: &Trail<'_>, mask: &Mask) -> Diagnosis {
    let weight = trail.weight();
    let symptom = trail.stations.first();
    let leaf = trail.leaf();
    let what = symptom.map_or_else(nothing, |one| one.of.clone());
    let hit = leaf.and_then(|leaf| leaf.hit.as_ref());
    let mut told = Diagnosis {
        stands: weight,
        signature: hit.map(|hit| hit.signature),
        title: String::new(),
        cause: String::new(),
        evidence: Vec::new(),
        chain: chain(trail, mask),
        consequences: consequences(walk, trail),
        besides: besides(trail, mask),
        alternatives: Vec::new(),
        cures: Vec::new(),
        places: Vec::new(),
        denied: Vec::new(),
        certainty: hit.map_or(Certainty::Possible, |hit| hit.signature.certainty),
        missing: missing(walk, trail),
        docs: hit.map(|hit| hit.signature.docs.clone()).unwrap_or_default(),
        since: None,
        what,
    };
    let Some(leaf) = leaf else { return told };
    if let Some(hit) = hit {
        explain(&mut told, trail, leaf, hit, mask);
    } else {
        let fact = leaf.fact.clone().unwrap_or_else(|| Fact::line("", None, ""));
        told.title = match fact.reason.as_str() {
            "" => "an unknown failure".to_owned(),
            reason => format!("an unknown failure: {reason}"),
        };
        "No signature knows this message.".clone_into(&mut told.cause);
        told.evidence.push(evidence(&fact, &leaf.of, mask));
    }
    // The symptom is proof, too, if it says more than that something failed.
    if let Some(first) = symptom.filter(|_| trail.stations.len() > 1)
        && let Some(fact) = first.hit.as_ref().map(|hit| &hit.fact).or(first.fact.as_ref())
        && !fact.message.is_empty()
    {
        told.evidence.push(evidence(fact, &first.of, mask));
    }
    if let Some(log) = log_end(walk, trail) {
        let fact = Fact::line(&logs::end(log), None, "");
        told.evidence.push(evidence(&fact, &logs::name(log), mask));
    }
    // Where something below it would have to be seen, it is not the first cause.
    if !told.missing.is_empty() {
        let is_near = hit.is_some_and(|hit| hit.signature.id == "G8d");
        told.certainty = if is_near { Certainty::Likely } else { Certainty::Possible };
    }
    told.since = told.evidence.iter().filter_map(|one| one.time).min();
    told
}

fn nothing() -> Ref {
    Ref { kind: String::new(), namespace: String::new(), name: String::new() }
}

/// Fills in what the signature says.
fn explain(told: &mut Diagnosis, trail: &Trail<'_>, leaf: &Station<'_>, hit: &Hit, mask: &Mask) {
    let signature = hit.signature;
    let words = words(trail, leaf, hit);
    let say = |template: &str| mask.text(&fill(template, &words));
    let case = hit.case();
    told.title = say(&signature.title);
    told.cause = say(case.map_or(&signature.cause, |case| &case.cause));
    if let Some(sentence) = exit_sentence(hit) {
        told.cause = format!("{} {sentence}", told.cause);
    }
    told.cures.push(Cure::Advice(say(case.map_or(&signature.cure, |case| &case.cure))));
    if signature.offers == Some(Offer::Rights) {
        told.denied = of_one_account(denied(&format!("{}\n{}", hit.fact.message, trail.text)));
        let yaml = role(&told.denied);
        if !yaml.is_empty() {
            let account = &told.denied[0];
            let title = format!(
                "a Role with just this, for the account {}/{}",
                account.home, account.account
            );
            told.cures.push(Cure::Objects { title, yaml });
        }
    }
    // A command with a hole in it is no command.
    let commands =
        signature.commands.iter().filter(|one| is_whole(one, &words)).map(|one| say(one));
    told.cures.extend(commands.map(Cure::Command));
    told.evidence.push(evidence(&hit.fact, &leaf.of, mask));
    let mut others: Vec<String> = Vec::new();
    // A vaguer reading of the same message is nothing else.
    let is_other = |other: &&Hit| match other.role {
        Role::Cause => true,
        Role::Symptom => other.fact != hit.fact,
        _ => false,
    };
    for other in leaf.others.iter().filter(is_other) {
        let words = self::words(trail, leaf, other);
        let line = format!(
            "{} [{}]",
            mask.text(&fill(&other.signature.title, &words)),
            other.signature.id
        );
        if other.signature.id != signature.id && !others.contains(&line) && others.len() < MOST {
            others.push(line.clone());
            // What a cause brings about follows from it.
            let follows = hit.role == Role::Cause && other.role == Role::Symptom;
            let list = if follows { &mut told.consequences } else { &mut told.alternatives };
            list.push(line);
        }
    }
}

/// The refusals of the account that was refused first.
fn of_one_account(all: Vec<Denied>) -> Vec<Denied> {
    let first = all.first().map(|one| (one.home.clone(), one.account.clone()));
    let is_its = |one: &Denied| Some((one.home.clone(), one.account.clone())) == first;
    all.into_iter().filter(is_its).collect()
}

fn exit_sentence(hit: &Hit) -> Option<&'static str> {
    let code = (hit.signature.id == "B1").then(|| hit.groups.get("c"))??.parse().ok()?;
    exit_code(code)
}

/// What templates may name.
fn words(trail: &Trail<'_>, leaf: &Station<'_>, hit: &Hit) -> Groups {
    let mut words = hit.groups.clone();
    let thing = leaf.thing.or_else(|| trail.stations.iter().rev().find_map(|one| one.thing));
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            words.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
    };
    add("reason", &hit.fact.reason);
    add("message", &hit.fact.message);
    add("container", &hit.fact.container);
    if let Some(thing) = thing {
        add("kind", &thing.kind);
        add("namespace", &thing.namespace);
        add("name", &thing.name);
        add("pod", thing.text(&["status", "podName"]));
    }
    if hit.signature.offers == Some(Offer::Rights) {
        let place = match words.get("tns") {
            Some(namespace) => format!(" in the namespace `{namespace}`"),
            None if hit.fact.message.contains("at the cluster scope") => {
                " in the whole cluster".to_owned()
            }
            None => String::new(),
        };
        words.insert("place".to_owned(), place);
    }
    words
}

/// A template with its words.
fn fill(template: &str, words: &Groups) -> String {
    let text = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Blank { word, otherwise } => {
            let known = words.get(word).map(|text| text.trim_end());
            let known = known.filter(|text| !text.is_empty());
            known.map_or_else(|| otherwise.to_owned(), |text| cut(text, WORD))
        }
    };
    pieces(template).into_iter().map(text).collect()
}

/// Whether all words of a command are known.
fn is_whole(command: &str, words: &Groups) -> bool {
    pieces(command).into_iter().all(|piece| match piece {
        Piece::Text(_) => true,
        Piece::Blank { word, .. } => words.get(word).is_some_and(|word| is_safe(word)),
    })
}

/// Whether a word may stand in a command that somebody will copy into a shell.
fn is_safe(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-._/:@".contains(c))
}

fn short(text: &str) -> String {
    cut(text, LONGEST)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn evidence(fact: &Fact, of: &Ref, mask: &Mask) -> Evidence {
    Evidence {
        place: fact.place,
        of: of.clone(),
        container: fact.container.clone(),
        reason: fact.reason.clone(),
        time: fact.time,
        text: short(mask.text(&fact.message).trim_end()),
    }
}

fn chain(trail: &Trail<'_>, mask: &Mask) -> Vec<Link> {
    let link = |station: &Station<'_>| {
        let fact = station.hit.as_ref().map(|hit| &hit.fact).or(station.fact.as_ref());
        let message = fact.map(|fact| fact.message.as_str()).unwrap_or_default();
        Link {
            of: station.of.clone(),
            reason: fact.map(|fact| fact.reason.clone()).unwrap_or_default(),
            message: short(&mask.text(message.lines().next().unwrap_or_default())),
        }
    };
    trail.stations.iter().map(link).collect()
}

/// What did not happen, or was stopped, because of the failure.
fn consequences(walk: &Walk<'_>, trail: &Trail<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for thing in trail.stations.iter().filter_map(|one| one.thing) {
        match thing.kind.as_str() {
            "PipelineRun" => {
                all.extend(skipped(thing));
                let stopped: Vec<&str> = walk
                    .snapshot
                    .owned(thing, "TaskRun")
                    .filter(|one| {
                        one.condition("Succeeded")
                            .is_some_and(|one| one.reason == "TaskRunCancelled")
                    })
                    .map(|one| one.label("tekton.dev/pipelineTask"))
                    .filter(|name| !name.is_empty())
                    .collect();
                if !stopped.is_empty() {
                    all.push(format!("cancelled: {}", stopped.join(", ")));
                }
            }
            "TaskRun" => {
                let steps = thing.list(&["status", "steps"]).iter();
                let skipped: Vec<&str> = steps
                    .filter(|step| text(step, &["terminationReason"]) == "Skipped")
                    .map(|step| text(step, &["name"]))
                    .collect();
                if !skipped.is_empty() {
                    all.push(format!("steps skipped: {}", skipped.join(", ")));
                }
            }
            _ => {}
        }
    }
    all.dedup();
    all
}

/// The tasks of a run that were skipped, by the reason.
fn skipped(run: &Thing) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for task in run.list(&["status", "skippedTasks"]) {
        let (name, reason) = (text(task, &["name"]), text(task, &["reason"]));
        match by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((reason, vec![name])),
        }
    }
    by_reason
        .into_iter()
        .map(|(reason, names)| format!("skipped: {} ({reason})", names.join(", ")))
        .collect()
}

fn besides(trail: &Trail<'_>, mask: &Mask) -> Vec<String> {
    let line = |other: &Trail<'_>| {
        let leaf = other.leaf()?;
        let hit = leaf.hit.as_ref();
        let title = hit.map(|hit| {
            let words = words(other, leaf, hit);
            format!("{} [{}]", mask.text(&fill(&hit.signature.title, &words)), hit.signature.id)
        });
        let title = title.or_else(|| leaf.fact.as_ref().map(|fact| mask.text(&fact.message)));
        Some(format!("{}: {}", other.stations.first()?.of, title.unwrap_or_default()))
    };
    trail.besides.iter().filter_map(line).take(MOST).collect()
}

/// The log whose end is shown: that of a step whose failure no line explains.
fn log_end<'a>(walk: &Walk<'a>, trail: &Trail<'a>) -> Option<&'a crate::diagnose::snapshot::Log> {
    let leaf = trail.stations.last()?;
    let is_unexplained = leaf
        .hit
        .as_ref()
        .is_some_and(|hit| ["B1", "G3", "D9b", "G16"].contains(&hit.signature.id.as_str()));
    let thing = leaf.thing.filter(|_| is_unexplained)?;
    match thing.kind.as_str() {
        "TaskRun" => logs::of_task_run(walk.snapshot, thing),
        "Pod" => logs::of_pod(walk.snapshot, &thing.name, ""),
        _ => None,
    }
}

/// What would have to be seen to say more.
fn missing(walk: &Walk<'_>, trail: &Trail<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    let Some(leaf) = trail.stations.last() else { return missing };
    let Some(hit) = leaf.hit.as_ref().filter(|hit| hit.role == Role::Symptom) else {
        return missing;
    };
    let Some(thing) = leaf.thing else { return missing };
    match hit.signature.id.as_str() {
        "A18" => missing.push(format!("the TaskRuns of PipelineRun {}", thing.name)),
        "B1" | "B30" if logs::of_task_run(walk.snapshot, thing).is_none() => {
            let pod = thing.text(&["status", "podName"]);
            let container = logs::failed_container(thing);
            missing.push(format!("the log of container {container} in pod {pod}"));
        }
        "G3" if logs::of_pod(walk.snapshot, &thing.name, "").is_none() => {
            missing.push(format!("the log of pod {} before it crashed", thing.name));
        }
        "B16" | "B17" | "B5" if hit.fact.place == Place::Condition => {
            let pod = thing.text(&["status", "podName"]);
            if walk.snapshot.find("Pod", &thing.namespace, pod).is_none() {
                missing.push(format!("the pod {pod} and its events"));
            }
        }
        "G8d" => missing.push("the claim and its events".to_owned()),
        "D2" | "E14" => missing.push("the source and its conditions".to_owned()),
        "D23" | "D24" | "D27" | "G13" | "G16" | "C18" => {
            missing.push("the objects named in the message, with their pods and events".to_owned());
        }
        _ => {}
    }
    missing
}
