//! All that Flux applies to a cluster: from the Kustomizations that it begins with to those that they apply, and so on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::artifacts::{self, Source};
use super::clusters::Repository;
use super::notes;
use super::place::{Seen, below, exists, identity, is_kustomization, normal, spec};
use super::substitute::{Told, substitute};
use super::variables::{Reading, Variables, listed, sources};
use crate::import::kustomize::{Built, Found, Texts, watched};
use crate::import::original::{NOWHERE, Original};
use crate::import::world::WORKLOADS;
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// The most Kustomizations of a cluster.
const MOST: usize = 2000;
/// The most objects of a cluster, each as often as it is built.
const MOST_OBJECTS: usize = 100_000;
/// How much variables may make, in bytes.
const WORK: usize = 128 << 20;

/// What is there for Flux itself.
const OF_FLUX: &str = "part of Flux itself, which `flux bootstrap` manages";
/// What is said of a ConfigMap of variables.
const VALUES: &str = "its values replace the variables in the imported objects";
/// What is said of a Secret of variables.
const SECRETS: &str =
    "values of Secrets are never copied: the variables that it defines are kept and listed";
/// What is still to be read.
const WAITS: &str = "not read";

/// What Flux applies to a cluster.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The objects.
    pub(super) originals: Vec<Original>,
    /// The folders and files that they are from.
    pub(super) read: BTreeSet<String>,
    /// What could not be read.
    pub(super) unread: Vec<(String, String)>,
    /// What each Kustomization waits for.
    pub(super) waits: BTreeMap<Arc<str>, Vec<String>>,
    /// How files are decrypted, as the spec has it.
    pub(super) decryption: Option<Map>,
    /// Variables that are left, with their fields.
    pub(super) kept: BTreeMap<String, BTreeSet<String>>,
    /// What defines these variables.
    pub(super) sources: BTreeMap<String, BTreeSet<String>>,
    /// The folder of each Kustomization that was read.
    pub(super) folders: BTreeMap<Arc<str>, String>,
    /// Kustomizations that would delete what they no longer have, with the number of objects.
    pub(super) pruned: BTreeMap<Arc<str>, usize>,
}

/// Reads what Flux applies.
pub(super) struct Following<'t> {
    pub(super) texts: &'t Texts,
    pub(super) root: &'t str,
    /// ConfigMaps, Secrets and generators of artifacts in the input, wherever they are.
    pub(super) loose: &'t [Object],
    /// The source that is this repository.
    pub(super) source: Option<Source>,
    pub(super) out: Followed,
    /// Places of Kustomizations that are still to be read.
    pending: VecDeque<usize>,
    met: BTreeSet<String>,
    /// What variables are from: the Kustomization, a kind and a name.
    sources: Vec<(Object, String, String)>,
    built: usize,
    work: usize,
}

impl<'t> Following<'t> {
    pub(super) fn new(repository: Repository<'t>) -> Self {
        Self {
            texts: repository.texts,
            root: repository.root,
            loose: repository.generators,
            source: repository.source.cloned(),
            out: Followed::default(),
            pending: VecDeque::new(),
            met: BTreeSet::new(),
            sources: Vec::new(),
            built: 0,
            work: WORK,
        }
    }

    /// Takes in a Kustomization that Flux begins with. One that applies itself is what it makes of itself.
    pub(super) fn begin(&mut self, seen: &Seen) {
        let own = identity(&seen.object);
        let folder = artifacts::path(&seen.object, self.loose.iter());
        let folder = folder.map(|path| below(self.root, &path));
        let built = folder.and_then(|folder| watched(self.texts, &folder, spec(&seen.object)).ok());
        let objects = built.map(|built| built.objects).unwrap_or_default().into_iter();
        let mut itself = objects.filter(|(object, _)| identity(object) == own);
        let (object, is_entry) = match itself.next() {
            Some((object, _)) => (object, true),
            None => (seen.object.clone(), false),
        };
        if is_entry && let Some(source) = artifacts::source(&object) {
            self.source = Some(source);
        }
        self.take((object, Arc::clone(&seen.file)), None);
    }

    /// Takes in an object.
    pub(super) fn take(&mut self, (object, file): Found, by: Option<&Arc<str>>) {
        let identity = object.identity();
        let key = format!("{} {identity}", identity.group);
        if !self.met.insert(key) {
            return;
        }
        let is_followed = is_kustomization(&object);
        let is_own = object.value().str_at(&["metadata", "labels", "app.kubernetes.io/part-of"])
            == Some("flux");
        let mut original = Original::new(object, file);
        original.by = by.cloned();
        if is_followed {
            original.left = Some(WAITS.to_owned());
            self.pending.push_back(self.out.originals.len());
        } else if is_own {
            original.left = Some(OF_FLUX.to_owned());
        }
        self.out.originals.push(original);
    }

