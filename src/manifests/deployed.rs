//! `deploy: kubectl`: what the deploy task applies instead of Flux.

use minijinja::Value as Context_;

use super::context::manifest_name;
use super::files::{File, Placed};
use super::objects::Work;
use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::yaml::{Map, emit_document};

/// How long a job that a task has applied stays after its end.
const LEFTOVERS_SECONDS: i64 = 7 * 24 * 3600;

impl Work<'_> {
    /// `deploy: kubectl`: what runs leaves the objects that Flux applies and travels to the deploy task in a ConfigMap.
    pub(super) fn wrap_manifest(&mut self) -> Result<(), Diagnostics> {
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
        self.render_with(File::Pipeline, "pipeline/workload.yaml", &context)?;
        self.mark(first);
        self.finish(first);
        Ok(())
    }

    /// The manifest of what runs of a program, taken out of the objects.
    fn take_manifest(&mut self, index: usize) -> Option<String> {
        let program = self.program(index);
        let kind = program.workload.kind.word();
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
}
