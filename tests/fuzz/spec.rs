//! Specs, environments and pins, with the scripts in them: read, checked and decided for every app in every environment.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use gitops_gen::decode::{Context, catalogue, decode};
use gitops_gen::diagnostics::{Diagnostics, Sources};
use gitops_gen::environment::environments;
use gitops_gen::files::Memory;
use gitops_gen::fleet::library;
use gitops_gen::model::Catalogue;
use gitops_gen::spec::load;

use crate::child::Target;
use crate::corpus::{Case, cases};
use crate::mutate::{self, Random};

pub struct Specs {
    cases: Vec<Case>,
    catalogue: Catalogue,
    input: Memory,
}

impl Specs {
    pub fn new() -> Self {
        let (library, _) =
            library(&Memory::default(), &mut Sources::default()).expect("the built-in templates");
        Self {
            cases: cases(),
            catalogue: catalogue(library.tasks()).expect("the catalogue"),
            input: Memory::default(),
        }
    }
}

impl Target for Specs {
    fn next(&mut self, random: &mut Random) -> String {
        let case = random.pick(&self.cases);
        let other = random.pick(&self.cases);
        let donors: Vec<&str> = case.values().chain(other.values()).map(|text| &**text).collect();
        let mut files: BTreeMap<String, Arc<str>> = case.clone();
        let paths: Vec<String> = files
            .keys()
            .filter(|path| path.rsplit_once('.').is_some_and(|(_, ending)| ending == "yaml"))
            .cloned()
            .collect();
        for _ in 0..=random.below(2) {
            let path = random.pick(&paths);
            let text = mutate::text(random, &files[path], &donors);
            files.insert(path.clone(), Arc::from(text));
        }
        let mut shown = String::new();
        for (path, text) in &files {
            let _ = writeln!(
                shown,
                "== {path}
{text}"
            );
        }
        self.input = Memory(files);
        shown
    }

    fn run(&mut self) {
        let mut sources = Sources::default();
        let spec = match load(&self.input, &mut sources) {
            Ok(spec) => spec,
            Err(found) => return told(&found, &sources),
        };
        let (read, found) = environments(&spec);
        told(&found, &sources);
        for environment in &read {
            let context = Context { spec: &spec, environment, catalogue: &self.catalogue };
            for name in spec.apps.keys().filter(|name| spec.has(name, &environment.name)) {
                let mut found = Diagnostics::default();
                decode(context, name, &mut found);
                told(&found, &sources);
            }
        }
    }
}

/// Errors have a place in what was read, and can be shown.
fn told(found: &Diagnostics, sources: &Sources) {
    for diagnostic in found {
        let shown = gitops_gen::diagnostics::render(
            diagnostic,
            sources,
            gitops_gen::diagnostics::Look::Plain,
        );
        assert!(shown.contains("GEN"), "no code in {shown}");
    }
}
