//! What is asked about: `KIND/NAME`.

use crate::diagnose::snapshot::Thing;

/// Kinds with the names that kubectl takes for them.
const KINDS: [(&str, &str); 29] = [
    ("PipelineRun", "pipelinerun pipelineruns pr prs"),
    ("TaskRun", "taskrun taskruns tr trs"),
    ("CustomRun", "customrun customruns"),
    ("Kustomization", "kustomization kustomizations ks"),
    ("GitRepository", "gitrepository gitrepositories gitrepo"),
    ("OCIRepository", "ocirepository ocirepositories ocirepo"),
    ("HelmRelease", "helmrelease helmreleases hr"),
    ("HelmRepository", "helmrepository helmrepositories helmrepo"),
    ("HelmChart", "helmchart helmcharts hc"),
    ("ImageRepository", "imagerepository imagerepositories imgrepo"),
    ("ImagePolicy", "imagepolicy imagepolicies imgpol"),
    ("ImageUpdateAutomation", "imageupdateautomation imageupdateautomations iua imgauto"),
    ("EventListener", "eventlistener eventlisteners el"),
    ("Receiver", "receiver receivers"),
    ("Deployment", "deployment deployments deploy"),
    ("StatefulSet", "statefulset statefulsets sts"),
    ("DaemonSet", "daemonset daemonsets ds"),
    ("ReplicaSet", "replicaset replicasets rs"),
    ("CronJob", "cronjob cronjobs cj"),
    ("Job", "job jobs"),
    ("Pod", "pod pods po"),
    ("PersistentVolumeClaim", "persistentvolumeclaim persistentvolumeclaims pvc"),
    ("Service", "service services svc"),
    ("Ingress", "ingress ingresses ing"),
    ("Gateway", "gateway gateways gtw"),
    ("HorizontalPodAutoscaler", "horizontalpodautoscaler horizontalpodautoscalers hpa"),
    ("ResolutionRequest", "resolutionrequest resolutionrequests"),
    ("Namespace", "namespace namespaces ns"),
    ("Node", "node nodes no"),
];

/// An object by kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Kind.
    pub kind: String,
    /// Namespace; any if none.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl Subject {
    /// From `KIND/NAME` or `KIND/NAMESPACE/NAME`, with the kinds and short names of kubectl.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (kind, second, third) = (parts.next()?, parts.next()?, parts.next());
        let kind = kind.split('.').next().unwrap_or(kind).to_ascii_lowercase();
        let is_it = |(_, words): &&(&str, &str)| words.split(' ').any(|word| word == kind);
        let kind = KINDS.iter().find(is_it)?.0.to_owned();
        let (namespace, name) = match third {
            Some(name) => (Some(second.to_owned()), name),
            None => (None, second),
        };
        let is_whole = !name.is_empty() && !second.is_empty() && parts.next().is_none();
        is_whole.then(|| Self { kind, namespace, name: name.to_owned() })
    }

    /// The kinds that can be asked about.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(kind, _)| *kind)
    }

    /// Whether an object is it.
    #[must_use]
    pub fn is(&self, thing: &Thing) -> bool {
        let is_near = self.namespace.as_ref().is_none_or(|namespace| *namespace == thing.namespace);
        self.kind == thing.kind && self.name == thing.name && is_near
    }
}
