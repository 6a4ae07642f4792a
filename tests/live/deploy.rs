//! `deploy-app` in kubectl mode on a real API server: its own script with the machine's kubectl, as the account that the tree has
//! for it, and as the account that every homelab tries first.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::cluster::{Cluster, User, cluster};
use crate::support::needs::tool;
use crate::support::play::{Play, Shell};
use crate::support::{Rendered, Repo, text};

pub const DIGEST: &str = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// What the deploy step of a run said on a real node whose account had no rights.
const REAL_REFUSAL: &str = "error: failed to create deployment: deployments.apps is forbidden: User \"system:serviceaccount:ci-real:default\" cannot create resource \"deployments\" in API group \"apps\" in the namespace \"ci-real\"";

/// The machine's kubectl, as the tests are given it.
pub fn kubectl() -> Option<PathBuf> {
    tool("GEN_TEST_KUBECTL", "kubectl")
}

/// An app in a namespace of its own, whose rollout is waited for no longer than given.
fn tree(namespace: &str, wait: &str) -> Vec<Rendered> {
    let builds = "fetch-source, build-image: {builder: mock}, ";
    tree_of(namespace, wait, "registry.example/team/shop", builds)
}

/// The same of an image that may be there already, with what comes before the deploy step.
fn tree_of(namespace: &str, wait: &str, image: &str, before: &str) -> Vec<Rendered> {
    let repo = Repo::empty();
    let app = format!(
        "{{source: https://git.example/team/shop.git, image: \"{image}\", port: 8080, pipeline: [{before}deploy-app: {{wait: {wait}}}], finally: [rollback: {{wait: {wait}}}]}}"
    );
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop: {app}\n"
        ),
    );
    repo.write("environments/dev.yaml", format!("deploy: kubectl\nnamespace: {namespace}\n"));
    repo.render();
    repo.objects()
}

/// What Flux would have applied of the tree, but Tekton's objects and the pipeline's workload.
pub fn apply(cluster: &Cluster, objects: &[Rendered]) {
    let order = ["Namespace", "ServiceAccount", "Role", "RoleBinding"];
    for kind in order {
        for object in objects.iter().filter(|object| object.kind() == kind) {
            if object.namespace() != "flux-system" {
                cluster.admin().create(&object.value).expect_ok();
            }
        }
    }
}

/// A kubeconfig of a service account, as the pod's own would be.
pub fn account(cluster: &Cluster, kubectl: &PathBuf, namespace: &str, name: &str) -> String {
    let token = Command::new(kubectl)
        .args(["create", "token", name, "--namespace", namespace])
        .env("KUBECONFIG", cluster.kubeconfig(User::Admin))
        .output()
        .expect("kubectl runs");
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    let token = String::from_utf8(token.stdout).expect("UTF-8");
    let admin = std::fs::read_to_string(cluster.kubeconfig(User::Admin)).expect("it is there");
    let mut config: Value = crate::support::documents(&admin).remove(0);
    config["users"][0]["user"] = serde_json::json!({"token": token.trim()});
    config.to_string()
}

pub fn play(
    cluster: &Cluster,
    kubectl: &PathBuf,
    objects: &[Rendered],
    account_name: &str,
    shell: Shell,
) -> Play {
    let deploy = "shop-deploy-app";
    play_task(cluster, kubectl, objects, (deploy, account_name), shell)
}

/// A task, as an account.
fn play_task(
    cluster: &Cluster,
    kubectl: &PathBuf,
    objects: &[Rendered],
    (name, account_name): (&str, &str),
    shell: Shell,
) -> Play {
    let task = objects.iter().find(|o| o.kind() == "Task" && o.name() == name);
    let task = &task.expect("the task").value;
    let map = objects.iter().find(|o| o.kind() == "ConfigMap" && o.name() == "shop-workload");
    let manifests = map.expect("the workload").value["data"].as_object().expect("texts");
    let mut play = Play::new(task).param("image", &format!("registry.example/team/shop@{DIGEST}"));
    for (file, manifest) in manifests {
        play = play.file(&format!("/workload/{file}"), manifest.as_str().expect("a text"));
    }
    let play = play
        .file(
            "/account/config",
            account(cluster, kubectl, text(task, "/metadata/namespace"), account_name),
        )
        .program("kubectl", &format!("exec '{}' \"$@\"", kubectl.display()))
        .shell(shell);
    let config = play.place("/account/config");
    play.variable("KUBECONFIG", config.to_str().expect("UTF-8"))
}

#[test]
fn the_deployment_gets_the_digest() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    for (index, shell) in Shell::all().into_iter().enumerate() {
        let namespace = format!("deploys-{index}");
        let objects = tree(&namespace, "2m");
        apply(cluster, &objects);
        let deploy = || play(cluster, &kubectl, &objects, "shop-deploy-app", shell);
        let played = deploy().run().succeeds();
        assert!(played.step("deploy").stdout.contains("successfully rolled out"), "{played:?}");
        let get = || cluster.admin().get("apps/v1", "Deployment", &namespace, "shop").expect_ok();
        let image = |of: &Value| text(of, "/spec/template/spec/containers/0/image").to_owned();
        assert_eq!(image(&get()), format!("registry.example/team/shop@{DIGEST}"));
        // The same again changes nothing; another digest does.
        let before = get()["metadata"]["generation"].clone();
        deploy().run().succeeds();
        assert_eq!(get()["metadata"]["generation"], before);
        let other = format!("registry.example/team/shop@{}", DIGEST.replace("00", "ff"));
        deploy().param("image", &other).run().succeeds();
        assert_eq!(image(&get()), other);
    }
}

