//! Pipelines: what fetches, builds and deploys is gen's own in the spec, and every other task is carried along.

mod entry;
mod inner;
mod needs;
mod recognise;
mod run;
mod trigger;

pub(super) use inner::inner;

use std::collections::BTreeSet;

use super::draft::{Draft, Fate};
use super::world::World;
use crate::yaml::{Map, Value};
use needs::{Needs, within};
use recognise::{Role, role};
use run::Run;

const DERIVED: &str = "each task gets an account with exactly the rights that it needs";
const RUN: &str =
    "it is a run: `gen run` prints one, and what starts runs by itself is `run` of the environment";
const CLAIM: &str =
    "each run gets a claim of its own; with `workspace: {shared: true}` they share one";

/// Says the pipelines of an environment. What they are made of is taken out of `rest`.
pub(super) fn say(world: &World, rest: &mut Vec<usize>, drafts: &mut Vec<Draft>) -> Needs {
    let mut needs = Needs::default();
    let pipelines: Vec<usize> = world.of("Pipeline").map(|(at, _)| at).collect();
    let is_one =
        |at: &usize| world.all[*at].object.group() == "tekton.dev" && world.all[*at].left.is_none();
    for at in pipelines.into_iter().filter(is_one) {
        Saying { world, at, run: Run::of(world, at), needs: &mut needs, fates: Vec::new() }
            .pipeline(drafts);
    }
    let told: BTreeSet<usize> =
        drafts.iter().flat_map(|draft| &draft.fates).map(|(at, _)| *at).collect();
    rest.retain(|at| !told.contains(at));
    needs
}

struct Saying<'a> {
    world: &'a World,
    /// The Pipeline.
    at: usize,
    run: Run<'a>,
    needs: &'a mut Needs,
    fates: Vec<(usize, Fate)>,
}

/// A task of a pipeline.
struct Step<'v> {
    /// The task in the Pipeline.
    task: &'v Value,
    /// The Task's `spec`, if it is known.
    spec: Option<&'v Value>,
    /// The Task, if it is an object.
    at: Option<usize>,
    role: Role,
    is_final: bool,
}

impl<'a> Saying<'a> {
    fn pipeline(mut self, drafts: &mut Vec<Draft>) {
        let world = self.world;
        let body = world.body(self.at);
        let mut steps: Vec<Step<'a>> = Vec::new();
        for (list, is_final) in [("tasks", false), ("finally", true)] {
            for task in body.list_at(&["spec", list]) {
                let namespace = world.all[self.at].namespace();
                let name = task.str_at(&["taskRef", "name"]);
                let at = name.and_then(|name| world.find("Task", namespace, name));
                let spec = at.and_then(|at| world.body(at).get("spec")).or(task.get("taskSpec"));
                let role = if is_final {
                    Role::Other
                } else {
                    spec.map_or(Role::Other, |spec| role(task, spec))
                };
                steps.push(Step { task, spec, at, role, is_final });
            }
        }
        if !steps.iter().any(|step| matches!(step.role, Role::Build | Role::Deploy)) {
            return;
        }
        let Some(image) = self.image(&steps) else { return };
        let name = self.app(&steps, &image);
        let place = drafts.iter().position(|draft| draft.name == name);
        let place = place.unwrap_or_else(|| {
            let namespace = world.all[self.at].namespace().map(str::to_owned);
            let mut draft = Draft { name, namespace, ..Draft::default() };
            draft.note("image", "what runs it is not among the originals: set its port");
            drafts.push(draft);
            drafts.len() - 1
        });
        let draft = &mut drafts[place];
        let why = "the pipeline builds it, so its tag is not kept";
        draft.decided.push(("image".to_owned(), why.to_owned()));
        self.tasks(&steps, draft);
        self.source(&steps, &image, draft);
        self.around(draft);
        trigger::say(world, self.at, draft, &mut self.fates, self.needs);
        if steps.iter().any(|step| step.role == Role::Deploy) {
            self.needs.settings.insert("deploy", "kubectl");
        }
        let why = "its tasks are those of `pipeline`";
        self.fates.push((self.at, within("pipeline", why)));
        draft.fates.append(&mut self.fates);
    }

    /// The image that is built, without a tag.
    fn image(&self, steps: &[Step<'_>]) -> Option<String> {
        let names = [
            "image",
            "image-name",
            "image-url",
            "image_url",
            "imagename",
            "image-reference",
            "imageurl",
            "destination",
            "repository",
        ];
        let of_step = |step: &Step<'_>| {
            let params = step.task.list_at(&["params"]).iter();
            let mut found = params.filter(|param| {
                let name = param.str_at(&["name"]).unwrap_or_default().to_lowercase();
                names.contains(&name.as_str())
            });
            found.find_map(|param| self.run.resolved(param.str_at(&["value"])?))
        };
        let wanted = [Role::Build, Role::Deploy];
        let of_tasks = wanted
            .iter()
            .find_map(|role| steps.iter().filter(|step| step.role == *role).find_map(of_step));
        let image = of_tasks.or_else(|| names.iter().find_map(|name| self.run.param(name)))?;
        let image = image.split('@').next().unwrap_or_default();
        let cut = image.rfind(':').filter(|cut| !image[*cut..].contains('/'));
        let image = &image[..cut.unwrap_or(image.len())];
        (!image.is_empty() && !image.contains('$')).then(|| image.to_owned())
    }

