//! Charts: a HelmRelease of Flux's becomes an app with `helm`.

use super::app_template::Releases;
use super::clear;
use super::draft::{Draft, Fate};
use super::say::is_of_gen;
use super::world::{World, pairs};
use crate::kubernetes::{documents_as_applied, release};
use crate::yaml::{Map, Value};

/// The namespace's level for a chart, whose pods nobody knows here.
const UNKNOWN_PODS: &str = "nobody knows the pods of its chart here";

/// What is to be done with a release whose objects gen renders. One that is suspended is not uninstalled when it is deleted
/// (helm-controller, pull request 568).
const TAKEN_OVER: &str = "its objects are the app's now: suspend it before Flux applies the app, and delete it only while it is \
                          suspended, or Helm uninstalls them";

/// Says what becomes of releases whose objects stand among the originals, and of the sources that only they have.
pub(super) fn replace(
    world: &World,
    releases: &Releases,
    rest: &mut Vec<usize>,
    drafts: &mut [Draft],
) {
    let mut told = Vec::new();
    let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).collect();
    for (release, objects) in &releases.installed {
        let is_of = |draft: &&mut Draft| draft.fates.iter().any(|(at, _)| objects.contains(at));
        let Some(draft) = drafts.iter_mut().find(is_of) else { continue };
        let within = |why: &str| Fate::Within { key: "image".to_owned(), why: why.to_owned() };
        draft.fate(*release, within(TAKEN_OVER));
        waits_for(draft, world.body(*release), &names);
        told.push(*release);
        let source = source(world, *release).filter(|source| rest.contains(source));
        let is_used = |source: usize| {
            let others = world.of("HelmRelease").map(|(at, _)| at).filter(|at| !told.contains(at));
            others.into_iter().any(|at| self::source(world, at) == Some(source))
        };
        if let Some(source) = source.filter(|source| !told.contains(source) && !is_used(*source)) {
            draft.fate(source, within("no chart is read from it any more"));
            told.push(source);
        }
    }
    rest.retain(|at| !told.contains(at));
}

/// An app waits for what its release waited for, if that is an app, too.
fn waits_for(draft: &mut Draft, release: &Value, apps: &[String]) {
    let listed = release.list_at(&["spec", "dependsOn"]).iter();
    let all = listed.filter_map(|one| one.str_at(&["name"])).filter(|name| *name != draft.name);
    let (known, others): (Vec<&str>, Vec<&str>) =
        all.partition(|name| apps.iter().any(|app| app == name));
    let known: Vec<Value> = known.into_iter().map(Value::from).collect();
    if !others.is_empty() {
        let note = format!("its release waited for {}, which is no app here", others.join(", "));
        draft.note("image", note);
    }
    draft.set("dependsOn", known);
}

/// The source that a release names.
fn source(world: &World, release: usize) -> Option<usize> {
    let (body, namespace) = (world.body(release), world.all[release].namespace());
    let spec = body.get("spec")?;
    let reference = spec.at(&["chart", "spec", "sourceRef"]).or(spec.get("chartRef"))?;
    let namespace = reference.str_at(&["namespace"]).or(namespace);
    world.find(reference.str_at(&["kind"])?, namespace, reference.str_at(&["name"])?)
}

