//! An environment that ends: its file goes, and Flux prunes what it has applied for it, because the accounts stay until the apps are
//! forgotten. An environment beside it on the same cluster keeps everything.

use crate::cluster::{cluster, eventually};
use crate::flux::Source;
use crate::support::{Repo, text};

#[test]
fn an_environment_that_ends_is_pruned_and_then_forgotten() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("ended");
    let source = Source::new(cluster, Repo::empty(), &namespace);
    let repo = source.repo();
    let app = |name: &str| {
        format!(
            "  {name}: {{source: https://git.example/team/{name}.git, image: 'registry.example/team/{name}@sha256:{}', workload: {{cronjob: {{schedule: '0 3 * * *'}}}}}}\n",
            "5".repeat(64)
        )
    };
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {namespace}}}\napps:\n{}{}",
            app("leaver"),
            app("parter")
        ),
    );
    repo.write("environments/stays.yaml", "cluster: home\npipeline: none\n");
    // One namespace for all apps, which has to outlast their accounts' work.
    repo.write("environments/ends.yaml", "cluster: home\npipeline: none\nnamespace: all-of-ends\n");
    repo.render();
    let commit = source.commit();
    source.follow("./clusters/home/flux");
    source.wait(&commit);
    let names = || -> Vec<String> {
        let mut names: Vec<String> = source
            .kustomizations()
            .iter()
            .map(|each| text(each, "/metadata/name").to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names().len(), 10, "{:?}", names());
    let admin = cluster.admin();
    let jobs = || -> Vec<String> {
        let all = admin.list("batch/v1", "CronJob", "");
        let namespaces = all.iter().map(|each| text(each, "/metadata/namespace").to_owned());
        let mut ours: Vec<String> = namespaces
            .filter(|namespace| namespace == "all-of-ends" || namespace.ends_with("-stays"))
            .collect();
        ours.sort();
        ours
    };
    assert_eq!(jobs(), ["all-of-ends", "all-of-ends", "leaver-stays", "parter-stays"]);

    std::fs::remove_file(repo.at("environments/ends.yaml")).expect("it is there");
    repo.run(["render"]).exits(3);
    repo.run(["render", "--allow-removals"]).exits(0);
    repo.run(["render", "--check"]).exits(0);
    let commit = source.commit();
    let staying = [
        "flux-system",
        "gen-ends-shared",
        "leaver-ends-access",
        "leaver-stays",
        "leaver-stays-access",
        "parter-ends-access",
        "parter-stays",
        "parter-stays-access",
    ];
    // A Kustomization is gone only after what it applied.
    eventually(|| (names() == staying).then_some(()), || source.told());
    assert_eq!(jobs(), ["leaver-stays", "parter-stays"]);
    source.wait(&commit);

    for app in ["leaver", "parter"] {
        repo.run(["render", "--forget", app]).exits(0);
    }
    source.commit();
    let staying: Vec<&str> = staying.into_iter().filter(|name| !name.contains("ends")).collect();
    eventually(|| (names() == staying).then_some(()), || source.told());
    eventually(
        || {
            let path = "/api/v1/namespaces/all-of-ends";
            (admin.get_path(path).status == 404).then_some(())
        },
        || source.told(),
    );
    assert_eq!(jobs(), ["leaver-stays", "parter-stays"]);
}
