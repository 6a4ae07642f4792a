//! `gen check --live` on the real API server: of a tree that is applied it finds nothing; what is taken from the cluster is named.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster};
use crate::requests::Apply;
use crate::support::{GEN, Rendered, Repo, list, text};

/// One app that a pipeline deploys with kubectl, with a Secret made by hand and a claim of a class.
fn repo(cluster: &Cluster, name: &str) -> Repo {
    let repo = Repo::empty();
    let image = format!("registry.example/team/shop@sha256:{}", "1".repeat(64));
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {name}}}\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: {image}\n    port: 8080\n    registry: {{insecure: true}}\n    env: {{PASSWORD: {{secret: db, key: password}}}}\n    storage: [{{name: data, size: 1Gi, mount: /data, class: {name}-fast}}]\n"
        ),
    );
    repo.write(
        "environments/dev.yaml",
        format!(
            "cluster: home\ncontext: {}\ndeploy: kubectl\nnamespace: '{{{{ app }}}}-{name}'\n",
            cluster.context()
        ),
    );
    repo
}

/// What `gen check --live` says, with its findings of the cluster as lines.
struct Said {
    status: i32,
    err: String,
    found: Vec<String>,
    value: Value,
}

fn check(repo: &Repo, kubeconfig: &Path) -> Said {
    let output = Command::new(GEN)
        .args(["check", "--live", "-o", "json", "--kubeconfig"])
        .arg(kubeconfig)
        .current_dir(repo.path())
        .env_remove("KUBECONFIG")
        .output()
        .expect("gen runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let value: Value = serde_json::from_str(&out).expect(&out);
    let live =
        list(&value, "/findings").iter().filter(|one| text(one, "/rule").starts_with("CHK0"));
    let words = |one: &Value| {
        format!(
            "{}: {}: {} | {}",
            text(one, "/name"),
            text(one, "/object/kind"),
            text(one, "/what"),
            text(one, "/cure")
        )
    };
    Said {
        status: output.status.code().unwrap_or(-1),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
        found: live.map(words).collect(),
        value,
    }
}

/// As Flux would apply it, without its own objects: nobody is to follow this tree.
fn apply(cluster: &Cluster, repo: &Repo) {
    let how = Apply { manager: "kustomize-controller", dry_run: false };
    let objects = repo.objects();
    let is_ours = |object: &&Rendered| {
        !object.inner && !text(&object.value, "/apiVersion").contains("fluxcd.io")
    };
    let (namespaces, rest): (Vec<_>, Vec<_>) =
        objects.iter().filter(is_ours).partition(|object| object.kind() == "Namespace");
    for object in namespaces.into_iter().chain(rest) {
        cluster.admin().apply(&object.value, how).expect_ok();
    }
}

#[test]
fn what_is_taken_from_a_cluster_is_named() {
    let Some(cluster) = cluster() else { return };
    let name = cluster.namespace("asked");
    let repo = repo(cluster, &name);
    let (admin, api) = (cluster.kubeconfig(User::Admin), cluster.admin());
    repo.render();

    // Nothing is there yet.
    let said = check(&repo, admin);
    assert_eq!(said.status, 1, "{}", said.err);
    let begins =
        |said: &Said, start: &str| said.found.iter().filter(|line| line.starts_with(start)).count();
    assert!(begins(&said, "live-rights-denied: RoleBinding") > 0, "{:#?}", said.found);

    let denied = list(&said.value, "/findings").iter().find(|one| text(one, "/rule") == "CHK0001");
    let denied = denied.expect("nothing is granted yet");
    let of = |key: &str| text(denied, &format!("/object/{key}")).to_owned();
    let binding = (of("namespace"), of("name"));

    apply(cluster, &repo);
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": format!("{name}-fast"), "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "test.example/none",
    });
    api.create(&class).expect_ok();
    let home = format!("shop-{name}");
    let said = check(&repo, admin);
    let secrets: Vec<&String> =
        said.found.iter().filter(|line| line.starts_with("live-secret")).collect();
    assert!(
        secrets.iter().any(|line| line.contains(&format!("no Secret `db` in `{home}`"))
            && line.contains("--from-file=password=PASSWORD")),
        "{:#?}",
        said.found
    );
    let listed = repo.run(["secrets", "-o", "json"]).exits(0);
    let listed: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    for secret in list(&listed, "/secrets") {
        let metadata =
            json!({"name": text(secret, "/name"), "namespace": text(secret, "/namespace")});
        api.create(&json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "canary-8807"}})).expect_ok();
    }

    // Healthy: nothing is found, and who may not ask for others finds the same by Roles.
    let said = check(&repo, admin);
    assert_eq!(said.found, Vec::<String>::new(), "{}", said.err);
    assert_eq!(said.value["complete"], true);
    let reader = cluster.kubeconfig(User::Reader);
    let said = check(&repo, reader);
    assert_eq!(said.found, Vec::<String>::new(), "{}", said.err);
    assert_eq!(said.value["complete"], true, "{}", said.err);

    // A Secret, a class and a binding go.
    api.delete("v1", "Secret", &home, "db").expect_ok();
    api.delete("storage.k8s.io/v1", "StorageClass", "", &format!("{name}-fast")).expect_ok();
    let api_version = "rbac.authorization.k8s.io/v1";
    api.delete(api_version, "RoleBinding", &binding.0, &binding.1).expect_ok();
    let by_reviews = check(&repo, admin);
    let by_roles = check(&repo, reader);
    // The commands name the kubeconfig that was given.
    let without_cures = |said: &Said| -> Vec<String> {
        let parts = said.found.iter().filter_map(|one| one.split_once(" | "));
        parts.map(|(what, _)| what.to_owned()).collect()
    };
    assert_eq!(without_cures(&by_reviews), without_cures(&by_roles));
    for part in [
        "live-rights-denied: RoleBinding: the cluster does not allow `",
        &format!("no Secret `db` in `{home}`"),
        &format!("no StorageClass `{name}-fast`"),
    ] {
        assert!(
            by_reviews.found.iter().any(|line| line.contains(part)),
            "{part}: {:#?}",
            by_reviews.found
        );
    }
    assert!(!by_reviews.value.to_string().contains("canary-8807"));

    // Nobody may ask: incomplete, and the rights that are missing are named.
    let said = check(&repo, cluster.kubeconfig(User::Nobody));
    assert_eq!((said.status, &said.value["complete"]), (2, &json!(false)), "{}", said.err);
    assert!(said.err.contains("GEN0925") && said.err.contains("GEN0926"), "{}", said.err);
}
