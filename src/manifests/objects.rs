//! The objects of one app in one environment: which templates are rendered, in which order, and what is done to all that comes of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use minijinja::Value as Context_;

use super::access::{self, Needs};
use super::context::{Context, manifest_name};
use super::facts::Facts;
use super::files::{File, Placed};
use super::finish;
use super::patched::misfits;
use super::plan::{NamespacePlan, has_app};
use super::retired::{APPLY, Before, RETIRED, retired};
use super::run::{self, Accounts};
use super::unit::Unit;
use super::{extra, pipeline, workload};
use crate::diagnostics::{Diagnostic, Diagnostics, Span, SpecError, TemplateError};
use crate::environment::{Api, Run};
use crate::kubernetes::Object;
use crate::kubernetes::definitions::Misfit;
use crate::kubernetes::references::{dangling, missed_ports};
use crate::model::{App, Metadata, Pipeline, Task, When};
use crate::permissions::Rule;
use crate::spec::{hint, listed};
use crate::template::Engine;
use crate::yaml::{Map, Value, emit_document};

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
    work.placed.extend(extra.placed);
    work.facts.made.extend(extra.made);
    work.patch(0)?;
    work.refuse_dangling()?;
    work.leave_out();
    finish::hash_files(&mut work.placed);
    work.finish(0);
    work.leave_out_manual_jobs();
    work.wrap_manifest()?;
    finish::name_jobs(&mut work.placed);
    work.apply(before)?;
    work.refuse_twice()?;
    work.refuse_unused_metadata()?;
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
    pipeline
        .all()
        .map(|task| {
            let permissions = pipeline::task(engine, context, task, namespace)?.permissions;
            Ok(need(task, permissions))
        })
        .collect()
}

/// What a task needs of the accounts that gen makes: nothing where it has one of the spec.
fn need(task: &Task, permissions: Vec<Rule>) -> (String, String, Vec<Rule>) {
    let rules = if task.service_account.is_some() { Vec::new() } else { permissions };
    (task.name.clone(), task.object.clone(), rules)
}

/// How long a job that a task has applied stays after its end.
const LEFTOVERS_SECONDS: i64 = 7 * 24 * 3600;

