//! gen's own tree, rendered in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::field::field;
use super::live::{Clusters, Commands};
use super::policy;
use super::report::{CheckReport, Unread};
use super::shellcheck::Shellcheck;
use super::stages;
use super::{CheckOptions, Context};
use crate::check::policy::{Policy, apply, idle, judge as judge_own};
use crate::check::{
    Cluster, Declared, Family, Finding, Item, Judge, Objects, Owned, Parsed, Place, Rule, Within,
    check as judge_objects, locate, moved, parse,
};
use crate::diagnostics::Diagnostics;
use crate::files::Files;
use crate::fleet::{Fleet, Prepared, Repository};
use crate::ops::blame::Blame;
use crate::ops::render::refuse_empty_includes;
use crate::ops::rendering::{Rendered, Rendering, Standing};
use crate::ops::secrets::{Expected, Made, command, expected};
use crate::ops::{Selection, Target};

/// What one folder gave.
struct Folder {
    declared: Declared,
    environment: String,
    path: String,
    app: Option<String>,
    texts: Vec<(Arc<str>, Box<str>)>,
    /// Objects that need not be read from the texts, since they were written from them; by the path of the file.
    items: BTreeMap<Arc<str>, Vec<Item>>,
    /// Secrets made by hand, with their commands, and those made by objects; only if clusters are asked.
    secrets: (Vec<Expected>, Vec<Made>),
}

/// Judges each environment by itself: two of them never share an object.
pub(super) fn check(
    context: &mut Context<'_>,
    options: &CheckOptions<'_>,
    before: &BTreeMap<String, Owned>,
) -> Result<CheckReport, Diagnostics> {
    let (fleet, found) = context.fleet()?;
    context.warn(&found.without_those_for_the_summary());
    refuse_empty_includes(&fleet)?;
    judged(context, &fleet, context.workspace, options, before)
}

/// Judges a fleet that was read from these files; `before` is what Flux applied by what, by environment, if another tree is compared.
pub(super) fn judged(
    context: &Context<'_>,
    fleet: &Fleet,
    files: &dyn Files,
    options: &CheckOptions<'_>,
    before: &BTreeMap<String, Owned>,
) -> Result<CheckReport, Diagnostics> {
    let selected = options.selection.of(fleet)?;
    let policy = policy::policy(fleet, context.sources)?;
    let (mut report, mut kinds) = (CheckReport::default(), BTreeSet::new());
    let everything =
        selected.len() == fleet.environments.len() && options.selection.apps.is_empty();
    let mut clusters = options.live.map(Clusters::new);
    let mut shellcheck = Shellcheck::new();
    for prepared in &selected {
        let cluster = cluster(prepared);
        let context_name = prepared.environment.context.as_ref();
        let target = clusters.as_ref().map(|clusters| clusters.target(context_name));
        let (mut folders, declared) =
            rendered(files, fleet, prepared, options.selection, target.as_ref())?;
        let judge =
            Judge { definitions: &fleet.definitions, cluster: &cluster, declared: &declared };
        let asked = clusters.as_mut().zip(target);
        let commands = commands(&folders);
        let live = |objects: &Objects| {
            let (clusters, target) = asked?;
            let name = &prepared.environment.name;
            Some(clusters.judge(judge, objects, &target, commands, name))
        };
        let blame = Blame::new(fleet, context.sources);
        let name = &prepared.environment.name;
        let found = environment(
            judge,
            &policy,
            &blame,
            &mut folders,
            &mut kinds,
            &mut shellcheck,
            |objects| {
                let mut found = live(objects).unwrap_or_default();
                if options.since.is_some() {
                    let now = Owned::new(objects);
                    found.extend(
                        before.get(name).map(|before| moved(before, &now)).unwrap_or_default(),
                    );
                    report.owned.insert(name.clone(), now);
                }
                found
            },
        );
        report
            .add(found.map_err(|(rule, problem)| policy::bad_expression(fleet, &rule, &problem))?);
    }
    let of_stages = stages::judge(fleet, &selected, options.selection.apps, context.sources);
    report.findings.extend(of_stages);
    if everything {
        report.findings.extend(idle(&policy, &kinds));
    }
    let today = policy::today();
    let is_whole =
        |rule: &Rule| everything && (options.live.is_some() || rule.family() != Family::Live);
    report.ignored = apply(&policy, &mut report.findings, &today, is_whole);
    report.live = clusters.map(|clusters| clusters.report);
    Ok(report)
}

