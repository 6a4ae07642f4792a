//! `gen secrets --live`: which of the Secrets that rendered objects expect are in the cluster. Only metadata is asked for, so no value
//! comes out of anything; keys are told by what managers have set, however the Secret was made.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster};
use crate::compared::impersonating;
use crate::deploy::kubectl;
use crate::requests::Apply;
use crate::support::{GEN, Repo, text};

/// What must not be seen anywhere.
const CANARY: &str = "canary-of-a-secret-3141";
const CANARY_ENCODED: &str = "Y2FuYXJ5LW9mLWEtc2VjcmV0LTMxNDE=";

struct Ran {
    status: i32,
    out: String,
    err: String,
}

fn secrets(repo: &Repo, kubeconfig: &Path, args: &[&str]) -> Ran {
    let output = Command::new(GEN)
        .args(["secrets", "--live", "--kubeconfig"])
        .arg(kubeconfig)
        .args(args)
        .current_dir(repo.path())
        .env_remove("KUBECONFIG")
        .output()
        .expect("gen runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let ran = Ran {
        status: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    };
    for canary in [CANARY, CANARY_ENCODED] {
        assert!(!ran.out.contains(canary) && !ran.err.contains(canary), "{}", ran.out);
    }
    ran
}

impl Ran {
    #[track_caller]
    fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect(&self.out)
    }

    /// The state of each Secret, with the keys that it lacks.
    fn states(&self) -> Vec<(String, String)> {
        let report = self.json();
        let all = report["secrets"].as_array().expect("a list");
        all.iter()
            .map(|secret| {
                let lacking = &secret["live"]["missingKeys"];
                let lacking = if lacking.is_null() { String::new() } else { format!(" {lacking}") };
                let state = text(secret, "/live/state");
                (text(secret, "/name").to_owned(), format!("{state}{lacking}"))
            })
            .collect()
    }
}

fn repo(cluster: &Cluster, flux: &str) -> Repo {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {flux}}}\napps:\n  shop:\n    source: {{url: https://git.example/team/shop.git, secret: git-read}}\n    image: registry.example/team/shop\n    registry: {{secret: push}}\n    env: {{DB: {{secret: shop-db, key: url}}, USER: {{secret: shop-db, key: user}}}}\n"
        ),
    );
    repo.write(
        "environments/dev.yaml",
        format!(
            "cluster: home\ncontext: {}\ndeploy: kubectl\nnamespace: 'expected'\n",
            cluster.context()
        ),
    );
    repo
}

fn secret(namespace: &str, name: &str, kind: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": namespace}})
}

#[test]
fn missing_secrets_are_told_and_values_are_not() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    let flux = cluster.namespace("expectedflux");
    let repo = repo(cluster, &flux);
    let admin = cluster.kubeconfig(User::Admin);
    let caller = cluster.admin();
    for namespace in ["expected", "expected-ci"] {
        let object =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        caller.create(&object).expect_ok();
    }
    // Nothing is there; what to do stands beside each.
    let ran = secrets(&repo, admin, &[]).exits(1);
    assert!(ran.out.ends_with("\n3 missing\n"), "{}", ran.out);
    assert_eq!(ran.out.matches("kubectl").count(), 3, "{}", ran.out);
    assert_eq!(ran.err, "");

    // Made in three ways: by kubectl, by an apply of `stringData`, and by an update that takes a key away.
    let status = Command::new(&kubectl)
        .arg("--kubeconfig")
        .arg(admin)
        .args([
            "--namespace=expected-ci",
            "create",
            "secret",
            "generic",
            "git-read",
            "--type=kubernetes.io/basic-auth",
        ])
        .args([
            format!("--from-literal=username={CANARY}"),
            format!("--from-literal=password={CANARY}"),
        ])
        .output()
        .expect("kubectl runs");
    assert!(status.status.success(), "{status:?}");
    let how = Apply { manager: "kustomize-controller", dry_run: false };
    let mut db = secret("expected", "shop-db", "Opaque");
    db["stringData"] = json!({"url": CANARY});
    caller.apply(&db, how).expect_ok();
    let ran = secrets(&repo, admin, &["-o", "json"]).exits(1);
    assert_eq!(
        ran.states(),
        [
            ("shop-db".to_owned(), "incomplete [\"user\"]".to_owned()),
            ("git-read".to_owned(), "there".to_owned()),
            ("push".to_owned(), "missing".to_owned()),
        ]
    );
    let report = ran.json();
    assert_eq!(report["complete"], true);
    assert_eq!(report["counts"]["missing"], 1);
    assert_eq!(report["errors"], json!([]));
    db["stringData"] = json!({"url": CANARY, "user": CANARY});
    let how = Apply { manager: "kustomize-controller", dry_run: false };
    caller.apply(&db, how).expect_ok();
    let mut push = secret("expected-ci", "push", "kubernetes.io/dockerconfigjson");
    push["stringData"] = json!({".dockerconfigjson": format!("{{\"auths\": {{\"x\": {{\"auth\": \"{CANARY}\"}}}}}}")});
    caller.create(&push).expect_ok();
    let ran = secrets(&repo, admin, &[]).exits(0);
    assert!(ran.out.ends_with("\n3 present\n"), "{}", ran.out);
    assert!(!ran.out.contains("kubectl"), "{}", ran.out);

    rights(cluster, &repo);

    // Nobody answers: all of it is not known, and it is told once.
    let folder = tempfile::tempdir().expect("a folder");
    let config = std::fs::read_to_string(admin).expect("it is there");
    let silent = folder.path().join("kubeconfig");
    std::fs::write(&silent, config.replace(cluster.url(), "https://127.0.0.1:1")).expect("a file");
    let ran = secrets(&repo, &silent, &[]).exits(2);
    assert!(ran.out.ends_with("INCOMPLETE: 3 unknown\n"), "{}", ran.out);
    assert_eq!(ran.err.matches("error[GEN0905]").count(), 1, "{}", ran.err);
}

/// Who may not ask is told which Roles would do, and with these and no more it works.
fn rights(cluster: &Cluster, repo: &Repo) {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = impersonating(cluster, folder.path(), "secrets-nobody");
    let ran = secrets(repo, &nobody, &["--context", "test", "-o", "json"]).exits(2);
    let report = ran.json();
    assert_eq!(report["complete"], false);
    assert_eq!(text(&report, "/errors/0/code"), "GEN0924");
    assert!(ran.states().iter().all(|(_, state)| state == "not known"), "{}", ran.out);
    let roles = text(&report, "/role").to_owned();
    let said = secrets(repo, &nobody, &["--context", "test"]).exits(2);
    assert!(said.out.contains(&roles), "{}", said.out);
    for role in crate::support::documents(&roles) {
        let namespace = text(&role, "/metadata/namespace").to_owned();
        cluster.admin().create(&role).expect_ok();
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "gen-secrets", "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "gen-secrets"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "secrets-nobody"}],
        });
        cluster.admin().create(&binding).expect_ok();
    }
    crate::cluster::eventually(
        || (secrets(repo, &nobody, &["--context", "test"]).status == 0).then_some(()),
        || secrets(repo, &nobody, &["--context", "test"]).out,
    );
}
