//! The objects of one app in one environment: which templates are rendered, in which order, and what is done to all that comes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::Value as Context_;

use super::access::{self, Needs};
use super::context::Context;
use super::facts::Facts;
use super::files::{File, Placed};
use super::finish;
use super::plan::{NamespacePlan, has_app};
use super::retired::{APPLY, Before, RETIRED, retired};
use super::run::{self, Accounts};
use super::steps::Maker;
use super::unit::Unit;
use super::{extra, pipeline, workload};
use crate::diagnostics::{Diagnostic, Diagnostics, Span, SpecError, TemplateError};
use crate::environment::{Api, Outside, Run};
use crate::kubernetes::Object;
use crate::model::{App, Pipeline, Task, TaskKind, When};
use crate::permissions::Namespaces;
use crate::permissions::Rule;
use crate::template::Engine;
use crate::yaml::Value;

/// What a unit is made to.
pub(super) struct Made {
    pub(super) placed: Vec<Placed>,
    /// Raw manifests that are passed through as they are: path and text.
    pub(super) raw: Vec<(String, String)>,
    pub(super) facts: Facts,
    pub(super) warnings: Diagnostics,
}

/// Makes the objects of a unit.
pub(super) fn make(
    unit: Unit<'_>,
    app: &App,
    manifests: &[(String, Arc<str>)],
    before: &Before,
) -> Result<Made, Diagnostics> {
    let processes: Vec<App> = app.processes.iter().map(|process| app.as_process(process)).collect();
    let mut work = Work::new(unit, app, &processes);
    let needs = work.pipeline()?;
    work.workload()?;
    work.run(&needs)?;
    work.rules()?;
    work.accounts(&needs)?;
    let extra = extra::extra(app, unit.definitions, unit.plan, manifests)?;
    let first = work.placed.len();
    work.placed.extend(extra.placed);
    work.note(first, &Maker::Manifest(app.extra_span));
    work.facts.made.extend(extra.made);
    work.encrypted = extra.encrypted;
    work.patch(0)?;
    work.refuse_dangling()?;
    work.leave_out();
    finish::hash_files(&mut work.placed);
    work.finish(0);
    work.leave_out_manual_jobs();
    work.wrap_manifest()?;
    finish::name_jobs(&mut work.placed);
    work.note(0, &Maker::Gen);
    work.apply(before)?;
    work.refuse_twice()?;
    work.refuse_unused_metadata()?;
    work.refuse_what_fails()?;
    work.count();
    Ok(Made { placed: work.placed, raw: extra.raw, facts: work.facts, warnings: work.warnings })
}

/// The Job of a process, to be created by hand; nothing if the process is no job.
pub(super) fn job(unit: Unit<'_>, app: &App, process: &str) -> Result<Option<Object>, Diagnostics> {
    let Some(index) = app.processes.iter().position(|one| one.name == process) else {
        return Ok(None);
    };
    let processes: Vec<App> = app.processes.iter().map(|process| app.as_process(process)).collect();
    let mut work = Work::new(unit, app, &processes);
    work.objects_of(index + 1)?;
    work.patch(0)?;
    finish::hash_files(&mut work.placed);
    work.finish(0);
    let job = work.placed.into_iter().find(|placed| placed.object.kind() == "Job");
    Ok(job.map(|mut placed| {
        let name = format!("{}-", placed.object.name());
        let metadata = placed.object.metadata_mut();
        metadata.remove("name");
        metadata.insert("generateName", name);
        placed.object.order_keys();
        placed.object
    }))
}

/// What the tasks of a pipeline need of the API.
pub(super) fn needs(
    engine: &Engine,
    context: &Context,
    pipeline: &Pipeline,
    namespace: &str,
) -> Result<Needs, Diagnostics> {
    let outside = Outside::default();
    pipeline
        .all()
        .map(|task| {
            let rendered = pipeline::task(engine, context, task, namespace, &outside)?;
            let permissions = rendered.permissions;
            Ok(need(task, permissions))
        })
        .collect()
}

