//! Asks a cluster: what is around an app or an object, in few lists, and the logs of what failed.

use std::time::Duration;

use super::WhyReport;
use super::spec;
use crate::cluster::{Connection, Listing, LogOf, Options, Target, logs, look};
use crate::diagnose::{Origin, Snapshot, Subject, Unseen, diagnose, line, wanted_logs};
use crate::diagnostics::{Diagnostic, Diagnostics, WhyError};
use crate::ops::Context;
use crate::ops::selection::app_in;

/// What is asked of a cluster.
#[derive(Debug)]
pub struct WhyOptions<'a> {
    /// An app; none for everything.
    pub app: Option<&'a str>,
    /// The environment.
    pub environment: Option<&'a str>,
    /// A certain run; the newest if none.
    pub run: Option<&'a str>,
    /// Lines of each log.
    pub lines: usize,
    /// How the cluster is reached.
    pub target: &'a Target,
}

/// Kinds with group, version and plural, by what they are part of.
const TEKTON: [[&str; 4]; 4] = [
    ["tekton.dev", "v1", "PipelineRun", "pipelineruns"],
    ["tekton.dev", "v1", "TaskRun", "taskruns"],
    ["resolution.tekton.dev", "v1beta1", "ResolutionRequest", "resolutionrequests"],
    ["triggers.tekton.dev", "v1beta1", "EventListener", "eventlisteners"],
];
const FLUX: [[&str; 4]; 4] = [
    ["kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations"],
    ["source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories"],
    ["source.toolkit.fluxcd.io", "v1", "OCIRepository", "ocirepositories"],
    ["helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases"],
];
const IMAGES: [[&str; 4]; 3] = [
    ["image.toolkit.fluxcd.io", "v1", "ImageRepository", "imagerepositories"],
    ["image.toolkit.fluxcd.io", "v1", "ImagePolicy", "imagepolicies"],
    ["image.toolkit.fluxcd.io", "v1", "ImageUpdateAutomation", "imageupdateautomations"],
];
const WORKLOADS: [[&str; 4]; 7] = [
    ["apps", "v1", "Deployment", "deployments"],
    ["apps", "v1", "ReplicaSet", "replicasets"],
    ["apps", "v1", "StatefulSet", "statefulsets"],
    ["batch", "v1", "Job", "jobs"],
    ["", "v1", "Service", "services"],
    ["networking.k8s.io", "v1", "Ingress", "ingresses"],
    ["autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"],
];
const PODS: [[&str; 4]; 3] = [
    ["", "v1", "Pod", "pods"],
    ["", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"],
    ["", "v1", "Event", "events"],
];

/// What is read, and what of it is asked about.
struct Plan {
    lists: Vec<Listing>,
    target: Target,
    subject: Option<Subject>,
    /// Label and value of the objects that are asked about.
    only: Option<(String, String)>,
    /// The app's place in the spec.
    place: Option<String>,
}

/// Asks why an object fails: `KIND/NAMESPACE/NAME`. With a spec, also for the change of it that mends the failure.
///
/// # Errors
/// Not the name of an object; a cluster that cannot be reached.
pub fn why_object(
    context: Option<Context<'_>>,
    object: &str,
    options: &WhyOptions<'_>,
) -> Result<WhyReport, Diagnostics> {
    asked(context, of_object(object, options)?, options)
}

/// Asks why an app fails, or anything of an environment.
///
/// # Errors
/// Errors in the spec; an unknown app or environment; a cluster that cannot be reached.
pub fn why(mut context: Context<'_>, options: &WhyOptions<'_>) -> Result<WhyReport, Diagnostics> {
    let plan = of_spec(&mut context, options)?;
    asked(Some(context), plan, options)
}

fn asked(
    context: Option<Context<'_>>,
    plan: Plan,
    options: &WhyOptions<'_>,
) -> Result<WhyReport, Diagnostics> {
    let connection = Connection::open(&plan.target)?;
    let limits = Options {
        read_only: true,
        deadline: Duration::from_secs(30),
        request_timeout: Duration::from_secs(10),
        ..Options::default()
    };
    let looked = look(&connection, &plan.lists, &limits)?;
    let now = Some(jiff::Timestamp::now());
    let mut snapshot = Snapshot { now, only: plan.only, ..Snapshot::default() };
    for object in looked.objects {
        snapshot.add(object);
    }
    let (wanted, gone) = wanted_logs(&snapshot, plan.subject.as_ref());
    let wanted: Vec<LogOf> = wanted
        .into_iter()
        .map(|(origin, is_previous)| LogOf {
            namespace: origin.namespace,
            pod: origin.pod,
            container: origin.container,
            is_previous,
            lines: options.lines,
        })
        .collect();
    let (texts, unread) = logs(&connection, &wanted, &limits);
    for (log, text) in wanted.iter().zip(texts) {
        for text in text.unwrap_or_default().lines() {
            let origin = Origin {
                namespace: log.namespace.clone(),
                pod: log.pod.clone(),
                container: log.container.clone(),
                ..Origin::default()
            };
            snapshot.add_line(origin, line(text));
        }
    }
    let unseen = looked.unread.into_iter().chain(unread);
    snapshot.unseen.extend(unseen.map(|one| Unseen {
        what: one.what,
        why: one.why,
        right: one.right,
    }));
    snapshot.unseen.extend(gone);
    let mut report = diagnose(&snapshot, plan.subject.as_ref());
    let suggestions = context
        .map(|mut context| spec::trace(&mut context, &snapshot, options.environment, &mut report))
        .unwrap_or_default();
    for diagnosis in report.diagnoses.iter_mut().filter(|one| one.places.is_empty()) {
        diagnosis.places.extend(plan.place.clone());
    }
    let (requests, errors) = (looked.requests + wanted.len(), Diagnostics::default());
    Ok(WhyReport { report, requests, suggestions, fix: None, errors })
}

fn of_object(object: &str, options: &WhyOptions<'_>) -> Result<Plan, Diagnostics> {
    let Some(subject) = Subject::parse(object).filter(|subject| subject.namespace.is_some()) else {
        let kinds: Vec<&str> = Subject::kinds().collect();
        let hint = format!("write KIND/NAMESPACE/NAME; kinds: {}", kinds.join(", "));
        let text = object.to_owned();
        return Err(Diagnostic::error(WhyError::UnknownObject { text, hint }).into());
    };
    Ok(Plan {
        lists: around(&subject),
        target: options.target.clone(),
        subject: Some(subject),
        only: None,
        place: None,
    })
}

fn of_spec(context: &mut Context<'_>, options: &WhyOptions<'_>) -> Result<Plan, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let environment = match (options.environment, fleet.environments.as_slice()) {
        (Some(name), _) => name.to_owned(),
        (None, [one]) => one.environment.name.clone(),
        (None, all) => {
            let known: Vec<&str> = all.iter().map(|one| one.environment.name.as_str()).collect();
            let known = known.join(", ");
            return Err(Diagnostic::error(WhyError::WhichEnvironment { known }).into());
        }
    };
    let Some(name) = options.app else {
        let prepared = fleet.select_environments(std::slice::from_ref(&environment))?[0];
        let target = options.target.or(prepared.environment.context.as_ref());
        let all = TEKTON.iter().chain(&FLUX).chain(&IMAGES).chain(&WORKLOADS).chain(&PODS);
        let lists = all.map(|kind| listing(*kind, None, "")).collect();
        let only = Some(("gitops-gen.dev/environment".to_owned(), environment));
        return Ok(Plan { lists, target, subject: None, only, place: None });
    };
    let (prepared, app) = app_in(&fleet, name, &environment)?;
    let mut lists: Vec<Listing> = Vec::new();
    let mut add = |kinds: &[[&str; 4]], namespace: &str| {
        for kind in kinds {
            let one = listing(*kind, Some(namespace), "");
            if !lists.contains(&one) {
                lists.push(one);
            }
        }
    };
    if app.pipeline.is_some() {
        add(&TEKTON, &app.pipeline_namespace);
        add(&PODS, &app.pipeline_namespace);
    }
    add(&WORKLOADS, &app.namespace);
    add(&PODS, &app.namespace);
    let flux = &prepared.environment.flux.namespace;
    add(&FLUX, flux);
    add(&IMAGES, flux);
    add(&PODS[2..], flux);
    let subject = options.run.map(|run| Subject {
        kind: "PipelineRun".to_owned(),
        namespace: Some(app.pipeline_namespace.clone()),
        name: run.to_owned(),
    });
    let place = (!app.span.is_built_in()).then(|| {
        let file = context.sources.file(app.span.file);
        format!("{}:{}", file.path, app.span.start.line)
    });
    Ok(Plan {
        lists,
        target: options.target.or(prepared.environment.context.as_ref()),
        subject,
        only: Some(("app.kubernetes.io/instance".to_owned(), app.instance.clone())),
        place,
    })
}

/// The lists around an object.
fn around(subject: &Subject) -> Vec<Listing> {
    let namespace = subject.namespace.as_deref();
    let kinds = |tables: &[&[[&str; 4]]]| {
        let all = tables.iter().flat_map(|table| table.iter());
        all.map(|kind| listing(*kind, namespace, "")).collect()
    };
    match subject.kind.as_str() {
        "PipelineRun" | "TaskRun" | "CustomRun" | "ResolutionRequest" | "EventListener" => {
            kinds(&[&TEKTON, &PODS, &WORKLOADS[..2]])
        }
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "CronJob"
        | "Pod"
        | "PersistentVolumeClaim"
        | "Service"
        | "Ingress"
        | "Gateway"
        | "HorizontalPodAutoscaler" => kinds(&[&WORKLOADS, &PODS]),
        _ => kinds(&[&FLUX, &IMAGES, &PODS[2..]]),
    }
}

fn listing(
    [group, version, kind, plural]: [&str; 4],
    namespace: Option<&str>,
    selector: &str,
) -> Listing {
    Listing {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespace: namespace.map(str::to_owned),
        selector: selector.to_owned(),
    }
}
