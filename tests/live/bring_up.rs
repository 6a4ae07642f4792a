//! Flux brings up what gen renders, from the entry folder alone: three environments on one cluster, two apps, as tenants. Then what
//! happens to it over its life: nothing, a change of one field, the removal of an app.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cluster::{Cluster, PATIENCE, User, cluster, eventually};
use crate::flux::{Source, ready};
use crate::requests::Apply;
use crate::support::wait::quiet;
use crate::support::{Rendered, Repo, list, objects, project, text};

/// This repository's demonstration with other names, so that it meets no other test's, all environments on one cluster, and a second
/// app that has a volume.
fn repository(namespace: &str) -> Repo {
    let repo = Repo::empty();
    let files = [
        "gen.yaml",
        "environments/dev.yaml",
        "environments/staging.yaml",
        "environments/staging.pins.yaml",
        "environments/prod.yaml",
        "environments/prod.pins.yaml",
    ];
    for file in files {
        let content = std::fs::read_to_string(project().join(file)).expect(file);
        repo.write(file, content.replace("demo-app", "front"));
    }
    repo.edit("environments/prod.yaml", "cluster: prod", "cluster: homelab");
    repo.edit("environments/prod.yaml", "context: prod", "context: kind-homelab");
    let second = "apps:\n  store:\n    source: https://git.example/homelab/store.git\n    image: registry.example/homelab/store\n    port: 9000\n    storage: [{name: data, size: 1Gi, mount: /data}]\n    pipeline: [fetch-source, build-image, deploy-app]";
    repo.edit("gen.yaml", "apps:", second);
    let spec = repo.read("gen.yaml");
    repo.write("gen.yaml", format!("{spec}\nflux: {{namespace: {namespace}}}\n"));
    for file in ["environments/staging.pins.yaml", "environments/prod.pins.yaml"] {
        let pins = repo.read(file);
        let digest = "4".repeat(64);
        repo.write(
            file,
            format!("{pins}\n  store: {{image: registry.example/homelab/store@sha256:{digest}, revision: {}}}\n", "1".repeat(40)),
        );
    }
    repo
}

/// Objects of a tree by what they are: API version, kind, namespace, name.
type Live = BTreeMap<[String; 4], Value>;

/// What the cluster has of the objects that the tree's files hold.
fn live(cluster: &Cluster, clusters: &Path) -> Live {
    let admin = cluster.admin();
    let mut found = Live::new();
    for object in objects(clusters).into_iter().filter(|object| !object.inner) {
        let key = identity(&object);
        let answer = admin.get(&key[0], &key[1], &key[2], &key[3]);
        if answer.status != 404 {
            found.insert(key, answer.expect_ok());
        }
    }
    found
}

fn identity(object: &Rendered) -> [String; 4] {
    ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"]
        .map(|pointer| text(&object.value, pointer).to_owned())
}

/// The parts of an object that somebody decided, without what the API server and controllers note down.
fn decided(object: &Value) -> Value {
    let mut object = object.clone();
    let fields = object.as_object_mut().expect("an object");
    fields.remove("status");
    let metadata = fields["metadata"].as_object_mut().expect("metadata");
    for bookkeeping in ["managedFields", "resourceVersion", "generation"] {
        metadata.remove(bookkeeping);
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove("deployment.kubernetes.io/revision");
        annotations.remove("reconcile.fluxcd.io/requestedAt");
    }
    object
}

/// The places where two values differ.
fn differences(before: &Value, after: &Value, at: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let (before, after) = (before.get(key), after.get(key));
                let (before, after) =
                    (before.unwrap_or(&Value::Null), after.unwrap_or(&Value::Null));
                differences(before, after, &format!("{at}/{key}"), found);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                differences(before, after, &format!("{at}/{index}"), found);
            }
        }
        _ if before != after => found.push(at.to_owned()),
        _ => {}
    }
}

/// Every difference between two states: the object's kind, namespace and name, and the place in it.
fn changes(before: &Live, after: &Live) -> Vec<String> {
    let mut found = Vec::new();
    for (key, was) in before {
        let title = format!("{} {}/{} ", key[1], key[2], key[3]);
        match after.get(key) {
            Some(is) => differences(&decided(was), &decided(is), &title, &mut found),
            None => found.push(format!("{title}is gone")),
        }
    }
    found.extend(
        after.keys().filter(|key| !before.contains_key(*key)).map(|key| format!("{key:?} is new")),
    );
    found
}

