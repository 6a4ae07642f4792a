//! What leads to the app from outside.

use super::saying::Saying;
use crate::import::world::pairs;
use crate::yaml::{Map, Value};

const ISSUER: &str = "cert-manager.io/cluster-issuer";
const CLASS: &str = "kubernetes.io/ingress.class";

/// A path of a host.
struct Way {
    host: String,
    path: String,
    /// `Prefix`, `Exact` or `ImplementationSpecific`.
    kind: String,
    /// The port's name, if it is not the main one.
    port: Option<String>,
    rewrite: Option<String>,
}

impl Saying<'_> {
    pub(super) fn routes(&mut self) {
        let Some(service) = self.group.service else { return };
        let service = self.world.body(service).clone();
        let mut routes = self.group.routes.clone();
        // The one that has the app's name, for it keeps it.
        routes.sort_by_key(|at| self.world.all[*at].name() != self.draft.name);
        let mut is_said = false;
        for at in routes {
            let kind = self.world.all[at].object.kind();
            let ways = match kind {
                _ if is_said => None,
                "Ingress" => self.ingress(at, &service),
                _ => self.http_route(at, &service),
            };
            let Some(ways) = ways else {
                self.draft.carry(at);
                continue;
            };
            is_said = true;
            self.ways(&ways);
            if kind == "Ingress" {
                self.around_ingress(at);
            } else {
                self.around_http_route(at);
            }
            self.renamed(at, "gen names what leads to an app as the app");
        }
    }

    /// Hosts whose every path leads to the main port, and the other ways.
    fn ways(&mut self, ways: &[Way]) {
        let is_whole = |way: &Way| {
            way.path == "/" && way.kind == "Prefix" && way.port.is_none() && way.rewrite.is_none()
        };
        let mut hosts: Vec<String> = Vec::new();
        for way in ways.iter().filter(|way| is_whole(way)) {
            if !hosts.contains(&way.host) {
                hosts.push(way.host.clone());
            }
        }
        match hosts.as_slice() {
            [] => {}
            [one] => self.draft.set("host", one.as_str()),
            several => self.draft.set("host", several),
        }
        let mut routes: Vec<Value> = Vec::new();
        for way in ways.iter().filter(|way| !is_whole(way)) {
            let mut map = Map::default();
            if hosts.as_slice() != [way.host.clone()] {
                map.push("host", way.host.as_str());
            }
            map.push_some("path", (way.path != "/").then_some(way.path.as_str()));
            map.push_some("pathType", (way.kind != "Prefix").then_some(way.kind.as_str()));
            map.push_some("port", way.port.as_deref());
            map.push_some("rewrite", way.rewrite.as_deref());
            routes.push(Value::Map(map));
        }
        self.draft.set("routes", Value::Seq(routes));
    }

    fn ingress(&self, at: usize, service: &Value) -> Option<Vec<Way>> {
        let body = self.world.body(at);
        if body.at(&["spec", "defaultBackend"]).is_some() {
            return None;
        }
        let mut ways = Vec::new();
        for rule in body.list_at(&["spec", "rules"]) {
            let host = rule.str_at(&["host"]).filter(|host| !host.is_empty())?;
            for path in rule.list_at(&["http", "paths"]) {
                let backend = path.at(&["backend", "service"])?;
                if backend.str_at(&["name"]) != service.str_at(&["metadata", "name"]) {
                    return None;
                }
                let port = backend.at(&["port", "number"]).or(backend.at(&["port", "name"]))?;
                ways.push(Way {
                    host: host.to_owned(),
                    path: path.str_at(&["path"]).unwrap_or("/").to_owned(),
                    kind: path.str_at(&["pathType"]).unwrap_or("ImplementationSpecific").to_owned(),
                    port: self.beside_main(self.behind(service, port)?.name.as_str()),
                    rewrite: None,
                });
            }
        }
        (!ways.is_empty()).then_some(ways)
    }

    fn beside_main(&self, port: &str) -> Option<String> {
        let is_main = self.ports.main().is_some_and(|main| main.name == port);
        (!is_main).then(|| port.to_owned())
    }

    fn http_route(&self, at: usize, service: &Value) -> Option<Vec<Way>> {
        let spec = self.world.body(at).get("spec")?;
        let [_] = spec.list_at(&["parentRefs"]) else { return None };
        let hosts: Vec<&str> =
            spec.list_at(&["hostnames"]).iter().filter_map(Value::as_str).collect();
        let mut ways = Vec::new();
        for rule in spec.list_at(&["rules"]) {
            let known = ["matches", "filters", "backendRefs"];
            let [backend] = rule.list_at(&["backendRefs"]) else { return None };
            if rule.as_map()?.keys().any(|key| !known.contains(&key))
                || backend.str_at(&["name"]) != service.str_at(&["metadata", "name"])
            {
                return None;
            }
            let port = self.behind(service, backend.get("port")?)?.name.clone();
            let rewrite = match rule.list_at(&["filters"]) {
                [] => None,
                [one] => {
                    let path = one.at(&["urlRewrite", "path"])?;
                    let to = path.str_at(&["replacePrefixMatch"]);
                    Some(to.or(path.str_at(&["replaceFullPath"]))?.to_owned())
                }
                _ => return None,
            };
            let whole = [Value::Null];
            let matches = match rule.list_at(&["matches"]) {
                [] => &whole[..],
                all => all,
            };
            for one in matches {
                if one.as_map().is_some_and(|map| map.keys().any(|key| key != "path")) {
                    return None;
                }
                let kind = one.str_at(&["path", "type"]).unwrap_or("PathPrefix");
                let kind = match kind {
                    "PathPrefix" => "Prefix",
                    "Exact" => "Exact",
                    _ => return None,
                };
                for host in &hosts {
                    ways.push(Way {
                        host: (*host).to_owned(),
                        path: one.str_at(&["path", "value"]).unwrap_or("/").to_owned(),
                        kind: kind.to_owned(),
                        port: self.beside_main(&port),
                        rewrite: rewrite.clone(),
                    });
                }
            }
        }
        (!ways.is_empty()).then_some(ways)
    }

    /// Class, certificate and annotations of an Ingress.
    fn around_ingress(&mut self, at: usize) {
        let body = self.world.body(at).clone();
        let mut annotations = pairs(&body, &["metadata", "annotations"]);
        let mut take = |key: &str| {
            let place = annotations.iter().position(|(name, _)| name == key)?;
            Some(annotations.remove(place).1)
        };
        let class = take(CLASS);
        let entries = body.list_at(&["spec", "tls"]);
        let issuer = if entries.is_empty() { None } else { take(ISSUER) };
        let class = body.str_at(&["spec", "ingressClassName"]).map(str::to_owned).or(class);
        let mut ingress = Map::default();
        ingress.push_some("class", class);
        for (key, value) in annotations {
            ingress.map_at("annotations").push(key, value);
        }
        self.draft.set("ingress", Value::Map(ingress));
        if let [tls, ..] = entries
            && let Some(secret) = tls.str_at(&["secretName"])
        {
            let mut map = Map::default();
            map.push_some("issuer", issuer);
            let is_usual = secret == format!("{}-tls", self.draft.name);
            map.push_some("secret", (!is_usual || map.is_empty()).then_some(secret));
            self.draft.set("tls", Value::Map(map));
        }
    }

    /// The Gateway of an HTTPRoute.
    fn around_http_route(&mut self, at: usize) {
        let body = self.world.body(at).clone();
        let Some(parent) = body.list_at(&["spec", "parentRefs"]).first() else { return };
        let namespace = parent.str_at(&["namespace"]).or(self.group.namespace.as_deref());
        let mut gateway = Map::default();
        gateway.push_some("name", parent.str_at(&["name"]));
        gateway.push_some("namespace", namespace);
        gateway.push_some("sectionName", parent.str_at(&["sectionName"]));
        self.draft.set("gateway", Value::Map(gateway));
        self.draft.apis.push("gateway");
        let annotations = pairs(&body, &["metadata", "annotations"]);
        for (key, value) in annotations {
            let mut map = Map::default();
            map.map_at("annotations").push(key, value);
            let kinds = Value::from([("HTTPRoute", Value::Map(map))]);
            let mut metadata = self
                .draft
                .keys
                .get("metadata")
                .cloned()
                .unwrap_or_else(|| Value::Map(Map::default()));
            crate::import::draft::merge(&mut metadata, kinds);
            self.draft.set("metadata", metadata);
        }
    }
}
