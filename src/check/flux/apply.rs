//! What a Kustomization makes of its objects.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{INVENTORY, NO_NAME, NO_PATH, NOT_DECRYPTED, SUBSTITUTION, TWO_OWNERS};
use crate::check::applied::Kustomization;
use crate::check::found::Found;
use crate::check::objects::Item;
use crate::check::scope::Scope;
use crate::check::texts::texts;
use crate::yaml::Value;

/// More than this is near what etcd takes.
const MOST: usize = 5_000;
/// Switches substitution off for an object.
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";

pub(super) fn check(scope: &Scope<'_>, found: &mut Found) {
    for one in &scope.applied.all {
        path(scope, one, found);
        let count = one.objects.len();
        if count >= MOST {
            found.add(&INVENTORY, one.item, "spec.path", format!("applies {count} objects"));
        }
        let is_decrypted = one.item.object.at(&["spec", "decryption"]).is_some();
        let variables = variables(one);
        for item in &one.objects {
            if item.object.at(&["metadata", "name"]).is_none() {
                let text = format!("`{}` applies it, and it has no name", one.item.object.name());
                found.add(&NO_NAME, item, "metadata.generateName", text);
            }
            if item.object.at(&["sops"]).is_some() && !is_decrypted {
                let text =
                    format!("`{}` applies it, and has no `decryption`", one.item.object.name());
                found.add(&NOT_DECRYPTED, item, "sops", text);
            }
            if let Some(variables) = &variables {
                substitution(one, item, variables, found);
            }
        }
    }
    two_owners(scope, found);
}

fn path(scope: &Scope<'_>, one: &Kustomization<'_>, found: &mut Found) {
    let is_there = one.path.is_empty() || scope.applied.has_folder(scope.objects, &one.path);
    // Paths of other repositories are not among the files.
    let source = |item: &Item| {
        let at =
            |key: &str| item.object.value().str_at(&["spec", "sourceRef", key]).map(str::to_owned);
        (at("kind"), at("namespace").or(item.object.namespace().map(str::to_owned)), at("name"))
    };
    let same = scope.applied.all.iter().filter(|other| !other.objects.is_empty());
    let is_same = same.into_iter().any(|other| source(other.item) == source(one.item));
    if !is_there && is_same && scope.applied.root.is_some() {
        let said =
            format!("kustomization path not found: stat …/{}: no such file or directory", one.path);
        found
            .add(
                &NO_PATH,
                one.item,
                "spec.path",
                format!("no folder `{}` is among the files", one.path),
            )
            .said(said);
    }
}

fn two_owners(scope: &Scope<'_>, found: &mut Found) {
    let mut owners: BTreeMap<(&str, &str, &str, &str), (&Item, &str)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for one in &scope.applied.all {
        for item in &one.objects {
            let object = &item.object;
            let namespace = object.namespace().unwrap_or_default();
            let identity = (object.group(), object.kind(), namespace, object.name());
            let owner = one.item.object.name();
            match owners.get(&identity) {
                Some((_, other)) if *other != owner => {
                    if told.insert((owner, *other)) {
                        let text = format!("is applied by `{other}` and by `{owner}`");
                        found.add(&TWO_OWNERS, item, "", text);
                    }
                }
                Some(_) => {}
                None => {
                    owners.insert(identity, (item, owner));
                }
            }
        }
    }
}

/// The variables that a Kustomization sets; none if it substitutes nothing, or takes variables from where nobody sees them.
fn variables<'a>(one: &Kustomization<'a>) -> Option<BTreeSet<&'a str>> {
    let build = one.item.object.at(&["spec", "postBuild"])?;
    let from = build.list_at(&["substituteFrom"]);
    if !from.is_empty() {
        return None;
    }
    let set = build.get("substitute").and_then(Value::as_map);
    Some(set.map(|set| set.keys().collect()).unwrap_or_default())
}

fn substitution(
    one: &Kustomization<'_>,
    item: &Item,
    variables: &BTreeSet<&str>,
    found: &mut Found,
) {
    let of_all =
        |key: &str| item.object.at(&["metadata", key]).and_then(|map| map.str_at(&[SUBSTITUTE]));
    if [of_all("annotations"), of_all("labels")].contains(&Some("disabled")) {
        return;
    }
    let mut unset = Vec::new();
    texts(item.object.value(), &mut |path, text| {
        for name in names(text) {
            if !variables.contains(name) {
                unset.push((path.to_owned(), name.to_owned()));
            }
        }
    });
    if let Some((path, name)) = unset.into_iter().next() {
        let text = format!(
            "`{}` substitutes variables, and does not set `${{{name}}}`",
            one.item.object.name()
        );
        found
            .add(&SUBSTITUTION, item, path, text)
            .said(format!("variable not set (strict mode): \"{name}\""));
    }
}

/// The variables of a text that have no default: `${NAME}`, but not `$${NAME}`, `${NAME:-x}`, `$NAME`.
fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("${") {
        if text[..at].ends_with('$') {
            continue;
        }
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end > 0 && rest[end..].starts_with('}') {
            names.push(&rest[..end]);
        }
    }
    names
}