/// Versions of the objects: the API server's, which changes with every write.
fn versions(live: &Live) -> BTreeMap<&[String; 4], String> {
    live.iter()
        .map(|(key, object)| {
            // The status of a source and of a Kustomization says what was last seen; what is asked of it has a number of its own.
            let is_flux = ["Kustomization", "GitRepository"].contains(&key[1].as_str());
            let field = if is_flux { "generation" } else { "resourceVersion" };
            (key, object["metadata"][field].to_string())
        })
        .collect()
}

/// Fails the test where anything was written in between.
#[track_caller]
fn assert_untouched(before: &Live, after: &Live, why: &str) {
    let (was, is) = (versions(before), versions(after));
    let touched: Vec<_> =
        was.iter().filter(|(key, version)| is.get(*key) != Some(version)).collect();
    assert!(touched.is_empty(), "{why}: {touched:?}");
    assert_eq!(was.len(), is.len(), "{why}");
}

struct Story<'a> {
    cluster: &'a Cluster,
    source: Source<'a>,
}

impl Story<'_> {
    fn tree(&self) -> std::path::PathBuf {
        self.source.repo().at("clusters")
    }

    /// The state once nothing moves any more: Deployments are up and runs have ended.
    fn settled(&self) -> Live {
        let look = || live(self.cluster, &self.tree());
        quiet(Duration::from_millis(700), PATIENCE, look, |one, other| {
            versions(one) == versions(other)
        })
        .expect("the cluster comes to rest")
    }

    fn apply_account(&self, app_and_environment: &'static str) -> User<'_> {
        User::Account(self.source.namespace(), app_and_environment)
    }
}

#[test]
fn flux_brings_up_the_tree_and_keeps_it() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("bring-up");
    let source = Source::new(cluster, repository(&namespace), &namespace);
    source.repo().render();
    // What `flux bootstrap` leaves in the entry folder, its own objects included: were gen's tree to hide it, Flux would prune itself.
    let bootstrap: Vec<String> =
        source.bootstrap("./clusters/homelab/flux").iter().map(Value::to_string).collect();
    let dummy = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: bootstrap, namespace: {namespace}}}\n"
    );
    let folder = "clusters/homelab/flux/flux-system";
    source.repo().write(&format!("{folder}/gotk-sync.yaml"), bootstrap.join("\n---\n"));
    source.repo().write(&format!("{folder}/gotk-components.yaml"), dummy);
    source.repo().write(
        &format!("{folder}/kustomization.yaml"),
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [gotk-components.yaml, gotk-sync.yaml]\n",
    );
    let commit = source.commit();
    let start = std::time::Instant::now();
    source.follow("./clusters/homelab/flux");
    source.wait(&commit);
    let story = Story { cluster, source };
    let up = story.settled();
    let rendered = objects(&story.tree()).iter().filter(|object| !object.inner).count();
    assert_eq!(up.len(), rendered, "what is rendered is there");
    println!("{rendered} objects in three environments were up after {:?}", start.elapsed());

    came_in_order(&story, &up);
    tenants_stay_in_their_own(&story);
    nothing_changes_by_itself(&story, &up);
    one_field_changes(&story);
    an_app_is_removed(&story);
}

