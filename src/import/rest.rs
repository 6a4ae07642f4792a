//! What is of no app: each has a place, or a reason to have none.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Fate};
use super::made::is_made;
use super::original::{Original, Within};
use super::world::{World, pairs};
use super::write::file_name;
use crate::kubernetes::definitions::Definitions;
use crate::kubernetes::security::{Standard, refused};
use crate::kubernetes::{Object, made_secrets};
use crate::yaml::{Map, Value, emit_document};

/// Where the rest went.
#[derive(Default)]
pub(super) struct Rest {
    /// Namespaces in which apps are.
    pub(super) made: BTreeSet<String>,
    /// What goes nowhere.
    pub(super) outside: Vec<(usize, String)>,
    /// What the environment itself says.
    pub(super) within: Vec<(usize, Within)>,
    /// Settings of the environment.
    pub(super) settings: Map,
    /// Definitions of custom kinds, as files.
    pub(super) crds: BTreeMap<String, String>,
}

const SECRET: &str =
    "values of Secrets are never copied: `gen secrets` lists it with the command that creates it";
const NO_NAMESPACE: &str =
    "it is in no namespace, and an app's objects are: let Flux apply it from a folder of its own";
const UNKNOWN: &str =
    "gen does not know its kind: save its definition in crds/, and import it again";
const OF_FLUX: &str = "gen makes what Flux reads; remove it when Flux reads the new tree";
const RUN: &str = "it is a run, and a spec has none: `gen run` prints one";
const OF_CLUSTER: &str = "the cluster makes it";
const OF_EVERY_CLUSTER: &str = "every cluster has it";
const OF_TEMPLATE: &str = "its StatefulSet creates it";
const DEFAULT_ACCOUNT: &str =
    "each app gets an account of its own, so settings of `default` no longer apply to it";
const DEFINITION: &str =
    "saved in crds/, so that gen knows the kind; what installs the operator still applies it";
const IDLE_NAMESPACE: &str = "no app is in it";

/// Places the objects that are of no app.
pub(super) fn place(world: &World, rest: Vec<usize>, drafts: &mut Vec<Draft>) -> Rest {
    let mut out = Rest::default();
    let mut own: Vec<&str> = Vec::new();
    for (_, crd) in world.of("CustomResourceDefinition") {
        own.extend(crd.object.value().str_at(&["spec", "names", "kind"]));
    }
    let mut raw: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut namespaces = Vec::new();
    for at in rest {
        let original = &world.all[at];
        if let Some(within) = &original.within {
            out.within.push((at, within.clone()));
            continue;
        }
        if let Some(why) = &original.left {
            out.outside.push((at, why.clone()));
            continue;
        }
        if original.kind() == ("", "Namespace") {
            namespaces.push(at);
            continue;
        }
        if let Some(why) = reason(world, original, &own) {
            if original.object.kind() == "CustomResourceDefinition" {
                let path = format!("crds/{}.yaml", file_name(original.name()));
                out.crds.insert(path, emit_document(original.object.value()));
            }
            out.outside.push((at, why.to_owned()));
        } else {
            let namespace = original.namespace().unwrap_or_default().to_owned();
            raw.entry(namespace).or_default().push(at);
        }
    }
    for (namespace, all) in raw {
        for at in all {
            let labels = labels_of(world, at);
            let user = user(world, at, drafts);
            if let Some(place) = user.filter(|place| agrees(&drafts[*place], &labels)) {
                drafts[place].carry(at);
                continue;
            }
            let draft = holder(&namespace, &labels, drafts);
            draft.carry(at);
            admit(&world.all[at].object, draft);
        }
    }
    for at in namespaces {
        let name = world.all[at].name();
        match drafts.iter_mut().find(|draft| draft.namespace.as_deref() == Some(name)) {
            Some(_) if name == "default" => out.outside.push((at, OF_EVERY_CLUSTER.to_owned())),
            Some(draft) => {
                out.made.insert(name.to_owned());
                draft.fate(at, Fate::Same);
            }
            None => out.outside.push((at, IDLE_NAMESPACE.to_owned())),
        }
    }
    out
}

/// Why an object has no place in the spec.
fn reason(world: &World, original: &Original, defined: &[&str]) -> Option<&'static str> {
    let (group, kind) = original.kind();
    let is_filled = ["data", "stringData"].iter().any(|key| original.object.at(&[key]).is_some());
    let service =
        |name: &str| world.find("Service", original.namespace(), name).map(|at| &world.all[at]);
    let known = || Definitions::built_in().kind(original.object.api_version(), kind).is_some();
    match (group, kind) {
        ("", "Secret") if original.is_encrypted() => None,
        _ if is_made(original, service) => Some(OF_CLUSTER),
        ("", "Secret") if is_filled => Some(SECRET),
        ("", "PersistentVolumeClaim") if is_of_template(world, original) => Some(OF_TEMPLATE),
        ("", "ServiceAccount") if original.name() == "default" => Some(DEFAULT_ACCOUNT),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Some(DEFINITION),
        ("tekton.dev", "PipelineRun" | "TaskRun") => Some(RUN),
        // Who is told of what stays as it is; what it is told of has other names.
        ("notification.toolkit.fluxcd.io", "Alert" | "Provider")
            if !original.is_cluster_scoped() && known() =>
        {
            None
        }
        (group, _) if group.ends_with(".fluxcd.io") && kind != "HelmRelease" => Some(OF_FLUX),
        _ if original.is_cluster_scoped() => Some(NO_NAMESPACE),
        _ if !known() && !defined.contains(&kind) => Some(UNKNOWN),
        _ => None,
    }
}