/// What a task needs of the accounts that gen makes: nothing where it has one of the spec.
fn need(task: &Task, permissions: Vec<Rule>) -> (String, String, Vec<Rule>) {
    let rules = if task.service_account.is_some() { Vec::new() } else { permissions };
    (task.name.clone(), task.object.clone(), rules)
}

/// What is known of a unit while it is made.
pub(super) struct Work<'a> {
    pub(super) unit: Unit<'a>,
    pub(super) app: &'a App,
    pub(super) processes: &'a [App],
    pub(super) own: Vec<&'a NamespacePlan>,
    pub(super) context: Context,
    pub(super) placed: Vec<Placed>,
    pub(super) facts: Facts,
    pub(super) warnings: Diagnostics,
    /// The kinds of all objects, also of those that are left out.
    pub(super) kinds: BTreeSet<String>,
    /// Objects that a patch changed, and the last one that did.
    pub(super) changed: BTreeMap<usize, Span>,
    /// API group and plural of what Flux decrypts and applies.
    pub(super) encrypted: BTreeSet<(String, String)>,
}

impl<'a> Work<'a> {
    fn new(unit: Unit<'a>, app: &'a App, processes: &'a [App]) -> Self {
        let patched = vec![false; unit.patches.iter().len()];
        Self {
            unit,
            app,
            processes,
            own: unit.plan.own(app),
            context: Context::of_app(unit.shared, app),
            placed: Vec::new(),
            facts: Facts { patched, ..Facts::default() },
            warnings: Diagnostics::default(),
            kinds: BTreeSet::new(),
            changed: BTreeMap::new(),
            encrypted: BTreeSet::new(),
        }
    }

