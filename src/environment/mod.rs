//! Environments, and the merged spec of an app in each.
//!
//! The layers are `defaults` < the app < the environment's `"*"` < the environment's app < pins. They are merged as nodes that
//! keep their locations, so an error in the merged app still points at the line of the layer that set the value.

mod gate;
mod merge;
mod order;
mod outside;
mod read;
mod settings;

pub use gate::{Freeze, Gate, Window};
pub use merge::merge;
pub use outside::{Authorities, Outside, Proxy};
pub use read::environments;
pub use settings::{
    Api, Dashboard, Decryption, Deploy, Flux, FluxSource, Gateway, History, HookSecret, Limits,
    Listener, Monitoring, Quota, Receiver, Registry, Repository, Run, Tls,
};

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use crate::diagnostics::Span;
use crate::spec::table::Shape;
use crate::spec::{Pin, Spec, app};
use crate::yaml::{Data, Node};

/// One environment, checked.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name, from the name of its file.
    pub name: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// The kube context of the cluster.
    pub context: Option<String>,
    /// The namespace of the apps.
    pub namespace: Pattern,
    /// gen makes it.
    pub creates_namespace: bool,
    /// How new images are rolled out.
    pub deploy: Deploy,
    /// What starts pipeline runs.
    pub run: Run,
    /// The listener for the webhooks of all apps; without it, each app has its own.
    pub listener: Option<Listener>,
    /// The app tasks to run here.
    pub pipeline: Selection,
    /// The environment to promote images from.
    pub promotes_from: Option<String>,
    /// Promotions are committed to a branch, for a pull request.
    pub promote_by_branch: bool,
    /// What lets a promotion in.
    pub gate: Gate,
    /// Optional APIs of the cluster.
    pub apis: BTreeSet<Api>,
    /// The Gateway for HTTPRoutes.
    pub gateway: Option<Gateway>,
    /// The IngressClass.
    pub ingress_class: Option<String>,
    /// The registry to push images to.
    pub registry: Registry,
    /// The proxy and the certificate authorities.
    pub outside: Outside,
    /// Images of tools, by tool.
    pub images: BTreeMap<String, String>,
    /// Tekton's `set-security-context` is on.
    pub tekton_sets_security_context: bool,
    /// Settings of Tekton that decide what it accepts, by its own names and as in its ConfigMaps.
    pub tekton_features: Vec<(String, String)>,
    /// The URL of Tekton's dashboard.
    pub dashboard: Option<String>,
    /// How Prometheus and Grafana discover their targets.
    pub monitoring: Monitoring,
    /// Limits on the sum of all pods in a namespace.
    pub quota: Option<Quota>,
    /// Defaults for containers without requests and limits.
    pub limits: Option<Limits>,
    /// Number of ended runs to keep, if Tekton's pruner is used.
    pub history: Option<History>,
    /// How Flux reads and applies the tree.
    pub flux: Flux,
    /// The repository to which pipelines commit.
    pub repository: Repository,
    /// Patches, as written.
    pub patches: Vec<Node>,
    /// Overrides for every app.
    everywhere: Option<Node>,
    /// Overrides by app.
    overrides: BTreeMap<String, Node>,
    /// Pins by app, with their locations.
    pins: BTreeMap<String, (Pin, Span)>,
}

/// A string that can contain `{{ app }}` and `{{ env }}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The text.
    pub text: String,
    /// Its location.
    pub span: Span,
}

/// The tasks of an app to run in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selection {
    /// All of them.
    All,
    /// None.
    None,
    /// These, by name.
    Tasks(Vec<(String, Span)>),
}

impl Hash for Environment {
    /// Everything but the layers, which only affect rendering through the apps that they are merged into, and what only commands
    /// read.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            name,
            cluster,
            context: _,
            namespace,
            creates_namespace,
            deploy,
            run,
            listener,
            pipeline,
            promotes_from: _,
            promote_by_branch,
            gate: _,
            apis,
            gateway,
            ingress_class,
            registry,
            outside,
            images,
            tekton_sets_security_context,
            tekton_features,
            dashboard,
            monitoring,
            quota,
            limits,
            history,
            flux,
            repository,
            patches,
            everywhere: _,
            overrides: _,
            pins: _,
        } = self;
        (name, cluster, namespace, creates_namespace, deploy, run, pipeline).hash(state);
        (listener, promote_by_branch, apis, gateway, ingress_class, registry, outside).hash(state);
        (images, tekton_sets_security_context, tekton_features, dashboard, monitoring).hash(state);
        (quota, limits, history, flux, repository, patches).hash(state);
    }
}

