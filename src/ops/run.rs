//! Makes a PipelineRun to be created by hand.

use super::{Context, app_in, pins};
use crate::diagnostics::{Diagnostics, UsageError};
use crate::manifests::{RunRequest, printed_job, printed_run};
use crate::model::{App, Pipeline, RunParam};
use crate::ops::rendering::unit_of;
use crate::spec::{hint, listed};
use crate::yaml::Value;

/// A run as YAML. `params` are as typed: `KEY=VALUE`.
///
/// # Errors
/// Errors in the spec; an unknown app, environment or parameter.
pub fn run(
    context: &mut Context<'_>,
    app: &str,
    environment: &str,
    params: &[String],
) -> Result<String, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, found) = app_in(&fleet, app, environment)?;
    let no_pipeline =
        || UsageError::NoPipeline { app: app.to_owned(), env: environment.to_owned() };
    let pipeline = found.pipeline.as_ref().ok_or_else(no_pipeline)?;
    let params = checked(pipeline, params)?;
    printed_run(&fleet.engine, &prepared.seen, found, &prepared.patches, &RunRequest { params })
}

/// The Job of a process as YAML.
///
/// # Errors
/// Errors in the spec; an unknown app, environment or process, or one that is no job; no image.
pub fn run_process(
    context: &mut Context<'_>,
    app: &str,
    environment: &str,
    process: &str,
) -> Result<String, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, found) = app_in(&fleet, app, environment)?;
    let jobs = |app: &App| -> Vec<String> {
        let jobs = app.processes.iter().filter(|process| process.workload.job.is_some());
        jobs.map(|process| process.name.clone()).collect()
    };
    let known = jobs(found);
    let no_job = || {
        let known = known.iter().map(String::as_str);
        let list = || match known.clone().next() {
            Some(_) => format!("its jobs: {}", listed(known.clone())),
            None => "it has none; write `workload: {job: manual}` for a process".to_owned(),
        };
        let hint = hint(process, known.clone(), list);
        let (name, app, env) = (process.to_owned(), app.to_owned(), environment.to_owned());
        UsageError::NoJob { name, app, env, hint }
    };
    if !known.iter().any(|name| name == process) {
        return Err(no_job().into());
    }
    if found.image.reference.is_none() {
        let (app, env) = (app.to_owned(), environment.to_owned());
        return Err(UsageError::NoImageYet { app, env }.into());
    }
    let unit = unit_of(&fleet, prepared);
    Ok(printed_job(unit, found, process)?.unwrap_or_default())
}

/// Checks the typed parameters against the pipeline's.
fn checked(pipeline: &Pipeline, typed: &[String]) -> Result<Vec<(String, Value)>, Diagnostics> {
    let known = &pipeline.params;
    let bad = |text: &str, hint: String| {
        Diagnostics::from(UsageError::BadParam { text: text.to_owned(), hint })
    };
    let mut params: Vec<(String, Value)> = Vec::new();
    for text in typed {
        let shape = || bad(text, "write KEY=VALUE, as in `--param revision=main`".to_owned());
        let (name, value) = text.split_once('=').ok_or_else(shape)?;
        let names = || known.iter().map(|param| param.name.as_str());
        let param = known.iter().find(|param| param.name == name).ok_or_else(|| {
            let list = || format!("its parameters are {}", listed(names()));
            let hint = hint(name, names(), list);
            bad(text, hint)
        })?;
        let value =
            param.parse(value).map_err(|problem| bad(text, format!("`{name}` {problem}")))?;
        if let Some(revision) = value.as_str().filter(|_| param.built_in && name == "revision") {
            pins::refuse_short_commit(revision)?;
        }
        if RunParam::is_expanded(&value) && is_variable(pipeline, name) {
            let hint = "a task has it as a variable, in which Kubernetes replaces `$$` and `$(…)`";
            return Err(bad(text, hint.to_owned()));
        }
        params.retain(|(other, _)| other != name);
        params.push((name.to_owned(), value));
    }
    let unset = |param: &&RunParam| {
        param.default.is_none() && !params.iter().any(|(name, _)| *name == param.name)
    };
    let Some(RunParam { name, kind, .. }) = known.iter().find(unset) else {
        return Ok(params);
    };
    Err(UsageError::ParamNotSet { name: name.clone(), kind: kind.word().to_owned() }.into())
}

/// Whether a parameter becomes a variable of a task that gen renders.
fn is_variable(pipeline: &Pipeline, name: &str) -> bool {
    let carried = pipeline.all().flat_map(|task| {
        let values = task.params.iter().chain(&task.matrix);
        values.filter(|(param, _)| task.carried.contains(param))
    });
    let mut texts = carried.filter_map(|(_, value)| value.as_str());
    texts.any(|text| {
        let rest = text.strip_prefix("$(params.").and_then(|text| text.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with([')', '.', '[']))
    })
}