struct Work<'a> {
    unit: Unit<'a>,
    app: &'a App,
    processes: &'a [App],
    own: Vec<&'a NamespacePlan>,
    context: Context,
    placed: Vec<Placed>,
    facts: Facts,
    warnings: Diagnostics,
    /// The kinds of all objects, also of those that are left out.
    kinds: BTreeSet<String>,
    /// Objects that a patch changed, and the last one that did.
    changed: BTreeMap<usize, Span>,
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
        }
    }

    /// A program of the app, as its templates see it.
    fn program(&self, index: usize) -> &'a App {
        index.checked_sub(1).map_or(self.app, |process| &self.processes[process])
    }

    /// Labels and annotations for all from `first` on.
    fn mark(&mut self, first: usize) {
        let (app, processes) = (self.app, self.processes);
        for placed in &mut self.placed[first..] {
            let program = placed.program.checked_sub(1).map_or(app, |index| &processes[index]);
            finish::mark(program, placed);
        }
    }

    /// The same for what no patch takes away.
    fn finish(&mut self, first: usize) {
        let (app, processes) = (self.app, self.processes);
        for placed in &mut self.placed[first..] {
            let program = placed.program.checked_sub(1).map_or(app, |index| &processes[index]);
            finish::finish(program, placed);
        }
    }

    fn place(
        &mut self,
        file: File,
        template: &str,
        documents: Vec<Value>,
    ) -> Result<(), Diagnostics> {
        for document in documents {
            let object = Object::new(document).map_err(|problem| {
                Diagnostic::error(TemplateError::NotAnObject { problem })
                    .in_file(format!("templates/{template}"))
            })?;
            self.placed.push(Placed { file, object, program: 0 });
        }
        Ok(())
    }

    fn render(&mut self, file: File, template: &str) -> Result<(), Diagnostics> {
        self.render_with(file, template, &self.context.value())
    }

    fn render_with(
        &mut self,
        file: File,
        template: &str,
        context: &Context_,
    ) -> Result<(), Diagnostics> {
        let documents = self.unit.engine.render(template, context)?;
        self.place(file, template, documents)
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
            let (file, program) = (File::Pipeline, 0);
            let objects = rendered.actions.into_iter().chain(rendered.task);
            self.placed.extend(objects.map(|object| Placed { file, object, program }));
        }
        let seen = Context_::from(pipeline::pipeline(pipeline)?);
        let context = self.context.with("pipeline", seen).value();
        self.render_with(File::Pipeline, "pipeline/pipeline.yaml", &context)?;
        if pipeline.needs_source && pipeline.workspace.shared {
            self.render_with(File::Pipeline, "pipeline/claim.yaml", &context)?;
        }
        Ok(needs)
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

    fn has_workload(&self) -> bool {
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
            if app.trigger.as_ref().is_some_and(|trigger| trigger.host.is_some()) {
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
            let documents =
                run::run(self.unit.engine, &self.context, app, Some(&name), &params, &accounts)?;
            self.place(File::Run, "run/run.yaml", documents)?;
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
        let mut plurals = Vec::new();
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

    fn patch(&mut self, first: usize) -> Result<(), Diagnostics> {
        self.mark(first);
        self.kinds.extend(finish::kinds(&mut self.placed[first..]));
        let pinned = self.app.image.reference.as_deref().filter(|_| self.app.image.pinned);
        let mut problems = Diagnostics::default();
        for (at, placed) in self.placed.iter_mut().enumerate().skip(first) {
            let name = placed.object.value().str_at(&["metadata", "name"]);
            let mut last = None;
            for (index, patch) in
                self.unit.patches.for_object(name.unwrap_or_default(), Some(&self.app.name))
            {
                match patch.apply(placed.object.value_mut(), pinned) {
                    Ok(false) => {}
                    Ok(true) => {
                        self.facts.patched[index] = true;
                        last = Some(patch.span);
                        let found = misfits(self.unit.definitions, patch, &placed.object);
                        if found.has_errors() {
                            problems.extend(found);
                            break;
                        }
                    }
                    Err(errors) => problems.extend(errors),
                }
            }
            self.changed.extend(last.map(|span| (at, span)));
            // One patch may add a container, and another its security context.
            let refused = last.zip(extra::refused_pods(self.unit.plan, &placed.object));
            if let Some((span, refused)) = refused.filter(|_| !problems.has_errors()) {
                problems.error(span, refused);
            }
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }

    /// Names of ports, volumes and labels in raw manifests and patched objects that are not there.
    fn refuse_dangling(&self) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::default();
        let all = || self.placed.iter().map(|placed| &placed.object);
        for (at, Placed { file, object, .. }) in self.placed.iter().enumerate() {
            let is_raw = file.is_raw();
            let span = self.changed.get(&at).copied().or(is_raw.then_some(self.app.extra_span));
            // A Service's own manifest may be as it was, and a patch took the port of its pods away.
            let mut found = if self.changed.is_empty() && !is_raw {
                Vec::new()
            } else {
                missed_ports(object, all())
            };
            if span.is_some() {
                found.extend(dangling(object));
            }
            let span = span.or(self.changed.values().next().copied()).unwrap_or(self.app.span);
            for Misfit { path, what } in found {
                let object = format!("{} `{}`", object.kind(), object.name());
                let problem = format!("`{path}` {what}");
                problems.error(span, SpecError::BadObject { object, problem });
            }
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }

    /// `deploy: kubectl`: what runs leaves the objects that Flux applies and travels to the deploy task in a ConfigMap.
    fn wrap_manifest(&mut self) -> Result<(), Diagnostics> {
        if !self.app.task_runs_workload() {
            return Ok(());
        }
        let mut manifests = Map::default();
        for index in 0..=self.processes.len() {
            if let Some(text) = self.take_manifest(index) {
                manifests.push(manifest_name(self.program(index).process.as_deref()), text);
            }
        }
        if manifests.is_empty() {
            return Ok(());
        }
        if self
            .app
            .pipeline
            .as_ref()
            .is_none_or(|pipeline| !pipeline.tasks.iter().any(|task| task.deploys))
        {
            let why = "no task of its pipeline deploys it".to_owned();
            let what = format!("{}: the workload of `{}`", self.app.environment, self.app.name);
            self.warnings
                .push(Diagnostic::warning(SpecError::Unmet { what, why }).at(self.app.span));
            return Ok(());
        }
        let context = self.context.with("manifests", Context_::from(manifests)).value();
        let first = self.placed.len();
        let documents = self.unit.engine.render("pipeline/workload.yaml", &context)?;
        self.place(File::Pipeline, "pipeline/workload.yaml", documents)?;
        self.mark(first);
        self.finish(first);
        Ok(())
    }

    /// The manifest of what runs of a program, taken out of the objects.
    fn take_manifest(&mut self, index: usize) -> Option<String> {
        let program = self.program(index);
        let kind = format!("{:?}", program.workload.kind);
        let is_it = |one: &Placed| {
            one.program == index && one.file == File::Workload && one.object.kind() == kind
        };
        let at = self.placed.iter().position(is_it)?;
        let mut workload = self.placed.remove(at);
        self.facts.note_secrets(&workload.object);
        // The deploy task puts the image that was built in place of the bare name.
        let built = self.app.image.reference.is_none().then_some(self.app.image.name.as_str());
        self.facts.note_images(&workload.object, built);
        if program.workload.job.is_some() {
            // Nothing else removes what a task has applied.
            let spec = workload.object.body_mut().map_at("spec");
            spec.insert("ttlSecondsAfterFinished", LEFTOVERS_SECONDS);
        }
        Some(emit_document(workload.object.value()))
    }

    /// Labels and annotations for a kind that the app does not have.
    fn refuse_unused_metadata(&self) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::default();
        for Metadata { kind, span, is_own, .. } in &self.app.metadata {
            if *is_own && !self.kinds.contains(kind) {
                let known = self.kinds.iter().map(String::as_str);
                let hint = hint(kind, known.clone(), || format!("the app has {}", listed(known)));
                let (path, text) = ("metadata".to_owned(), kind.clone());
                problems.error(*span, SpecError::NotOneOf { path, text, hint });
            }
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }

    fn refuse_twice(&self) -> Result<(), Diagnostics> {
        let mut seen = HashSet::with_capacity(self.placed.len());
        for placed in &self.placed {
            let object = &placed.object;
            let identity = (object.group(), object.kind(), object.namespace(), object.name());
            if !seen.insert(identity) {
                let object = object.identity().to_string();
                let span = if placed.file.is_raw() { self.app.extra_span } else { self.app.span };
                return Err(Diagnostic::error(SpecError::DuplicateObject { object })
                    .at(span)
                    .into());
            }
        }
        Ok(())
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