/// What belongs to one program alone, so that a process does not take it from its app.
pub const OF_ONE_PROGRAM: &[&str] = &[
    "processes",
    "workload",
    "disruption",
    "replicas",
    "scale",
    "rollout",
    "port",
    "ports",
    "service",
    "health",
    "ready",
    "start",
    "host",
    "routes",
    "from",
    "tls",
    "metrics",
    "storage",
    "selector",
];

impl Environment {
    /// The layers of an app, each over those before it.
    fn layers<'a>(&'a self, spec: &'a Spec, name: &str) -> impl Iterator<Item = &'a Node> {
        let layers = [
            spec.root.get("defaults"),
            spec.apps.get(name).map(|app| &app.value),
            self.everywhere.as_ref(),
            self.overrides.get(name),
        ];
        layers.into_iter().flatten().filter(|layer| !layer.is_null())
    }

    /// The app in this environment: all layers but the pins, merged. None if it is not in this environment.
    #[must_use]
    pub fn app(&self, spec: &Spec, name: &str) -> Option<Node> {
        let own = &spec.apps.get(name).filter(|_| spec.has(name, &self.name))?.value;
        let shape = Shape::Object(app().clone());
        let mut merged = Node::empty_map(own.span);
        for layer in self.layers(spec, name) {
            merge(&mut merged, layer, &shape);
        }
        merged.span = own.span;
        Some(merged)
    }

    /// The app without this environment's override for it, to tell what that changes.
    #[must_use]
    pub fn below_override(&self, spec: &Spec, name: &str) -> Option<Node> {
        let mut without = self.clone();
        without.overrides.remove(name);
        without.app(spec, name)
    }

    /// An app's process in this environment, with all keys of the app: those that it shares with its processes, and over them the
    /// process's own, from every layer.
    #[must_use]
    pub fn process(&self, spec: &Spec, name: &str, process: &str) -> Option<Node> {
        let mut base = self.app(spec, name)?;
        if let Data::Map(entries) = &mut base.data {
            entries.retain(|entry| !OF_ONE_PROGRAM.contains(&entry.key.as_str()));
        }
        let shape = Shape::Object(app().clone());
        let mut merged = base.clone();
        let layers =
            self.layers(spec, name).filter_map(|layer| layer.get("processes")?.get(process));
        for layer in layers {
            if layer.is_null() {
                merged = base.clone();
            } else {
                merge(&mut merged, layer, &shape);
            }
        }
        Some(merged)
    }

    /// This environment's override for one app.
    #[must_use]
    pub fn override_of(&self, app: &str) -> Option<&Node> {
        self.overrides.get(app)
    }

    /// The app's pin here.
    #[must_use]
    pub fn pin(&self, app: &str) -> Option<&(Pin, Span)> {
        self.pins.get(app)
    }

    /// Whether the cluster has an optional API.
    #[must_use]
    pub fn has(&self, api: Api) -> bool {
        self.apis.contains(&api)
    }
}

impl Pattern {
    /// The string with the names of the app and the environment filled in.
    ///
    /// # Errors
    /// An unknown variable, or an unclosed one.
    pub fn fill(&self, app: &str, environment: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, tail) = after.split_once("}}").ok_or("unclosed `{{`")?;
            out.push_str(before);
            match name.trim() {
                "app" => out.push_str(app),
                "env" | "environment" => out.push_str(environment),
                other => return Err(format!("unknown variable `{other}`")),
            }
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// Whether the string differs between apps.
    #[must_use]
    pub fn names_app(&self) -> bool {
        self.fill("\u{1}", "").is_ok_and(|filled| filled.contains('\u{1}'))
    }
}
