//! The change of the spec that gives an account the rights that it lacks: all that its scripts ask for, and not only what was
//! refused first, so that the next run does not end one command later.

use std::collections::{BTreeMap, BTreeSet};

use super::suggestion::{Known, Spot, Suggestion};
use super::wanted::Wanted;
use crate::diagnose::{Denied, Diagnosis};
use crate::diagnostics::Span;
use crate::fleet::Prepared;
use crate::model::{App, GIVEN, Kind, Task};
use crate::permissions::{self, Names, Namespaces, Place, Rule, forbidden};
use crate::spec::edit::{Change, Edit, Step};
use crate::yaml::{Map, Value};

/// Where an account comes from.
enum From<'a> {
    /// A key names it, instead of the one that gen derives.
    Named(Span),
    /// gen makes it for a task, and this is where the task stands.
    OfTask(&'a Task),
    /// gen makes it for the app's pods.
    OfPods(Span),
}

impl From<'_> {
    fn span(&self) -> Span {
        match self {
            Self::Named(span) | Self::OfPods(span) => *span,
            Self::OfTask(task) => task.span,
        }
    }
}

/// What gives an account the rights that it was refused.
pub(super) fn denied(known: Known<'_>, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    let Some(first) = diagnosis.denied.first() else { return Vec::new() };
    let made = |prepared: &Prepared, app: &App, from: &From<'_>| {
        let namespaces = namespaces(prepared, app);
        match from {
            From::Named(span) => named(known, app, *span, Wanted::Rights(diagnosis.denied.clone())),
            From::OfTask(task) => {
                let spot = Spot::of(known.sources, task.span)?;
                let (asked, notes) = asked(app, task, namespaces);
                let whose = format!("the task `{}`", task.name);
                let has = (task.permissions.as_slice(), asked);
                declared(&spot, &whose, namespaces, &diagnosis.denied, has, &notes)
            }
            From::OfPods(span) => {
                let spot = Spot::of(known.sources, *span)?;
                let whose = format!("the app `{}`", app.name);
                let has = (app.permissions.as_slice(), Vec::new());
                declared(&spot, &whose, namespaces, &diagnosis.denied, has, &[])
            }
        }
    };
    each(known, &first.home, &first.account, made)
}

/// What makes a run use an account that is there.
pub(super) fn no_account(known: Known<'_>, diagnosis: &Diagnosis) -> Vec<Suggestion> {
    let pattern = diagnosis.signature.and_then(|signature| signature.pattern.as_ref());
    let found = diagnosis.evidence.iter().find_map(|evidence| {
        let found = pattern?.captures(&evidence.text)?;
        Some((evidence.of.namespace.clone(), found.name("a")?.as_str().to_owned()))
    });
    let Some((home, account)) = found else { return Vec::new() };
    each(known, &home, &account, |_, app, from| match from {
        From::Named(span) => {
            let (home, account) = (home.clone(), account.clone());
            named(known, app, *span, Wanted::NotAccount { home, account })
        }
        // gen makes this one; its Kustomization says why it is not there.
        From::OfTask(_) | From::OfPods(_) => None,
    })
}

/// A suggestion for each place that an account comes from.
fn each(
    known: Known<'_>,
    home: &str,
    account: &str,
    make: impl Fn(&Prepared, &App, &From<'_>) -> Option<Suggestion>,
) -> Vec<Suggestion> {
    let mut all: Vec<(Span, Suggestion)> = Vec::new();
    for (prepared, app) in known.apps() {
        let Some(from) = origin(app, home, account) else { continue };
        let span = from.span();
        let who = (prepared.environment.name.clone(), app.name.clone());
        // One line of gen.yaml is read for every environment.
        if let Some((_, one)) = all.iter_mut().find(|(seen, _)| *seen == span) {
            one.affects.insert(who);
            continue;
        }
        if let Some(mut one) = make(prepared, app, &from) {
            one.affects.extend(readers(known, span).into_iter().chain([who]));
            all.push((span, one));
        }
    }
    all.into_iter().map(|(_, one)| one).collect()
}

/// How an app comes to an account.
fn origin<'a>(app: &'a App, home: &str, account: &str) -> Option<From<'a>> {
    let pipeline = app.pipeline.as_ref().filter(|_| app.pipeline_namespace == home);
    if let Some(pipeline) = pipeline {
        let is_it = |own: &Option<String>| own.as_deref() == Some(account);
        if let Some(task) = pipeline.all().find(|task| is_it(&task.service_account)) {
            return Some(From::Named(task.service_account_span));
        }
        if is_it(&pipeline.service_account) {
            return Some(From::Named(pipeline.service_account_span));
        }
        if let Some(task) = pipeline.all().find(|task| task.object == account) {
            return Some(From::OfTask(task));
        }
    }
    let is_of_pods = app.namespace == home && app.account == account;
    is_of_pods.then_some(From::OfPods(app.span))
}

