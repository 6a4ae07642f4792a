//! The rules of this family.

use crate::check::finding::{Level, Rule};

/// The rules of this family.
pub static RULES: &[&Rule] = &[
    &UNKNOWN_DEPENDENCY,
    &CYCLE,
    &NO_SOURCE,
    &NO_PATH,
    &TWO_OWNERS,
    &NAMESPACE_LATER,
    &DEFINITION_LATER,
    &SUBSTITUTION,
    &NO_NAME,
    &NOT_DECRYPTED,
    &SUSPENDED,
    &NOT_PRUNED,
    &SCALED_TWICE,
    &PLAIN_SECRET,
    &UNKNOWN_EVENTS,
    &INVENTORY,
    &NEVER_READY,
    &CHECKS_IGNORED,
    &OTHER_NAMESPACE,
];

const KUSTOMIZATION: &str = "https://fluxcd.io/flux/components/kustomize/kustomizations/";

pub(super) static UNKNOWN_DEPENDENCY: Rule = Rule {
    id: "CHK5001",
    name: "flux-unknown-dependency",
    level: Level::Error,
    holds: "A Kustomization depends on Kustomizations that exist.",
    otherwise: "It waits for ever: `dependency … not found`.",
    cure: "name one that is there, or remove the dependency",
    source: KUSTOMIZATION,
};

pub(super) static CYCLE: Rule = Rule {
    id: "CHK5002",
    name: "flux-dependency-cycle",
    level: Level::Error,
    holds: "Kustomizations do not depend on each other in a circle.",
    otherwise: "None of them is ever applied: each waits for the others.",
    cure: "remove one of the dependencies",
    source: KUSTOMIZATION,
};

pub(super) static NO_SOURCE: Rule = Rule {
    id: "CHK5003",
    name: "flux-no-source",
    level: Level::Warning,
    holds: "The source that a Kustomization or HelmRelease names is among the objects, where other sources of its namespace are.",
    otherwise: "It is not ready: `Source artifact not found`.",
    cure: "add the source, or name the one that is there",
    source: KUSTOMIZATION,
};

pub(super) static NO_PATH: Rule = Rule {
    id: "CHK5004",
    name: "flux-no-path",
    level: Level::Error,
    holds: "The path of a Kustomization is a folder of the repository.",
    otherwise: "It is not ready: `kustomization path not found`.",
    cure: "name a folder that is there; the path begins at the root of the source",
    source: KUSTOMIZATION,
};

pub(super) static TWO_OWNERS: Rule = Rule {
    id: "CHK5005",
    name: "flux-two-owners",
    level: Level::Error,
    holds: "An object is applied by one Kustomization.",
    otherwise: "The two overwrite each other with every interval, and the one that loses the file prunes the object of the other.",
    cure: "let the paths of the two not lie in each other",
    source: KUSTOMIZATION,
};

pub(super) static NAMESPACE_LATER: Rule = Rule {
    id: "CHK5006",
    name: "flux-namespace-later",
    level: Level::Warning,
    holds: "A Kustomization depends on the one that applies the namespace of its objects.",
    otherwise: "The first apply fails with `namespaces … not found`, until the other has been applied.",
    cure: "add `dependsOn`",
    source: KUSTOMIZATION,
};

pub(super) static DEFINITION_LATER: Rule = Rule {
    id: "CHK5007",
    name: "flux-definition-later",
    level: Level::Warning,
    holds: "A Kustomization depends on the one that applies the definitions of its custom objects.",
    otherwise: "The dry run fails with `no matches for kind`, and nothing of the Kustomization is applied until the definition is there.",
    cure: "add `dependsOn`",
    source: KUSTOMIZATION,
};

pub(super) static SUBSTITUTION: Rule = Rule {
    id: "CHK5008",
    name: "flux-substitution",
    level: Level::Error,
    holds: "Where a Kustomization substitutes variables, every `${NAME}` in its objects is one of them or has a default.",
    otherwise: "Flux 2.9 and later refuse the build: `variable not set`; older ones leave an empty text in its place.",
    cure: "set the variable, or annotate the object: `kustomize.toolkit.fluxcd.io/substitute: disabled`",
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution",
};

pub(super) static NO_NAME: Rule = Rule {
    id: "CHK5009",
    name: "flux-no-name",
    level: Level::Error,
    holds: "What a Kustomization applies has a name of its own, not only `generateName`.",
    otherwise: "Server-side apply needs a name: the build of the whole Kustomization fails.",
    cure: "give it a name, or create it by other means, as a trigger does",
    source: KUSTOMIZATION,
};

