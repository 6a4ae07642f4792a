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
use crate::model::App;
use command::command;
use read::expected;

/// A Secret that rendered objects expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The environment that needs it.
    pub environment: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// The kube context, if the environment sets one.
    pub context: Option<String>,
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

/// Whose Secrets to list, and whom to ask about them.
#[derive(Debug, Clone, Copy)]
pub struct SecretsOptions<'a> {
    /// Environments and apps.
    pub selection: Selection<'a>,
    /// Ask the clusters.
    pub live: bool,
    /// How its cluster is reached; the context of the environment's file if it names none.
    pub target: &'a Target,
}

/// A Secret that must exist in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEntry {
    /// What is expected of it.
    pub expected: Expected,
    /// How to make it.
    pub command: String,
    /// How it is in the cluster, where that was asked.
    pub live: Option<State>,
}

/// All Secrets that the rendered objects expect.
#[derive(Debug, Clone, Default)]
pub struct SecretsReport {
    /// By environment, namespace and name.
    pub secrets: Vec<SecretEntry>,
    /// What failed while clusters were asked.
    pub problems: Diagnostics,
    /// The Roles with which nothing would have been refused, as YAML.
    pub role: Option<String>,
}

impl SecretsReport {
    /// Whether it is known of every Secret that was asked about.
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

/// Lists the Secrets that the rendered objects of the environments expect, and asks the clusters which are there where that is wanted.
/// Never a value: gen has none.
///
/// # Errors
/// What is wrong with the spec or its templates; an app or environment that does not exist. What fails in a cluster is told beside
/// the list.
pub fn secrets(
    context: &mut Context<'_>,
    options: &SecretsOptions<'_>,
) -> Result<SecretsReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let environments = options.selection.of(&fleet)?;
    let repository = fleet.repository().url;
    let rendering =
        Rendering::new(&fleet, context.workspace).of(&environments, options.selection.apps);
    let found = rendering.each(&Standing::default(), |rendered| {
        let prepared = rendered.prepared;
        let all: Vec<&App> = prepared.apps.iter().collect();
        let one: Vec<&App> = rendered.app.into_iter().collect();
        let apps = if one.is_empty() { &all } else { &one };
        expected(&prepared.environment, apps, &repository, &rendered.folder)
    })?;
    // Two apps may share a Secret: it is made once.
    let mut all: BTreeMap<(String, String, String), Expected> = BTreeMap::new();
    for secret in found.into_iter().flatten() {
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
    let mut states =
        if options.live { ask::ask(options, &all, &mut report) } else { Vec::new() }.into_iter();
    report.secrets = all
        .into_iter()
        .map(|expected| SecretEntry { command: command(&expected), live: states.next(), expected })
        .collect();
    Ok(report)
}
