//! Failures with one cause are told once.

use std::collections::BTreeMap;

use crate::diagnose::diagnosis::{Diagnosis, Ref};

/// What makes two causes one: where they were found, and for what stands outside of the cluster the host that it is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    signature: String,
    at: Option<Ref>,
    about: String,
}

/// By cause, in the order of weight and time.
pub(super) fn group(all: Vec<Diagnosis>) -> Vec<Diagnosis> {
    let mut by_cause: BTreeMap<Key, usize> = BTreeMap::new();
    let mut out: Vec<Diagnosis> = Vec::new();
    for one in all {
        let key = key(&one);
        if let Some(known) = by_cause.get(&key).and_then(|at| out.get_mut(*at)) {
            let what = one.what.to_string();
            if known.what != one.what && !known.consequences.iter().any(|line| line.contains(&what))
            {
                known.consequences.push(format!("the same cause: {what}"));
            }
            continue;
        }
        by_cause.insert(key, out.len());
        out.push(one);
    }
    out.sort_by_key(|one| (one.stands, one.since.is_none(), one.since));
    out
}

fn key(one: &Diagnosis) -> Key {
    let signature = one.signature.map(|signature| signature.id.clone()).unwrap_or_default();
    let host = one.title.split('`').nth(1).filter(|_| ["G1", "B6"].contains(&signature.as_str()));
    match host.and_then(|image| image.split_once('/')) {
        // A registry that fails, fails for all of its images.
        Some((host, _)) if host.contains(['.', ':']) => {
            Key { signature, at: None, about: format!("{host} {}", one.cause) }
        }
        _ => Key {
            signature,
            at: one.chain.last().map(|link| link.of.clone()),
            about: one.title.clone(),
        },
    }
}
