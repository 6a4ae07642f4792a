//! Fifty apps whose source is split: an ArtifactGenerator gives each an artifact of its own, so that a commit that changes one
//! reconciles one. Then all but one are removed in one commit, and Flux prunes fifty times what it applied.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::cluster::{Cluster, PATIENCE, cluster, eventually};
use crate::flux::Source;
use crate::support::wait::quiet;
use crate::support::{Repo, objects, text};

const APPS: usize = 51;

fn spec(namespace: &str, apps: impl Iterator<Item = usize>) -> String {
    let mut spec = format!(
        "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {namespace}}}\napps:\n"
    );
    for app in apps {
        let name = format!("fleet{app}");
        // A CronJob: no pods come up, so what is measured is Flux.
        let _ = writeln!(
            spec,
            "  {name}: {{source: https://git.example/team/{name}.git, image: 'registry.example/team/{name}@sha256:{}', workload: {{cronjob: {{schedule: '0 3 * * *'}}}}}}",
            "5".repeat(64)
        );
    }
    spec
}

/// Of each Kustomization: what Flux last applied and when it was last written.
fn states(source: &Source) -> BTreeMap<String, (String, String)> {
    let all = source.kustomizations();
    all.iter()
        .map(|each| {
            let revision = text(each, "/status/lastAppliedRevision").to_owned();
            let version = text(each, "/metadata/resourceVersion").to_owned();
            (text(each, "/metadata/name").to_owned(), (revision, version))
        })
        .collect()
}

#[test]
fn one_changed_app_of_fifty_reconciles_alone_and_removed_ones_are_pruned() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("fleet");
    let source = Source::new(cluster, Repo::empty(), &namespace);
    let repo = source.repo();
    repo.write("gen.yaml", spec(&namespace, 0..APPS));
    repo.write("environments/prod.yaml", "pipeline: none\napis: [artifact-generator]\n");
    repo.render();
    let commit = source.commit();
    source.follow("./clusters/prod/flux");
    source.wait(&commit);
    let up = states(&source);
    assert_eq!(up.len(), 2 * APPS + 1, "two for each app, and the entry");

    // One app changes.
    repo.edit("gen.yaml", "fleet7: {", "fleet7: {env: {CHANGED: 'yes'}, ");
    repo.render();
    source.commit();
    let wanted = ["flux-system", "fleet7-prod", "fleet7-prod-access"];
    eventually(
        || {
            let now = states(&source);
            wanted.iter().all(|name| now[*name].0 != up[*name].0).then_some(())
        },
        || source.told(),
    );
    // Whatever else were to come has the time that this took to come.
    let rest = Duration::from_secs(3);
    let changed =
        quiet(rest, PATIENCE, || states(&source), PartialEq::eq).expect("it comes to rest");
    let moved: Vec<&str> = changed
        .iter()
        .filter(|(name, state)| up[*name] != **state)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(moved, ["fleet7-prod", "fleet7-prod-access", "flux-system"]);

    removed_apps_are_pruned(cluster, &source);
}

fn removed_apps_are_pruned(cluster: &Cluster, source: &Source) {
    let repo = source.repo();
    let before: Vec<_> = objects(&repo.at("clusters"))
        .into_iter()
        .filter(|object| !object.path.contains("/flux/"))
        .collect();
    repo.write("gen.yaml", spec(source.namespace(), 0..1));
    repo.run(["render", "--allow-removals"]).exits(0);
    source.commit();
    let admin = cluster.admin();
    let named = |kind: &str, api: &str| -> Vec<String> {
        let all = admin.list(api, kind, "");
        let of_fleet = all.iter().map(|each| text(each, "/metadata/namespace").to_owned());
        of_fleet
            .filter(|namespace| namespace.starts_with("fleet") && namespace.ends_with("-prod"))
            .collect()
    };
    eventually(|| (source.kustomizations().len() == APPS + 2).then_some(()), || source.told());
    // A Kustomization is gone only after what it applied: nothing of 50 apps is left, everything of the one is.
    assert_eq!(named("CronJob", "batch/v1"), ["fleet0-prod"]);
    // What the cluster's own account applied for them, but for the access that is kept, goes with the next apply of that folder.
    let policies = || named("NetworkPolicy", "networking.k8s.io/v1");
    eventually(
        || policies().iter().all(|namespace| namespace == "fleet0-prod").then_some(()),
        || format!("{:?}", policies()),
    );
    // What lets Flux do that stays until each app is forgotten.
    for kind in ["Role", "RoleBinding", "Namespace"] {
        let lists = before.iter().filter(|object| {
            object.kind() == kind
                && object.name().ends_with(if kind == "Namespace" { "-prod" } else { "-apply" })
        });
        let mut count = 0;
        for object in lists {
            let path = cluster.kinds().path_of(&object.value);
            assert_eq!(admin.get_path(&path).status, 200, "{path}");
            count += 1;
        }
        assert_eq!(count, APPS, "{kind}");
    }
    let left: Vec<Value> = source.kustomizations();
    let finalizers =
        left.iter().filter(|each| each.pointer("/metadata/deletionTimestamp").is_some());
    assert_eq!(finalizers.count(), 0);
    println!("{} of {} apps removed in one commit were pruned", APPS - 1, APPS - 1);
}
