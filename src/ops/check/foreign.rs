//! YAML of anybody: files and folders, without a gen.yaml.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::LiveOptions;
use super::live::{Clusters, Commands};
use super::report::{CheckReport, Unread};
use super::shellcheck::Shellcheck;
use crate::check::{
    Cluster, Declared, Item, Judge, Objects, Parsed, check as judge_objects, locate, parse,
};
use crate::diagnostics::{Diagnostic, Diagnostics, UsageError};
use crate::files::Files;
use crate::kubernetes::definitions::{Definitions, Type};
use crate::ops::raw::{HARMLESS, KUSTOMIZATION};
use crate::spec::listed;
use crate::workspace::Workspace;
use crate::yaml::Value;

/// Maximum size of a file, in bytes. The largest definitions of custom kinds have about 5 MB.
const LIMIT: u64 = 16 << 20;

/// A file as it was read.
enum Read {
    Parsed(Parsed),
    Unread(String),
}

/// Texts by path, or why one could not be read.
pub(in crate::ops) type Texts = BTreeMap<String, Result<Arc<str>, String>>;

/// What lies at some paths.
pub(super) struct Given {
    pub objects: Objects,
    /// The kinds that `CustomResourceDefinition`s among them define, where gen knows none itself.
    pub definitions: Definitions,
    texts: Texts,
    report: CheckReport,
}

/// Judges everything at these paths together.
pub(super) fn check(
    start: &Path,
    paths: &[PathBuf],
    live: Option<LiveOptions<'_>>,
) -> Result<CheckReport, Diagnostics> {
    let Given { objects, definitions, texts, mut report } = read(start, paths)?;
    let (cluster, declared) = (Cluster::among(&objects), Declared::default());
    let judge = Judge { definitions: &definitions, cluster: &cluster, declared: &declared };
    report.findings = judge_objects(judge, &objects);
    Shellcheck::new().check(&objects, &mut report);
    if let Some(live) = live {
        let mut clusters = Clusters::new(live);
        let found = clusters.judge(judge, &objects, live.target, Commands::new(), "");
        report.findings.extend(found);
        report.live = Some(clusters.report);
    }
    locate(&mut report.findings, |file| texts.get(file)?.as_deref().ok());
    Ok(report)
}

/// Reads the objects at these paths.
pub(super) fn read(start: &Path, paths: &[PathBuf]) -> Result<Given, Diagnostics> {
    let mut texts = Texts::new();
    for path in paths {
        gather(start, path, &is_manifest, &mut texts)?;
    }
    let read: Vec<(Arc<str>, Read)> = texts
        .par_iter()
        .map(|(path, text)| {
            let path: Arc<str> = Arc::from(path.as_str());
            let read = match text {
                Ok(text) => parse(&path, text).map_or_else(Read::Unread, Read::Parsed),
                Err(why) => Read::Unread(why.clone()),
            };
            (path, read)
        })
        .collect();
    let mut report = CheckReport::default();
    let mut items = Vec::new();
    let mut namespaces = Vec::new();
    for (path, read) in read {
        match read {
            Read::Unread(why) => report.unread.push(Unread { file: path.to_string(), why }),
            Read::Parsed(parsed) => {
                for problem in parsed.problems {
                    report.unread.push(Unread { file: path.to_string(), why: problem });
                }
                let name = path.rsplit('/').next().unwrap_or(&path);
                for (document, other) in &parsed.others {
                    if KUSTOMIZATION.contains(&name) {
                        namespaces.extend(placed(&path, other));
                        report.unapplied.extend(unapplied(&path, other));
                    } else {
                        report.other.push(format!("{path}: document {}", document + 1));
                    }
                }
                report.files += usize::from(!parsed.items.is_empty());
                items.extend(parsed.items);
            }
        }
    }
    let definitions = definitions(&items, &mut report);
    let placed: HashMap<String, String> = namespaces.into_iter().collect();
    for item in &mut items {
        let (api, kind) = (item.object.api_version().to_owned(), item.object.kind().to_owned());
        let known = definitions.kind(&api, &kind);
        if known.is_none() {
            *report.unknown.entry(format!("{kind} ({api})")).or_default() += 1;
        }
        let is_namespaced = known.is_some_and(|known| known.is_namespaced);
        if let Some(name) = placed.get(&*item.file).filter(|_| is_namespaced) {
            item.object.metadata_mut().insert("namespace", name.as_str());
        }
    }
    report.objects = items.len();
    let files = texts.keys().map(|path| Arc::from(path.as_str()));
    Ok(Given { objects: Objects::new(items).with_files(files), definitions, texts, report })
}

