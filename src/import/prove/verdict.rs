//! One verdict for each original.

use std::collections::BTreeSet;

use super::behaviour::{self, Behaviour};
use super::compare::{Compared, dotted, leaves};
use super::residue::is_decided;
use super::{Side, compare};
use crate::change::Field;
use crate::import::draft::{Draft, Fate};
use crate::import::original::{Seal, Within};
use crate::import::world::World;
use crate::kubernetes::Object;

/// What became of an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The same is rendered.
    Same,
    /// The same is rendered, with new behaviour.
    More,
    /// Some fields differ.
    Different,
    /// Kubernetes would make another object of it.
    Recreated,
    /// It stays outside of the spec.
    Outside,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Same, Self::More, Self::Different, Self::Recreated, Self::Outside];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::More => "same and more",
            Self::Different => "different",
            Self::Recreated => "would be recreated",
            Self::Outside => "left outside",
        }
    }
}

/// An original with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Kind, namespace and name.
    pub object: String,
    /// Its file, as the user named it.
    pub file: String,
    /// The environment.
    pub environment: String,
    /// The app that it is of.
    pub app: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Where it is in the spec: a key, `extra`, or another object.
    pub becomes: Option<String>,
    /// Why, and what to do.
    pub reason: Option<String>,
    /// Fields that differ.
    pub fields: Vec<String>,
    /// What is new.
    pub new: Vec<Behaviour>,
}

/// How much of the originals the spec says, and by what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Fields of the originals.
    pub fields: usize,
    /// Those that keys say.
    pub by_key: usize,
    /// Those that patches say.
    pub by_patch: usize,
    /// Those of raw manifests.
    pub raw: usize,
    /// The others.
    pub outside: usize,
    /// Apps with a program.
    pub apps: usize,
    /// Those with neither patch nor raw manifests.
    pub plain_apps: usize,
    /// Lines of the spec, without raw manifests.
    pub spec_lines: usize,
    /// Lines of the originals.
    pub original_lines: usize,
}

/// All verdicts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The originals, in their order.
    pub judged: Vec<Judged>,
    /// Objects that nobody had: the object, its app, what it is for.
    pub made: Vec<(String, Behaviour)>,
    /// How much is said.
    pub coverage: Coverage,
}

impl Proof {
    /// Adds the verdicts of another environment.
    pub fn add(&mut self, other: Self) {
        self.judged.extend(other.judged);
        self.made.extend(other.made);
        let (one, other) = (&mut self.coverage, other.coverage);
        one.fields += other.fields;
        one.by_key += other.by_key;
        one.by_patch += other.by_patch;
        one.raw += other.raw;
        one.outside += other.outside;
        one.apps += other.apps;
        one.plain_apps += other.plain_apps;
    }

    /// The number of originals with a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.judged.iter().filter(|judged| judged.verdict == verdict).count()
    }
}

/// What is said of an encrypted object that was given a namespace.
const MOVED: &str = "its namespace was added after encryption, so its MAC no longer matches: Flux does not verify it, `sops` does \
                     (`--ignore-mac`)";

/// Fields that Kubernetes never changes.
const FIXED: [(&str, &[&str]); 9] = [
    ("Deployment", &["spec", "selector"]),
    ("DaemonSet", &["spec", "selector"]),
    ("StatefulSet", &["spec", "selector"]),
    ("StatefulSet", &["spec", "serviceName"]),
    ("StatefulSet", &["spec", "podManagementPolicy"]),
    ("StatefulSet", &["spec", "volumeClaimTemplates"]),
    ("Job", &["spec", "template"]),
    ("PersistentVolumeClaim", &["spec"]),
    ("Service", &["spec", "clusterIP"]),
];

/// What becomes of the originals of an environment.
#[derive(Debug, Clone, Copy)]
pub struct Fates<'a> {
    /// Its apps, with what is theirs.
    pub drafts: &'a [Draft],
    /// What goes nowhere, with the reason.
    pub outside: &'a [(usize, String)],
    /// What the environment itself says, with what that means.
    pub within: &'a [(usize, Within)],
}

