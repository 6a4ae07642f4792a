//! All files of a spec, read and checked: gen.yaml, what it includes, environments and their pins.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::carried::carried;
use super::table::Shape;
use super::unused::unused;
use super::{Pins, check, environment, expand, included, placed, root};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span, SpecError, TreeError};
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
    /// Files beside those of the spec that are not read, with reasons.
    pub unused: Vec<(String, String)>,
    /// Files that tasks name, by path.
    pub carried: BTreeMap<String, Arc<str>>,
}

impl Spec {
    /// Whether the spec has this app in this environment.
    #[must_use]
    pub fn has(&self, app: &str, environment: &str) -> bool {
        self.apps.get(app).is_some_and(|entry| placed::is_in(&entry.value, environment))
    }
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
    let text = or_note(fetch(files, "gen.yaml"), &mut problems);
    let root = text.and_then(|text| {
        let file = sources.add("gen.yaml", text.clone());
        or_note(parse(file, &text, &Shape::Object(root().clone())), &mut problems)
    });
    let environments = environments(files, sources, &mut problems);
    let Some(root) = root else {
        return Err(problems);
    };
    if root.get("version").is_none() {
        let (path, place) = ("version".to_owned(), "gen.yaml".to_owned());
        let top = Span { end: root.span.start, ..root.span };
        problems.error(top, SpecError::Missing { path, place });
    }
    let patterns = root.get("include").and_then(Node::items).unwrap_or_default();
    let patterns = patterns.iter().filter_map(|node| Some(node.scalar()?.text.clone()));
    let unused = unused(files, &patterns.collect::<Vec<_>>(), &mut problems);
    let (apps, empty_includes) = (BTreeMap::new(), Vec::new());
    let texts = BTreeMap::new();
    let mut spec = Spec { root, apps, environments, empty_includes, unused, carried: texts };
    let mut tables = vec![spec.root.get("apps").cloned()];
    tables.extend(includes(files, sources, &mut spec, &mut problems));
    for apps in tables.into_iter().flatten() {
        add_apps(&mut spec.apps, apps, &mut problems);
    }
    spec.carried = carried(files, layers(&spec), &mut problems);
    if spec.apps.is_empty() && problems.is_empty() {
        match spec.empty_includes.first() {
            Some((span, pattern)) => {
                problems
                    .error(*span, SpecError::IncludeMatchesNothing { pattern: pattern.clone() });
            }
            None => problems.error(spec.root.span, SpecError::NoApps {}),
        }
    }
    if spec.environments.is_empty() && !problems.has_errors() {
        problems.push(Diagnostic::error(SpecError::NoEnvironments {}).in_file("environments/"));
    }
    let known = spec.environments.keys().map(String::as_str).collect();
    placed::check(spec.apps.values().map(|entry| &entry.value), &known, &mut problems);
    placed::refuse(spec.root.get("defaults").into_iter().chain(overrides(&spec)), &mut problems);
    if problems.has_errors() {
        problems.sort();
        return Err(problems);
    }
    Ok(spec)
}

/// Everything that says something of an app.
fn layers(spec: &Spec) -> impl Iterator<Item = &Node> {
    let apps = spec.apps.values().map(|entry| &entry.value);
    spec.root.get("defaults").into_iter().chain(apps).chain(overrides(spec))
}

/// What environments say of apps.
fn overrides(spec: &Spec) -> impl Iterator<Item = &Node> {
    let overrides = spec.environments.values().filter_map(|file| file.node.get("apps"));
    overrides.filter_map(Node::entries).flatten().map(|entry| &entry.value)
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

/// The text of a file that must be there, or nothing and the reason.
fn fetch(files: &dyn Files, path: &str) -> Result<Arc<str>, Diagnostics> {
    files.read(path, FILE_LIMIT)?.ok_or_else(|| {
        let (path, problem) = (path.to_owned(), "file not found".to_owned());
        Diagnostic::error(TreeError::Io { path, problem }).into()
    })
}

/// The parsed file, in long form.
fn parse(file: FileId, text: &str, shape: &Shape) -> Result<Node, Diagnostics> {
    let mut node = read_one(file, text)?;
    if let Some(newer) = newer_version(&node, shape) {
        return Err(newer.into());
    }
    let mut problems = Diagnostics::default();
    check(&node, shape, "", &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    expand(&mut node, shape);
    Ok(node)
}

/// The value, or nothing and its errors among the others.
fn or_note<T>(result: Result<T, Diagnostics>, problems: &mut Diagnostics) -> Option<T> {
    result.map_err(|errors| problems.extend(errors)).ok()
}

/// A spec in another format: further errors in it would not help.
fn newer_version(node: &Node, shape: &Shape) -> Option<Diagnostic> {
    shape.object()?.field("version")?;
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
    let texts: Vec<_> = all.par_iter().map(|path| fetch(files, path)).collect();
    let mut found = Vec::with_capacity(all.len());
    for (path, text) in all.into_iter().zip(texts) {
        if let Some(text) = or_note(text, problems) {
            found.push((sources.add(path, text.clone()), text));
        }
    }
    let shape = Shape::Object(included().clone());
    let parsed: Vec<_> = found.par_iter().map(|(file, text)| parse(*file, text, &shape)).collect();
    let nodes = parsed.into_iter().filter_map(|node| or_note(node, problems));
    nodes.map(|node| node.get("apps").cloned()).collect()
}

fn environments(
    files: &dyn Files,
    sources: &mut Sources,
    problems: &mut Diagnostics,
) -> BTreeMap<String, EnvironmentFile> {
    let paths = or_note(files.glob("environments/*.yaml"), problems).unwrap_or_default();
    let name_of = |path: &str, end: &str| {
        Some(path.strip_prefix("environments/")?.strip_suffix(end)?.to_owned())
    };
    let (pins, specs): (Vec<String>, Vec<String>) =
        paths.into_iter().partition(|path| path.ends_with(".pins.yaml"));
    let mut environments = BTreeMap::new();
    let shape = Shape::Object(environment().clone());
    for path in specs {
        let Some(name) = name_of(&path, ".yaml") else { continue };
        if let Err(error) = Check::Folder.test(&name) {
            problems.push(Diagnostic::error(error).in_file(&path));
            continue;
        }
        let Some(text) = or_note(fetch(files, &path), problems) else { continue };
        let file = sources.add(path, text.clone());
        // If invalid, known by name, so that its pins and what promotes from it are not reported as well.
        let node = or_note(parse(file, &text, &shape), problems);
        let node = node.unwrap_or_else(|| Node::empty_map(Span::top_of(file)));
        let (pins, pin_spans) = Default::default();
        environments.insert(name, EnvironmentFile { file, node, pins, pin_spans });
    }
    let mut found = Vec::new();
    for path in pins {
        let Some(name) = name_of(&path, ".pins.yaml") else { continue };
        if !environments.contains_key(&name) {
            problems
                .push(Diagnostic::error(SpecError::PinsWithoutEnvironment { name }).in_file(&path));
            continue;
        }
        if let Some(text) = or_note(fetch(files, &path), problems) {
            found.push((name, sources.add(path, text.clone()), text));
        }
    }
    let read = |(name, file, text): (_, _, Arc<str>)| (name, Pins::with_places(file, &text));
    let read: Vec<(String, _)> = found.into_par_iter().map(read).collect();
    for (name, read) in read {
        match read {
            Ok((pins, pin_spans)) => {
                if let Some(environment) = environments.get_mut(&name) {
                    (environment.pins, environment.pin_spans) = (pins, pin_spans);
                }
            }
            Err(error) => problems.push(*error),
        }
    }
    environments
}
