//! The account of the pods, and what it may do.

use super::saying::Saying;
use crate::import::draft::Fate;
use crate::import::world::pairs;
use crate::yaml::{Map, Value};

impl Saying<'_> {
    pub(super) fn account(&mut self) {
        let pod = self.pod;
        let named = pod.str_at(&["serviceAccountName"]).or(pod.str_at(&["serviceAccount"]));
        let named = named.filter(|name| !name.is_empty() && *name != "default");
        let automount = pod.get("automountServiceAccountToken");
        let mut has_token = automount.is_some_and(Value::is_true);
        let mut map = Map::default();
        match (named, self.group.account) {
            (Some(name), Some(at)) => {
                let body = self.world.body(at);
                let annotations = pairs(body, &["metadata", "annotations"]);
                map.push_some("name", Some(name).filter(|name| *name != self.draft.name));
                for (key, value) in annotations {
                    map.map_at("annotations").push(key, value);
                }
                self.pull_secrets(at);
                let own = body.get("automountServiceAccountToken");
                has_token |= own.is_some_and(Value::is_true) && automount.is_none();
                has_token |= automount.is_none() && own.is_none() && self.is_granted(name);
                self.draft.fate(at, Fate::Same);
            }
            (Some(name), None) => {
                map.push_some("name", Some(name).filter(|name| *name != self.draft.name));
                map.push("create", false);
                let here = self.group.namespace.as_deref();
                // Nobody knows what one may do that is not here, so its pods keep what they had.
                let is_known = self.world.find("ServiceAccount", here, name).is_some();
                has_token |= automount.is_none() && (!is_known || self.is_granted(name));
            }
            (None, Some(at)) => self.draft.carry(at),
            (None, None) => {}
        }
        if !self.is_process {
            let short = super::saying::short(map, "name").unwrap_or_else(Value::Map);
            self.draft.set("account", short);
        }
        self.granted();
        if has_token && !self.draft.keys.contains_key("permissions") {
            self.draft.set("token", true);
        }
    }

    fn pull_secrets(&mut self, at: usize) {
        let secrets = self.world.body(at).list_at(&["imagePullSecrets"]).iter();
        let names: Vec<&str> = secrets.filter_map(|one| one.str_at(&["name"])).collect();
        if let ([name], false) = (names.as_slice(), self.draft.keys.contains_key("pullSecret")) {
            self.draft.set("pullSecret", *name);
        }
    }

    /// Whether a binding names the account.
    fn is_granted(&self, account: &str) -> bool {
        let names = |subject: &Value| {
            subject.str_at(&["kind"]) == Some("ServiceAccount")
                && subject.str_at(&["name"]) == Some(account)
        };
        ["RoleBinding", "ClusterRoleBinding"].into_iter().any(|kind| {
            let mut bindings = self.world.of(kind);
            bindings.any(|(_, it)| it.object.value().list_at(&["subjects"]).iter().any(names))
        })
    }

    /// Roles of the app's namespace that are bound to its account alone.
    fn granted(&mut self) {
        let mut all = Vec::new();
        for &(binding, role) in &self.group.grants.clone() {
            for rule in self.world.body(role).list_at(&["rules"]) {
                let mut entry = Map::default();
                let groups = rule.list_at(&["apiGroups"]).to_vec();
                if groups.as_slice() != [Value::from("")] {
                    entry.push("apiGroups", groups);
                }
                for key in ["resources", "resourceNames", "verbs"] {
                    let items = rule.list_at(&[key]).to_vec();
                    entry.push_some(key, (!items.is_empty()).then_some(items));
                }
                all.push(Value::Map(entry));
            }
            for at in [role, binding] {
                self.renamed(at, "gen names a Role and its binding as their app");
            }
        }
        self.draft.set("permissions", Value::Seq(all));
    }

    pub(super) fn monitor(&mut self) {
        let (Some(at), Some(service)) = (self.group.monitor, self.group.service) else { return };
        let body = self.world.body(at).clone();
        let service = self.world.body(service).clone();
        let [endpoint] = body.list_at(&["spec", "endpoints"]) else {
            self.draft.carry(at);
            return;
        };
        let port = endpoint.get("port").or(endpoint.get("targetPort"));
        let found = port.and_then(|port| {
            self.behind(&service, port)
                .or_else(|| self.ports.find(port))
                .map(|port| port.name.clone())
        });
        let Some(port) = found else {
            self.draft.carry(at);
            return;
        };
        let mut map = Map::default();
        let is_main = self.ports.main().is_some_and(|main| main.name == port);
        let path = endpoint.str_at(&["path"]).unwrap_or("/metrics");
        map.push_some("path", (is_main || path != "/metrics").then_some(path));
        map.push_some("port", (!is_main).then_some(port));
        let time = |key: &str| endpoint.str_at(&[key]);
        map.push_some("interval", time("interval").filter(|time| *time != "30s"));
        map.push_some("timeout", time("scrapeTimeout").filter(|time| *time != "10s"));
        self.draft.set("metrics", super::saying::short(map, "path").unwrap_or_else(Value::Map));
        self.draft.apis.push("prometheus");
        let labels = body.at(&["metadata", "labels"]).cloned();
        if let Some(labels) = labels {
            self.draft.wishes.push(("monitoring", Value::from([("labels", labels)])));
        }
        self.renamed(at, "gen names a ServiceMonitor as its app");
    }
}
