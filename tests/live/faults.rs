//! A server that fails, in every way and at every kind of request: never a false "no difference", and never for long.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gitops_gen::change::live::{MANAGER, as_flux_sends};
use gitops_gen::change::{Applier, Class, Desired};
use gitops_gen::cluster::{Comparison, NoProgress, Options, Scope, compare};
use gitops_gen::diagnostics::ClusterError;
use serde_json::{Value, json};

use crate::cluster::{Cluster, cluster};
use crate::compared::{connect, desired, scope};
use crate::proxy::{Asked, FAULTS, Fault, Proxy};
use crate::requests::Apply;
use crate::support::{Random, is_soak};

/// A small tree in the cluster, in which something of everything is found.
struct Tree {
    namespace: String,
    objects: Vec<Value>,
}

impl Tree {
    /// Objects as Flux would have applied them, in so many namespaces; one is edited, one is not there, one is gone from the tree.
    fn new(cluster: &'static Cluster, maps: usize) -> Self {
        let namespace = cluster.namespace("faults");
        let map = |name: String, value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": {"a": value}});
        let mut objects: Vec<Value> = (0..maps).map(|n| map(format!("map-{n}"), "1")).collect();
        objects.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": namespace},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}));
        objects.push(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reads", "namespace": namespace},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}));
        let admin = cluster.admin();
        let how = Apply { manager: MANAGER, dry_run: false };
        let applier = Applier { namespace: namespace.clone(), name: "demo-dev".to_owned() };
        let sent = |object: &Value| as_flux_sends(object.clone(), Some(&applier));
        for object in &objects {
            admin.apply(&sent(object), how).expect_ok();
        }
        admin.apply(&sent(&map("gone".to_owned(), "1")), how).expect_ok();
        admin.merge(&objects[0], "somebody", &json!({"data": {"a": "9"}})).expect_ok();
        objects.push(map("new".to_owned(), "1"));
        // What Flux would say of it; suspended, so that the real one keeps its hands off.
        let kustomization = json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "demo-dev", "namespace": namespace, "labels": {
                "app.kubernetes.io/managed-by": "gitops-gen", "gitops-gen.dev/environment": "dev",
            }},
            "spec": {"interval": "1h", "prune": true, "suspend": true, "path": ".", "sourceRef": {"kind": "GitRepository", "name": "none"}}});
        admin.create(&kustomization).expect_ok();
        let path = format!("{}/status", cluster.kinds().path_of(&kustomization));
        let status = json!({"status": {"inventory": {"entries": [
            {"id": format!("{namespace}_gone__ConfigMap"), "v": "v1"}, {"id": format!("{namespace}_map-0__ConfigMap"), "v": "v1"},
        ]}}});
        admin
            .request(http::Method::PATCH, &path, "application/merge-patch+json", Some(&status))
            .expect_ok();
        Self { namespace, objects }
    }

    fn desired(&self) -> Vec<Desired> {
        self.objects
            .iter()
            .map(|object| desired(object, Some((&self.namespace, "demo-dev"))))
            .collect()
    }

    fn scope(&self) -> Scope {
        scope(&self.namespace, &["demo-dev"])
    }

    fn compare(&self, proxy: &Proxy, options: &Options) -> Result<Comparison, ClusterError> {
        let connection = connect(proxy.kubeconfig());
        compare(&connection, self.desired(), &self.scope(), options, &NoProgress)
    }
}

fn quick() -> Options {
    Options {
        deadline: Duration::from_secs(4),
        request_timeout: Duration::from_millis(900),
        ..Options::default()
    }
}

/// Classes by object.
fn classes(comparison: &Comparison) -> BTreeMap<String, Class> {
    comparison.changes.iter().map(|change| (change.identity.to_string(), change.class)).collect()
}