/// Access before what the app's account applies: the API server numbers every write, and these kinds are written once.
fn came_in_order(story: &Story, up: &Live) {
    let number = |object: &Rendered| -> u64 {
        let live = &up[&identity(object)];
        let version = text(live, "/metadata/resourceVersion");
        version.parse().expect("a number")
    };
    let written_once = [
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ConfigMap",
        "Task",
        "Pipeline",
        "Service",
        "NetworkPolicy",
    ];
    let mut units: BTreeMap<String, [Vec<u64>; 2]> = BTreeMap::new();
    for object in objects(&story.tree()).iter().filter(|object| !object.inner) {
        let stage = object.path.split('/').nth(3);
        if !written_once.contains(&object.kind())
            || stage == Some("run")
            || object.path.contains("/flux/")
        {
            continue;
        }
        let unit = units.entry(object.unit()).or_default();
        unit[usize::from(stage == Some("app"))].push(number(object));
    }
    assert_eq!(units.len(), 6, "two apps in three environments");
    for (unit, [access, app]) in &units {
        assert!(!access.is_empty() && !app.is_empty(), "{unit}");
        assert!(access.iter().max() < app.iter().min(), "{unit}: {access:?} {app:?}");
    }
    // The run comes after the workload that it tests is up.
    let find = |kind: &str, part: &str| {
        up.iter()
            .find(|(key, _)| {
                key[1] == kind && key[2].starts_with(part) && key[3].starts_with("front")
            })
            .map(|(_, object)| object)
            .expect(kind)
    };
    let run = find("PipelineRun", "front-staging");
    let deployment = find("Deployment", "front-staging");
    let available = list(deployment, "/status/conditions")
        .iter()
        .find(|condition| text(condition, "/type") == "Available")
        .expect("the condition");
    assert_eq!(text(available, "/status"), "True");
    let since = text(available, "/lastTransitionTime");
    let started = text(run, "/metadata/creationTimestamp");
    assert!(since <= started, "available {since}, started {started}");
}

/// The accounts that Flux applies with may not leave their app's namespaces of their environment, tried by hand and by Flux itself.
fn tenants_stay_in_their_own(story: &Story) {
    let map = |namespace: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "trespass", "namespace": namespace}, "data": {"key": "value"}});
    let try_in = |account: &'static str, namespace: &str, kind: &str| {
        let caller = story.cluster.as_user(story.apply_account(account));
        let object = match kind {
            "ConfigMap" => map(namespace),
            "NetworkPolicy" => {
                json!({"apiVersion": "networking.k8s.io/v1", "kind": kind, "metadata": {"name": "trespass", "namespace": namespace}, "spec": {"podSelector": {}}})
            }
            _ => {
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "trespass", "namespace": namespace}, "rules": []})
            }
        };
        let how = Apply { manager: "kustomize-controller", dry_run: true };
        caller.apply(&object, how).status
    };
    assert_eq!(try_in("front-dev", "front-dev", "NetworkPolicy"), 201);
    assert_eq!(try_in("front-dev", "front-dev-ci", "ConfigMap"), 201);
    let own = story.source.namespace();
    let elsewhere = [
        "store-dev",
        "store-dev-ci",
        "front-staging",
        "front-staging-ci",
        "front-prod",
        "default",
        "kube-system",
        own,
    ];
    for namespace in elsewhere {
        for kind in ["ConfigMap", "NetworkPolicy", "Role"] {
            assert_eq!(try_in("front-dev", namespace, kind), 403, "{kind} in {namespace}");
        }
    }
    assert_eq!(try_in("front-dev", "front-dev", "Role"), 403);

    // Flux, told to apply something of one app's by the account of another, does not.
    let folder = story.source.repo();
    folder.write("trespass/map.yaml", map("store-dev-ci").to_string());
    story.source.commit();
    let kustomization = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": "trespass", "namespace": own},
        "spec": {
            "interval": "10m", "prune": true, "path": "./trespass", "serviceAccountName": "front-dev",
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        },
    });
    let admin = story.cluster.admin();
    admin.create(&kustomization).expect_ok();
    eventually(
        || {
            let now = story.source.kustomization("trespass");
            let (status, message) = ready(&now);
            (status == "False" && message.to_lowercase().contains("forbidden")).then_some(())
        },
        || story.source.told(),
    );
    assert_eq!(admin.get("v1", "ConfigMap", "store-dev-ci", "trespass").status, 404);
    let path = story.cluster.kinds().path_of(&kustomization);
    admin.delete_path(&path).expect_ok();
    folder.remove("trespass/map.yaml");
    let gone = || admin.get_path(&path).status == 404;
    eventually(|| gone().then_some(()), || story.source.told());
    story.source.wait(&story.source.commit());
}

/// Neither applying the same commit again nor another commit of the same content writes anything.
fn nothing_changes_by_itself(story: &Story, up: &Live) {
    let before = story.settled();
    assert_untouched(up, &before, "since it was up");
    story.source.reconcile();
    assert_untouched(&before, &story.settled(), "applied again");
    story.source.wait(&story.source.commit());
    assert_untouched(&before, &story.settled(), "an empty commit");
}

