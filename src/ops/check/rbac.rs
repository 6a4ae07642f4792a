//! `gen check --rbac`: what accounts need, have, lack, and could get.

use std::path::{Path, PathBuf};

use super::{Context, foreign, own};
use crate::check::rbac::{Need, Proof, Reach, prove, role, short};
use crate::check::{Cluster, Declared, Judge, Objects};
use crate::diagnostics::{Diagnostic, Diagnostics, UsageError};
use crate::files::Files;
use crate::fleet::Fleet;
use crate::ops::Selection;
use crate::spec::{hint, listed};

/// Stands for every account.
pub const ALL: &str = "all";

/// What is known of one account.
#[derive(Debug, Clone, Default)]
pub struct AccountReport {
    /// The environment; none for YAML of others.
    pub environment: Option<String>,
    /// The account.
    pub account: String,
    /// What uses it.
    pub users: Vec<String>,
    /// What it needs, and what for: each with the reason.
    pub needs: Vec<(String, String)>,
    /// What it has, and by which binding, role and place.
    pub has: Vec<(String, String)>,
    /// What it needs and has not.
    pub missing: Vec<String>,
    /// The Roles that would give it that.
    pub role: Option<String>,
    /// What it has and does not need.
    pub unneeded: Vec<String>,
    /// Where its needs could not be read.
    pub unread: Vec<(String, String)>,
    /// How it could get more: the way, and whose rights.
    pub reach: Vec<(String, Vec<String>)>,
    /// It has rights of roles that are not among the objects.
    pub has_unknown: bool,
}

/// The accounts that were asked for.
#[derive(Debug, Clone, Default)]
pub struct RbacReport {
    /// By environment and name.
    pub accounts: Vec<AccountReport>,
}

impl RbacReport {
    /// Whether every account has what it needs.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.accounts.iter().all(|account| account.missing.is_empty())
    }
}

/// The proofs of accounts of what the spec renders to. `name` is `NAMESPACE/NAME`, a name, or `all`.
///
/// # Errors
/// Errors in the spec; no such account.
pub fn rbac(
    context: &mut Context<'_>,
    selection: Selection<'_>,
    name: &str,
) -> Result<RbacReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    rbac_of(&fleet, context.workspace, selection, name)
}

/// The same of a fleet that was read from these files.
///
/// # Errors
/// No such account.
pub fn rbac_of(
    fleet: &Fleet,
    files: &dyn Files,
    selection: Selection<'_>,
    name: &str,
) -> Result<RbacReport, Diagnostics> {
    let (mut report, mut known) = (RbacReport::default(), Vec::new());
    own::each_of(fleet, files, selection, |judge, environment, _, objects| {
        take(judge, Some(environment), objects, name, &mut report, &mut known);
    })?;
    found(report, name, &known)
}

/// The same of YAML at paths.
///
/// # Errors
/// A path that is not there; no such account.
pub fn rbac_paths(start: &Path, paths: &[PathBuf], name: &str) -> Result<RbacReport, Diagnostics> {
    let given = foreign::read(start, paths)?;
    let (cluster, declared) = (Cluster::among(&given.objects), Declared::default());
    let judge = Judge { definitions: &given.definitions, cluster: &cluster, declared: &declared };
    let (mut report, mut known) = (RbacReport::default(), Vec::new());
    take(judge, None, &given.objects, name, &mut report, &mut known);
    found(report, name, &known)
}

fn found(report: RbacReport, name: &str, known: &[String]) -> Result<RbacReport, Diagnostics> {
    // A spec may have no accounts: then all of them are none.
    let is_none_of_none = name == ALL && known.is_empty();
    if report.accounts.is_empty() && !is_none_of_none {
        let names = known.iter().map(String::as_str);
        let hint = hint(name, names.clone(), || format!("accounts: {}", listed(names)));
        let name = name.to_owned();
        return Err(Diagnostic::error(UsageError::UnknownAccount { name, hint }).into());
    }
    Ok(report)
}

fn take(
    judge: Judge<'_>,
    environment: Option<&str>,
    objects: &Objects,
    name: &str,
    report: &mut RbacReport,
    known: &mut Vec<String>,
) {
    for proof in prove(judge, objects) {
        let account = proof.account.to_string();
        if name == ALL || name == account || name == proof.account.name {
            report.accounts.push(told(environment, &proof));
        }
        if !known.contains(&account) {
            known.push(account);
        }
    }
}

fn told(environment: Option<&str>, proof: &Proof<'_>) -> AccountReport {
    let missing = &proof.missing;
    AccountReport {
        environment: environment.map(str::to_owned),
        account: proof.account.to_string(),
        users: proof.users.iter().cloned().collect(),
        needs: by_reason(&proof.needs),
        has: proof
            .has
            .iter()
            .map(|grant| (grant.describe_with_place(), grant.binding.identity().to_string()))
            .collect(),
        missing: by_reason(missing).into_iter().map(|(what, _)| what).collect(),
        role: (!missing.is_empty()).then(|| role(&proof.account, missing)),
        unneeded: proof.unneeded.iter().flat_map(|one| one.what.clone()).collect(),
        unread: proof.unread.clone(),
        reach: proof.reach.iter().map(reached).collect(),
        has_unknown: proof.has_unknown,
    }
}

fn reached(reach: &Reach) -> (String, Vec<String>) {
    (reach.by.clone(), reach.accounts.iter().map(ToString::to_string).collect())
}

/// Needs by what asks for them, and where.
fn by_reason(needs: &[Need<'_>]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut rest: Vec<&Need<'_>> = needs.iter().collect();
    while let Some(first) = rest.first().copied() {
        let same = |need: &&Need<'_>| {
            need.because == first.because && need.action.namespace == first.action.namespace
        };
        let (of_reason, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(same);
        let place = first.action.namespace.as_deref();
        let place = place.map_or_else(|| "everywhere".to_owned(), |place| format!("in {place}"));
        all.push((format!("{} {place}", short(of_reason.into_iter())), first.because.clone()));
        rest = others;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spec without accounts has nothing to say of all of them, but a name is still unknown.
    #[test]
    fn all_of_none_are_none() {
        let found = |name: &str, known: &[&str]| {
            let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
            found(RbacReport::default(), name, &known).is_ok()
        };
        assert!(found(ALL, &[]));
        assert!(!found(ALL, &["shop-dev/shop"]) && !found("shop", &[]));
    }
}
