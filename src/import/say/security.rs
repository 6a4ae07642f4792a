//! What the processes of a pod may do: the Pod Security level that admits them, and what differs from its defaults.

use super::saying::Saying;
use crate::kubernetes::Object;
use crate::kubernetes::security::{Standard, refused};
use crate::yaml::{Map, Value};

/// The levels, from the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Restricted,
    Baseline,
    Privileged,
}

impl Saying<'_> {
    /// The strictest level that admits the pods as they are, apart from what gen sets anyway.
    pub(super) fn level(&self) -> Level {
        let pod = Value::from([
            ("apiVersion", "v1".into()),
            ("kind", "Pod".into()),
            ("metadata", Value::from([("name", "x".into())])),
            ("spec", self.pod.clone()),
        ]);
        let is_refused = |standard, pod: Value| {
            Object::new(pod).is_ok_and(|pod| !refused(standard, &pod).is_empty())
        };
        if is_refused(Standard::Baseline, pod.clone()) {
            return Level::Privileged;
        }
        if !self.is_never_root() || is_refused(Standard::Restricted, hardened(pod)) {
            return Level::Baseline;
        }
        Level::Restricted
    }

    fn containers(&self) -> impl Iterator<Item = &Value> {
        let all = ["containers", "initContainers"].map(|key| self.pod.list_at(&[key]));
        all.into_iter().flatten()
    }

    /// Whether the pod says of every container that it does not run as root.
    fn is_never_root(&self) -> bool {
        let of_pod = self.pod.get("securityContext");
        self.containers().all(|container| {
            let own = container.get("securityContext");
            let field = |key: &str| {
                own.and_then(|own| own.get(key)).or_else(|| of_pod.and_then(|pod| pod.get(key)))
            };
            match field("runAsUser").and_then(Value::as_int) {
                Some(user) => user != 0,
                None => field("runAsNonRoot").is_some_and(Value::is_true),
            }
        })
    }

    /// A number of the container or else of the pod.
    fn id(&self, container: &Value, key: &str) -> Option<i64> {
        let own = container.at(&["securityContext", key]);
        own.or_else(|| self.pod.at(&["securityContext", key])).and_then(Value::as_int)
    }

    pub(super) fn rights(&mut self) {
        let level = self.level();
        let user = self.id(self.main, "runAsUser");
        self.draft.set_some("user", user);
        let mut map = Map::default();
        if level != Level::Restricted {
            map.push("level", if level == Level::Baseline { "baseline" } else { "privileged" });
            map.push("reason", self.reason(level));
        }
        let group = self.id(self.main, "runAsGroup").filter(|group| Some(*group) != user);
        map.push_some("group", group.filter(|_| user.is_some()));
        let of_pod = |key: &str| self.pod.at(&["securityContext", key]).cloned();
        map.push_some("groups", of_pod("supplementalGroups"));
        let fs_group =
            of_pod("fsGroup").filter(|group| group.as_int() != user.filter(|user| *user != 0));
        map.push_some("fsGroup", fs_group);
        for sysctl in self.pod.list_at(&["securityContext", "sysctls"]) {
            if let (Some(name), Some(value)) = (sysctl.str_at(&["name"]), sysctl.get("value")) {
                map.map_at("sysctls").push(name.to_owned(), value.clone());
            }
        }
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if self.pod.get(key).is_some_and(Value::is_true) {
                map.push(key, true);
            }
        }
        if self.pod.get("hostUsers") == Some(&Value::Bool(false)) {
            map.push("hostUsers", false);
        }
        for (key, value) in self.rights_of(self.main, level).iter() {
            map.push(key.to_owned(), value.clone());
        }
        self.draft.set("security", Value::Map(map));
    }

    fn reason(&self, level: Level) -> &'static str {
        let is_true = |key: &str| self.pod.get(key).is_some_and(Value::is_true);
        let has_volume = |key: &str| {
            self.pod.list_at(&["volumes"]).iter().any(|volume| volume.get(key).is_some())
        };
        let is_root = self.containers().any(|one| self.id(one, "runAsUser") == Some(0));
        match level {
            Level::Privileged if is_true("hostNetwork") => "it uses the node's network",
            Level::Privileged if has_volume("hostPath") => "it mounts folders of the node",
            Level::Privileged => "it has rights on the node",
            _ if is_root => "it runs as root",
            _ if has_volume("nfs") => "it mounts a share of an NFS server",
            _ => "its image may run as root",
        }
    }

    /// What differs from the defaults of the level, for one container.
    pub(super) fn rights_of(&self, container: &Value, level: Level) -> Map {
        let own = |keys: &[&str]| container.get("securityContext").and_then(|own| own.at(keys));
        let mut map = Map::default();
        let is_read_only = own(&["readOnlyRootFilesystem"]).is_some_and(Value::is_true);
        if is_read_only != (level == Level::Restricted) {
            map.push("readOnlyRoot", is_read_only);
        }
        if own(&["privileged"]).is_some_and(Value::is_true) {
            map.push("privileged", true);
            return map;
        }
        if own(&["allowPrivilegeEscalation"]).is_some_and(Value::is_true) {
            map.push("privilegeEscalation", true);
        }
        let list = |key: &str| {
            let items = container.list_at(&["securityContext", "capabilities", key]).iter();
            let name = |item: &Value| {
                let name = item.as_str()?;
                Some(name.strip_prefix("CAP_").unwrap_or(name).to_uppercase())
            };
            items.filter_map(name).collect::<Vec<String>>()
        };
        let (add, drop) = (list("add"), list("drop"));
        let mut capabilities = Map::default();
        if !add.is_empty() {
            capabilities.push("add", add.as_slice());
        }
        let usual = ["MKNOD".to_owned(), "NET_RAW".to_owned()];
        if !drop.is_empty() && level != Level::Restricted && drop != usual {
            capabilities.push("drop", drop.as_slice());
        }
        if !capabilities.is_empty() {
            map.push("capabilities", Value::Map(capabilities));
        }
        let of_pod = self.pod.at(&["securityContext", "seccompProfile"]);
        for (key, profile) in [
            ("seccomp", own(&["seccompProfile"]).or(of_pod)),
            ("appArmor", own(&["appArmorProfile"])),
        ] {
            match profile.and_then(|profile| profile.str_at(&["type"])) {
                Some("Unconfined") => map.push(key, "Unconfined"),
                Some("Localhost") => {
                    let file = profile.and_then(|one| one.str_at(&["localhostProfile"]));
                    let file = file.unwrap_or_default();
                    map.push(key, Value::from([("localhost", file.into())]));
                }
                Some("RuntimeDefault") if key == "appArmor" => map.push(key, "RuntimeDefault"),
                _ => {}
            }
        }
        map
    }
}

/// The pod with what gen sets for `restricted` where nobody says otherwise.
fn hardened(mut pod: Value) -> Value {
    let Some(spec) = pod.as_map_mut().map(|pod| pod.map_at("spec")) else { return pod };
    let context = spec.map_at("securityContext");
    context.insert("runAsNonRoot", true);
    let seccomp = || Value::from([("type", "RuntimeDefault".into())]);
    context.entry_or("seccompProfile", seccomp);
    for key in ["containers", "initContainers"] {
        let containers = spec.get_mut(key).and_then(Value::as_seq_mut);
        for container in containers.into_iter().flatten().filter_map(Value::as_map_mut) {
            let own = container.map_at("securityContext");
            own.entry_or("allowPrivilegeEscalation", || false.into());
            own.remove("runAsNonRoot");
            let capabilities = own.map_at("capabilities");
            capabilities.insert("drop", vec![Value::from("ALL")]);
        }
    }
    pod
}
