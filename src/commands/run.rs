//! `gen run`: a PipelineRun to create by hand.

use crate::cli::args::Run;
use crate::commands::Session;
use crate::error::{Diagnostic, Diagnostics, Exit, UsageError};
use crate::fleet::prepare;
use crate::name::Check;
use crate::resources::{RunRequest, printed_run};

/// Prints a run.
///
/// # Errors
/// What is wrong with the spec; an app, environment or parameter that does not exist.
pub fn run(session: &mut Session, args: &Run) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let (fleet, _) = prepare(&workspace, &mut session.sources)?;
    fleet.check_apps(std::slice::from_ref(&args.app))?;
    let prepared = fleet.select_environments(std::slice::from_ref(&args.environment))?[0];
    let app = prepared.apps.iter().find(|app| app.name == args.app);
    let app = app
        .filter(|app| app.pipeline.is_some())
        .ok_or_else(|| UsageError::NoPipeline {
            app: args.app.clone(),
            env: args.environment.clone(),
        })?;
    let params = args
        .params
        .iter()
        .map(|text| param(text))
        .collect::<Result<Vec<_>, _>>()?;
    let text = printed_run(&fleet.engine, &prepared.seen, app, &RunRequest { params })?;
    session.screen.data(&text);
    Ok(Exit::Done)
}

/// The pipeline has one parameter, so that is the one that can be set.
fn param(text: &str) -> Result<(String, String), Diagnostics> {
    let bad = |hint: &str| {
        Diagnostics::from(Diagnostic::error(UsageError::BadParam {
            text: text.to_owned(),
            hint: hint.to_owned(),
        }))
    };
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| bad("write KEY=VALUE, as in `--param revision=main`"))?;
    if key != "revision" {
        return Err(bad("its parameter is `revision`"));
    }
    Check::GitRef
        .test(value)
        .map_err(|error| Diagnostics::from(Diagnostic::error(error)))?;
    Ok((key.to_owned(), value.to_owned()))
}
