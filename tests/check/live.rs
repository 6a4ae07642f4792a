//! `gen check --live` against a server that answers as an API server would: of a cluster that has everything nothing is found, and what
//! is taken from it is found by the rule that is for it.

use std::collections::BTreeSet;

use gitops_gen::check::live;
use serde_json::{Value, json};

use crate::server::{Server, World};
use crate::support::{Ran, Repo};

const SHOP: &str = include_str!("live/shop.yaml");
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const OWN_REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// A cluster that has all that shop.yaml needs.
fn healthy() -> World {
    let mut world = World {
        kinds: [
            ("v1", vec!["Namespace", "ServiceAccount", "PersistentVolumeClaim", "ConfigMap"]),
            ("apps/v1", vec!["Deployment"]),
            ("rbac.authorization.k8s.io/v1", vec!["Role", "RoleBinding"]),
            ("tekton.dev/v1", vec!["Task", "PipelineRun"]),
            ("networking.k8s.io/v1", vec!["Ingress"]),
            ("gateway.networking.k8s.io/v1", vec!["HTTPRoute"]),
        ]
        .into(),
        default_class: Some("fast"),
        settings: [
            (
                "/api/v1/namespaces/tekton-pipelines/configmaps/feature-flags",
                json!({"enable-api-fields": "beta", "coschedule": "workspaces"}),
            ),
            (
                "/api/v1/namespaces/tekton-pipelines/configmaps/config-defaults",
                json!({"_example": "x"}),
            ),
            (
                "/api/v1/namespaces/tekton-pipelines/configmaps/pipelines-info",
                json!({"version": "v1.15.2"}),
            ),
        ]
        .into(),
        ..World::default()
    };
    for (list, name) in [
        ("/api/v1/namespaces", "monitoring"),
        ("/api/v1/namespaces/shop/secrets", "db"),
        ("/api/v1/namespaces/shop/configmaps", "settings"),
        ("/api/v1/namespaces/shop/serviceaccounts", "web"),
        ("/apis/storage.k8s.io/v1/storageclasses", "fast"),
        ("/apis/networking.k8s.io/v1/ingressclasses", "nginx"),
        ("/apis/scheduling.k8s.io/v1/priorityclasses", "high"),
        ("/apis/gateway.networking.k8s.io/v1/namespaces/edge/gateways", "public"),
    ] {
        world.names.entry(list.to_owned()).or_default().insert(name);
    }
    for verb in ["get", "list", "watch"] {
        world.rights.insert(format!("shop/deploy {verb} deployments.apps*"));
    }
    world
}

fn without(world: &mut World, list: &str, name: &str) {
    assert!(world.names.get_mut(list).expect(list).remove(name), "{list} {name}");
}

fn run(server: &Server, args: &[&str]) -> Ran {
    let repo = Repo::new().file("shop/shop.yaml", SHOP).file("config", server.kubeconfig());
    let all = ["check", "shop", "--live", "--kubeconfig", "config"];
    repo.run(all.iter().chain(args))
}

/// Names and words of the findings of this family.
fn found(ran: &Ran) -> Vec<(String, String)> {
    let value: Value = serde_json::from_str(&ran.stdout).expect(&ran.stdout);
    let findings = value["findings"].as_array().expect("findings");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let live = findings.iter().filter(|one| text(&one["rule"]).starts_with("CHK0"));
    live.map(|one| {
        let object = &one["object"];
        let words = format!(
            "{} {}: {} {} | {}",
            text(&object["kind"]),
            text(&object["name"]),
            text(&one["field"]),
            text(&one["what"]),
            text(&one["cure"])
        );
        (text(&one["name"]), words)
    })
    .collect()
}

fn judged(world: World) -> Vec<(String, String)> {
    found(&run(&world.serve(), &["-o", "json", "--level", "info"]))
}

/// Something taken from the cluster or added to it, the rule that finds it, and what it says.
type Change = (fn(&mut World), &'static str, &'static str);

