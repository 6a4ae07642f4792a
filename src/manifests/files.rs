//! Which object goes into which file, and how a file is written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rayon::prelude::*;

use super::retired::{APPLY, RETIRED};
use crate::diagnostics::FileId;
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::kubernetes::Object;
use crate::model::App;
use crate::yaml::{Limits, Map, Value, emit_document, emit_into, read_documents};

/// A file of a unit. The order is that of the files in a kustomization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum File {
    /// Namespaces and the apply account.
    Apply,
    /// Rights that the apply account needs only to prune.
    Retired,
    /// Accounts of the app and its tasks.
    Accounts,
    /// Tasks and the Pipeline.
    Pipeline,
    /// What webhooks start.
    Trigger,
    /// Jobs before the rollout, and what they mount.
    Before,
    /// Raw manifests that those jobs may read: Secrets and ConfigMaps.
    Early,
    /// The workload.
    Workload,
    /// ServiceMonitor and the like.
    Monitoring,
    /// Raw manifests.
    Extra,
    /// Jobs after the rollout.
    After,
    /// The run.
    Run,
}

impl File {
    /// Its path in the unit's folder.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Apply => APPLY,
            Self::Retired => RETIRED,
            Self::Accounts => "access/accounts.yaml",
            Self::Pipeline => "app/pipeline.yaml",
            Self::Trigger => "app/trigger.yaml",
            Self::Before => "before/workload.yaml",
            Self::Early => "before/extra.yaml",
            Self::Workload => "app/workload.yaml",
            Self::Monitoring => "app/monitoring.yaml",
            Self::Extra => "app/extra.yaml",
            Self::After => "after/workload.yaml",
            Self::Run => "run/run.yaml",
        }
    }

    /// What it is a part of, as the label `app.kubernetes.io/component` says.
    pub(super) fn component(self) -> &'static str {
        match self {
            Self::Apply | Self::Retired | Self::Accounts => "access",
            Self::Pipeline | Self::Run => "pipeline",
            Self::Trigger => "trigger",
            Self::Before | Self::Early | Self::Workload | Self::Extra | Self::After => "workload",
            Self::Monitoring => "monitoring",
        }
    }

    /// Where its objects live that do not say where.
    pub(super) fn namespace(self, app: &App) -> &str {
        match self {
            Self::Pipeline | Self::Trigger | Self::Run => &app.pipeline_namespace,
            Self::Apply
            | Self::Retired
            | Self::Accounts
            | Self::Before
            | Self::Early
            | Self::Workload
            | Self::Monitoring
            | Self::Extra
            | Self::After => &app.namespace,
        }
    }

    /// It holds what runs of the app.
    pub(super) fn is_workload(self) -> bool {
        matches!(self, Self::Before | Self::Workload | Self::After)
    }

    /// It holds raw manifests.
    pub(super) fn is_raw(self) -> bool {
        matches!(self, Self::Early | Self::Extra)
    }

    /// The app's own account applies it, not the cluster's.
    pub(super) fn is_applied_by_app(self) -> bool {
        !matches!(self, Self::Apply | Self::Retired | Self::Accounts)
    }
}

/// An object and the file that it goes into.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) file: File,
    pub(super) object: Object,
    /// Which of the app's programs it is made for: itself (0), or a process.
    pub(super) program: usize,
    /// How it was made, where that is asked for.
    pub(super) steps: Vec<super::steps::Step>,
}

impl Placed {
    pub(super) fn new(file: File, object: Object) -> Self {
        Self { file, object, program: 0, steps: Vec::new() }
    }

    /// Notes a step that changed the object.
    pub(super) fn note(&mut self, maker: super::steps::Maker) {
        let value = self.object.value().clone();
        if self.steps.last().is_none_or(|last| last.value != value) {
            self.steps.push(super::steps::Step { maker, value });
        }
    }
}

/// The first lines of every file.
pub(super) fn header(environment: &str) -> String {
    format!(
        "# Written by gen from gen.yaml and environments/{environment}.yaml. Change those: an edit here is refused.\n"
    )
}

/// Room for most files of an app, so that they do not move while they grow.
const MOST_FILES_FIT: usize = 16 * 1024;

/// Objects as one file.
pub(super) fn stream<'a>(environment: &str, objects: impl Iterator<Item = &'a Object>) -> String {
    let mut out = String::with_capacity(MOST_FILES_FIT);
    out.push_str(&header(environment));
    documents(&mut out, objects);
    out
}

