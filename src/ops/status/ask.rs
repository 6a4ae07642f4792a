//! Asks each cluster once, for all of its environments.

use std::collections::BTreeSet;
use std::time::Duration;

use super::want::stages;
use super::{Column, StatusOptions, StatusReport};
use crate::cluster::{Connection, Listing, Looked, Options, Survey, Target, survey};
use crate::diagnose::{Time, Unseen};
use crate::diagnostics::ClusterError;
use crate::fleet::Prepared;
use crate::status::{Cell, RunState, Seen, Wanted, cells, page, slim};

/// Group, version, kind and plural.
type Listed = [&'static str; 4];

const KUSTOMIZATIONS: Listed =
    ["kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations"];
const RUNS: Listed = ["tekton.dev", "v1", "PipelineRun", "pipelineruns"];
const TASKS: Listed = ["tekton.dev", "v1", "TaskRun", "taskruns"];
const PODS: Listed = ["", "v1", "Pod", "pods"];
const REPLICASETS: Listed = ["apps", "v1", "ReplicaSet", "replicasets"];
const EVENTS: Listed = ["", "v1", "Event", "events"];
const WORKLOADS: [Listed; 5] = [
    ["apps", "v1", "Deployment", "deployments"],
    ["apps", "v1", "StatefulSet", "statefulsets"],
    ["apps", "v1", "DaemonSet", "daemonsets"],
    ["batch", "v1", "CronJob", "cronjobs"],
    ["batch", "v1", "Job", "jobs"],
];
/// Failed runs whose tasks are asked for in one list, and the most of such lists.
const RUNS_OF_A_LIST: usize = 50;
const LISTS_OF_RUNS: usize = 4;

/// The environments of one cluster.
struct Cluster<'a> {
    target: Target,
    environments: Vec<&'a Prepared>,
    wanted: Vec<Wanted>,
}

/// What a cluster said, or why it said nothing.
type Said = Result<Looked, String>;

/// Asks all clusters, side by side.
pub(super) fn ask(
    selected: &[&Prepared],
    wanted: &[Wanted],
    options: &StatusOptions<'_>,
) -> StatusReport {
    let clusters = clusters(selected, wanted, options.target);
    let is_page = options.app.is_some();
    let said: Vec<Said> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            clusters.iter().map(|one| scope.spawn(move || look(one, is_page))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Said>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    });
    let now = jiff::Timestamp::now();
    let mut report = StatusReport {
        columns: Vec::new(),
        cells: Vec::new(),
        pages: Vec::new(),
        differences: Vec::new(),
        is_page,
        unseen: Vec::new(),
        requests: 0,
        now,
        width: 80,
    };
    for (cluster, said) in clusters.iter().zip(&said) {
        take(&mut report, cluster, said, now);
    }
    order(&mut report, selected);
    report
}

/// The environments by the cluster that they are in.
fn clusters<'a>(selected: &[&'a Prepared], wanted: &[Wanted], target: &Target) -> Vec<Cluster<'a>> {
    let mut all: Vec<Cluster<'a>> = Vec::new();
    for prepared in selected {
        let environment = &prepared.environment;
        let target = target.or(environment.context.as_ref());
        let is_of = |one: &&Wanted| one.environment == environment.name;
        let own = wanted.iter().filter(is_of).cloned();
        match all.iter_mut().find(|one| one.target.context == target.context) {
            Some(cluster) => {
                cluster.environments.push(prepared);
                cluster.wanted.extend(own);
            }
            None => {
                all.push(Cluster { target, environments: vec![prepared], wanted: own.collect() });
            }
        }
    }
    all
}

fn take(report: &mut StatusReport, cluster: &Cluster<'_>, said: &Said, now: Time) {
    for prepared in &cluster.environments {
        report.columns.push(Column {
            environment: prepared.environment.name.clone(),
            context: cluster.target.context.clone(),
            silent: said.as_ref().err().cloned(),
        });
    }
    let Ok(looked) = said else {
        report.cells.extend(cluster.wanted.iter().map(Cell::unseen));
        return;
    };
    report.requests += looked.requests;
    report.unseen.extend(looked.unread.iter().map(|one| Unseen {
        what: one.what.clone(),
        why: one.why.clone(),
        right: one.right.clone(),
    }));
    let seen = Seen::new(&looked.objects);
    let mut found = cells(&cluster.wanted, &seen, now);
    let lacks = |kind: &str| looked.unread.iter().any(|one| one.what.starts_with(kind));
    for (cell, wanted) in found.iter_mut().zip(&cluster.wanted) {
        cell.doubt(wanted, lacks("kustomizations"), lacks("deployments") || lacks("statefulsets"));
    }
    report.cells.extend(found);
    if report.is_page {
        for wanted in &cluster.wanted {
            let apps = cluster.environments.iter().flat_map(|prepared| &prepared.apps);
            let mut app =
                apps.filter(|app| app.name == wanted.app && app.environment == wanted.environment);
            let stages = app.next().map(stages).unwrap_or_default();
            report.pages.push(page(wanted, &stages, &seen, now));
        }
    }
}