/// What is said of what an environment would say if it had an app.
const NO_APP: &str = "nothing of its folder is imported";

/// Judges the originals of an environment: `plain` is what is rendered without patches.
#[must_use]
pub fn judge(
    environment: &str,
    world: &World,
    fates: &Fates<'_>,
    rendered: &[Object],
    plain: &[Object],
) -> Proof {
    let originals = Side::new(world.all.iter().map(|original| &original.object));
    let (side, plain) = (Side::new(rendered.iter()), Side::new(plain.iter()));
    let mut judging = Judging {
        environment,
        world,
        originals: &originals,
        rendered: &side,
        plain: &plain,
        met: BTreeSet::new(),
        proof: Proof::default(),
    };
    let Fates { drafts, outside, within } = fates;
    for draft in *drafts {
        for (at, fate) in &draft.fates {
            judging.one(*at, Some(draft), fate);
        }
    }
    for (at, Within { key, why }) in *within {
        let file = || format!("environments/{environment}.yaml");
        let (key, why) = (key.map_or_else(file, str::to_owned), why.clone());
        let fate = if drafts.is_empty() {
            Fate::Left { why: NO_APP.to_owned() }
        } else {
            Fate::Within { key, why }
        };
        judging.one(*at, None, &fate);
    }
    for (at, why) in *outside {
        judging.one(*at, None, &Fate::Left { why: why.clone() });
    }
    judging.made();
    let programs = drafts.iter().filter(|draft| draft.is_program());
    judging.proof.coverage.apps = programs.clone().count();
    let is_plain = |draft: &&Draft| draft.patches.is_empty() && draft.raw.is_empty();
    judging.proof.coverage.plain_apps = programs.filter(is_plain).count();
    judging.proof
}

struct Judging<'a> {
    environment: &'a str,
    world: &'a World,
    originals: &'a Side<'a>,
    rendered: &'a Side<'a>,
    plain: &'a Side<'a>,
    /// What stands in the place of an original: kind and name.
    met: BTreeSet<(String, String)>,
    proof: Proof,
}

