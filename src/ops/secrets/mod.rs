//! The Secrets that rendered objects need, their purpose, and how to create them. gen never sees a value.
//!
//! They are read from the rendered tree itself, so none is forgotten; the purpose of a Secret is
//! known from the app.

mod ask;
mod command;
mod read;
mod role;
mod state;

pub use state::State;

use std::collections::{BTreeMap, BTreeSet};

use super::rendering::{Rendering, Standing};
use super::{Context, Selection, Target};
use crate::diagnostics::Diagnostics;
use crate::files::Files;
use crate::fleet::Fleet;
pub(super) use command::command;
pub(super) use read::{Made, expected};

/// A Secret that rendered objects expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The environment that needs it.
    pub environment: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// The cluster for commands: the one asked for, or that of the environment's file.
    pub target: Target,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type, as in `kubernetes.io/tls`.
    pub kind: &'static str,
    /// Its keys, each with a description.
    pub keys: BTreeMap<String, String>,
    /// Keys that may be missing.
    pub optional: BTreeMap<String, String>,
    /// The objects that use it: kind and name.
    pub users: BTreeSet<String>,
    /// The consequence if it is missing.
    pub breaks: BTreeSet<&'static str>,
    /// The remaining step once it exists.
    pub then: BTreeSet<String>,
}

/// Options of the listing.
#[derive(Debug, Clone, Copy)]
pub struct SecretsOptions<'a> {
    /// Environments and apps.
    pub selection: Selection<'a>,
    /// Check which exist in the clusters.
    pub live: bool,
    /// The cluster; without a context, that of the environment's file.
    pub target: &'a Target,
}

/// A Secret that must exist in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEntry {
    /// The requirements.
    pub expected: Expected,
    /// The command that creates it.
    pub command: String,
    /// Its state in the cluster, if checked.
    pub live: Option<State>,
}

/// All Secrets that the rendered objects expect.
#[derive(Debug, Clone, Default)]
pub struct SecretsReport {
    /// By environment, namespace and name.
    pub secrets: Vec<SecretEntry>,
    /// Failures of the check.
    pub problems: Diagnostics,
    /// The Roles that grant the missing permissions, as YAML.
    pub role: Option<String>,
}

impl SecretsReport {
    /// Whether the state of every checked Secret is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let unknown = |secret: &SecretEntry| matches!(secret.live, Some(State::Unknown(_)));
        !self.secrets.iter().any(unknown)
    }

    /// Whether a Secret or one of its keys is missing.
    #[must_use]
    pub fn lacks_any(&self) -> bool {
        let lacks = |secret: &SecretEntry| {
            matches!(secret.live, Some(State::Missing | State::Incomplete(_)))
        };
        self.secrets.iter().any(lacks)
    }
}

/// Lists the Secrets that the rendered objects of the environments expect, and checks on request which exist. Never a value: gen
/// has none.
///
/// # Errors
/// Errors in the spec or its templates; an unknown app or environment. Failures of a cluster are in the report.
pub fn secrets(
    context: &mut Context<'_>,
    options: &SecretsOptions<'_>,
) -> Result<SecretsReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    secrets_of(&fleet, context.workspace, options)
}

/// The same of a fleet that was read from these files.
///
/// # Errors
/// Errors in templates; an unknown app or environment.
pub fn secrets_of(
    fleet: &Fleet,
    files: &dyn Files,
    options: &SecretsOptions<'_>,
) -> Result<SecretsReport, Diagnostics> {
    let environments = options.selection.of(fleet)?;
    let repository = fleet.repository().url;
    let rendering = Rendering::new(fleet, files).of(&environments, options.selection.apps);
    let found = rendering.each(&Standing::default(), |rendered| {
        let prepared = rendered.prepared;
        let apps = rendered.app.map_or(prepared.apps.as_slice(), std::slice::from_ref);
        let environment = &prepared.environment;
        let target = options.target.or(environment.context.as_ref());
        expected(environment, &target, apps, &repository, &rendered.folder)
    })?;
    let (found, made): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let made: BTreeSet<(String, String, String)> = made.into_iter().flatten().collect();
    let is_made = |secret: &Expected| {
        made.contains(&(secret.cluster.clone(), secret.namespace.clone(), secret.name.clone()))
    };
    // Two apps can share a Secret: it is created once.
    let mut all: BTreeMap<(String, String, String), Expected> = BTreeMap::new();
    for secret in found.into_iter().flatten().filter(|secret| !is_made(secret)) {
        let key = (secret.environment.clone(), secret.namespace.clone(), secret.name.clone());
        match all.get_mut(&key) {
            None => {
                all.insert(key, secret);
            }
            Some(known) => {
                if secret.kind != "Opaque" {
                    known.kind = secret.kind;
                }
                known.keys.extend(secret.keys);
                known.optional.extend(secret.optional);
                known.users.extend(secret.users);
                known.breaks.extend(secret.breaks);
                known.then.extend(secret.then);
            }
        }
    }
    let mut report = SecretsReport::default();
    let all: Vec<Expected> = all.into_values().collect();
    let states = if options.live { ask::ask(&all, &mut report) } else { Vec::new() };
    let states = states.into_iter().map(Some).chain(std::iter::repeat(None));
    let entries = all.into_iter().zip(states);
    report.secrets = entries
        .map(|(expected, live)| SecretEntry { command: command(&expected), live, expected })
        .collect();
    Ok(report)
}
