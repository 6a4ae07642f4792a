//! Runs: the one that stands in Git, the one that a webhook makes, the one that a person creates.

use minijinja::Value as Context_;
use sha2::{Digest, Sha256};

use super::context::{Context, Shared};
use super::finish::hex;
use super::pipeline::claim;
use super::unit::Unit;
use crate::diagnostics::Diagnostics;
use crate::environment::Run;
use crate::kubernetes::Object;
use crate::kubernetes::patch::Patches;
use crate::model::{App, Pipeline, Task};
use crate::name::milliseconds;
use crate::permissions::Rule;
use crate::template::Engine;
use crate::yaml::{Map, Value, emit_document};

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// Parameters beside the defaults.
    pub params: Vec<(String, Value)>,
}

/// Which account each task of a run has.
pub(super) struct Accounts {
    /// For tasks without needs.
    pub(super) general: String,
    /// Tasks with an account of their own.
    pub(super) own: Vec<(String, String)>,
}

impl Accounts {
    /// From what the tasks need: `needs` are the tasks of the pipeline with their permissions.
    pub(super) fn new(
        app: &App,
        pipeline: &Pipeline,
        needs: &[(String, String, Vec<Rule>)],
    ) -> Self {
        match &pipeline.service_account {
            Some(account) => Self { general: account.clone(), own: Vec::new() },
            None => Self {
                general: format!("{}-pipeline", app.name),
                own: needs
                    .iter()
                    .filter(|(_, _, rules)| !rules.is_empty())
                    .map(|(name, object, _)| (name.clone(), object.clone()))
                    .collect(),
            },
        }
    }
}

/// The name of the committed run: `<app>-<env>-<hash>`. The hash covers only what the run consumes, so that a commit which the run
/// itself makes never starts another, and neither does a new version of gen. Nothing where the run would verify an image that
/// is not known yet.
pub(super) fn committed_name(app: &App) -> Option<String> {
    let pipeline = app.pipeline.as_ref().filter(|_| app.run == Run::Commit)?;
    let consumed = if pipeline.builds {
        let revision = app.source.revision.as_ref().unwrap_or(&app.source.branch);
        ("revision", Value::from(revision.as_str()))
    } else {
        ("image", Value::from(app.image.digest.as_ref().or(app.image.reference.as_ref())?.as_str()))
    };
    let mut map = Map::default();
    map.push("app", app.name.as_str());
    map.push("environment", app.environment.as_str());
    map.push(consumed.0, consumed.1);
    // What a run consumes beside the source: only the parameters that the spec declares, so that gen's own never start one.
    let own: Vec<Value> = pipeline
        .params
        .iter()
        .filter(|param| !param.built_in)
        .map(crate::model::RunParam::declaration)
        .collect();
    if !own.is_empty() && pipeline.builds {
        map.push("params", Value::Seq(own));
    }
    if let Some(nonce) = app.nonce {
        map.push("nonce", i64::try_from(nonce).unwrap_or(i64::MAX));
    }
    let hash = hex(&Sha256::digest(Value::Map(map).canonical_json()), 10);
    Some(format!("{}-{hash}", app.instance))
}

/// A PipelineRun: committed under a name, or made by the API server.
pub(super) fn run(
    engine: &Engine,
    context: &Context,
    app: &App,
    name: Option<&str>,
    params: &[(String, Value)],
    accounts: &Accounts,
) -> Result<Vec<Value>, Diagnostics> {
    let context = self::context(context, app, name, params, accounts);
    context.map_or(Ok(Vec::new()), |context| engine.render(TEMPLATE, &context))
}

/// The template of runs.
pub(super) const TEMPLATE: &str = "run/run.yaml";