    /// Reads until there is nothing left.
    pub(super) fn run(mut self) -> Followed {
        let mut count = 0;
        while let Some(at) = self.next() {
            count += 1;
            let why = if count > MOST || self.built > MOST_OBJECTS {
                "not read: the Kustomizations produce too many objects".to_owned()
            } else {
                let object = self.out.originals[at].object.clone();
                self.one(&object).unwrap_or_else(|why| why)
            };
            self.out.originals[at].left = Some(why);
        }
        self.leave_values();
        self.out
    }

    /// Variables are of no use where nothing substitutes them; a namespace of apps may have another use for their values.
    fn leave_values(&mut self) {
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
                let why = if object.kind() == "ConfigMap" { VALUES } else { SECRETS };
                original.left = Some(why.to_owned());
            }
        }
    }

    /// The next Kustomization: one whose variables are there, if there is one.
    fn next(&mut self) -> Option<usize> {
        let is_ready = |at: &usize| {
            let object = &self.out.originals[*at].object;
            sources(spec(object)).all(|(kind, name, _)| self.applied(object, kind, name).is_some())
        };
        let place = self.pending.iter().position(is_ready).unwrap_or_default();
        self.pending.remove(place)
    }

    /// A ConfigMap or Secret in the namespace of a Kustomization, of those that were read.
    fn applied(&self, of: &Object, kind: &str, name: &str) -> Option<&Object> {
        let all = self.out.originals.iter().map(|original| &original.object);
        all.into_iter().find(|object| is_it(object, of, kind, name))
    }

    /// Reads one Kustomization. Returns what is to be said of it.
    fn one(&mut self, object: &Object) -> Result<String, String> {
        let own = identity(object);
        let path = self.path(object)?;
        let folder = below(self.root, &path);
        if !exists(self.texts, &folder) {
            return Err(format!("not read: there is no folder `{path}` in the input"));
        }
        let Built { objects, read, unread } =
            watched(self.texts, &folder, spec(object)).map_err(|why| {
                self.out.unread.push((folder.clone(), why));
                format!("not read: `{path}` could not be built")
            })?;
        self.out.read.extend(read);
        self.out.unread.extend(unread);
        self.built += objects.len();
        let mut notes = notes::notes(spec(object));
        if let Some(decryption) = notes::decryption(spec(object), &mut notes)
            && self
                .out
                .decryption
                .replace(decryption.clone())
                .is_some_and(|other| other != decryption)
        {
            notes.push(
                "another Kustomization decrypts otherwise, and an environment has one `decryption`"
                    .to_owned(),
            );
        }
        let objects = self.substituted(object, objects, &mut notes);
        self.out.folders.insert(Arc::clone(&own), path.clone());
        self.out.waits.insert(Arc::clone(&own), notes::waits(object));
        if spec(object).get("prune").is_some_and(Value::is_true) {
            self.out.pruned.insert(Arc::clone(&own), objects.len());
        }
        for found in objects {
            self.take(found, Some(&own));
        }
        let place =
            if path.is_empty() { "the whole repository".to_owned() } else { format!("`{path}`") };
        notes.insert(
            0,
            format!(
                "{place} is imported into this environment; gen renders its own Kustomizations"
            ),
        );
        Ok(notes.join("; "))
    }

    /// The path of a Kustomization in this repository.
    fn path(&self, object: &Object) -> Result<String, String> {
        let written = spec(object).str_at(&["path"]).unwrap_or_default();
        if spec(object).get("kubeConfig").is_some() {
            return Err("not read: it applies to another cluster (`kubeConfig`)".to_owned());
        }
        let path = normal(written)
            .ok_or_else(|| format!("not read: `{written}` leads out of the repository"))?;
        let Some(mut source) = artifacts::source(object) else { return Ok(path) };
        let all = || self.out.originals.iter().map(|original| &original.object);
        let mut path = path;
        if source.0 == artifacts::ARTIFACT {
            let found = artifacts::original(&source, &path, all());
            (source, path) = found.ok_or_else(|| {
                format!(
                    "not read: no ArtifactGenerator in the input makes `{path}` of {}",
                    source.2
                )
            })?;
        }
        let Some(own) = &self.source else { return Ok(path) };
        let url = |(kind, namespace, name): &Source| {
            let mut found = all().filter(|object| {
                object.kind() == kind
                    && object.name() == name
                    && object.namespace() == Some(namespace)
            });
            found
                .next()
                .and_then(|object| object.value().str_at(&["spec", "url"]))
                .map(str::to_owned)
        };
        if artifacts::is_same(&source, own)
            || url(&source).is_some_and(|other| Some(other) == url(own))
        {
            return Ok(path);
        }
        let (kind, namespace, name) = source;
        Err(format!(
            "not read: its source is {kind} {namespace}/{name}, which is not this repository"
        ))
    }

    /// Objects with values for variables, and with common metadata.
    fn substituted(
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

/// Whether an object is what a Kustomization names, in its namespace.
fn is_it(object: &Object, of: &Object, kind: &str, name: &str) -> bool {
    let namespace = |object: &Object| object.namespace().unwrap_or(NOWHERE).to_owned();
    object.kind() == kind
        && object.group().is_empty()
        && object.name() == name
        && namespace(object) == namespace(of)
}
