//! Kinds by the names that people give them.

use crate::kubernetes::plural;
use crate::permissions::tools::need::{Kind, known};

/// Kinds by API group, each with its short names. Of the core group (`-`) the group is empty; what is under `*` belongs to the
/// whole cluster. Those with a `!` need their group on the command line, because another well-known API has a kind of that name.
const KINDS: &str = "
- ConfigMap/cm Endpoints/ep Event/ev LimitRange/limits PersistentVolumeClaim/pvc Pod/po PodTemplate ReplicationController/rc
- ResourceQuota/quota Secret ServiceAccount/sa Service/svc
apps ControllerRevision DaemonSet/ds Deployment/deploy ReplicaSet/rs StatefulSet/sts
autoscaling HorizontalPodAutoscaler/hpa
batch CronJob/cj Job
coordination.k8s.io Lease
discovery.k8s.io EndpointSlice
networking.k8s.io Ingress/ing NetworkPolicy/netpol
policy PodDisruptionBudget/pdb
rbac.authorization.k8s.io Role RoleBinding
tekton.dev CustomRun Pipeline PipelineRun/pr/prs Task TaskRun/tr/trs
triggers.tekton.dev EventListener/el TriggerBinding/tb TriggerTemplate/tt
kustomize.toolkit.fluxcd.io Kustomization/ks
helm.toolkit.fluxcd.io HelmRelease/hr
source.toolkit.fluxcd.io !Bucket GitRepository/gitrepo !HelmChart/hc HelmRepository/helmrepo OCIRepository/ocirepo
source.extensions.fluxcd.io ArtifactGenerator/ag
image.toolkit.fluxcd.io ImagePolicy/imgpol ImageRepository/imgrepo ImageUpdateAutomation/iua
notification.toolkit.fluxcd.io !Alert !Provider !Receiver
gateway.networking.k8s.io !Gateway/gtw HTTPRoute
monitoring.coreos.com PodMonitor/pmon PrometheusRule/promrule ServiceMonitor/smon
metrics.k8s.io !PodMetrics
* Node/no Namespace/ns PersistentVolume/pv ComponentStatus/cs CustomResourceDefinition/crd/crds ClusterRole ClusterRoleBinding
* StorageClass/sc VolumeAttachment CSIDriver CSINode IngressClass GatewayClass/gc PriorityClass/pc RuntimeClass APIService
* CertificateSigningRequest/csr MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy FlowSchema
* ClusterIssuer ClusterInterceptor/ci ClusterTriggerBinding/ctb ClusterTask
";

/// A kind of the table: its group, itself, its short names.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    KINDS.lines().flat_map(|line| {
        let (group, kinds) = line.split_once(' ').unwrap_or_default();
        kinds.split_whitespace().map(move |word| {
            let (kind, shorts) = word.split_once('/').unwrap_or((word, ""));
            (group.trim_start_matches('-'), kind, shorts)
        })
    })
}

impl Kind {
    /// The kind that a word of the command line means: `deploy`, `Deployment`, `deployments.apps`, `deployments.v1.apps`.
    pub(super) fn named(word: &str) -> Result<Self, String> {
        let word = known(word).ok_or("what it acts on is only known when it runs")?;
        let small = word.to_lowercase();
        let (name, group) = match small.split_once('.') {
            Some((name, rest)) => (name, Some(without_version(rest))),
            None => (small.as_str(), None),
        };
        for (of, kind, shorts) in rows() {
            let bare = kind.trim_start_matches('!');
            let right = of == "*" || group.map_or(bare == kind, |group| group == of);
            let named = bare.eq_ignore_ascii_case(name)
                || shorts.split('/').any(|short| short == name && !short.is_empty())
                || (begins_alike(name, bare) && plural(of, bare) == name);
            if right && named {
                return Self::of_row(of, bare, word);
            }
        }
        let is_name = |text: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            !text.is_empty() && text.chars().all(allowed)
        };
        match group {
            None if name == "all" => {
                Err("`all` is whatever kinds the cluster puts there; name the ones you mean"
                    .to_owned())
            }
            None => Err(format!(
                "gen does not know the kind `{word}`; write it with its group: `{name}.GROUP`"
            )),
            Some(group) if name.ends_with('s') && is_name(name) && is_name(group) => {
                Ok(Self::new(group, name))
            }
            Some(_) => {
                Err(format!("gen does not know the kind `{word}`; write its plural and its group"))
            }
        }
    }

    /// The kind of a manifest.
    pub(super) fn of_manifest(api_version: &str, kind: &str) -> Result<Self, String> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let row = rows().find(|(of, known, _)| {
            known.trim_start_matches('!') == kind && (*of == group || *of == "*")
        });
        let (of, known, _) = row.ok_or_else(|| {
            format!("gen does not know the plural of `{kind}` in `{api_version}`")
        })?;
        Self::of_row(of, known.trim_start_matches('!'), kind)
    }

    fn of_row(group: &str, kind: &str, word: &str) -> Result<Self, String> {
        if group == "*" {
            return Err(format!("`{word}` belongs to the whole cluster, where gen grants nothing"));
        }
        Ok(Self::new(group, &plural("", kind)))
    }
}

/// Whether a word can be a kind's plural. It spares the making of all plurals.
fn begins_alike(name: &str, kind: &str) -> bool {
    let start = name.get(..2).zip(kind.get(..2));
    start.is_some_and(|(name, kind)| name.eq_ignore_ascii_case(kind)) && name.ends_with('s')
}

/// The group of `v1.apps`, and of `apps`.
fn without_version(rest: &str) -> &str {
    let (first, group) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = first.strip_prefix('v').map(|rest| rest.replace("alpha", "").replace("beta", ""));
    match digits {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => group,
        _ => rest,
    }
}
