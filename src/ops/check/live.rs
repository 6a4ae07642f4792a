//! `gen check --live`: asks each cluster what the tree takes for granted, once per environment, over one connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::live::{
    Answers, DEFAULT_STORAGE, Kind, Questions, Right, TEKTON_MAPS, TEKTON_NAMESPACE, Thing,
    by_roles, judge as judge_answers, questions,
};
use crate::check::{Finding, Item, Judge, Objects, Within};
use crate::cluster::{
    Answers as Reviewed, Connection, Facts, ObjectRef, Options, Question, Review, Sought, Target,
    Which, inspect,
};
use crate::diagnostics::{ClusterError, Diagnostic, Diagnostics};
use crate::kubernetes::Object;
use crate::yaml::Value;

/// How clusters are asked.
#[derive(Debug, Clone, Copy)]
pub struct LiveOptions<'a> {
    /// The cluster; without a context, that of the environment's file.
    pub target: &'a Target,
    /// Maximum number of concurrent requests.
    pub concurrency: usize,
}

/// What became of the questions.
#[derive(Debug, Clone, Default)]
pub struct LiveReport {
    /// The clusters' kube contexts; `(current)` for the kubeconfig's own.
    pub contexts: Vec<String>,
    /// What could not be asked. Lower case, no full stop.
    pub unasked: Vec<String>,
    /// The failures.
    pub problems: Diagnostics,
    /// The ClusterRole with the permissions that are missing, as YAML.
    pub role: Option<String>,
}

/// Secrets that are made by hand: the command for each, by namespace and name.
pub(super) type Commands = BTreeMap<(String, String), String>;

/// The clusters that were asked so far.
pub(super) struct Clusters<'a> {
    options: LiveOptions<'a>,
    opened: Vec<(Target, Result<Connection, ClusterError>)>,
    pub(super) report: LiveReport,
}

impl<'a> Clusters<'a> {
    /// None so far.
    pub(super) fn new(options: LiveOptions<'a>) -> Self {
        Self { options, opened: Vec::new(), report: LiveReport::default() }
    }

    /// How an environment's cluster is reached.
    pub(super) fn target(&self, context: Option<&String>) -> Target {
        self.options.target.or(context)
    }

    /// Where the cluster is not as these objects take it to be. `title` is the environment.
    pub(super) fn judge(
        &mut self,
        judge: Judge<'_>,
        objects: &Objects,
        target: &Target,
        commands: Commands,
        title: &str,
    ) -> Vec<Finding> {
        let expected: Vec<_> = commands.keys().cloned().collect();
        let asked = questions(judge, objects, &expected);
        let options = Options { concurrency: self.options.concurrency, ..Options::default() };
        let facts = match self.connection(target) {
            Ok(connection) => inspect(connection, &question(&asked), &options),
            Err(error) => Err(error.clone()),
        };
        match facts {
            Ok(facts) => {
                judge_answers(judge, &asked, &self.answers(&asked, facts, commands, title))
            }
            Err(error) => {
                let what = if title.is_empty() { "the cluster" } else { title };
                self.report.unasked.push(format!("{what}: {error}"));
                self.problem(error.clone());
                // A cluster that does not answer is not asked again.
                if let Some((_, opened)) = self.opened.iter_mut().find(|(known, _)| known == target)
                {
                    *opened = Err(error);
                }
                Vec::new()
            }
        }
    }

    fn connection(&mut self, target: &Target) -> Result<&Connection, &ClusterError> {
        let at = self.opened.iter().position(|(known, _)| known == target);
        let at = at.unwrap_or_else(|| {
            let context = target.context.clone().unwrap_or_else(|| "(current)".to_owned());
            self.report.contexts.push(context);
            self.opened.push((target.clone(), Connection::open(target)));
            self.opened.len() - 1
        });
        self.opened[at].1.as_ref()
    }

    fn problem(&mut self, error: ClusterError) {
        let shown = error.to_string();
        if !self.report.problems.iter().any(|known| known.kind.to_string() == shown) {
            self.report.problems.push(Diagnostic::error(error));
        }
    }

    fn answers(
        &mut self,
        asked: &Questions<'_>,
        facts: Facts,
        commands: Commands,
        title: &str,
    ) -> Answers {
        let Facts { kinds, there, answers, settings, problems, role } = facts;
        let place = if title.is_empty() { String::new() } else { format!("{title}: ") };
        let unknown = there.iter().filter(|there| there.is_none()).count();
        if unknown > 0 {
            self.report.unasked.push(format!("{place}whether {unknown} objects exist"));
        }
        let rights = match answers {
            Reviewed::Reviews(answers) => answers,
            Reviewed::Roles(live) => by_roles(&objects(live), asked.rights()),
            Reviewed::None => vec![None; asked.rights().len()],
        };
        let of = |(right, _): (&Right, &Option<bool>)| right.0.clone();
        let unasked = asked.rights().iter().zip(&rights).filter(|(_, answer)| answer.is_none());
        let accounts = unasked.map(of).collect::<std::collections::BTreeSet<_>>().len();
        if accounts > 0 {
            self.report.unasked.push(format!("{place}the rights of {accounts} accounts"));
            self.problem(ClusterError::RightsUnasked { accounts });
        }
        for error in problems {
            self.problem(error);
        }
        self.report.role = self.report.role.take().or(role);
        Answers { kinds, there, rights, tekton: settings, commands }
    }
}

/// The questions as requests know them.
fn question(asked: &Questions<'_>) -> Question {
    let settings = TEKTON_MAPS.iter().filter(|_| asked.has_tekton()).map(|name| ObjectRef {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "configmaps".to_owned(),
        namespace: TEKTON_NAMESPACE.to_owned(),
        name: (*name).to_owned(),
    });
    Question {
        api_versions: asked.api_versions().cloned().collect(),
        sought: asked.things().map(sought).collect(),
        reviews: asked.rights().iter().map(review).collect(),
        settings: settings.collect(),
    }
}

fn sought(thing: &Thing) -> Sought {
    let Thing { kind: Kind { api_version, plural, .. }, namespace, name } = thing.clone();
    let which = name.map_or(Which::Annotated(DEFAULT_STORAGE), Which::Named);
    Sought { api_version, plural, namespace, which }
}

fn review((account, action): &Right) -> Review {
    Review {
        account: (account.namespace.clone(), account.name.clone()),
        namespace: action.namespace.clone().unwrap_or_default(),
        group: action.group.clone(),
        resource: action.resource.clone(),
        verb: action.verb.clone(),
        name: action.name.clone().unwrap_or_default(),
    }
}

/// Live Roles and bindings, as objects to be judged.
fn objects(live: Vec<serde_json::Value>) -> Objects {
    let file: Arc<str> = Arc::from("");
    let items = live.into_iter().filter_map(|value| {
        let object = Object::new(Value::from(value)).ok()?;
        Some(Item { object, file: Arc::clone(&file), within: Within::default() })
    });
    Objects::new(items.collect())
}
