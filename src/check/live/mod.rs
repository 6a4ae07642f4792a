//! `gen check --live`: what the tree takes for granted, and what the cluster says to that.
//!
//! Pure, in two halves: [`questions`] of objects, and [`judge`], which is given the answers. What the cluster did not answer is not
//! judged. Which requests answer them is `cluster`'s business, and that not all were answered is the report's.

mod references;
mod rights;
mod rules;
mod tekton;
mod thing;

pub use rights::{Right, by_roles};
pub use rules::RULES;
pub use tekton::{CONFIG_MAPS as TEKTON_MAPS, NAMESPACE as TEKTON_NAMESPACE};
pub use thing::{DEFAULT_STORAGE, Kind, Thing};

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::found::Found;
use super::objects::{Item, Objects};
use super::rbac::{Proof, prove};
use super::scope::Judge;
use references::{Made, Reference, references, with_carried};
use thing::{NAMESPACES, SECRETS};

/// What is to be asked, and why.
#[derive(Debug)]
pub struct Questions<'a> {
    /// The kinds of each API version, with an object of each.
    kinds: BTreeMap<String, BTreeMap<String, &'a Item>>,
    /// Objects that must exist, with what refers to them.
    things: BTreeMap<Thing, Vec<Reference<'a>>>,
    proofs: Vec<Proof<'a>>,
    rights: Vec<Right>,
    tekton: Option<&'a Item>,
}

/// What the cluster answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// The kinds of each API version; none for one that the cluster does not serve. One that is not here was not asked.
    pub kinds: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Whether each of [`Questions::things`] exists; none if that is not known.
    pub there: Vec<Option<bool>>,
    /// Whether each of [`Questions::rights`] is allowed; none if that is not known.
    pub rights: Vec<Option<bool>>,
    /// `data` of [`TEKTON_MAPS`].
    pub tekton: Vec<Option<BTreeMap<String, String>>>,
    /// How to make Secrets, by namespace and name.
    pub commands: BTreeMap<(String, String), String>,
}

/// What is to be asked about these objects, and about Secrets that are made by hand: namespace and name.
#[must_use]
pub fn questions<'a>(
    judge: Judge<'a>,
    objects: &'a Objects,
    by_hand: &[(String, String)],
) -> Questions<'a> {
    let all = with_carried(objects);
    let made = Made::by(&all);
    let mut kinds: BTreeMap<String, BTreeMap<String, &'a Item>> = BTreeMap::new();
    let mut things: BTreeMap<Thing, Vec<Reference<'a>>> = BTreeMap::new();
    for (item, object) in &all {
        let (api, kind) = (object.api_version(), object.kind());
        if !is_defined(objects, object.group(), kind) {
            let of_version = kinds.entry(api.to_owned()).or_default();
            of_version.entry(kind.to_owned()).or_insert(item);
        }
        for reference in references(item, object) {
            if !made.has(&reference.thing) {
                things.entry(reference.thing.clone()).or_default().push(reference);
            }
        }
    }
    for (namespace, name) in by_hand {
        let thing =
            Thing { kind: SECRETS, namespace: Some(namespace.clone()), name: Some(name.clone()) };
        // A run that a person starts names it, and is no object of the tree.
        if let Some(item) = nearest(objects, namespace).filter(|_| !made.has(&thing)) {
            let reference = Reference { thing: thing.clone(), item, field: String::new() };
            things.entry(thing).or_insert_with(|| vec![reference]);
        }
    }
    let proofs = prove(judge, objects);
    let rights = rights::questions(&proofs).into_iter().collect();
    let is_tekton = |item: &&Item| item.object.group().ends_with("tekton.dev");
    Questions { kinds, things, proofs, rights, tekton: objects.iter().find(is_tekton) }
}

/// The Pipeline of a namespace, else any object in it.
fn nearest<'a>(objects: &'a Objects, namespace: &str) -> Option<&'a Item> {
    let is_here = |item: &&Item| item.object.namespace() == Some(namespace);
    let pipeline = objects.of("tekton.dev", "Pipeline").find(is_here);
    pipeline.or_else(|| objects.iter().find(is_here))
}

