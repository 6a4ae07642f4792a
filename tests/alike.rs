//! Apps that are alike but for their words are cast from one mould: each as it would have been rendered by itself.
//!
//! Every golden case that renders is one: its apps stand in it under many names, with as many digests and commits. Two of them make
//! the mould, and each of the others is cast from it and rendered by itself.
#![allow(clippy::print_stderr, reason = "says how many were compared")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gitops_gen::diagnostics::Diagnostics;
use gitops_gen::diagnostics::Sources;
use gitops_gen::files::Memory;
use gitops_gen::fleet::{Fleet, Prepared, prepare};
use gitops_gen::manifests::{Facts, Shared};
use gitops_gen::model::App;
use gitops_gen::rendering::Rendering;
use gitops_gen::tree::{Folder, hash};
use rayon::prelude::*;
use serde_yaml::Value;

/// The apps that a mould is made of.
const FIRST: [&str; 2] = ["like-one", "like-two"];

/// The others: names that readers of YAML take for something else, that sort before and behind all that a template says, that stand in
/// other texts, and a long one.
const OTHERS: [&str; 17] = [
    "a",
    "zz",
    "y",
    "on",
    "null",
    "true",
    "0",
    "0123",
    "1e3",
    "0x1f",
    "app",
    "e",
    "git",
    "main",
    "secret",
    "flux-system",
    "a-name-that-is-quite-long",
];

/// The files of a case, with each of its apps under all names.
fn multiplied(folder: &Path) -> Option<Memory> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
    {
        let path = entry.path().strip_prefix(folder).unwrap();
        let path = path.to_str()?.to_owned();
        if entry.file_type().is_file() && !path.starts_with("clusters/") {
            files.insert(path, std::fs::read_to_string(entry.path()).ok()?);
        }
    }
    let mut all = BTreeMap::new();
    for (path, text) in files {
        let is_spec =
            path == "gen.yaml" || path.starts_with("environments/") || path.starts_with("apps/");
        let text = match serde_yaml::from_str::<Value>(&text) {
            Ok(Value::Mapping(map)) if is_spec => serde_yaml::to_string(&with_others(map)).ok()?,
            _ => text,
        };
        all.insert(path, Arc::from(text));
    }
    Some(Memory(all))
}

fn with_others(mut spec: serde_yaml::Mapping) -> Value {
    if let Some(Value::Mapping(apps)) = spec.get("apps").cloned() {
        let mut more = serde_yaml::Mapping::new();
        // A second app must not take the names of the first.
        for (name, app) in apps {
            let Some(named) = name.as_str().filter(|name| *name != "*") else {
                more.insert(name, app);
                continue;
            };
            for other in FIRST.iter().chain(&OTHERS) {
                if !more.contains_key(*other) {
                    more.insert((*other).into(), renamed(&app, named, other));
                }
            }
            more.insert(name.clone(), app);
        }
        spec.insert("apps".into(), Value::Mapping(more));
    }
    Value::Mapping(spec)
}

/// What a variable says of another app: what readers of YAML take for something else, among it.
const SAID: [&str; 15] = [
    "yes",
    "0123",
    "1e3",
    "2026-01-01",
    "a sentence, that is",
    "x: y",
    "a #b",
    "~",
    "",
    "two\nlines\n",
    "1_000",
    "https://a.test/?b=c",
    "\u{e100}",
    "a \u{e101} b",
    "debug",
];

/// Another name, digest and commit, wherever they stand; other variables and another host.
fn renamed(value: &Value, name: &str, other: &str) -> Value {
    match value {
        Value::String(text) => {
            let hash = hash(other.as_bytes());
            let hex = &hash["sha256:".len()..];
            let digest = text
                .split_once("sha256:")
                .filter(|(_, hex)| hex.len() == 64);
            if let Some((before, _)) = digest {
                return Value::String(format!("{}{hash}", before.replace(name, other)));
            }
            if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Value::String(hex[..40].to_owned());
            }
            Value::String(text.replace(name, other))
        }
        Value::Sequence(items) => items
            .iter()
            .map(|item| renamed(item, name, other))
            .collect(),
        Value::Mapping(map) => {
            let entries = map.iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    (Some("env"), Value::Mapping(variables)) => said(variables, name, other),
                    (Some("host"), Value::String(_)) => format!("{other}.example.test").into(),
                    _ => renamed(value, name, other),
                };
                (key.clone(), value)
            });
            Value::Mapping(entries.collect())
        }
        other => other.clone(),
    }
}

fn said(variables: &serde_yaml::Mapping, name: &str, other: &str) -> Value {
    let first = usize::from(hash(other.as_bytes()).as_bytes()[7]);
    let entries = variables.iter().enumerate().map(|(number, (key, value))| {
        let value = match value {
            Value::String(_) => SAID[(first + number) % SAID.len()].into(),
            other_value => renamed(other_value, name, other),
        };
        (key.clone(), value)
    });
    Value::Mapping(entries.collect())
}

fn fleet(files: &Memory) -> Option<Fleet> {
    let mut sources = Sources::default();
    prepare(files, &mut sources).ok().map(|(fleet, _)| fleet)
}

/// A unit, rendered in the company of all that were rendered with `prepared` before.
fn unit(
    fleet: &Fleet,
    files: &Memory,
    prepared: &Prepared,
    app: &App,
) -> Option<(Folder, Facts, Diagnostics)> {
    let rendering = Rendering {
        fleet,
        environments: &[],
        apps: &[],
        files,
        verify: false,
    };
    rendering.app(prepared, app).ok()
}

/// How many units of a case were cast.
fn compare(folder: &Path) -> Option<usize> {
    let files = multiplied(folder)?;
    let together = fleet(&files)?;
    let mut alone = fleet(&files)?;
    let mut cast = 0;
    for (index, prepared) in together.environments.iter().enumerate() {
        let app = |of: &&str| prepared.apps.iter().find(|app| app.name == *of);
        for first in FIRST.iter().filter_map(app) {
            unit(&together, &files, prepared, first)?;
        }
        for app in OTHERS.iter().filter_map(app) {
            let before = prepared.seen.casts();
            let of_its_like = unit(&together, &files, prepared, app);
            if prepared.seen.casts() == before {
                continue;
            }
            // Where nothing was rendered before, it is the first of its like.
            let fresh = &mut alone.environments[index];
            fresh.seen = Shared::new(&fresh.environment);
            let by_itself = unit(&alone, &files, &alone.environments[index], app);
            let said = format!("{} in {}", app.name, folder.display());
            assert_eq!(alone.environments[index].seen.casts(), 0, "{said}");
            assert_eq!(of_its_like, by_itself, "{said}");
            cast += 1;
        }
    }
    Some(cast)
}

#[test]
fn what_is_cast_is_what_is_rendered() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let cases: Vec<_> = std::fs::read_dir(golden)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let cast: Vec<usize> = cases
        .par_iter()
        .filter_map(|case| compare(&case.join("in")))
        .collect();
    let units: usize = cast.iter().sum();
    let of_cases = cast.iter().filter(|units| **units > 0).count();
    eprintln!(
        "{units} units cast, in {of_cases} of {} cases that render",
        cast.len()
    );
    assert!(of_cases > 75, "{of_cases}");
}