/// The objects of each selected environment.
pub(super) fn each(
    context: &mut Context<'_>,
    selection: Selection<'_>,
    take: impl FnMut(Judge<'_>, &str, &Repository, &Objects),
) -> Result<(), Diagnostics> {
    let (fleet, _) = context.fleet()?;
    each_of(&fleet, context.workspace, selection, take)
}

/// The same of a fleet that was read from these files.
pub(super) fn each_of(
    fleet: &Fleet,
    files: &dyn Files,
    selection: Selection<'_>,
    mut take: impl FnMut(Judge<'_>, &str, &Repository, &Objects),
) -> Result<(), Diagnostics> {
    let repository = fleet.repository();
    for prepared in selection.of(fleet)? {
        let cluster = cluster(prepared);
        let (mut folders, declared) = rendered(files, fleet, prepared, selection, None)?;
        let judge =
            Judge { definitions: &fleet.definitions, cluster: &cluster, declared: &declared };
        let (items, _) = items(&mut folders);
        take(judge, &prepared.environment.name, &repository, &Objects::new(items));
    }
    Ok(())
}

/// What an environment says of its Tekton.
fn cluster(prepared: &Prepared) -> Cluster {
    Cluster::with(prepared.environment.tekton_features.iter().cloned())
}

/// Renders an environment.
fn rendered(
    files: &dyn Files,
    fleet: &Fleet,
    prepared: &Prepared,
    selection: Selection<'_>,
    target: Option<&Target>,
) -> Result<(Vec<Folder>, Declared), Diagnostics> {
    let one = [prepared];
    let rendering = Rendering::new(fleet, files).of(&one, selection.apps).over(files);
    let rendering = Rendering { keep: true, ..rendering };
    let repository = fleet.repository().url;
    let folders = rendering.each(&Standing::default(), |rendered| {
        let apps = rendered.app.map_or(prepared.apps.as_slice(), std::slice::from_ref);
        let of =
            |target| expected(&prepared.environment, target, apps, &repository, &rendered.folder);
        let secrets = target.map(of).unwrap_or_default();
        Folder { secrets, ..folder(rendered) }
    })?;
    let declared = folders.iter().flat_map(|folder| folder.declared.clone()).collect();
    Ok((folders, declared))
}

/// Keeps the texts of a folder.
fn folder(rendered: Rendered<'_>) -> Folder {
    let Rendered { prepared, app, folder, facts, .. } = rendered;
    let home = app.map(|app| app.pipeline_namespace.clone()).unwrap_or_default();
    let declared = facts.declared.into_iter().map(|(task, rules)| ((home.clone(), task), rules));
    let path = |name: &str| -> Arc<str> { Arc::from(format!("{}/{name}", folder.path)) };
    let texts =
        folder.files.into_iter().map(|(name, text)| (path(&name), text.into_boxed_str())).collect();
    let mut items: BTreeMap<Arc<str>, Vec<Item>> = BTreeMap::new();
    for (name, object) in facts.objects {
        let file = path(name);
        let of_file = items.entry(file.clone()).or_default();
        let within = Within { document: of_file.len(), path: String::new() };
        of_file.push(Item { object, file, within });
    }
    Folder {
        declared: declared.collect(),
        environment: prepared.environment.name.clone(),
        app: app.map(|app| app.name.clone()),
        texts,
        items,
        path: folder.path,
        secrets: <_>::default(),
    }
}

/// The command for each Secret that no object makes.
fn commands(folders: &[Folder]) -> Commands {
    let mut commands = Commands::new();
    let made = folders.iter().flat_map(|folder| &folder.secrets.1);
    let made: BTreeSet<(&str, &str)> =
        made.map(|(_, namespace, name)| (namespace.as_str(), name.as_str())).collect();
    for secret in folders.iter().flat_map(|folder| &folder.secrets.0) {
        if !made.contains(&(secret.namespace.as_str(), secret.name.as_str())) {
            let key = (secret.namespace.clone(), secret.name.clone());
            commands.entry(key).or_insert_with(|| command(secret));
        }
    }
    commands
}

/// Takes the objects of folders, and says how many files they are in.
fn items(folders: &mut [Folder]) -> (Vec<Item>, CheckReport) {
    let parsed: Vec<_> = folders
        .par_iter_mut()
        .flat_map_iter(|Folder { texts, items, .. }| {
            texts.iter().map(|(path, text)| match items.remove(path) {
                Some(items) => (path, Ok(Parsed { items, ..Parsed::default() })),
                None => (path, parse(path, text)),
            })
        })
        .collect();
    let (mut items, mut report) = (Vec::new(), CheckReport::default());
    for (path, parsed) in parsed {
        match parsed {
            Ok(parsed) => {
                report.files += usize::from(!parsed.items.is_empty());
                items.extend(parsed.items);
            }
            Err(why) => report.unread.push(Unread { file: path.to_string(), why }),
        }
    }
    (items, report)
}

fn environment(
    judge: Judge<'_>,
    policy: &Policy,
    blame: &Blame<'_>,
    folders: &mut [Folder],
    kinds: &mut BTreeSet<String>,
    shellcheck: &mut Shellcheck,
    more: impl FnOnce(&Objects) -> Vec<Finding>,
) -> Result<CheckReport, (String, String)> {
    let (items, mut report) = items(folders);
    for item in &items {
        let (api, kind) = (item.object.api_version(), item.object.kind());
        if judge.definitions.kind(api, kind).is_none() {
            *report.unknown.entry(format!("{kind} ({api})")).or_default() += 1;
        }
    }
    report.objects = items.len();
    kinds.extend(items.iter().map(|item| item.object.kind().to_owned()));
    let objects = Objects::new(items);
    report.findings = judge_objects(judge, &objects);
    report.findings.extend(judge_own(policy, &objects)?);
    report.findings.extend(more(&objects));
    shellcheck.check(&objects, &mut report);
    let of = |file: &str| {
        let is_in = |folder: &&Folder| {
            file.strip_prefix(&*folder.path).is_some_and(|rest| rest.starts_with('/'))
        };
        folders.iter().find(is_in)
    };
    locate(&mut report.findings, |file| {
        let texts = &of(file)?.texts;
        texts.iter().find(|(path, _)| **path == *file).map(|(_, text)| &**text)
    });
    for finding in &mut report.findings {
        let Some(folder) = of(&finding.place.file) else { continue };
        let file = finding.place.file.clone();
        let of_field = || {
            let object = objects.of_finding(finding)?;
            let (path, value) = field(object, &finding.field)?;
            blame.field(&folder.environment, folder.app.as_deref()?, &path, &value)
        };
        let of_object = || blame.object(&folder.environment, folder.app.as_deref(), &file);
        let origin = of_field().or_else(of_object);
        finding.spec = origin.map(|origin| Place {
            file: Arc::from(origin.file),
            line: u32::try_from(origin.line).unwrap_or(u32::MAX),
        });
    }
    Ok(report)
}