/// Says the HelmReleases of an environment. What they are made of is taken out of `rest`.
pub(super) fn say(
    world: &World,
    releases: &Releases,
    rest: &mut Vec<usize>,
    drafts: &mut Vec<Draft>,
) {
    let mut told = Vec::new();
    for (at, it) in world.of("HelmRelease") {
        if !rest.contains(&at)
            || it.left.is_some()
            || drafts.iter().any(|draft| draft.name == it.name())
        {
            continue;
        }
        let Some((helm, Made { source, configs })) = chart(world, at) else { continue };
        let mut draft = Draft {
            name: it.name().to_owned(),
            namespace: it
                .object
                .value()
                .str_at(&["spec", "targetNamespace"])
                .or(it.namespace())
                .map(str::to_owned),
            ..Draft::default()
        };
        let mut helm = helm;
        let mut notes = Vec::new();
        let left = match helm.get_mut("values") {
            Some(Value::Map(values)) => clear::left_out(values),
            _ => Vec::new(),
        };
        if !left.is_empty() {
            notes.push(format!(
                "left out, for they look like secrets: {}; use `valuesFrom`",
                left.join(", ")
            ));
            draft.decided.push((
                "values".to_owned(),
                "values that look like secrets are not copied".to_owned(),
            ));
        }
        if let Some((_, why)) = releases.kept.iter().find(|(kept, _)| *kept == at) {
            notes.push(format!("stays a chart: {why}"));
        }
        if !notes.is_empty() {
            draft.note("helm", notes.join("; "));
        }
        draft.set("helm", Value::Map(helm));
        let labels = pairs(it.object.value(), &["metadata", "labels"]).into_iter();
        let labels: Map = labels
            .filter(|(key, _)| !is_of_gen(key))
            .map(|(key, value)| (key, Value::from(value)))
            .collect();
        draft.set("labels", Value::Map(labels));
        let namespace = draft.namespace.clone().unwrap_or_default();
        if world.find("Namespace", None, &namespace).is_some() {
            let security = [("level", "baseline".into()), ("reason", UNKNOWN_PODS.into())];
            draft.set("security", Value::from(security));
        }
        draft.apis.push("helm");
        draft.fate(at, Fate::Same);
        told.push(at);
        if let Some(source) = source.filter(|source| rest.contains(source)) {
            let why = "gen makes a source for each chart".to_owned();
            draft.fate(source, Fate::Within { key: "helm".to_owned(), why });
            told.push(source);
        }
        for config in configs.into_iter().filter(|config| rest.contains(config)) {
            let why = "its values are in the spec".to_owned();
            draft.fate(config, Fate::Within { key: "helm.values".to_owned(), why });
            told.push(config);
        }
        drafts.push(draft);
    }
    rest.retain(|at| !told.contains(at));
}

/// Puts the values that a release takes from ConfigMaps which are here into its own, as far as nothing else comes between. Returns the
/// names of those ConfigMaps.
pub(super) fn inline<'v>(
    spec: &mut Map,
    config: impl Fn(&str) -> Option<&'v Value>,
) -> Vec<String> {
    let mut names = Vec::new();
    let mut from = spec.get("valuesFrom").and_then(Value::as_seq).unwrap_or_default().to_vec();
    while let Some(last) = from.last() {
        let is_file =
            last.str_at(&["kind"]) == Some("ConfigMap") && last.get("targetPath").is_none();
        let name = last.str_at(&["name"]).filter(|_| is_file);
        let key = last.str_at(&["valuesKey"]).unwrap_or("values.yaml");
        let text = name.and_then(&config).and_then(|config| config.str_at(&["data", key]));
        let read = text.and_then(|text| documents_as_applied(text).ok());
        let Some([Value::Map(values)]) = read.as_deref() else { break };
        let mut all = Value::Map(values.clone());
        if let Some(own) = spec.remove("values") {
            all.overlay(own);
        }
        spec.insert("values", all);
        names.extend(name.map(str::to_owned));
        from.pop();
    }
    if from.is_empty() {
        spec.remove("valuesFrom");
    } else {
        spec.insert("valuesFrom", from);
    }
    names
}

/// A setting without what gen says anyway, and without what `crds` says in a word.
fn setting(key: &str, own: &Value, crds: Option<&str>) -> Option<Value> {
    let mut own = own.clone();
    if let Value::Map(map) = &mut own
        && matches!(key, "install" | "upgrade")
    {
        let of_crds = map.get("crds").and_then(Value::as_str).unwrap_or("Create");
        if crds.is_some() || of_crds == "Create" {
            map.remove("crds");
        }
        if let Some(Value::Map(remediation)) = map.get_mut("remediation") {
            if remediation.get("retries").and_then(Value::as_int) == Some(3) {
                remediation.remove("retries");
            }
            if remediation.is_empty() {
                map.remove("remediation");
            }
        }
    }
    let is_empty =
        own.as_map().is_some_and(Map::is_empty) || own.as_seq().is_some_and(<[_]>::is_empty);
    (!is_empty).then_some(own)
}

