//! `gen wait`: until Flux has applied a commit and the workload runs its image.

use std::time::{Duration, Instant};

use crate::cli::args::Wait;
use crate::cluster::{Connection, ObjectRef, Target};
use crate::commands::{Session, pins};
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, PromoteError};
use crate::environment::{Deploy, Environment};
use crate::fleet::{Prepared, prepare};
use crate::git::Repository;
use crate::model::{App, Kind};
use crate::name::{Check, seconds};
use crate::rollout::{Progress, kustomization, workload};

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(2);
/// A Kustomization that waits for another is looked at again after so long (kustomize-controller's `--requeue-dependency`), and the
/// longest chain that gen renders has three.
const REQUEUES: Duration = Duration::from_secs(90);
/// How long one question may take.
const QUESTION: Duration = Duration::from_secs(20);

/// Waits.
///
/// # Errors
/// What is wrong with the spec; an app that nothing is pinned for; a rollout that failed or did not come to its end in time; what git
/// and the cluster refuse.
pub fn wait(session: &mut Session, args: &Wait) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let (fleet, _) = prepare(&workspace, &mut session.sources)?;
    fleet.check_apps(std::slice::from_ref(&args.app))?;
    let prepared = fleet.select_environments(std::slice::from_ref(&args.environment))?[0];
    let app = prepared.apps.iter().find(|app| app.name == args.app);
    let Some(app) = app else {
        return Ok(Exit::Done);
    };
    let image = image(prepared, app, args)?;
    let repository = Repository::discover(workspace.root())?;
    let commit = repository.resolve(&args.revision)?;
    let target = Target {
        kubeconfig: args.kubeconfig.clone(),
        context: args
            .context
            .clone()
            .or_else(|| prepared.environment.context.clone()),
    };
    let connection = Connection::open(&target).map_err(Diagnostic::error)?;
    let patience = match &args.at_most {
        Some(text) => duration(text)?,
        None => patience(&prepared.environment, duration(&args.timeout)?),
    };
    let mut watch = Watch {
        session,
        connection,
        branch: fleet.repository().branch,
        repository,
        commit,
        fetched: None,
        retry: period(&prepared.environment.flux.retry),
        deadline: Instant::now() + patience,
        patience,
        said: String::new(),
    };
    watch.say(&format!(
        "waiting at most {} s until Flux has applied {} and {} runs {image}",
        patience.as_secs(),
        &watch.commit[..12.min(watch.commit.len())],
        app.name
    ));
    let flux = &prepared.environment.flux.namespace;
    let applied = ObjectRef {
        group: "kustomize.toolkit.fluxcd.io".to_owned(),
        version: "v1".to_owned(),
        plural: "kustomizations".to_owned(),
        namespace: flux.clone(),
        name: app.instance.clone(),
    };
    watch.until(&applied, |watch, live| {
        kustomization(live, &mut |commit| watch.has_reached(commit))
    })?;
    if app.workload.kind != Kind::None {
        let running = object_of(app);
        watch.until(&running, |_, live| workload(live, &image))?;
    }
    session.screen.data(&format!(
        "{} in {} runs {image}\n",
        app.name, args.environment
    ));
    Ok(Exit::Done)
}

/// The workload of an app.
pub(super) fn object_of(app: &App) -> ObjectRef {
    ObjectRef {
        group: app.workload.kind.group().to_owned(),
        version: "v1".to_owned(),
        plural: app.workload.kind.resource().to_owned(),
        namespace: app.namespace.clone(),
        name: app.name.clone(),
    }
}

/// The image that is waited for: what was typed, or what is pinned.
fn image(prepared: &Prepared, app: &App, args: &Wait) -> Result<String, Diagnostics> {
    let env = args.environment.clone();
    if prepared.environment.deploy == Deploy::Kubectl {
        return Err(Diagnostic::error(PromoteError::NoPinHere { env }).into());
    }
    if let Some(text) = &args.image {
        return pins::full_image(prepared, &app.name, text);
    }
    let app_name = app.name.clone();
    app.image.reference.clone().ok_or_else(|| {
        let error = PromoteError::NothingPinned { app: app_name, env };
        Diagnostic::error(error).into()
    })
}

