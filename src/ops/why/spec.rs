//! Where the cause of a failure is in the spec, and what to change there.

use crate::diagnose::{Cure, Denied, Diagnosis, Report, Unseen};
use crate::diagnostics::{Sources, Span};
use crate::model::App;
use crate::ops::Context;

/// Where an account comes from.
enum From {
    /// A key names it, instead of the one that gen derives.
    Named(Span),
    /// gen makes it for a task or for the app's pods, and this is where its rights are written.
    Made(Span, String),
}

/// Adds the change of the spec to what was refused to accounts of its apps.
pub(super) fn trace(context: &mut Context<'_>, report: &mut Report) {
    if report.diagnoses.iter().all(|one| one.denied.is_empty()) {
        return;
    }
    let Ok((fleet, _)) = context.fleet() else {
        report.unseen.push(Unseen {
            what: "the change of the spec".to_owned(),
            why: "the spec has errors; `gen render` lists them".to_owned(),
            right: String::new(),
        });
        return;
    };
    let sources = &*context.sources;
    for diagnosis in &mut report.diagnoses {
        let Some(denied) = diagnosis.denied.first().cloned() else { continue };
        let apps = fleet.environments.iter().flat_map(|prepared| &prepared.apps);
        let mut seen: Vec<Span> = Vec::new();
        for from in apps.filter_map(|app| origin(app, &denied)) {
            let (From::Named(span) | From::Made(span, _)) = &from;
            // One line of gen.yaml is read for every environment.
            if span.is_built_in() || seen.contains(span) {
                continue;
            }
            seen.push(*span);
            let place = place(sources, *span);
            diagnosis.places.push(format!("{}:{}", place.0, place.1));
            if let Some(cure) = cure(&from, sources, diagnosis) {
                // The change of the spec is better than a Role that nobody keeps.
                diagnosis.cures.insert(1.min(diagnosis.cures.len()), cure);
            }
        }
    }
}

/// How an app comes to an account.
fn origin(app: &App, denied: &Denied) -> Option<From> {
    if let Some(pipeline) = app.pipeline.as_ref().filter(|_| app.pipeline_namespace == denied.home)
    {
        for task in pipeline.all() {
            if task.service_account.as_ref() == Some(&denied.account) {
                return Some(From::Named(task.service_account_span));
            }
        }
        if pipeline.service_account.as_ref() == Some(&denied.account) {
            return Some(From::Named(pipeline.service_account_span));
        }
        if let Some(task) = pipeline.all().find(|task| task.object == denied.account) {
            return Some(From::Made(task.span, format!("the task `{}`", task.name)));
        }
    }
    let is_of_pods = app.namespace == denied.home && app.account == denied.account;
    is_of_pods.then(|| From::Made(app.span, format!("the app `{}`", app.name)))
}

fn cure(from: &From, sources: &Sources, diagnosis: &Diagnosis) -> Option<Cure> {
    match from {
        From::Named(span) => {
            let (file, line) = place(sources, *span);
            let text = sources.line(span.file, span.start.line)?;
            // A key among others in one line is not taken out by a line.
            text.trim_start().starts_with("serviceAccount:").then_some(())?;
            let diff = format!("--- {file}\n+++ {file}\n@@ -{line},1 +{line},0 @@\n-{text}\n");
            let title =
                "without this line, gen makes an account with just the rights that the tasks need"
                    .to_owned();
            Some(Cure::Change { file, line, title, diff })
        }
        From::Made(_, whose) => {
            let yaml = permissions(&diagnosis.denied);
            let title = format!("for {whose} in the spec");
            (!yaml.is_empty()).then_some(Cure::Objects { title, yaml })
        }
    }
}

/// The rules as the spec takes them.
fn permissions(denied: &[Denied]) -> String {
    let mut out = String::from("permissions:\n");
    for one in denied {
        // Rights in the whole cluster need a reason, which only a person has.
        if one.namespace.is_none() {
            continue;
        }
        let names =
            one.name.as_ref().map(|name| format!(", resourceNames: [{name}]")).unwrap_or_default();
        let group = if one.group.is_empty() {
            String::new()
        } else {
            format!("apiGroups: [{}], ", one.group)
        };
        let line =
            format!("- {{{group}resources: [{}]{names}, verbs: [{}]}}\n", one.resource, one.verb);
        out.push_str(&line);
    }
    if out.lines().count() > 1 { out } else { String::new() }
}

fn place(sources: &Sources, span: Span) -> (String, usize) {
    (sources.file(span.file).path.to_string(), span.start.line as usize)
}
