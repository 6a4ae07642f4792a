//! Environments: what each one is, and what an app is in it.
//!
//! The layers are `defaults` < the app < the environment's `"*"` < the environment's app < pins. They are merged as nodes, each
//! part keeping its place, so an error in the merged app still points at the line of the layer that wrote it.

mod merge;
mod order;
mod read;
mod settings;

pub use merge::merge;
pub use read::environments;
pub use settings::{
    Api, Dashboard, Decryption, Deploy, Flux, FluxSource, Gateway, History, Limits, Monitoring,
    Quota, Receiver, ReceiverTls, Registry, Repository, Run,
};

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use crate::diagnostics::Span;
use crate::spec::table::Shape;
use crate::spec::{Pin, Spec, app};
use crate::yaml::Node;

/// One environment, checked.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name: the name of its file.
    pub name: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// The kube context of the cluster.
    pub context: Option<String>,
    /// The namespace of the apps, with `{{ app }}` and `{{ env }}` in it.
    pub namespace: Pattern,
    /// Who rolls a new image out.
    pub deploy: Deploy,
    /// What starts a run.
    pub run: Run,
    /// Which tasks run here.
    pub pipeline: Selection,
    /// Where its images come from.
    pub promotes_from: Option<String>,
    /// Promotions come as a branch and a pull request.
    pub promote_by_branch: bool,
    /// Optional APIs of the cluster.
    pub apis: BTreeSet<Api>,
    /// The Gateway that HTTPRoutes attach to.
    pub gateway: Option<Gateway>,
    /// The IngressClass.
    pub ingress_class: Option<String>,
    /// The registry that images are pushed to.
    pub registry: Registry,
    /// Images of tools, by tool.
    pub images: BTreeMap<String, String>,
    /// Tekton's `set-security-context` is on.
    pub tekton_sets_security_context: bool,
    /// The address of Tekton's dashboard.
    pub dashboard: Option<String>,
    /// How Prometheus finds what it watches.
    pub monitoring: Monitoring,
    /// What all pods of a namespace may ask for.
    pub quota: Option<Quota>,
    /// What a container gets by default.
    pub limits: Option<Limits>,
    /// How many ended runs stay, where Tekton's pruner may remove any.
    pub history: Option<History>,
    /// How Flux reads and applies the tree.
    pub flux: Flux,
    /// The repository that pipelines commit to.
    pub repository: Repository,
    /// Patches, as written.
    pub patches: Vec<Node>,
    /// Overrides for every app.
    everywhere: Option<Node>,
    /// Overrides by app.
    overrides: BTreeMap<String, Node>,
    /// Pins by app, with their places.
    pins: BTreeMap<String, (Pin, Span)>,
}

/// A text with a place in which `{{ app }}` and `{{ env }}` may stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Which of an app's tasks run in an environment.
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
    /// Everything but the layers, which reach what is rendered only by way of the apps that they are merged into, and what only
    /// commands read.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            name,
            cluster,
            context: _,
            namespace,
            deploy,
            run,
            pipeline,
            promotes_from: _,
            promote_by_branch,
            apis,
            gateway,
            ingress_class,
            registry,
            images,
            tekton_sets_security_context,
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
        (name, cluster, namespace, deploy, run, pipeline).hash(state);
        (promote_by_branch, apis, gateway, ingress_class, registry).hash(state);
        (images, tekton_sets_security_context, dashboard, monitoring).hash(state);
        (quota, limits, history, flux, repository, patches).hash(state);
    }
}

impl Environment {
    /// The app in this environment: all layers but the pins, merged.
    #[must_use]
    pub fn app(&self, spec: &Spec, name: &str) -> Option<Node> {
        let own = &spec.apps.get(name)?.value;
        let shape = Shape::Object(app().clone());
        let layers = [
            spec.root.get("defaults"),
            Some(own),
            self.everywhere.as_ref(),
            self.overrides.get(name),
        ];
        let mut merged = Node::empty_map(own.span);
        for layer in layers.into_iter().flatten().filter(|layer| !layer.is_null()) {
            merge(&mut merged, layer, &shape);
        }
        merged.span = own.span;
        Some(merged)
    }

    /// Where this environment says something about one app alone.
    #[must_use]
    pub fn override_span(&self, app: &str) -> Option<Span> {
        self.overrides.get(app).map(|node| node.span)
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
    /// The text with the app's and the environment's name put in.
    ///
    /// # Errors
    /// What stands in it that is neither.
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

    /// Whether the text differs from app to app.
    #[must_use]
    pub fn names_app(&self) -> bool {
        self.fill("\u{1}", "").is_ok_and(|filled| filled.contains('\u{1}'))
    }
}
