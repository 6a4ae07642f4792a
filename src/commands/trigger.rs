//! `gen trigger test`: what an event of the git host would start.

use std::io::Read as _;
use std::path::Path;

use crate::cli::args::{Trigger, TriggerAction, TriggerTest};
use crate::commands::Session;
use crate::diagnostics::{Exit, FileId, UsageError};
use crate::fleet::prepare;
use crate::rendering::{Rendering, Standing};
use crate::webhook::{Event, outcomes};
use crate::yaml::{Limits, Node, Value, emit_document, read_documents};

/// A host sends at most this much: GitHub's limit.
const EVENT_LIMIT: u64 = 25 << 20;

/// Tries a trigger.
///
/// # Errors
/// What is wrong with the spec; an app or environment that does not exist; an event that cannot be read.
pub fn trigger(session: &mut Session, args: &Trigger) -> anyhow::Result<Exit> {
    let TriggerAction::Test(args) = &args.action;
    test(session, args)
}

fn test(session: &mut Session, args: &TriggerTest) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let (fleet, _) = prepare(&workspace, &mut session.sources)?;
    fleet.check_apps(std::slice::from_ref(&args.app))?;
    let prepared = fleet.select_environments(std::slice::from_ref(&args.environment))?[0];
    let event = event(session, args)?;
    let rendering = Rendering {
        fleet: &fleet,
        environments: &[prepared],
        apps: std::slice::from_ref(&args.app),
        files: &workspace,
        verify: false,
    };
    let texts = rendering.each(&Standing::default(), |rendered| {
        let file = rendered.folder.files.get("app/trigger.yaml");
        file.filter(|_| rendered.app.is_some()).cloned()
    })?;
    let text = texts
        .into_iter()
        .flatten()
        .next()
        .ok_or_else(|| UsageError::NoTrigger {
            app: args.app.clone(),
            env: args.environment.clone(),
        })?;
    let objects: Vec<Value> = read_documents(FileId::BUILT_IN, &text, Limits::default())?
        .iter()
        .map(Node::to_value)
        .collect();
    let mut started = false;
    for outcome in outcomes(&objects, &event) {
        match outcome.result {
            Err(refusal) => session.screen.talk(&format!(
                "{}: `{}` says no: {}\n",
                outcome.trigger, refusal.interceptor, refusal.why
            )),
            Ok(made) => {
                session
                    .screen
                    .talk(&format!("{}: starts a run\n", outcome.trigger));
                for object in made {
                    let gap = if started { "---\n" } else { "" };
                    session
                        .screen
                        .data(&format!("{gap}{}", emit_document(&object)));
                    started = true;
                }
            }
        }
    }
    Ok(if started {
        Exit::Done
    } else {
        Exit::Differences
    })
}

/// The event as it would come over the network.
fn event(session: &Session, args: &TriggerTest) -> anyhow::Result<Event> {
    let path = session.start()?.join(&args.event);
    let bad = |problem: String| UsageError::BadEvent {
        path: args.event.display().to_string(),
        problem,
    };
    let text = read(&path).map_err(|error| bad(error.to_string()))?;
    let body: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let mut headers = Vec::new();
    for header in &args.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            bad(format!(
                "the header `{header}` is not of the form `NAME: VALUE`"
            ))
        })?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let told = |name: &str| {
        ["X-GitHub-Event", "X-Gitlab-Event"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    if !headers.iter().any(|(name, _)| told(name))
        && let Some((name, value)) = Event::guess(&body)
    {
        session.screen.talk(&format!(
            "taken for an event with the header `{name}: {value}`\n"
        ));
        headers.push((name.to_owned(), value.to_owned()));
    }
    Ok(Event { body, headers })
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(EVENT_LIMIT)
        .read_to_string(&mut text)?;
    Ok(text)
}
