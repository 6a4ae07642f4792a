//! Which objects are of one app: a program, and what names it or is named by it.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{World, pairs, references, template};
use crate::kubernetes::references::selects;
use crate::yaml::Value;

/// An app, as places in a [`World`].
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The app's name: that of its program, for an object keeps its name.
    pub name: String,
    /// The namespace; none if no object names one.
    pub namespace: Option<String>,
    /// The program.
    pub workload: usize,
    /// Its Service, if there is one of its name.
    pub service: Option<usize>,
    /// The Service for the names of its pods, as gen has one beside another.
    pub headless: Option<usize>,
    /// Its autoscaler.
    pub scaler: Option<usize>,
    /// Its disruption budget.
    pub budget: Option<usize>,
    /// Ingresses and HTTPRoutes that lead to its Service.
    pub routes: Vec<usize>,
    /// Claims that it mounts and no other app does.
    pub claims: Vec<usize>,
    /// ConfigMaps that it reads and no other app does.
    pub configs: Vec<usize>,
    /// Its account.
    pub account: Option<usize>,
    /// Bindings of the account, with the Roles that they grant.
    pub grants: Vec<(usize, usize)>,
    /// The ServiceMonitor of its Service.
    pub monitor: Option<usize>,
    /// Policies that select its pods.
    pub policies: Vec<usize>,
    /// What belongs to it and is carried as it is.
    pub others: Vec<usize>,
    /// Other programs of its image.
    pub processes: Vec<Group>,
}

/// All apps of an environment, and what is of none.
pub struct Groups {
    /// The apps, by the order of their programs.
    pub apps: Vec<Group>,
    /// The rest.
    pub rest: Vec<usize>,
}

struct Grouping<'w> {
    world: &'w World,
    owned: BTreeSet<usize>,
}

/// Groups the objects of an environment.
#[must_use]
pub fn group(world: &World) -> Groups {
    let mut grouping = Grouping { world, owned: BTreeSet::new() };
    let mut apps: Vec<Group> = Vec::new();
    for at in world.workloads() {
        let original = &world.all[at];
        grouping.owned.insert(at);
        apps.push(Group {
            name: original.name().to_owned(),
            namespace: original.namespace().map(str::to_owned),
            workload: at,
            ..Group::default()
        });
    }
    grouping.services(&mut apps);
    for app in &mut apps {
        grouping.around(app);
    }
    grouping.mounted(&mut apps);
    grouping.beside(&mut apps);
    let apps = processes(world, apps);
    let rest = (0..world.all.len()).filter(|at| !grouping.owned.contains(at)).collect();
    Groups { apps, rest }
}