const CHANGES: [Change; 16] = [
    (
        |w| w.rights.retain(|right| !right.contains(" watch ")),
        "live-rights-denied",
        "RoleBinding deploy:  the cluster does not allow `shop/deploy` what it needs in `shop`: watch deployments.apps",
    ),
    (
        |w| w.rights.extend(["shop/deploy get secrets".into()]),
        "live-rights-beyond",
        "ServiceAccount deploy:  the cluster allows `shop/deploy` what nothing in the tree grants: get secrets",
    ),
    (
        |w| w.rights.extend(["shop/deploy *".into()]),
        "live-rights-beyond",
        "what nothing in the tree grants: everything",
    ),
    (
        |w| drop(w.kinds.remove("gateway.networking.k8s.io/v1")),
        "live-kind",
        "HTTPRoute shop: apiVersion the cluster does not serve `gateway.networking.k8s.io/v1`, the version of `HTTPRoute`",
    ),
    (
        |w| w.kinds.get_mut("tekton.dev/v1").unwrap().retain(|kind| *kind != "Task"),
        "live-kind",
        "the cluster has no `Task` in `tekton.dev/v1`",
    ),
    (
        |w| without(w, "/api/v1/namespaces", "monitoring"),
        "live-namespace",
        "ConfigMap dashboard: metadata.namespace the cluster has no Namespace `monitoring`",
    ),
    (
        |w| without(w, "/api/v1/namespaces/shop/secrets", "db"),
        "live-secret",
        "Deployment shop:  the cluster has no Secret `db` in `shop`, nor does the tree make one | create it from files, so that no value is in the shell's history: `kubectl create secret generic db --namespace=shop --from-file=KEY=FILE`",
    ),
    (
        |w| without(w, "/api/v1/namespaces/shop/configmaps", "settings"),
        "live-object",
        "spec.template.spec.containers[0].envFrom[0].configMapRef.name the cluster has no ConfigMap `settings`",
    ),
    (
        |w| without(w, "/api/v1/namespaces/shop/serviceaccounts", "web"),
        "live-object",
        "spec.template.spec.serviceAccountName the cluster has no ServiceAccount `web`",
    ),
    (
        |w| {
            w.default_class = None;
        },
        "live-class",
        "PersistentVolumeClaim cache: spec the claim names no StorageClass, and none in the cluster is the default",
    ),
    (
        |w| {
            w.names.insert("/apis/storage.k8s.io/v1/storageclasses".into(), ["slow"].into());
            w.default_class = Some("slow");
        },
        "live-class",
        "PersistentVolumeClaim data: spec.storageClassName the cluster has no StorageClass `fast`",
    ),
    (
        |w| without(w, "/apis/networking.k8s.io/v1/ingressclasses", "nginx"),
        "live-class",
        "Ingress shop: spec.ingressClassName the cluster has no IngressClass `nginx`",
    ),
    (
        |w| without(w, "/apis/scheduling.k8s.io/v1/priorityclasses", "high"),
        "live-class",
        "the cluster has no PriorityClass `high`",
    ),
    (
        |w| without(w, "/apis/gateway.networking.k8s.io/v1/namespaces/edge/gateways", "public"),
        "live-class",
        "HTTPRoute shop: spec.parentRefs[0].name the cluster has no Gateway `public` in `edge`",
    ),
    (
        |w| {
            drop(w.settings.insert(
                "/api/v1/namespaces/tekton-pipelines/configmaps/feature-flags",
                json!({"enable-api-fields": "stable"}),
            ));
        },
        "live-tekton-setting",
        "ConfigMap feature-flags:  has `enable-api-fields: stable`, and objects are judged by `beta`",
    ),
    (
        |w| {
            drop(w.settings.insert(
                "/api/v1/namespaces/tekton-pipelines/configmaps/pipelines-info",
                json!({"version": "v0.62.1"}),
            ));
        },
        "live-tekton-version",
        "ConfigMap pipelines-info:  says that Tekton is v0.62.1, which is older than v1.15",
    ),
];

#[test]
fn what_the_cluster_lacks_is_found_and_nothing_else() {
    assert_eq!(judged(healthy()), []);
    for (change, rule, words) in CHANGES {
        let mut world = healthy();
        change(&mut world);
        let found = judged(world);
        assert!(found.iter().all(|(name, _)| name == rule), "{rule}: {found:?}");
        assert_eq!(found.len(), 1, "{rule}: {found:?}");
        assert!(found[0].1.contains(words), "{words}\n{}", found[0].1);
    }
    let found: BTreeSet<&str> = CHANGES.iter().map(|(_, rule, _)| *rule).collect();
    let all: BTreeSet<&str> = live::RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(found, all);
}

