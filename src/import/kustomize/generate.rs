//! ConfigMaps and Secrets that kustomize makes of files.

use std::sync::Arc;

use super::building::{Building, Found};
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

impl Building<'_> {
    pub(super) fn generators(
        &mut self,
        folder: &str,
        map: &Map,
        own: &mut Vec<Found>,
    ) -> Result<(), String> {
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            let all = map.get(key).and_then(Value::as_seq).unwrap_or_default();
            for generator in all {
                let data = self.data(folder, generator)?;
                let name = generator.str_at(&["name"]).unwrap_or_default().to_owned();
                let behavior = generator.str_at(&["behavior"]).unwrap_or("create");
                let place = own.iter_mut().find(|(object, _)| {
                    object.kind() == kind && object.name() == name && behavior != "create"
                });
                if let Some((object, _)) = place {
                    let body = object.body_mut();
                    if behavior == "replace" {
                        body.remove("data");
                    }
                    let into = body.map_at("data");
                    for (key, value) in data.iter() {
                        into.insert(key, value.clone());
                    }
                    continue;
                }
                let mut metadata = Map::default();
                metadata.push("name", name);
                metadata.push_some("namespace", generator.str_at(&["namespace"]));
                for field in ["labels", "annotations"] {
                    let all = map.get("generatorOptions").and_then(|all| all.get(field)?.as_map());
                    let own = generator.at(&["options", field]).and_then(Value::as_map);
                    let mut pairs = all.cloned().unwrap_or_default();
                    for (key, value) in own.into_iter().flat_map(Map::iter) {
                        pairs.insert(key, value.clone());
                    }
                    metadata.push_some(field, (!pairs.is_empty()).then_some(pairs));
                }
                let value = Value::from([
                    ("apiVersion", "v1".into()),
                    ("kind", kind.into()),
                    ("metadata", Value::Map(metadata)),
                    ("data", Value::Map(data)),
                ]);
                let file = Arc::from(super::at(folder, super::NAMES[0]));
                own.push((Object::new(value)?, file));
            }
        }
        Ok(())
    }

    fn data(&mut self, folder: &str, generator: &Value) -> Result<Map, String> {
        let mut data = Map::default();
        let list = |key: &str| generator.list_at(&[key]).iter().filter_map(Value::as_str);
        let pair = |text: &str| {
            let (key, value) = text.split_once('=')?;
            Some((key.trim().to_owned(), value.trim_matches(['"', '\'']).to_owned()))
        };
        for file in list("files") {
            let (key, path) = match file.split_once('=') {
                Some((key, path)) => (key, path),
                None => (file.rsplit('/').next().unwrap_or(file), file),
            };
            let text = self.text(folder, path)?;
            data.insert(key, &*text);
        }
        for literal in list("literals") {
            if let Some((key, value)) = pair(literal) {
                data.insert(key, value);
            }
        }
        let files: Vec<&str> = list("envs").chain(generator.str_at(&["env"])).collect();
        for file in files {
            let text = self.text(folder, file)?;
            for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
                if let Some((key, value)) = pair(line) {
                    data.insert(key, value);
                }
            }
        }
        Ok(data)
    }
}
