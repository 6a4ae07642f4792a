//! Nothing is written that Kubernetes or Tekton would refuse, or that would fail for a missing right.

use std::sync::Arc;

use super::files::Placed;
use super::objects::Work;
use crate::check::{Cluster, Declared, Finding, Gate, Item, Judge, Objects, Within};
use crate::diagnostics::{Diagnostic, Diagnostics, Span, SpecError};
use crate::model::Pipeline;

impl Work<'_> {
    /// Judges everything that was made.
    pub(super) fn refuse_what_fails(&mut self) -> Result<(), Diagnostics> {
        let Some(gate) = self.unit.gate else { return Ok(()) };
        let mut problems = Diagnostics::default();
        let mut found = self.refused(gate);
        found.retain(|finding| !self.is_of_foreign_account(finding));
        for finding in found {
            let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
            let problem = match &*finding.field {
                "" => finding.what.clone(),
                field => format!("`{field}` {}", finding.what),
            };
            // Objects of YAML to add are for those who write YAML.
            let cure = finding.cure.as_deref().filter(|cure| !cure.contains('\n'));
            let (rule, cure) = (finding.rule.id, cure.unwrap_or(finding.rule.cure).to_owned());
            let diagnostic = if gate.is_open {
                Diagnostic::warning(SpecError::Doomed { object, problem, rule, cure })
            } else {
                Diagnostic::error(SpecError::Refused { object, problem, rule, cure })
            };
            problems.push(diagnostic.at(self.span_of(&finding)));
        }
        if problems.has_errors() {
            return Err(problems);
        }
        self.warnings.extend(problems);
        Ok(())
    }

    fn refused(&mut self, gate: &Gate) -> Vec<Finding> {
        let app = self.app;
        let home = &app.pipeline_namespace;
        let declared = self.facts.declared.iter().cloned();
        let declared: Declared =
            declared.map(|(task, rules)| ((home.clone(), task), rules)).collect();
        let folder = app.folder();
        // The objects move there and back, so that none is copied.
        let placed = std::mem::take(&mut self.placed);
        let (mut rest, mut items) = (Vec::new(), Vec::new());
        for Placed { file, object, program, steps } in placed {
            rest.push((file, program, steps));
            let file = Arc::from(format!("{folder}/{}", file.path()));
            items.push(Item { object, file, within: Within::default() });
        }
        let objects = Objects::new(items);
        let cluster = Cluster::with(self.unit.environment.tekton_features.iter().cloned());
        let definitions = self.unit.definitions;
        let judge = Judge { definitions, cluster: &cluster, declared: &declared };
        let found = gate.refused(judge, &objects);
        let back = rest.into_iter().zip(objects.into_items());
        self.placed = back
            .map(|((file, program, steps), Item { object, .. })| Placed {
                file,
                object,
                program,
                steps,
            })
            .collect();
        found
    }

    /// A right that a task lacks under an account of the spec's own choice, whose rights may be given elsewhere: that is only warned of
    /// (GEN0451).
    fn is_of_foreign_account(&self, finding: &Finding) -> bool {
        let of_spec = |pipeline: &Pipeline, task: &str| {
            pipeline.service_account.is_some()
                || pipeline.all().any(|one| one.object == task && one.service_account.is_some())
        };
        finding.rule.name == "rbac-missing"
            && finding.object.as_ref().is_some_and(|object| {
                let pipeline = self.app.pipeline.as_ref();
                object.kind == "Task" && pipeline.is_some_and(|all| of_spec(all, &object.name))
            })
    }

    /// The patch that changed the object, the raw manifests that it is one of, or the app.
    fn span_of(&self, finding: &Finding) -> Span {
        let at = self.placed.iter().position(|placed| {
            finding.object.as_ref().is_some_and(|identity| placed.object.identity() == *identity)
        });
        let Some(at) = at else { return self.app.span };
        let is_raw = self.placed[at].file.is_raw();
        let raw = is_raw.then_some(self.app.extra_span);
        self.changed.get(&at).copied().or(raw).unwrap_or(self.app.span)
    }
}
