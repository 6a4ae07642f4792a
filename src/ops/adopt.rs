//! Adopts live workloads: writes their selectors, which Kubernetes never changes, into the environment's file.
//!
//! Only the lines that are new are written: everything else in that file, comments included, is a person's and stays.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::pins::{PinChange, PinField, PinReport};
use super::wait::object_of;
use super::{Context, app_in};
use crate::cluster::{Connection, Target};
use crate::diagnostics::{Diagnostics, PromoteError};
use crate::files::{Changed, Files as _, Memory};
use crate::fleet::{Fleet, prepare};
use crate::model::{App, Kind};
use crate::workspace::{Workspace, rewrite};
use crate::yaml::{Node, is_ambiguous};

/// Timeout of one request to the cluster.
const QUESTION: Duration = Duration::from_secs(20);

/// A selector, by key.
type Labels = Vec<(String, String)>;

/// A program whose live object has another selector than it would get.
struct Found {
    /// The name of its objects.
    object: String,
    /// The process that it is.
    process: Option<String>,
    selector: Labels,
}

/// Writes the selectors of an app's live workloads into environments/ENV.yaml.
///
/// # Errors
/// Errors in the spec; an unknown app or environment; none of its workloads in the cluster, or a selector that the spec cannot say; a
/// file in which the place is not clear; errors of the cluster and the disk.
pub fn adopt(
    context: &mut Context<'_>,
    app: &str,
    environment: &str,
    target: &Target,
    dry_run: bool,
) -> Result<PinReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, decoded) = app_in(&fleet, app, environment)?;
    let path = format!("environments/{environment}.yaml");
    let target = target.or(prepared.environment.context.as_ref());
    let mut report = PinReport {
        command: "set",
        environment: environment.to_owned(),
        path: path.clone(),
        dry_run,
        ..PinReport::default()
    };
    let found = live(&Connection::open(&target)?, decoded, environment, &mut report)?;
    if !found.is_empty() {
        let limit = Workspace::LARGEST_SPEC;
        let mut decide = |text: Option<&str>| -> Result<String, Diagnostics> {
            let new = written(&fleet, environment, app, &found, text.unwrap_or_default())?;
            let texts = Memory([(path.clone(), Arc::from(new.as_str()))].into());
            let (after, _) = prepare(&Changed::new(context.workspace, texts), context.sources)?;
            verify(&after, environment, app, &found)?;
            Ok(new)
        };
        if dry_run {
            decide(context.workspace.read(&path, limit)?.as_deref())?;
        } else {
            rewrite(context.workspace.root(), &path, limit, decide)?;
        }
    }
    report.changes.extend(found.iter().map(|found| PinChange {
        app: found.object.clone(),
        fields: vec![PinField {
            name: "selector",
            before: None,
            after: Some(flow(&found.selector)),
        }],
    }));
    report.next.push(match (found.is_empty(), dry_run) {
        (true, _) => "nothing".to_owned(),
        (false, true) => "run it again without `--dry-run`".to_owned(),
        (false, false) => {
            format!("run `gen render`, then `gen diff --env {environment} --app {app}`")
        }
    });
    Ok(report)
}

/// The programs whose live objects choose their pods by other labels than gen's or the spec's.
fn live(
    connection: &Connection,
    app: &App,
    environment: &str,
    report: &mut PinReport,
) -> Result<Vec<Found>, Diagnostics> {
    let kinds = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];
    let programs = app.programs().filter(|program| kinds.contains(&program.workload.kind));
    let (mut found, mut is_there) = (Vec::new(), false);
    for program in programs {
        let reference = object_of(&program);
        let object = format!("{} `{}`", program.workload.kind.word(), program.name);
        let Some(live) = connection.get(&reference, QUESTION)? else {
            let note = format!("{object} is not in the cluster: nothing to adopt");
            report.notes.push(note);
            continue;
        };
        is_there = true;
        let selector = selector(&live)
            .map_err(|problem| PromoteError::CannotAdopt { object: object.clone(), problem })?;
        let own = [
            ("app.kubernetes.io/instance".to_owned(), program.instance.clone()),
            ("app.kubernetes.io/name".to_owned(), program.label.clone()),
        ];
        let mut wanted = if program.selector.is_empty() { own.into() } else { program.selector };
        wanted.sort();
        if selector == wanted {
            report.notes.push(format!("the selector of {object} is the spec's already"));
            continue;
        }
        found.push(Found { object: program.name, process: program.process, selector });
    }
    if !is_there {
        let (app, env) = (app.name.clone(), environment.to_owned());
        return Err(PromoteError::NothingToAdopt { app, env }.into());
    }
    Ok(found)
}

