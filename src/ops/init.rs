//! Creates a GitOps repository. Nothing is ever overwritten.

use std::collections::BTreeSet;
use std::path::Path;

use super::propose::{adapted, proposed};
use crate::diagnostics::{Diagnostics, FileId, UsageError};
use crate::files::Files as _;
use crate::name::{Check, naturally};
use crate::propose::Proposal;
use crate::template::{CI, INIT};
use crate::workspace::{Workspace, create, occupied};
use crate::yaml::{Limits, Node, read_documents};

/// The sample application's source.
const DEMO: &str = "demo-app-source/";
/// Files that replace those of the same name in the sample with every stage.
const FULL: &str = "full/";

/// The description of the repository.
pub(crate) const README: &str = "README.md";

/// Files for installing Tekton with Flux.
const TEKTON: &str = "tekton/";
/// Their cluster.
const CLUSTER: &str = "clusters/homelab/";
/// The line that they need in gen.yaml.
pub(crate) const WAITS: &str = "flux: {dependsOn: [tekton]}";

/// The content of the new repository.
#[derive(Debug, Clone, Copy)]
pub struct InitOptions<'a> {
    /// The folder, relative to the working folder.
    pub folder: &'a Path,
    /// The same as typed.
    pub shown: &'a Path,
    /// With the sample application's source.
    pub demo: bool,
    /// The sample with every stage.
    pub full: bool,
    /// With a workflow for this host.
    pub ci: Option<Ci>,
    /// With files for installing Tekton on this cluster with Flux.
    pub with_tekton: Option<&'a str>,
    /// The checkout of which to propose a spec: the working folder, and the path as typed.
    pub from: Option<(&'a Path, &'a Path)>,
}

/// A CI system for the checks of a GitOps repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Ci {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Tekton, with Triggers
    Tekton,
}

/// The result of `gen init`.
#[derive(Debug, Clone)]
pub struct InitReport {
    /// The folder as typed.
    pub folder: String,
    /// Every written file, relative to the folder.
    pub written: Vec<String>,
    /// The repository existed, so only the requested additions were written.
    pub was_there: bool,
    /// With the sample application's source.
    pub demo: bool,
    /// The workflow, if any.
    pub ci: Option<Ci>,
    /// The cluster on which Flux installs Tekton, if any.
    pub with_tekton: Option<String>,
    /// The spec that was proposed of a checkout, and what was not looked at there.
    pub proposal: Option<(Proposal, Vec<String>)>,
}

impl Ci {
    /// The folder of its files.
    fn folder(self) -> &'static str {
        match self {
            Self::Github => "github/",
            Self::Gitlab => "gitlab/",
            Self::Tekton => "tekton/",
        }
    }
}

/// Writes the repository.
///
/// # Errors
/// An existing file; an invalid cluster name, or one that no environment uses; a checkout that cannot be read, or has no app in it;
/// errors of the disk.
pub fn init(args: &InitOptions<'_>) -> anyhow::Result<InitReport> {
    let folder = args.folder;
    let proposal = args.from.map(|(start, from)| proposed(start, from, folder)).transpose()?;
    let schema = crate::spec::json_schema::schema_text();
    let fuller = |path: &str| {
        let own = INIT.iter().find(|(other, _)| other.strip_prefix(FULL) == Some(path));
        own.filter(|_| args.full).map(|(_, text)| *text)
    };
    let files = INIT
        .iter()
        .copied()
        .filter(|(path, _)| !path.starts_with(FULL) && !path.starts_with(TEKTON))
        .filter(|(path, _)| args.demo || !path.starts_with(DEMO))
        .map(|(path, text)| {
            let text = fuller(path).unwrap_or(text);
            let own = proposal.as_ref().map(|(proposal, _)| adapted(path, text, proposal));
            (path.to_owned(), waiting(path, own.as_deref().unwrap_or(text), args))
        });
    let ci = args.ci.map(Ci::folder);
    let of_ci = CI
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(ci?)?.to_owned(), bytes.to_vec())));
    let of_tekton = tekton(args)?;
    // An existing repository gets only the requested additions.
    let only_more = (ci.is_some() || args.with_tekton.is_some())
        && proposal.is_none()
        && folder.join("gen.yaml").symlink_metadata().is_ok();
    // A repository made on a Git host begins with a README.
    let has_readme = folder.join(README).symlink_metadata().is_ok();
    let all: Vec<(String, Vec<u8>)> = files
        .chain([("gen.schema.json".to_owned(), schema.into_bytes())])
        .filter(|(path, _)| !(only_more || has_readme && path == README))
        .chain(of_ci)
        .chain(of_tekton)
        .collect();
    if let Some(cluster) = args.with_tekton {
        check_used(cluster, folder, only_more, &all)?;
    }
    // Checked before anything is written, so that either all files are written or none.
    let shown = args.shown.display();
    if let Some(path) = occupied(folder, all.iter().map(|(path, _)| path.as_str()))? {
        return Err(UsageError::WouldOverwrite { path: format!("{shown}/{path}") }.into());
    }
    create(folder, all.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))?;
    Ok(InitReport {
        folder: shown.to_string(),
        written: all.into_iter().map(|(path, _)| path).collect(),
        was_there: only_more,
        demo: args.demo,
        ci: args.ci,
        with_tekton: args.with_tekton.map(str::to_owned),
        proposal,
    })
}