    /// A program of the app, as its templates see it.
    pub(super) fn program(&self, index: usize) -> &'a App {
        index.checked_sub(1).map_or(self.app, |process| &self.processes[process])
    }

    /// Labels and annotations for all from `first` on.
    pub(super) fn mark(&mut self, first: usize) {
        self.each(first, finish::mark);
    }

    /// The same for what no patch takes away.
    pub(super) fn finish(&mut self, first: usize) {
        self.each(first, finish::finish);
        self.note(first, &Maker::Gen);
    }

    /// Notes a step of all from `first` on, where the steps are asked for.
    pub(super) fn note(&mut self, first: usize, maker: &Maker) {
        if self.unit.traced {
            self.placed[first..].iter_mut().for_each(|placed| placed.note(maker.clone()));
        }
    }

    fn each(&mut self, first: usize, what: fn(&App, &mut Placed)) {
        let mut placed = std::mem::take(&mut self.placed);
        for one in &mut placed[first..] {
            what(self.program(one.program), one);
        }
        self.placed = placed;
    }

    pub(super) fn place(
        &mut self,
        file: File,
        template: &str,
        context: &Context_,
        documents: Vec<Value>,
    ) -> Result<(), Diagnostics> {
        let first = self.placed.len();
        for document in documents {
            let object = Object::new(document).map_err(|problem| {
                Diagnostic::error(TemplateError::NotAnObject { problem })
                    .in_file(format!("templates/{template}"))
            })?;
            self.placed.push(Placed::new(file, object));
        }
        if self.unit.traced {
            let traces = self.unit.engine.trace(template, context);
            for (placed, trace) in self.placed[first..].iter_mut().zip(traces) {
                placed.note(Maker::Template(template.to_owned(), trace));
            }
        }
        Ok(())
    }

    fn render(&mut self, file: File, template: &str) -> Result<(), Diagnostics> {
        self.render_with(file, template, &self.context.value())
    }

    pub(super) fn render_with(
        &mut self,
        file: File,
        template: &str,
        context: &Context_,
    ) -> Result<(), Diagnostics> {
        let documents = self.unit.engine.render(template, context)?;
        self.place(file, template, context, documents)
    }

    fn pipeline(&mut self) -> Result<Needs, Diagnostics> {
        let Some(pipeline) = &self.app.pipeline else {
            return Ok(Vec::new());
        };
        let mut needs = Vec::new();
        for task in pipeline.all() {
            let rendered = pipeline::task(
                self.unit.engine,
                &self.context,
                task,
                &self.app.pipeline_namespace,
                &self.unit.environment.outside,
            )?;
            let given = match &task.service_account {
                Some(account) => Some((account, task.service_account_span)),
                None => pipeline
                    .service_account
                    .as_ref()
                    .map(|account| (account, pipeline.service_account_span)),
            };
            if let Some((account, span)) = given.filter(|_| !rendered.permissions.is_empty()) {
                let missing =
                    rendered.permissions.iter().map(Rule::describe).collect::<Vec<_>>().join("; ");
                let warning = SpecError::MissingPermissions {
                    account: account.clone(),
                    task: task.name.clone(),
                    missing,
                };
                self.warnings.push(Diagnostic::warning(warning).at(span));
            }
            needs.push(need(task, rendered.permissions));
            let file = File::Pipeline;
            let objects = rendered.actions.into_iter().chain(rendered.task);
            let first = self.placed.len();
            self.placed.extend(objects.map(|object| Placed::new(file, object)));
            self.trace_task(task, first);
        }
        let seen = Context_::from(pipeline::pipeline(pipeline)?);
        let context = self.context.with("pipeline", seen).value();
        self.render_with(File::Pipeline, "pipeline/pipeline.yaml", &context)?;
        if pipeline.needs_source && pipeline.workspace.shared {
            self.render_with(File::Pipeline, "pipeline/claim.yaml", &context)?;
        }
        Ok(needs)
    }

    /// Notes how the objects of a task were made: its StepActions, then its Task.
    fn trace_task(&mut self, task: &Task, first: usize) {
        if !self.unit.traced {
            return;
        }
        self.note(first, &Maker::Manifest(task.span));
        let TaskKind::Template(template) = &task.kind else { return };
        let context = pipeline::context(&self.context, task).value();
        // The first document declares the task.
        let trace = self.unit.engine.trace(template, &context).into_iter().nth(1);
        if let (Some(placed), Some(trace)) = (self.placed[first..].last_mut(), trace) {
            placed.steps.clear();
            placed.note(Maker::Template(template.clone(), trace));
        }
    }

    fn workload(&mut self) -> Result<(), Diagnostics> {
        if self.app.helm.is_some() {
            return self.render(File::Workload, "workload/helm.yaml");
        }
        for index in 0..=self.processes.len() {
            self.objects_of(index)?;
        }
        Ok(())
    }

    /// The objects of one program.
    fn objects_of(&mut self, index: usize) -> Result<(), Diagnostics> {
        let program = self.program(index);
        let Some(template) = workload::main_template(program) else {
            return Ok(());
        };
        let file = workload::file(program);
        let first = self.placed.len();
        let own = (index > 0).then(|| Context::of_app(self.unit.shared, program).value());
        let context = own.unwrap_or_else(|| self.context.value());
        self.render_with(file, template, &context)?;
        for template in workload::other_templates(program) {
            self.render_with(file, template, &context)?;
        }
        if program.network.metrics.is_some() && self.has_workload() {
            if self.unit.environment.has(Api::Prometheus) {
                self.render_with(File::Monitoring, "monitor/servicemonitor.yaml", &context)?;
            } else {
                let why = "`apis` does not include `prometheus`".to_owned();
                let what =
                    format!("{}: the ServiceMonitor of `{}`", program.environment, program.name);
                self.warnings
                    .push(Diagnostic::warning(SpecError::Unmet { what, why }).at(program.span));
            }
        }
        for placed in &mut self.placed[first..] {
            placed.program = index;
        }
        Ok(())
    }

    /// What Prometheus records and tells; where Flux applies nothing of the app, there is nothing to watch.
    fn rules(&mut self) -> Result<(), Diagnostics> {
        if !self.unit.environment.has(Api::Prometheus) || !has_app(self.app) {
            return Ok(());
        }
        let running = self.has_workload();
        let watched = Context_::from(Value::from([("running", running.into())]));
        let context = self.context.with("watched", watched).value();
        self.render_with(File::Monitoring, "monitor/rules.yaml", &context)
    }

    pub(super) fn has_workload(&self) -> bool {
        self.app.flux_runs_workload() || self.app.task_runs_workload()
    }

    /// A workload without an image is left out only now: a patch for it is no patch for nothing, and an error in it shows before the
    /// first image is there.
    fn leave_out(&mut self) {
        let app = self.app;
        if self.has_workload() || !app.has_program() {
            return;
        }
        self.placed.retain(|placed| !placed.file.is_workload());
        let why = format!("no image is pinned in environments/{}.pins.yaml", app.environment);
        let what = format!("{}: the workload of `{}`", app.environment, app.name);
        self.warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.span));
    }

    /// A job that only somebody starts was made to see which patches are meant for it, and whether they fit.
    fn leave_out_manual_jobs(&mut self) {
        let processes = self.processes;
        self.placed.retain(|placed| {
            let process = placed.program.checked_sub(1).map(|index| &processes[index]);
            let job = process.and_then(|process| process.workload.job.as_ref());
            let is_manual = job.is_some_and(|job| job.when == When::Manual);
            !(is_manual && placed.file.is_workload() && placed.object.kind() == "Job")
        });
    }

    fn run(&mut self, needs: &Needs) -> Result<(), Diagnostics> {
        let app = self.app;
        let Some(pipeline) = &app.pipeline else {
            return Ok(());
        };
        let accounts = Accounts::new(app, pipeline, needs);
        if app.trigger.is_none()
            && self
                .unit
                .patches
                .iter()
                .any(|patch| patch.is_for(Some(&app.name)) && patch.target.allows_kind(run::KIND))
        {
            // That of `gen run`: made only to see which patches are meant for it, and whether they fit.
            self.unnamed_run(&[], &accounts)?;
        }
        if app.trigger.is_some() {
            let params: Vec<(String, Value)> = pipeline
                .params
                .iter()
                .filter(|param| param.built_in)
                .map(|param| {
                    let value = format!("$(tt.params.{})", param.name);
                    (param.name.clone(), value.into())
                })
                .collect();
            let run = self.unnamed_run(&params, &accounts)?;
            let context = self.context.with("run", Context_::from(run)).value();
            self.render_with(File::Trigger, "trigger/listener.yaml", &context)?;
            self.render(File::Accounts, "trigger/account.yaml")?;
            let own = app.trigger.as_ref().filter(|trigger| trigger.listener.is_none());
            if own.is_some_and(|trigger| trigger.host.is_some()) {
                self.render(File::Trigger, "trigger/ingress.yaml")?;
            }
        }
        if app.run == Run::Commit {
            let Some(name) = run::committed_name(app) else {
                let why = "it verifies an image, but none is pinned".to_owned();
                let what = format!("{}: the run of `{}`", app.environment, app.name);
                self.warnings
                    .push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.span));
                return Ok(());
            };
            let revision = app.source.revision.as_ref().unwrap_or(&app.source.branch).clone();
            let params = if pipeline.builds {
                vec![("revision".to_owned(), revision.into())]
            } else {
                Vec::new()
            };
            let context = run::context(&self.context, app, Some(&name), &params, &accounts);
            if let Some(context) = context {
                self.render_with(File::Run, run::TEMPLATE, &context)?;
            }
        }
        Ok(())
    }

    /// A run to be created by the API server.
    fn unnamed_run(
        &mut self,
        params: &[(String, Value)],
        accounts: &Accounts,
    ) -> Result<Value, Diagnostics> {
        let Unit { engine, patches, .. } = self.unit;
        let documents = run::run(engine, &self.context, self.app, None, params, accounts)?;
        if !patches.is_empty() {
            let name = format!("{}*", run::generated_name(self.app));
            self.facts.names.push((run::KIND.to_owned(), name));
        }
        let met = &mut self.facts.patched;
        run::unnamed(self.app, documents, patches, &mut |place| met[place] = true)
    }

    fn accounts(&mut self, needs: &Needs) -> Result<(), Diagnostics> {
        let flux = &self.unit.environment.flux.namespace;
        let namespaces =
            Namespaces { app: &self.app.namespace, pipeline: &self.app.pipeline_namespace, flux };
        for (_, task, rules) in needs {
            let placed =
                rules.iter().map(|rule| (namespaces.name(rule.place).to_owned(), rule.clone()));
            self.facts.declared.push((task.clone(), placed.collect()));
        }
        if let Some(access) = access::accounts(flux, self.app, needs) {
            let context = self.context.with("access", Context_::from(access)).value();
            self.render_with(File::Accounts, "access/accounts.yaml", &context)?;
        }
        if !self.own.is_empty() {
            let namespaces = self.own.iter().map(|own| access::planned(own));
            let namespaces = namespaces.collect();
            let access = Value::from([("namespaces", Value::Seq(namespaces))]);
            let context = self.context.with("access", Context_::from(access)).value();
            self.render_with(File::Accounts, "access/defaults.yaml", &context)?;
        }
        Ok(())
    }

    /// The apply account comes last: its rights are the kinds of everything else, and what it needs to prune.
    fn apply(&mut self, before: &Before) -> Result<(), Diagnostics> {
        let first = self.placed.len();
        let plurals = self.plurals()?;
        let had: Vec<Object> = before.objects().collect();
        let had = had.iter().filter(|object| object.name() == self.app.namespace);
        let released = self.unit.plan.released(had);
        let access = Context_::from(access::apply(self.app, &self.own, &released, &plurals));
        let context = self.context.with("access", access).value();
        self.render_with(File::Apply, APPLY, &context)?;
        let flux = &self.unit.environment.flux.namespace;
        let now = self.placed[first..].iter().map(|placed| &placed.object);
        if let Some(access) = retired(self.app, self.unit.plan, flux, before, now) {
            self.facts.retires = Some(self.app.name.clone());
            let context = self.context.with("access", Context_::from(access)).value();
            self.render_with(File::Retired, RETIRED, &context)?;
        }
        self.patch(first)?;
        self.finish(first);
        Ok(())
    }

    /// Namespace, API group and plural of everything that the app's account applies.
    fn plurals(&self) -> Result<Vec<(&str, &str, &str)>, Diagnostics> {
        let encrypted = self.encrypted.iter();
        let namespace = self.app.namespace.as_str();
        let mut plurals: Vec<(&str, &str, &str)> =
            encrypted.map(|(group, plural)| (namespace, group.as_str(), plural.as_str())).collect();
        for Placed { object, .. } in self.placed.iter().filter(|one| one.file.is_applied_by_app()) {
            let bad = |problem: String| {
                let object = format!("{} `{}`", object.kind(), object.name());
                Diagnostic::error(SpecError::BadObject { object, problem }).at(self.app.span)
            };
            let known = extra::known(self.unit.definitions, object).map_err(bad)?;
            if !known.is_namespaced {
                return Err(bad(extra::cluster_scoped(object.kind())).into());
            }
            if let Some(namespace) = object.namespace() {
                plurals.push((namespace, object.group(), known.plural));
            }
        }
        Ok(plurals)
    }

    fn count(&mut self) {
        let placed = std::mem::take(&mut self.placed);
        for one in &placed {
            self.facts.count(&one.object);
            if !self.unit.patches.is_empty() {
                let name = finish::name_without_hash(one).to_owned();
                self.facts.names.push((one.object.kind().to_owned(), name));
            }
        }
        self.placed = placed;
    }
}