pub(super) static NOT_DECRYPTED: Rule = Rule {
    id: "CHK5010",
    name: "flux-not-decrypted",
    level: Level::Error,
    holds: "A Kustomization with files encrypted by SOPS has `decryption`.",
    otherwise: "Values under `data` are refused: `is SOPS encrypted, configuring decryption is required`. Under `stringData` the encrypted text itself becomes the secret.",
    cure: "set `spec.decryption` with the provider and the Secret of the key",
    source: "https://fluxcd.io/flux/guides/mozilla-sops/",
};

pub(super) static SUSPENDED: Rule = Rule {
    id: "CHK5011",
    name: "flux-suspended",
    level: Level::Info,
    holds: "Nothing is suspended for good in Git.",
    otherwise: "No change below it is applied, and nothing says so but the object itself.",
    cure: "remove `suspend`, or resume it",
    source: KUSTOMIZATION,
};

pub(super) static NOT_PRUNED: Rule = Rule {
    id: "CHK5012",
    name: "flux-not-pruned",
    level: Level::Warning,
    holds: "A Kustomization prunes what is no longer in Git.",
    otherwise: "An object whose file is removed stays in the cluster, and works on.",
    cure: "set `prune: true`, and protect single objects with `kustomize.toolkit.fluxcd.io/prune: disabled`",
    source: KUSTOMIZATION,
};

pub(super) static SCALED_TWICE: Rule = Rule {
    id: "CHK5013",
    name: "flux-scaled-twice",
    level: Level::Warning,
    holds: "A workload that an autoscaler scales says no `replicas`.",
    otherwise: "With every interval Flux sets the number of pods back, and the autoscaler changes it again.",
    cure: "remove `replicas` from the workload",
    source: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
};

pub(super) static PLAIN_SECRET: Rule = Rule {
    id: "CHK5014",
    name: "secret-in-clear",
    level: Level::Warning,
    holds: "No Secret has its values in Git, unless they are encrypted.",
    otherwise: "Everybody who can read the repository, now or later, has the secret.",
    cure: "encrypt it with SOPS, seal it, or name where an ExternalSecret finds it",
    source: "https://fluxcd.io/flux/security/secrets-management/",
};

pub(super) static UNKNOWN_EVENTS: Rule = Rule {
    id: "CHK5015",
    name: "flux-unknown-events",
    level: Level::Info,
    holds: "An Alert or Receiver names objects that exist, where others of their kind and namespace do.",
    otherwise: "No event ever comes, or the webhook reconciles nothing.",
    cure: "name an object that is there",
    source: "https://fluxcd.io/flux/components/notification/",
};

pub(super) static INVENTORY: Rule = Rule {
    id: "CHK5016",
    name: "flux-inventory",
    level: Level::Warning,
    holds: "A Kustomization applies fewer than 5,000 objects.",
    otherwise: "Its inventory is kept in its status, and an object larger than 1.5 MiB is refused by etcd.",
    cure: "split it into several",
    source: KUSTOMIZATION,
};

pub(super) static NEVER_READY: Rule = Rule {
    id: "CHK5017",
    name: "flux-never-ready",
    level: Level::Error,
    holds: "What a Kustomization waits for can become ready: by `wait: true` every object, by `healthChecks` those named.",
    otherwise: "Every reconciliation fails when its timeout ends, and whatever depends on the Kustomization is never applied.",
    cure: "apply it by a Kustomization without `wait`, or together with what makes it ready",
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#health-assessment",
};

pub(super) static CHECKS_IGNORED: Rule = Rule {
    id: "CHK5018",
    name: "flux-checks-ignored",
    level: Level::Warning,
    holds: "A Kustomization has `wait: true` or `healthChecks`, not both.",
    otherwise: "With `wait: true` the list is ignored: an object in it that another Kustomization applies is not waited for.",
    cure: "remove one of them",
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#health-checks",
};

pub(super) static OTHER_NAMESPACE: Rule = Rule {
    id: "CHK5019",
    name: "flux-other-namespace",
    level: Level::Info,
    holds: "Objects of Flux refer to sources in their own namespace.",
    otherwise: "Where several teams share a cluster, the controllers run with `--no-cross-namespace-refs` and refuse it.",
    cure: "make a source in this namespace",
    source: "https://fluxcd.io/flux/installation/configuration/multitenancy/",
};

/// Only between two trees: `gen check --since`.
pub(super) static MOVED: Rule = Rule {
    id: "CHK5020",
    name: "flux-moved",
    level: Level::Warning,
    holds: "An object stays with the Kustomization that applies it, or the new one applies it before the old one prunes it.",
    otherwise: "Flux deletes the object with everything that it owns, and recreates it when it next reconciles the new Kustomization.",
    cure: "annotate it with `kustomize.toolkit.fluxcd.io/prune: disabled` in one commit, and move it in the next",
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources",
};
