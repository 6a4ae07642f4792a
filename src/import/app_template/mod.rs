//! HelmReleases of the chart app-template, whose values say an app as Kubernetes would: what they install stands among the originals
//! as if somebody had written it, and so becomes an app like any other.
//!
//! Facts of the chart: bjw-s-labs/helm-charts, charts/library/common, from version 3 on. A release with values that mean anything
//! else, such as templates, stays a chart, and the reason is told.

mod container;
mod network;
mod program;
mod release;
mod values;
mod volumes;

use super::original::Original;
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};
use program::Shared;
use release::Release;
use values::{Problem, Values};
use volumes::Named;

/// The name of the chart.
const CHART: &str = "app-template";

/// How Helm does its work, which it has no more of.
const OF_HELM: [&str; 13] = [
    "driftDetection",
    "install",
    "interval",
    "maxHistory",
    "persistentClient",
    "rollback",
    "serviceAccountName",
    "storageNamespace",
    "suspend",
    "test",
    "timeout",
    "uninstall",
    "upgrade",
];

/// What is read of a release.
const READ: [&str; 6] =
    ["chart", "chartRef", "dependsOn", "releaseName", "targetNamespace", "values"];

/// What became of the releases of the chart.
#[derive(Debug, Default)]
pub(super) struct Releases {
    /// The release, and where the objects are that it installs.
    pub(super) installed: Vec<(usize, Vec<usize>)>,
    /// The release that stays one, and why.
    pub(super) kept: Vec<(usize, Problem)>,
}

/// Adds what releases of the chart install.
pub(super) fn install(originals: &mut Vec<Original>) -> Releases {
    let mut releases = Releases::default();
    for at in 0..originals.len() {
        let Some(version) = version(originals, at) else { continue };
        match version.and_then(|major| objects(&originals[at], major)) {
            Ok(objects) => {
                let first = originals.len();
                let file = originals[at].file.clone();
                let by = originals[at].by.clone();
                let made = |it| Original { by: by.clone(), ..Original::new(it, file.clone()) };
                originals.extend(objects.into_iter().map(made));
                releases.installed.push((at, (first..originals.len()).collect()));
            }
            Err(why) => releases.kept.push((at, why)),
        }
    }
    releases
}

/// The major version of the chart, if the object is a release of it.
fn version(originals: &[Original], at: usize) -> Option<Result<u32, Problem>> {
    let original = &originals[at];
    let is_outside = original.is_encrypted() || original.left.is_some();
    if original.object.kind() != "HelmRelease" || is_outside {
        return None;
    }
    let spec = original.object.value().get("spec")?;
    let chart = spec.str_at(&["chart", "spec", "chart"]);
    let version = match (chart, spec.get("chartRef")) {
        (Some(CHART), _) => spec.str_at(&["chart", "spec", "version"]),
        (None, Some(reference)) if reference.str_at(&["kind"]) == Some("OCIRepository") => {
            let name = reference.str_at(&["name"])?;
            let namespace = reference.str_at(&["namespace"]).or(original.namespace());
            let of = |it: &&Original| {
                it.object.kind() == "OCIRepository"
                    && it.name() == name
                    && (it.namespace() == namespace || name == CHART)
            };
            let Some(source) = originals.iter().find(of) else {
                let missing =
                    format!("its source, the OCIRepository `{name}`, is not among the objects");
                return (name == CHART).then_some(Err(missing));
            };
            let source = source.object.value().get("spec")?;
            let url = source.str_at(&["url"])?;
            if url.trim_end_matches('/').rsplit('/').next() != Some(CHART) {
                return None;
            }
            source.str_at(&["ref", "tag"]).or(source.str_at(&["ref", "semver"]))
        }
        _ => return None,
    };
    let version = version.unwrap_or("none");
    let major: String = version
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    Some(match major.as_str() {
        "3" => Ok(3),
        // The fifth takes the same values.
        "4" | "5" => Ok(4),
        _ => Err(format!("gen reads versions 3 to 5 of {CHART}; this is {version}")),
    })
}

