//! Waits until Flux has applied a commit and the workload runs its image.

use std::time::{Duration, Instant};

use super::{Context, Watch, app_in, pins};
use crate::cluster::rollout::{Rollout, kustomization, workload};
use crate::cluster::{Connection, ObjectRef, Target};
use crate::diagnostics::{Diagnostics, PromoteError, visible};
use crate::environment::{Deploy, Environment};
use crate::fleet::Prepared;
use crate::git::Repository;
use crate::model::{App, Kind, When};
use crate::name::{Check, seconds};

/// Polling interval.
const PAUSE: Duration = Duration::from_secs(2);
/// Flux checks a Kustomization that waits for another again after 30 s (kustomize-controller's `--requeue-dependency`), and the
/// longest chain rendered by gen has three.
const REQUEUES: Duration = Duration::from_secs(90);
/// Timeout of one request.
const QUESTION: Duration = Duration::from_secs(20);

/// The options of `gen wait`.
#[derive(Debug, Clone, Copy)]
pub struct WaitOptions<'a> {
    /// The app.
    pub app: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The commit that Flux must have applied, or one after it.
    pub revision: &'a str,
    /// The image that must run (default: the pinned one).
    pub image: Option<&'a str>,
    /// Timeout of the rollout.
    pub timeout: &'a str,
    /// Timeout of everything.
    pub at_most: Option<&'a str>,
    /// Access to its cluster (default: the context in the environment's file).
    pub target: &'a Target,
}

/// The running image.
#[derive(Debug, Clone)]
pub struct WaitReport {
    /// The app.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The image.
    pub image: String,
}

/// Waits. There is no report if the app is not in the environment.
///
/// # Errors
/// Errors in the spec; an app without a pin; a rollout that failed or timed out; errors of git and the cluster.
pub fn wait(
    context: &mut Context<'_>,
    options: &WaitOptions<'_>,
) -> Result<WaitReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, app) = app_in(&fleet, options.app, options.environment)?;
    let image = image(prepared, app, options)?;
    let repository = Repository::discover(context.workspace.root())?;
    let commit = repository.resolve(options.revision)?;
    let target = options.target.or(prepared.environment.context.as_ref());
    let connection = Connection::open(&target)?;
    let patience = match options.at_most {
        Some(text) => duration(text)?,
        None => patience(&prepared.environment, duration(options.timeout)?) + jobs_of(app),
    };
    let mut poller = Poller {
        watch: context.watch,
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
    poller.say(&format!(
        "waiting at most {} s until Flux has applied {} and {} runs {image}",
        patience.as_secs(),
        &poller.commit[..12.min(poller.commit.len())],
        app.name
    ));
    let flux = &prepared.environment.flux.namespace;
    let jobs = |when, end| app.jobs(when).next().is_some().then_some(end);
    let ends = [jobs(When::Before, "-before"), Some(""), jobs(When::After, "-after")];
    let programs: Vec<App> =
        app.programs().filter(|program| program.workload.kind != Kind::Job).collect();
    for end in ends.into_iter().flatten() {
        let applied = ObjectRef {
            group: "kustomize.toolkit.fluxcd.io".to_owned(),
            version: "v1".to_owned(),
            plural: "kustomizations".to_owned(),
            namespace: flux.clone(),
            name: format!("{}{end}", app.instance),
        };
        poller.until(&applied, |poller, live| {
            kustomization(live, &mut |commit| poller.has_reached(commit))
        })?;
        if end.is_empty() {
            for program in &programs {
                poller.until(&object_of(program), |_, live| workload(live, &image))?;
            }
        }
    }
    Ok(WaitReport { app: app.name.clone(), environment: options.environment.to_owned(), image })
}

/// The workload of a program.
pub(super) fn object_of(app: &App) -> ObjectRef {
    ObjectRef {
        group: app.workload.kind.group().to_owned(),
        version: "v1".to_owned(),
        plural: app.workload.kind.resource().to_owned(),
        namespace: app.namespace.clone(),
        name: app.name.clone(),
    }
}

