//! Objects in a form in which those that mean the same are the same.

use super::{Side, pods};
use crate::import::say::is_of_gen;
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// The object, as it is compared; `app` is the name of its app.
pub(super) fn canonical(side: &Side<'_>, object: &Object) -> Value {
    let mut out: Map = object.value().as_map().cloned().unwrap_or_default();
    out.remove("apiVersion");
    out.remove("kind");
    metadata(&mut out);
    let namespace = object.namespace();
    match (object.group(), object.kind()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") | ("batch", "Job") => {
            let claims = object.value().list_at(&["spec", "volumeClaimTemplates"]).to_vec();
            template(side, object, &mut out, &["spec", "template"], &claims);
            if is_scaled(side, object) {
                // The autoscaler's, whatever a file says: Flux would set it back each time.
                out.map_at("spec").remove("replicas");
            }
            if let Some(Value::Seq(claims)) = out
                .get_mut("spec")
                .and_then(|spec| spec.as_map_mut()?.get_mut("volumeClaimTemplates"))
            {
                for claim in claims.iter_mut().filter_map(Value::as_map_mut) {
                    for key in ["apiVersion", "kind"] {
                        claim.remove(key);
                    }
                    // So that claims are told apart by name, as lists are compared.
                    let name = claim
                        .get("metadata")
                        .and_then(|it| it.str_at(&["name"]))
                        .map(str::to_owned);
                    claim.push_some("name", name);
                }
            }
        }
        ("batch", "CronJob") => {
            template(side, object, &mut out, &["spec", "jobTemplate", "spec", "template"], &[]);
        }
        ("", "Service") => service(side, object, &mut out),
        ("autoscaling", _) => autoscaler(&mut out),
        ("networking.k8s.io", "Ingress") => ingress(side, namespace, &mut out),
        ("gateway.networking.k8s.io", "HTTPRoute") => http_route(namespace, &mut out),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => release(side, namespace, &mut out),
        ("policy", "PodDisruptionBudget") | ("monitoring.coreos.com", "ServiceMonitor") => {
            // They select the app by labels that are gen's on the one side.
            out.map_at("spec").remove("selector");
        }
        ("networking.k8s.io", "NetworkPolicy") => policy(namespace, &mut out),
        ("rbac.authorization.k8s.io", _) => {
            if let Some(role) = out.get_mut("roleRef").and_then(Value::as_map_mut) {
                role.remove("name");
            }
            if let Some(subjects) = out.get_mut("subjects").and_then(Value::as_seq_mut) {
                for subject in subjects.iter_mut().filter_map(Value::as_map_mut) {
                    subject.remove("apiGroup");
                    if let Some(namespace) = namespace {
                        subject.entry_or("namespace", || namespace.into());
                    }
                }
            }
        }
        ("", "ServiceAccount") => {
            out.remove("secrets");
            out.remove("imagePullSecrets");
        }
        _ => {}
    }
    Value::Map(out)
}

/// Whether an autoscaler decides about the pods.
fn is_scaled(side: &Side<'_>, object: &Object) -> bool {
    side.objects().any(|one| {
        let target = |key| one.value().str_at(&["spec", "scaleTargetRef", key]);
        one.kind() == "HorizontalPodAutoscaler"
            && one.namespace() == object.namespace()
            && target("kind") == Some(object.kind())
            && target("name") == Some(object.name())
    })
}

/// A source is what it reads from, whatever it is called.
fn release(side: &Side<'_>, namespace: Option<&str>, out: &mut Map) {
    let of_chart: &[&str] = &["spec", "chart", "spec"];
    for (keys, field) in [(of_chart, "sourceRef"), (&["spec"], "chartRef")] {
        let Some(map) = crate::import::reach::reach(out, keys) else { continue };
        let Some(reference) = map.get(field) else { continue };
        let of = reference.str_at(&["namespace"]).or(namespace);
        let (kind, name) = (reference.str_at(&["kind"]), reference.str_at(&["name"]));
        let source = side.find(kind.unwrap_or_default(), of, name.unwrap_or_default());
        let Some(url) = source.and_then(|source| source.value().str_at(&["spec", "url"])) else {
            continue;
        };
        let url = url.to_owned();
        let version = source.and_then(|source| {
            let spec = source.value().get("spec")?;
            spec.str_at(&["ref", "semver"]).or(spec.str_at(&["ref", "tag"])).map(str::to_owned)
        });
        let mut read = Map::default();
        read.push_some("kind", kind.map(str::to_owned));
        read.push("url", url);
        read.push_some("version", version.filter(|_| field == "chartRef"));
        map.insert(field, read);
    }
    let Some(spec) = out.get_mut("spec").and_then(Value::as_map_mut) else { return };
    let chart = spec.get("chart").and_then(|chart| chart.get("spec"));
    if let Some(reference) = chart.and_then(in_registry) {
        spec.remove("chart");
        spec.insert("chartRef", reference);
    }
    let config =
        |name: &str| side.find("ConfigMap", namespace, name).map(crate::kubernetes::Object::value);
    crate::import::helm::inline(spec, config);
}