/// What a release installs.
fn objects(original: &Original, major: u32) -> Result<Vec<Object>, Problem> {
    let spec = original.object.value().get("spec").unwrap_or(&Value::Null);
    let mut fields = spec.as_map().into_iter().flat_map(Map::keys);
    if let Some(field) = fields.find(|field| !OF_HELM.contains(field) && !READ.contains(field)) {
        return Err(format!("gen does not read `{field}` of a release"));
    }
    let target = spec.str_at(&["targetNamespace"]);
    let namespace = target.or(original.namespace()).unwrap_or_default();
    let given = spec.str_at(&["releaseName"]).map(str::to_owned);
    // Flux's rule: the target's name stands before that of the release (helm-controller, `GetReleaseName`).
    let name = given.unwrap_or_else(|| match target {
        Some(target) => format!("{target}-{}", original.name()),
        None => original.name().to_owned(),
    });
    let none = Value::Map(Map::default());
    let mut values = Values::of(spec.get("values").unwrap_or(&none), &name, namespace)?;
    let release = Release::new((&name, namespace), major, &mut values)?;
    let mut all = Vec::new();
    let (configs, config_names) =
        volumes::contents(&release, &mut values, ("configMaps", "ConfigMap"))?;
    let (secrets, secret_names) = volumes::contents(&release, &mut values, ("secrets", "Secret"))?;
    let (accounts, account_names) = accounts(&release, &mut values)?;
    let (claims, volumes) =
        volumes::volumes(&release, &mut values, (&config_names, &secret_names))?;
    let controllers = values.enabled("controllers")?;
    if controllers.is_empty() {
        return Err("it has no `controllers`".to_owned());
    }
    let ids: Vec<String> = controllers.iter().map(|(id, _)| id.clone()).collect();
    let services = network::services(&release, &mut values, &ids)?;
    if values.text("defaultPodOptionsStrategy")?.is_some_and(|how| how != "overwrite") {
        return Err("gen does not read `defaultPodOptionsStrategy`".to_owned());
    }
    let pods = values.map("defaultPodOptions")?;
    let shared = Shared {
        release: &release,
        services: &services,
        volumes: &volumes,
        configs: &config_names,
        secrets: &secret_names,
        accounts: &account_names,
        pods: &pods,
    };
    let several = controllers.len() > 1;
    for (id, one) in controllers {
        all.push(program::program(&shared, (&id, one), several)?);
    }
    let ingresses = network::ingresses(&release, &mut values, &services)?;
    let routes = network::routes(&release, &mut values, &services)?;
    values.end()?;
    all.extend(services.into_iter().map(|service| service.object));
    for more in [ingresses, routes, claims, configs, secrets, accounts] {
        all.extend(more);
    }
    all.into_iter().map(Object::new).collect()
}

/// The accounts: in version 3 one that may be made, in version 4 any number by name.
fn accounts(release: &Release, values: &mut Values) -> Result<(Vec<Value>, Named), Problem> {
    let mut objects = Vec::new();
    let mut named = Named::new();
    let mut made = |release: &Release, id: &str, name: String, one: &mut Values| {
        objects.push(Value::from([
            ("apiVersion", "v1".into()),
            ("kind", "ServiceAccount".into()),
            ("metadata", release.metadata(&name, one)?),
        ]));
        named.push((id.to_owned(), name));
        Ok::<_, Problem>(())
    };
    if release.is_fourth {
        let all = values.enabled("serviceAccount")?;
        let several = all.len() > 1;
        for (id, mut one) in all {
            let name = release.named(&mut one, &id, several)?;
            made(release, &id, name, &mut one)?;
            one.end()?;
        }
    } else {
        let mut one = values.map("serviceAccount")?;
        let name = one.text("name")?;
        if one.flag("create", false)? {
            let name = name.unwrap_or_else(|| release.full.clone());
            made(release, "default", name, &mut one)?;
        }
        one.end()?;
    }
    Ok((objects, named))
}
