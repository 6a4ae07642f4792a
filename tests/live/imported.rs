//! What runs in a namespace becomes a spec, and Flux takes it over from there: nothing is made anew.

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster, eventually};
use crate::flux::Source;
use crate::support::{Repo, Said, list, text};
use http::Method;

const SECRET: &str = "c2VjcmV0LXZhbHVlLTE3";

/// A namespace as kubectl fills it: a web server with its configuration, a database, a nightly job, and a custom object.
fn objects(namespace: &str) -> Vec<Value> {
    let metadata = |name: &str| json!({"name": name, "namespace": namespace});
    let template = |name: &str, container: Value| json!({"metadata": {"labels": {"run": name}}, "spec": {"containers": [container]}});
    let group = format!("{namespace}.example");
    let web = json!({
        "name": "web", "image": "registry.example/none:1.4.2",
        "ports": [{"name": "http", "containerPort": 8080}],
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    });
    let database = json!({
        "name": "postgres", "image": "registry.example/postgres:17.2",
        "ports": [{"name": "postgres", "containerPort": 5432}],
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}],
    });
    let nightly =
        json!({"name": "main", "image": "registry.example/none:1.4.2", "command": ["./clean"]});
    let claim = json!({
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"LOG_LEVEL": "info"}, "metadata": {
            "name": "settings", "namespace": namespace,
            "annotations": {"meta.helm.sh/release-name": "stall", "meta.helm.sh/release-namespace": namespace},
        }}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("keys"), "data": {"token": SECRET}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("web"), "spec": {
            "replicas": 2, "selector": {"matchLabels": {"run": "web"}}, "template": template("web", web),
        }}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("web"), "spec": {
            "selector": {"run": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        }}),
        // A Service for what is outside of the cluster, with its addresses by hand.
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("ledger"), "spec": {"ports": [{"port": 5432}]}}),
        json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata("ledger"), "subsets": [{
            "addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 5432}],
        }]}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata("db"), "spec": {
            "serviceName": "db", "replicas": 1, "selector": {"matchLabels": {"run": "db"}},
            "template": template("db", database), "volumeClaimTemplates": [claim],
        }}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("db"), "spec": {
            "clusterIP": "None", "selector": {"run": "db"}, "ports": [{"name": "postgres", "port": 5432}],
        }}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata("nightly"), "spec": {
            "schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": {
                "restartPolicy": "Never", "containers": [nightly],
            }}}},
        }}),
        json!({"apiVersion": format!("{group}/v1"), "kind": "Coupon", "metadata": metadata("spring"), "spec": {"percent": 10}}),
    ]
}

fn definition(namespace: &str) -> Value {
    let group = format!("{namespace}.example");
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("coupons.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"kind": "Coupon", "listKind": "CouponList", "plural": "coupons", "singular": "coupon"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "properties": {"percent": {"type": "integer"}}}},
            }}}],
        },
    })
}

/// Kinds whose objects have to stay the same ones.
const KEPT: [(&str, &str); 8] = [
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "CronJob"),
    ("apps/v1", "ReplicaSet"),
];

/// Kind and name with what makes an object the same one.
fn identities(cluster: &Cluster, namespace: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (api_version, kind) in KEPT {
        for object in cluster.admin().list(api_version, kind, namespace) {
            let name = format!("{kind}/{}", text(&object, "/metadata/name"));
            all.push((name, text(&object, "/metadata/uid").to_owned()));
        }
    }
    all
}

fn is_up(cluster: &Cluster, namespace: &str) -> Option<()> {
    let get =
        |kind: &str, name: &str| cluster.admin().get("apps/v1", kind, namespace, name).expect_ok();
    let deployment = get("Deployment", "web");
    let is_current = |object: &Value| {
        object["status"]["observedGeneration"] == object["metadata"]["generation"]
            && object["status"]["updatedReplicas"] == object["spec"]["replicas"]
    };
    let is_web = is_current(&deployment) && deployment["status"]["availableReplicas"] == 2;
    let claim = cluster.admin().get("v1", "PersistentVolumeClaim", namespace, "data-db-0");
    (is_web && is_current(&get("StatefulSet", "db")) && claim.status == 200).then_some(())
}