impl Grouping<'_> {
    fn pod(&self, app: &Group) -> &Value {
        let original = &self.world.all[app.workload];
        template(original.object.kind(), original.object.value())
    }

    fn is_free(&self, at: usize) -> bool {
        let original = &self.world.all[at];
        !self.owned.contains(&at) && !original.is_encrypted() && original.left.is_none()
    }

    /// A Service is its program's if it has its name; another that selects it is carried along.
    fn services(&mut self, apps: &mut [Group]) {
        // A Service before several programs stays one.
        let mut several = BTreeSet::new();
        for (at, service) in self.world.of("Service") {
            if !self.is_free(at) {
                continue;
            }
            let chosen = |app: &&mut Group| {
                app.namespace.as_deref() == service.namespace()
                    && selects(&service.object, self.pod(app))
            };
            let mut candidates: Vec<&mut Group> = apps.iter_mut().filter(chosen).collect();
            if candidates.len() > 1 {
                several.insert(at);
            }
            let by_name = candidates.iter().position(|app| app.name == service.name());
            let found = match by_name {
                Some(place) => Some((candidates.swap_remove(place), true)),
                None if candidates.is_empty() => None,
                None => Some((candidates.swap_remove(0), false)),
            };
            let Some((app, is_named)) = found else { continue };
            if is_named && app.service.is_none() {
                app.service = Some(at);
            } else {
                app.others.push(at);
            }
            self.owned.insert(at);
        }
        for app in apps {
            self.name_services(app, &several);
        }
    }

    /// Without a Service of its name, a program's own is the first that has an address, or else the first. The one for the names of a
    /// StatefulSet's pods is that without an address which it names.
    fn name_services(&self, app: &mut Group, several: &BTreeSet<usize>) {
        let world = self.world;
        let is_headless = |at: usize| world.body(at).str_at(&["spec", "clusterIP"]) == Some("None");
        let is_outside = |at: usize| {
            let kind = world.body(at).str_at(&["spec", "type"]);
            kind.is_some_and(|kind| kind != "ClusterIP")
        };
        let is_named = |at: usize| world.body(at).str_at(&["spec", "type"]) == Some("ExternalName");
        if app.service.is_none() {
            let fits = |at: usize| !several.contains(&at) && !is_named(at);
            let fits = app.others.iter().enumerate().filter(|(_, at)| fits(**at));
            let first = fits.min_by_key(|(_, at)| (is_headless(**at), is_outside(**at)));
            if let Some((place, _)) = first {
                app.service = Some(app.others.remove(place));
            }
        }
        let of_pods = world.body(app.workload).str_at(&["spec", "serviceName"]);
        let named = app
            .others
            .iter()
            .position(|at| is_headless(*at) && of_pods == Some(world.all[*at].name()));
        app.headless = named.map(|place| app.others.remove(place));
    }

    /// What names the program, or its Service.
    fn around(&mut self, app: &mut Group) {
        let world = self.world;
        let here = app.namespace.as_deref();
        let is_here = |at: usize| world.all[at].namespace() == here;
        let kind = world.all[app.workload].object.kind();
        for (at, it) in world.of("HorizontalPodAutoscaler") {
            let target = |key| it.object.value().str_at(&["spec", "scaleTargetRef", key]);
            let is_its = target("kind") == Some(kind) && target("name") == Some(&app.name);
            if is_its && is_here(at) && self.is_free(at) && app.scaler.is_none() {
                app.scaler = Some(at);
                self.owned.insert(at);
            }
        }
        let labels = pairs(self.pod(app), &["metadata", "labels"]);
        for (at, it) in world.of("PodDisruptionBudget") {
            let wanted = pairs(it.object.value(), &["spec", "selector", "matchLabels"]);
            let is_its = !wanted.is_empty() && wanted.iter().all(|pair| labels.contains(pair));
            if is_its && is_here(at) && self.is_free(at) && app.budget.is_none() {
                app.budget = Some(at);
                self.owned.insert(at);
            }
        }
        let Some(service) = app.service else { return };
        for kind in ["Ingress", "HTTPRoute"] {
            for (at, it) in world.of(kind) {
                let named = backends(it.object.value());
                let is_its = named.contains(&world.all[service].name());
                if is_its && is_here(at) && self.is_free(at) {
                    app.routes.push(at);
                    self.owned.insert(at);
                }
            }
        }
        let labels = pairs(world.body(service), &["metadata", "labels"]);
        for (at, it) in world.of("ServiceMonitor") {
            let wanted = pairs(it.object.value(), &["spec", "selector", "matchLabels"]);
            let is_its = !wanted.is_empty() && wanted.iter().all(|pair| labels.contains(pair));
            if is_its && is_here(at) && self.is_free(at) && app.monitor.is_none() {
                app.monitor = Some(at);
                self.owned.insert(at);
            }
        }
    }

    /// Claims and ConfigMaps, where a single app has them.
    fn mounted(&mut self, apps: &mut [Group]) {
        let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, app) in apps.iter().enumerate() {
            let named: BTreeSet<(&str, String)> = references(self.pod(app)).into_iter().collect();
            for (kind, name) in named.iter().filter(|(kind, _)| *kind != "Secret") {
                if let Some(at) = self.world.find(kind, app.namespace.as_deref(), name) {
                    users.entry(at).or_default().push(number);
                }
            }
        }
        for (at, users) in users {
            if !self.is_free(at) {
                continue;
            }
            let app = &mut apps[users[0]];
            match self.world.all[at].object.kind() {
                // A claim of several apps is made by the first, and mounted by the others.
                "PersistentVolumeClaim" => app.claims.push(at),
                _ if users.len() == 1 => app.configs.push(at),
                _ => app.others.push(at),
            }
            self.owned.insert(at);
        }
    }

    /// Accounts with their rights, and policies.
    fn beside(&mut self, apps: &mut [Group]) {
        let world = self.world;
        // An account of several apps is that of the one whose name it has, or else of the first.
        let name = |app: &Group| {
            let account = self.pod(app).str_at(&["spec", "serviceAccountName"]);
            account == Some(app.name.as_str())
        };
        let mut order: Vec<usize> = (0..apps.len()).collect();
        order.sort_by_key(|at| !name(&apps[*at]));
        for at in order {
            let app = &mut apps[at];
            let here = app.namespace.clone();
            let pod = self.pod(app);
            let account = pod.str_at(&["spec", "serviceAccountName"]).unwrap_or("default");
            let account = account.to_owned();
            let account = account.as_str();
            let found = world.find("ServiceAccount", here.as_deref(), account);
            let Some(at) = found.filter(|at| self.is_free(*at)) else { continue };
            app.account = Some(at);
            self.owned.insert(at);
            for (binding, it) in world.of("RoleBinding") {
                let subjects = it.object.value().list_at(&["subjects"]);
                let is_its = |subject: &Value| {
                    let namespace = subject.str_at(&["namespace"]);
                    subject.str_at(&["kind"]) == Some("ServiceAccount")
                        && subject.str_at(&["name"]) == Some(account)
                        && (namespace.is_none() || namespace == here.as_deref())
                };
                let role = it.object.value().str_at(&["roleRef", "name"]).unwrap_or_default();
                let is_role = it.object.value().str_at(&["roleRef", "kind"]) == Some("Role");
                let role = world.find("Role", here.as_deref(), role).filter(|_| is_role);
                if let (Some(role), [only]) = (role, subjects)
                    && is_its(only)
                    && it.namespace() == here.as_deref()
                    && self.is_free(binding)
                    && self.is_free(role)
                {
                    app.grants.push((binding, role));
                    self.owned.extend([binding, role]);
                }
            }
        }
        for app in apps.iter_mut() {
            let labels = pairs(self.pod(app), &["metadata", "labels"]);
            for (at, it) in world.of("NetworkPolicy") {
                let wanted = pairs(it.object.value(), &["spec", "podSelector", "matchLabels"]);
                let is_its = !wanted.is_empty() && wanted.iter().all(|pair| labels.contains(pair));
                let is_here = it.namespace() == app.namespace.as_deref();
                if is_its && is_here && self.is_free(at) {
                    app.policies.push(at);
                    self.owned.insert(at);
                }
            }
        }
    }
}