/// The apps that read a line: of a pipeline's or task's account, of a task, of an app.
pub(super) fn readers(known: Known<'_>, span: Span) -> BTreeSet<(String, String)> {
    let reads = |app: &App| {
        let of_tasks = app.pipeline.iter().flat_map(|pipeline| {
            let tasks = pipeline.all().flat_map(|task| [task.span, task.service_account_span]);
            tasks.chain([pipeline.service_account_span])
        });
        of_tasks.chain([app.span]).any(|one| one == span)
    };
    let all = known.all_apps().filter(|(_, app)| reads(app));
    all.map(|(prepared, app)| (prepared.environment.name.clone(), app.name.clone())).collect()
}

/// Without the key, gen makes an account with just the rights that the tasks need.
fn named(known: Known<'_>, app: &App, span: Span, wanted: Wanted) -> Option<Suggestion> {
    let spot = Spot::of(known.sources, span)?;
    let line = spot.line;
    let title =
        "without `serviceAccount`, gen makes an account with just the rights that the tasks need";
    let key = spot.path.last()?.clone();
    let (file, edit) = if spot.is_of_app(&app.name) {
        (spot.file, Edit { path: spot.path, change: Change::Remove })
    } else {
        // What holds for other apps as well stays; this app does without.
        let own = match spot.path.first() {
            Some(Step::Key(first)) if first == "apps" => {
                Spot { path: Step::keys(&["apps", &app.name]), ..spot }
            }
            _ => Spot::of(known.sources, app.span)?,
        };
        let path = [own.path, vec![key]].concat();
        (own.file, Edit { path, change: Change::Set(Value::Null) })
    };
    Some(Suggestion {
        of: 0,
        file,
        line,
        edit: Some(edit),
        title: title.to_owned(),
        notes: Vec::new(),
        affects: BTreeSet::new(),
        wanted: vec![wanted],
    })
}

/// The rules under `permissions`, with all that is asked for and not allowed yet.
fn declared(
    spot: &Spot,
    whose: &str,
    namespaces: Namespaces<'_>,
    denied: &[Denied],
    (has, asked): (&[Rule], Vec<Rule>),
    notes: &[String],
) -> Option<Suggestion> {
    let suggestion = |edit: Option<Edit>, title: String| Suggestion {
        of: 0,
        file: spot.file.clone(),
        line: spot.line,
        edit,
        title,
        notes: notes.to_vec(),
        affects: BTreeSet::new(),
        wanted: vec![Wanted::Rights(denied.to_vec())],
    };
    let refused = |why: &str| Some(suggestion(None, format!("for {whose} in the spec: {why}")));
    let mut wanted = Vec::new();
    for one in denied {
        let Some(namespace) = &one.namespace else {
            return refused("rights in the whole cluster need a reason, which only a person has");
        };
        let places = [Place::App, Place::Pipeline, Place::Flux];
        let place = places.into_iter().find(|place| namespaces.name(*place) == namespace);
        let Some(place) = place else {
            return refused(&format!("gen grants no rights in the namespace `{namespace}`"));
        };
        let names: Vec<&str> = one.name.as_deref().into_iter().collect();
        let rule = Rule::new(place, &[&one.group], &[&one.resource], &names, &[&one.verb]);
        if let Some(what) = forbidden(&rule) {
            return refused(&format!("gen never grants a {what}"));
        }
        wanted.push(rule);
    }
    // Without a list, gen reads the script; the list stands in its place.
    let has_list = spot.get(&["permissions"]).is_some_and(|node| !node.is_null());
    let own = if has_list { has } else { &[] };
    let base = if has_list { Vec::new() } else { has.to_vec() };
    let rules = lacking(own, base.into_iter().chain(asked).chain(wanted));
    if rules.is_empty() {
        return refused("it has these rights in the spec; commit and let Flux apply them");
    }
    let path = spot.below(&["permissions"]);
    let edit = Edit { path, change: Change::Append(rules) };
    Some(suggestion(Some(edit), format!("add the permissions that {whose} needs")))
}

/// Group, resource, verb and name of an action, by place.
type Action = (Place, String, String, String, Option<String>);

fn actions(rule: &Rule) -> Vec<Action> {
    let mut names: Vec<Option<String>> = rule.resource_names.iter().cloned().map(Some).collect();
    // A name that only the run knows is any name.
    names.retain(|name| name.as_deref() != Some(permissions::SOME));
    if names.len() < rule.resource_names.len() || names.is_empty() {
        names = vec![None];
    }
    let mut all = Vec::new();
    for group in &rule.api_groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                all.extend(names.iter().map(|name| {
                    (rule.place, group.clone(), resource.clone(), verb.clone(), name.clone())
                }));
            }
        }
    }
    all
}

/// Place, group, name and resource.
type Object = (Place, String, Option<String>, String);
/// The same with the verbs instead of the resource.
type Alike = (Place, String, Option<String>, BTreeSet<String>);

