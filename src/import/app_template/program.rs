//! The programs of a release: its controllers, in the chart's words.

use super::container::{Around, container, ordered};
use super::network::Service;
use super::release::{Release, text};
use super::values::{Problem, Values};
use super::volumes::{Named, Volume, templates};
use crate::yaml::{Map, Value};

/// What programs share.
pub(super) struct Shared<'a> {
    pub(super) release: &'a Release,
    pub(super) services: &'a [Service],
    pub(super) volumes: &'a [Volume],
    pub(super) configs: &'a Named,
    pub(super) secrets: &'a Named,
    /// Accounts that the release makes, by identifier.
    pub(super) accounts: &'a Named,
    /// Options of all pods.
    pub(super) pods: &'a Values,
}

/// Options of a pod that values name as Kubernetes does.
const OPTIONS: [&str; 23] = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "hostname",
    "imagePullSecrets",
    "nodeSelector",
    "priorityClassName",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "shareProcessNamespace",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
];

/// A program as an object.
pub(super) fn program(
    shared: &Shared<'_>,
    (id, mut one): (&str, Values),
    several: bool,
) -> Result<Value, Problem> {
    let release = shared.release;
    let name = release.named(&mut one, id, several)?;
    let metadata = release.metadata(&name, &mut one)?;
    let kind = one.text("type")?.unwrap_or_else(|| "deployment".to_owned());
    let mut statefulset = one.map("statefulset")?;
    let (claims, own) = templates(id, &mut statefulset)?;
    let template = template(shared, id, &mut one, &own, &kind)?;
    let labels = release.selector(id);
    let selector = Value::from([("matchLabels", labels.into())]);
    let strategy = one.text("strategy")?;
    let mut rolling = one.map("rollingUpdate")?;
    let history = one.take("revisionHistoryLimit").unwrap_or(Value::Int(3));
    let replicas = one.take("replicas").unwrap_or(Value::Int(1));
    let mut spec = Map::default();
    let (api, kind) = match kind.as_str() {
        "deployment" => {
            let strategy = strategy.unwrap_or_else(|| "Recreate".to_owned());
            spec.push("revisionHistoryLimit", history);
            spec.push("replicas", replicas);
            let mut map = Map::default();
            map.push("type", strategy.as_str());
            let mut by = Map::default();
            by.push_some("maxUnavailable", rolling.take("unavailable"));
            by.push_some("maxSurge", rolling.take("surge"));
            let rolls = strategy == "RollingUpdate" && !by.is_empty();
            map.push_some("rollingUpdate", rolls.then_some(by));
            spec.push("strategy", map);
            spec.push("selector", selector);
            ("apps/v1", "Deployment")
        }
        "statefulset" => {
            spec.push("revisionHistoryLimit", history);
            spec.push("replicas", replicas);
            spec.push_some("podManagementPolicy", statefulset.text("podManagementPolicy")?);
            let mut map = Map::default();
            map.push("type", strategy.unwrap_or_else(|| "RollingUpdate".to_owned()));
            let partition = rolling.take("partition");
            map.push_some("rollingUpdate", partition.map(|it| Value::from([("partition", it)])));
            spec.push("updateStrategy", map);
            spec.push("selector", selector);
            let service = statefulset.text("serviceName")?;
            spec.push("serviceName", service.unwrap_or_else(|| release.full.clone()));
            let retention = statefulset.take("persistentVolumeClaimRetentionPolicy");
            spec.push_some("persistentVolumeClaimRetentionPolicy", retention);
            spec.push_some("volumeClaimTemplates", (!claims.is_empty()).then_some(claims));
            ("apps/v1", "StatefulSet")
        }
        "daemonset" => {
            spec.push("revisionHistoryLimit", history);
            spec.push("selector", selector);
            ("apps/v1", "DaemonSet")
        }
        "cronjob" => {
            let mut given = one.map("cronjob")?;
            let job = job(&mut given, template);
            for (field, key, default) in [
                ("suspend", "suspend", None),
                ("concurrencyPolicy", "concurrencyPolicy", Some("Forbid".into())),
                ("startingDeadlineSeconds", "startingDeadlineSeconds", Some(Value::Int(30))),
                ("timeZone", "timeZone", None),
                ("schedule", "schedule", None),
                ("successfulJobsHistoryLimit", "successfulJobsHistory", Some(Value::Int(1))),
                ("failedJobsHistoryLimit", "failedJobsHistory", Some(Value::Int(1))),
            ] {
                spec.push_some(field, given.take(key).or(default));
            }
            given.end()?;
            spec.push("jobTemplate", Value::from([("spec", job.into())]));
            return ended(("batch/v1", "CronJob"), metadata, spec, [one, rolling, statefulset]);
        }
        "job" => {
            let mut given = one.map("job")?;
            spec = job(&mut given, template);
            spec.push_some("suspend", given.take("suspend"));
            given.end()?;
            return ended(("batch/v1", "Job"), metadata, spec, [one, rolling, statefulset]);
        }
        other => return Err(format!("gen does not know the type `{other}` of a program")),
    };
    spec.push("template", template);
    ended((api, kind), metadata, spec, [one, rolling, statefulset])
}

