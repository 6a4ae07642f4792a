//! Raw manifests of the app: passed through into its namespace. What SOPS has encrypted is not touched at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::files::{File, Placed};
use super::plan::Plan;
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, SpecError};
use crate::kubernetes::definitions::{Definitions, Known, Misfit, check};
use crate::kubernetes::security::{Standard, refused as refused_at};
use crate::kubernetes::{Object, documents, items, made_secrets};
use crate::model::{App, Level, When};
use crate::name::Check;
use crate::yaml::{Data, Limits, Node, Value, read_documents};

/// Raw manifests taken in.
#[derive(Default)]
pub(super) struct Extra {
    /// Objects that gen places like its own.
    pub(super) placed: Vec<Placed>,
    /// Encrypted files, by path in the unit's folder.
    pub(super) raw: Vec<(String, String)>,
    /// API group and plural of what is in them.
    pub(super) encrypted: BTreeSet<(String, String)>,
    /// Secrets that come of those: namespace and name.
    pub(super) made: BTreeSet<(String, String)>,
}

/// Takes in the manifests of an app: path and text of each file.
pub(super) fn extra(
    app: &App,
    definitions: &Definitions,
    plan: &Plan,
    manifests: &[(String, Arc<str>)],
) -> Result<Extra, Diagnostics> {
    let mut extra = Extra::default();
    let mut problems = Diagnostics::default();
    for (path, text) in manifests {
        if let Err(found) = file(app, definitions, path, text, &mut extra) {
            for problem in found {
                problems.push(Diagnostic::error(problem).at(app.extra_span));
            }
        }
    }
    for Placed { object, .. } in &extra.placed {
        if let Some(refused) = refused_pods(plan, object) {
            problems.push(Diagnostic::error(refused).at(app.extra_span));
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(extra) }
}

/// The error for an object whose pods the planned level of its namespace refuses.
pub(super) fn refused_pods(plan: &Plan, object: &Object) -> Option<SpecError> {
    let namespace = object.namespace()?;
    let level = plan.all().find(|planned| planned.name == namespace)?.level;
    let standard = match level {
        Level::Privileged => return None,
        Level::Baseline => Standard::Baseline,
        Level::Restricted => Standard::Restricted,
    };
    let refused = refused_at(standard, object);
    let what: Vec<String> =
        refused.iter().map(|Misfit { path, what }| format!("`{path}` {what}")).collect();
    let is_baseline =
        standard == Standard::Restricted && refused_at(Standard::Baseline, object).is_empty();
    let hint = if is_baseline {
        "mend them, or set `security: {level: baseline, reason: …}` for the app"
    } else {
        "mend them, or set `security: {level: privileged, reason: …}` for the app"
    };
    (!what.is_empty()).then(|| SpecError::PodsRefused {
        object: format!("{} `{}`", object.kind(), object.name()),
        namespace: namespace.to_owned(),
        level: level.word(),
        hint,
        what: what.join(", "),
    })
}

fn file(
    app: &App,
    definitions: &Definitions,
    path: &str,
    text: &str,
    extra: &mut Extra,
) -> Result<(), Vec<SpecError>> {
    let bad = |problem: String| SpecError::BadManifest { path: path.to_owned(), problem };
    let nodes = read_documents(FileId::BUILT_IN, text, Limits::default()).unwrap_or_default();
    for node in &nodes {
        if let Some((word, span)) = node.read_otherwise().first() {
            let line = span.start.line;
            return Err(vec![bad(format!(
                "line {line}: Kubernetes reads unquoted `{word}` as a number or a boolean: quote it, or write the number in decimal or the boolean as `true` or `false`"
            ))]);
        }
    }
    let documents = documents(text).map_err(|problem| vec![bad(problem)])?;
    if documents.iter().any(|value| value.get("sops").is_some()) {
        let objects = documents.into_iter().map(Object::new).collect::<Result<Vec<_>, _>>();
        let objects = objects.map_err(|problem| vec![bad(problem)])?;
        return sops(app, definitions, path, text, &objects, extra)
            .map_err(|problem| vec![bad(problem)]);
    }
    let mut problems = Vec::new();
    for (index, document) in documents.into_iter().enumerate() {
        // Both readers pass over empty documents.
        let node = nodes.get(index);
        for value in items(document) {
            match one(app, definitions, path, value, node) {
                Ok(placed) => extra.placed.push(placed),
                Err(found) => problems.extend(found),
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Whether a job before the rollout may need it.
fn is_read_early(kind: &str) -> bool {
    ["Secret", "ConfigMap", "ExternalSecret", "SealedSecret"].contains(&kind)
}

/// One object of a file; `node` is the document that it is in.
fn one(
    app: &App,
    definitions: &Definitions,
    path: &str,
    value: Value,
    node: Option<&Node>,
) -> Result<Placed, Vec<SpecError>> {
    let bad = |problem: String| SpecError::BadManifest { path: path.to_owned(), problem };
    let mut object = Object::new(value).map_err(|problem| vec![bad(problem)])?;
    let has = |key| object.at(&[key]).is_some_and(|value| *value != Value::Null);
    if object.kind() == "Secret" && (has("data") || has("stringData")) {
        return Err(vec![SpecError::SecretManifest { path: path.to_owned() }]);
    }
    let known = placed(app, definitions, &object).map_err(|problem| vec![bad(problem)])?;
    let line = |misfit: &Misfit| node.and_then(|node| line(node, &misfit.path));
    let misfits = check(known, object.value());
    if !misfits.is_empty() {
        let problems = misfits.iter().map(|misfit| {
            let line = line(misfit).map(|line| format!("line {line}: ")).unwrap_or_default();
            bad(format!("{line}`{}` of {} {}", misfit.path, object.kind(), misfit.what))
        });
        return Err(problems.collect());
    }
    object.metadata_mut().insert("namespace", app.namespace.as_str());
    let file = if app.has_job(When::Before) && is_read_early(object.kind()) {
        File::Early
    } else {
        File::Extra
    };
    Ok(Placed::new(file, object))
}

/// The line of the last key of a path that is there.
fn line(node: &Node, path: &str) -> Option<u32> {
    let mut node = node;
    let mut line = None;
    for name in path.split(['.', '[']).filter(|name| !name.is_empty()) {
        let index = name.strip_suffix(']').and_then(|index| index.parse::<usize>().ok());
        match (index, &node.data) {
            (Some(index), Data::Seq(items)) => {
                node = items.get(index)?;
                line = Some(node.span.start.line);
            }
            (None, Data::Map(entries)) => {
                let Some(entry) = entries.iter().find(|entry| entry.key == name) else { break };
                line = Some(entry.key_span.start.line);
                node = &entry.value;
            }
            _ => break,
        }
    }
    line
}

/// An encrypted file is carried over as it is: its MAC covers everything but the `sops` part.
fn sops(
    app: &App,
    definitions: &Definitions,
    path: &str,
    text: &str,
    objects: &[Object],
    extra: &mut Extra,
) -> Result<(), String> {
    for object in objects {
        let known = placed(app, definitions, object)?;
        extra.encrypted.insert((object.group().to_owned(), known.plural.to_owned()));
        if object.namespace() != Some(&app.namespace) {
            return Err(format!(
                "an encrypted object cannot be moved: set `namespace: {}` before encrypting",
                app.namespace
            ));
        }
    }
    extra.made.extend(objects.iter().flat_map(made_secrets));
    let name: String = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".yaml")
        .trim_end_matches(".yml")
        .to_owned();
    let safe: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' })
        .collect();
    let folder = if app.has_job(When::Before) { "before" } else { "app" };
    let target = format!("{folder}/sops-{safe}.yaml");
    if extra.raw.iter().any(|(path, _)| *path == target) {
        return Err(format!("two encrypted files would be named `{target}`"));
    }
    extra.raw.push((target, text.to_owned()));
    Ok(())
}

/// What is known of an object's kind, where the app's account can apply it to the app's namespace.
fn placed<'d>(
    app: &App,
    definitions: &'d Definitions,
    object: &Object,
) -> Result<Known<'d>, String> {
    // Flux applies by name, so an object without one never gets there; and a name is a part of the API's path.
    let name = object.value().str_at(&["metadata", "name"]).unwrap_or_default();
    let kind = object.kind();
    if object.group().ends_with("kustomize.config.k8s.io")
        || object.group() == "config.kubernetes.io"
    {
        return Err(format!("gen does not run kustomize: a {kind} belongs in kustomization.yaml"));
    }
    if Check::Name.test(name).is_err() {
        return Err(format!("`{name}` is not a valid name for a {kind}"));
    }
    let known = known(definitions, object)?;
    if !known.is_namespaced {
        return Err(cluster_scoped(kind));
    }
    let account = object.at(&["spec", "serviceAccountName"]);
    if object.group() == "helm.toolkit.fluxcd.io" && account.is_none() {
        return Err(format!(
            "a {kind} without `serviceAccountName` installs with all rights of the controller; use `helm` for the app, or name an account of its namespace"
        ));
    }
    if object.group() == "rbac.authorization.k8s.io" {
        return Err(format!(
            "a {kind} can only be applied by an account with the same permissions; use `permissions`"
        ));
    }
    match object.namespace() {
        Some(namespace) if namespace != app.namespace => Err(format!(
            "{kind} is for the namespace `{namespace}`, but the app is in `{}`",
            app.namespace
        )),
        _ => Ok(known),
    }
}

/// Why an app cannot have an object of a cluster-scoped kind.
pub(super) fn cluster_scoped(kind: &str) -> String {
    format!("a {kind} is cluster-scoped, and the app's account is limited to its namespace")
}

/// What is known of an object's kind; an error for one that Kubernetes has not, or that nothing is known of.
pub(super) fn known<'d>(
    definitions: &'d Definitions,
    object: &Object,
) -> Result<Known<'d>, String> {
    let (api_version, kind, group) = (object.api_version(), object.kind(), object.group());
    let Some(known) = definitions.kind(api_version, kind) else {
        if Definitions::is_of_kubernetes(group) {
            return Err(format!("Kubernetes has no {kind} in `{api_version}`"));
        }
        return Err(format!(
            "gen does not know the kind `{kind}` of `{group}`: save its CustomResourceDefinition in crds/, as `kubectl get crd NAME -o yaml` prints it"
        ));
    };
    if known.fields.is_none() && Definitions::is_of_kubernetes(group) {
        let versions = Definitions::built_in().versions(group, kind).join("` or `");
        return Err(format!(
            "Kubernetes no longer has {kind} in `{api_version}`, but in `{versions}`"
        ));
    }
    Ok(known)
}