/// What the template of a run sees; nothing without a pipeline.
pub(super) fn context(
    context: &Context,
    app: &App,
    name: Option<&str>,
    params: &[(String, Value)],
    accounts: &Accounts,
) -> Option<Context_> {
    let pipeline = app.pipeline.as_ref()?;
    let pair = |(name, value): &(String, Value)| {
        Value::from([("name", name.as_str().into()), ("value", value.clone())])
    };
    let mut map = Map::default();
    map.push("name", name.map_or(Value::Null, Value::from));
    map.push("committed", name.is_some() && app.run == Run::Commit);
    map.push("params", Value::Seq(params.iter().map(pair).collect()));
    map.push("timeouts", timeouts(pipeline));
    // Where each run has a claim of its own, its controller keeps it as long as the run, unless told otherwise.
    let own_claim = pipeline.needs_source && !pipeline.workspace.shared;
    map.push("dropsClaim", own_claim && !pipeline.workspace.keep);
    map.push("account", accounts.general.as_str());
    map.push("tasks", Value::Seq(task_runs(pipeline, accounts)));
    map.push("placement", pipeline.placement.clone());
    map.push("workspaces", Value::Seq(workspaces(app, pipeline)));
    Some(context.with("run", Context_::from(map)).value())
}

/// `taskRunSpecs`: tasks with an account or a place of their own.
fn task_runs(pipeline: &Pipeline, accounts: &Accounts) -> Vec<Value> {
    let derived = |name: &str| {
        let own = accounts.own.iter().find(|(task, _)| task == name);
        own.map(|(_, account)| account.as_str())
    };
    let one = |task: &crate::model::Task| {
        let account = task.service_account.as_deref().or_else(|| derived(&task.name));
        if account.is_none() && task.placement == Value::Null {
            return None;
        }
        let mut map = Map::default();
        map.push("pipelineTaskName", task.name.as_str());
        if let Some(account) = account {
            map.push("serviceAccountName", account);
        }
        if task.placement != Value::Null {
            map.push("podTemplate", task.placement.clone());
        }
        Some(Value::Map(map))
    };
    pipeline.all().filter_map(one).collect()
}

fn workspaces(app: &App, pipeline: &Pipeline) -> Vec<Value> {
    let own = pipeline.all().flat_map(|task| &task.bound).filter_map(|bound| {
        let (name, binding) = bound.own.as_ref()?;
        let mut map = Map::default();
        map.push("name", name.as_str());
        for (key, value) in binding.as_map()?.iter() {
            map.push(key, value.clone());
        }
        Some(Value::Map(map))
    });
    if !pipeline.needs_source {
        return own.collect();
    }
    let volume = if pipeline.workspace.shared {
        (
            "persistentVolumeClaim",
            Value::from([("claimName", format!("{}-workspace", app.name).into())]),
        )
    } else {
        ("volumeClaimTemplate", Value::from([("spec", claim(pipeline))]))
    };
    let source = Value::from([("name", "source".into()), volume]);
    std::iter::once(source).chain(own).collect()
}

/// The time limits of a run. Without a limit for `finally`, Tekton ends a run that exceeds its own without running it: no rollback, no
/// notice. So what `finally` needs is taken from the whole, and the tasks get the rest.
fn timeouts(pipeline: &Pipeline) -> Value {
    let limit = pipeline.limit();
    let whole = milliseconds(&limit).unwrap_or_default();
    // Waiting for older runs comes on top, or a run that waited long would have no time left.
    let waits: u64 = pipeline.tasks.iter().filter(|task| task.queues).map(Task::time).sum();
    let mut map = Map::default();
    // Tekton reads 0 as no limit, which leaves nothing to share.
    if whole == 0 {
        map.push("pipeline", limit);
        return Value::Map(map);
    }
    map.push("pipeline", if waits > 0 { duration(whole + waits) } else { limit });
    if !pipeline.at_end.is_empty() {
        let in_order = pipeline.tasks.iter().filter(|task| !task.queues);
        let in_order = in_order.map(Task::time).fold(0, u64::saturating_add);
        // They run side by side. Where the tasks themselves may take all the time, a quarter is kept.
        let longest = pipeline.at_end.iter().map(Task::time).max().unwrap_or_default();
        let share = longest.min(whole.saturating_sub(in_order).max(whole / 4)).max(1);
        map.push("tasks", duration(whole - share + waits));
        map.push("finally", duration(share));
    }
    Value::Map(map)
}

