//! The objects in a namespace of a cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use super::ImportReport;
use crate::cluster::{Connection, Listing, Looked, Options, Survey, contents, survey};
use crate::diagnostics::{Diagnostics, ImportError};
use crate::import::{About, Input, Original};
use crate::kubernetes::definitions::Definitions;
use crate::kubernetes::json::{at, text};
use crate::kubernetes::{Object, split_api};
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
    let mut looked = contents(&connection, namespace, &keep, &Options::default())?;
    let definitions = definitions(&connection, &looked.objects)?;
    looked.objects.extend(definitions.objects);
    looked.unread.extend(definitions.unread);
    let mut missing: Vec<String> = Vec::new();
    for unread in looked.unread {
        if !unread.right.is_empty() {
            missing.push(unread.right.clone());
        }
        let why = match unread.right.as_str() {
            "" => unread.why,
            right => format!("{} ({right} would let it)", unread.why),
        };
        report.unread.push(Unread { file: unread.what, why });
    }
    let file: Arc<str> = Arc::from(format!("namespace {namespace}"));
    let mut input = Input { environment: environment.to_owned(), ..Input::default() };
    let mut about = About { context: target.context.clone(), ..About::default() };
    let mut is_empty = true;
    let chosen = selecting(&looked.objects);
    for object in looked.objects {
        if is_made(&object) || is_of_service(&object, &chosen) {
            *report.owned.entry(text(&object, &["kind"]).to_owned()).or_default() += 1;
            continue;
        }
        if let Some(owner) = applier(&object) {
            *report.appliers.entry(owner).or_default() += 1;
        }
        let Ok(object) = Object::new(Value::from(object)) else { continue };
        is_empty &= matches!(object.kind(), "Namespace" | "CustomResourceDefinition");
        about.lines += emit_document(object.value()).lines().count();
        input.originals.push(Original::new(object, Arc::clone(&file)));
    }
    // A namespace alone is nothing to make a spec of.
    if is_empty {
        input.originals.clear();
        if let [first, more @ ..] = missing.as_slice() {
            let missing = match more.len() {
                0 => first.clone(),
                number => format!("{first} (and {number} more)"),
            };
            let namespace = namespace.to_owned();
            return Err(ImportError::NamespaceUnread { namespace, missing }.into());
        }
    }
    Ok((vec![input], about))
}

/// The definitions of custom kinds that gen does not know by itself.
fn definitions(connection: &Connection, objects: &[Json]) -> Result<Looked, Diagnostics> {
    let mut unknown = BTreeSet::new();
    for object in objects.iter().filter(|object| !is_made(object)) {
        let (api_version, kind) = (text(object, &["apiVersion"]), text(object, &["kind"]));
        let (group, _) = split_api(api_version);
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

/// The Services whose endpoints Kubernetes keeps: those with a selector.
fn selecting(objects: &[Json]) -> BTreeSet<String> {
    let services = objects.iter().filter(|object| text(object, &["kind"]) == "Service");
    let selecting = services.filter(|service| at(service, &["spec", "selector"]).is_some());
    selecting.map(|service| text(service, &["metadata", "name"]).to_owned()).collect()
}

/// Whether Kubernetes keeps it for a Service; others write those of a Service without a selector by hand.
fn is_of_service(object: &Json, selecting: &BTreeSet<String>) -> bool {
    let service = match text(object, &["kind"]) {
        "Endpoints" => text(object, &["metadata", "name"]),
        "EndpointSlice" => text(object, &["metadata", "labels", "kubernetes.io/service-name"]),
        _ => return false,
    };
    selecting.contains(service)
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

/// Whether a controller made it of another object, or the cluster for every namespace.
fn is_made(object: &Json) -> bool {
    let owners = at(object, &["metadata", "ownerReferences"]).and_then(Json::as_array);
    let is_owned = owners.is_some_and(|owners| {
        owners.iter().any(|owner| owner.get("controller").and_then(Json::as_bool) == Some(true))
    });
    let name = text(object, &["metadata", "name"]);
    let of_cluster = match text(object, &["kind"]) {
        "ConfigMap" => matches!(name, "kube-root-ca.crt" | "openshift-service-ca.crt"),
        // Who changed it meant something by it.
        "ServiceAccount" => {
            let keys = ["imagePullSecrets", "automountServiceAccountToken"];
            name == "default"
                && keys.iter().all(|key| object.get(key).is_none())
                && at(object, &["metadata", "annotations"]).is_none()
        }
        "Secret" => matches!(
            text(object, &["type"]),
            "kubernetes.io/service-account-token" | "helm.sh/release.v1"
        ),
        _ => false,
    };
    is_owned || of_cluster
}