/// The same for thousands of objects, which threads share among them.
pub(super) fn long_stream(environment: &str, objects: &[Object]) -> String {
    let parts = objects.par_chunks(100).map(|part| {
        let mut out = String::with_capacity(MOST_FILES_FIT);
        documents(&mut out, part.iter());
        out
    });
    let parts: Vec<String> = parts.collect();
    header(environment) + &parts.join(SEPARATOR)
}

/// Between two documents.
pub(super) const SEPARATOR: &str = "---\n";

fn documents<'a>(out: &mut String, objects: impl Iterator<Item = &'a Object>) {
    for (index, object) in objects.enumerate() {
        if index > 0 {
            out.push_str(SEPARATOR);
        }
        emit_into(out, object.value());
    }
}

/// All files of a unit, each folder with its kustomization.
pub(super) fn files(
    environment: &str,
    placed: &[Placed],
    raw: Vec<(String, String)>,
) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<File, Vec<&Object>> = BTreeMap::new();
    for Placed { file, object, .. } in placed {
        by_file.entry(*file).or_default().push(object);
    }
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (file, objects) in by_file {
        files.insert(file.path().to_owned(), stream(environment, objects.into_iter()));
    }
    files.extend(raw);
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files.keys() {
        if let Some((folder, name)) = path.split_once('/') {
            folders.entry(folder.to_owned()).or_default().push(name.to_owned());
        }
    }
    for (folder, names) in folders {
        files.insert(format!("{folder}/kustomization.yaml"), kustomization(environment, &names));
    }
    files
}

/// Reads files back and compares them with the objects that they were written from.
///
/// # Errors
/// GEN0812 for the first file that says something else.
pub(super) fn verify(
    files: &BTreeMap<String, String>,
    placed: &[Placed],
) -> Result<(), Diagnostics> {
    let mut by_file: BTreeMap<File, Vec<&Object>> = BTreeMap::new();
    for Placed { file, object, .. } in placed {
        by_file.entry(*file).or_default().push(object);
    }
    for (file, objects) in by_file {
        let path = file.path();
        let text = files.get(path).map(String::as_str).unwrap_or_default();
        let wrong = |problem: &str| {
            Diagnostics::from(Diagnostic::error(TreeError::NotVerified {
                path: path.to_owned(),
                problem: problem.to_owned(),
            }))
        };
        let read = read_documents(FileId::BUILT_IN, text, Limits::default())
            .map_err(|error| wrong(&error.to_string()))?;
        if read.len() != objects.len()
            || read.iter().zip(&objects).any(|(node, object)| node.to_value() != *object.value())
        {
            return Err(wrong("it reads back as other objects"));
        }
        // A second reader of another make: libyaml.
        let documents =
            serde_yaml::Deserializer::from_str(text).map(serde::Deserialize::deserialize);
        let second: Vec<serde_json::Value> = documents
            .collect::<Result<_, serde_yaml::Error>>()
            .map_err(|error| wrong(&error.to_string()))?;
        if second
            .into_iter()
            .map(Value::from)
            .ne(objects.iter().map(|object| object.value().clone()))
        {
            return Err(wrong("another YAML parser reads it as other objects"));
        }
    }
    Ok(())
}

/// A kustomization.yaml that lists files, so that `kubectl apply -k`, `kustomize build` and Flux read the folder alike.
#[must_use]
pub fn kustomization(environment: &str, names: &[String]) -> String {
    let mut map = Map::default();
    map.push("apiVersion", "kustomize.config.k8s.io/v1beta1");
    map.push("kind", "Kustomization");
    map.push("resources", Value::Seq(names.iter().map(|name| Value::Str(name.clone())).collect()));
    let mut out = header(environment);
    let _ = write!(out, "{}", emit_document(&Value::Map(map)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_read_back_is_known() {
        let map = [
            ("apiVersion", "v1".into()),
            ("kind", "ConfigMap".into()),
            ("metadata", Value::from([("name", "a".into())])),
        ];
        let object = Object::new(Value::from(map)).unwrap();
        let file = File::Extra;
        let placed = [Placed::new(file, object)];
        let good = files("dev", &placed, Vec::new());
        assert_eq!(verify(&good, &placed), Ok(()));
        let mut bad = good.clone();
        bad.insert(file.path().to_owned(), good[file.path()].replace("name: a", "name: b"));
        let problems = verify(&bad, &placed).unwrap_err();
        insta::assert_snapshot!(problems, @"[GEN0812] `app/extra.yaml` does not read back as written: it reads back as other objects");
    }
}
