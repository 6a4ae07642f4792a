//! What leads to the programs of a release: Services, Ingresses and routes.

use super::release::Release;
use super::values::{Problem, Values};
use crate::yaml::{Map, Value};

/// A Service, and what others need to know of it.
pub(super) struct Service {
    id: String,
    name: String,
    /// The program behind it.
    pub(super) controller: String,
    is_primary: bool,
    ports: Vec<Port>,
    /// The object.
    pub(super) object: Value,
}

struct Port {
    name: String,
    number: Value,
    target: Option<Value>,
    protocol: Option<String>,
    is_primary: bool,
}

/// Fields of a Service that its values name as Kubernetes does.
const FIELDS: [&str; 13] = [
    "clusterIP",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "loadBalancerClass",
    "externalName",
    "internalTrafficPolicy",
    "externalTrafficPolicy",
    "allocateLoadBalancerNodePorts",
    "sessionAffinity",
    "sessionAffinityConfig",
    "externalIPs",
    "publishNotReadyAddresses",
    "ipFamilies",
];

/// The Services.
pub(super) fn services(
    release: &Release,
    values: &mut Values,
    controllers: &[String],
) -> Result<Vec<Service>, Problem> {
    let all = values.enabled("service")?;
    let several = all.len() > 1;
    let mut services = Vec::new();
    for (id, mut one) in all {
        let is_primary = one.flag("primary", false)?;
        let appends = several && (release.is_fourth || !is_primary);
        let name = release.named(&mut one, &id, appends)?;
        let controller = match (one.text("controller")?, controllers) {
            (Some(controller), _) if controllers.contains(&controller) => controller,
            (None, [only]) => only.clone(),
            _ => return Err(format!("`{}.controller` names no program", one.path())),
        };
        let mut body = Map::default();
        body.push("apiVersion", "v1");
        body.push("kind", "Service");
        body.push("metadata", release.metadata(&name, &mut one)?);
        let mut spec = Map::default();
        spec.push_some("type", one.text("type")?);
        for field in FIELDS {
            spec.push_some(field, one.take(field));
        }
        spec.push_some("ipFamilyPolicy", one.text("ipFamilyPolicy")?);
        let mut selector = release.selector(&controller);
        for (key, value) in one.map("extraSelectorLabels")?.rest().iter() {
            selector.insert(key.to_owned(), value.clone());
        }
        spec.push("selector", selector);
        let (mut ports, mut listed) = (Vec::new(), Vec::new());
        for (name, mut port) in one.enabled("ports")? {
            let number =
                port.take("port").ok_or_else(|| format!("`{}` has no port", port.path()))?;
            let target = port.take("targetPort");
            let protocol = port.text("protocol")?;
            let mut map = Map::default();
            map.push("name", name.as_str());
            map.push("port", number.clone());
            map.push("targetPort", target.clone().unwrap_or_else(|| number.clone()));
            let transport = protocol.as_deref().filter(|it| !["HTTP", "HTTPS"].contains(it));
            map.push("protocol", transport.unwrap_or("TCP"));
            map.push_some("nodePort", port.take("nodePort"));
            map.push_some("appProtocol", port.text("appProtocol")?);
            listed.push(Value::Map(map));
            let is_primary = port.flag("primary", false)?;
            port.end()?;
            ports.push(Port { name, number, target, protocol, is_primary });
        }
        spec.push_some("ports", (!listed.is_empty()).then_some(listed));
        body.push("spec", spec);
        one.end()?;
        services.push(Service {
            id,
            name,
            controller,
            is_primary,
            ports,
            object: Value::Map(body),
        });
    }
    Ok(services)
}

impl Service {
    fn primary_port(&self) -> Option<&Port> {
        self.ports.iter().find(|port| port.is_primary).or(self.ports.first())
    }

    /// The number of a port of this name, or the number itself.
    fn number(&self, port: Option<Value>) -> Option<Value> {
        match port {
            Some(Value::Str(name)) => {
                let found = self.ports.iter().find(|port| port.name == name);
                found.map(|port| port.number.clone())
            }
            Some(number) => Some(number),
            None => self.primary_port().map(|port| port.number.clone()),
        }
    }
}

/// The protocol and port on which a program is probed where the probe names none: those of its first Service.
pub(super) fn probed(services: &[Service], controller: &str) -> Option<(String, Value)> {
    let of = || services.iter().filter(|service| service.controller == controller);
    let service = of().find(|service| service.is_primary).or_else(|| of().next())?;
    let port = service.primary_port()?;
    let target = port.target.clone().unwrap_or_else(|| port.number.clone());
    Some((port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()), target))
}

