//! The objects of a Kustomization with values for their variables, and with its common metadata.

use std::collections::BTreeSet;

use super::follow::{Following, is_it};
use super::place::spec;
use super::substitute::{Told, substitute};
use super::variables::{Reading, Variables, listed, sources};
use crate::import::kustomize::Found;
use crate::import::original::Within;
use crate::import::world::WORKLOADS;
use crate::kubernetes::Object;

/// What is said of a ConfigMap of variables.
const VALUES: &str = "its values replace the variables in the imported objects";
/// What is said of a Secret of variables.
const SECRETS: &str =
    "values of Secrets are never copied: the variables that it defines are kept and listed";
impl Following<'_> {
    /// Variables are of no use where nothing substitutes them; a namespace of apps may have another use for their values.
    pub(super) fn leave_values(&mut self) {
        let programs = self
            .out
            .originals
            .iter()
            .filter(|one| WORKLOADS[..5].contains(&one.kind()) && one.left.is_none());
        let used: BTreeSet<Option<String>> =
            programs.map(|one| one.namespace().map(str::to_owned)).collect();
        for original in &mut self.out.originals {
            let object = &original.object;
            let is_source =
                self.sources.iter().any(|(of, kind, name)| is_it(object, of, kind, name));
            if is_source && !used.contains(&object.namespace().map(str::to_owned)) {
                if object.kind() == "ConfigMap" {
                    original.within = Some(Within { key: None, why: VALUES.to_owned() });
                } else {
                    original.left = Some(SECRETS.to_owned());
                }
            }
        }
    }

    /// Objects with values for variables, and with common metadata.
    pub(super) fn substituted(
        &mut self,
        of: &Object,
        mut objects: Vec<Found>,
        notes: &mut Vec<String>,
    ) -> Vec<Found> {
        let find = |kind: &str, name: &str| {
            let mut loose = self.loose.iter().filter(|object| is_it(object, of, kind, name));
            // Of several, nobody knows which.
            let loose = loose.next().filter(|_| loose.next().is_none());
            self.applied(of, kind, name).or(loose)
        };
        let variables = Variables::new(spec(of), find);
        for (kind, name, _) in sources(spec(of)) {
            self.sources.push((of.clone(), kind.to_owned(), name.to_owned()));
        }
        notes.extend(variables.notes.iter().cloned());
        let is_strict = self.is_strict();
        let mut emptied = BTreeSet::new();
        let mut refused = Vec::new();
        for (object, _) in objects.iter_mut().filter(|_| variables.is_on) {
            let told = substitute(object, &mut Reading(&variables), is_strict, &mut self.work);
            let Told { kept, emptied: empty } = told.unwrap_or_else(|why| {
                refused.push(format!("{} {why}", object.identity()));
                Told::default()
            });
            emptied.extend(empty.into_iter().map(|(name, _)| name));
            for (name, field) in kept {
                let source = variables.source(&name);
                self.out.sources.entry(name.clone()).or_default().insert(source);
                let place = format!("{} {field}", object.identity());
                self.out.kept.entry(name).or_default().insert(place);
            }
        }
        if !emptied.is_empty() {
            notes.push(format!(
                "variables without a value became empty, as in Flux: {}",
                listed(&emptied)
            ));
        }
        if !refused.is_empty() {
            let more = refused.len() - 1;
            let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
            notes.push(format!("variables that Flux rejects are kept: {}{more}", refused[0]));
        }
        let common = spec(of).get("commonMetadata");
        for field in ["labels", "annotations"] {
            let Some(pairs) = common.and_then(|common| common.get(field)?.as_map()) else {
                continue;
            };
            // What is encrypted stays as it is.
            for (object, _) in objects.iter_mut().filter(|(one, _)| one.at(&["sops"]).is_none()) {
                let into = object.metadata_mut().map_at(field);
                for (key, value) in pairs.iter() {
                    into.insert(key, value.clone());
                }
            }
        }
        objects
    }

    /// Whether Flux refuses variables without values: a feature gate of its controller.
    fn is_strict(&self) -> bool {
        let mut all = self.out.originals.iter().map(|original| &original.object);
        let controller = all.find(|object| {
            object.kind() == "Deployment" && object.name() == "kustomize-controller"
        });
        let containers = ["spec", "template", "spec", "containers"];
        controller.is_some_and(|object| {
            let containers = object.value().list_at(&containers).iter();
            let mut arguments = containers.flat_map(|one| one.list_at(&["args"]));
            arguments.any(|one| {
                one.as_str().is_some_and(|text| text.contains("StrictPostBuildSubstitutions=true"))
            })
        })
    }
}
