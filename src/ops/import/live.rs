//! The objects in a namespace of a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::ImportReport;
use crate::cluster::{Connection, Listing, Looked, Options, Survey, contents, survey};
use crate::diagnostics::{Diagnostics, ImportError};
use crate::import::{About, Input, Original, is_made};
use crate::kubernetes::Object;
use crate::kubernetes::definitions::Definitions;
use crate::kubernetes::json::text;
use crate::name::Check;
use crate::ops::Target;
use crate::ops::check::Unread;
use crate::yaml::{Value, emit_document};

/// Reads the objects of a namespace, without those that controllers made of others.
pub(super) fn read(
    namespace: &str,
    target: &Target,
    environment: &str,
    report: &mut ImportReport,
) -> Result<(Vec<Input>, About), Diagnostics> {
    Check::Label.test(namespace)?;
    let connection = Connection::open(target)?;
    let keep = |object: &mut Json| empty(object);
    let looked = contents(&connection, namespace, &keep, &Options::default())?;
    let mut missing: Vec<String> = Vec::new();
    missing.extend(looked.unread.iter().map(|one| one.right.clone()).filter(|one| !one.is_empty()));
    report.unread.extend(looked.unread.into_iter().map(unread));
    let file: Arc<str> = Arc::from(format!("namespace {namespace}"));
    let mut all: Vec<Live> = Vec::new();
    for object in looked.objects {
        match Live::new(object, &file) {
            Ok(one) => all.push(one),
            Err(why) => report.unread.push(Unread { file: file.to_string(), why }),
        }
    }
    let services: BTreeMap<&str, &Original> = all
        .iter()
        .filter(|one| one.original.kind() == ("", "Service"))
        .map(|one| (one.original.name(), &one.original))
        .collect();
    let made: Vec<bool> =
        all.iter().map(|one| is_made(&one.original, |name| services.get(name).copied())).collect();
    let mut about = About { context: target.context.clone(), ..About::default() };
    let mut originals = Vec::new();
    for (one, is_made) in all.into_iter().zip(made) {
        if is_made {
            *report.owned.entry(one.original.object.kind().to_owned()).or_default() += 1;
            continue;
        }
        if let Some(applier) = one.applier {
            *report.appliers.entry(applier).or_default() += 1;
        }
        about.lines += one.lines;
        originals.push(one.original);
    }
    // A namespace alone is nothing to make a spec of.
    if originals.iter().all(|one| one.kind() == ("", "Namespace")) {
        originals.clear();
        if let [first, more @ ..] = missing.as_slice() {
            let missing = match more.len() {
                0 => first.clone(),
                number => format!("{first} (and {number} more)"),
            };
            let namespace = namespace.to_owned();
            return Err(ImportError::NamespaceUnread { namespace, missing }.into());
        }
    }
    let definitions = definitions(&connection, &originals)?;
    report.unread.extend(definitions.unread.into_iter().map(unread));
    for one in definitions.objects.into_iter().filter_map(|one| Live::new(one, &file).ok()) {
        about.lines += one.lines;
        originals.push(one.original);
    }
    Ok((vec![Input { environment: environment.to_owned(), originals, applied: None }], about))
}

/// A live object.
struct Live {
    original: Original,
    /// What applies it.
    applier: Option<String>,
    /// The lines that kubectl would print.
    lines: usize,
}

impl Live {
    fn new(object: Json, file: &Arc<str>) -> Result<Self, String> {
        // An original is without the marks of tools.
        let applier = applier(&object);
        let object = Object::new(Value::from(object))?;
        let lines = emit_document(object.value()).lines().count();
        Ok(Self { original: Original::new(object, Arc::clone(file)), applier, lines })
    }
}

fn unread(one: crate::cluster::Unread) -> Unread {
    let why = match one.right.as_str() {
        "" => one.why,
        right => format!("{}; it needs `{right}`", one.why),
    };
    Unread { file: one.what, why }
}

/// The definitions of custom kinds that gen does not know by itself.
fn definitions(connection: &Connection, originals: &[Original]) -> Result<Looked, Diagnostics> {
    let mut unknown = BTreeSet::new();
    for original in originals {
        let (api_version, (group, kind)) = (original.object.api_version(), original.kind());
        if !group.is_empty() && Definitions::built_in().kind(api_version, kind).is_none() {
            unknown.insert((group.to_owned(), kind.to_owned()));
        }
    }
    if unknown.is_empty() {
        return Ok(Looked::default());
    }
    let list = Listing {
        group: "apiextensions.k8s.io".to_owned(),
        version: "v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        plural: "customresourcedefinitions".to_owned(),
        namespace: None,
        selector: String::new(),
    };
    let is_wanted = |definition: &Json| {
        let of = |path: &[&str]| text(definition, path).to_owned();
        unknown.contains(&(of(&["spec", "group"]), of(&["spec", "names", "kind"])))
    };
    // There may be hundreds, each of megabytes.
    let keep = |definition: &mut Json| {
        if !is_wanted(definition)
            && let Some(fields) = definition.as_object_mut()
        {
            fields.remove("spec");
        }
    };
    let lists = [Survey { list, namespaces: Vec::new() }];
    let mut looked = survey(connection, &lists, &keep, &Options::default())?;
    looked.objects.retain(is_wanted);
    Ok(looked)
}

/// Empties what is secret as soon as it is read: keys are of use, values are nobody's business.
fn empty(object: &mut Json) {
    if text(object, &["kind"]) == "Secret" && text(object, &["apiVersion"]) == "v1" {
        for place in ["data", "stringData"] {
            let values = object.get_mut(place).and_then(Json::as_object_mut);
            for value in values.into_iter().flat_map(|values| values.values_mut()) {
                *value = Json::from("");
            }
        }
        // kubectl keeps the whole Secret here.
        if let Some(Json::Object(annotations)) = object.pointer_mut("/metadata/annotations") {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
}

/// What applies it, of the tools that apply again or delete what they know.
fn applier(object: &Json) -> Option<String> {
    let label = |key: &str| text(object, &["metadata", "labels", key]);
    let annotation = |key: &str| text(object, &["metadata", "annotations", key]);
    for (kind, api) in [("Kustomization", "kustomize"), ("HelmRelease", "helm")] {
        let part = |part: &str| label(&format!("{api}.toolkit.fluxcd.io/{part}")).to_owned();
        let (name, namespace) = (part("name"), part("namespace"));
        if !name.is_empty() {
            return Some(format!("{kind} {namespace}/{name}"));
        }
    }
    let release = annotation("meta.helm.sh/release-name");
    if !release.is_empty() {
        let namespace = annotation("meta.helm.sh/release-namespace");
        return Some(format!("Helm release {namespace}/{release}"));
    }
    let tracked = annotation("argocd.argoproj.io/tracking-id");
    let application = match tracked.split(':').next().unwrap_or_default() {
        "" => label("argocd.argoproj.io/instance"),
        name => name,
    };
    (!application.is_empty()).then(|| format!("Argo CD application {application}"))
}
