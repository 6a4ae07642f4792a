//! What is there already: the objects as they were read, without what a server, kubectl or Helm wrote into them.

use std::sync::Arc;

use crate::kubernetes::{Object, documents_as_applied, is_namespaced};
use crate::yaml::{Map, Value};

/// An object that is to be adopted.
#[derive(Debug, Clone)]
pub struct Original {
    /// The object, without the server's fields.
    pub object: Object,
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// A controller made it of another object.
    pub is_owned: bool,
    /// It stands in the script of a Task, and has no verdict of its own.
    pub is_inner: bool,
    /// Nothing of it is in a cluster: it was made of what names no objects.
    pub is_planned: bool,
    /// What became of it since it was encrypted.
    pub seal: Seal,
    /// The Kustomization of Flux that applies it.
    pub by: Option<Arc<str>>,
    /// What the environment itself says of it.
    pub within: Option<Within>,
    /// Why it stays outside of the spec, if that is known from where it was found.
    pub left: Option<String>,
}

/// What an environment says instead of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// The key; the environment's file if it is no single one.
    pub key: Option<&'static str>,
    /// What that means.
    pub why: String,
}

/// What became of an encrypted object since its checksum was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seal {
    /// It is not encrypted, or nobody looked.
    #[default]
    Unknown,
    /// It is as in this text of its file, which holds nothing else.
    Kept(Arc<str>),
    /// It got another namespace.
    Moved,
}

/// Fields of `metadata` that the API server sets.
const OF_SERVER: [&str; 9] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
    "ownerReferences",
];

/// Labels and annotations by which tools know what they made. They mean nothing once another tool makes it.
const OF_TOOLS: [&str; 12] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
    "app.kubernetes.io/managed-by",
    "helm.sh/chart",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "pod-template-hash",
    "controller-revision-hash",
    "kompose.version",
    "kompose.cmd",
];

/// Beginnings of such labels and annotations.
const OF_CONTROLLERS: [&str; 5] = [
    "kustomize.toolkit.fluxcd.io/",
    "helm.toolkit.fluxcd.io/",
    "pv.kubernetes.io/",
    "volume.beta.kubernetes.io/",
    "volume.kubernetes.io/",
];

impl Original {
    /// Takes an object in.
    #[must_use]
    pub fn new(mut object: Object, file: Arc<str>) -> Self {
        let owners = object.value().list_at(&["metadata", "ownerReferences"]);
        let is_owned =
            owners.iter().any(|owner| owner.get("controller").is_some_and(Value::is_true));
        strip(&mut object);
        Self {
            object,
            file,
            is_owned,
            is_inner: false,
            is_planned: false,
            seal: Seal::Unknown,
            by: None,
            within: None,
            left: None,
        }
    }

    /// Looks at the file of an encrypted object: whether it still is what was encrypted.
    pub fn compare(&mut self, text: &Arc<str>) {
        if !self.is_encrypted() {
            return;
        }
        let all: Vec<Value> = documents_as_applied(text).unwrap_or_default();
        if let [only] = all.as_slice()
            && only == self.object.value()
        {
            self.seal = Seal::Kept(Arc::clone(text));
            return;
        }
        let name = |value: &Value| value.str_at(&["metadata", "name"]).map(str::to_owned);
        let own = all.iter().find(|value| name(value) == name(self.object.value()));
        let before = own.and_then(|own| own.str_at(&["metadata", "namespace"]));
        if own.is_some() && before != self.namespace() {
            self.seal = Seal::Moved;
        }
    }

    /// Leaves out what is in a namespace that no app may be in. Sources of charts may be anywhere.
    pub fn judge_namespace(&mut self) {
        let namespace = self.namespace().unwrap_or_default();
        let is_source = self.object.group() == "source.toolkit.fluxcd.io";
        if RESERVED.contains(&namespace) && !is_source && self.left.is_none() {
            self.left = Some(format!("the namespace `{namespace}` is reserved by the cluster"));
        }
    }

    /// Puts an object without a namespace into one.
    pub fn place(&mut self, namespace: &str) {
        self.object.metadata_mut().insert("namespace", namespace);
        if self.is_encrypted() {
            self.seal = Seal::Moved;
        }
    }

    /// Whether SOPS has encrypted it.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.object.at(&["sops"]).is_some()
    }

    /// Group and kind.
    #[must_use]
    pub fn kind(&self) -> (&str, &str) {
        (self.object.group(), self.object.kind())
    }

    /// The namespace; none for what is in none.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.object.namespace()
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.object.name()
    }

    /// Whether its kind is known to be in no namespace.
    #[must_use]
    pub fn is_cluster_scoped(&self) -> bool {
        !is_namespaced(self.object.api_version(), self.object.kind())
    }
}

/// Removes what others than its author wrote.
fn strip(object: &mut Object) {
    let is_live = object.at(&["metadata", "uid"]).is_some();
    if object.at(&["sops"]).is_some() {
        return;
    }
    let (group, kind) = (object.group().to_owned(), object.kind().to_owned());
    let body = object.body_mut();
    body.remove("status");
    let metadata = body.map_at("metadata");
    for key in OF_SERVER {
        metadata.remove(key);
    }
    tidy(metadata);
    if is_live {
        metadata.remove("finalizers");
        super::defaults::strip(&group, &kind, body);
    }
    for keys in TEMPLATES {
        if let Some(metadata) = super::reach::reach(body, keys) {
            metadata.remove("creationTimestamp");
            tidy(metadata);
        }
    }
}

/// Namespaces of Kubernetes and of Flux themselves.
const RESERVED: [&str; 4] = ["flux-system", "kube-node-lease", "kube-public", "kube-system"];

/// The namespace of objects that name none.
pub const NOWHERE: &str = "default";

/// Where pod templates have their metadata.
const TEMPLATES: [&[&str]; 3] = [
    &["spec", "template", "metadata"],
    &["spec", "jobTemplate", "metadata"],
    &["spec", "jobTemplate", "spec", "template", "metadata"],
];

fn tidy(metadata: &mut Map) {
    for field in ["labels", "annotations"] {
        let Some(map) = metadata.get_mut(field).and_then(Value::as_map_mut) else { continue };
        let of_others = |key: &str| {
            OF_TOOLS.contains(&key) || OF_CONTROLLERS.iter().any(|start| key.starts_with(start))
        };
        let gone: Vec<String> =
            map.keys().filter(|key| of_others(key)).map(str::to_owned).collect();
        for key in gone {
            map.remove(&key);
        }
        if map.is_empty() {
            metadata.remove(field);
        }
    }
}