/// Columns in the order of promotion, cells by app.
fn order(report: &mut StatusReport, selected: &[&Prepared]) {
    let at = |name: &str| selected.iter().position(|one| one.environment.name == name);
    report.columns.sort_by_key(|column| at(&column.environment));
    report.cells.sort_by(|a, b| {
        let key = |cell: &Cell| (cell.app.clone(), at(&cell.environment));
        key(a).cmp(&key(b))
    });
    report.pages.sort_by_key(|page| at(&page.environment));
    report.unseen.sort();
    report.unseen.dedup();
}

fn look(cluster: &Cluster<'_>, is_page: bool) -> Said {
    let said = |error: ClusterError| crate::diagnostics::visible(&error.to_string());
    let connection = Connection::open(&cluster.target).map_err(said)?;
    let limits = Options {
        read_only: true,
        deadline: Duration::from_mins(1),
        request_timeout: Duration::from_secs(20),
        ..Options::default()
    };
    let keep = |object: &mut serde_json::Value| slim(object);
    let mut looked = survey(&connection, &lists(cluster, is_page), &keep, &limits).map_err(said)?;
    let (more, left_out) = tasks(cluster, &looked, is_page);
    if !more.is_empty() {
        let tasks = survey(&connection, &more, &keep, &limits).map_err(said)?;
        looked.objects.extend(tasks.objects);
        looked.unread.extend(tasks.unread);
        looked.requests += tasks.requests;
    }
    if left_out > 0 {
        looked.unread.push(crate::cluster::Unread {
            what: format!("the failed tasks of {left_out} runs"),
            why: "there are too many; `gen status APP` reads those of one app".to_owned(),
            right: String::new(),
        });
    }
    Ok(looked)
}

/// The lists that a cluster is asked for.
fn lists(cluster: &Cluster<'_>, is_page: bool) -> Vec<Survey> {
    let names: Vec<&str> =
        cluster.environments.iter().map(|one| one.environment.name.as_str()).collect();
    let of_environments = format!("gitops-gen.dev/environment in ({})", names.join(","));
    let instances: Vec<&str> = cluster.wanted.iter().map(|one| one.instance.as_str()).collect();
    let selector = if is_page {
        format!("app.kubernetes.io/instance in ({})", instances.join(","))
    } else {
        of_environments.clone()
    };
    let namespaces = |of: fn(&Wanted) -> &String| -> Vec<String> {
        let all: BTreeSet<&String> = cluster.wanted.iter().map(of).collect();
        all.into_iter().cloned().collect()
    };
    let apps = namespaces(|one| &one.namespace);
    let pipelines = namespaces(|one| &one.pipeline_namespace);
    let mut all = Vec::new();
    for namespace in namespaces(|one| &one.flux_namespace) {
        all.push(listed(KUSTOMIZATIONS, Some(namespace), &of_environments, &[]));
    }
    if cluster.wanted.iter().any(|one| one.has_pipeline) {
        all.push(listed(RUNS, None, &selector, &pipelines));
    }
    let kinds: BTreeSet<&str> =
        cluster.wanted.iter().flat_map(|one| &one.programs).map(|one| one.kind.as_str()).collect();
    for kind in WORKLOADS.iter().filter(|kind| kinds.contains(kind[2])) {
        all.push(listed(*kind, None, &selector, &apps));
    }
    if !kinds.is_empty() {
        all.push(listed(PODS, None, &selector, &apps));
    }
    if is_page {
        all.push(listed(REPLICASETS, None, &selector, &apps));
        // Events have no labels, and those of a whole cluster are many.
        let flux = namespaces(|one| &one.flux_namespace);
        let places: BTreeSet<&String> = apps.iter().chain(&pipelines).chain(&flux).collect();
        all.extend(places.into_iter().map(|one| listed(EVENTS, Some(one.clone()), "", &[])));
    }
    all
}

/// The tasks of the newest runs that failed or go on, and how many runs are left out.
fn tasks(cluster: &Cluster<'_>, looked: &Looked, is_page: bool) -> (Vec<Survey>, usize) {
    let seen = Seen::new(&looked.objects);
    let now = jiff::Timestamp::now();
    let newest = cells(&cluster.wanted, &seen, now);
    let newest = newest.iter().filter_map(|cell| {
        let is_open = |state| matches!(state, RunState::Failed | RunState::Running);
        // A value of a label is no longer.
        cell.runs.first().filter(|run| (is_page || is_open(run.state)) && run.name.len() <= 63)
    });
    let names: Vec<String> = newest.map(|run| run.name.clone()).collect();
    let namespaces: BTreeSet<&String> =
        cluster.wanted.iter().map(|one| &one.pipeline_namespace).collect();
    let namespaces: Vec<String> = namespaces.into_iter().cloned().collect();
    let lists = names.chunks(RUNS_OF_A_LIST).take(LISTS_OF_RUNS).map(|names| {
        let selector = format!("tekton.dev/pipelineRun in ({})", names.join(","));
        listed(TASKS, None, &selector, &namespaces)
    });
    (lists.collect(), names.len().saturating_sub(RUNS_OF_A_LIST * LISTS_OF_RUNS))
}

fn listed(
    [group, version, kind, plural]: Listed,
    namespace: Option<String>,
    selector: &str,
    namespaces: &[String],
) -> Survey {
    Survey {
        list: Listing {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespace,
            selector: selector.to_owned(),
        },
        namespaces: namespaces.to_vec(),
    }
}