/// A chart of a repository in a registry, as the reference to a source of its own.
fn in_registry(chart: &Value) -> Option<Value> {
    let url = chart.str_at(&["sourceRef", "url"]).filter(|url| url.starts_with("oci://"))?;
    let url = format!("{}/{}", url.trim_end_matches('/'), chart.str_at(&["chart"])?);
    let version = chart.str_at(&["version"]).unwrap_or("*");
    Some(Value::from([
        ("kind", "OCIRepository".into()),
        ("url", url.into()),
        ("version", version.into()),
    ]))
}

/// What gen and Flux mark objects with is nobody's loss, and names are compared by who calls.
fn metadata(out: &mut Map) {
    let metadata = out.map_at("metadata");
    for key in ["name", "namespace"] {
        metadata.remove(key);
    }
    marks(metadata);
    if metadata.is_empty() {
        out.remove("metadata");
    }
}

fn marks(metadata: &mut Map) {
    for field in ["labels", "annotations"] {
        let Some(map) = metadata.get_mut(field).and_then(Value::as_map_mut) else { continue };
        let gone: Vec<String> =
            map.keys().filter(|key| is_of_gen(key)).map(str::to_owned).collect();
        for key in gone {
            map.remove(&key);
        }
        for (_, value) in map.iter_mut() {
            *value = pods::text(value).into();
        }
        if map.is_empty() {
            metadata.remove(field);
        }
    }
}

fn template(side: &Side<'_>, object: &Object, out: &mut Map, keys: &[&str], claims: &[Value]) {
    let Some(template) = super::super::reach::reach(out, keys) else { return };
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_map_mut) {
        for key in ["name", "namespace"] {
            metadata.remove(key);
        }
        marks(metadata);
    }
    if let Some(pod) = template.get("spec") {
        let pod = pods::canonical(side, object.namespace(), (object.name(), pod), claims);
        template.insert("spec", pod);
    }
    if template.get("metadata").and_then(Value::as_map).is_some_and(Map::is_empty) {
        template.remove("metadata");
    }
}

fn service(side: &Side<'_>, object: &Object, out: &mut Map) {
    let mut ports = Map::default();
    for port in object.value().list_at(&["spec", "ports"]) {
        let Some(map) = port.as_map() else { continue };
        let mut map = map.clone();
        let protocol = port.str_at(&["protocol"]).unwrap_or("TCP").to_owned();
        let number = port.get("port").map(pods::text).unwrap_or_default();
        map.insert("protocol", protocol.as_str());
        map.insert("targetPort", side.target(object, port));
        ports.insert(format!("{number}/{protocol}"), Value::Map(map));
    }
    let spec = out.map_at("spec");
    spec.insert("ports", Value::Map(ports));
    if spec.get("type").and_then(Value::as_str) == Some("ClusterIP") {
        spec.remove("type");
    }
}

/// The first version had one number.
fn autoscaler(out: &mut Map) {
    let spec = out.map_at("spec");
    if let Some(share) = spec.remove("targetCPUUtilizationPercentage") {
        let target = Value::from([("type", "Utilization".into()), ("averageUtilization", share)]);
        let resource = Value::from([("name", "cpu".into()), ("target", target)]);
        let metric = Value::from([("type", "Resource".into()), ("resource", resource)]);
        spec.insert("metrics", vec![metric]);
    }
    let mut metrics = Map::default();
    for (index, metric) in spec.list_at("metrics").iter().enumerate() {
        let name = metric.str_at(&["resource", "name"]).map(str::to_owned);
        metrics.insert(name.unwrap_or_else(|| format!("metric-{index}")), metric.clone());
    }
    spec.insert("metrics", Value::Map(metrics));
}

