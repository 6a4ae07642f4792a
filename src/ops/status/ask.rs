//! Asks each cluster once, for all of its environments.

use std::collections::BTreeSet;
use std::time::Duration;

use super::want::{self, stages};
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
const JOBS: Listed = ["batch", "v1", "Job", "jobs"];
const WORKLOADS: [Listed; 4] = [
    ["apps", "v1", "Deployment", "deployments"],
    ["apps", "v1", "StatefulSet", "statefulsets"],
    ["apps", "v1", "DaemonSet", "daemonsets"],
    ["batch", "v1", "CronJob", "cronjobs"],
];
/// Number of namespaces whose Jobs are read one by one; of more, in one list of the whole cluster.
const FEW: usize = 5;
/// Failed runs whose tasks are asked for in one list, and the most of such lists.
const RUNS_OF_A_LIST: usize = 50;
const LISTS_OF_RUNS: usize = 4;

/// The environments of one cluster.
struct Cluster<'a> {
    target: Target,
    environments: Vec<&'a Prepared>,
    /// What is asked about.
    wanted: Vec<Wanted>,
    /// All apps of these environments.
    neighbours: Vec<Wanted>,
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
        moves: Vec::new(),
        unknown_moves: Vec::new(),
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
        let neighbours = want::wanted(&[*prepared], None);
        if let Some(cluster) = all.iter_mut().find(|one| one.target.context == target.context) {
            cluster.environments.push(prepared);
            cluster.wanted.extend(own);
            cluster.neighbours.extend(neighbours);
        } else {
            let (environments, wanted) = (vec![*prepared], own.collect());
            all.push(Cluster { target, environments, wanted, neighbours });
        }
    }
    all
}

/// The objects, and which kinds could not be read where.
fn seen(looked: &Looked) -> Seen<'_> {
    let all = [KUSTOMIZATIONS, RUNS, TASKS, PODS, REPLICASETS, EVENTS, JOBS];
    looked.unread.iter().fold(Seen::new(&looked.objects), |seen, one| {
        let found = all.iter().chain(&WORKLOADS).find(|[.., plural]| *plural == one.plural);
        match found {
            Some([_, _, kind, _]) => seen.without(kind, one.namespace.as_deref()),
            None => seen,
        }
    })
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
    let seen = seen(looked);
    report.cells.extend(cells(&cluster.wanted, &seen, now));
    if report.is_page {
        for wanted in &cluster.wanted {
            let apps = cluster.environments.iter().flat_map(|prepared| &prepared.apps);
            let mut app =
                apps.filter(|app| app.name == wanted.app && app.environment == wanted.environment);
            let stages = app.next().map(stages).unwrap_or_default();
            report.pages.push(page(wanted, &stages, &cluster.neighbours, &seen, now));
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
            plural: TASKS[3].to_owned(),
            namespace: None,
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
    let namespaces = |is_it: &dyn Fn(&Wanted) -> bool, of: fn(&Wanted) -> &String| {
        let all: BTreeSet<&String> =
            cluster.wanted.iter().filter(|one| is_it(one)).map(of).collect();
        all.into_iter().cloned().collect::<Vec<_>>()
    };
    let with = |kinds: &[&str]| namespaces(&|one| one.has_kind(kinds), |one| &one.namespace);
    let mut all = Vec::new();
    let mut add = |kind: Listed, selector: &str, places: Vec<String>| {
        if !places.is_empty() {
            all.push(listed(kind, None, selector, &places));
        }
    };
    let pipelines = namespaces(&|one| one.has_pipeline, |one| &one.pipeline_namespace);
    add(RUNS, &selector, pipelines.clone());
    for kind in WORKLOADS {
        add(kind, &selector, with(&[kind[2]]));
    }
    let jobs = with(&["CronJob", "Job"]);
    // What a CronJob makes does not have its labels.
    let are_labelled = with(&["CronJob"]).is_empty();
    let is_each = !are_labelled && jobs.len() <= FEW;
    if !is_each {
        add(JOBS, if are_labelled { &selector } else { "" }, jobs.clone());
    }
    let apps = namespaces(&|one| !one.programs.is_empty(), |one| &one.namespace);
    add(PODS, &selector, apps.clone());
    if is_page {
        add(REPLICASETS, &selector, with(&["Deployment"]));
    }
    let alone = |kind: Listed, namespace: String, selector: &str| {
        listed(kind, Some(namespace), selector, &[])
    };
    if is_each {
        all.extend(jobs.into_iter().map(|one| alone(JOBS, one, "")));
    }
    let flux = namespaces(&|_| true, |one| &one.flux_namespace);
    all.extend(flux.iter().map(|one| alone(KUSTOMIZATIONS, one.clone(), &of_environments)));
    if is_page {
        // Events have no labels, and those of a whole cluster are many.
        let places: BTreeSet<String> = apps.into_iter().chain(pipelines).chain(flux).collect();
        all.extend(places.into_iter().map(|one| alone(EVENTS, one, "")));
    }
    all
}

/// The tasks of the newest runs that failed or go on, and how many runs are left out.
fn tasks(cluster: &Cluster<'_>, looked: &Looked, is_page: bool) -> (Vec<Survey>, usize) {
    let seen = Seen::new(&looked.objects);
    let now = jiff::Timestamp::now();
    let newest = cells(&cluster.wanted, &seen, now);
    let newest = newest.iter().zip(&cluster.wanted).filter_map(|(cell, wanted)| {
        let is_open = |state| matches!(state, RunState::Failed | RunState::Running);
        let run = cell.runs.first().filter(|run| is_page || is_open(run.state));
        // A value of a label is no longer.
        Some((run.filter(|run| run.name.len() <= 63)?.name.clone(), &wanted.pipeline_namespace))
    });
    let (names, namespaces): (Vec<String>, BTreeSet<&String>) = newest.unzip();
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
