//! Containers beside the app's own.

use super::literals;
use super::saying::Saying;
use super::volumes::Mounted;
use crate::yaml::{Map, Value};

impl Saying<'_> {
    pub(super) fn helpers(&mut self) {
        let pod = self.pod.clone();
        let (mut init, mut sidecars) = (Vec::new(), Map::default());
        let native = |one: &&Value| one.str_at(&["restartPolicy"]) == Some("Always");
        let before = pod.list_at(&["initContainers"]);
        for container in before.iter().filter(native) {
            let (name, map) = self.helper(container, true);
            sidecars.push(name, Value::Map(map));
        }
        for container in before.iter().filter(|one| !native(one)) {
            let (name, map) = self.helper(container, false);
            let mut entry = Map::default();
            entry.push("name", name);
            for (key, value) in map.iter() {
                entry.push(key.to_owned(), value.clone());
            }
            init.push(Value::Map(entry));
        }
        for container in pod.list_at(&["containers"]) {
            if container == self.main {
                continue;
            }
            let (name, mut map) = self.helper(container, true);
            // Beside the app it started after all of these.
            if !init.is_empty() {
                map.push("afterInit", true);
            }
            sidecars.push(name, Value::Map(map));
        }
        self.draft.set("init", Value::Seq(init));
        self.draft.set("sidecars", Value::Map(sidecars));
    }

    fn helper(&mut self, container: &Value, is_sidecar: bool) -> (String, Map) {
        let level = self.level();
        let name = container.str_at(&["name"]).unwrap_or_default().to_owned();
        let mut map = Map::default();
        let image = container.str_at(&["image"]);
        map.push_some("image", image.filter(|image| self.main.str_at(&["image"]) != Some(image)));
        map.push_some("pull", super::pod::pull(container));
        for key in ["command", "args"] {
            let texts = literals(container.list_at(&[key]));
            map.push_some(key, (!texts.is_empty()).then_some(texts));
        }
        for (key, value) in super::container::placed(container).iter() {
            map.push(key.to_owned(), value.clone());
        }
        let (env, from) = self.variables(container, if is_sidecar { "sidecars" } else { "init" });
        map.push_some("env", (!env.is_empty()).then_some(env));
        map.push_some("envFrom", (!from.is_empty()).then_some(from));
        let (resources, is_chosen) = super::container::resources_of(container);
        if is_chosen {
            let key = if is_sidecar { "sidecars" } else { "init" };
            self.draft.note(key, "had no memory limit: choose one, or `none`");
        }
        map.push_some("resources", (!resources.is_empty()).then_some(resources));
        let own = |key| container.at(&["securityContext", key]).and_then(Value::as_int);
        let user =
            own("runAsUser").filter(|user| self.draft.keys.get("user") != Some(&(*user).into()));
        map.push_some("user", user);
        let rights = self.rights_of(container, level);
        map.push_some("security", (!rights.is_empty()).then_some(rights));
        let Mounted { writable, mut volumes, files, .. } = self.mounted(container, false);
        map.push_some("writable", (!writable.is_empty()).then_some(writable));
        for (path, file) in files.iter() {
            let files = Value::from([(path, file.clone())]);
            volumes.push(Value::from([("mount", path.into()), ("files", files)]));
        }
        map.push_some("volumes", (!volumes.is_empty()).then_some(volumes));
        map.push_some("terminationMessagePolicy", container.str_at(&["terminationMessagePolicy"]));
        if is_sidecar {
            self.checks_of(container, &name, &mut map);
        }
        (name, map)
    }
}