/// The expected image: as typed, or as pinned.
fn image(prepared: &Prepared, app: &App, options: &WaitOptions<'_>) -> Result<String, Diagnostics> {
    let env = options.environment.to_owned();
    if prepared.environment.deploy == Deploy::Kubectl {
        return Err(PromoteError::NoPinHere { env }.into());
    }
    if let Some(text) = options.image {
        return pins::full_image(prepared, &app.name, text);
    }
    let unpinned = || PromoteError::NothingPinned { app: app.name.clone(), env }.into();
    app.image.reference.clone().ok_or_else(unpinned)
}

fn duration(text: &str) -> Result<Duration, Diagnostics> {
    Check::Duration.test(text)?;
    Ok(Duration::from_secs(seconds(text).unwrap_or_default()))
}

/// Default timeout of everything: Flux fetches the commit, requeues dependents, fails once and retries, and the rollout.
fn patience(environment: &Environment, rollout: Duration) -> Duration {
    let flux = &environment.flux;
    2 * period(&flux.source.interval) + period(&flux.retry) + REQUEUES + rollout
}

/// How long the jobs before and after a rollout may take.
fn jobs_of(app: &App) -> Duration {
    let all = [When::Before, When::After].into_iter();
    let longest = all.filter_map(|when| app.jobs(when).map(|job| job.deadline).max());
    Duration::from_secs(longest.sum())
}

fn period(text: &str) -> Duration {
    Duration::from_secs(seconds(text).unwrap_or(60))
}

/// Polls until a commit is rolled out.
struct Poller<'a> {
    watch: &'a dyn Watch,
    connection: Connection,
    repository: Repository,
    branch: String,
    commit: String,
    /// The last unknown commit for which the branch was fetched.
    fetched: Option<String>,
    retry: Duration,
    deadline: Instant,
    patience: Duration,
    said: String,
}

impl Poller<'_> {
    /// Polls an object until it is done.
    fn until(
        &mut self,
        object: &ObjectRef,
        judge: impl Fn(&mut Self, Option<&serde_json::Value>) -> Rollout,
    ) -> Result<(), Diagnostics> {
        let what = format!("{} in {}", object.words(), object.namespace);
        let mut failing: Option<Instant> = None;
        loop {
            let live = self.connection.get(object, QUESTION)?;
            let why = match judge(self, live.as_ref()) {
                Rollout::Done => return Ok(()),
                Rollout::Failed(why) => return Err(failed(&what, why)),
                Rollout::Failing(why) => {
                    let since = *failing.get_or_insert_with(Instant::now);
                    // The retry failed too.
                    if since.elapsed() > self.retry + 2 * PAUSE {
                        return Err(failed(&what, why));
                    }
                    why
                }
                Rollout::Waiting(why) => {
                    failing = None;
                    why
                }
            };
            if Instant::now() + PAUSE > self.deadline {
                let seconds = self.patience.as_secs();
                return Err(PromoteError::TooLate { what, why, seconds }.into());
            }
            self.say(&format!("{what}: {why}"));
            std::thread::sleep(PAUSE);
        }
    }

    /// Whether a commit is the expected one, or comes after it. An unknown commit is fetched, once.
    fn has_reached(&mut self, commit: &str) -> bool {
        if commit == self.commit {
            return true;
        }
        let is_known =
            |repository: &Repository| repository.find(commit).is_ok_and(|found| found.is_some());
        if !is_known(&self.repository) && self.fetched.as_deref() != Some(commit) {
            self.fetched = Some(commit.to_owned());
            let fetch = self.repository.program.call("fetch");
            let fetch = fetch.args(["--quiet", "--no-tags", "--no-recurse-submodules"]);
            // If it cannot be fetched, the next commit applied by Flux may be known.
            let _ = fetch
                .args(["--end-of-options", "origin"])
                .arg(format!("refs/heads/{}", self.branch))
                .until(Instant::now() + QUESTION)
                .output();
        }
        is_known(&self.repository)
            && self.repository.is_ancestor(&self.commit, commit).unwrap_or(false)
    }

    /// Shows a line, unless it is the same as before.
    fn say(&mut self, text: &str) {
        if self.said != text {
            self.watch.note(&visible(text));
        }
        text.clone_into(&mut self.said);
    }
}

fn failed(what: &str, why: String) -> Diagnostics {
    PromoteError::RolloutFailed { what: what.to_owned(), why }.into()
}
