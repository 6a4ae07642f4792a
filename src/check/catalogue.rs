//! Every rule, from the tables of the families.

use super::finding::Rule;
use super::{
    delivery, flux, hardening, kubernetes, live, pods, policy, rbac, scripts, stages, tekton,
    versions,
};

/// The tables of all families.
const TABLES: [&[&Rule]; 14] = [
    tekton::RULES,
    kubernetes::RULES,
    kubernetes::IN_CODE,
    versions::RULES,
    rbac::RULES,
    pods::RULES,
    flux::RULES,
    flux::BETWEEN,
    delivery::RULES,
    stages::RULES,
    hardening::RULES,
    scripts::RULES,
    policy::RULES,
    live::RULES,
];

/// Every rule, by id.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    let mut all: Vec<&Rule> = TABLES.into_iter().flatten().copied().collect();
    all.sort_by_key(|rule| rule.id);
    all
}

/// The rule of an id or name.
#[must_use]
pub fn rule(id_or_name: &str) -> Option<&'static Rule> {
    let is_it = |rule: &&&Rule| rule.id.eq_ignore_ascii_case(id_or_name) || rule.name == id_or_name;
    TABLES.into_iter().flatten().find(is_it).copied()
}
