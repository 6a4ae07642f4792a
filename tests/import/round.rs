//! What gen rendered is imported to a spec that renders the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use gitops_gen::import::{Judged, Verdict};
use gitops_gen::ops::import::{From, ImportOptions, import};

use crate::support::Repo;
use crate::support::cases::{self, Case};

/// Kinds that an import says by keys.
const SAID: [&str; 10] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Service",
    "Ingress",
    "HTTPRoute",
    "PersistentVolumeClaim",
    "HorizontalPodAutoscaler",
    "ServiceAccount",
];

/// Where that is not so: the case, what of its objects, and why. The list gets shorter.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "env",
        "Deployment shop-prod/shop",
        "what looks like a secret is not copied, whatever its reason",
    ),
    ("placement", "close-prod/close", "gen spreads pods unless that is turned off"),
    ("pre-stop", "queue-prod/queue", "gen waits before the stop signal unless that is turned off"),
    ("probes", "cache-prod/cache", "gen checks a port unless that is turned off"),
    ("probes", "queue-prod/queue", "gen checks a port unless that is turned off"),
    ("probes", "quiet-prod/quiet", "gen checks a port unless that is turned off"),
    (
        "selector",
        "CronJob web-dev/web-cleaner",
        "the pods of a job have labels of the app, and no selector",
    ),
];

/// Cases that an app has something of, each with few environments. All of them are tried with `GEN_SOAK=1`.
const CASES: [&str; 24] = [
    "account",
    "container",
    "env",
    "host-ingress",
    "init-and-sidecars",
    "labels-annotations",
    "metadata-of-kinds",
    "namespace-there",
    "placement",
    "pod-settings",
    "ports",
    "pre-stop",
    "probes",
    "resources-limits",
    "rollout",
    "routes-ingress",
    "scale",
    "security-baseline",
    "security-capabilities",
    "selector",
    "service",
    "storage-access",
    "volumes-sources",
    "workload-statefulset",
];

#[test]
fn what_gen_rendered_is_imported_as_it_was() {
    let is_long = std::env::var_os("GEN_SOAK").is_some_and(|value| value == "1");
    let all: Vec<Case> = cases::all()
        .into_iter()
        .filter(|case| is_long || CASES.contains(&case.name.as_str()))
        .filter(|case| case.path.join("about").exists() || case.path.join("out").exists())
        .filter(|case| !case.path.join("in/templates").exists())
        .collect();
    assert!(all.len() >= CASES.len(), "a case is gone");
    let found: Vec<(usize, Vec<Told>)> = all.par_iter().map(round).collect();
    let count: usize = found.iter().map(|(count, _)| count).sum();
    let mut met: BTreeSet<usize> = BTreeSet::new();
    let mut complaints = Vec::new();
    for (told, exception) in found.into_iter().flat_map(|(_, found)| found) {
        match exception {
            Some(place) => drop(met.insert(place)),
            None => complaints.push(told),
        }
    }
    assert!(count > 60, "only {count} objects");
    assert!(complaints.is_empty(), "{} of {count}:\n{}", complaints.len(), complaints.join("\n"));
    let idle = (0..EXCEPTIONS.len()).filter(|place| !met.contains(place) && !is_long);
    let idle: Vec<_> = idle.map(|place| EXCEPTIONS[place]).collect();
    assert!(idle.is_empty(), "no exceptions any more: {idle:?}");
}

/// What is not as it was, and which exception that is.
type Told = (String, Option<usize>);

/// Imports what a case renders to. Returns the number of objects, and what is not as it was with the exception that it is.
fn round(case: &Case) -> (usize, Vec<Told>) {
    let (mut count, mut found) = (0, Vec::new());
    let files: BTreeMap<String, Vec<u8>> = case.run().after;
    for (environment, paths) in environments(&files) {
        let mut repo = Repo::new();
        for path in &paths {
            repo = repo.file(&format!("tree/{path}"), &files[path]);
        }
        let options = ImportOptions {
            start: repo.root(),
            from: From::Paths(&[PathBuf::from("tree")]),
            environment: &environment,
            into: Path::new("out"),
            dry_run: true,
        };
        let Ok(report) = import(&options) else { continue };
        for judged in &report.import.proof.judged {
            let kind = judged.object.split(' ').next().unwrap_or_default();
            if !SAID.contains(&kind) || judged.becomes.is_some() || judged.app.is_none() {
                continue;
            }
            count += 1;
            if judged.verdict != Verdict::Same {
                let place = EXCEPTIONS
                    .iter()
                    .position(|(of, part, _)| *of == case.name && judged.object.contains(part));
                found.push((told(&case.name, &environment, judged), place));
            }
        }
    }
    (count, found)
}

fn told(case: &str, environment: &str, judged: &Judged) -> String {
    let new: Vec<&str> = judged.new.iter().map(|new| new.what.as_str()).collect();
    let Judged { object, verdict, reason, fields, .. } = judged;
    format!("{case} {environment}: {object}: {}: {fields:?} {new:?} {reason:?}", verdict.words())
}

/// The files of the apps of each environment in a tree.
fn environments(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files.keys() {
        let parts: Vec<&str> = path.split('/').collect();
        let [_, environment, ..] = parts.as_slice() else { continue };
        let is_object =
            path.ends_with("app/workload.yaml") || path.ends_with("access/accounts.yaml");
        if *environment != "flux" && is_object {
            all.entry((*environment).to_owned()).or_default().push(path.clone());
        }
    }
    all
}