/// The labels by which a live object chooses its pods, in order; or why a spec cannot say it.
fn selector(live: &Value) -> Result<Labels, String> {
    let selector = &live["spec"]["selector"];
    if selector["matchExpressions"].as_array().is_some_and(|all| !all.is_empty()) {
        return Err("its selector has `matchExpressions`, and the spec has only labels".to_owned());
    }
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut labels: Labels =
        labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    if labels.is_empty() {
        return Err("it has no selector".to_owned());
    }
    labels.sort();
    Ok(labels)
}

/// A mapping of labels on one line.
fn flow(labels: &Labels) -> String {
    let text = |text: &str| {
        let is_plain = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./".contains(&b))
            && !is_ambiguous(text);
        if is_plain { text.to_owned() } else { Value::from(text).to_string() }
    };
    let labels: Vec<String> =
        labels.iter().map(|(key, value)| format!("{}: {}", text(key), text(value))).collect();
    format!("{{{}}}", labels.join(", "))
}

/// The environment's file with the selectors.
fn written(
    fleet: &Fleet,
    environment: &str,
    app: &str,
    found: &[Found],
    text: &str,
) -> Result<String, Diagnostics> {
    let Some(file) = fleet.spec.environments.get(environment) else {
        return Ok(text.to_owned());
    };
    let is_empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.trim() == "{}" || text.lines().all(is_empty) {
        let mut new = text.replace("{}\n", "").replace("{}", "");
        let _ = write!(new, "apps:\n  {app}: {}\n", nested(&[], found));
        return Ok(new);
    }
    let by_hand = || by_hand(environment, app, found);
    let mut insertions = Vec::new();
    let keys = |found: &Found| -> Vec<String> {
        let process = found.process.iter().flat_map(|name| ["processes".to_owned(), name.clone()]);
        ["apps".to_owned(), app.to_owned()].into_iter().chain(process).collect()
    };
    // Those that meet at one place are written there together.
    let mut open: Vec<&Found> = found.iter().collect();
    while let Some(first) = open.first() {
        let path = keys(first);
        let (node, depth) = deepest(&file.node, &path);
        let place = node.entries().and_then(<[_]>::first).ok_or_else(by_hand)?.key_span.start;
        let (here, rest): (Vec<&Found>, Vec<&Found>) = open.iter().partition(|one| {
            let (other, other_depth) = deepest(&file.node, &keys(one));
            other.span == node.span && other_depth == depth
        });
        open = rest;
        let added: Vec<(Vec<String>, Labels)> =
            here.iter().map(|one| (keys(one).split_off(depth), one.selector.clone())).collect();
        insertions.push((place, inner(&added)));
    }
    insertions.sort_by_key(|(place, _)| std::cmp::Reverse((place.line, place.column)));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (place, entries) in insertions {
        let line = (place.line as usize).checked_sub(1).and_then(|at| lines.get_mut(at));
        let line = line.ok_or_else(by_hand)?;
        let (before, after) = split_at_column(line, place.column);
        // In a block, nothing but the indentation and the marks of lists stand before a key.
        let is_block = before.trim().is_empty();
        let separator = if is_block { format!("\n{before}") } else { ", ".to_owned() };
        *line = format!("{before}{}{separator}{after}", entries.join(&separator));
    }
    let mut new = lines.join("\n");
    new.push('\n');
    Ok(new)
}

/// The deepest mapping on a path that is there, and its depth.
fn deepest<'n>(root: &'n Node, path: &[String]) -> (&'n Node, usize) {
    let (mut node, mut depth) = (root, 0);
    while let Some(next) = path.get(depth).and_then(|key| node.get(key)) {
        (node, depth) = (next, depth + 1);
    }
    (node, depth)
}

fn split_at_column(line: &str, column: u32) -> (String, String) {
    let before = (column as usize).saturating_sub(1);
    (line.chars().take(before).collect(), line.chars().skip(before).collect())
}

/// A selector, with the rest of its path.
type Selector = (Vec<String>, Labels);

/// Selectors below the rest of their paths, as entries of one mapping.
fn inner(all: &[Selector]) -> Vec<String> {
    let mut entries = Vec::new();
    let mut groups: Vec<(&str, Vec<Selector>)> = Vec::new();
    for (path, labels) in all {
        let Some((first, rest)) = path.split_first() else {
            entries.push(format!("selector: {}", flow(labels)));
            continue;
        };
        let one = (rest.to_vec(), labels.clone());
        match groups.iter_mut().find(|(key, _)| key == first) {
            Some((_, group)) => group.push(one),
            None => groups.push((first, vec![one])),
        }
    }
    let groups = groups.iter().map(|(key, group)| {
        let key = if is_ambiguous(key) { Value::from(*key).to_string() } else { (*key).to_owned() };
        format!("{key}: {{{}}}", inner(group).join(", "))
    });
    entries.extend(groups);
    entries
}

