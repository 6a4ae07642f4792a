//! Persistent volumes: the claims that the app has for itself.

use super::saying::Saying;
use crate::import::draft::Fate;
use crate::yaml::{Map, Value};

/// The words for the ways to mount a volume.
const ACCESS: [(&str, &str); 3] =
    [("ReadWriteMany", "rwx"), ("ReadWriteOncePod", "rwop"), ("ReadOnlyMany", "rox")];

/// A volume that is made for the app.
struct Claim<'v> {
    /// The volume's name in the pod.
    volume: String,
    /// The name of the claim; none for those of a StatefulSet.
    name: Option<String>,
    spec: &'v Value,
    /// The original, if it is an object of its own.
    at: Option<usize>,
}

impl Saying<'_> {
    pub(super) fn storage(&mut self) {
        let world = self.world;
        let mut claims = Vec::new();
        for template in self.body.list_at(&["spec", "volumeClaimTemplates"]) {
            let (Some(name), Some(spec)) =
                (template.str_at(&["metadata", "name"]), template.get("spec"))
            else {
                continue;
            };
            claims.push(Claim { volume: name.to_owned(), name: None, spec, at: None });
        }
        for volume in self.pod.list_at(&["volumes"]) {
            let name = volume.str_at(&["persistentVolumeClaim", "claimName"]);
            let (Some(name), Some(own)) = (name, volume.str_at(&["name"])) else { continue };
            let here = self.group.namespace.as_deref();
            let at = world.find("PersistentVolumeClaim", here, name);
            let Some(at) = at.filter(|at| self.group.claims.contains(at)) else { continue };
            let Some(spec) = world.body(at).get("spec") else { continue };
            let (volume, name) = (own.to_owned(), Some(name.to_owned()));
            claims.push(Claim { volume, name, spec, at: Some(at) });
        }
        let mut all = Vec::new();
        for claim in claims {
            match self.stored(&claim) {
                Some(entry) => {
                    all.push(entry);
                    self.shared.push(claim.volume.clone());
                    if let Some(at) = claim.at {
                        self.draft.fate(at, Fate::Same);
                    }
                }
                None => {
                    if let Some(at) = claim.at {
                        self.draft.carry(at);
                    }
                }
            }
        }
        self.draft.set("storage", Value::Seq(all));
    }

    fn stored(&self, claim: &Claim<'_>) -> Option<Value> {
        let text = |keys: &[&str]| {
            let value = claim.spec.at(keys)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        // A deployment with a template of claims is none that Kubernetes takes.
        if self.kind == "StatefulSet" && claim.name.is_some() {
            return None;
        }
        let mut mounts = mounts_of(self.main, &claim.volume);
        let mount = mounts.next()?;
        let access = claim.spec.list_at(&["accessModes"]);
        let mode = match access {
            [] => "ReadWriteOnce",
            [one] => one.as_str()?,
            _ => return None,
        };
        let mut map = Map::default();
        map.push("name", claim.volume.as_str());
        map.push_some("size", text(&["resources", "requests", "storage"]));
        map.push_some("mount", mount.str_at(&["mountPath"]).map(mounted_at));
        let class = text(&["storageClassName"]);
        map.push_some(
            "class",
            class.map(|class| if class.is_empty() { "none".to_owned() } else { class }),
        );
        map.push_some("volume", text(&["volumeName"]));
        map.push_some("dataSource", data_source(claim.spec));
        let word = ACCESS.iter().find(|(name, _)| *name == mode).map(|(_, word)| *word);
        map.push_some("access", word);
        map.push_some("subPath", mount.str_at(&["subPath"]));
        let derived = format!("{}-{}", self.draft.name, claim.volume);
        map.push_some("claim", claim.name.clone().filter(|name| *name != derived));
        Some(Value::Map(map))
    }
}

/// What a volume is filled from. The older field says the same, and Kubernetes keeps both alike.
fn data_source(spec: &Value) -> Option<Value> {
    let source = spec.get("dataSourceRef").or(spec.get("dataSource"))?;
    if source.get("namespace").is_some() {
        return None;
    }
    let mut map = Map::default();
    map.push_some("group", source.str_at(&["apiGroup"]).filter(|group| !group.is_empty()));
    let kind = source.str_at(&["kind"]).filter(|kind| *kind != "PersistentVolumeClaim");
    map.push_some("kind", kind);
    map.push("name", source.str_at(&["name"])?);
    Some(Value::Map(map))
}

/// A mount path without a slash at its end, which means nothing.
pub(in crate::import) fn mounted_at(path: &str) -> &str {
    let cut = path.trim_end_matches('/');
    if cut.is_empty() { path } else { cut }
}

/// Where a container mounts a volume.
pub(super) fn mounts_of<'v>(
    container: &'v Value,
    volume: &str,
) -> impl Iterator<Item = &'v Value> + use<'v> {
    let volume = volume.to_owned();
    let all = container.list_at(&["volumeMounts"]).iter();
    all.filter(move |mount| mount.str_at(&["name"]) == Some(&volume))
}
