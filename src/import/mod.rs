//! From the YAML that is there to a spec, with a proof that nothing is lost.
//!
//! Objects are put together to apps (`group`), said in the spec's words (`say`), written (`write`), rendered, and compared with what was
//! there (`prove`). What no key says becomes a patch; what is of no app, a raw manifest; what can go nowhere is told. Each original ends
//! in one verdict.
//!
//! Pure: objects in, files and verdicts out. Rendering is the caller's, for it reads files.

mod app_template;
mod applied;
mod clear;
pub mod compose;
mod defaults;
mod draft;
pub mod environments;
pub mod flux;
mod group;
mod helm;
mod input;
pub mod kustomize;
mod made;
mod order;
mod original;
pub mod procfile;
mod prove;
mod reach;
mod rest;
mod rights;
mod say;
mod settle;
mod tekton;
mod variables;
mod world;
mod write;

pub use applied::Applied;
pub use input::Input;
pub use made::is_made;
pub use original::Original;
use original::Within;
pub use prove::{Behaviour, Coverage, Judged, Proof, Verdict};
pub use write::entry;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostics::Diagnostics;
use crate::files::Memory;
use crate::kubernetes::Object;
use crate::yaml::Map;
use draft::{Draft, Residue};
use prove::Side;
use world::World;
use write::{Frame, Place};

/// What is known beside the objects.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The URL of the repository that Flux reads.
    pub repository: Option<String>,
    /// Its branch, if that is not `main`.
    pub branch: Option<String>,
    /// The kube context of the cluster that the originals are in.
    pub context: Option<String>,
    /// Lines of the originals.
    pub lines: usize,
}

/// Objects of each environment.
pub type Rendered = BTreeMap<String, Vec<Object>>;

/// Renders files in memory.
pub type Renderer<'r> = dyn Fn(&Memory) -> Result<Rendered, Diagnostics> + 'r;

/// A spec, and what it makes of the originals.
#[derive(Debug, Default)]
pub struct Import {
    /// The files by path.
    pub files: BTreeMap<String, String>,
    /// The verdicts.
    pub proof: Proof,
    /// Variables that Flux substitutes in the originals, with the objects.
    pub variables: BTreeMap<String, BTreeSet<String>>,
    /// What defines them, if that is known: a Secret, or what is not in the input.
    pub sources: BTreeMap<String, BTreeSet<String>>,
    /// What is to be known of Kustomizations of Flux.
    pub notes: Vec<Note>,
    /// Secrets that are in the files in the clear: app and key.
    pub in_clear: BTreeSet<String>,
}

/// What is to be known of a Kustomization of Flux whose folder is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The environment.
    pub environment: String,
    /// The Kustomization.
    pub object: String,
    /// Settings that are not kept, and the like.
    pub notes: Vec<String>,
}

/// An environment while it is imported.
struct Environment {
    name: String,
    world: World,
    drafts: Vec<Draft>,
    /// Namespaces among the originals, in which apps are.
    made: BTreeSet<String>,
    /// What goes nowhere, with the reason.
    outside: Vec<(usize, String)>,
    /// What the environment itself says.
    within: Vec<(usize, Within)>,
    /// What is to be known of Kustomizations of Flux.
    notes: BTreeMap<Arc<str>, Vec<String>>,
    /// Settings beside those of the apps.
    settings: Map,
    /// Patches for what is of no app.
    patches: Vec<Residue>,
}

/// Programs that run nowhere yet, in the words of the spec: the name and the keys of each app, with its processes.
#[must_use]
pub fn words(objects: Vec<Object>) -> Vec<(String, Map)> {
    let file: Arc<str> = Arc::from("");
    let planned = |object| {
        let original = Original::new(object, Arc::clone(&file));
        Original { is_inner: true, is_planned: true, ..original }
    };
    let world = World::new(objects.into_iter().map(planned).collect());
    let groups = group::group(&world);
    let drafts = groups.apps.iter().map(|group| say::app(&world, group, ""));
    drafts.map(|draft| (draft.name, draft.keys)).collect()
}

/// The work between the steps.
struct Importing<'r> {
    about: About,
    environments: Vec<Environment>,
    /// Settings of gen.yaml.
    settings: Map,
    /// Files as they are.
    files: BTreeMap<String, String>,
    render: &'r Renderer<'r>,
}

/// Makes a spec of the originals.
///
/// # Errors
/// What is wrong with the spec that was made, if the reason is no single app.
pub fn import(
    inputs: Vec<Input>,
    about: About,
    render: &Renderer<'_>,
) -> Result<Import, Diagnostics> {
    let mut importing = Importing {
        about,
        environments: Vec::new(),
        settings: Map::default(),
        files: BTreeMap::new(),
        render,
    };
    let variables::Variables { variables, sources } = variables::left(&inputs);
    for input in inputs {
        let environment = importing.environment(input);
        importing.environments.push(environment);
    }
    let plain = importing.settled()?;
    importing.patch(&plain);
    let rendered = importing.patched(&plain)?;
    let files = importing.written(false);
    let proof = importing.proof(&rendered, &plain, &files);
    let environments = importing.environments.iter();
    let notes = environments.clone().flat_map(|one| {
        let all = one.notes.iter().filter(|(_, notes)| !notes.is_empty());
        all.map(|(of, notes)| Note {
            environment: one.name.clone(),
            object: of.to_string(),
            notes: notes.clone(),
        })
    });
    let notes = notes.collect();
    let in_clear = environments.flat_map(|one| clear::all(&one.drafts, &one.world)).collect();
    Ok(Import { files, proof, variables, sources, notes, in_clear })
}