fn one_field_changes(story: &Story) {
    let before = story.settled();
    let repo = story.source.repo();
    repo.edit("environments/staging.yaml", "{replicas: 2}", "{replicas: 3}");
    repo.render();
    story.source.wait(&story.source.commit());
    let after = story.settled();
    // The pods of the store would share a volume that the pods of one node can mount, so it has one.
    assert_eq!(changes(&before, &after), ["Deployment front-staging/front /spec/replicas"]);
}

/// What the removed app's account applied is pruned; its account and namespaces stay until it is forgotten, its volume for ever.
fn an_app_is_removed(story: &Story) {
    let before = story.settled();
    let repo = story.source.repo();
    let spec = repo.read("gen.yaml");
    let start = spec.find("  store:").expect("the app");
    let end = spec.find("  front:").expect("the other");
    repo.write("gen.yaml", format!("{}{}", &spec[..start], &spec[end..]));
    for file in ["environments/staging.pins.yaml", "environments/prod.pins.yaml"] {
        let pins = repo.read(file);
        let kept: Vec<&str> = pins.lines().filter(|line| !line.contains("store:")).collect();
        repo.write(file, kept.join("\n"));
    }
    repo.run(["render", "--allow-removals"]).exits(0);
    story.source.wait(&story.source.commit());
    let present = |key: &[String; 4]| {
        let answer = story.cluster.admin().get(&key[0], &key[1], &key[2], &key[3]);
        answer.status != 404
    };
    let of_app = |key: &[String; 4]| key[2].starts_with("store-") || key[3].starts_with("store-");
    // What says itself that Flux is not to prune it.
    let annotation = "/metadata/annotations/kustomize.toolkit.fluxcd.io~1prune";
    let is_disabled = |key: &[String; 4]| text(&before[key], annotation) == "disabled";
    let kinds = ["Namespace", "PersistentVolumeClaim", "PipelineRun"];
    for (key, _) in before.iter().filter(|(key, _)| of_app(key)) {
        assert!(!is_disabled(key) || kinds.contains(&key[1].as_str()), "{key:?}");
    }
    let is_access = |key: &[String; 4]| {
        let account = key[1] == "ServiceAccount" && key[2] == story.source.namespace();
        let entry = key[1] == "Kustomization" && key[3].ends_with("-access");
        key[1] == "Namespace" || key[3] == "store-apply" || account || entry
    };
    let is_kept = |key: &[String; 4]| !of_app(key) || is_access(key) || is_disabled(key);
    let check = |is_kept: &dyn Fn(&[String; 4]) -> bool| {
        let (kept, pruned): (Vec<_>, Vec<_>) = before.keys().partition(|key| is_kept(key));
        eventually(
            || pruned.iter().all(|key| !present(key)).then_some(()),
            || {
                format!(
                    "still there: {:?}",
                    pruned.iter().filter(|key| present(key)).collect::<Vec<_>>()
                )
            },
        );
        let missing: Vec<_> = kept.into_iter().filter(|key| !present(key)).collect();
        assert!(missing.is_empty(), "gone too: {missing:?}");
        pruned.len()
    };
    let pruned = check(&is_kept);
    repo.run(["render", "--forget", "store"]).exits(0);
    story.source.wait(&story.source.commit());
    // The namespace that has a volume stays with it; the pipeline's goes, with all that is in it.
    let volumes = |key: &[String; 4]| {
        let stays = key[1] == "Namespace" || !key[2].ends_with("-ci");
        !of_app(key) || is_disabled(key) && stays
    };
    assert!(volumes(
        &["v1", "PersistentVolumeClaim", "store-prod", "store-data"].map(str::to_owned)
    ));
    let forgotten = check(&volumes);
    assert!(pruned > 20 && forgotten > pruned, "{pruned} {forgotten}");
    println!(
        "{pruned} objects pruned with their app, {} more when it was forgotten",
        forgotten - pruned
    );
    // The other app and bootstrap's own objects: nothing happened to them.
    let after = story.settled();
    let others: Live = before.into_iter().filter(|(key, _)| !of_app(key)).collect();
    assert_eq!(changes(&others, &after), Vec::<String>::new());
}
