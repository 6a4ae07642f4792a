//! `gen check` against Tekton itself: the same verdict on everything that gen renders, on Tekton's own examples, and on objects that are
//! made wrong in one place.
//!
//! Compared is what the webhooks refuse (rules CHK10xx to CHK14xx) and what the definitions refuse (CHK2001). What fails only in a run,
//! and advice, Tekton's webhooks know nothing of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gitops_gen::check::{
    Cluster, Declared, Finding, Item, Judge, Level, Objects, Within, check, parse,
};
use gitops_gen::kubernetes::Object;
use gitops_gen::kubernetes::definitions::Definitions;
use gitops_gen::yaml::Value;
use rayon::prelude::*;

use crate::mutants;
use crate::random::Random;
use crate::support::{cases, needs};

/// The kinds that the webhooks of the oracle judge.
fn is_judged(object: &Object) -> bool {
    let kinds: &[&str] = match object.api_version() {
        "tekton.dev/v1" => &["Task", "TaskRun", "Pipeline", "PipelineRun"],
        "tekton.dev/v1beta1" => &["StepAction"],
        "triggers.tekton.dev/v1beta1" => &[
            "EventListener",
            "Trigger",
            "TriggerBinding",
            "TriggerTemplate",
            "ClusterTriggerBinding",
        ],
        _ => return false,
    };
    kinds.contains(&object.kind())
}

/// An object as the API server gets it: in a namespace, with a name.
fn placed(mut object: Object) -> Value {
    let is_namespaced = object.kind() != "ClusterTriggerBinding";
    let metadata = object.metadata_mut();
    if is_namespaced {
        metadata.insert("namespace", "runs");
    }
    if let Some(name) = metadata.get("generateName").and_then(Value::as_str).map(str::to_owned)
        && !metadata.contains_key("name")
    {
        metadata.insert("name", format!("{name}x"));
    }
    object.value().clone()
}

/// The objects in texts that the oracle judges, each once.
fn corpus<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for text in texts {
        let Ok(parsed) = parse(&Arc::from("case.yaml"), text) else { continue };
        for item in parsed.items.into_iter().filter(|item| is_judged(&item.object)) {
            let value = placed(item.object);
            if seen.insert(value.to_string()) {
                all.push(value);
            }
        }
    }
    all
}

/// What gen says of an object.
fn findings(value: &Value) -> Vec<Finding> {
    let Ok(object) = Object::new(value.clone()) else { return Vec::new() };
    let item = Item { object, file: Arc::from("case.yaml"), within: Within::default() };
    let judge = Judge {
        definitions: Definitions::built_in(),
        cluster: &Cluster::default(),
        declared: &Declared::default(),
    };
    let is_admission = |finding: &Finding| {
        let is_known = finding.rule.id < "CHK1500" || finding.rule.id == "CHK2001";
        // A run in a TriggerTemplate is refused when an event comes.
        let is_later = finding.field.contains("resourcetemplates[")
            && !finding.rule.name.starts_with("trigger-");
        finding.level == Level::Error && is_known && !is_later
    };
    check(judge, &Objects::new(vec![item])).into_iter().filter(is_admission).collect()
}

/// What Tekton says of objects, by their numbers; skips without it.
fn of_tekton(objects: &[Value]) -> Option<BTreeMap<usize, Vec<String>>> {
    let stream: Vec<String> = objects.iter().map(Value::to_string).collect();
    let verdict = crate::judge(Path::new("-"), Some(&stream.join("\n---\n")))?;
    let mut all: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for line in &verdict.lines {
        let (place, said) = line.split_once(": ").expect("a place");
        let number = place.rsplit('#').next().and_then(|number| number.parse().ok());
        let message = said.split_once(": ").map_or(said, |(_, message)| message);
        // What the API server says of pods it says in a run.
        if !message.starts_with("warning: ") && !message.starts_with("pod: ") {
            all.entry(number.expect("a number")).or_default().push(message.to_owned());
        }
    }
    Some(all)
}

/// What is known to differ, and why: a part of the message of whoever refuses what the other takes.
const KNOWN: &[(&str, &str)] = &[];

