//! `gen init --with-tekton` on the real kustomize-controller: it fetches what the releases' addresses name, and nothing of an app that
//! holds Tekton's kinds is applied before Tekton runs. The releases are stood in for by a server on this machine: each is a Deployment,
//! and a kind that only it brings.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::cluster::{User, cluster, eventually};
use crate::flux::Source;
use crate::support::{Repo, list, text};

/// Serves each file of a release to whoever asks for it; what was asked is noted by the path. Ends with the test program.
fn serve(files: Vec<(String, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let _ = reader.read_line(&mut line);
            // The rest of the question, so that closing does not cut it off.
            let mut rest = String::new();
            while reader.read_line(&mut rest).is_ok_and(|read| read > 2) {
                rest.clear();
            }
            let path = line.split(' ').nth(1).unwrap_or_default();
            let found = files.iter().find(|(name, _)| name == path);
            let (status, body) =
                found.map_or(("404 Not Found", ""), |(_, text)| ("200 OK", text.as_str()));
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: text/yaml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

/// A release: a namespace and a Deployment, which comes up or not.
fn release(namespace: &str, outcome: &str) -> String {
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "controller", "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": "controller"}}, "template": {
            "metadata": {"labels": {"app": "controller"}, "annotations": {"gen.test/outcome": outcome}},
            "spec": {"containers": [{"name": "controller", "image": "registry.example/none"}]},
        }},
    });
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}\n---\n{deployment}\n")
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, each step from where the last one ended")]
fn an_app_waits_until_tekton_runs() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("withtekton");
    let source = Source::new(cluster, Repo::empty(), &namespace);
    let repo = source.repo();
    repo.run(["init", ".", "--with-tekton"]).exits(0);
    let path = |of: &str, file: &str| format!("/tekton-releases/{of}/{file}.yaml");
    let (pipelines, triggers) = ("pipeline/previous/v1.15.0", "triggers/previous/v0.37.0");
    let interceptors = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: interceptors, namespace: withtekton-triggers}\n";
    let server = serve(vec![
        (path(pipelines, "release"), release("withtekton-pipelines", "wait")),
        (path(triggers, "release"), release("withtekton-triggers", "succeed")),
        (path(triggers, "interceptors"), interceptors.to_owned()),
    ]);
    for folder in ["pipelines", "triggers"] {
        let file = format!("infrastructure/tekton/{folder}/kustomization.yaml");
        let text = std::fs::read_to_string(repo.at(&file)).expect("it is written");
        assert!(text.contains("https://infra.tekton.dev/"), "{text}");
        repo.write(&file, text.replace("https://infra.tekton.dev", &server));
    }
    // This test's own names, because all tests share one cluster.
    let file = "clusters/homelab/flux/tekton.yaml";
    let text_of = std::fs::read_to_string(repo.at(file)).expect("it is written");
    repo.write(file, text_of.replace("namespace: flux-system", &format!("namespace: {namespace}")));
    repo.edit(
        "gen.yaml",
        "flux: {dependsOn: [tekton]}",
        &format!("flux: {{namespace: {namespace}, dependsOn: [tekton]}}"),
    );
    for environment in ["staging", "prod"] {
        std::fs::remove_file(repo.at(&format!("environments/{environment}.yaml")))
            .expect("it is there");
    }
    std::fs::rename(repo.at("environments/dev.yaml"), repo.at("environments/withtekton.yaml"))
        .expect("it is there");
    repo.render();
    let commit = source.commit();
    source.follow("./clusters/homelab/flux");
    let state = |name: &str| -> (String, String) {
        let found =
            source.kustomizations().into_iter().find(|each| text(each, "/metadata/name") == name);
        let found = found.unwrap_or(Value::Null);
        let ready = list(&found, "/status/conditions")
            .iter()
            .find(|each| text(each, "/type") == "Ready")
            .cloned();
        let ready = ready.unwrap_or(Value::Null);
        (text(&ready, "/status").to_owned(), text(&ready, "/reason").to_owned())
    };
    // The controller of Pipelines does not come up yet: Triggers wait for it, and the app for both.
    eventually(
        || {
            let deployment =
                cluster.admin().get("apps/v1", "Deployment", "withtekton-pipelines", "controller");
            let waits = |name: &str| state(name).1 == "DependencyNotReady";
            (deployment.status == 200 && waits("tekton") && waits("demo-app-withtekton"))
                .then_some(())
        },
        || source.told(),
    );
    assert_ne!(state("tekton-pipelines").0, "True");
    let tasks = || {
        cluster.as_user(User::Admin).list("tekton.dev/v1", "Task", "demo-app-withtekton-ci").len()
    };
    assert_eq!(tasks(), 0);
    // What needs no Tekton is there: accounts and namespaces.
    eventually(
        || (state("demo-app-withtekton-access").0 == "True").then_some(()),
        || source.told(),
    );

    // It comes up, as when its image was pulled.
    let go = json!({"spec": {"template": {"metadata": {"annotations": {"gen.test/outcome": "succeed"}}}}});
    let admin = cluster.admin();
    let controller = admin.get("apps/v1", "Deployment", "withtekton-pipelines", "controller");
    admin.merge(&controller.expect_ok(), "test", &go).expect_ok();
    source.wait(&commit);
    assert!(tasks() > 0);
    let interceptors =
        cluster.admin().get("v1", "ConfigMap", "withtekton-triggers", "interceptors");
    assert_eq!(interceptors.status, 200);
}
