//! A render of what was rendered last time does nothing, and never does nothing where something is to be done.

use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use crate::support::Repo;
use crate::support::wait::until_older;

const SPEC: &str = "version: 1\nrepository: https://git.example/g.git\ninclude: [apps/*.yaml]\n";
const UNIT: &str = "clusters/home/dev/one/app/workload.yaml";

fn app(name: &str, more: &str) -> String {
    format!(
        "apps:\n  {name}:\n    source: https://git.example/{name}.git\n    image: registry.example/{name}\n    port: 8080\n{more}"
    )
}

/// Two apps in two environments that share a namespace, one with raw manifests; rendered, and old enough to be known by its times.
fn repo() -> Repo {
    let repo = Repo::empty();
    repo.write("gen.yaml", SPEC);
    repo.write("apps/one.yaml", app("one", "    extra: manifests\n"));
    repo.write("apps/two.yaml", app("two", ""));
    repo.write(
        "manifests/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: b}\n",
    );
    for environment in ["dev", "test"] {
        let text = format!("cluster: home\nnamespace: shop-{environment}\ndeploy: kubectl\n");
        repo.write(&format!("environments/{environment}.yaml"), text);
    }
    repo.render();
    // A file that was written within the clock's last tick is looked at again; so the second render knows all of them.
    until_older(repo.path(), TICK);
    repo.render();
    repo
}

/// More than a tick of the clock by which files are dated.
const TICK: Duration = Duration::from_millis(50);

/// Which file it is that remembers: a render that does anything replaces it. Its number alone could be given again.
fn memory(repo: &Repo) -> (u64, i64, i64) {
    let path = repo.at(".gen/last");
    std::fs::metadata(path).map_or((0, 0, 0), |file| (file.ino(), file.ctime(), file.ctime_nsec()))
}

/// Renders, and says whether that was told again instead of done.
fn told_again(repo: &Repo) -> bool {
    let before = memory(repo);
    let status = repo.run(["render"]);
    assert!(!status.stdout.is_empty() || status.status != Some(0));
    before != (0, 0, 0) && before == memory(repo)
}

#[test]
fn the_same_again_is_told_again() {
    let repo = repo();
    let done = repo.run(["render", "--force"]).exits(0);
    // That one was special and is not remembered; the next is.
    assert!(!told_again(&repo));
    let json = repo.run(["render", "-o", "json"]).exits(0);
    for _ in 0..2 {
        let files = repo.files();
        assert!(told_again(&repo));
        assert_eq!(files, repo.files());
        assert_eq!(repo.run(["render"]).exits(0).stdout, done.stdout);
        assert_eq!(repo.run(["render", "-o", "json"]).stdout, json.stdout);
    }
    // With `-v` more is told, and selections and checks look for themselves.
    let verbose = repo.run(["render", "-v"]).exits(0);
    assert!(verbose.stdout.contains("unchanged"));
    repo.run(["render", "--check"]).exits(0);
}

/// Whatever may have changed, the render is done; and what is there then is what the spec says.
#[test]
fn every_change_is_noticed() {
    type Change = (&'static str, i32, fn(&Repo));
    let changes: [Change; 15] = [
        ("an app", 0, |r| {
            r.write("apps/two.yaml", app("two", "    replicas: 3\n"));
        }),
        ("an app more", 0, |r| {
            r.write("apps/three.yaml", app("three", ""));
        }),
        ("an app less", 0, |r| r.remove("apps/two.yaml")),
        ("the spec", 0, |r| {
            r.write("gen.yaml", format!("{SPEC}flux: {{interval: 5m}}\n"));
        }),
        ("a broken spec", 3, |r| r.write("gen.yaml", "version: 2\n")),
        ("an environment", 0, |r| {
            r.edit("environments/dev.yaml", "deploy", "apis: []\ndeploy");
        }),
        ("an environment more", 0, |r| {
            r.write("environments/new.yaml", "cluster: home\n");
        }),
        ("pins", 0, |r| {
            let digest = "1".repeat(64);
            let pin = |app: &str| {
                format!("  {app}: {{image: \"registry.example/{app}@sha256:{digest}\"}}\n")
            };
            let pins = format!("apps:\n{}{}", pin("one"), pin("two"));
            r.edit("environments/test.yaml", "deploy: kubectl", "deploy: git");
            r.write("environments/test.pins.yaml", pins);
        }),
        ("a manifest", 0, |r| {
            r.edit("manifests/map.yaml", "a: b", "a: c");
        }),
        ("a template", 0, |r| {
            let text = include_str!("../../templates/workload/service.yaml");
            r.write("templates/workload/service.yaml", format!("{text}# ours\n"));
        }),
        ("a definition", 0, |r| {
            let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: example.org, scope: Cluster, names: {kind: A, plural: as}, versions: [{name: v1}]}\n";
            r.write("crds/a.yaml", crd);
        }),
        ("a hand edit", 3, |r| r.edit(UNIT, "8080", "9090")),
        ("a file that is gone", 0, |r| r.remove(UNIT)),
        ("a folder that is gone", 0, |r| {
            r.remove_folder("clusters/home/dev/one");
        }),
        ("a record of somebody else's", 3, |r| {
            r.write("clusters/home/dev/gone/gen.lock.json", "{}");
        }),
    ];
    for (name, status, change) in changes {
        let repo = repo();
        assert!(told_again(&repo), "{name}: the positive control");
        change(&repo);
        let before = memory(&repo);
        let said = repo.run(["render"]);
        assert_eq!(said.status, Some(status), "{name}: {}", said.stderr);
        if status == 0 {
            assert_ne!(before, memory(&repo), "{name} was not noticed");
            repo.run(["render", "--check"]).exits(0);
        }
    }
}

/// What was rendered in between counts, too: the spec of the first render is not that of the tree any more.
#[test]
fn what_a_selection_rendered_is_not_forgotten() {
    let repo = repo();
    let first = repo.files();
    repo.write("apps/two.yaml", app("two", "    grace: 5\n"));
    until_older(repo.path(), TICK);
    repo.run(["render", "--env", "dev"]).exits(0);
    repo.write("apps/two.yaml", app("two", ""));
    assert_ne!(first, repo.files());
    assert!(!told_again(&repo));
    assert_eq!(first, repo.files());
}

/// Damaged, by another program, or none of gen's: as if it were not there.
#[test]
fn a_memory_that_cannot_be_trusted_is_none() {
    let damages: [fn(&Repo); 6] = [
        |r| r.write(".gen/last", ""),
        |r| r.write(".gen/last", "gen-last 1 0.0.0 sha256:0\n{}"),
        |r| r.write(".gen/last", [0xff, 0xfe]),
        |r| {
            let text = r.read(".gen/last");
            r.write(".gen/last", text.replacen("\"told\":", "\"told\": ", 1));
        },
        |r| r.remove(".gen/stat"),
        // What an interrupted render left has to be cleared away.
        |r| r.write(".gen/stage/0/app/workload.yaml", "left"),
    ];
    for damage in damages {
        let repo = repo();
        damage(&repo);
        let before = memory(&repo);
        let said = repo.run(["render"]).exits(0);
        assert!(said.stdout.contains("0 files written"));
        assert_ne!(before, memory(&repo));
        assert!(!repo.has(".gen/stage"));
    }
}