/// The content of a file; in gen.yaml, Flux waits for Tekton if it installs that.
fn waiting(path: &str, text: &[u8], args: &InitOptions<'_>) -> Vec<u8> {
    if args.with_tekton.is_none() || path != "gen.yaml" {
        return text.to_vec();
    }
    let text = String::from_utf8_lossy(text);
    text.replacen("\napps:\n", &format!("\n{WAITS}\napps:\n"), 1).into_bytes()
}

/// The files for installing Tekton on the given cluster.
fn tekton(args: &InitOptions<'_>) -> Result<Vec<(String, Vec<u8>)>, Diagnostics> {
    let Some(cluster) = args.with_tekton else {
        return Ok(Vec::new());
    };
    Check::Folder.test(cluster)?;
    let files = INIT.iter().filter_map(|(path, bytes)| {
        let path = path.strip_prefix(TEKTON)?;
        let own = path.strip_prefix(CLUSTER).map(|rest| format!("clusters/{cluster}/{rest}"));
        Some((own.unwrap_or_else(|| path.to_owned()), bytes.to_vec()))
    });
    Ok(files.collect())
}

/// Refuses a cluster that no environment is on: of those in the folder, or of those that are written.
fn check_used(
    cluster: &str,
    folder: &Path,
    is_there: bool,
    written: &[(String, Vec<u8>)],
) -> Result<(), Diagnostics> {
    let workspace = Workspace::new(folder);
    let mut used = BTreeSet::new();
    let mut take = |path: &str, text: &str| {
        let name = path.strip_prefix("environments/").filter(|name| !name.ends_with(".pins.yaml"));
        if let Some(name) = name.and_then(|name| name.strip_suffix(".yaml")) {
            used.extend(cluster_of(name, text));
        }
    };
    for path in if is_there { workspace.glob("environments/*.yaml")? } else { Vec::new() } {
        let text = workspace.read(&path, Workspace::LARGEST_SPEC)?;
        take(&path, text.as_deref().unwrap_or_default());
    }
    for (path, text) in written {
        take(path, &String::from_utf8_lossy(text));
    }
    if used.is_empty() || used.contains(cluster) {
        return Ok(());
    }
    let known = naturally(used).into_iter().map(|name| format!("`{name}`"));
    let known = known.collect::<Vec<_>>().join(", ");
    Err(UsageError::UnusedCluster { cluster: cluster.to_owned(), known }.into())
}

/// The cluster of an environment's file; none if it is not YAML.
fn cluster_of(environment: &str, text: &str) -> Option<String> {
    let documents = read_documents(FileId::BUILT_IN, text, Limits::default()).ok()?;
    let set = documents.first().and_then(|node| node.get("cluster")).and_then(Node::as_str);
    Some(set.unwrap_or(environment).to_owned())
}
