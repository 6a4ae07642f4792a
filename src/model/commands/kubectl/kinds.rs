//! Kinds by the names that people give them.

use super::super::need::{Kind, known};

/// Kinds that live in namespaces, one a line: as manifests write it, its plural, its group (`-` for the core group), its short
/// names. Those with a `!` need their group on the command line, because another well-known API has a kind of that name.
const KINDS: &str = "
ConfigMap configmaps - cm
Endpoints endpoints - ep
Event events - ev
LimitRange limitranges - limits
PersistentVolumeClaim persistentvolumeclaims - pvc
Pod pods - po
PodTemplate podtemplates -
ReplicationController replicationcontrollers - rc
ResourceQuota resourcequotas - quota
Secret secrets -
ServiceAccount serviceaccounts - sa
Service services - svc
ControllerRevision controllerrevisions apps
DaemonSet daemonsets apps ds
Deployment deployments apps deploy
ReplicaSet replicasets apps rs
StatefulSet statefulsets apps sts
HorizontalPodAutoscaler horizontalpodautoscalers autoscaling hpa
CronJob cronjobs batch cj
Job jobs batch
Lease leases coordination.k8s.io
EndpointSlice endpointslices discovery.k8s.io
Ingress ingresses networking.k8s.io ing
NetworkPolicy networkpolicies networking.k8s.io netpol
PodDisruptionBudget poddisruptionbudgets policy pdb
Role roles rbac.authorization.k8s.io
RoleBinding rolebindings rbac.authorization.k8s.io
CustomRun customruns tekton.dev
Pipeline pipelines tekton.dev
PipelineRun pipelineruns tekton.dev pr prs
Task tasks tekton.dev
TaskRun taskruns tekton.dev tr trs
EventListener eventlisteners triggers.tekton.dev el
TriggerBinding triggerbindings triggers.tekton.dev tb
TriggerTemplate triggertemplates triggers.tekton.dev tt
Kustomization kustomizations kustomize.toolkit.fluxcd.io ks
HelmRelease helmreleases helm.toolkit.fluxcd.io hr
!Bucket buckets source.toolkit.fluxcd.io
GitRepository gitrepositories source.toolkit.fluxcd.io gitrepo
!HelmChart helmcharts source.toolkit.fluxcd.io hc
HelmRepository helmrepositories source.toolkit.fluxcd.io helmrepo
OCIRepository ocirepositories source.toolkit.fluxcd.io ocirepo
ArtifactGenerator artifactgenerators source.extensions.fluxcd.io ag
ImagePolicy imagepolicies image.toolkit.fluxcd.io imgpol
ImageRepository imagerepositories image.toolkit.fluxcd.io imgrepo
ImageUpdateAutomation imageupdateautomations image.toolkit.fluxcd.io iua
!Alert alerts notification.toolkit.fluxcd.io
!Provider providers notification.toolkit.fluxcd.io
!Receiver receivers notification.toolkit.fluxcd.io
!Gateway gateways gateway.networking.k8s.io gtw
HTTPRoute httproutes gateway.networking.k8s.io
PodMonitor podmonitors monitoring.coreos.com pmon
PrometheusRule prometheusrules monitoring.coreos.com promrule
ServiceMonitor servicemonitors monitoring.coreos.com smon
!PodMetrics pods metrics.k8s.io
";

/// Kinds that belong to the whole cluster, one a line: all names of each.
const CLUSTER: &str = "
nodes node no
namespaces namespace ns
persistentvolumes persistentvolume pv
componentstatuses componentstatus cs
customresourcedefinitions customresourcedefinition crd crds
clusterroles clusterrole
clusterrolebindings clusterrolebinding
storageclasses storageclass sc
volumeattachments volumeattachment
csidrivers csidriver
csinodes csinode
ingressclasses ingressclass
gatewayclasses gatewayclass gc
priorityclasses priorityclass pc
runtimeclasses runtimeclass
apiservices apiservice
certificatesigningrequests certificatesigningrequest csr
mutatingwebhookconfigurations mutatingwebhookconfiguration
validatingwebhookconfigurations validatingwebhookconfiguration
validatingadmissionpolicies validatingadmissionpolicy
flowschemas flowschema
clusterissuers clusterissuer
clusterinterceptors clusterinterceptor ci
clustertriggerbindings clustertriggerbinding ctb
clustertasks clustertask
";

/// A line of `KINDS`.
struct Row {
    kind: &'static str,
    plural: &'static str,
    group: &'static str,
    shorts: Vec<&'static str>,
    needs_group: bool,
}

fn rows() -> impl Iterator<Item = Row> {
    KINDS.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let kind = words.next()?;
        Some(Row {
            kind: kind.trim_start_matches('!'),
            plural: words.next()?,
            group: words.next()?.trim_start_matches('-'),
            shorts: words.collect(),
            needs_group: kind.starts_with('!'),
        })
    })
}

impl Kind {
    /// The kind that a word of the command line means: `deploy`, `Deployment`, `deployments.apps`, `deployments.v1.apps`.
    pub(super) fn named(word: &str) -> Result<Self, String> {
        let Some(word) = known(word) else {
            return Err("what it acts on is only known when it runs".to_owned());
        };
        let small = word.to_lowercase();
        let (name, group) = match small.split_once('.') {
            Some((name, rest)) => (name, Some(without_version(rest))),
            None => (small.as_str(), None),
        };
        if let Some(row) = rows().find(|row| row.fits(name, group)) {
            return Ok(Self::new(row.group, row.plural));
        }
        of_cluster(name, word)?;
        match group {
            None if name == "all" => Err(
                "`all` is whatever kinds the cluster puts there; name the ones you mean".to_owned(),
            ),
            None => Err(format!(
                "gen does not know the kind `{word}`; write it with its group: `{name}.GROUP`"
            )),
            Some(group) if name.ends_with('s') && is_name(name) && is_name(group) => {
                Ok(Self::new(group, name))
            }
            Some(_) => Err(format!(
                "gen does not know the kind `{word}`; write its plural and its group"
            )),
        }
    }

    /// The kind of a manifest.
    pub(super) fn of_manifest(api_version: &str, kind: &str) -> Result<Self, String> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        if let Some(row) = rows().find(|row| row.kind == kind && row.group == group) {
            return Ok(Self::new(row.group, row.plural));
        }
        of_cluster(&kind.to_lowercase(), kind)?;
        Err(format!(
            "gen does not know the plural of `{kind}` in `{api_version}`"
        ))
    }
}

impl Row {
    /// Whether a word of the command line, in small letters, means this kind.
    fn fits(&self, name: &str, group: Option<&str>) -> bool {
        let right = group.map_or(!self.needs_group, |group| group == self.group);
        let named =
            name == self.plural || name == self.kind.to_lowercase() || self.shorts.contains(&name);
        right && named
    }
}

fn of_cluster(name: &str, word: &str) -> Result<(), String> {
    if CLUSTER.split_whitespace().any(|known| known == name) {
        return Err(format!(
            "`{word}` belongs to the whole cluster, where gen grants nothing"
        ));
    }
    Ok(())
}

/// The group of `v1.apps`, and of `apps`.
fn without_version(rest: &str) -> &str {
    let (first, group) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = first
        .strip_prefix('v')
        .map(|rest| rest.replace("alpha", "").replace("beta", ""));
    match digits {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => group,
        _ => rest,
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !text.is_empty() && text.chars().all(allowed)
}
