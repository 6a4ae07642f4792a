//! Charts: a HelmRelease of Flux's becomes an app with `helm`.

use super::app_template::Releases;
use super::clear;
use super::draft::{Draft, Fate};
use super::world::World;
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
        let Some((helm, source)) = chart(world, at) else { continue };
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
        drafts.push(draft);
    }
    rest.retain(|at| !told.contains(at));
}

/// The chart of a release in the words of the spec, and its source.
fn chart(world: &World, release: usize) -> Option<(Map, Option<usize>)> {
    let body = world.body(release);
    let spec = body.get("spec")?;
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
    helm.push_some("timeout", spec.str_at(&["timeout"]).filter(|time| *time != "5m"));
    Some((helm, at))
}