/// Where nothing is built, the manifest names the image already, and `kubectl set image` has nothing to say.
#[test]
fn an_image_that_the_manifest_names_is_deployed() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    let image = format!("registry.example/team/shop@{DIGEST}");
    for (index, shell) in Shell::all().into_iter().enumerate() {
        let namespace = format!("deploys-named-{index}");
        let objects = tree_of(&namespace, "2m", &image, "");
        apply(cluster, &objects);
        play(cluster, &kubectl, &objects, "shop-deploy-app", shell).run().succeeds();
        let deployment =
            cluster.admin().get("apps/v1", "Deployment", &namespace, "shop").expect_ok();
        assert_eq!(text(&deployment, "/spec/template/spec/containers/0/image"), image);
    }
}

/// How the API server says that an account of one namespace may not do something in another.
fn refusal(account_namespace: &str, namespace: &str, account: &str, verb: &str) -> String {
    format!(
        "is forbidden: User \"system:serviceaccount:{account_namespace}:{account}\" cannot {verb} resource \"deployments\" in API group \"apps\" in the namespace \"{namespace}\""
    )
}

/// The classic failure, in the words that a real node's API server has for it.
#[test]
fn the_default_account_is_refused() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    let objects = tree("refuses", "1m");
    apply(cluster, &objects);
    for name in ["default", "shop-pipeline"] {
        for shell in Shell::all() {
            let played = play(cluster, &kubectl, &objects, name, shell).run();
            let said = refusal("refuses-ci", "refuses", name, "patch");
            played.fails("deploy", &said);
        }
    }
    // A real node's log of the same failure, of a step that created where this one applies.
    assert!(REAL_REFUSAL.ends_with(&refusal("ci-real", "ci-real", "default", "create")));
    assert_eq!(cluster.admin().get("apps/v1", "Deployment", "refuses", "shop").status, 404);
}

/// The same with a workload whose pods never become ready.
fn hanging(play: Play) -> Play {
    let file = play.place("/workload/workload.yaml");
    let workload = std::fs::read_to_string(&file).expect("it is there");
    let mut workload: Value = crate::support::documents(&workload).remove(0);
    workload["spec"]["template"]["metadata"]["annotations"] =
        serde_json::json!({"gen.test/outcome": "fail"});
    play.file("/workload/workload.yaml", workload.to_string())
}

/// A rollout that does not come up fails the task, and says what it knows of why.
#[test]
fn a_rollout_that_hangs_fails_the_task() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    let objects = tree("hangs", "5s");
    apply(cluster, &objects);
    let play = play(cluster, &kubectl, &objects, "shop-deploy-app", Shell::Dash);
    let played = hanging(play).run();
    let played = played.fails("deploy", "does not run registry.example/team/shop@sha256:");
    let said = &played.step("deploy").stderr;
    assert!(said.contains("Available=False MinimumReplicasUnavailable"), "{said}");
    assert!(said.contains("kubectl get pods,events --namespace=hangs"), "{said}");
}

fn running(cluster: &Cluster, namespace: &str) -> String {
    let admin = cluster.admin();
    let deployment = admin.get("apps/v1", "Deployment", namespace, "shop");
    let deployment = deployment.expect_ok();
    text(&deployment, "/spec/template/spec/containers/0/image").to_owned()
}

/// A release whose run fails is taken back, also one that never became ready; and only as long as nobody has deployed another.
#[test]
fn a_release_is_taken_back() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    let image = |digit: &str| format!("registry.example/team/shop@sha256:{}", digit.repeat(64));
    let (first, second, third) = (image("1"), image("2"), image("3"));
    for (index, shell) in Shell::all().into_iter().enumerate() {
        let namespace = format!("goes-back-{index}");
        let objects = tree(&namespace, "5s");
        apply(cluster, &objects);
        let deploy = |image: &str| {
            let name = "shop-deploy-app";
            play_task(cluster, &kubectl, &objects, (name, name), shell).param("image", image)
        };
        let back = |from: &str, to: &str| {
            let name = "shop-rollback";
            let play = play_task(cluster, &kubectl, &objects, (name, name), shell);
            let played = play.param("image", from).param("previous", to).run();
            played.succeeds().step("roll-back").stdout.clone()
        };
        let played = deploy(&first).run().succeeds();
        assert_eq!(played.results["PREVIOUS"], "none");
        let name = "shop-rollback";
        play_task(cluster, &kubectl, &objects, (name, name), shell)
            .param("image", &first)
            .param("previous", "unknown")
            .run()
            .fails("roll-back", "could not be read then, so it stays");
        let said = back(&first, "none");
        assert!(said.contains("there is none to go back to"), "{said}");

        let played = deploy(&second).run().succeeds();
        assert_eq!(played.results["PREVIOUS"], first);
        let said = back(&second, &first);
        assert!(said.contains(&format!("going back from {second}")), "{said}");
        assert!(said.contains("successfully rolled out"), "{said}");
        assert_eq!(running(cluster, &namespace), first);
        // Once more, as after a lost pod: what this run has rolled out runs no longer.
        let said = back(&second, &first);
        assert!(said.contains(&format!("{first} runs by now")), "{said}");

        // The same image again is nothing to go back from.
        let played = deploy(&first).run().succeeds();
        assert_eq!(played.results["PREVIOUS"], first);
        let said = back(&first, &first);
        assert!(said.contains("there is nothing to take back"), "{said}");

        // Where it hangs, the task fails after it has said what ran before.
        let played = hanging(deploy(&third)).run().fails("deploy", "does not run");
        assert_eq!(played.results["PREVIOUS"], first);
        assert_eq!(running(cluster, &namespace), third);
        back(&third, &first);
        assert_eq!(running(cluster, &namespace), first);
    }
}