/// What the `CustomResourceDefinition`s among these objects define.
fn definitions(items: &[Item], report: &mut CheckReport) -> Definitions {
    let mut definitions = Definitions::default();
    for item in items.iter().filter(|item| item.object.kind() == "CustomResourceDefinition") {
        let crd = item.object.value();
        let text = |keys: &[&str]| crd.str_at(keys).unwrap_or_default();
        let kind = text(&["spec", "names", "kind"]);
        let is_known = !Definitions::built_in().versions(text(&["spec", "group"]), kind).is_empty();
        if let (false, Err(why)) = (is_known, definitions.add_crd(crd, &Type::Any)) {
            report.unread.push(Unread { file: item.file.to_string(), why });
        }
    }
    definitions
}

/// Whether a file may hold objects, or says what to do with them.
pub(in crate::ops) fn is_manifest(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end))
        || path.ends_with("/Kustomization")
}

/// The files below a path that are wanted, with their texts. A path to a file is always wanted.
pub(in crate::ops) fn gather(
    start: &Path,
    path: &Path,
    is_wanted: &(dyn Fn(&str) -> bool + Sync),
    texts: &mut Texts,
) -> Result<(), Diagnostics> {
    let shown = path.to_string_lossy().trim_end_matches('/').to_owned();
    let missing = || Diagnostics::from(UsageError::NoSuchPath { path: shown.clone() });
    let whole = start.join(path).canonicalize().map_err(|_| missing())?;
    // A folder is read from above it, so that links in it lead no further than to its neighbours.
    let (Some(above), Some(name)) =
        (whole.parent(), whole.file_name().and_then(|name| name.to_str()))
    else {
        return Err(missing());
    };
    let files = Workspace::new(above);
    if whole.is_file() {
        texts.insert(shown, files.read(name, LIMIT).map_err(|all| first(&all)).and_then(there));
        return Ok(());
    }
    let all = files.list(name)?;
    let paths: BTreeSet<&String> = all.iter().filter(|path| is_wanted(path)).collect();
    let read: Vec<(String, Result<Arc<str>, String>)> = paths
        .into_par_iter()
        .map(|path| {
            let below = path.strip_prefix(name).unwrap_or(path).trim_start_matches('/');
            let shown = if shown == "." { below.to_owned() } else { format!("{shown}/{below}") };
            (shown, files.read(path, LIMIT).map_err(|all| first(&all)).and_then(there))
        })
        .collect();
    texts.extend(read);
    Ok(())
}

fn there(text: Option<Arc<str>>) -> Result<Arc<str>, String> {
    text.ok_or_else(|| "it is gone".to_owned())
}

fn first(problems: &Diagnostics) -> String {
    problems.iter().next().map(|one: &Diagnostic| one.kind.to_string()).unwrap_or_default()
}

/// The files that a kustomization puts into a namespace.
fn placed(path: &str, kustomization: &Value) -> Vec<(String, String)> {
    let Some(namespace) = kustomization.str_at(&["namespace"]) else { return Vec::new() };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let resources = kustomization.get("resources").and_then(Value::as_seq).unwrap_or_default();
    let names = resources.iter().filter_map(Value::as_str);
    names
        .map(|name| {
            let name = name.trim_start_matches("./");
            let file = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            (file, namespace.to_owned())
        })
        .collect()
}

/// What a kustomization does to its resources, and nobody does here.
fn unapplied(path: &str, kustomization: &Value) -> Option<Unread> {
    let keys = kustomization.as_map()?.keys();
    let keys: Vec<&str> = keys.filter(|key| !HARMLESS.contains(key)).collect();
    let why = listed(keys.iter().copied());
    (!keys.is_empty()).then(|| Unread { file: path.to_owned(), why })
}
