//! `gen report`: everything that can be seen of a spec, for one page.

mod beside;
mod rows;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use beside::{Difference, Side};
pub use rows::{APP, ENVIRONMENT, Row, Where, filled};
pub use write::write;

use self::rows::Rows;
use super::check::{ALL, CheckOptions, CheckReport, check_of, rbac_of};
use super::diff::{DiffOptions, DiffReport, diff};
use super::render::refuse_empty_includes;
use super::secrets::{SecretsOptions, secrets_of};
use super::{Context, Selection, Target, graph};
use crate::check::Level;
use crate::diagnostics::Diagnostics;
use crate::fleet::{Fleet, Prepared};
use crate::graph::Graph;

/// An environment.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its cluster.
    pub cluster: String,
    /// The environment that images come from.
    pub from: Option<String>,
}

/// What runs of an app in an environment.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The image; nothing if none is known yet.
    pub image: Option<String>,
    /// A pin sets it.
    pub pinned: bool,
    /// The namespace.
    pub namespace: String,
}

/// Pipelines of one shape.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The picture.
    pub graph: Graph,
    /// Whose they are.
    pub places: Vec<Where>,
}

/// What checks did not look at, or passed over.
#[derive(Debug, Default)]
pub struct Unjudged {
    /// Files that could not be judged, with the reason.
    pub unread: Vec<String>,
    /// Kinds without a definition, with the number of their objects: their fields were not judged.
    pub unknown: Vec<String>,
    /// Number of findings that exceptions of the spec cover.
    pub ignored: usize,
}

/// Everything that is on the page.
#[derive(Debug, Default)]
pub struct PageReport {
    /// The number of apps and environments, in words.
    pub size: String,
    /// In the order of promotion.
    pub environments: Vec<Column>,
    /// The apps, with a cell for each environment.
    pub apps: Vec<(String, Vec<Option<Cell>>)>,
    /// The chain of promotion.
    pub chain: Graph,
    /// The pipelines, equal ones once.
    pub pipelines: Vec<Shape>,
    /// Keys that differ between environments.
    pub differences: Vec<Difference>,
    /// Who may do what and where, by which binding, used by whom.
    pub permissions: Vec<Row>,
    /// Secrets: name, keys, users, what fails without, how to create it.
    pub secrets: Vec<Row>,
    /// What checks found: level, rule, object, what is wrong, what to do.
    pub findings: Vec<Row>,
    /// What findings leave open.
    pub unjudged: Unjudged,
    /// The comparison, if one was asked for.
    pub diff: Option<DiffReport>,
}

/// Gathers everything.
///
/// # Errors
/// Errors in the spec; an unknown environment; what a comparison needs.
pub fn page(
    context: &mut Context<'_>,
    environments: &[String],
    against: Option<(&str, &std::path::Path)>,
) -> Result<PageReport, Diagnostics> {
    let selection = Selection { environments, apps: &[] };
    let (fleet, found) = context.fleet()?;
    context.warn(&found.without_those_for_the_summary());
    refuse_empty_includes(&fleet)?;
    let selected = selection.of(&fleet)?;
    let owners = Owners::new(&selected);
    let options =
        CheckOptions { selection, rules: &[], level: Level::Warning, live: None, since: None };
    let checked = check_of(context, &fleet, &options)?;
    let mut report = PageReport {
        size: graph::size(&selected),
        environments: selected.iter().map(|one| column(one)).collect(),
        apps: cells(&selected),
        chain: graph::promotion(&selected),
        pipelines: shapes(&selected),
        differences: beside::differences(&fleet, &selected, context.sources),
        permissions: permissions(context, &fleet, selection, &owners)?,
        secrets: required(context, &fleet, selection, &owners)?,
        findings: findings(&checked, &owners),
        unjudged: unjudged(&checked),
        diff: None,
    };
    if let Some((against, start)) = against {
        let options = DiffOptions {
            selection,
            against,
            start,
            read_only: false,
            target: &Target { kubeconfig: None, context: None },
            concurrency: 1,
            verify_images: false,
            show_secrets: false,
        };
        report.diff = Some(diff(context, &options)?);
    }
    Ok(report)
}

fn column(prepared: &Prepared) -> Column {
    let environment = &prepared.environment;
    Column {
        name: environment.name.clone(),
        cluster: environment.cluster.clone(),
        from: environment.promotes_from.clone(),
    }
}

fn cells(selected: &[&Prepared]) -> Vec<(String, Vec<Option<Cell>>)> {
    let mut all: BTreeMap<&str, Vec<Option<Cell>>> = BTreeMap::new();
    for (at, prepared) in selected.iter().enumerate() {
        for app in &prepared.apps {
            let row = all.entry(&app.name).or_insert_with(|| vec![None; selected.len()]);
            row[at] = Some(Cell {
                image: app.image.reference.clone(),
                pinned: app.image.pinned,
                namespace: app.namespace.clone(),
            });
        }
    }
    all.into_iter().map(|(name, row)| (name.to_owned(), row)).collect()
}

