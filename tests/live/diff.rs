//! `gen diff` as a person runs it, on a whole tree: before anything is there, after Flux has applied it, after somebody's edit, after
//! an app is gone; and where it may not ask, or nobody answers.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster, eventually};
use crate::flux::Source;
use crate::support::{GEN, Repo, text};

/// A run of gen: its status, stdout and stderr.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        let schema = include_str!("../../src/report/diff/schema.json");
        let schema: Value = serde_json::from_str(schema).expect("a schema");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        let value: Value = serde_json::from_str(&self.out).expect(&self.out);
        let problems: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}\n{}", self.out);
        value
    }
}

fn diff(repo: &Repo, kubeconfig: &Path, args: &[&str]) -> Ran {
    let output = Command::new(GEN)
        .arg("diff")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(args)
        .current_dir(repo.path())
        .env_remove("KUBECONFIG")
        .output()
        .expect("gen runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Two apps on two environments of one cluster, in namespaces of this test alone.
fn repo(cluster: &Cluster, flux: &str) -> Repo {
    let repo = Repo::empty();
    let image = |digit: &str| format!("registry.example/team/x@sha256:{}", digit.repeat(64));
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {flux}}}\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: {}\n    port: 8080\n    env: {{LEVEL: info}}\n    resources: {{cpu: 1000m}}\n    permissions: [{{resources: [pods], verbs: [list, get]}}]\n  worker: {{source: https://git.example/team/worker.git, image: '{}'}}\n",
            image("1"),
            image("2")
        ),
    );
    for environment in ["first", "test"] {
        repo.write(
            &format!("environments/{environment}.yaml"),
            format!(
                "cluster: home\ncontext: {}\npipeline: none\nnamespace: '{{{{ app }}}}-{{{{ env }}}}-{flux}'\n",
                cluster.context()
            ),
        );
    }
    repo
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, each step from where the last one ended")]
fn a_tree_from_its_first_day_to_its_last() {
    let Some(cluster) = cluster() else { return };
    let flux = cluster.namespace("diff");
    let source = Source::new(cluster, repo(cluster, &flux), &flux);
    let repo = source.repo();
    let admin = cluster.kubeconfig(User::Admin);

    // Nothing is there: everything is created, and what could not be validated says so. Nothing has to be rendered for it.
    let ran = diff(repo, admin, &["-o", "json"]).exits(1);
    let first = ran.json();
    assert_eq!(first["complete"], true, "{}", ran.out);
    let count = |value: &Value, class: &str| value["counts"][class].as_u64().unwrap();
    let all = count(&first, "created");
    assert!(all > 20, "{}", ran.out);
    assert_eq!(
        first["counts"],
        json!({"pruned": 0, "blocked": 0, "changed": 0, "created": all, "kept": 0, "opaque": 0, "notCompared": 0, "unchanged": 0})
    );
    let kinds: Vec<&str> =
        first["changes"].as_array().unwrap().iter().map(|change| text(change, "/kind")).collect();
    assert_eq!(kinds[..2], ["Namespace", "Namespace"]);
    let words = diff(repo, admin, &["--env", "first", "--summary"]).exits(1).out;
    assert!(words.contains("not validated: its namespace does not exist yet"), "{words}");
    assert!(
        words.contains("gains list on pods, replicasets.apps") || words.contains("gains "),
        "{words}"
    );

    // Flux applies it: nothing differs, whatever the server made of quantities, verbs and defaults.
    repo.render();
    let commit = source.commit();
    source.follow("./clusters/home/flux");
    source.wait(&commit);
    let ran = diff(repo, admin, &["-o", "json"]).exits(0);
    assert_eq!(count(&ran.json(), "unchanged"), all, "{}", ran.out);
    let ran = diff(repo, admin, &[]).exits(0);
    assert!(ran.out.starts_with("no differences from the live cluster"), "{}", ran.out);
    // Flux's own objects and the namespaces are looked at once for both environments, which share the client.
    assert_eq!(ran.out.matches("requests: ").count(), 1, "{}", ran.out);

    // Somebody scales by hand: that field, and nothing else.
    let namespace = format!("shop-first-{flux}");
    let scaled = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop", "namespace": namespace}});
    let api = cluster.admin();
    api.merge(&scaled, "kubectl-scale", &json!({"spec": {"replicas": 3}})).expect_ok();
    let ran = diff(repo, admin, &["-o", "json"]).exits(1);
    let value = ran.json();
    assert_eq!((count(&value, "changed"), count(&value, "unchanged")), (1, all - 1), "{}", ran.out);
    let fields = &value["changes"][0]["fields"];
    assert_eq!(fields[0]["path"], "spec.replicas", "{}", ran.out);
    assert_eq!((&fields[0]["before"], fields.as_array().unwrap().len()), (&json!(3), 1));
    // The other environment is as it was, and so is the other app.
    diff(repo, admin, &["--env", "test"]).exits(0);
    diff(repo, admin, &["--app", "worker"]).exits(0);
    // By reading alone not everything is certain, and what is not is never called unchanged.
    let reader = cluster.kubeconfig(User::Reader);
    let ran = diff(repo, reader, &["--read-only", "-o", "json"]).exits(2);
    let value = ran.json();
    let scaled = value["changes"].as_array().unwrap().iter();
    let scaled: Vec<&str> = scaled
        .filter(|change| {
            text(change, "/kind") == "Deployment" && text(change, "/namespace") == namespace
        })
        .map(|change| text(change, "/class"))
        .collect();
    assert!(scaled == ["changed"] || scaled == ["notCompared"], "{}", ran.out);

    // The spec changes too: its line is named.
    repo.edit("gen.yaml", "LEVEL: info", "LEVEL: debug");
    let ran = diff(repo, admin, &["--env", "first"]).exits(1);
    assert!(ran.out.contains("+           value: debug  # gen.yaml:9"), "{}", ran.out);
    repo.edit("gen.yaml", "LEVEL: debug", "LEVEL: info");

    // An app goes: exactly what Flux then prunes.
    let spec = repo.read("gen.yaml");
    let worker = spec.find("  worker:").unwrap();
    repo.write("gen.yaml", &spec[..worker]);
    let ran = diff(repo, admin, &["-o", "json"]).exits(1);
    let value = ran.json();
    let predicted: Vec<String> = value["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["class"] == "pruned")
        .map(|change| {
            format!(
                "{} {}/{}",
                text(change, "/kind"),
                text(change, "/namespace"),
                text(change, "/name")
            )
        })
        .collect();
    assert!(predicted.contains(&format!("Deployment worker-first-{flux}/worker")), "{predicted:?}");
    repo.render();
    let commit = source.commit();
    source.wait(&commit);
    for change in value["changes"].as_array().unwrap() {
        let (api_of, kind) = (text(change, "/group"), text(change, "/kind"));
        let version = match api_of {
            "" => "v1".to_owned(),
            "kustomize.toolkit.fluxcd.io"
            | "apps"
            | "networking.k8s.io"
            | "rbac.authorization.k8s.io" => format!("{api_of}/v1"),
            other => panic!("{other}"),
        };
        if change["class"] != "pruned" {
            continue;
        }
        let get = || api.get(&version, kind, text(change, "/namespace"), text(change, "/name"));
        eventually(|| (get().status == 404).then_some(()), || change.to_string());
    }
    diff(repo, admin, &[]).exits(0);

    // An environment goes: where it was is not known any more, and that is said.
    repo.remove("environments/test.yaml");
    let ran = diff(repo, admin, &[]).exits(2);
    assert!(
        ran.out.starts_with("INCOMPLETE: ") && ran.out.contains("environments/test.yaml"),
        "{}",
        ran.out
    );
    diff(repo, admin, &["--env", "first"]).exits(0);
}

#[test]
fn what_may_not_be_asked_is_not_called_unchanged() {
    let Some(cluster) = cluster() else { return };
    let flux = cluster.namespace("diff");
    let repo = repo(cluster, &flux);
    // Nobody's rights: incomplete first, every object named, the rights that are missing and a role with them.
    let nobody = cluster.kubeconfig(User::Nobody);
    let ran = diff(&repo, nobody, &["--env", "first"]).exits(2);
    assert!(ran.out.starts_with("INCOMPLETE: "), "{}", ran.out);
    assert!(ran.err.contains("GEN0908") && ran.err.contains("kind: ClusterRole"), "{}", ran.err);
    let ran = diff(&repo, nobody, &["-o", "json"]).exits(2);
    let value = ran.json();
    assert_eq!(value["complete"], false);
    assert!(value["counts"]["notCompared"].as_u64().unwrap() > 10);
    assert_eq!(value["counts"]["unchanged"], 0);
    assert!(text(&value, "/role").contains("ClusterRole"));
    let ran = diff(&repo, nobody, &["-o", "markdown"]).exits(2);
    assert!(ran.out.starts_with("### gen diff\n\n**INCOMPLETE**: "), "{}", ran.out);

    // Nobody answers.
    let config = std::fs::read_to_string(cluster.kubeconfig(User::Admin)).unwrap();
    let dead = config.replace(cluster.url(), "https://127.0.0.1:9");
    assert_ne!(config, dead);
    repo.write("dead.kubeconfig", &dead);
    let dead = repo.at("dead.kubeconfig");
    let ran = diff(&repo, &dead, &["-o", "json"]).exits(2);
    assert_eq!(ran.json()["complete"], false);
    assert!(ran.err.contains("GEN0905"), "{}", ran.err);

    // One of two clusters answers: its objects are shown, the others are not compared.
    let context = format!("context: {}", cluster.context());
    repo.edit("environments/test.yaml", &context, "context: elsewhere");
    let ran = diff(&repo, cluster.kubeconfig(User::Admin), &["-o", "json"]).exits(2);
    let value = ran.json();
    assert_eq!(value["complete"], false);
    let of = |name: &str| {
        value["environments"]
            .as_array()
            .unwrap()
            .iter()
            .find(|e| e["name"] == name)
            .unwrap()["counts"]
            .clone()
    };
    assert!(of("first")["created"].as_u64().unwrap() > 10, "{}", ran.out);
    assert_eq!(of("first")["created"], of("test")["notCompared"], "{}", ran.out);
    assert!(ran.err.contains("GEN0902"), "{}", ran.err);
}

/// A value of a Secret in the cluster is shown nowhere: not where it stands, not where somebody copied it to, not where the API server
/// repeats it.
#[test]
fn no_value_of_a_secret_leaves_the_cluster() {
    const CANARY: &str = "canary-in-the-cluster-5150";
    let Some(cluster) = cluster() else { return };
    let flux = cluster.namespace("diff");
    let repo = repo(cluster, &flux);
    let namespace = format!("shop-first-{flux}");
    // SOPS has encrypted it in Git; in the cluster it is in clear.
    repo.edit("gen.yaml", "    port: 8080", "    port: 8080\n    extra: manifests");
    repo.write(
        "manifests/secret.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: shop-db, namespace: {namespace}}}\nstringData: {{url: 'ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]'}}\nsops: {{age: [{{recipient: age1x}}], lastmodified: '2026-01-01T00:00:00Z', mac: 'ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]', version: 3.10.2}}\n"
        ),
    );
    let environment = repo.read("environments/first.yaml");
    repo.write(
        "environments/first.yaml",
        format!("{environment}flux: {{decryption: {{secret: sops-age}}}}\n"),
    );
    repo.remove("environments/test.yaml");
    let api = cluster.admin();
    let metadata = |name: &str| json!({"name": name, "namespace": namespace});
    api.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))
        .expect_ok();
    api.create(&json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("shop-db"), "stringData": {"url": CANARY}})).expect_ok();
    // Somebody copied it into what gen manages: a label that Flux would change, an account's annotation.
    api.create(&json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "shop", "namespace": namespace, "annotations": {"note": CANARY, "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"a\": \"{CANARY}\"}}")}},
        "spec": {"ports": [{"name": "http", "port": 81}], "externalName": "x.example", "selector": {"was": CANARY}},
    })).expect_ok();
    let admin = cluster.kubeconfig(User::Admin);
    for args in [["-o", "text"], ["-o", "json"], ["-o", "markdown"]] {
        let ran = diff(&repo, admin, &args);
        let ran = ran.exits(1);
        assert!(!ran.out.contains(CANARY) && !ran.err.contains(CANARY), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("<secret>") || ran.out.contains("&lt;secret&gt;"), "{}", ran.out);
        assert!(ran.out.contains("opaque"), "{}", ran.out);
    }
    // The positive control: what is not in a Secret is shown.
    api.delete("v1", "Secret", &namespace, "shop-db").expect_ok();
    let ran = diff(&repo, admin, &["-o", "text"]).exits(1);
    assert!(ran.out.contains(CANARY), "{}", ran.out);
}
