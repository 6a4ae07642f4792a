//! All files of a spec, read and checked: gen.yaml, what it includes, environments and their pins.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::table::Shape;
use super::{Pins, check, environment, expand, included, root};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span, SpecError};
use crate::files::Files;
use crate::name::Check;
use crate::yaml::{Entry, Node, read_one};

/// Maximum size of a spec file or pins file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// A whole spec as written, in long form, with all locations.
#[derive(Debug, Clone)]
pub struct Spec {
    /// gen.yaml.
    pub root: Node,
    /// Every app of gen.yaml and of the included files, by name.
    pub apps: BTreeMap<String, Entry>,
    /// Every environment, by name.
    pub environments: BTreeMap<String, EnvironmentFile>,
    /// Patterns under `include` that match no file. An error unless removals are allowed.
    pub empty_includes: Vec<(Span, String)>,
}

/// An environment as written.
#[derive(Debug, Clone)]
pub struct EnvironmentFile {
    /// Its file.
    pub file: FileId,
    /// Its keys.
    pub node: Node,
    /// Its pins; empty if there is no pins file.
    pub pins: Pins,
    /// The location of each app's pin.
    pub pin_spans: BTreeMap<String, Span>,
}

/// Reads everything. Errors are collected over all files; the spec is returned only if there are none.
///
/// # Errors
/// All errors in all files.
pub fn load(files: &dyn Files, sources: &mut Sources) -> Result<Spec, Diagnostics> {
    let mut problems = Diagnostics::default();
    let root = read(files, sources, "gen.yaml", &Shape::Object(root().clone()), &mut problems);
    let environments = environments(files, sources, &mut problems);
    let Some(root) = root else {
        return Err(problems);
    };
    if let Some(version) = root.get("version").is_none().then_some(root.span) {
        let missing =
            SpecError::Missing { path: "version".to_owned(), place: "gen.yaml".to_owned() };
        problems.error(Span { end: version.start, ..version }, missing);
    }
    let mut spec = Spec { root, apps: BTreeMap::new(), environments, empty_includes: Vec::new() };
    let mut tables = vec![spec.root.get("apps").cloned()];
    tables.extend(includes(files, sources, &mut spec, &mut problems));
    for apps in tables.into_iter().flatten() {
        add_apps(&mut spec.apps, apps, &mut problems);
    }
    if spec.apps.is_empty() && problems.is_empty() {
        problems.error(spec.root.span, SpecError::NoApps {});
    }
    if spec.environments.is_empty() && !problems.has_errors() {
        problems.push(Diagnostic::error(SpecError::NoEnvironments {}).in_file("environments/"));
    }
    if problems.has_errors() {
        problems.sort();
        return Err(problems);
    }
    Ok(spec)
}

fn add_apps(all: &mut BTreeMap<String, Entry>, apps: Node, problems: &mut Diagnostics) {
    let crate::yaml::Data::Map(entries) = apps.data else {
        return;
    };
    for entry in entries {
        if let Some(first) = all.get(&entry.key) {
            let error = Diagnostic::error(SpecError::DuplicateApp { name: entry.key.clone() })
                .at(entry.key_span);
            problems.push(error.note(Some(first.key_span), "first defined here"));
        } else {
            all.insert(entry.key.clone(), entry);
        }
    }
}

/// The parsed file if it has the right shape, or nothing and the reasons.
fn read(
    files: &dyn Files,
    sources: &mut Sources,
    path: &str,
    shape: &Shape,
    problems: &mut Diagnostics,
) -> Option<Node> {
    let text = try_fetch(files, path, problems)?;
    let file = sources.add(path, text.clone());
    let node = read_one(file, &text).and_then(|node| match newer_version(&node) {
        Some(newer) => Err(newer.into()),
        None => checked(node, shape),
    });
    match node {
        Ok(node) => Some(node),
        Err(errors) => {
            problems.extend(errors);
            None
        }
    }
}

fn fetch(files: &dyn Files, path: &str) -> Result<Arc<str>, Diagnostics> {
    files.read(path, FILE_LIMIT)?.ok_or_else(|| {
        let problem = "file not found".to_owned();
        let path = path.to_owned();
        Diagnostic::error(crate::diagnostics::TreeError::Io { path, problem }).into()
    })
}

/// The same, with the reason added to the others.
fn try_fetch(files: &dyn Files, path: &str, problems: &mut Diagnostics) -> Option<Arc<str>> {
    fetch(files, path).map_err(|errors| problems.extend(errors)).ok()
}

fn parse(file: FileId, text: &str, shape: &Shape) -> Result<Node, Diagnostics> {
    checked(read_one(file, text)?, shape)
}

