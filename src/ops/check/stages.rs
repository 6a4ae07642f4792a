//! What the spec says of its stages: differences between them, what nothing tests, and overrides without effect.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::stages::{NO_COMMIT, OVERRIDE_UNCHANGED, STAGES_DIFFER, UNTESTED, of_spec};
use crate::check::{Finding, Place};
use crate::diagnostics::{Sources, Span};
use crate::fleet::{Fleet, Prepared};
use crate::kubernetes::patch::glob;
use crate::model::{App, TaskKind};
use crate::spec::{View, root};
use crate::yaml::{Data, Node, Value};

/// The tasks of gen's own that test nothing.
const NO_TESTS: [&str; 10] = [
    "build-image",
    "clean-source",
    "deploy-app",
    "fetch-source",
    "notify-email",
    "notify-slack",
    "rollback",
    "scan-image",
    "scan-source",
    "wait-for-runs",
];

/// Judges the selected environments of a fleet.
pub(super) fn judge(
    fleet: &Fleet,
    selected: &[&Prepared],
    apps: &[String],
    sources: &Sources,
) -> Vec<Finding> {
    let check = View::new(Some(&fleet.spec.root), root()).view("check");
    let may_differ = check.get("mayDiffer").map(|_| check.texts("mayDiffer"));
    let stages = Stages { fleet, sources, may_differ };
    let mut found = Vec::new();
    for prepared in selected {
        let from = prepared.environment.promotes_from.as_ref();
        let from = from.and_then(|from| {
            fleet.environments.iter().find(|other| other.environment.name == *from)
        });
        let is_wanted = |app: &&App| apps.is_empty() || apps.contains(&app.name);
        for app in prepared.apps.iter().filter(is_wanted) {
            stages.override_unchanged(prepared, app, &mut found);
            stages.no_commit(prepared, app, &mut found);
            if let Some(from) = from
                && fleet.spec.has(&app.name, &from.environment.name)
            {
                stages.differ(from, prepared, app, &mut found);
                stages.untested(from, prepared, app, &mut found);
            }
        }
    }
    found
}

struct Stages<'a> {
    fleet: &'a Fleet,
    sources: &'a Sources,
    /// Only where the team decided it.
    may_differ: Option<Vec<String>>,
}

impl Stages<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(&self.sources.file(span.file).path), line: span.start.line }
    }

    /// Keys that differ from the stage before and may not.
    fn differ(&self, from: &Prepared, to: &Prepared, app: &App, found: &mut Vec<Finding>) {
        let Some(may_differ) = &self.may_differ else { return };
        let of = |prepared: &Prepared| prepared.environment.app(&self.fleet.spec, &app.name);
        if !from.apps.iter().any(|other| other.name == app.name) {
            return;
        }
        let (Some(before), Some(after)) = (of(from), of(to)) else { return };
        let (before, after) = (leaves(&before), leaves(&after));
        let (old, new) = (&from.environment.name, &to.environment.name);
        let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
        for path in paths {
            let may = |pattern: &String| glob(pattern, path) || glob(&format!("{pattern}.*"), path);
            let (here, there) = (after.get(path), before.get(path));
            if here.map(|leaf| &leaf.value) == there.map(|leaf| &leaf.value)
                || may_differ.iter().any(may)
            {
                continue;
            }
            let Some(leaf) = here.or(there) else { continue };
            let what = match (here, there) {
                (Some(_), Some(_)) => format!("differs for `{}` between {old} and {new}", app.name),
                (Some(_), None) => format!("is set for `{}` in {new} but not in {old}", app.name),
                _ => format!("is set for `{}` in {old} but not in {new}", app.name),
            };
            found.push(of_spec(&STAGES_DIFFER, path, what, &self.place(leaf.span)));
        }
    }

    /// An app that comes here and that no task tests before.
    fn untested(&self, from: &Prepared, to: &Prepared, app: &App, found: &mut Vec<Finding>) {
        let mut stage = Some(from);
        let mut has_run = false;
        while let Some(prepared) = stage {
            let before = prepared.apps.iter().find(|other| other.name == app.name);
            for task in
                before.and_then(|app| app.pipeline.as_ref()).into_iter().flat_map(|p| &p.tasks)
            {
                has_run = true;
                let tests_nothing = matches!(&task.kind, TaskKind::Template(name) if NO_TESTS.contains(&name.as_str()));
                if !tests_nothing {
                    return;
                }
            }
            let next = prepared.environment.promotes_from.as_ref();
            let mut all = self.fleet.environments.iter();
            stage = next.and_then(|next| all.find(|other| other.environment.name == *next));
        }
        // Without a pipeline the image is somebody else's.
        if has_run {
            let (name, to) = (&app.name, &to.environment.name);
            let what = format!("no task tests `{name}` before it is promoted to {to}");
            found.push(of_spec(
                &UNTESTED,
                &format!("{name}.pipeline"),
                what,
                &self.place(app.span),
            ));
        }
    }

    fn no_commit(&self, prepared: &Prepared, app: &App, found: &mut Vec<Finding>) {
        let Some((pin, span)) = prepared.environment.pin(&app.name) else { return };
        let is_pinned = pin.image.is_some() || pin.tag.is_some();
        if is_pinned && pin.revision.is_none() && pin.policy.is_none() && !app.image.ready {
            let what = format!("the image of `{}` is pinned without its commit", app.name);
            found.push(of_spec(&NO_COMMIT, &app.name, what, &self.place(*span)));
        }
    }

    fn override_unchanged(&self, prepared: &Prepared, app: &App, found: &mut Vec<Finding>) {
        let environment = &prepared.environment;
        let Some(written) = environment.override_of(&app.name) else { return };
        let Some(below) = environment.below_override(&self.fleet.spec, &app.name) else { return };
        let below = leaves(&below);
        for (path, leaf) in leaves(written) {
            if below.get(&path).is_some_and(|other| other.value == leaf.value) {
                let what = format!("is the same for `{}` without this override", app.name);
                found.push(of_spec(&OVERRIDE_UNCHANGED, &path, what, &self.place(leaf.span)));
            }
        }
    }
}

/// A value without keys below it: a scalar or a list.
struct Leaf {
    value: Value,
    span: Span,
}

/// All leaves of a mapping, by path.
fn leaves(node: &Node) -> BTreeMap<String, Leaf> {
    fn walk(node: &Node, path: &str, leaves: &mut BTreeMap<String, Leaf>) {
        match &node.data {
            Data::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(&entry.value, &format!("{path}{dot}{}", entry.key), leaves);
                }
            }
            _ => {
                let leaf = Leaf { value: node.to_value(), span: node.span };
                leaves.insert(path.to_owned(), leaf);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(node, "", &mut found);
    found
}