/// The Service that a reference names by its identifier or name, with the port; the only one where it names none.
fn referred(
    services: &[Service],
    mut reference: Values,
) -> Result<(String, Option<Value>), Problem> {
    let (name, id) = (reference.text("name")?, reference.text("identifier")?);
    let port = reference.take("port");
    let path = reference.path().to_owned();
    reference.end()?;
    let found = match (&name, &id, services) {
        (Some(name), _, _) => services.iter().find(|service| service.name == *name),
        (None, Some(id), _) => services.iter().find(|service| service.id == *id),
        (None, None, [only]) => Some(only),
        _ => None,
    };
    match (found, name) {
        (Some(service), _) => Ok((service.name.clone(), service.number(port))),
        (None, Some(name)) => Ok((name, port)),
        (None, None) => Err(format!("`{path}` names no Service of the release")),
    }
}

/// The Ingresses.
pub(super) fn ingresses(
    release: &Release,
    values: &mut Values,
    services: &[Service],
) -> Result<Vec<Value>, Problem> {
    let all = values.enabled("ingress")?;
    let several = all.len() > 1;
    let mut ingresses = Vec::new();
    for (id, mut one) in all {
        let appends = several && (release.is_fourth || !one.flag("primary", false)?);
        let name = release.named(&mut one, &id, appends)?;
        let mut spec = Map::default();
        spec.push_some("ingressClassName", one.text("className")?);
        spec.push_some("tls", one.take("tls"));
        let mut rules = Vec::new();
        for mut host in one.list("hosts")? {
            let mut paths = Vec::new();
            for mut path in host.list("paths")? {
                let mut map = Map::default();
                map.push("path", path.needs("path")?);
                let kind = path.text("pathType")?;
                map.push("pathType", kind.unwrap_or_else(|| "Prefix".to_owned()));
                let (service, port) = referred(services, path.map("service")?)?;
                path.end()?;
                let number = port.ok_or_else(|| format!("the Service `{service}` has no port"))?;
                let port = Value::from([("number", number)]);
                let service = Value::from([("name", service.into()), ("port", port)]);
                map.push("backend", Value::from([("service", service)]));
                paths.push(Value::Map(map));
            }
            let mut rule = Map::default();
            rule.push("host", host.needs("host")?);
            rule.push("http", Value::from([("paths", paths.into())]));
            host.end()?;
            rules.push(Value::Map(rule));
        }
        spec.push_some("rules", (!rules.is_empty()).then_some(rules));
        let metadata = release.metadata(&name, &mut one)?;
        one.end()?;
        ingresses.push(Value::from([
            ("apiVersion", "networking.k8s.io/v1".into()),
            ("kind", "Ingress".into()),
            ("metadata", metadata),
            ("spec", spec.into()),
        ]));
    }
    Ok(ingresses)
}

/// The routes of the Gateway API.
pub(super) fn routes(
    release: &Release,
    values: &mut Values,
    services: &[Service],
) -> Result<Vec<Value>, Problem> {
    let all = values.enabled("route")?;
    let several = all.len() > 1;
    let mut routes = Vec::new();
    for (id, mut one) in all {
        let name = release.named(&mut one, &id, several)?;
        let kind = one.text("kind")?.unwrap_or_else(|| "HTTPRoute".to_owned());
        let mut spec = Map::default();
        spec.push_some("parentRefs", one.take("parentRefs"));
        spec.push_some("hostnames", one.take("hostnames"));
        let mut rules = Vec::new();
        let mut written = one.list("rules")?;
        if written.is_empty() {
            // Without rules, everything goes to the only Service.
            rules.push(Value::from([("backendRefs", backends(services, Vec::new())?)]));
        }
        for rule in &mut written {
            let mut map = Map::default();
            for field in ["matches", "filters", "timeouts", "sessionPersistence"] {
                map.push_some(field, rule.take(field));
            }
            map.push("backendRefs", backends(services, rule.list("backendRefs")?)?);
            rules.push(Value::Map(map));
        }
        written.into_iter().try_for_each(Values::end)?;
        spec.push("rules", rules);
        let metadata = release.metadata(&name, &mut one)?;
        one.end()?;
        routes.push(Value::from([
            ("apiVersion", "gateway.networking.k8s.io/v1".into()),
            ("kind", kind.into()),
            ("metadata", metadata),
            ("spec", spec.into()),
        ]));
    }
    Ok(routes)
}

/// Where a rule leads.
fn backends(services: &[Service], written: Vec<Values>) -> Result<Value, Problem> {
    let mut all = Vec::new();
    if let ([], [only]) = (written.as_slice(), services) {
        let mut map = Map::default();
        map.push("name", only.name.as_str());
        map.push_some("port", only.number(None));
        return Ok(vec![Value::Map(map)].into());
    }
    for mut one in written {
        let mut map = Map::default();
        for field in ["group", "kind", "namespace", "weight"] {
            map.push_some(field, one.take(field));
        }
        let (name, port) = referred(services, one)?;
        map.push("name", name);
        map.push_some("port", port);
        all.push(Value::Map(map));
    }
    Ok(all.into())
}
