//! `gen check --authority`: who can change an environment.

use std::path::{Path, PathBuf};

use super::{Context, foreign, own};
use crate::check::rbac::{Authority, authority};
use crate::check::{Cluster, Declared, Judge};
use crate::diagnostics::Diagnostics;
use crate::ops::Selection;

/// The repository of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Git {
    /// Its address.
    pub url: String,
    /// The branch that Flux follows.
    pub branch: String,
}

/// Who can change one environment, or what lies at paths.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentAuthority {
    /// The environment; none for YAML of others.
    pub environment: Option<String>,
    /// The repository of the spec; none for YAML of others.
    pub git: Option<Git>,
    /// The chain.
    pub chain: Authority,
}

/// Who can change what.
#[derive(Debug, Clone, Default)]
pub struct AuthorityReport {
    /// In the order of promotion.
    pub environments: Vec<EnvironmentAuthority>,
}

/// The chains of what the spec renders to.
///
/// # Errors
/// Errors in the spec, its templates and files.
pub fn who(
    context: &mut Context<'_>,
    selection: Selection<'_>,
) -> Result<AuthorityReport, Diagnostics> {
    let mut report = AuthorityReport::default();
    own::each(context, selection, |judge, name, repository, objects| {
        report.environments.push(EnvironmentAuthority {
            environment: Some(name.to_owned()),
            git: Some(Git { url: repository.url.clone(), branch: repository.branch.clone() }),
            chain: authority(judge, objects),
        });
    })?;
    Ok(report)
}

/// The same of YAML at paths.
///
/// # Errors
/// A path that is not there.
pub fn who_paths(start: &Path, paths: &[PathBuf]) -> Result<AuthorityReport, Diagnostics> {
    let given = foreign::read(start, paths)?;
    let (cluster, declared) = (Cluster::among(&given.objects), Declared::default());
    let judge = Judge { definitions: &given.definitions, cluster: &cluster, declared: &declared };
    let chain = authority(judge, &given.objects);
    let one = EnvironmentAuthority { chain, ..EnvironmentAuthority::default() };
    Ok(AuthorityReport { environments: vec![one] })
}
