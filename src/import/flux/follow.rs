//! All that Flux applies to a cluster: from the Kustomizations that it begins with to those that they apply, and so on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::artifacts::{self, Source};
use super::clusters::Repository;
use super::notes;
use super::paths::{below, exists, normal};
use super::place::{Seen, identity, is_kustomization, spec};
use super::variables::sources;
use crate::import::kustomize::{Built, Found, Texts, watched};
use crate::import::original::{NOWHERE, Original, Within};
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// The most Kustomizations of a cluster.
const MOST: usize = 2000;
/// The most objects of a cluster, each as often as it is built.
const MOST_OBJECTS: usize = 20_000;
/// How much variables may make, in bytes.
const WORK: usize = 128 << 20;

/// What is there for Flux itself.
const OF_FLUX: &str = "part of Flux itself, which `flux bootstrap` manages";
/// The source that `flux bootstrap` makes.
const BOOTSTRAP: (&str, &str, &str) = ("GitRepository", "flux-system", "flux-system");
/// What is said of a second way to decrypt.
const OTHERWISE: &str =
    "another Kustomization decrypts otherwise, and an environment has one `decryption`";
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
    /// What is to be known of each Kustomization: settings that are not kept, and the like.
    pub(super) notes: BTreeMap<Arc<str>, Vec<String>>,
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
    /// Places of ConfigMaps and Secrets: kind, namespace and name.
    values: BTreeMap<(String, String, String), usize>,
    /// What variables are from: the Kustomization, a kind and a name.
    pub(super) sources: Vec<(Object, String, String)>,
    built: usize,
    pub(super) work: usize,
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
            values: BTreeMap::new(),
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
        let object = &original.object;
        if object.group().is_empty() && ["ConfigMap", "Secret"].contains(&object.kind()) {
            let place = (object.kind(), namespace(object), object.name());
            let key = (place.0.to_owned(), place.1.to_owned(), place.2.to_owned());
            self.values.entry(key).or_insert(self.out.originals.len());
        }
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
            let object = self.out.originals[at].object.clone();
            let outcome = if count > MOST || self.built > MOST_OBJECTS {
                Err("not read: the Kustomizations produce too many objects".to_owned())
            } else {
                self.one(&object)
            };
            let original = &mut self.out.originals[at];
            match outcome {
                Ok(why) => {
                    original.left = None;
                    original.within = Some(Within { key: None, why });
                }
                Err(why) => original.left = Some(why),
            }
        }
        self.leave_values();
        self.leave_source();
        self.out
    }

    /// The source of the repository itself is what gen's Kustomizations read, too, if it has the name that bootstrap gives it.
    fn leave_source(&mut self) {
        let Some((kind, namespace, name)) = &self.source else { return };
        let is_it = |object: &Object| {
            object.kind() == kind && object.name() == name && object.namespace() == Some(namespace)
        };
        if (kind.as_str(), namespace.as_str(), name.as_str()) != BOOTSTRAP {
            return;
        }
        for original in self.out.originals.iter_mut().filter(|one| is_it(&one.object)) {
            let why = "what gen renders is read from it".to_owned();
            original.within = Some(Within { key: Some("flux.source"), why });
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
    pub(super) fn applied(&self, of: &Object, kind: &str, name: &str) -> Option<&Object> {
        let key = (kind.to_owned(), namespace(of).to_owned(), name.to_owned());
        self.values.get(&key).map(|at| &self.out.originals[*at].object)
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
        if let Some(decryption) = notes::decryption(spec(object), &mut notes) {
            match &self.out.decryption {
                Some(other) if *other != decryption => notes.push(OTHERWISE.to_owned()),
                Some(_) => {}
                None => {
                    // Once is enough: it is the environment's.
                    notes.extend(decryption.get("secret").map(notes::decrypts));
                    self.out.decryption = Some(decryption);
                }
            }
        }
        let objects = self.substituted(object, objects, &mut notes);
        self.out.notes.insert(Arc::clone(&own), notes);
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
        Ok(format!("{place} is imported; gen renders its own Kustomizations"))
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
}

fn namespace(object: &Object) -> &str {
    object.namespace().unwrap_or(NOWHERE)
}

/// Whether an object is what a Kustomization names, in its namespace.
pub(super) fn is_it(object: &Object, of: &Object, kind: &str, name: &str) -> bool {
    object.kind() == kind
        && object.group().is_empty()
        && object.name() == name
        && namespace(object) == namespace(of)
}