/// The object, if nothing is left of these values.
fn ended(
    (api, kind): (&str, &str),
    metadata: Value,
    spec: Map,
    left: [Values; 3],
) -> Result<Value, Problem> {
    left.into_iter().try_for_each(Values::end)?;
    Ok(Value::from([
        ("apiVersion", api.into()),
        ("kind", kind.into()),
        ("metadata", metadata),
        ("spec", spec.into()),
    ]))
}

/// What a job is told.
fn job(given: &mut Values, template: Value) -> Map {
    let mut spec = Map::default();
    for field in [
        "activeDeadlineSeconds",
        "ttlSecondsAfterFinished",
        "parallelism",
        "completions",
        "completionMode",
        "backoffLimit",
    ] {
        spec.push_some(field, given.take(field));
    }
    spec.push("template", template);
    spec
}

/// The pods of a program.
fn template(
    shared: &Shared<'_>,
    id: &str,
    one: &mut Values,
    own: &[Volume],
    kind: &str,
) -> Result<Value, Problem> {
    let (mut pod, mut all) = (one.map("pod")?, shared.pods.clone());
    let mut labels = shared.release.selector(id);
    let mut annotations = Map::default();
    for (given, into) in [("labels", &mut labels), ("annotations", &mut annotations)] {
        for values in [&mut all, &mut pod] {
            for (key, value) in values.map(given)?.rest().iter() {
                into.insert(key.to_owned(), text(value));
            }
        }
    }
    let mut spec = Map::default();
    for option in OPTIONS {
        let (own, shared) = (pod.take(option), all.take(option));
        let default = match option {
            "enableServiceLinks" => Some(Value::Bool(false)),
            "restartPolicy" if ["cronjob", "job"].contains(&kind) => Some("Never".into()),
            _ => None,
        };
        spec.push_some(option, own.or(shared).or(default));
    }
    if spec.get("hostNetwork").is_some_and(Value::is_true) && !spec.contains_key("dnsPolicy") {
        spec.push("dnsPolicy", "ClusterFirstWithHostNet");
    }
    pod.end()?;
    all.end()?;
    spec.push_some("serviceAccountName", account(shared, one)?);
    let volumes: Vec<&Volume> = shared.volumes.iter().chain(own).collect();
    let mounted: Vec<Value> = volumes.iter().filter_map(|volume| volume.of(id)).collect();
    let around = Around {
        services: shared.services,
        volumes,
        configs: shared.configs,
        secrets: shared.secrets,
    };
    let mut defaults = one.map("defaultContainerOptions")?;
    if one.text("defaultContainerOptionsStrategy")?.is_some_and(|how| how != "overwrite") {
        return Err("gen does not read `defaultContainerOptionsStrategy`".to_owned());
    }
    let reaches_init = one.flag("applyDefaultContainerOptionsToInitContainers", true)?;
    let defaults: Vec<(String, Value)> = {
        let keys: Vec<String> = defaults.clone().rest().keys().map(str::to_owned).collect();
        keys.into_iter().filter_map(|key| Some((key.clone(), defaults.take(&key)?))).collect()
    };
    for (key, field) in [("initContainers", "initContainers"), ("containers", "containers")] {
        let mut made = Vec::new();
        for (name, mut values) in ordered(one.enabled(key)?)? {
            if key == "containers" || reaches_init {
                values.default(&defaults);
            }
            made.push(container(&around, id, (&name, values))?);
        }
        spec.push_some(field, (!made.is_empty()).then_some(made));
    }
    spec.push_some("volumes", (!mounted.is_empty()).then_some(mounted));
    let mut metadata = Map::default();
    metadata.push("labels", labels);
    metadata.push_some("annotations", (!annotations.is_empty()).then_some(annotations));
    Ok(Value::from([("metadata", metadata.into()), ("spec", spec.into())]))
}

/// The account of a program: the one that it names, or the only one of the release.
fn account(shared: &Shared<'_>, one: &mut Values) -> Result<Option<String>, Problem> {
    let mut given = one.map("serviceAccount")?;
    let (id, name) = (given.text("identifier")?, given.text("name")?);
    given.end()?;
    match (id, name, shared.accounts.as_slice()) {
        (Some(id), _, accounts) => {
            let found = accounts.iter().find(|(known, _)| *known == id);
            let found =
                found.ok_or_else(|| format!("no account of the release is called `{id}`"))?;
            Ok(Some(found.1.clone()))
        }
        (None, Some(name), _) => Ok(Some(name)),
        (None, None, [(_, only)]) => Ok(Some(only.clone())),
        (None, None, _) => Ok(None),
    }
}
