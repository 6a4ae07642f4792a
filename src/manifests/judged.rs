//! Patches of an app's objects, and what is wrong with objects only when all of them are there.

use std::collections::HashSet;

use super::extra;
use super::files::Placed;
use super::finish;
use super::objects::Work;
use super::patched::misfits;
use super::steps::Maker;
use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::kubernetes::definitions::Misfit;
use crate::kubernetes::references::{dangling, missed_ports};
use crate::model::Metadata;
use crate::spec::{hint, listed};

impl Work<'_> {
    pub(super) fn patch(&mut self, first: usize) -> Result<(), Diagnostics> {
        self.mark(first);
        self.note(first, &Maker::Labels);
        let is_traced = self.unit.traced;
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
                        if is_traced {
                            placed.note(Maker::Patch(patch.span));
                        }
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
    pub(super) fn refuse_dangling(&self) -> Result<(), Diagnostics> {
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

    /// Labels and annotations for a kind that the app does not have.
    pub(super) fn refuse_unused_metadata(&self) -> Result<(), Diagnostics> {
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

    pub(super) fn refuse_twice(&self) -> Result<(), Diagnostics> {
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
}
