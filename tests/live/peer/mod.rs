//! Flux's own client as a peer: `flux diff kustomization` on the rendered tree names the objects that `gen diff` names, in each of many
//! situations at once, and for the same reason; `flux build` finds the objects that gen rendered, and `flux trace` where they come from.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http::Method;
use serde_json::Value;

use crate::cluster::{Cluster, cluster};
use crate::flux::Source;
use crate::support::needs::tool;
use crate::support::{Repo, documents, text};

mod client;
mod situations;

use client::{Changes, Peer, diff};
use situations::{Hand, Situation};

fn image(digit: char) -> String {
    format!("registry.example/team/x@sha256:{}", String::from(digit).repeat(64))
}

fn write(repo: &Repo, cluster: &Cluster, flux: &str, url: &str, keys: fn(&Situation) -> &str) {
    let mut apps = String::new();
    for each in situations::all() {
        // One digit stands for an image.
        let (keys, image) = match keys(&each).split_once(", image: ") {
            Some((rest, digit)) => (rest, image(digit.chars().next().expect("a digit"))),
            None => (keys(&each), image('1')),
        };
        writeln!(
            apps,
            "  {}: {{source: https://git.example/team/x.git, image: '{image}', {keys}}}",
            each.name
        )
        .expect("a string takes it");
    }
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: {url}\nflux: {{namespace: {flux}, retry: 2s}}\napps:\n{apps}"
        ),
    );
    let context = cluster.context();
    repo.write(
        "environments/peer.yaml",
        format!("cluster: home\ncontext: {context}\npipeline: none\n"),
    );
}

/// Does to the cluster what a situation says.
fn act(cluster: &Cluster, each: &Situation, objects: &[(String, String)]) {
    let admin = cluster.admin();
    let path = |kind: &str| {
        let found = objects.iter().find(|(unit, _)| *unit == format!("{}/{kind}", each.name));
        &found.unwrap_or_else(|| panic!("{} has no {kind}", each.name)).1
    };
    let send = |kind: &str, manager: &str, media: &str, body: &Value| {
        let path = format!("{}?fieldManager={manager}", path(kind));
        admin.request(Method::PATCH, &path, media, Some(body)).expect_ok();
    };
    match &each.hand {
        Hand::Nothing => {}
        Hand::Merge(kind, manager, body) => {
            send(kind, manager, "application/merge-patch+json", body);
        }
        Hand::Json(kind, manager, body) => {
            send(kind, manager, "application/json-patch+json", body);
        }
        Hand::Delete(kind) => {
            admin.delete_path(path(kind)).expect_ok();
        }
    }
}

/// What of each situation the two say differently.
fn disagreements(ours: &Changes, theirs: &Changes) -> BTreeSet<String> {
    let all: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differs = |name: &&&String| ours.get(**name) != theirs.get(**name);
    all.iter().filter(differs).map(|name| (*name).clone()).collect()
}