/// Whether a definition among the objects brings a kind.
fn is_defined(objects: &Objects, group: &str, kind: &str) -> bool {
    objects.of("apiextensions.k8s.io", "CustomResourceDefinition").any(|item| {
        let text = |keys: &[&str]| item.object.value().str_at(keys);
        text(&["spec", "group"]) == Some(group) && text(&["spec", "names", "kind"]) == Some(kind)
    })
}

impl Questions<'_> {
    /// API versions whose kinds are needed.
    pub fn api_versions(&self) -> impl Iterator<Item = &String> {
        self.kinds.keys()
    }

    /// Objects that must exist.
    pub fn things(&self) -> impl Iterator<Item = &Thing> {
        self.things.keys()
    }

    /// Rights to ask for.
    #[must_use]
    pub fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// Whether Tekton's settings matter.
    #[must_use]
    pub fn has_tekton(&self) -> bool {
        self.tekton.is_some()
    }
}

/// Where the cluster is not as the tree takes it to be.
#[must_use]
pub fn judge(judge: Judge<'_>, questions: &Questions<'_>, answers: &Answers) -> Vec<Finding> {
    let mut found = Found::default();
    kinds(questions, answers, &mut found);
    things(questions, answers, &mut found);
    let rights = questions.rights.iter().cloned().zip(answers.rights.iter().copied()).collect();
    rights::judge(&questions.proofs, &rights, &mut found);
    if let Some(first) = questions.tekton {
        tekton::judge(judge.cluster, &answers.tekton, first, &mut found);
    }
    found.into_findings()
}

fn kinds(questions: &Questions<'_>, answers: &Answers, found: &mut Found) {
    for (version, kinds) in &questions.kinds {
        let Some(served) = answers.kinds.get(version) else { continue };
        for (kind, item) in kinds {
            let text = match served {
                None => format!("the cluster does not serve `{version}`, the version of `{kind}`"),
                Some(served) if !served.contains(kind) => {
                    format!("the cluster has no `{kind}` in `{version}`")
                }
                Some(_) => continue,
            };
            found.add(&rules::KIND, item, "apiVersion", text);
        }
    }
}

fn things(questions: &Questions<'_>, answers: &Answers, found: &mut Found) {
    let missing: Vec<(&Thing, &Vec<Reference<'_>>)> = questions
        .things
        .iter()
        .zip(answers.there.iter().chain(std::iter::repeat(&None)))
        .filter_map(|(question, there)| (*there == Some(false)).then_some(question))
        .collect();
    for (thing, references) in &missing {
        let first = &references[0];
        let Thing { kind, namespace, name } = thing;
        let more = match references.iter().filter(|other| !same(other.item, first.item)).count() {
            0 => String::new(),
            1 => " (and 1 more object names it)".to_owned(),
            more => format!(" (and {more} more objects name it)"),
        };
        let place = namespace.as_ref().map(|name| format!(" in `{name}`")).unwrap_or_default();
        let text = match name {
            Some(name) => {
                format!(
                    "the cluster has no {} `{name}`{place}, nor does the tree make one{more}",
                    kind.kind
                )
            }
            None => format!(
                "the claim names no StorageClass, and none in the cluster is the default{more}"
            ),
        };
        let mut finding = found.add(kind.rule(), first.item, first.field.clone(), text);
        finding.level(kind.level());
        if let (true, Some(home), Some(name)) = (*kind == SECRETS, namespace, name) {
            let command = answers.commands.get(&(home.clone(), name.clone()));
            let command = command.cloned().unwrap_or_else(|| {
                format!(
                    "kubectl create secret generic {name} --namespace={home} --from-file=KEY=FILE"
                )
            });
            finding.cure(format!(
                "create it from files, so that no value is in the shell's history: `{command}`"
            ));
        }
        if *kind == NAMESPACES
            && let Some(name) = name
        {
            finding.cure(format!("`kubectl create namespace {name}`, or put it into the tree"));
        }
    }
}

fn same(a: &Item, b: &Item) -> bool {
    std::ptr::eq(a, b)
}