/// The Services that an Ingress or HTTPRoute leads to.
fn backends(body: &Value) -> Vec<&str> {
    let mut all = Vec::new();
    all.extend(body.str_at(&["spec", "defaultBackend", "service", "name"]));
    for rule in body.list_at(&["spec", "rules"]) {
        let paths = rule.list_at(&["http", "paths"]).iter();
        all.extend(paths.filter_map(|path| path.str_at(&["backend", "service", "name"])));
        let backends = rule.list_at(&["backendRefs"]).iter();
        all.extend(backends.filter_map(|backend| backend.str_at(&["name"])));
    }
    all
}

/// The image of a program's own container.
fn image<'w>(world: &'w World, group: &Group) -> Option<&'w str> {
    let original = &world.all[group.workload];
    let pod = template(original.object.kind(), original.object.value());
    pod.list_at(&["spec", "containers"]).first()?.str_at(&["image"])
}

/// Programs of one image become processes of the app whose name begins theirs: then all objects keep their names.
fn processes(world: &World, mut apps: Vec<Group>) -> Vec<Group> {
    let mut heads: Vec<Group> = Vec::new();
    apps.sort_by_key(|app| app.name.len());
    for app in apps {
        let fits = |head: &&mut Group| {
            let rest = app.name.strip_prefix(head.name.as_str());
            let is_longer = rest.and_then(|rest| rest.strip_prefix('-'));
            let is_alone = app.claims.is_empty() && app.grants.is_empty() && app.others.is_empty();
            is_longer.is_some_and(|name| !name.is_empty())
                && head.namespace == app.namespace
                && image(world, head).is_some()
                && image(world, head) == image(world, &app)
                && is_alone
                && same_account(world, head, &app)
        };
        match heads.iter_mut().find(fits) {
            Some(head) => head.processes.push(app),
            None => heads.push(app),
        }
    }
    heads.sort_by_key(|app| app.workload);
    heads
}

fn same_account(world: &World, one: &Group, other: &Group) -> bool {
    let name = |group: &Group| {
        let original = &world.all[group.workload];
        let pod = template(original.object.kind(), original.object.value());
        pod.str_at(&["spec", "serviceAccountName"]).map(str::to_owned)
    };
    name(one) == name(other)
}