/// Milliseconds as a Go duration, in the largest unit that needs no fraction.
fn duration(milliseconds: u64) -> String {
    match milliseconds {
        time if time % 60_000 == 0 => format!("{}m", time / 60_000),
        time if time % 1000 == 0 => format!("{}s", time / 1000),
        time => format!("{time}ms"),
    }
}

/// The run that `gen run` prints: made by `kubectl create -f -`, never in Git.
///
/// # Errors
/// What a template says.
pub fn printed_run(
    engine: &Engine,
    shared: &Shared,
    app: &App,
    patches: &Patches,
    request: &RunRequest,
) -> Result<String, Diagnostics> {
    let Some(pipeline) = &app.pipeline else {
        return Ok(String::new());
    };
    let context = Context::of_app(shared, app);
    let needs = super::objects::needs(engine, &context, pipeline, &app.pipeline_namespace)?;
    let accounts = Accounts::new(app, pipeline, &needs);
    let documents = run(engine, &context, app, None, &request.params, &accounts)?;
    Ok(emit_document(&unnamed(app, documents, patches, &mut |_| ())?))
}

/// The Job of a process that `gen run --process` prints, if it is a job: made by `kubectl create -f -`, never in Git.
///
/// # Errors
/// What a template or a patch says.
pub fn printed_job(
    unit: Unit<'_>,
    app: &App,
    process: &str,
) -> Result<Option<String>, Diagnostics> {
    let job = super::objects::job(unit, app, process)?;
    Ok(job.map(|job| emit_document(job.value())))
}

/// A run that never stands in Git: with labels and patches, without what only Flux reads. `matched` gets the place of each patch that
/// meets it.
pub(super) fn unnamed(
    app: &App,
    documents: Vec<Value>,
    patches: &Patches,
    matched: &mut dyn FnMut(usize),
) -> Result<Value, Diagnostics> {
    let Some(Ok(object)) = documents.into_iter().next().map(Object::new) else {
        return Ok(Value::Null);
    };
    let mut placed = super::files::Placed::new(super::files::File::Run, object);
    super::finish::mark(app, &mut placed);
    let mut problems = Diagnostics::default();
    // A patch means a run by the name of one in Git, or by that which the API server makes.
    let committed = format!("{}-", app.instance);
    let made = generated_name(app);
    let known = committed_name(app);
    let names = [committed.as_str(), &made, known.as_deref().unwrap_or(&made)];
    for (place, patch) in patches.iter().enumerate() {
        if !patch.is_for(Some(&app.name)) || !patch.target.allows_kind(KIND) {
            continue;
        }
        match patch.apply_unnamed(placed.object.value_mut(), &names) {
            Ok(true) => matched(place),
            Ok(false) => {}
            Err(errors) => problems.extend(errors),
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    super::finish::finish(app, &mut placed);
    drop_annotations(placed.object.metadata_mut());
    Ok(std::mem::take(placed.object.value_mut()))
}

/// The kind of a run.
pub(super) const KIND: &str = "PipelineRun";

/// From which the API server makes the name of a run that is not in Git.
pub(super) fn generated_name(app: &App) -> String {
    format!("{}-", app.name)
}

fn drop_annotations(metadata: &mut Map) {
    let annotations = metadata.map_at("annotations");
    let of_flux = |key: &str| key.starts_with("kustomize.toolkit.fluxcd.io/");
    let names: Vec<String> = annotations.iter().map(|(key, _)| key.to_string()).collect();
    for name in names.iter().filter(|name| of_flux(name)) {
        annotations.remove(name);
    }
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
}
