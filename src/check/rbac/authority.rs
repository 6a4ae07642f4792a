//! Who can change what the objects make: from the repository that Flux reads, through the accounts that apply, run and start, to verbs.
//!
//! A chain of names for a person to read, not a verdict: what is wrong with it, the rules say.

use std::collections::{BTreeMap, BTreeSet};

use super::super::applied::Kustomization;
use super::super::objects::{Item, Objects};
use super::super::scope::{Judge, Scope};
use super::account::Account;
use super::controllers::selected;
use super::grants::{Grant, Grants};
use super::proof::{self, Proof};
use super::tasks::TEKTON;
use crate::kubernetes::secrets;
use crate::yaml::Value;

/// What an account may do, and get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Power {
    /// `shop-dev/deploy`.
    pub account: String,
    /// Its rights: `get, patch deployments.apps in shop-dev`.
    pub may: Vec<String>,
    /// How it could get more: the way, and whose rights.
    pub reach: Vec<(String, Vec<String>)>,
    /// It has rights of roles that are not among the objects.
    pub has_unknown: bool,
}

/// What Flux reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `GitRepository flux-system/flux-system`.
    pub name: String,
    /// Its address, if it is among the objects.
    pub url: Option<String>,
    /// The Secret that it is read with, if it names one.
    pub secret: Option<String>,
    /// How many Kustomizations apply it.
    pub kustomizations: usize,
}

/// A Task or automation that pushes to a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushes {
    /// `Task shop-dev-ci/shop-deploy-app`.
    pub by: String,
    /// The Secrets that it has.
    pub secrets: Vec<String>,
}

/// A Kustomization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applies {
    /// `flux-system/shop-dev`.
    pub kustomization: String,
    /// The folder.
    pub path: String,
    /// As whom; none for Flux's own account.
    pub power: Option<Power>,
}

/// An account that Tasks run under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// The account.
    pub power: Power,
    /// `task deploy-app of PipelineRun shop`.
    pub users: Vec<String>,
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listens {
    /// `shop-dev-ci/shop`.
    pub listener: String,
    /// The account.
    pub power: Power,
    /// The Secrets that requests are verified with; empty if none are.
    pub secrets: Vec<String>,
    /// What each trigger creates, and the accounts of its runs.
    pub starts: Vec<(String, Vec<String>)>,
}

/// The whole chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authority {
    /// What Flux reads.
    pub sources: Vec<Source>,
    /// What pushes.
    pub pushes: Vec<Pushes>,
    /// What is applied, and as whom.
    pub applies: Vec<Applies>,
    /// What runs.
    pub runs: Vec<Runs>,
    /// What starts runs.
    pub listens: Vec<Listens>,
}

/// Who can change what these objects make.
#[must_use]
pub fn authority(judge: Judge<'_>, objects: &Objects) -> Authority {
    let scope = Scope::new(judge, objects);
    let proofs = proof::all(&scope, &Grants::read(objects));
    let powers = Powers(proofs.iter().map(|proof| (proof.account.clone(), proof)).collect());
    let is_task = |user: &&String| user.starts_with("task ") || user.starts_with("TaskRun ");
    let runs = proofs.iter().filter_map(|proof| {
        let users: Vec<String> = proof.users.iter().filter(is_task).cloned().collect();
        (!users.is_empty()).then(|| Runs { power: powers.of(&proof.account), users })
    });
    let listeners = objects.of("triggers.tekton.dev", "EventListener");
    Authority {
        sources: sources(objects, &scope.applied.all),
        pushes: pushes(objects),
        applies: scope.applied.all.iter().map(|one| applies(one, &powers)).collect(),
        runs: runs.collect(),
        listens: listeners.map(|item| listens(objects, item, &powers)).collect(),
    }
}

/// The proofs, by account.
struct Powers<'p, 'a>(BTreeMap<Account, &'p Proof<'a>>);

impl Powers<'_, '_> {
    fn of(&self, account: &Account) -> Power {
        let name = account.to_string();
        let Some(proof) = self.0.get(account) else {
            return Power { account: name, ..Power::default() };
        };
        let may: BTreeSet<String> = proof.has.iter().map(Grant::describe_with_place).collect();
        let reach = proof
            .reach
            .iter()
            .map(|one| (one.by.clone(), one.accounts.iter().map(ToString::to_string).collect()));
        let reach: BTreeSet<(String, Vec<String>)> = reach.collect();
        Power {
            account: name,
            may: may.into_iter().collect(),
            reach: reach.into_iter().collect(),
            has_unknown: proof.has_unknown,
        }
    }
}

/// `shop/db`, in the namespace of an object.
fn within(item: &Item, name: &str) -> String {
    Account::new(item.object.namespace(), Some(name)).to_string()
}

