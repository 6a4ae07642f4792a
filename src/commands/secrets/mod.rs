//! `gen secrets`: what must be in the cluster before anything works, and the commands that make it.

mod live;

use std::collections::BTreeMap;

use crate::cli::OutputFormat;
use crate::cli::args::Secrets;
use crate::commands::Session;
use crate::diagnostics::Exit;
use crate::fleet::prepare;
use crate::model::App;
use crate::rendering::{Rendering, Standing};
use crate::report::{SecretEntry, SecretsReport};
use crate::secrets::{Expected, command, expected};

/// Lists the Secrets that the rendered objects of the environments expect, and asks the clusters which are there where that is wanted.
/// Never a value: gen has none.
///
/// # Errors
/// What is wrong with the spec or its templates; an app or environment that does not exist. What fails in a cluster is told beside
/// the list.
pub fn secrets(session: &mut Session, args: &Secrets) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let (fleet, _) = prepare(&workspace, &mut session.sources)?;
    fleet.check_apps(&args.apps)?;
    let environments = fleet.select_environments(&args.environments)?;
    let repository = fleet.repository().url;
    let rendering = Rendering {
        fleet: &fleet,
        environments: &environments,
        apps: &args.apps,
        files: &workspace,
        verify: false,
    };
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
        let key = (
            secret.environment.clone(),
            secret.namespace.clone(),
            secret.name.clone(),
        );
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
    let mut states = if args.live {
        live::ask(args, &all, &mut report)
    } else {
        Vec::new()
    }
    .into_iter();
    for secret in all {
        let live = states.next();
        report.secrets.push(SecretEntry {
            live,
            ..entry(secret)
        });
    }
    session.screen.data(&match args.output {
        OutputFormat::Text => report.text(),
        OutputFormat::Json => format!("{:#}\n", report.json(&session.sources)),
    });
    session
        .screen
        .diagnostics(&report.problems, &session.sources);
    let exit = report.problems.exit();
    Ok(if !report.is_complete() {
        exit.worse(Exit::Remote)
    } else if report.lacks_any() {
        exit.worse(Exit::Differences)
    } else {
        exit
    })
}

fn entry(secret: Expected) -> SecretEntry {
    let keys = secret
        .keys
        .iter()
        .map(|(key, doc)| (key.clone(), doc.clone(), false));
    let optional = secret
        .optional
        .iter()
        .map(|(key, doc)| (key.clone(), doc.clone(), true));
    SecretEntry {
        command: command(&secret),
        keys: keys.chain(optional).collect(),
        users: secret.users.into_iter().collect(),
        breaks: secret.breaks.into_iter().map(str::to_owned).collect(),
        then: secret.then.into_iter().collect(),
        environment: secret.environment,
        cluster: secret.cluster,
        namespace: secret.namespace,
        name: secret.name,
        kind: secret.kind.to_owned(),
        live: None,
    }
}