impl Judging<'_> {
    fn one(&mut self, at: usize, draft: Option<&Draft>, fate: &Fate) {
        let original = &self.world.all[at];
        if original.is_inner {
            self.met.insert((original.object.kind().to_owned(), original.name().to_owned()));
            return;
        }
        let object = &original.object;
        let mut judged = Judged {
            object: object.identity().to_string(),
            file: original.file.to_string(),
            environment: self.environment.to_owned(),
            app: draft.map(|draft| draft.name.clone()),
            verdict: Verdict::Outside,
            becomes: None,
            reason: None,
            fields: Vec::new(),
            new: Vec::new(),
        };
        let own = leaves(&serde_json::json!(object.value()));
        let coverage = &mut self.proof.coverage;
        match fate {
            Fate::Left { why } => {
                judged.reason = Some(why.clone());
                // What is left to others on purpose is no field that the spec lacks words for; it has its verdict.
                coverage.outside += own;
                coverage.fields += own;
            }
            Fate::Within { key, why } => {
                judged.verdict = Verdict::More;
                judged.becomes = Some(format!("`{key}`"));
                judged.reason = Some(why.clone());
                coverage.fields += own;
                coverage.by_key += own;
            }
            Fate::Same | Fate::Raw => {
                let place = (object.kind(), object.name());
                self.beside(object, place, draft, &mut judged, *fate == Fate::Raw);
            }
            Fate::Becomes { kind, name, why } => {
                self.beside(object, (kind, name), draft, &mut judged, false);
                if judged.verdict != Verdict::Outside {
                    judged.verdict = Verdict::Recreated;
                    judged.becomes = Some(format!("{kind} `{name}`"));
                    judged.reason = Some(why.clone());
                }
            }
        }
        if *fate == Fate::Raw && judged.verdict != Verdict::Outside {
            judged.becomes = Some("`extra`".to_owned());
            if original.seal == Seal::Moved {
                judged.reason = Some(MOVED.to_owned());
            }
        }
        self.proof.judged.push(judged);
    }

    /// Compares an original with what is rendered under a kind and name.
    fn beside(
        &mut self,
        object: &Object,
        (kind, name): (&str, &str),
        draft: Option<&Draft>,
        judged: &mut Judged,
        is_raw: bool,
    ) {
        let find = |side: &Side<'_>| side.find(kind, object.namespace(), name).cloned();
        let (found, plain) = (find(self.rendered), find(self.plain));
        let Some(found) = found else {
            judged.reason = Some("nothing is rendered in its place".to_owned());
            let own = leaves(&serde_json::json!(object.value()));
            self.proof.coverage.fields += own;
            self.proof.coverage.outside += own;
            return;
        };
        self.met.insert((kind.to_owned(), found.name().to_owned()));
        let Compared { lost, new, fields } = compare(self.originals, object, self.rendered, &found);
        let before = plain.map_or_else(Vec::new, |plain| {
            compare(self.originals, object, self.plain, &plain).lost
        });
        let count = |fields: &[Field]| -> usize {
            fields.iter().filter_map(|field| field.before.as_ref()).map(leaves).sum()
        };
        let (missing, unsaid) = (count(&lost), count(&before));
        let coverage = &mut self.proof.coverage;
        coverage.fields += fields;
        if is_raw {
            coverage.raw += fields - missing.min(fields);
        } else {
            coverage.by_patch += unsaid.saturating_sub(missing);
            coverage.by_key += fields - unsaid.max(missing).min(fields);
        }
        coverage.outside += missing.min(fields);
        let decided = draft.map_or(&[][..], |draft| draft.decided.as_slice());
        let chosen = lost.iter().find(|field| is_decided(field, decided));
        if let Some(field) = chosen {
            let path = dotted(&field.path).join(".");
            let why = decided.iter().find(|(end, _)| {
                path.ends_with(&format!(".{end}")) || path.contains(&format!(".{end}."))
            });
            judged.reason = why.map(|(_, why)| why.clone());
        }
        judged.fields = lost.iter().map(|field| field.path.to_string()).collect();
        let unique: BTreeSet<Behaviour> =
            new.iter().map(|field| behaviour::of_field(kind, field)).collect();
        judged.new = unique.into_iter().collect();
        let is_fixed = |field: &Field| {
            let path = dotted(&field.path);
            FIXED.iter().any(|(of, start)| {
                *of == kind
                    && start.iter().zip(&path).all(|(one, other)| one == other)
                    && path.len() >= start.len()
            })
        };
        judged.verdict = if lost.iter().any(is_fixed) {
            Verdict::Recreated
        } else if !lost.is_empty() {
            Verdict::Different
        } else if !judged.new.is_empty() {
            Verdict::More
        } else {
            Verdict::Same
        };
        if judged.verdict == Verdict::Recreated {
            judged.reason = Some("Kubernetes never changes these fields".to_owned());
        }
    }

    /// What is rendered in no original's place.
    fn made(&mut self) {
        let is_quiet = |kind: &str| {
            // How Flux applies the tree, and with which rights, is what gen is for.
            [
                "Kustomization",
                "GitRepository",
                "Role",
                "RoleBinding",
                "ClusterRole",
                "ClusterRoleBinding",
            ]
            .contains(&kind)
        };
        for object in self.rendered.objects() {
            let place = (object.kind().to_owned(), object.name().to_owned());
            let is_apply = object.namespace() == Some("flux-system");
            if self.met.contains(&place) || is_quiet(object.kind()) || is_apply {
                continue;
            }
            let made = (object.identity().to_string(), behaviour::of_object(object.kind()));
            self.proof.made.push(made);
        }
        self.proof.made.sort();
    }
}