/// What a release is made of: its source, and the ConfigMaps with its values.
struct Made {
    source: Option<usize>,
    configs: Vec<usize>,
}

/// The chart of a release in the words of the spec, and what it is made of.
fn chart(world: &World, release: usize) -> Option<(Map, Made)> {
    let body = world.body(release);
    let mut spec = body.get("spec")?.as_map()?.clone();
    let namespace = world.all[release].namespace();
    let config = |name: &str| world.config(namespace, name).map(|(_, body)| body);
    let names = inline(&mut spec, config);
    let configs = names.iter().filter_map(|name| Some(world.config(namespace, name)?.0)).collect();
    let spec = &Value::Map(spec);
    let mut helm = Map::default();
    let at = source(world, release);
    let kind = world.all[at?].object.kind();
    let source = world.body(at?).get("spec")?;
    let version = spec.str_at(&["chart", "spec", "version"]);
    match kind {
        "HelmRepository" => {
            helm.push("chart", spec.str_at(&["chart", "spec", "chart"])?);
            let url = source.str_at(&["url"])?;
            if let Some(oci) = url.strip_prefix("oci://") {
                let chart = helm.remove("chart")?.as_str()?.to_owned();
                helm.push("oci", format!("oci://{}/{chart}", oci.trim_end_matches('/')));
            } else {
                helm.push("repo", url);
            }
            helm.push("version", version.unwrap_or("*"));
        }
        "OCIRepository" => {
            helm.push("oci", source.str_at(&["url"])?);
            let tag = source.str_at(&["ref", "semver"]).or(source.str_at(&["ref", "tag"]));
            helm.push("version", tag?);
        }
        _ => return None,
    }
    helm.push_some("secret", source.str_at(&["secretRef", "name"]));
    helm.push_some("values", spec.get("values").cloned());
    let mut from = Vec::new();
    for one in spec.list_at(&["valuesFrom"]) {
        let mut map = Map::default();
        let kind = if one.str_at(&["kind"]) == Some("Secret") { "secret" } else { "configMap" };
        map.push_some(kind, one.str_at(&["name"]));
        map.push_some("key", one.str_at(&["valuesKey"]));
        map.push_some("path", one.str_at(&["targetPath"]));
        map.push_some("optional", one.get("optional").filter(|it| it.is_true()).cloned());
        from.push(Value::Map(map));
    }
    helm.push_some("valuesFrom", (!from.is_empty()).then_some(from));
    let name = body.str_at(&["metadata", "name"]);
    helm.push_some(
        "release",
        spec.str_at(&["releaseName"]).filter(|release| Some(*release) != name),
    );
    helm.push_some("account", spec.str_at(&["serviceAccountName"]));
    helm.push_some("interval", spec.str_at(&["interval"]).filter(|time| *time != "10m"));
    let crds = |key: &str| spec.str_at(&[key, "crds"]);
    let chosen = match (crds("install"), crds("upgrade")) {
        (Some("CreateReplace"), Some("CreateReplace")) => Some("replace"),
        (Some("Skip"), None | Some("Skip")) => Some("skip"),
        _ => None,
    };
    helm.push_some("crds", chosen);
    for key in release::SETTINGS {
        if let Some(own) = spec.get(key).and_then(|own| setting(key, own, chosen)) {
            helm.push(key, own);
        }
    }
    helm.push_some("timeout", spec.str_at(&["timeout"]).filter(|time| *time != "5m"));
    Some((helm, Made { source: at, configs }))
}