fn shapes(selected: &[&Prepared]) -> Vec<Shape> {
    let mut all: Vec<Shape> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for prepared in selected {
        for app in &prepared.apps {
            let Some(graph) = graph::pipeline(app) else { continue };
            let place = (app.environment.clone(), Some(app.name.clone()));
            // The title is the app's; the rest is the shape.
            let key = format!("{:?}{:?}", graph.nodes, graph.edges);
            let at = *known.entry(key).or_insert(all.len());
            match all.get_mut(at) {
                Some(shape) => shape.places.push(place),
                None => all.push(Shape { graph, places: vec![place] }),
            }
        }
    }
    all
}

/// Whose things are.
struct Owners {
    /// By environment and namespace; what several share is nobody's.
    namespaces: BTreeMap<(String, String), Option<String>>,
    /// The apps of each environment.
    apps: BTreeMap<String, BTreeSet<String>>,
}

impl Owners {
    fn new(selected: &[&Prepared]) -> Self {
        let mut namespaces: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
        let mut apps: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for prepared in selected {
            let in_it = apps.entry(prepared.environment.name.clone()).or_default();
            for app in &prepared.apps {
                in_it.insert(app.name.clone());
                for namespace in [&app.namespace, &app.pipeline_namespace] {
                    let key = (prepared.environment.name.clone(), namespace.clone());
                    let owner = namespaces.entry(key).or_insert_with(|| Some(app.name.clone()));
                    if owner.as_deref() != Some(&app.name) {
                        *owner = None;
                    }
                }
            }
        }
        Self { namespaces, apps }
    }

    fn place(&self, environment: &str, namespace: &str) -> Where {
        let key = (environment.to_owned(), namespace.to_owned());
        (environment.to_owned(), self.namespaces.get(&key).cloned().flatten())
    }

    /// An account in a namespace of all, such as that of Flux, is named after its app and environment.
    fn account(&self, environment: &str, account: &str) -> Where {
        let (namespace, name) = account.split_once('/').unwrap_or((account, ""));
        let place = self.place(environment, namespace);
        let app = name.strip_suffix(environment).and_then(|name| name.strip_suffix('-'));
        let app =
            app.filter(|app| self.apps.get(environment).is_some_and(|in_it| in_it.contains(*app)));
        (place.0, place.1.or_else(|| app.map(str::to_owned)))
    }

    /// A rendered file is `clusters/CLUSTER/ENVIRONMENT/APP/…`, or of the cluster; another file is of nobody but itself.
    fn file(&self, file: &str) -> Where {
        let Some(rest) = file.strip_prefix("clusters/") else { return (file.to_owned(), None) };
        let mut parts = rest.split('/');
        let cluster = parts.next().unwrap_or(rest);
        let Some((environment, apps)) = parts.next().and_then(|name| self.apps.get_key_value(name))
        else {
            return (cluster.to_owned(), None);
        };
        let app = parts.next().filter(|name| apps.contains(*name));
        (environment.clone(), app.map(str::to_owned))
    }
}

fn permissions(
    context: &Context<'_>,
    fleet: &Fleet,
    selection: Selection<'_>,
    owners: &Owners,
) -> Result<Vec<Row>, Diagnostics> {
    let mut rows = Rows::default();
    for account in rbac_of(fleet, context.workspace, selection, ALL)?.accounts {
        let environment = account.environment.clone().unwrap_or_default();
        let at = owners.account(&environment, &account.account);
        let users = account.users.join(", ");
        for (right, binding) in account.has {
            rows.add(&at, vec![account.account.clone(), right, binding, users.clone()]);
        }
        if account.has_unknown {
            let unknown = "more, by roles that are not among the objects".to_owned();
            rows.add(&at, vec![account.account.clone(), unknown, String::new(), users]);
        }
    }
    Ok(rows.done())
}

fn required(
    context: &Context<'_>,
    fleet: &Fleet,
    selection: Selection<'_>,
    owners: &Owners,
) -> Result<Vec<Row>, Diagnostics> {
    let options = SecretsOptions {
        selection,
        live: false,
        target: &Target { kubeconfig: None, context: None },
    };
    let mut rows = Rows::default();
    for entry in secrets_of(fleet, context.workspace, &options)?.secrets {
        let secret = entry.expected;
        let at = owners.place(&secret.environment, &secret.namespace);
        let join = |texts: Vec<&str>| texts.join(", ");
        let keys = join(secret.keys.keys().map(String::as_str).collect());
        let users = join(secret.users.iter().map(String::as_str).collect());
        let breaks = join(secret.breaks.iter().copied().collect());
        rows.add(&at, vec![format!("{}/{}", secret.namespace, secret.name), keys, users, breaks]);
    }
    Ok(rows.done())
}

fn unjudged(checked: &CheckReport) -> Unjudged {
    let unread = checked.unread.iter().map(|one| format!("{}: {}", one.file, one.why));
    let unknown = checked.unknown.iter().map(|(kind, count)| format!("{kind}: {count}"));
    Unjudged { unread: unread.collect(), unknown: unknown.collect(), ignored: checked.ignored }
}

fn findings(checked: &CheckReport, owners: &Owners) -> Vec<Row> {
    let mut rows = Rows::default();
    for finding in &checked.findings {
        let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
        let at = finding.spec.as_ref().unwrap_or(&finding.place);
        let cells = vec![
            finding.level.word().to_owned(),
            finding.rule.id.to_owned(),
            object,
            format!("{} ({}:{})", finding.what, at.file, at.line),
            finding.cure().to_owned(),
        ];
        rows.add(&owners.file(&finding.place.file), cells);
    }
    rows.done()
}