    /// The app that is delivered: what is deployed, or has the image.
    fn app(&self, steps: &[Step<'_>], image: &str) -> String {
        let deployed = steps
            .iter()
            .filter(|step| step.role == Role::Deploy)
            .find_map(|step| recognise::deployed(&self.run, step.task, step.spec?));
        let last = image.rsplit('/').next().unwrap_or(image);
        let name = deployed.unwrap_or_else(|| last.to_owned());
        name.to_lowercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "-")
            .trim_matches('-')
            .to_owned()
    }

    /// Source, image and pipeline come first, as people write them.
    fn source(&self, steps: &[Step<'_>], image: &str, draft: &mut Draft) {
        let clone = steps.iter().find(|step| step.role == Role::Clone);
        let mut value = Value::Null;
        if let Some(step) = clone {
            let of = |names: &[&str]| {
                let params = step.task.list_at(&["params"]).iter();
                let mut found = params.filter(|param| {
                    param.str_at(&["name"]).is_some_and(|name| names.contains(&name))
                });
                found.find_map(|param| self.run.resolved(param.str_at(&["value"])?))
            };
            let url = of(&["url", "repo-url", "repo", "repository", "git-url", "repo_url"]);
            let url = url.or_else(|| recognise::url(step.spec?));
            let branch = of(&["revision", "branch", "ref", "git-revision"])
                .filter(|it| it != "main" && it != "refs/heads/main");
            if let Some(url) = url.filter(|url| url.contains("://") || url.starts_with("git@")) {
                value = match branch {
                    Some(branch) => Value::from([("url", url.into()), ("branch", branch.into())]),
                    None => url.into(),
                };
            }
        }
        if value == Value::Null {
            value = "https://git.example/you/app.git".into();
            draft.note("source", "no run among the originals names it");
        }
        let mut keys = Map::default();
        keys.push("source", value);
        keys.push("image", image);
        for (key, value) in draft.keys.iter().filter(|(key, _)| !["source", "image"].contains(key))
        {
            keys.push(key.to_owned(), value.clone());
        }
        draft.keys = keys;
    }

    /// What the runs are made with.
    fn around(&mut self, draft: &mut Draft) {
        let world = self.world;
        let mut accounts: BTreeSet<String> = BTreeSet::new();
        for &(at, spec) in &self.run.runs {
            accounts.extend(run::account(spec));
            if let Some(at) = at {
                self.fates.push((at, Fate::Left { why: RUN.to_owned() }));
            }
            for workspace in spec.list_at(&["workspaces"]) {
                let claim = workspace.str_at(&["persistentVolumeClaim", "claimName"]);
                let namespace = world.all[self.at].namespace();
                let at =
                    claim.and_then(|name| world.find("PersistentVolumeClaim", namespace, name));
                self.fates.extend(at.map(|at| (at, within("workspace", CLAIM))));
                if let Some(secret) = workspace.str_at(&["secret", "secretName"]) {
                    let is_registry =
                        workspace.str_at(&["name"]).is_some_and(|name| name.contains("docker"));
                    if is_registry {
                        draft.set("registry", Value::from([("secret", secret.into())]));
                    }
                }
            }
        }
        for (_, it) in world.of("EventListener") {
            accounts.extend(
                it.object.value().str_at(&["spec", "serviceAccountName"]).map(str::to_owned),
            );
        }
        accounts.remove("default");
        for (at, it) in world.of("ServiceAccount") {
            if accounts.contains(it.name()) && !draft.fates.iter().any(|(other, _)| *other == at) {
                self.fates.push((at, within("pipeline", DERIVED)));
            }
        }
        for (at, it) in world.of("RoleBinding") {
            let mut subjects = it.object.value().list_at(&["subjects"]).iter();
            if subjects.any(|one| one.str_at(&["name"]).is_some_and(|name| accounts.contains(name)))
            {
                self.fates.push((at, within("pipeline", DERIVED)));
                let role = it.object.value().str_at(&["roleRef", "name"]).unwrap_or_default();
                if let Some(role) = world.find("Role", it.namespace(), role) {
                    self.fates.push((role, within("pipeline", DERIVED)));
                }
            }
        }
        self.fates.sort_by_key(|(at, _)| *at);
        self.fates.dedup_by_key(|(at, _)| *at);
        self.fates.retain(|(at, _)| !draft.fates.iter().any(|(other, _)| other == at));
    }
}
