//! What a change of the spec must bring about, so that one that does not is not written.

use crate::check::rbac::{Action, Proof};
use crate::diagnose::Denied;
use crate::model::{App, Pipeline, Task};

/// What must hold.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Some account of the same namespace may do this.
    Rights(Vec<Denied>),
    /// No run in this namespace uses this account, which does not exist.
    NotAccount {
        /// The namespace.
        home: String,
        /// The account.
        account: String,
    },
    /// A limit is this.
    Limit {
        /// The environment where it was reached; others may set their own.
        environment: String,
        /// Which.
        limit: Limit,
        /// The new value.
        value: String,
    },
}

/// A limit of an app.
#[derive(Debug, Clone)]
pub enum Limit {
    /// The memory of a program.
    Program(String),
    /// The memory of a task's steps.
    TaskMemory(String),
    /// The memory of one step.
    StepMemory(String, usize),
    /// The time of a task.
    TaskTime(String),
    /// The time of one step.
    StepTime(String, usize),
}

impl Wanted {
    /// Whether an app is where the failure was; others only read the same line.
    pub(super) fn is_about(&self, app: &App) -> bool {
        match self {
            Self::Rights(all) => {
                let homes = [&app.namespace, &app.pipeline_namespace];
                all.iter().any(|one| homes.contains(&&one.home))
            }
            Self::NotAccount { home, .. } => app.pipeline_namespace == *home,
            Self::Limit { environment, .. } => app.environment == *environment,
        }
    }

    /// What does not hold in an app; nothing if all does.
    pub(super) fn lacks(&self, app: &App, proofs: &[Rights]) -> Option<String> {
        match self {
            Self::Rights(all) => all.iter().find_map(|one| {
                let may = proofs.iter().any(|rights| rights.home == one.home && rights.allow(one));
                let place = one.namespace.as_deref().unwrap_or("the whole cluster");
                (!may).then(|| {
                    format!(
                        "no account in {} would be allowed to {} {} in {place}",
                        one.home, one.verb, one.resource
                    )
                })
            }),
            Self::NotAccount { account, .. } => {
                let pipeline = app.pipeline.as_ref()?;
                let tasks = pipeline.all().map(|task| &task.service_account);
                let mut all = tasks.chain([&pipeline.service_account]);
                let uses = all.any(|one| one.as_deref() == Some(account));
                uses.then(|| format!("the run would still use the account {account}"))
            }
            Self::Limit { limit, value, .. } => {
                let (found, what) = limit.of(app);
                (found.as_deref() != Some(value)).then(|| {
                    let found = found.unwrap_or_else(|| "not set".to_owned());
                    format!("{what} would be {found} and not {value}: another layer sets it")
                })
            }
        }
    }
}

impl Limit {
    /// Its value, and its name in words.
    fn of(&self, app: &App) -> (Option<String>, String) {
        let task = |name: &str| {
            app.pipeline.iter().flat_map(Pipeline::all).find(move |one| one.name == name)
        };
        let memory = |resources: &crate::yaml::Value| {
            resources.str_at(&["limits", "memory"]).map(str::to_owned)
        };
        let step =
            |task: Option<&Task>, at: usize| task.and_then(|task| task.steps.get(at).cloned());
        match self {
            Self::Program(name) => {
                let program = app.programs().find(|program| program.name == *name);
                let value = program.and_then(|program| memory(&program.container.resources));
                (value, format!("the memory limit of `{name}`"))
            }
            Self::TaskMemory(name) => {
                let value = task(name).and_then(|task| memory(&task.resources));
                (value, format!("the memory limit of the task `{name}`"))
            }
            Self::StepMemory(name, at) => {
                let value = step(task(name), *at).and_then(|step| memory(&step.resources));
                (value, format!("the memory limit of a step of the task `{name}`"))
            }
            Self::TaskTime(name) => (
                task(name).map(|task| task.timeout.clone()),
                format!("the time limit of the task `{name}`"),
            ),
            Self::StepTime(name, at) => {
                let value = step(task(name), *at).and_then(|step| step.timeout);
                (value, format!("the time limit of a step of the task `{name}`"))
            }
        }
    }
}

/// The rights that an account would have, as far as they were asked about.
#[derive(Debug)]
pub(super) struct Rights {
    home: String,
    /// The refused actions that it would be allowed.
    allowed: Vec<Denied>,
}

impl Rights {
    /// Which of these actions an account may do.
    pub(super) fn of(proof: &Proof<'_>, asked: &[Denied]) -> Self {
        let may = |one: &&Denied| {
            proof.allows(&Action {
                namespace: one.namespace.clone(),
                group: one.group.clone(),
                resource: one.resource.clone(),
                verb: one.verb.clone(),
                name: one.name.clone(),
            })
        };
        let allowed = asked.iter().filter(may).cloned().collect();
        Self { home: proof.account.namespace.clone(), allowed }
    }

    fn allow(&self, one: &Denied) -> bool {
        self.allowed.contains(one)
    }
}
