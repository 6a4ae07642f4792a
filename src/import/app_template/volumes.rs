//! What the programs of a release store and mount.

use super::release::{Release, text};
use super::values::{Problem, Values};
use crate::yaml::{Map, Value};

/// An entry of `persistence`, or of a StatefulSet's claims.
pub(super) struct Volume {
    name: String,
    /// What a pod has of it; nothing for what a StatefulSet claims.
    source: Option<Value>,
    /// Where it is mounted if nothing is said.
    path: String,
    everywhere: Vec<Mount>,
    /// By program and container.
    somewhere: Vec<(String, String, Mount)>,
}

type Mount = Map;

/// Objects with their identifiers, by which values refer to them.
pub(super) type Named = Vec<(String, String)>;

/// The claims, and what pods mount.
pub(super) fn volumes(
    release: &Release,
    values: &mut Values,
    (configs, secrets): (&Named, &Named),
) -> Result<(Vec<Value>, Vec<Volume>), Problem> {
    let all = values.enabled("persistence")?;
    let is_made = |one: &Values| {
        let mut one = one.clone();
        let kind = one.text("type")?;
        let is_claim = kind.is_none_or(|kind| kind == "persistentVolumeClaim");
        Ok::<_, Problem>(is_claim && one.text("existingClaim")?.is_none())
    };
    let mut made = 0;
    for (_, one) in &all {
        made += usize::from(is_made(one)?);
    }
    let (mut claims, mut volumes) = (Vec::new(), Vec::new());
    for (id, mut one) in all {
        let kind = one.text("type")?.unwrap_or_else(|| "persistentVolumeClaim".to_owned());
        let mut path = format!("/{id}");
        let object = |one: &mut Values, all: &Named| -> Result<String, Problem> {
            let (name, id) = (one.text("name")?, one.text("identifier")?);
            let named = || all.iter().find(|(known, _)| Some(known) == id.as_ref());
            let found = name.or_else(|| named().map(|(_, name)| name.clone()));
            found.ok_or_else(|| format!("`{}` names no object", one.path()))
        };
        let mut source = Map::default();
        let field = match kind.as_str() {
            "persistentVolumeClaim" => {
                let claim = if let Some(claim) = one.text("existingClaim")? {
                    claim
                } else {
                    let appends = !release.is_fourth || made > 1;
                    let name = release.named(&mut one, &id, appends)?;
                    claims.push(claim(release, &name, &mut one)?);
                    name
                };
                source.push("claimName", claim);
                "persistentVolumeClaim"
            }
            "configMap" | "secret" => {
                let (key, all) =
                    if kind == "secret" { ("secretName", secrets) } else { ("name", configs) };
                source.push(key, object(&mut one, all)?);
                source.push_some("defaultMode", one.take("defaultMode"));
                source.push_some("items", one.take("items"));
                if kind == "secret" { "secret" } else { "configMap" }
            }
            "emptyDir" => {
                source.push_some("medium", one.text("medium")?);
                source.push_some("sizeLimit", one.take("sizeLimit"));
                "emptyDir"
            }
            "hostPath" => {
                path = one.needs("hostPath")?;
                source.push("path", path.as_str());
                source.push_some("type", one.text("hostPathType")?);
                "hostPath"
            }
            "nfs" => {
                source.push("server", one.needs("server")?);
                source.push("path", one.needs("path")?);
                "nfs"
            }
            "custom" => "",
            _ => return Err(format!("gen does not know `{}.type: {kind}`", one.path())),
        };
        let mut volume = Map::default();
        volume.push("name", id.as_str());
        if field.is_empty() {
            for (key, value) in one.map("volumeSpec")?.rest().iter() {
                volume.push(key.to_owned(), value.clone());
            }
        } else {
            volume.push(field, source);
        }
        let mut mounted = mounted(&id, path, &mut one, None)?;
        one.end()?;
        mounted.source = Some(Value::Map(volume));
        volumes.push(mounted);
    }
    Ok((claims, volumes))
}

/// A claim.
fn claim(release: &Release, name: &str, one: &mut Values) -> Result<Value, Problem> {
    let retains = one.flag("retain", false)?;
    let mut metadata = release.metadata(name, one)?;
    if let Some(map) = metadata.as_map_mut().filter(|_| retains) {
        map.map_at("annotations").insert("helm.sh/resource-policy", "keep");
    }
    Ok(Value::from([
        ("apiVersion", "v1".into()),
        ("kind", "PersistentVolumeClaim".into()),
        ("metadata", metadata),
        ("spec", claimed(one)?),
    ]))
}

/// What a claim asks for.
fn claimed(one: &mut Values) -> Result<Value, Problem> {
    let mut spec = Map::default();
    spec.push("accessModes", vec![one.needs("accessMode")?.into()]);
    let size = one.needs("size")?;
    spec.push("resources", Value::from([("requests", Value::from([("storage", size.into())]))]));
    let class = one.text("storageClass")?;
    spec.push_some(
        "storageClassName",
        class.map(|class| if class == "-" { String::new() } else { class }),
    );
    for field in ["volumeName", "dataSource", "dataSourceRef"] {
        spec.push_some(field, one.take(field));
    }
    Ok(Value::Map(spec))
}

