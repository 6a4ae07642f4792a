//! What `gen check` proves of accounts without a cluster is what the API server's own authorizer answers: of every need of every
//! account of every tree, and of forty other actions each.

use std::sync::Arc;

use gitops_gen::check::rbac::{Action as Proven, prove};
use gitops_gen::check::{Cluster as Settings, Declared, Item, Judge, Objects, Within};
use gitops_gen::kubernetes::Object;
use gitops_gen::kubernetes::definitions::Definitions;
use gitops_gen::permissions::SOME;
use gitops_gen::yaml::Value as Plain;
use rayon::prelude::*;
use serde_json::json;

use crate::access::dangerous;
use crate::cluster::{User, cluster};
use crate::installed::{Installed, installed};

/// How many accounts, how many actions were allowed and denied, and what differs.
type Answers = (usize, usize, usize, Vec<String>);

fn objects(tree: &Installed) -> Objects {
    let outer = tree.objects.iter().filter(|object| !object.inner);
    let items = outer.filter_map(|object| {
        let value = Plain::from(object.value.clone());
        let file = Arc::from(object.path.as_str());
        Some(Item { object: Object::new(value).ok()?, file, within: Within::default() })
    });
    Objects::new(items.collect())
}

/// An action as an access review asks for it.
fn review(action: &Proven) -> serde_json::Value {
    let (resource, part) = action.resource.split_once('/').unwrap_or((&action.resource, ""));
    let name = action.name.as_deref().filter(|name| *name != SOME && action.verb != "create");
    json!({
        "verb": action.verb, "group": action.group, "resource": resource, "subresource": part,
        "namespace": action.namespace.as_deref().unwrap_or_default(), "name": name.unwrap_or_default(),
    })
}

#[test]
fn the_proof_agrees_with_the_api_server() {
    let Some(cluster) = cluster() else { return };
    let settings = Settings::default();
    let declared = Declared::default();
    let judge =
        Judge { definitions: Definitions::built_in(), cluster: &settings, declared: &declared };
    let trees = installed(cluster);
    let answers: Vec<Answers> = trees
        .par_iter()
        .map(|tree| {
            let objects = objects(tree);
            let (mut allowed, mut denied, mut accounts, mut wrong) = (0, 0, 0, Vec::new());
            for proof in prove(judge, &objects) {
                let is_there = objects
                    .get(
                        ("", "ServiceAccount"),
                        Some(&proof.account.namespace),
                        &proof.account.name,
                    )
                    .is_some();
                if !is_there || proof.has_unknown {
                    continue;
                }
                accounts += 1;
                let caller =
                    cluster.as_user(User::Account(&proof.account.namespace, &proof.account.name));
                let mut compare = |action: &Proven| {
                    let (proven, answer) = (proof.allows(action), caller.may(&review(action)));
                    if proven != answer {
                        wrong.push(format!(
                            "{}: {}: proven {proven}, answered {answer}: {action:?}",
                            tree.title, proof.account
                        ));
                    }
                    *if answer { &mut allowed } else { &mut denied } += 1;
                };
                for need in
                    proof.needs.iter().filter(|need| need.action.name.as_deref() != Some(SOME))
                {
                    compare(&need.action);
                }
                for action in dangerous(&proof.account.namespace) {
                    let namespace = Some(action.namespace).filter(|name| !name.is_empty());
                    compare(&Proven {
                        namespace,
                        group: action.group,
                        resource: action.resource,
                        verb: action.verb.to_owned(),
                        name: Some(action.name).filter(|name| !name.is_empty()),
                    });
                }
            }
            (accounts, allowed, denied, wrong)
        })
        .collect();
    let wrong: Vec<&str> =
        answers.iter().flat_map(|(.., wrong)| wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
    let sum = |of: fn(&Answers) -> usize| answers.iter().map(of).sum::<usize>();
    let (accounts, allowed, denied) = (sum(|one| one.0), sum(|one| one.1), sum(|one| one.2));
    assert!(
        accounts > 50 && allowed > 500 && denied > 40 * accounts / 2,
        "{accounts} {allowed} {denied}"
    );
    println!("{accounts} accounts: {allowed} actions allowed and {denied} denied, as proven");
}