fn checked(mut node: Node, shape: &Shape) -> Result<Node, Diagnostics> {
    let mut problems = Diagnostics::default();
    check(&node, shape, "", &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    expand(&mut node, shape);
    Ok(node)
}

/// A spec in another format: further errors in it would not help.
fn newer_version(node: &Node) -> Option<Diagnostic> {
    let version = node.get("version")?;
    let number = version.to_value().as_int()?;
    let found = number.to_string();
    (number > 1).then(|| Diagnostic::error(SpecError::Version { found }).at(version.span))
}

fn includes(
    files: &dyn Files,
    sources: &mut Sources,
    spec: &mut Spec,
    problems: &mut Diagnostics,
) -> Vec<Option<Node>> {
    let patterns = spec.root.get("include").and_then(Node::items).unwrap_or_default();
    let mut all = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for pattern in patterns {
        let Some(text) = pattern.scalar().map(|scalar| scalar.text.clone()) else {
            continue;
        };
        let paths = match files.glob(&text) {
            Ok(paths) => paths,
            Err(errors) => {
                errors.into_iter().for_each(|error| problems.push(error.at(pattern.span)));
                continue;
            }
        };
        if paths.is_empty() {
            spec.empty_includes.push((pattern.span, text));
        }
        all.extend(paths.into_iter().filter(|path| seen.insert(path.clone())));
    }
    let texts: Vec<Result<Arc<str>, Diagnostics>> =
        all.par_iter().map(|path| fetch(files, path)).collect();
    let mut found: Vec<(FileId, Arc<str>)> = Vec::with_capacity(all.len());
    for (path, text) in all.into_iter().zip(texts) {
        match text {
            Ok(text) => found.push((sources.add(path, text.clone()), text)),
            Err(errors) => problems.extend(errors),
        }
    }
    let shape = Shape::Object(included().clone());
    let parsed: Vec<Result<Node, Diagnostics>> =
        found.par_iter().map(|(file, text)| parse(*file, text, &shape)).collect();
    let mut nodes = Vec::with_capacity(parsed.len());
    for result in parsed {
        match result {
            Ok(node) => nodes.push(node.get("apps").cloned()),
            Err(errors) => problems.extend(errors),
        }
    }
    nodes
}

fn environments(
    files: &dyn Files,
    sources: &mut Sources,
    problems: &mut Diagnostics,
) -> BTreeMap<String, EnvironmentFile> {
    let paths = files.glob("environments/*.yaml").unwrap_or_else(|errors| {
        problems.extend(errors);
        Vec::new()
    });
    let name_of = |path: &str| {
        path.strip_prefix("environments/").and_then(|p| p.strip_suffix(".yaml")).map(str::to_owned)
    };
    let (pins, specs): (Vec<String>, Vec<String>) =
        paths.into_iter().partition(|path| path.ends_with(".pins.yaml"));
    let mut environments = BTreeMap::new();
    let shape = Shape::Object(environment().clone());
    for path in specs {
        let Some(name) = name_of(&path) else { continue };
        if let Err(error) = Check::Label.test(&name) {
            problems.push(Diagnostic::error(error).in_file(&path));
            continue;
        }
        let Some(text) = try_fetch(files, &path, problems) else {
            continue;
        };
        let file = sources.add(path, text.clone());
        match parse(file, &text, &shape) {
            Ok(node) => {
                let environment = EnvironmentFile {
                    file,
                    node,
                    pins: Pins::default(),
                    pin_spans: BTreeMap::new(),
                };
                environments.insert(name, environment);
            }
            Err(errors) => {
                problems.extend(errors);
                // Known by name, so that its pins and what promotes from it are not reported as well.
                let node = Node::empty_map(Span::top_of(file));
                environments.insert(
                    name,
                    EnvironmentFile {
                        file,
                        node,
                        pins: Pins::default(),
                        pin_spans: BTreeMap::new(),
                    },
                );
            }
        }
    }
    let mut found = Vec::new();
    for path in pins {
        let Some(name) =
            name_of(&path).and_then(|name| name.strip_suffix(".pins").map(str::to_owned))
        else {
            continue;
        };
        if !environments.contains_key(&name) {
            problems
                .push(Diagnostic::error(SpecError::PinsWithoutEnvironment { name }).in_file(&path));
            continue;
        }
        if let Some(text) = try_fetch(files, &path, problems) {
            found.push((name, sources.add(path, text.clone()), text));
        }
    }
    let read =
        found.into_par_iter().map(|(name, file, text)| (name, Pins::with_places(file, &text)));
    let read: Vec<_> = read.collect();
    for (name, read) in read {
        match (environments.get_mut(&name), read) {
            (Some(environment), Ok((pins, places))) => {
                environment.pin_spans = places;
                environment.pins = pins;
            }
            (_, Err(error)) => problems.push(*error),
            (None, Ok(_)) => {}
        }
    }
    environments
}