/// Whether a claim is a StatefulSet's, made of a template for one of its pods: `data-db-0`.
fn is_of_template(world: &World, claim: &Original) -> bool {
    let Some((start, ordinal)) = claim.name().rsplit_once('-') else { return false };
    ordinal.bytes().all(|byte| byte.is_ascii_digit())
        && world.of("StatefulSet").any(|(_, set)| {
            let templates = set.object.value().list_at(&["spec", "volumeClaimTemplates"]);
            set.namespace() == claim.namespace()
                && templates.iter().any(|template| {
                    template
                        .str_at(&["metadata", "name"])
                        .is_some_and(|name| start == format!("{name}-{}", set.name()))
                })
        })
}

/// The app that reads the Secrets that an object makes, or the ConfigMap that it is.
fn user(world: &World, at: usize, drafts: &[Draft]) -> Option<usize> {
    let object = &world.all[at].object;
    let made = made_secrets(object);
    drafts.iter().position(|draft| {
        let read = |(namespace, name): &(String, String)| {
            draft.namespace.as_deref() == Some(namespace) && names(&draft.keys, name)
        };
        made.iter().any(read)
    })
}

/// Whether a Secret's name is somewhere in the keys of an app.
fn names(keys: &Map, name: &str) -> bool {
    let is_it = |(key, value): (&str, &Value)| match value {
        Value::Str(text) => matches!(key, "secret" | "pullSecret") && text == name,
        Value::Map(map) => names(map, name),
        Value::Seq(items) => items.iter().any(|item| match item {
            Value::Map(map) => names(map, name),
            Value::Str(text) => key == "pullSecret" && text == name,
            _ => false,
        }),
        _ => false,
    };
    keys.iter().any(is_it)
}

fn labels_of(world: &World, at: usize) -> Vec<(String, String)> {
    pairs(world.body(at), &["metadata", "labels"])
}

/// The level of the namespace of what does nothing but carry: its pods start as they did.
fn admit(object: &Object, draft: &mut Draft) {
    const REASON: &str = "its pods run as they did before";
    let is_refused = |standard| !refused(standard, object).is_empty();
    let level = match (is_refused(Standard::Baseline), is_refused(Standard::Restricted)) {
        (true, _) => "privileged",
        (false, true) => "baseline",
        (false, false) => return,
    };
    let is_carrier = draft.keys.get("workload").and_then(Value::as_str) == Some("none");
    let before = draft.keys.get("security").and_then(|it| it.str_at(&["level"]));
    if is_carrier && before != Some("privileged") {
        let security = [("level", level.into()), ("reason", REASON.into())];
        draft.set("security", Value::from(security));
    }
}

/// Whether an app's own labels leave these as they are.
fn agrees(draft: &Draft, labels: &[(String, String)]) -> bool {
    let own = draft.keys.get("labels").and_then(Value::as_map);
    own.into_iter().flat_map(Map::iter).all(|(key, value)| {
        labels.iter().all(|(name, text)| name != key || value.as_str() == Some(text))
    })
}

/// The app that carries what is in a namespace and of no app: the only one there, or one that does nothing else. An app's labels are on
/// all of its objects, so that one with others is none for them.
fn holder<'d>(
    namespace: &str,
    labels: &[(String, String)],
    drafts: &'d mut Vec<Draft>,
) -> &'d mut Draft {
    let is_here = |draft: &&Draft| draft.namespace.as_deref() == Some(namespace);
    let only = drafts.iter().filter(is_here).count() == 1;
    let carries = |draft: &Draft| {
        let is_none = draft.keys.get("workload").and_then(Value::as_str) == Some("none");
        is_none && draft.keys.keys().all(|key| ["workload", "security"].contains(&key))
    };
    let fits = |draft: &Draft| is_here(&draft) && (only && agrees(draft, labels) || carries(draft));
    if let Some(at) = drafts.iter().position(fits) {
        return &mut drafts[at];
    }
    let is_taken = |name: &str| name == "shared" || drafts.iter().any(|draft| draft.name == name);
    let candidates = std::iter::once(namespace.to_owned())
        .chain((1..).map(|number| format!("{namespace}-extra-{number}")));
    let name = candidates.take(1000).find(|name| !is_taken(name)).unwrap_or_default();
    let mut draft = Draft { name, namespace: Some(namespace.to_owned()), ..Draft::default() };
    draft.set("workload", Value::from("none"));
    drafts.push(draft);
    let last = drafts.len() - 1;
    &mut drafts[last]
}