/// The claims of a StatefulSet, and where they are mounted.
pub(super) fn templates(
    controller: &str,
    statefulset: &mut Values,
) -> Result<(Vec<Value>, Vec<Volume>), Problem> {
    let (mut templates, mut volumes) = (Vec::new(), Vec::new());
    for mut one in statefulset.list("volumeClaimTemplates")? {
        let is_enabled = one.flag("enabled", true)?;
        let name = one.needs("name")?;
        let mut metadata = Map::default();
        metadata.push("name", name.as_str());
        metadata.push_some("labels", one.take("labels"));
        metadata.push_some("annotations", one.take("annotations"));
        let spec = claimed(&mut one)?;
        let mounted = mounted(&name, format!("/{name}"), &mut one, Some(controller))?;
        one.end()?;
        if is_enabled {
            templates.push(Value::from([("metadata", metadata.into()), ("spec", spec)]));
            volumes.push(mounted);
        }
    }
    Ok((templates, volumes))
}

/// Where a volume is mounted: everywhere, or in the containers of a program. What a StatefulSet claims is its own.
fn mounted(
    name: &str,
    path: String,
    one: &mut Values,
    only: Option<&str>,
) -> Result<Volume, Problem> {
    let mut volume = Volume {
        name: name.to_owned(),
        source: None,
        path,
        everywhere: Vec::new(),
        somewhere: Vec::new(),
    };
    for mount in one.list("globalMounts")? {
        volume.everywhere.push(self::mount(name, &volume.path, mount)?);
    }
    let of = |volume: &mut Volume, controller: &str, mut containers: Values| {
        let names: Vec<String> = containers.clone().rest().keys().map(str::to_owned).collect();
        for container in names {
            for mount in containers.list(&container)? {
                let mount = self::mount(name, &volume.path, mount)?;
                volume.somewhere.push((controller.to_owned(), container.clone(), mount));
            }
        }
        Ok::<_, Problem>(())
    };
    let mut advanced = one.map("advancedMounts")?;
    if let Some(controller) = only {
        of(&mut volume, controller, advanced)?;
    } else {
        let controllers: Vec<String> = advanced.clone().rest().keys().map(str::to_owned).collect();
        for controller in controllers {
            let containers = advanced.map(&controller)?;
            of(&mut volume, &controller, containers)?;
        }
    }
    Ok(volume)
}

fn mount(name: &str, path: &str, mut one: Values) -> Result<Mount, Problem> {
    let mut map = Map::default();
    map.push("name", name);
    map.push("mountPath", one.text("path")?.unwrap_or_else(|| path.to_owned()));
    for field in ["subPath", "subPathExpr", "readOnly", "mountPropagation"] {
        map.push_some(field, one.take(field));
    }
    one.end()?;
    Ok(map)
}

impl Volume {
    /// The entry of a program's pod, if it has one.
    pub(super) fn of(&self, controller: &str) -> Option<Value> {
        let is_its = self.everywhere.is_empty() && self.somewhere.is_empty()
            || !self.everywhere.is_empty()
            || self.somewhere.iter().any(|(of, _, _)| of == controller);
        self.source.clone().filter(|_| is_its)
    }

    /// The mounts of a container.
    pub(super) fn mounts(&self, controller: &str, container: &str) -> Vec<Value> {
        if self.everywhere.is_empty() && self.somewhere.is_empty() {
            let mut map = Map::default();
            map.push("name", self.name.as_str());
            map.push("mountPath", self.path.as_str());
            return vec![Value::Map(map)];
        }
        let own = self.somewhere.iter().filter(|(of, in_, _)| of == controller && in_ == container);
        let all = self.everywhere.iter().chain(own.map(|(_, _, mount)| mount));
        all.map(|mount| Value::Map(mount.clone())).collect()
    }
}

/// ConfigMaps or Secrets, with their identifiers and names.
pub(super) fn contents(
    release: &Release,
    values: &mut Values,
    (key, kind): (&str, &str),
) -> Result<(Vec<Value>, Named), Problem> {
    let all = values.enabled(key)?;
    // Version 3 adds the identifier even to the only one.
    let several = all.len() > 1 || !release.is_fourth;
    let (mut objects, mut named) = (Vec::new(), Named::new());
    for (id, mut one) in all {
        let name = release.named(&mut one, &id, several)?;
        let mut body = Map::default();
        body.push("apiVersion", "v1");
        body.push("kind", kind);
        body.push("metadata", release.metadata(&name, &mut one)?);
        body.push_some("type", one.text("type")?);
        for field in ["data", "stringData"] {
            let entries = one.map(field)?.rest();
            let entries: Map = entries.iter().map(|(key, value)| (key, text(value))).collect();
            body.push_some(field, (!entries.is_empty()).then_some(entries));
        }
        body.push_some("binaryData", one.take("binaryData"));
        one.end()?;
        objects.push(Value::Map(body));
        named.push((id, name));
    }
    Ok((objects, named))
}