/// Live Roles and bindings with the same meaning as `rights` of [`healthy`], the binding being one for the group of the accounts.
fn with_roles(world: &mut World, verbs: &[&str]) {
    let role = |kind: &str, name: &str, rules: Value| json!({"kind": kind, "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name, "namespace": "shop"}, "rules": rules});
    let binding = |kind: &str, name: &str, subject: Value| {
        let of = json!({"kind": if kind == "RoleBinding" { "Role" } else { "ClusterRole" }, "name": name});
        json!({"kind": kind, "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name, "namespace": "shop"}, "roleRef": of, "subjects": [subject]})
    };
    let rules = json!([{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": verbs}]);
    let group = json!({"kind": "Group", "name": "system:serviceaccounts:shop"});
    let user = json!({"kind": "User", "name": "somebody"});
    for (path, value) in [
        ("roles", role("Role", "deploy", rules)),
        ("rolebindings", binding("RoleBinding", "deploy", group)),
        (
            "clusterroles",
            role(
                "ClusterRole",
                "all",
                json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]),
            ),
        ),
        ("clusterrolebindings", binding("ClusterRoleBinding", "all", user)),
    ] {
        let path: &'static str = format!("/apis/rbac.authorization.k8s.io/v1/{path}").leak();
        world.roles.insert(path, vec![value]);
    }
}

#[test]
fn rights_are_asked_by_what_the_credentials_allow() {
    let denied = |world: &World| judged(world.clone());
    let mut world = healthy();
    world.rights.retain(|right| !right.contains(" watch "));
    let by_subject = denied(&world);
    assert_eq!(by_subject.len(), 1, "{by_subject:?}");

    // Not about others: as them.
    world.forbidden.push(("POST", REVIEWS));
    let server = world.clone().serve();
    assert_eq!(found(&run(&server, &["-o", "json"])), by_subject);
    let as_account =
        |asked: &crate::server::Asked| asked.user == "system:serviceaccount:shop:deploy";
    assert!(server.asked().iter().any(as_account));

    // Not as them either: by Roles and bindings, also for groups.
    world.forbidden.push(("POST", OWN_REVIEWS));
    with_roles(&mut world, &["get", "list"]);
    assert_eq!(denied(&world), by_subject);
    with_roles(&mut world, &["get", "list", "watch"]);
    assert_eq!(denied(&world), []);

    // Not at all: that is said, with the rights that would do, and what could be asked is still found.
    world.forbidden.push(("GET", "/apis/rbac.authorization.k8s.io/v1/rolebindings"));
    without(&mut world, "/api/v1/namespaces/shop/secrets", "db");
    let ran = run(&world.serve(), &["-o", "json"]).status(2);
    let ran = ran.stderr("error[GEN0926]: the rights of 2 accounts were not compared");
    let ran = ran.stderr("`create subjectaccessreviews.authorization.k8s.io`; `impersonate serviceaccounts`; `list roles");
    let names: Vec<String> = found(&ran).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["live-secret"]);
    let value: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(value["complete"], false);
    assert_eq!(value["live"]["notAsked"], json!(["the rights of 2 accounts"]));
    assert_eq!(value["live"]["contexts"], json!(["(current)"]));
}

#[test]
fn no_secret_is_read_and_few_requests_are_sent() {
    let server = healthy().serve();
    run(&server, &[]);
    let asked = server.asked();
    let of_secrets = asked.iter().filter(|asked| asked.line.contains("/secrets"));
    let accepts: Vec<&str> = of_secrets.map(|asked| asked.accept.as_str()).collect();
    assert_eq!(accepts, ["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]);
    assert!(asked.iter().all(|asked| !asked.line.starts_with("PATCH")));
    let reads = asked.iter().filter(|asked| asked.line.starts_with("GET")).count();
    assert_eq!(reads, 17, "{asked:?}");

    // Ten Secrets in five namespaces are one list; where that is forbidden, one of each; where that is, too, each by its name.
    let pod = |place: usize| {
        let at = place / 2;
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{place}, namespace: n{at}}}\nspec: {{containers: [{{name: a, image: 'registry.example/a:1', envFrom: [{{secretRef: {{name: s{place}}}}}]}}]}}\n"
        )
    };
    let yaml: String = (0..10).map(pod).collect();
    let mut world = healthy();
    world.kinds.get_mut("v1").unwrap().push("Pod");
    world.names.insert("/api/v1/namespaces".into(), ["n0", "n1", "n2", "n3", "n4"].into());
    for (at, name) in ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"].into_iter().enumerate()
    {
        let list = format!("/api/v1/namespaces/n{}/secrets", at / 2);
        world.names.entry(list).or_default().insert(name);
    }
    let questions = |world: &World| {
        let server = world.clone().serve();
        let repo = Repo::new().file("pods.yaml", &yaml).file("config", server.kubeconfig());
        let ran =
            repo.run(["check", "pods.yaml", "--live", "--kubeconfig", "config", "-o", "json"]);
        let found = found(&ran);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains("no Secret `s9` in `n4`"), "{found:?}");
        server.asked().iter().filter(|asked| asked.line.contains("/secrets")).count()
    };
    assert_eq!(questions(&world), 1);
    world.forbidden.push(("GET", "/api/v1/secrets"));
    assert_eq!(questions(&world), 1 + 5);
    world.forbidden.push(("GET", "/api/v1/namespaces/n4/secrets?"));
    assert_eq!(questions(&world), 1 + 5);
}

#[test]
fn what_may_not_be_asked_is_said_and_a_cluster_that_is_not_there_too() {
    let mut world = healthy();
    world.forbidden.push(("GET", "/api/v1/namespaces/shop/secrets"));
    world.forbidden.push(("GET", "/apis/storage.k8s.io"));
    let ran = run(&world.serve(), &[]).status(2);
    let ran = ran.stderr("error[GEN0925]: missing permissions: get secrets in shop; get storageclasses.storage.k8s.io; list storageclasses.storage.k8s.io");
    let ran = ran.stderr("- {apiGroups: [\"\"], resources: [secrets], verbs: [get]}");
    ran.stdout("not answered by the cluster").stdout("CHK7");

    let repo =
        Repo::new().file("shop/shop.yaml", SHOP).file("config", healthy().serve().kubeconfig());
    let nowhere = repo.read("config").replace(|c: char| c.is_ascii_digit(), "1");
    let repo = repo.file("nowhere", nowhere.replace("111.1.1.1:11111", "127.0.0.1:9"));
    let ran = repo.run(["check", "shop", "--live", "--kubeconfig", "nowhere"]).status(2);
    ran.stderr("error[GEN0905]: cannot reach the API server")
        .stdout("the cluster: cannot reach")
        .stdout("CHK7");
    repo.run(["check", "shop", "--kubeconfig", "config"]).status(64).stderr("--live");
}

const SPEC: &str = "\
version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: https://git.example/team/shop.git
    image: registry.example/team/shop@sha256:1111111111111111111111111111111111111111111111111111111111111111
    port: 8080
    env: {PASSWORD: {secret: shop-db, key: password}}
check:
  ignore:
  - {rule: live-kind, reason: \"This server knows no kinds.\"}
  - {rule: live-namespace, reason: \"Nor namespaces.\"}
";

#[test]
fn a_spec_names_its_commands_and_its_exceptions_count_only_where_clusters_are_asked() {
    let mut world = healthy();
    world.rights.insert("*".into());
    let server = world.serve();
    let repo = Repo::new()
        .file("gen.yaml", SPEC)
        .file("environments/dev.yaml", "context: here\n")
        .file("config", server.kubeconfig());
    repo.run(["check"])
        .silent_about("exception-unused")
        .silent_about("CHK9001")
        .silent_about("CHK0");
    let ran =
        repo.run(["check", "--live", "--kubeconfig", "config", "--rule", "live-secret"]).status(1);
    let ran = ran.stdout("the cluster has no Secret `shop-db` in ");
    let ran = ran.stdout(
        "kubectl --kubeconfig=config --context=here create secret generic shop-db --namespace=",
    );
    ran.stdout("--from-file=password=PASSWORD").silent_about("CHK0003").silent_about("CHK9001");
}