#[test]
fn a_namespace_becomes_a_spec_and_keeps_what_runs() {
    let Some(cluster) = cluster() else { return };
    let (namespace, flux) = (cluster.namespace("bazaar"), cluster.namespace("bazaar-flux"));
    let admin = cluster.admin();
    let definition = definition(&namespace);
    admin.create(&definition).expect_ok();
    let name = text(&definition, "/metadata/name").to_owned();
    eventually(
        || {
            let api = "apiextensions.k8s.io/v1";
            let found = admin.get(api, "CustomResourceDefinition", "", &name).expect_ok();
            list(&found, "/status/conditions")
                .iter()
                .any(|one| one["type"] == "Established" && one["status"] == "True")
                .then_some(())
        },
        || "the definition is not established".to_owned(),
    );
    for object in objects(&namespace) {
        if object["kind"] == "Coupon" {
            let path = format!("/apis/{namespace}.example/v1/namespaces/{namespace}/coupons");
            admin.request(Method::POST, &path, "application/json", Some(&object)).expect_ok();
        } else {
            admin.create(&object).expect_ok();
        }
    }
    eventually(|| is_up(cluster, &namespace), || format!("{:?}", identities(cluster, &namespace)));
    let before = identities(cluster, &namespace);

    let source = Source::new(cluster, Repo::empty(), &flux);
    let repo = source.repo();
    let kubeconfig = cluster.kubeconfig(User::Admin).display().to_string();
    let import = |more: &[&str]| {
        let mut all = vec!["import", "--live", &namespace, "--kubeconfig", &kubeconfig];
        all.extend(more);
        Said::from(repo.command(all).output().expect("gen runs"))
    };
    let tried = import(&["--dry-run", "-o", "json"]);
    let told: Value = serde_json::from_str(&tried.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", tried.stdout, tried.stderr));
    assert_eq!(told["complete"], true, "{told}");
    assert_eq!(told["unread"], json!([]));
    assert_eq!(told["owned"]["Pod"], 3, "{}", told["owned"]);
    let verdicts: Vec<(&str, &str)> = list(&told, "/objects")
        .iter()
        .map(|one| (text(one, "/object"), text(one, "/verdict")))
        .collect();
    for (object, verdict) in &verdicts {
        assert!(
            !matches!(*verdict, "would be recreated" | "different"),
            "{object} {verdict}: {told}"
        );
    }
    let by_hand = format!("Endpoints {namespace}/ledger");
    assert!(verdicts.contains(&(by_hand.as_str(), "same")), "{verdicts:?}");
    let release = format!("Helm release {namespace}/stall");
    assert_eq!(told["appliers"], json!({ release: 1 }));
    // Nobody may take over what a StatefulSet makes: to remove the app would delete its data.
    let claim = format!("PersistentVolumeClaim {namespace}/data-db-0");
    assert!(verdicts.contains(&(claim.as_str(), "left outside")), "{verdicts:?}");
    let shown = import(&[]).exits(0).stdout;
    assert!(
        shown.contains("what Flux would change in the cluster once this is committed:"),
        "{shown}"
    );
    for (path, content) in repo.files() {
        let content = String::from_utf8_lossy(&content);
        assert!(!content.contains(SECRET), "{path} has the value of a Secret");
    }
    assert!(!shown.contains(SECRET) && !told.to_string().contains(SECRET));
    let files: Vec<String> = repo.files().into_keys().collect();
    assert!(
        files.contains(&format!("crds/coupons-{namespace}-example.yaml")),
        "{files:?} {told:#}"
    );

    let spec = repo.read("gen.yaml");
    let spec = spec.replace("https://git.example/you/gitops.git", &source.url());
    repo.write("gen.yaml", format!("{spec}\nflux: {{namespace: {flux}}}\n"));
    repo.render();
    let commit = source.commit();
    source.follow("./clusters/prod");
    source.wait(&commit);
    eventually(|| is_up(cluster, &namespace), || source.told());
    let after = identities(cluster, &namespace);
    for (name, uid) in &before {
        let now = after.iter().find(|(other, _)| other == name).map(|(_, uid)| uid);
        assert_eq!(
            now,
            Some(uid),
            "{name} was made anew or is gone; the spec is\n{}",
            repo.read("gen.yaml")
        );
    }
    admin.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", &name).expect_ok();
}

#[test]
fn what_may_not_be_read_is_said() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("hidden");
    let repo = Repo::empty();
    let nobody = cluster.kubeconfig(User::Nobody).display().to_string();
    let import = |namespace: &str, kubeconfig: &str, status: i32| {
        repo.run(["import", "--live", namespace, "--kubeconfig", kubeconfig]).exits(status).stderr
    };
    let said = import(&namespace, &nobody, 2);
    let told = format!("error[GEN1402]: nothing in namespace `{namespace}` can be read");
    assert!(said.contains(&told) && said.contains("more)"), "{said}");
    let reader = cluster.kubeconfig(User::Reader).display().to_string();
    let said = import("there-is-none", &reader, 64);
    assert!(said.contains("no Kubernetes objects in namespace `there-is-none`"), "{said}");
}
