//! The raw manifests of an app: which files of its folder they are. Every file is taken, or named as left out.

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::files::Files;
use crate::kubernetes::documents;
use crate::model::App;
use crate::ops::mounted::Mounted;
use crate::yaml::Value;

/// Maximum size of a raw manifest, in bytes.
const LIMIT: u64 = 4 << 20;
/// The names that kustomize looks for.
pub(in crate::ops) const KUSTOMIZATION: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// What a kustomization can hold without changing a manifest.
pub(in crate::ops) const HARMLESS: [&str; 4] = ["apiVersion", "kind", "resources", "namespace"];

/// What an app takes from files of the repository: raw manifests, and files to mount.
#[derive(Debug, Clone, Default, Hash)]
pub struct Raw {
    /// Path and text.
    pub manifests: Vec<(String, Arc<str>)>,
    /// Files that are no manifests, with reasons.
    pub left_out: Vec<(String, String)>,
    /// Files that its programs mount.
    pub mounted: Mounted,
}

/// Reads the manifests of a folder; if there is a kustomization, those of its `resources`.
///
/// # Errors
/// A file that cannot be read; a kustomization that does more than name files; a folder without manifests.
pub fn raw(files: &dyn Files, app: &App, folder: &str) -> Result<Raw, Diagnostics> {
    let all = files.list(folder)?;
    let refused = |path: &str, problem: String| -> Diagnostics {
        let path = path.to_owned();
        Diagnostic::error(SpecError::BadManifest { path, problem }).at(app.extra_span).into()
    };
    let mut raw = Raw::default();
    let mut named = Vec::new();
    let is_built = kustomization(files, (app, folder), &all, &mut named, &refused)?;
    for path in all {
        let name = path.rsplit('/').next().unwrap_or(&path);
        let is_manifest = [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
        if KUSTOMIZATION.contains(&name) {
            if !is_built {
                let problem = "gen does not run kustomize below the folder of `extra`".to_owned();
                return Err(refused(&path, problem));
            }
        } else if is_built && !named.contains(&path) {
            raw.left_out.push((path, "its kustomization does not name it".to_owned()));
        } else if !is_manifest && !is_built {
            raw.left_out.push((path, "it is neither YAML nor JSON".to_owned()));
        } else if let Some(text) = files.read(&path, LIMIT)? {
            raw.manifests.push((path, text));
        }
    }
    if raw.manifests.is_empty() {
        return Err(refused(folder, "no manifests".to_owned()));
    }
    Ok(raw)
}

/// Reads the kustomization of a folder into the paths that it names. Returns whether there is one.
fn kustomization(
    files: &dyn Files,
    (app, folder): (&App, &str),
    all: &[String],
    named: &mut Vec<String>,
    bad: &dyn Fn(&str, String) -> Diagnostics,
) -> Result<bool, Diagnostics> {
    let is_there = |name: &&&str| all.contains(&format!("{folder}/{name}"));
    let found: Vec<&&str> = KUSTOMIZATION.iter().filter(is_there).collect();
    let [name] = found[..] else {
        let Some(first) = found.first() else { return Ok(false) };
        return Err(bad(
            &format!("{folder}/{first}"),
            "the folder has more than one kustomization".to_owned(),
        ));
    };
    let path = format!("{folder}/{name}");
    let text = files.read(&path, LIMIT)?.unwrap_or_default();
    let content = match documents(&text) {
        Ok(documents) if documents.len() == 1 => documents.into_iter().next().unwrap_or_default(),
        Ok(_) => return Err(bad(&path, "a kustomization must be one document".to_owned())),
        Err(problem) => return Err(bad(&path, problem)),
    };
    let Some(map) = content.as_map() else {
        return Err(bad(&path, "a kustomization must be a mapping".to_owned()));
    };
    if let Some((key, _)) = map.iter().find(|(key, _)| !HARMLESS.contains(key)) {
        return Err(bad(
            &path,
            format!(
                "gen does not run kustomize, and `{key}` would be ignored: put what `kubectl kustomize` makes of it into the folder, or use keys and patches"
            ),
        ));
    }
    if map.get("namespace").is_some_and(|name| name.as_str() != Some(&app.namespace)) {
        let namespace = &app.namespace;
        return Err(bad(
            &path,
            format!("its `namespace` is not the app's, `{namespace}`: leave it out"),
        ));
    }
    let resources = map.get("resources").and_then(Value::as_seq).unwrap_or_default();
    for resource in resources {
        let path_of =
            resource.as_str().map(|name| format!("{folder}/{}", name.trim_start_matches("./")));
        let Some(of) = path_of.filter(|path| all.contains(path)) else {
            let name = resource.as_str().unwrap_or("an entry");
            let problem = format!(
                "`{name}` of `resources` is no file of this folder, and gen does not run kustomize"
            );
            return Err(bad(&path, problem));
        };
        if named.contains(&of) {
            return Err(bad(&path, format!("`resources` names `{of}` twice")));
        }
        named.push(of);
    }
    Ok(true)
}