fn duration(text: &str) -> Result<Duration, Diagnostics> {
    Check::Duration.test(text).map_err(Diagnostic::error)?;
    Ok(Duration::from_secs(seconds(text).unwrap_or_default()))
}

/// How long all of it may take: until Flux sees the commit, tries what waits for something else, fails once and tries again, and
/// the rollout.
fn patience(environment: &Environment, rollout: Duration) -> Duration {
    let flux = &environment.flux;
    2 * period(&flux.source.interval) + period(&flux.retry) + REQUEUES + rollout
}

fn period(text: &str) -> Duration {
    Duration::from_secs(seconds(text).unwrap_or(60))
}

/// Somebody who looks again and again.
struct Watch<'a> {
    session: &'a Session,
    connection: Connection,
    repository: Repository,
    branch: String,
    commit: String,
    /// The last commit for which the branch was fetched.
    fetched: Option<String>,
    retry: Duration,
    deadline: Instant,
    patience: Duration,
    said: String,
}

impl Watch<'_> {
    /// Looks at an object until it is where it shall be.
    fn until(
        &mut self,
        object: &ObjectRef,
        judge: impl Fn(&mut Self, Option<&serde_json::Value>) -> Progress,
    ) -> Result<(), Diagnostics> {
        let what = format!("{} in {}", object.words(), object.namespace);
        let mut failing: Option<Instant> = None;
        loop {
            let live = self.connection.get(object, QUESTION);
            let live = live.map_err(|error| Diagnostics::from(Diagnostic::error(error)))?;
            let why = match judge(self, live.as_ref()) {
                Progress::Done => return Ok(()),
                Progress::Failed(why) => return Err(failed(&what, why)),
                Progress::Failing(why) => {
                    let since = *failing.get_or_insert_with(Instant::now);
                    // It was tried again, and failed again.
                    if since.elapsed() > self.retry + 2 * PAUSE {
                        return Err(failed(&what, why));
                    }
                    why
                }
                Progress::Waiting(why) => {
                    failing = None;
                    why
                }
            };
            if Instant::now() + PAUSE > self.deadline {
                let seconds = self.patience.as_secs();
                let error = PromoteError::TooLate { what, why, seconds };
                return Err(Diagnostic::error(error).into());
            }
            self.say(&format!("{what}: {why}"));
            std::thread::sleep(PAUSE);
        }
    }

    /// Whether a commit is the one that is waited for, or comes after it. One that is not known here is fetched, once.
    fn has_reached(&mut self, commit: &str) -> bool {
        if commit == self.commit {
            return true;
        }
        let is_known =
            |repository: &Repository| repository.find(commit).is_ok_and(|found| found.is_some());
        if !is_known(&self.repository) && self.fetched.as_deref() != Some(commit) {
            self.fetched = Some(commit.to_owned());
            let fetch = self.repository.program().call("fetch");
            let fetch = fetch.args(["--quiet", "--no-tags", "--no-recurse-submodules"]);
            // Where it cannot be fetched, the next commit that Flux applies may be known.
            let _ = fetch
                .args(["--end-of-options", "origin"])
                .arg(format!("refs/heads/{}", self.branch))
                .until(Instant::now() + QUESTION)
                .output();
        }
        is_known(&self.repository)
            && self
                .repository
                .is_ancestor(&self.commit, commit)
                .unwrap_or(false)
    }

    /// Says something, once as long as it stays the same.
    fn say(&mut self, text: &str) {
        if self.said != text && !self.session.screen.is_quiet() {
            let shown = crate::diagnostics::visible(text);
            self.session.screen.talk(&format!("{shown}\n"));
        }
        text.clone_into(&mut self.said);
    }
}

fn failed(what: &str, why: String) -> Diagnostics {
    let what = what.to_owned();
    Diagnostic::error(PromoteError::RolloutFailed { what, why }).into()
}