/// Paths by host, and what each leads to.
fn ingress(side: &Side<'_>, namespace: Option<&str>, out: &mut Map) {
    let annotations = out.map_at("metadata").map_at("annotations");
    let class = annotations.remove("kubernetes.io/ingress.class");
    if annotations.is_empty() {
        out.map_at("metadata").remove("annotations");
    }
    let spec = out.map_at("spec");
    if let Some(class) = class {
        spec.entry_or("ingressClassName", || class);
    }
    let mut hosts = Map::default();
    for rule in spec.list_at("rules").iter() {
        let host = rule.str_at(&["host"]).unwrap_or("*");
        for path in rule.list_at(&["http", "paths"]) {
            let kind = path.str_at(&["pathType"]).unwrap_or_default();
            let place = format!("{} {kind}", path.str_at(&["path"]).unwrap_or("/"));
            let service = path.str_at(&["backend", "service", "name"]).unwrap_or_default();
            let port = path.at(&["backend", "service", "port"]);
            let port = port.and_then(|port| port.get("number").or(port.get("name")));
            let number = port.map(|port| side.service_port(namespace, service, port));
            let to =
                format!("{service}:{}", number.map(|port| pods::text(&port)).unwrap_or_default());
            hosts.map_at(host).insert(place, to);
        }
    }
    spec.insert("rules", Value::Map(hosts));
    let mut secrets = Map::default();
    for tls in spec.list_at("tls").iter() {
        let secret = tls.str_at(&["secretName"]).unwrap_or_default();
        for host in tls.list_at(&["hosts"]).iter().filter_map(Value::as_str) {
            secrets.insert(host, secret);
        }
    }
    spec.insert("tls", Value::Map(secrets));
}

fn http_route(namespace: Option<&str>, out: &mut Map) {
    let spec = out.map_at("spec");
    let group = "gateway.networking.k8s.io";
    for parent in spec.list_at("parentRefs").iter_mut().filter_map(Value::as_map_mut) {
        parent.entry_or("group", || group.into());
        parent.entry_or("kind", || "Gateway".into());
        if let Some(namespace) = namespace {
            parent.entry_or("namespace", || namespace.into());
        }
    }
    let mut by_match = Map::default();
    for rule in spec.list_at("rules").clone() {
        let whole = [Value::Null];
        let matches = match rule.list_at(&["matches"]) {
            [] => &whole[..],
            all => all,
        };
        for one in matches {
            let mut rule: Map = rule.as_map().cloned().unwrap_or_default();
            rule.remove("matches");
            for backend in rule.list_at("backendRefs").iter_mut().filter_map(Value::as_map_mut) {
                backend.entry_or("group", || "".into());
                backend.entry_or("kind", || "Service".into());
                backend.entry_or("weight", || 1_u32.into());
            }
            let kind = one.str_at(&["path", "type"]).unwrap_or("PathPrefix");
            let path = one.str_at(&["path", "value"]).unwrap_or("/");
            by_match.insert(format!("{path} {kind}"), Value::Map(rule));
        }
    }
    spec.insert("rules", Value::Map(by_match));
    spec.list_at("hostnames").sort_by_key(ToString::to_string);
}

/// Callers as texts.
fn policy(namespace: Option<&str>, out: &mut Map) {
    let spec = out.map_at("spec");
    spec.remove("podSelector");
    for (list, field) in [("ingress", "from"), ("egress", "to")] {
        let Some(rules) = spec.get(list).and_then(Value::as_seq) else { continue };
        let mut all = Map::default();
        for rule in rules {
            let ports: Vec<String> =
                rule.list_at(&["ports"]).iter().map(ToString::to_string).collect();
            let peers = rule.get(field).map_or(vec!["everyone".to_owned()], |peers| {
                let peers = peers.as_seq().unwrap_or_default().iter();
                peers.map(|peer| caller(namespace, peer)).collect()
            });
            for peer in peers {
                let known = all.list_at(&peer);
                known.extend(ports.iter().map(|port| Value::from(port.as_str())));
            }
        }
        // Which ports are meant by name is told by the pods, which are compared themselves.
        let callers: Map = all.keys().map(|peer| (peer.to_owned(), Value::from(true))).collect();
        spec.insert(list, Value::Map(callers));
    }
}

fn caller(namespace: Option<&str>, peer: &Value) -> String {
    let name = ["namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"];
    let every = |keys: &[&str]| peer.at(keys).and_then(Value::as_map).is_some_and(Map::is_empty);
    let own = namespace.unwrap_or_default();
    match (peer.str_at(&name), peer.str_at(&["ipBlock", "cidr"])) {
        (Some(name), _) if peer.get("podSelector").is_none() => format!("namespace {name}"),
        (None, Some(cidr)) => {
            format!("{cidr} {}", Value::Seq(peer.list_at(&["ipBlock", "except"]).to_vec()))
        }
        (None, None) if every(&["podSelector"]) && peer.get("namespaceSelector").is_none() => {
            format!("namespace {own}")
        }
        _ => peer.to_string(),
    }
}