impl Importing<'_> {
    fn environment(&mut self, input: Input) -> Environment {
        let mut originals = input.originals;
        for original in &mut originals {
            // What names no namespace is where its author's kubectl was.
            if original.namespace().is_none() && !original.is_cluster_scoped() {
                original.place(original::NOWHERE);
            }
            original.judge_namespace();
        }
        let releases = app_template::install(&mut originals);
        let inner = tekton::inner(&originals);
        originals.extend(inner);
        let world = World::new(originals);
        let mut groups = group::group(&world);
        let mut drafts: Vec<Draft> =
            groups.apps.iter().map(|group| say::app(&world, group, &input.environment)).collect();
        let needs = tekton::say(&world, &mut groups.rest, &mut drafts);
        groups.rest.retain(|at| !world.all[*at].is_inner);
        helm::replace(&world, &releases, &mut groups.rest, &mut drafts);
        helm::say(&world, &releases, &mut groups.rest, &mut drafts);
        let rest::Rest { made, outside, within, mut settings, crds } =
            rest::place(&world, groups.rest, &mut drafts);
        let mut notes = BTreeMap::new();
        if let Some(mut applied) = input.applied {
            flux::wait(&mut applied, &world, &mut drafts);
            flux::decrypt(&applied, &world, &mut drafts, &mut settings);
            notes = applied.notes;
        }
        drafts.iter_mut().for_each(clear::note);
        self.files.extend(crds);
        self.files.extend(needs.files);
        for (key, value) in needs.settings.iter() {
            settings.insert(key, value.clone());
        }
        if let Some(context) = &self.about.context {
            settings.insert("context", context.as_str());
        }
        if drafts.iter().any(|draft| draft.keys.contains_key("source")) {
            settings.entry_or("deploy", || "kubectl".into());
        }
        Environment {
            name: input.environment,
            world,
            drafts,
            made,
            outside,
            within,
            notes,
            settings,
            patches: Vec::new(),
        }
    }

    /// The files, with or without patches.
    fn written(&self, is_plain: bool) -> BTreeMap<String, String> {
        if self.environments.iter().all(|environment| environment.drafts.is_empty()) {
            return BTreeMap::new();
        }
        let places: Vec<Place<'_>> = self.environments.iter().map(Environment::place).collect();
        let frame = Frame {
            repository: self.about.repository.as_deref(),
            branch: self.about.branch.as_deref(),
            settings: &self.settings,
            files: &self.files,
            is_plain,
        };
        write::files(&frame, &places)
    }

    fn rendered(&self, is_plain: bool) -> Result<Rendered, Diagnostics> {
        let files = self.written(is_plain);
        if files.is_empty() {
            return Ok(Rendered::new());
        }
        let texts = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        (self.render)(&Memory::new(texts))
    }

    /// Patches what no key says.
    fn patch(&mut self, plain: &Rendered) {
        for environment in &mut self.environments {
            let none = Vec::new();
            let objects = plain.get(&environment.name).unwrap_or(&none);
            environment.patch(objects);
        }
    }

    fn proof(
        &self,
        rendered: &Rendered,
        plain: &Rendered,
        files: &BTreeMap<String, String>,
    ) -> Proof {
        let mut proof = Proof::default();
        let none = Vec::new();
        for environment in &self.environments {
            let of =
                |all: &'_ Rendered| all.get(&environment.name).cloned().unwrap_or(none.clone());
            let Environment { name, world, drafts, outside, within, .. } = environment;
            let fates = prove::Fates { drafts, outside, within };
            let mut own = prove::judge(name, world, &fates, &of(rendered), &of(plain));
            rights::tell(world, &of(rendered), &mut own);
            proof.add(own);
        }
        let is_spec =
            |path: &&String| !path.starts_with("manifests/") && !path.starts_with("crds/");
        let lines =
            files.iter().filter(|(path, _)| is_spec(path)).map(|(_, text)| text.lines().count());
        proof.coverage.spec_lines = lines.sum();
        proof.coverage.original_lines = self.about.lines;
        proof
    }
}

impl Environment {
    fn place(&self) -> Place<'_> {
        Place {
            name: &self.name,
            drafts: &self.drafts,
            world: &self.world,
            made: &self.made,
            settings: &self.settings,
            patches: &self.patches,
        }
    }

    fn patch(&mut self, rendered: &[Object]) {
        let originals = Side::new(self.world.all.iter().map(|original| &original.object));
        let side = Side::new(rendered.iter());
        for draft in &mut self.drafts {
            let fates = draft.fates.clone();
            for (at, fate) in fates {
                let object = &self.world.all[at].object;
                let Some((kind, name)) = fate.place(object) else { continue };
                let Some(found) = side.find(kind, object.namespace(), name) else { continue };
                let compared = prove::compare(&originals, object, &side, found);
                let patch = prove::residue(object, found, &compared.lost, &draft.decided);
                if let Some(Residue { kind, name, merge }) = patch {
                    draft.patch(&kind, &name, merge);
                }
            }
        }
        for name in &self.made {
            let Some(at) = self.world.find("Namespace", None, name) else { continue };
            let object = &self.world.all[at].object;
            let Some(found) = side.find("Namespace", None, name) else { continue };
            let compared = prove::compare(&originals, object, &side, found);
            self.patches.extend(prove::residue(object, found, &compared.lost, &[]));
        }
    }
}
