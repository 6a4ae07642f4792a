//! Raw manifests of the app: passed through into its namespace. What SOPS has encrypted is not touched at all.

use std::sync::Arc;

use super::files::{File, Placed};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, SpecError};
use crate::kubernetes::{Object, is_namespaced};
use crate::model::App;
use crate::name::Check;
use crate::yaml::{Limits, Value, read_documents};

/// Raw manifests taken in.
#[derive(Default)]
pub(super) struct Extra {
    /// Objects that gen places like its own.
    pub(super) placed: Vec<Placed>,
    /// Encrypted files, by path in the unit's folder.
    pub(super) raw: Vec<(String, String)>,
}

/// Takes in the manifests of an app: path and text of each file.
pub(super) fn extra(app: &App, manifests: &[(String, Arc<str>)]) -> Result<Extra, Diagnostics> {
    let mut extra = Extra::default();
    let mut problems = Diagnostics::default();
    for (path, text) in manifests {
        if let Err(problem) = file(app, path, text, &mut extra) {
            problems.push(Diagnostic::error(problem).at(app.extra_span));
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(extra) }
}

fn file(app: &App, path: &str, text: &str, extra: &mut Extra) -> Result<(), SpecError> {
    let bad = |problem: String| SpecError::BadManifest { path: path.to_owned(), problem };
    // Windows' editors write a byte order mark; kubectl and kustomize pass over it, too.
    let text = text.trim_start_matches('\u{feff}');
    for node in read_documents(FileId::BUILT_IN, text, Limits::default()).into_iter().flatten() {
        if let Some((word, span)) = node.read_otherwise().first() {
            let line = span.start.line;
            return Err(bad(format!(
                "line {line}: Kubernetes reads unquoted `{word}` as a number or a boolean: quote it, or write the number in decimal or the boolean as `true` or `false`"
            )));
        }
    }
    let mut objects = Vec::new();
    let mut encrypted = false;
    for document in serde_yaml::Deserializer::from_str(text) {
        let value: serde_json::Value =
            serde::Deserialize::deserialize(document).map_err(|error| bad(error.to_string()))?;
        if value.is_null() {
            continue;
        }
        encrypted |= value.get("sops").is_some();
        objects.push(Object::new(Value::from(value)).map_err(bad)?);
    }
    if encrypted {
        return sops(app, path, text, &objects, extra).map_err(bad);
    }
    for mut object in objects {
        if object.kind() == "Secret" {
            return Err(SpecError::SecretManifest { path: path.to_owned() });
        }
        namespaced(app, &object).map_err(bad)?;
        object.metadata_mut().insert("namespace", app.namespace.as_str());
        extra.placed.push(Placed { file: File::Extra, object });
    }
    Ok(())
}

/// An encrypted file is carried over as it is: its MAC covers everything but the `sops` part.
fn sops(
    app: &App,
    path: &str,
    text: &str,
    objects: &[Object],
    extra: &mut Extra,
) -> Result<(), String> {
    for object in objects {
        namespaced(app, object)?;
        if object.namespace() != Some(&app.namespace) {
            return Err(format!(
                "an encrypted object cannot be moved: set `namespace: {}` before encrypting",
                app.namespace
            ));
        }
    }
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
    let target = format!("app/sops-{safe}.yaml");
    if extra.raw.iter().any(|(path, _)| *path == target) {
        return Err(format!("two encrypted files would be named `{target}`"));
    }
    extra.raw.push((target, text.to_owned()));
    Ok(())
}

fn namespaced(app: &App, object: &Object) -> Result<(), String> {
    // Flux applies by name, so an object without one never gets there; and a name is a part of the API's path.
    let name = object.value().str_at(&["metadata", "name"]).unwrap_or_default();
    if Check::Name.test(name).is_err() {
        return Err(format!("`{name}` is not a valid name for a {}", object.kind()));
    }
    if !is_namespaced(object.kind()) {
        return Err(format!(
            "a {} is cluster-scoped, and the app's account is limited to its namespace",
            object.kind()
        ));
    }
    if object.group() == "rbac.authorization.k8s.io" {
        return Err(format!(
            "a {} can only be applied by an account with the same permissions; use `permissions`",
            object.kind()
        ));
    }
    match object.namespace() {
        Some(namespace) if namespace != app.namespace => Err(format!(
            "{} is for the namespace `{namespace}`, but the app is in `{}`",
            object.kind(),
            app.namespace
        )),
        _ => Ok(()),
    }
}
