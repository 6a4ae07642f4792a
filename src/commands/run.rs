//! `gen run`: a PipelineRun to create by hand.

use crate::cli::args::Run;
use crate::commands::Session;
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, UsageError};
use crate::fleet::prepare;
use crate::manifests::{RunRequest, printed_run};
use crate::model::RunParam;
use crate::spec::nearest;
use crate::yaml::Value;

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
    let known = app
        .pipeline
        .as_ref()
        .map_or(&[][..], |pipeline| &pipeline.params);
    let params = params(known, &args.params)?;
    let text = printed_run(&fleet.engine, &prepared.seen, app, &RunRequest { params })?;
    session.screen.data(&text);
    Ok(Exit::Done)
}

/// What was typed, against what the pipeline declares.
fn params(known: &[RunParam], typed: &[String]) -> Result<Vec<(String, Value)>, Diagnostics> {
    let bad = |text: &str, hint: String| {
        Diagnostics::from(Diagnostic::error(UsageError::BadParam {
            text: text.to_owned(),
            hint,
        }))
    };
    let mut params: Vec<(String, Value)> = Vec::new();
    for text in typed {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            bad(
                text,
                "write KEY=VALUE, as in `--param revision=main`".to_owned(),
            )
        })?;
        let names = || known.iter().map(|param| param.name.as_str());
        let param = known
            .iter()
            .find(|param| param.name == name)
            .ok_or_else(|| {
                let hint = nearest(name, names()).map_or_else(
                    || {
                        format!(
                            "its parameters are {}",
                            names()
                                .map(|name| format!("`{name}`"))
                                .collect::<Vec<_>>()
                                .join(", ")
                        )
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                bad(text, hint)
            })?;
        let value = param
            .parse(value)
            .map_err(|problem| bad(text, format!("`{name}` {problem}")))?;
        params.retain(|(other, _)| other != name);
        params.push((name.to_owned(), value));
    }
    let unset = |param: &&RunParam| {
        param.default.is_none() && !params.iter().any(|(name, _)| *name == param.name)
    };
    match known.iter().find(unset) {
        None => Ok(params),
        Some(param) => Err(Diagnostic::error(UsageError::ParamNotSet {
            name: param.name.clone(),
            kind: param.kind.word().to_owned(),
        })
        .into()),
    }
}
