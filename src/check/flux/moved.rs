//! Objects that move from one Kustomization to another between two trees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::order::{Edges, dependencies, name, reachable};
use super::rules::MOVED;
use crate::check::applied::{Applied, Kustomization};
use crate::check::finding::{Finding, Place, Rule, Within};
use crate::check::objects::Objects;
use crate::kubernetes::Identity;
use crate::yaml::Value;

/// The rules between two trees.
pub static BETWEEN: &[&Rule] = &[&MOVED];

/// Switches pruning off for an object.
const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";

/// Namespace and name of a Kustomization.
type Owner = (String, String);

/// Which Kustomizations apply what in a tree.
#[derive(Debug, Clone, Default)]
pub struct Owned {
    objects: BTreeMap<Identity, Vec<Applies>>,
    /// What each depends on, by however many steps.
    after: BTreeMap<Owner, BTreeSet<Owner>>,
}

/// One Kustomization applies an object.
#[derive(Debug, Clone)]
struct Applies {
    owner: Owner,
    prunes: bool,
    file: Arc<str>,
    within: Within,
}

impl Owned {
    /// Of these objects.
    #[must_use]
    pub fn new(objects: &Objects) -> Self {
        let applied = Applied::new(objects);
        let edges: Edges<'_> =
            applied.all.iter().map(|one| (name(one), dependencies(one))).collect();
        let mut owned = Self::default();
        for one in &applied.all {
            let before = reachable(&edges, name(one)).into_iter().map(owner);
            owned.after.insert(owner(name(one)), before.collect());
            for item in &one.objects {
                let written = item.object.value().str_at(&["metadata", "annotations", PRUNE]);
                owned.objects.entry(item.identity()).or_default().push(Applies {
                    owner: owner(name(one)),
                    prunes: prunes(one) && written != Some("disabled"),
                    file: Arc::clone(&item.file),
                    within: item.within.clone(),
                });
            }
        }
        owned
    }
}

fn owner((namespace, name): (&str, &str)) -> Owner {
    (namespace.to_owned(), name.to_owned())
}

fn prunes(one: &Kustomization<'_>) -> bool {
    one.item.object.at(&["spec", "prune"]).is_some_and(Value::is_true)
}

/// Objects that another Kustomization applies now, and that the old one may prune before.
#[must_use]
pub fn moved(before: &Owned, now: &Owned) -> Vec<Finding> {
    let mut found = Vec::new();
    for (identity, all) in &now.objects {
        let Some(old) = before.objects.get(identity) else { continue };
        let Some(new) = all.first() else { continue };
        for one in old.iter().filter(|one| one.prunes) {
            // What the old one depends on is applied before it prunes, and it prunes only what still bears its own name.
            let is_first = |owner: &Owner| {
                now.after.get(&one.owner).is_some_and(|before| before.contains(owner))
            };
            if !all.iter().any(|now| now.owner == one.owner || is_first(&now.owner)) {
                found.push(finding(identity, one, new));
            }
        }
    }
    found
}

fn finding(identity: &Identity, old: &Applies, new: &Applies) -> Finding {
    Finding {
        rule: &MOVED,
        level: MOVED.level,
        object: Some(identity.clone()),
        field: String::new(),
        what: format!(
            "moves from Kustomization `{}` to `{}`, and the old one may prune it first",
            old.owner.1, new.owner.1
        ),
        said: None,
        cure: None,
        place: Place { file: Arc::clone(&new.file), line: 0 },
        within: new.within.clone(),
        spec: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::parse;

    /// Two Kustomizations, `old` with these further keys, and a ConfigMap in the folder of one of them.
    fn tree(folder: &str, old: &str, annotations: &str) -> Owned {
        let kustomization = |name: &str, more: &str| {
            format!(
                "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
                 spec: {{path: ./{name}, {more}}}\n"
            )
        };
        let flux = kustomization("old", old) + &kustomization("new", "prune: true");
        let map = |name: &str| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop, annotations: {{{annotations}}}}}\n"
            )
        };
        let files = [
            ("flux.yaml".to_owned(), flux),
            ("old/stays.yaml".to_owned(), map("stays")),
            (format!("{folder}/moves.yaml"), map("moves")),
        ];
        let items = files.iter().flat_map(|(path, text)| {
            parse(&Arc::from(path.as_str()), text).expect("it is YAML").items
        });
        Owned::new(&Objects::new(items.collect()))
    }

    fn names(before: &Owned, now: &Owned) -> Vec<String> {
        let found = moved(before, now);
        found
            .iter()
            .map(|finding| finding.object.as_ref().expect("it has one").name.clone())
            .collect()
    }

    #[test]
    fn what_the_old_one_may_prune_first_is_told() {
        let before = tree("old", "prune: true", "");
        assert_eq!(names(&before, &tree("new", "prune: true", "")), ["moves"]);
        assert_eq!(names(&before, &before), [""; 0]);
        // The new one is applied first.
        let after = "prune: true, dependsOn: [{name: new}]";
        assert_eq!(names(&before, &tree("new", after, "")), [""; 0]);
    }

    #[test]
    fn what_is_not_pruned_is_not_told() {
        let now = tree("new", "prune: true", "");
        assert_eq!(names(&tree("old", "prune: false", ""), &now), [""; 0]);
        let kept = format!("{PRUNE}: disabled");
        assert_eq!(names(&tree("old", "prune: true", &kept), &now), [""; 0]);
    }
}