fn sources(objects: &Objects, all: &[Kustomization<'_>]) -> Vec<Source> {
    let mut counts: BTreeMap<(&str, &str, Option<&str>), usize> = BTreeMap::new();
    for one in all {
        let value = one.item.object.value();
        let text = |key| value.str_at(&["spec", "sourceRef", key]);
        if let (Some(kind), Some(name)) = (text("kind"), text("name")) {
            let namespace = text("namespace").or(one.item.object.namespace());
            *counts.entry((kind, name, namespace)).or_default() += 1;
        }
    }
    let source =
        |((kind, name, namespace), kustomizations): ((&str, &str, Option<&str>), usize)| {
            let found = objects.get(("source.toolkit.fluxcd.io", kind), namespace, name);
            let text = |keys: &[&str]| found?.object.value().str_at(keys).map(str::to_owned);
            Source {
                name: format!("{kind} {}", Account::new(namespace, Some(name))),
                url: text(&["spec", "url"]),
                secret: text(&["spec", "secretRef", "name"]),
                kustomizations,
            }
        };
    counts.into_iter().map(source).collect()
}

fn pushes(objects: &Objects) -> Vec<Pushes> {
    let mut all = Vec::new();
    for item in objects.of(TEKTON, "Task") {
        let steps = item.object.value().list_at(&["spec", "steps"]);
        if steps.iter().filter_map(|step| step.str_at(&["script"])).any(does_push) {
            let own: BTreeSet<String> =
                secrets(&item.object).into_iter().map(|used| used.name).collect();
            all.push(Pushes {
                by: item.identity().to_string(),
                secrets: own.iter().map(|name| within(item, name)).collect(),
            });
        }
    }
    for item in objects.of("image.toolkit.fluxcd.io", "ImageUpdateAutomation") {
        let name = item.object.value().str_at(&["spec", "sourceRef", "name"]).unwrap_or_default();
        let source = objects.get(
            ("source.toolkit.fluxcd.io", "GitRepository"),
            item.object.namespace(),
            name,
        );
        let secret = source.and_then(|source| {
            let name = source.object.value().str_at(&["spec", "secretRef", "name"])?;
            Some(within(source, name))
        });
        let by = item.identity().to_string();
        all.push(Pushes { by, secrets: secret.into_iter().collect() });
    }
    all
}

/// Whether a script pushes commits: git's own command, or gen's.
fn does_push(script: &str) -> bool {
    let mut lines = script.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.any(|line| {
        let mut words = line.split_whitespace().peekable();
        let mut pushes = line.contains("git push");
        while let Some(word) = words.next() {
            let next = words.peek().copied().unwrap_or_default();
            pushes |=
                word == "gen" && (next == "promote" || next == "commit" && line.contains("--push"));
            // Options of git stand before its command.
            pushes |= word == "git" && next.starts_with('-') && line.contains(" push ");
        }
        pushes
    })
}

fn applies(one: &Kustomization<'_>, powers: &Powers<'_, '_>) -> Applies {
    let object = &one.item.object;
    let account = object.value().str_at(&["spec", "serviceAccountName"]);
    let account = account.map(|name| Account::new(object.namespace(), Some(name)));
    Applies {
        kustomization: within(one.item, object.name()),
        path: object.value().str_at(&["spec", "path"]).unwrap_or_default().to_owned(),
        power: account.map(|account| powers.of(&account)),
    }
}

fn listens(objects: &Objects, item: &Item, powers: &Powers<'_, '_>) -> Listens {
    let object = &item.object;
    let namespace = object.namespace();
    let account = Account::new(namespace, object.value().str_at(&["spec", "serviceAccountName"]));
    let mut verified: BTreeSet<String> =
        secrets(object).into_iter().map(|used| within(item, &used.name)).collect();
    let mut starts = Vec::new();
    for trigger in object.value().list_at(&["spec", "triggers"]) {
        let name = trigger.str_at(&["name"]).or(trigger.str_at(&["triggerRef"]));
        starts.push((name.unwrap_or("(unnamed)").to_owned(), started(objects, namespace, trigger)));
    }
    for trigger in selected(objects, item).triggers {
        let spec = trigger.object.at(&["spec"]).unwrap_or(&Value::Null);
        let home = trigger.object.namespace();
        verified
            .extend(secrets(&trigger.object).into_iter().map(|used| within(trigger, &used.name)));
        starts.push((within(trigger, trigger.object.name()), started(objects, home, spec)));
    }
    Listens {
        listener: within(item, object.name()),
        power: powers.of(&account),
        secrets: verified.into_iter().collect(),
        starts,
    }
}

/// The accounts of the runs that a trigger creates.
fn started(objects: &Objects, namespace: Option<&str>, trigger: &Value) -> Vec<String> {
    let named = trigger
        .str_at(&["template", "ref"])
        .and_then(|name| objects.get(("triggers.tekton.dev", "TriggerTemplate"), namespace, name));
    let spec =
        trigger.at(&["template", "spec"]).or(named.and_then(|item| item.object.at(&["spec"])));
    let templates = spec.map(|spec| spec.list_at(&["resourcetemplates"])).unwrap_or_default();
    let mut all = BTreeSet::new();
    for run in templates {
        let home = run.str_at(&["metadata", "namespace"]).or(namespace);
        let keys: [&[&str]; 2] =
            [&["spec", "taskRunTemplate", "serviceAccountName"], &["spec", "serviceAccountName"]];
        let of_all = keys.into_iter().find_map(|keys| run.str_at(keys));
        all.insert(Account::new(home, of_all).to_string());
        let of_tasks = run.list_at(&["spec", "taskRunSpecs"]).iter();
        let of_tasks = of_tasks.filter_map(|one| one.str_at(&["serviceAccountName"]));
        all.extend(of_tasks.map(|name| Account::new(home, Some(name)).to_string()));
    }
    all.into_iter().collect()
}