/// A kind of request: its name, and how it is known.
type Kind = (&'static str, fn(&Asked) -> bool);

/// The kinds of requests there are.
const REQUESTS: [Kind; 7] = [
    ("discovery", |asked| asked.path == "/api/v1"),
    ("namespace", |asked| {
        asked.path.starts_with("/api/v1/namespaces/") && asked.path.split('/').count() == 5
    }),
    ("list", |asked| asked.method == "GET" && asked.path.contains("/configmaps?limit")),
    ("get", |asked| asked.method == "GET" && asked.path.contains("/services/web")),
    ("dry-run", |asked| asked.method == "PATCH"),
    ("kustomizations", |asked| asked.path.contains("/kustomizations?limit")),
    ("pruned", |asked| asked.method == "GET" && asked.path.ends_with("/configmaps/gone")),
];

/// What is wrong with what was said, given the truth: something that may not be said while the server fails.
fn lies(said: &Comparison, truth: &BTreeMap<String, Class>) -> Vec<String> {
    let mut lies = Vec::new();
    let said_classes = classes(said);
    for (object, class) in truth {
        match said_classes.get(object) {
            Some(said) if said == class => {}
            // The server refuses the dry-run: that is what it would say to Flux.
            Some(Class::NotCompared | Class::Blocked) => {}
            // What would be pruned is not known without the inventory; then the result is not complete.
            None if *class == Class::Pruned && !said.complete => {}
            other => lies.push(format!("{object} is {class:?}, and it said {other:?}")),
        }
    }
    let unknown = said.changes.iter().any(|change| change.class == Class::NotCompared);
    if unknown && said.complete {
        lies.push("not everything is known, and it calls itself complete".to_owned());
    }
    if !said.complete && said.problems.is_empty() {
        lies.push("it is not complete and does not say why".to_owned());
    }
    let silent = said
        .changes
        .iter()
        .find(|change| change.class == Class::NotCompared && change.reason.is_none());
    if let Some(change) = silent {
        lies.push(format!("{} has no reason", change.identity));
    }
    lies
}

/// The tree as it is, through a proxy that spoils nothing.
fn truth(cluster: &'static Cluster, tree: &Tree) -> BTreeMap<String, Class> {
    let proxy = Proxy::start(cluster, Box::new(|_| None));
    let said = tree.compare(&proxy, &Options::default()).expect("it answers");
    assert!(said.complete, "{:?}", said.problems);
    let classes = classes(&said);
    for (name, class) in [
        ("map-0", Class::Changed),
        ("map-1", Class::Unchanged),
        ("new", Class::Created),
        ("gone", Class::Pruned),
    ] {
        assert_eq!(classes[&format!("ConfigMap {}/{name}", tree.namespace)], class);
    }
    // Every kind of request that is spoiled below is there.
    let asked = proxy.asked();
    for (name, is) in REQUESTS {
        assert!(asked.iter().any(is), "no {name} in {asked:#?}");
    }
    classes
}

#[test]
fn every_fault_at_every_kind_of_request() {
    let Some(cluster) = cluster() else { return };
    let tree = Arc::new(Tree::new(cluster, 6));
    let truth = Arc::new(truth(cluster, &tree));
    let mut work: Vec<(usize, Fault)> =
        (0..REQUESTS.len()).flat_map(|request| FAULTS.map(|fault| (request, fault))).collect();
    work.extend((0..REQUESTS.len()).map(|request| (request, Fault::Drip)));
    let all = work.len();
    let work = Arc::new(Mutex::new(work));
    let wrong = Arc::new(Mutex::new(Vec::new()));
    let complete = Arc::new(AtomicUsize::new(0));
    // Most of the time is waiting.
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (tree, truth, work) = (Arc::clone(&tree), Arc::clone(&truth), Arc::clone(&work));
            let (wrong, complete) = (Arc::clone(&wrong), Arc::clone(&complete));
            thread::spawn(move || {
                loop {
                    let Some((request, fault)) = work.lock().unwrap().pop() else {
                        return;
                    };
                    let (name, is) = REQUESTS[request];
                    let proxy =
                        Proxy::start(cluster, Box::new(move |asked| is(asked).then_some(fault)));
                    let start = Instant::now();
                    let said = tree.compare(&proxy, &quick());
                    let took = start.elapsed();
                    let mut found = Vec::new();
                    if took > Duration::from_secs(12) {
                        found.push(format!("it took {took:?}"));
                    }
                    if proxy.spoiled() == 0 {
                        found.push("nothing was spoiled".to_owned());
                    }
                    match said {
                        // Nothing at all could be asked.
                        Err(_) => {}
                        Ok(said) => {
                            found.extend(lies(&said, &truth));
                            if said.complete {
                                complete.fetch_add(1, Ordering::Relaxed);
                                // A fault that leaves everything known: another way was found, or the server refuses the object.
                                let is_known = classes(&said) == *truth
                                    || said
                                        .changes
                                        .iter()
                                        .any(|change| change.class == Class::Blocked);
                                if !is_known {
                                    found.push("complete, and not the truth".to_owned());
                                }
                            }
                            let decided = said
                                .changes
                                .iter()
                                .filter(|change| change.class != Class::NotCompared);
                            if name != "discovery" && decided.count() < 3 {
                                found.push("what was compared is not shown".to_owned());
                            }
                        }
                    }
                    if !found.is_empty() {
                        wrong
                            .lock()
                            .unwrap()
                            .push(format!("{fault:?} at {name}: {}", found.join("; ")));
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    let wrong = wrong.lock().unwrap();
    assert!(wrong.is_empty(), "{} of {all}:\n{}", wrong.len(), wrong.join("\n"));
    println!(
        "{all} faults: no false answer; {} could be answered all the same",
        complete.load(Ordering::Relaxed)
    );
}

#[test]
fn a_fault_that_passes_is_got_over() {
    let Some(cluster) = cluster() else { return };
    let tree = Tree::new(cluster, 6);
    let truth = truth(cluster, &tree);
    for fault in [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Wait(429, 2),
        Fault::Reset,
        Fault::CutOff,
        Fault::HalfJson,
        Fault::Silence,
        Fault::Html,
    ] {
        for (name, is) in REQUESTS {
            let spent = AtomicBool::new(false);
            let proxy = Proxy::start(
                cluster,
                Box::new(move |asked| {
                    (is(asked) && !spent.swap(true, Ordering::Relaxed)).then_some(fault)
                }),
            );
            let options = Options { deadline: Duration::from_secs(30), ..quick() };
            let start = Instant::now();
            let said = tree
                .compare(&proxy, &options)
                .unwrap_or_else(|error| panic!("{fault:?} at {name}: {error}"));
            assert!(said.complete, "{fault:?} at {name}: {:?}", said.problems);
            assert_eq!(classes(&said), truth, "{fault:?} at {name}");
            assert_eq!(said.requests.retries, 1, "{fault:?} at {name}");
            if let Fault::Wait(_, seconds) = fault {
                assert!(start.elapsed() >= Duration::from_secs(seconds));
            }
        }
    }
}

#[test]
fn one_random_fault_among_many_objects_is_always_told() {
    let Some(cluster) = cluster() else { return };
    // A list comes in pages of 500: a few of them have a first, a middle and a last one. A round asks for all of them.
    let (rounds, objects) = if is_soak() { (500, 10_000) } else { (20, 2_500) };
    let tree = Tree::new(cluster, objects);
    let proxy = Proxy::start(cluster, Box::new(|_| None));
    let said = tree.compare(&proxy, &Options::default()).expect("it answers");
    assert!(said.complete, "{:?}", said.problems);
    let truth = classes(&said);
    let asked = proxy.asked();
    let mut random = Random(7);
    let mut healed = 0;
    for round in 0..rounds {
        let victim = asked[random.below(asked.len())].clone();
        let fault = FAULTS[random.below(FAULTS.len())];
        let (path, method) = (without_token(&victim.path), victim.method.clone());
        let spoils = (path.clone(), method.clone());
        let proxy = Proxy::start(
            cluster,
            Box::new(move |asked| {
                (without_token(&asked.path) == spoils.0 && asked.method == spoils.1)
                    .then_some(fault)
            }),
        );
        let options = Options {
            deadline: Duration::from_secs(30),
            request_timeout: Duration::from_secs(5),
            ..Options::default()
        };
        let Ok(said) = tree.compare(&proxy, &options) else {
            continue;
        };
        let found = lies(&said, &truth);
        assert!(found.is_empty(), "round {round}, {fault:?} at {method} {path}: {found:?}");
        if said.complete {
            // Only where there was another way, or where the server's refusal is the answer.
            let is_blocked = said.changes.iter().any(|change| change.class == Class::Blocked);
            assert!(
                is_blocked || classes(&said) == truth,
                "round {round}, {fault:?} at {method} {path}"
            );
            healed += 1;
        }
    }
    println!(
        "{rounds} rounds of one fault among {} objects ({} requests each): no false answer, {healed} known in another way",
        truth.len(),
        asked.len()
    );
}

/// Pages after the first are asked for by a token that differs every time.
fn without_token(path: &str) -> String {
    path.split("&continue=").next().unwrap_or_default().to_owned()
}

#[test]
fn pages_that_make_no_sense() {
    let Some(cluster) = cluster() else { return };
    let tree = Tree::new(cluster, 600);
    // A token that has run out, every time: the list is begun anew, and in the end given up.
    let proxy = Proxy::start(
        cluster,
        Box::new(|asked| asked.path.contains("&continue=").then_some(Fault::Status(410))),
    );
    let said = tree.compare(&proxy, &quick()).expect("it answers");
    assert!(!said.complete);
    assert_eq!(proxy.spoiled(), 4, "three new beginnings");
    // Once only: got over.
    let spent = AtomicBool::new(false);
    let proxy = Proxy::start(
        cluster,
        Box::new(move |asked| {
            let is_next = asked.path.contains("&continue=");
            (is_next && !spent.swap(true, Ordering::Relaxed)).then_some(Fault::Status(410))
        }),
    );
    let said = tree.compare(&proxy, &Options::default()).expect("it answers");
    assert!(said.complete, "{:?}", said.problems);
}

/// The check itself catches a comparison that says less than it should.
#[test]
fn a_false_answer_would_be_caught() {
    let Some(cluster) = cluster() else { return };
    let tree = Tree::new(cluster, 6);
    let truth = truth(cluster, &tree);
    let proxy = Proxy::start(cluster, Box::new(|_| None));
    let said = tree.compare(&proxy, &Options::default()).expect("it answers");
    assert_eq!(lies(&said, &truth), Vec::<String>::new());
    let mut hidden = said.clone();
    for change in &mut hidden.changes {
        if change.class == Class::Changed {
            change.class = Class::Unchanged;
        }
    }
    assert_eq!(lies(&hidden, &truth).len(), 1);
    let mut forgotten = said.clone();
    forgotten.changes.retain(|change| change.class != Class::Pruned);
    assert_eq!(lies(&forgotten, &truth).len(), 1);
    let mut unknown = said;
    unknown.changes[0].class = Class::NotCompared;
    assert!(!lies(&unknown, &truth).is_empty());
}