/// The objects on which the verdicts differ, in words, and the number of those that Tekton refuses.
fn differences(objects: &[Value]) -> Option<(Vec<String>, usize)> {
    let tekton = of_tekton(objects)?;
    let mut found: Vec<String> = objects
        .par_iter()
        .enumerate()
        .filter_map(|(number, object)| {
            let ours = findings(object);
            let theirs = tekton.get(&number);
            if ours.is_empty() == theirs.is_none() {
                return None;
            }
            let words = match (ours.first(), theirs) {
                (Some(one), _) => {
                    format!("gen alone: {} {}: {}", one.rule.name, one.field, one.what)
                }
                (None, theirs) => format!("Tekton alone: {}", theirs?.join("; ")),
            };
            let is_known = KNOWN.iter().any(|(part, _)| words.contains(part));
            (!is_known).then(|| format!("{words}\n    {object}"))
        })
        .collect();
    found.sort();
    Some((found, tekton.len()))
}

/// Every file of the golden trees.
pub fn golden_texts() -> Vec<String> {
    let files = cases::trees().iter().flat_map(|(_, tree)| tree.iter());
    files.filter_map(|(_, content)| String::from_utf8(content.clone()).ok()).collect()
}

fn golden() -> Vec<Value> {
    corpus(golden_texts().iter().map(String::as_str))
}

/// Tekton's own examples, where the module is.
fn examples() -> Option<Vec<Value>> {
    Some(corpus(example_texts()?.iter().map(String::as_str)))
}

/// Every file of them.
pub fn example_texts() -> Option<Vec<String>> {
    let folders = needs::variable("GEN_TEST_EXAMPLES", "tests/tools/setup examples")?;
    let mut texts = Vec::new();
    for folder in std::env::split_paths(&folders) {
        let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
        for file in files.filter(|file| file.path().extension().is_some_and(|end| end == "yaml")) {
            texts.extend(std::fs::read_to_string(file.path()).ok());
        }
    }
    Some(texts)
}

/// The control: a difference is told, in both directions, and agreement is not.
#[test]
fn a_difference_in_verdicts_is_told() {
    let objects = corpus(
        [
            "{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: good}, spec: {steps: [{name: s, image: i}]}}",
            "{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: bad}, spec: {steps: [{name: s, image: i, script: $(params.no)}]}}",
        ]
        .into_iter(),
    );
    let Some(tekton) = of_tekton(&objects) else { return };
    assert_eq!(tekton.keys().collect::<Vec<_>>(), [&1]);
    assert!(findings(&objects[0]).is_empty() && !findings(&objects[1]).is_empty());
    assert_eq!(differences(&objects), Some((Vec::new(), 1)));
}

#[test]
fn what_tekton_accepts_of_its_examples_and_ours_is_clean() {
    let mut objects = golden();
    assert!(objects.len() > 200, "only {} objects", objects.len());
    let Some(examples) = examples() else { return };
    assert!(examples.len() > 150, "only {} examples", examples.len());
    objects.extend(examples);
    let Some((found, _)) = differences(&objects) else { return };
    assert!(found.is_empty(), "{} of {}:\n{}", found.len(), objects.len(), found.join("\n"));
}

#[test]
fn mutants_have_the_verdict_of_tekton() {
    let count = if std::env::var_os("GEN_SOAK").is_some() { 200_000 } else { 5_000 };
    let seed = std::env::var("GEN_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut objects = golden();
    objects.extend(examples().unwrap_or_default());
    for (is_of_triggers, count) in [(false, count), (true, count / 2)] {
        let begins = |object: &&Value| {
            object.str_at(&["apiVersion"]).is_some_and(|api| api.starts_with("triggers."))
        };
        let of: Vec<&Value> =
            objects.iter().filter(|object| begins(object) == is_of_triggers).collect();
        let mut random = Random::new(seed);
        let mutants: Vec<Value> = (0..count).map(|_| mutants::mutant(&mut random, &of)).collect();
        let Some((found, refused)) = differences(&mutants) else { return };
        assert!(refused > count / 5 && refused < count * 19 / 20, "{refused} of {count} refused");
        let allowed = count / 200;
        assert!(found.len() <= allowed, "{} of {count} differ:\n{}", found.len(), found.join("\n"));
    }
}