#[test]
fn flux_sees_the_changes_that_gen_sees() {
    let (Some(cluster), Some(flux)) = (cluster(), tool("GEN_TEST_FLUX", "flux")) else {
        return;
    };
    let namespace = cluster.namespace("peers");
    let peer = Peer { cluster, flux, namespace: namespace.clone() };
    let source = Source::new(cluster, Repo::empty(), &namespace);
    let repo = source.repo();
    let all = situations::all();
    assert!(all.len() >= 30, "{}", all.len());

    write(repo, cluster, &namespace, &source.url(), |each| each.before);
    repo.render();
    let old = Repo::copy(repo.path());
    let commit = source.commit();
    source.follow("./clusters/home/flux");
    source.wait(&commit);
    assert_eq!(peer.diff(repo.path()), Changes::new());
    assert_eq!(diff(cluster, repo), Changes::new());
    builds_and_traces(&peer, repo, &commit);

    let objects: Vec<(String, String)> = repo
        .objects()
        .iter()
        // Of two of a kind, the one that has the app's name; the namespace is the app's alone.
        .filter(|object| object.kind() == "Namespace" || !object.name().contains("apply") && !object.name().starts_with("default"))
        .map(|object| {
            let of = if object.kind() == "Namespace" { object.name() } else { object.namespace() };
            let name = of.strip_suffix("-peer").unwrap_or(of);
            (format!("{name}/{}", object.kind()), cluster.kinds().path_of(&object.value))
        })
        .collect();
    for each in &all {
        act(cluster, each, &objects);
    }
    write(repo, cluster, &namespace, &source.url(), |each| each.after);
    repo.render();

    let (ours, theirs) = (diff(cluster, repo), peer.diff(repo.path()));
    let mut wrong = Vec::new();
    for each in &all {
        let named = |changes: &Changes| changes.get(each.name).cloned().unwrap_or_default();
        let (ours, theirs) = (named(&ours), named(&theirs));
        let kinds: BTreeSet<&str> =
            ours.iter().filter_map(|change| change.split('/').next()).collect();
        let wanted: BTreeSet<&str> = each.changes.iter().copied().collect();
        if kinds != wanted || each.is_seen != (ours == theirs) {
            wrong.push(format!(
                "{}: wanted {wanted:?}\n  gen {ours:?}\n  flux {theirs:?}",
                each.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let blind: BTreeSet<String> =
        all.iter().filter(|each| !each.is_seen).map(|each| each.name.to_owned()).collect();
    assert_eq!(disagreements(&ours, &theirs), blind);

    // Where they look at different trees, they disagree: about every app whose spec was edited, and only about those.
    let edited = all.iter().filter(|each| each.before != each.after);
    let edited: BTreeSet<String> = edited.map(|each| each.name.to_owned()).collect();
    let mut wanted: BTreeSet<String> = edited.union(&blind).cloned().collect();
    // There the same object is edited by hand, too.
    assert!(wanted.remove("both"));
    assert_eq!(disagreements(&ours, &peer.diff(old.path())), wanted);

    // Flux does what both said, and then neither has anything to say, but of what is to be left alone.
    let commit = source.commit();
    source.wait(&commit);
    let left = Changes::from([(
        "left-alone".to_owned(),
        BTreeSet::from(["kept Deployment/left-alone-peer/left-alone".to_owned()]),
    )]);
    assert_eq!(diff(cluster, repo), left);
    assert_eq!(peer.diff(repo.path()), Changes::new());
}

/// What Flux builds of a folder is what gen rendered into it, and what it knows of an object is where gen put it.
fn builds_and_traces(peer: &Peer, repo: &Repo, commit: &str) {
    let objects = repo.objects();
    for unit in ["access", "app"] {
        let name = if unit == "app" { "untouched-peer" } else { "untouched-peer-access" };
        let folder = format!("home/peer/untouched/{unit}");
        let path = format!("{}/clusters/{folder}", repo.path().display());
        let built = peer
            .command(&[
                "build",
                "kustomization",
                name,
                "--namespace",
                &peer.namespace,
                "--path",
                &path,
            ])
            .exits(0);
        let id = |value: &Value| {
            let at = |pointer| text(value, pointer).to_owned();
            (at("/kind"), at("/metadata/namespace"), at("/metadata/name"))
        };
        let built: BTreeSet<_> = documents(&built.stdout).iter().map(id).collect();
        let rendered: BTreeSet<_> = objects
            .iter()
            .filter(|object| {
                object.path.contains(&folder)
                    && !text(&object.value, "/apiVersion").starts_with("kustomize.config")
            })
            .map(|object| id(&object.value))
            .collect();
        assert_eq!(built, rendered);
        assert!(rendered.len() > 2, "{rendered:?}");
    }
    let said = peer
        .command(&["trace", "deployment", "untouched", "--namespace", "untouched-peer"])
        .exits(0)
        .stdout;
    let tells = |key: &str, value: &str| {
        said.lines().any(|line| {
            line.split_once(':').is_some_and(|(k, v)| k.trim() == key && v.trim().contains(value))
        })
    };
    for (key, value) in [
        ("Kustomization", "untouched-peer"),
        ("Path", "./clusters/home/peer/untouched/app"),
        ("GitRepository", "flux-system"),
        ("Revision", commit),
    ] {
        assert!(tells(key, value), "no {key} {value} in\n{said}");
    }
}