/// The override of the app, on one line.
fn nested(above: &[String], found: &[Found]) -> String {
    let all: Vec<(Vec<String>, Labels)> = found
        .iter()
        .map(|one| {
            let process = one.process.iter().flat_map(|it| ["processes".to_owned(), it.clone()]);
            (above.iter().cloned().chain(process).collect(), one.selector.clone())
        })
        .collect();
    format!("{{{}}}", inner(&all).join(", "))
}

fn by_hand(environment: &str, app: &str, found: &[Found]) -> Diagnostics {
    let line = format!("apps: {{{app}: {}}}", nested(&[], found));
    PromoteError::AdoptByHand { env: environment.to_owned(), line }.into()
}

/// Whether the new file means what it should: another layer may be over it, or the key stood there already.
fn verify(after: &Fleet, environment: &str, app: &str, found: &[Found]) -> Result<(), Diagnostics> {
    let (_, decoded) = app_in(after, app, environment)?;
    let is_so = |one: &Found| {
        let mut programs = decoded.programs();
        let program = programs.find(|program| program.name == one.object);
        program.is_some_and(|mut program| {
            program.selector.sort();
            program.selector == one.selector
        })
    };
    if found.iter().all(is_so) { Ok(()) } else { Err(by_hand(environment, app, found)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostics::Sources;

    const SPEC: &str = "version: 1\nrepository: https://git.example/a/b.git\napps:\n  shop: {source: https://git.example/a/s.git, image: r.example/a/shop, processes: {worker: {}}}\n  till: {source: https://git.example/a/t.git, image: r.example/a/till}\n";

    /// What becomes of an environment's file.
    fn adopted(text: &str, found: &[Found]) -> String {
        let files = Memory::new([("gen.yaml", SPEC), ("environments/dev.yaml", text)]);
        let (fleet, _) = prepare(&files, &mut Sources::default()).unwrap_or_else(|e| panic!("{e}"));
        let new = match written(&fleet, "dev", "shop", found, text) {
            Ok(new) => new,
            Err(found) => return found.to_string(),
        };
        let files = Memory::new([("gen.yaml", SPEC), ("environments/dev.yaml", &new)]);
        let (after, _) = prepare(&files, &mut Sources::default()).unwrap_or_else(|e| panic!("{e}"));
        verify(&after, "dev", "shop", found).unwrap_or_else(|e| panic!("{e}\n{new}"));
        new
    }

    fn found(process: Option<&str>) -> Found {
        Found {
            object: process.map_or("shop".to_owned(), |process| format!("shop-{process}")),
            process: process.map(str::to_owned),
            selector: vec![
                ("app".to_owned(), "web".to_owned()),
                ("tier".to_owned(), "1".to_owned()),
            ],
        }
    }

    #[test]
    fn the_selector_is_all_that_is_new() {
        let one = [found(None)];
        assert_eq!(adopted("{}\n", &one), "apps:\n  shop: {selector: {app: web, tier: \"1\"}}\n");
        assert_eq!(
            adopted("# ours\ndeploy: git # why\n", &one),
            "# ours\napps: {shop: {selector: {app: web, tier: \"1\"}}}\ndeploy: git # why\n"
        );
        assert_eq!(
            adopted("apps:\n  till:\n    replicas: 2\n", &one),
            "apps:\n  shop: {selector: {app: web, tier: \"1\"}}\n  till:\n    replicas: 2\n"
        );
        assert_eq!(
            adopted("apps: {shop: {replicas: 2}}\n", &one),
            "apps: {shop: {selector: {app: web, tier: \"1\"}, replicas: 2}}\n"
        );
    }

    #[test]
    fn a_program_is_adopted_where_it_is_said() {
        let both = [
            found(None),
            Found { selector: vec![("a".to_owned(), "b".to_owned())], ..found(Some("worker")) },
        ];
        assert_eq!(
            adopted("apps:\n  shop:\n    replicas: 2\n", &both),
            "apps:\n  shop:\n    selector: {app: web, tier: \"1\"}\n    processes: {worker: {selector: {a: b}}}\n    replicas: 2\n"
        );
        assert_eq!(
            adopted("apps:\n  shop:\n    processes:\n      worker: {replicas: 3}\n", &both),
            "apps:\n  shop:\n    selector: {app: web, tier: \"1\"}\n    processes:\n      worker: {selector: {a: b}, replicas: 3}\n"
        );
    }

    #[test]
    fn what_is_not_clear_is_left_to_a_person() {
        let said = adopted("apps: {}\ndeploy: git\n", &[found(None)]);
        assert_eq!(said, "[GEN1124] no place for the selector in environments/dev.yaml");
    }

    #[test]
    fn only_labels_are_a_selector() {
        let live = |labels: Value| selector(&json!({"spec": {"selector": labels}}));
        assert_eq!(
            live(json!({"matchLabels": {"b": "2", "a": "1"}})),
            Ok(vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())])
        );
        assert!(live(json!({"matchLabels": {"a": "1"}, "matchExpressions": [{}]})).is_err());
        assert!(live(json!({})).is_err());
    }
}