/// What rules ask for and others do not allow, as entries of `permissions`.
fn lacking(has: &[Rule], wanted: impl Iterator<Item = Rule>) -> Vec<Value> {
    let has: BTreeSet<Action> = has.iter().flat_map(actions).collect();
    let mut wanted: BTreeSet<Action> = wanted.flat_map(|rule| actions(&rule)).collect();
    let any = |(place, group, resource, verb, _): &Action| {
        (*place, group.clone(), resource.clone(), verb.clone(), None)
    };
    let whole = wanted.clone();
    wanted.retain(|action| {
        let is_more = |all: &BTreeSet<Action>| action.4.is_some() && all.contains(&any(action));
        !has.contains(action) && !is_more(&has) && !is_more(&whole)
    });
    // First the verbs of each object, then the kinds that are treated alike.
    let mut verbs: BTreeMap<Object, BTreeSet<String>> = BTreeMap::new();
    for (place, group, resource, verb, name) in wanted {
        verbs.entry((place, group, name, resource)).or_default().insert(verb);
    }
    let mut alike: BTreeMap<Alike, Vec<String>> = BTreeMap::new();
    for ((place, group, name, resource), verbs) in verbs {
        alike.entry((place, group, name, verbs)).or_default().push(resource);
    }
    let texts = |all: Vec<String>| Value::Seq(all.into_iter().map(Value::Str).collect());
    alike
        .into_iter()
        .map(|((place, group, name, verbs), resources)| {
            let mut map = Map::default();
            let place = match place {
                Place::Pipeline => Some("pipeline"),
                Place::Flux => Some("flux"),
                Place::App | Place::Cluster => None,
            };
            map.push_some("in", place);
            if !group.is_empty() {
                map.push("apiGroups", texts(vec![group]));
            }
            map.push("resources", texts(resources));
            map.push_some("resourceNames", name.map(|name| texts(vec![name])));
            map.push("verbs", texts(verbs.into_iter().collect()));
            Value::Map(map)
        })
        .collect()
}

fn namespaces<'a>(prepared: &'a Prepared, app: &'a App) -> Namespaces<'a> {
    Namespaces {
        app: &app.namespace,
        pipeline: &app.pipeline_namespace,
        flux: &prepared.environment.flux.namespace,
    }
}

/// What the scripts of a task ask for, and what of them cannot be read.
fn asked(app: &App, task: &Task, namespaces: Namespaces<'_>) -> (Vec<Rule>, Vec<String>) {
    let kind = app.workload.kind;
    let (mut rules, mut notes) = (Vec::new(), Vec::new());
    let mut read = |text: &str, env: &Value| {
        let names = Names {
            app_name: &app.name,
            namespaces,
            instance: &app.instance,
            workload: (kind != Kind::None).then(|| (kind.group(), kind.resource())),
            env,
        };
        let found = permissions::asked(text, &names);
        rules.extend(
            found
                .rules
                .into_iter()
                .filter(|rule| rule.place != Place::Cluster && forbidden(rule).is_none()),
        );
        notes.extend(found.unread.into_iter().map(|(command, why)| {
            format!("`{command}` cannot be read, so it may need more rights: {why}")
        }));
    };
    if let Some(script) = &task.script {
        read(script, &task.env);
    }
    for step in &task.steps {
        let own = step.env.as_seq().unwrap_or_default();
        let of_task = task.env.as_seq().unwrap_or_default();
        let env = Value::Seq(of_task.iter().chain(own).cloned().collect());
        let list = env.as_seq().unwrap_or_default();
        let variables = list.iter().filter_map(|item| item.str_at(&["name"]));
        let variables: Vec<&str> = variables.chain(GIVEN).collect();
        let image = step.image.as_deref().unwrap_or_default();
        let line = || permissions::line(&step.command, &step.args, image, &variables);
        read(&step.script.clone().unwrap_or_else(line), &env);
    }
    (rules, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(resource: &str, names: &[&str], verbs: &[&str]) -> Rule {
        Rule::new(Place::App, &["apps"], &[resource], names, verbs)
    }

    fn shown(has: &[Rule], wanted: &[Rule]) -> Vec<String> {
        lacking(has, wanted.iter().cloned()).iter().map(Value::canonical_json).collect()
    }

    #[test]
    fn only_what_lacks_is_written_and_alike_kinds_together() {
        let has = [rule("deployments", &[], &["get"])];
        let wanted = [
            rule("deployments", &["web"], &["get", "patch"]),
            rule("statefulsets", &["web"], &["patch"]),
        ];
        assert_eq!(
            shown(&has, &wanted),
            [
                r#"{"apiGroups":["apps"],"resourceNames":["web"],"resources":["deployments","statefulsets"],"verbs":["patch"]}"#
            ]
        );
        assert!(shown(&has, &has).is_empty());
    }

    #[test]
    fn a_name_that_only_the_run_knows_is_any() {
        let wanted = [rule("deployments", &["?"], &["get"]), rule("deployments", &["a"], &["get"])];
        assert_eq!(
            shown(&[], &wanted),
            [r#"{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}"#]
        );
    }
}
