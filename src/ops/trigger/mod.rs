//! Trying a webhook: what an event of the git host would start.

mod cel;
mod event;
mod interceptor;
mod listener;
mod substitute;

pub use event::Event;
pub use listener::{Outcome, Refusal};

use std::io::Read as _;
use std::path::Path;

use super::rendering::{Rendering, Standing};
use super::{Context, app_in};
use crate::diagnostics::{Diagnostics, FileId, UsageError};
use crate::yaml::{Limits, Node, Value, read_documents};
use listener::outcomes;

/// A host sends at most this much: GitHub's limit.
const EVENT_LIMIT: u64 = 25 << 20;

/// Which event to try, and where.
#[derive(Debug, Clone, Copy)]
pub struct TriggerOptions<'a> {
    /// The app; all that have a trigger if none.
    pub app: Option<&'a str>,
    /// The environment.
    pub environment: &'a str,
    /// The file of the event's body.
    pub file: &'a Path,
    /// Where the file's path begins.
    pub start: &'a Path,
    /// Headers, as in `X-GitHub-Event: push`.
    pub headers: &'a [String],
}

/// Name and value.
type Header = (&'static str, &'static str);

/// What became of an event.
#[derive(Debug, Clone)]
pub struct TriggerReport {
    /// At each trigger.
    pub outcomes: Vec<Outcome>,
    /// The header that was guessed from the body: name and value.
    pub guessed: Option<Header>,
    /// It is of all apps, of which most have nothing to do with the event.
    pub of_all: bool,
}

impl TriggerReport {
    /// Whether any run starts.
    #[must_use]
    pub fn starts(&self) -> bool {
        let started = |one: &Outcome| one.result.as_ref().is_ok_and(|made| !made.is_empty());
        self.outcomes.iter().any(started)
    }
}

/// Tries an event.
///
/// # Errors
/// What is wrong with the spec; an app or environment that does not exist; an event that cannot be read.
pub fn test(
    context: &mut Context<'_>,
    options: &TriggerOptions<'_>,
) -> Result<TriggerReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let names = [options.environment.to_owned()];
    let apps: Vec<String> = options.app.map(str::to_owned).into_iter().collect();
    let environments = match options.app {
        Some(app) => vec![app_in(&fleet, app, options.environment)?.0],
        None => fleet.select_environments(&names)?,
    };
    let (event, guessed) = event(options)?;
    let rendering = Rendering::new(&fleet, context.workspace).of(&environments, &apps);
    let texts = rendering.each(&Standing::default(), |rendered| {
        // The listener may be in the app's own folder, or be that of all apps.
        let file = if rendered.app.is_some() { "app/trigger.yaml" } else { "listener.yaml" };
        let app = rendered.app.map(|app| app.name.clone());
        Some((app, rendered.folder.files.get(file)?.clone()))
    })?;
    let mut shared: Vec<Value> = Vec::new();
    let mut of_apps: Vec<(String, Vec<Value>)> = Vec::new();
    for (app, text) in texts.into_iter().flatten() {
        let documents = read_documents(FileId::BUILT_IN, &text, Limits::default())?;
        let objects = documents.iter().map(Node::to_value);
        match app {
            Some(app) => of_apps.push((app, objects.collect())),
            None => shared.extend(objects),
        }
    }
    if of_apps.is_empty() {
        let app = options.app.unwrap_or("*").to_owned();
        return Err(UsageError::NoTrigger { app, env: options.environment.to_owned() }.into());
    }
    let of_all = options.app.is_none();
    let outcomes = of_apps.into_iter().flat_map(|(app, mut objects)| {
        let has_own = shared.is_empty();
        objects.extend(shared.iter().cloned());
        let outcomes = outcomes(&objects, &event).into_iter().map(move |mut outcome| {
            if of_all && has_own {
                outcome.trigger = format!("{app}-{}", outcome.trigger);
            }
            outcome
        });
        outcomes.collect::<Vec<_>>()
    });
    Ok(TriggerReport { outcomes: outcomes.collect(), guessed, of_all })
}

/// The event as it would come over the network, and the header that was guessed.
fn event(options: &TriggerOptions<'_>) -> Result<(Event, Option<Header>), UsageError> {
    let path = options.start.join(options.file);
    let bad = |problem: String| UsageError::BadEvent {
        path: options.file.display().to_string(),
        problem,
    };
    let text = read(&path).map_err(|error| bad(error.to_string()))?;
    let body: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| bad(error.to_string()))?;
    let mut headers = Vec::new();
    for header in options.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            bad(format!("the header `{header}` is not of the form `NAME: VALUE`"))
        })?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let tells_kind = |(name, _): &(String, String)| {
        ["X-GitHub-Event", "X-Gitlab-Event", "X-Event-Key"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let is_told = headers.iter().any(tells_kind);
    let guessed = Event::guess(&body).filter(|_| !is_told);
    headers.extend(guessed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok((Event { body, headers }, guessed))
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(EVENT_LIMIT).read_to_string(&mut text)?;
    Ok(text)
}
