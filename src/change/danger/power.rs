//! Power that accounts and pods gain.

use std::collections::BTreeSet;

use serde_json::Value;

use super::level::Level;
use crate::change::{Grant, PermissionChange, Scope, Target};
use crate::kubernetes::Object;
use crate::kubernetes::security::{Standard, refused};
use crate::permissions::{Place, Rule, forbidden};

/// What an account gains, if anything: danger where nobody should be given it.
pub(super) fn gained(change: &PermissionChange) -> Option<(Level, String)> {
    let worst: BTreeSet<String> = change.gains.iter().filter_map(never).collect();
    if !worst.is_empty() {
        let worst: Vec<String> = worst.into_iter().collect();
        return Some((Level::Danger, format!("gains {}", worst.join(", "))));
    }
    let [first, more @ ..] = change.gains.as_slice() else { return None };
    let more = match more.len() {
        0 => String::new(),
        number => format!(", and {number} more"),
    };
    change.account.is_none().then(|| (Level::Caution, format!("gains {first}{more}")))
}

/// What of a grant should be given to nobody.
fn never(grant: &Grant) -> Option<String> {
    let verbs: Vec<&str> = grant.verbs.iter().map(String::as_str).collect();
    let place = match &grant.scope {
        Scope::Cluster => "all of the cluster".to_owned(),
        Scope::Namespace(name) => name.clone(),
    };
    let found = grant.targets.iter().find_map(|target| match target {
        Target::Resource { group, resource, name } => {
            let names: Vec<&str> = name.as_deref().into_iter().collect();
            // A listener that acts as one account by name gets what that account has, and no more.
            let is_named =
                verbs == ["impersonate"] && resource == "serviceaccounts" && name.is_some();
            let rule = Rule::new(Place::App, &[group], &[resource], &names, &verbs);
            forbidden(&rule).filter(|_| !is_named)
        }
        Target::Role(role) => {
            role.ends_with("cluster-admin").then(|| "all rights of cluster-admin".to_owned())
        }
        Target::Path(_) => None,
    });
    found.map(|what| format!("{what} in {place}"))
}

/// What the pods of an object newly may do on their node: what the Pod Security Standard `baseline` forbids, by path.
pub(super) fn over_node(before: Option<&Value>, after: &Value) -> Option<String> {
    let of = |body: &Value| -> BTreeSet<String> {
        let Ok(object) = Object::new(body.clone().into()) else { return BTreeSet::new() };
        let found = refused(Standard::Baseline, &object);
        found.into_iter().map(|misfit| misfit.path).collect()
    };
    let old = before.map(of).unwrap_or_default();
    let new: Vec<String> = of(after).into_iter().filter(|path| !old.contains(path)).collect();
    (!new.is_empty()).then(|| {
        let paths: Vec<String> = new.iter().map(|path| format!("`{path}`")).collect();
        format!("its pods gain power over their node: {}", paths.join(", "))
    })
}
