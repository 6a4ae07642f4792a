//! What routes become: Ingresses or HTTPRoutes.

use super::decoder::Decoder;
use crate::environment::Tls;
use crate::model::{Path, Route};
use crate::spec::View;

/// A path of one host, and the annotations that it needs.
pub(super) struct Found {
    /// The host.
    pub(super) host: String,
    /// The path, and what it leads to.
    pub(super) path: Path,
    /// The annotations.
    pub(super) annotations: Vec<(String, String)>,
}

/// Annotations by key.
pub(super) type Annotations = Vec<(String, String)>;

/// The most that an HTTPRoute takes, hosts and rules alike.
const MOST: usize = 16;

/// Whether two paths of one host are the same to a controller.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let kind = |path: &Path| path.path_type == "Exact";
    kind(one) == kind(other) && bare(&one.path) == bare(&other.path)
}

/// A prefix matches whole parts of a path, so a slash at its end says nothing.
pub(super) fn bare(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// An annotation of ingress-nginx.
pub(super) fn annotation(key: &str, value: &str) -> (String, String) {
    (format!("nginx.ingress.kubernetes.io/{key}"), value.to_owned())
}

/// The path as ingress-nginx rewrites it: a regular expression, and what of it goes on.
pub(super) fn rewritten(path: &mut Path) -> Annotations {
    let Some(rewrite) = path.rewrite.take() else { return Vec::new() };
    if path.path_type == "Exact" {
        return vec![annotation("rewrite-target", &rewrite)];
    }
    let mut prefix = String::new();
    for c in bare(&path.path).chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            prefix.push('\\');
        }
        prefix.push(c);
    }
    path.path = format!("{prefix}(/|$)(.*)");
    "ImplementationSpecific".clone_into(&mut path.path_type);
    let target = format!("{}/$2", bare(&rewrite));
    vec![annotation("rewrite-target", &target), annotation("use-regex", "true")]
}

/// Puts what needs the same annotations together, in the order in which it is first met; what needs none comes first.
fn by_annotations(all: Vec<Found>) -> Vec<(Annotations, Vec<Found>)> {
    let mut groups: Vec<(Annotations, Vec<Found>)> = Vec::new();
    for found in all {
        let mut annotations = found.annotations.clone();
        annotations.sort();
        match groups.iter_mut().find(|(other, _)| *other == annotations) {
            Some((_, group)) => group.push(found),
            None => groups.push((annotations, vec![found])),
        }
    }
    groups.sort_by_key(|(annotations, _)| !annotations.is_empty());
    groups
}

/// Hosts with their paths, in the order in which they are first met.
fn by_host(all: Vec<Found>) -> Vec<(String, Vec<Path>)> {
    let mut hosts: Vec<(String, Vec<Path>)> = Vec::new();
    for Found { host, path, .. } in all {
        match hosts.iter_mut().find(|(other, _)| *other == host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((host, vec![path])),
        }
    }
    hosts
}

/// The name of an Ingress or HTTPRoute: the app's for the first.
fn name(d: &mut Decoder<'_>, index: usize) -> String {
    if index == 0 {
        return d.name.to_owned();
    }
    let span = d.app.span_of("routes");
    let name = format!("{}-route-{}", d.name, index + 1);
    d.derived(span, name)
}

/// Ingresses, one for each set of annotations.
pub(super) fn ingresses(
    d: &mut Decoder<'_>,
    settings: &View<'_>,
    all: Vec<Found>,
    tls: Option<&Tls>,
) -> Vec<Route> {
    let every_host: Vec<String> = by_host_names(&all);
    let for_all = settings.pairs("annotations");
    let mut routes = Vec::new();
    for (index, (own, group)) in by_annotations(all).into_iter().enumerate() {
        let mut annotations: Annotations = for_all
            .iter()
            .filter(|(key, _)| own.iter().all(|(other, _)| other != key))
            .cloned()
            .collect();
        annotations.extend(own);
        let hosts = by_host(group);
        let mut tls_hosts: Vec<String> = hosts.iter().map(|(host, _)| host.clone()).collect();
        // A certificate has one owner, or two would ask for it in turn.
        if index == 0 {
            tls_hosts.clone_from(&every_host);
            if let Some(issuer) = tls.and_then(|tls| tls.issuer.as_ref()) {
                let key = "cert-manager.io/cluster-issuer";
                if annotations.iter().any(|(other, _)| other == key) {
                    let why = "both name the issuer of the certificate";
                    d.excludes(
                        settings.span(),
                        "tls.issuer",
                        &format!("the annotation `{key}`"),
                        why,
                    );
                } else {
                    annotations.insert(0, (key.to_owned(), issuer.clone()));
                }
            }
        }
        routes.push(Route { name: name(d, index), annotations, hosts, tls_hosts });
    }
    routes
}

fn by_host_names(all: &[Found]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for found in all {
        if !names.contains(&found.host) {
            names.push(found.host.clone());
        }
    }
    names
}

/// All hosts with the same paths together, as many as one takes.
pub(super) fn http_routes(d: &mut Decoder<'_>, all: Vec<Found>) -> Vec<Route> {
    let mut routes: Vec<(Annotations, Vec<String>, Vec<Path>)> = Vec::new();
    for (annotations, group) in by_annotations(all) {
        for (host, paths) in by_host(group) {
            for paths in paths.chunks(MOST) {
                let same = routes.iter_mut().find(|(other, hosts, others)| {
                    *other == annotations && others == paths && hosts.len() < MOST
                });
                match same {
                    Some((_, hosts, _)) => hosts.push(host.clone()),
                    None => routes.push((annotations.clone(), vec![host.clone()], paths.to_vec())),
                }
            }
        }
    }
    let routes = routes.into_iter().enumerate();
    routes
        .map(|(index, (annotations, hosts, paths))| Route {
            name: name(d, index),
            annotations,
            hosts: hosts.into_iter().map(|host| (host, paths.clone())).collect(),
            tls_hosts: Vec::new(),
        })
        .collect()
}
