//! What gen overwrites and deletes, and what it never touches.

use std::collections::BTreeMap;

use crate::support::{Repo, documents, text};

/// Three apps in two environments on one cluster.
fn repo() -> Repo {
    let repo = Repo::empty();
    for app in ["one", "two", "three"] {
        repo.write(
            &format!("apps/{app}.yaml"),
            format!("apps:\n  {app}:\n    source: https://git.example/{app}.git\n    image: registry.example/{app}\n    port: 8080\n"),
        );
    }
    repo.write(
        "gen.yaml",
        "version: 1\nrepository: https://git.example/g.git\ninclude: [apps/*.yaml]\n",
    );
    repo.write("environments/dev.yaml", "cluster: home\ndeploy: kubectl\n");
    repo.write("environments/test.yaml", "cluster: home\n");
    repo.render();
    repo
}

const EDITED: &str = "clusters/home/dev/one/app/workload.yaml";

/// What changed between two states: path and whether it is still there.
fn changes(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let all = before.keys().chain(after.keys());
    let mut changed: Vec<String> =
        all.filter(|path| before.get(*path) != after.get(*path)).cloned().collect();
    changed.sort();
    changed.dedup();
    changed
}

/// The Kustomizations of an entry.
fn entry(repo: &Repo, environment: &str) -> Vec<String> {
    let content = repo.read(&format!("clusters/home/flux/gen-{environment}.yaml"));
    documents(&content).iter().map(|object| text(object, "/metadata/name").to_owned()).collect()
}

#[test]
fn a_hand_edit_refuses_the_render_and_is_shown() {
    let repo = repo();
    let clean = repo.files();
    repo.edit(EDITED, "  type: ClusterIP", "  type: NodePort");
    let edited = repo.files();
    for args in [&["render"][..], &["render", "--env", "dev"], &["render", "-q"]] {
        let said: crate::support::Said = repo.command(args).output().expect("gen runs").into();
        let said = said.exits(3).says("GEN0801").says(EDITED);
        assert!(
            said.stderr.contains("NodePort") && said.stderr.contains("ClusterIP"),
            "{}",
            said.stderr
        );
        assert_eq!(changes(&edited, &repo.files()), [""; 0]);
    }
    let said = repo.run(["render", "--check"]).exits(1);
    assert!(
        said.stdout.contains("-  type: NodePort") && said.stdout.contains("+  type: ClusterIP"),
        "{}",
        said.stdout
    );
    // Another app's edit does not stand in the way of this one.
    repo.run(["render", "--app", "two"]).exits(0);
    repo.run(["render", "--force"]).exits(0);
    assert_eq!(changes(&clean, &repo.files()), [""; 0]);
    repo.run(["render", "--check"]).exits(0);
}

/// A deleted file is made again: nothing of anybody's is lost by that. An edited record is no edit of a file.
#[test]
fn a_deleted_file_comes_back() {
    let repo = repo();
    let clean = repo.files();
    repo.remove(EDITED);
    repo.remove("clusters/home/dev/two/gen.lock.json");
    repo.run(["render", "--check"]).exits(1);
    repo.render();
    assert_eq!(changes(&clean, &repo.files()), [""; 0]);
}

#[test]
fn foreign_files_are_kept() {
    let repo = repo();
    let foreign = [
        "clusters/home/flux/flux-system/gotk-sync.yaml",
        "clusters/home/dev/one/app/NOTES.md",
        "clusters/home/dev/one/README.md",
        "clusters/home/dev/mine/app/x.yaml",
        "clusters/other/dev/x.yaml",
        "README.md",
        ".gitignore",
    ];
    for path in foreign {
        repo.write(path, "mine\n");
    }
    repo.edit("apps/one.yaml", "8080", "9090");
    repo.render();
    repo.remove("apps/one.yaml");
    repo.render();
    repo.run(["render", "--forget", "one"]).exits(0);
    for path in foreign {
        assert_eq!(repo.read(path), "mine\n", "{path}");
    }
    // In the way of a file of gen's: refused, and by force replaced.
    repo.write("clusters/home/dev/four/app/workload.yaml", "mine\n");
    repo.write(
        "apps/four.yaml",
        "apps:\n  four: {source: https://git.example/4.git, image: registry.example/four, port: 80}\n",
    );
    repo.run(["render"]).exits(3).says("GEN0802").says("four/app/workload.yaml");
    assert_eq!(repo.read("clusters/home/dev/four/app/workload.yaml"), "mine\n");
    repo.run(["render", "--force"]).exits(0);
    repo.run(["render", "--check"]).exits(0);
}

#[test]
fn an_app_that_leaves_the_spec_is_retired() {
    let repo = repo();
    let before = repo.files();
    repo.remove("apps/one.yaml");
    let said = repo.render();
    assert!(said.stdout.contains("gen render --forget one"), "{}", said.stdout);
    for environment in ["dev", "test"] {
        let folder = format!("clusters/home/{environment}/one");
        let left: Vec<String> = repo
            .files()
            .into_keys()
            .filter(|path| path.starts_with(&folder))
            .map(|path| path[folder.len() + 1..].to_owned())
            .collect();
        assert_eq!(left, ["access/apply.yaml", "access/kustomization.yaml", "gen.lock.json"]);
        let apply = format!("{folder}/access/apply.yaml");
        assert_eq!(repo.read(&apply).as_bytes(), before[&apply]);
        let names = entry(&repo, environment);
        assert!(names.contains(&format!("one-{environment}-access")), "{names:?}");
        assert!(!names.contains(&format!("one-{environment}")), "{names:?}");
        assert!(names.contains(&format!("two-{environment}")), "{names:?}");
    }
    // It stays so, whatever is rendered meanwhile.
    let retired = repo.files();
    repo.run(["render", "--check"]).exits(0);
    repo.run(["render", "--app", "two", "--force"]).exits(0);
    assert_eq!(changes(&retired, &repo.files()), [""; 0]);
    // Back in the spec, all of it is back.
    repo.write("apps/one.yaml", &before["apps/one.yaml"]);
    repo.render();
    assert_eq!(changes(&before, &repo.files()), [""; 0]);
    // Gone again, and forgotten.
    repo.remove("apps/one.yaml");
    repo.render();
    repo.run(["render", "--forget", "tow"]).exits(64).says("GEN0609");
    repo.run(["render", "--forget", "two"]).exits(64).says("GEN0609");
    repo.run(["render", "--forget", "one"]).exits(0);
    assert!(!repo.has("clusters/home/dev/one") && !repo.has("clusters/home/test/one"));
    assert!(!entry(&repo, "dev").iter().any(|name| name.starts_with("one")));
    repo.run(["render", "--check"]).exits(0);
}

/// Rules of the Roles in a file with rights, by namespace: resources and verbs.
fn rights(repo: &Repo, path: &str) -> Vec<String> {
    let of_rule = |namespace: &str, rule: &serde_json::Value| {
        let words = |key: &str| rule[key].as_array().expect("a list").clone();
        let words = |key| {
            words(key)
                .iter()
                .map(|word| word.as_str().expect("a word").to_owned())
                .collect::<Vec<_>>()
        };
        format!("{namespace}: {} {}", words("verbs").join(","), words("resources").join(","))
    };
    let mut rights = Vec::new();
    for role in documents(&repo.read(path)).iter().filter(|object| text(object, "/kind") == "Role")
    {
        let namespace = text(role, "/metadata/namespace");
        let rules = role["rules"].as_array().expect("rules").iter();
        rights.extend(rules.map(|rule| of_rule(namespace, rule)));
    }
    rights
}

/// Flux applies rights before objects and prunes last: without the right to delete Ingresses it could never prune the last Ingress.
#[test]
fn rights_to_prune_outlive_the_last_object_of_a_kind() {
    let repo = repo();
    let (folder, app) = ("clusters/home/dev/one", "apps/one.yaml");
    let retired = format!("{folder}/access/retired.yaml");
    let plain = repo.read(app);
    repo.render();
    let before = repo.files();
    repo.write(
        app,
        format!("{plain}    host: \"{{{{ env }}}}.one.example\"\n    scale: {{max: 3}}\n"),
    );
    repo.render();
    assert!(!repo.has(&retired));
    repo.write(app, &plain);
    let said = repo.render();
    assert!(
        said.stdout.contains("one in dev: `gen render --forget one` once Flux"),
        "{}",
        said.stdout
    );
    assert_eq!(
        rights(&repo, &retired),
        ["one-dev: delete,get horizontalpodautoscalers", "one-dev: delete,get ingresses"]
    );
    assert!(repo.read(&format!("{folder}/access/kustomization.yaml")).contains("- retired.yaml\n"));
    // It stays so, whatever is rendered, and is told as long.
    let kept = repo.files();
    for args in
        [["--check", "--app", "one"], ["--force", "--app", "one"], ["--verify", "--app", "two"]]
    {
        let [what, key, app] = args;
        repo.run(["render", what, key, app]).exits(0);
        assert_eq!(changes(&kept, &repo.files()), [""; 0], "{args:?}");
    }
    assert!(repo.render().stdout.contains("--forget one"));
    // What is applied again is not only kept.
    repo.write(app, format!("{plain}    host: \"{{{{ env }}}}.one.example\"\n"));
    repo.render();
    assert_eq!(rights(&repo, &retired), ["one-dev: delete,get horizontalpodautoscalers"]);
    // An app that goes altogether takes them along, and still has them when it returns.
    repo.remove(app);
    repo.render();
    assert!(repo.has(&retired));
    repo.write(app, &plain);
    repo.render();
    assert_eq!(changes(&kept, &repo.files()), [""; 0]);
    repo.run(["render", "--forget", "one"]).exits(0);
    assert_eq!(changes(&before, &repo.files()), [""; 0]);
    repo.run(["render", "--forget", "one"]).exits(64).says("GEN0609");
}

/// A namespace would take the rights in it along.
#[test]
fn a_namespace_stays_until_its_objects_are_pruned() {
    let repo = repo();
    let (folder, app) = ("clusters/home/dev/one", "apps/one.yaml");
    let retired = format!("{folder}/access/retired.yaml");
    let plain = repo.read(app);
    let namespaces = || -> Vec<String> {
        let all = documents(&repo.read(&retired));
        let all = all.iter().filter(|object| text(object, "/kind") == "Namespace");
        all.map(|object| text(object, "/metadata/name").to_owned()).collect()
    };
    repo.write(
        app,
        format!(
            "{plain}    pipeline: [unit-test: {{image: registry.example/t, script: make test}}]\n"
        ),
    );
    repo.write("environments/dev.yaml", "cluster: home\ndeploy: kubectl\npipeline: all\n");
    repo.render();
    repo.edit("environments/dev.yaml", "pipeline: all", "pipeline: none");
    repo.render();
    let left = rights(&repo, &retired);
    assert!(left.iter().any(|rule| rule.ends_with("delete,get pipelines,tasks")), "{left:?}");
    assert_eq!(namespaces().len(), 1, "{left:?}");
    repo.run(["render", "--check"]).exits(0);
    repo.run(["render", "--forget", "one"]).exits(0);
    assert!(!repo.has(&retired));
}

/// The tree is anybody's to edit: a right that gen would never grant is not kept.
#[test]
fn rights_of_others_are_not_kept() {
    let repo = repo();
    let apply = "clusters/home/test/one/access/apply.yaml";
    let role = |name: &str, resource: &str| {
        format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: {name}, namespace: one-test}}\nrules: [{{apiGroups: [''], resources: [{resource}], verbs: [delete]}}]\n"
        )
    };
    let text = repo.read(apply);
    repo.write(apply, format!("{text}{}{}", role("one-apply", "'*'"), role("two-apply", "pods")));
    repo.run(["render"]).exits(3).says("GEN0801");
    repo.run(["render", "--force"]).exits(0);
    assert_eq!(repo.read(apply), text);
    assert!(!repo.has("clusters/home/test/one/access/retired.yaml"));
}

#[test]
fn several_removals_are_listed_and_refused() {
    let repo = repo();
    let before = repo.files();
    for app in ["one", "two"] {
        repo.remove(&format!("apps/{app}.yaml"));
    }
    let without = repo.files();
    for args in [&["render"][..], &["render", "--check"], &["render", "--force"]] {
        let said: crate::support::Said = repo.command(args).output().expect("gen runs").into();
        said.exits(3).says("GEN0803").says("the app `one`").says("the app `two`");
        assert_eq!(changes(&without, &repo.files()), [""; 0]);
    }
    repo.run(["render", "--allow-removals"]).exits(0);
    assert!(repo.has("clusters/home/dev/one/access/apply.yaml"));
    assert!(!repo.has("clusters/home/dev/one/app"));
    drop(before);
}

/// Of the environment `test` on the cluster `home` only that stays with which Flux prunes what it applied: each app's account, and
/// the Kustomization that applies that.
fn retired(repo: &Repo) {
    let left = repo.files();
    let left: Vec<&str> =
        left.keys().filter_map(|path| path.strip_prefix("clusters/home/test/")).collect();
    let of_app = |app: &str| {
        ["access/apply.yaml", "access/kustomization.yaml", "gen.lock.json"]
            .map(|file| format!("{app}/{file}"))
    };
    let wanted: Vec<String> = ["one", "three", "two"].into_iter().flat_map(of_app).collect();
    assert_eq!(left, wanted);
    let names = ["one", "three", "two"].map(|app| format!("{app}-test-access"));
    assert_eq!(entry(repo, "test"), names);
}

#[test]
fn an_environment_without_its_file_is_no_removal() {
    let repo = repo();
    let before = repo.files();
    repo.remove("environments/test.yaml");
    let said = repo.run(["render"]).exits(3).says("GEN0803");
    assert!(said.stderr.contains("environments/test.yaml"), "{}", said.stderr);
    assert_eq!(changes(&before, &repo.files()), ["environments/test.yaml"]);
    // What is selected may be written: the other environment's folder is left alone.
    repo.run(["render", "--env", "dev"]).exits(0);
    assert!(repo.has("clusters/home/test/one/gen.lock.json"));
    repo.run(["render", "--allow-removals"]).exits(0);
    retired(&repo);
    assert!(repo.has("clusters/home/dev/one/app"));
}

#[test]
fn an_include_that_matches_nothing_is_no_removal() {
    let repo = repo();
    let before = repo.files();
    repo.edit("gen.yaml", "apps/*.yaml", "app/*.yaml");
    repo.edit(
        "gen.yaml",
        "version: 1\n",
        "version: 1\napps: {last: {source: https://git.example/l.git, image: registry.example/last}}\n",
    );
    repo.run(["render"]).exits(3).says("GEN0318").says("app/*.yaml");
    assert_eq!(changes(&before, &repo.files()), ["gen.yaml"]);
    repo.run(["render", "--allow-removals"]).exits(0);
    assert!(!repo.has("clusters/home/dev/one/app"));
}

#[test]
fn a_lost_pin_is_no_removal() {
    let repo = repo();
    let digest = "1".repeat(64);
    let pins = format!("apps: {{one: {{image: \"registry.example/one@sha256:{digest}\"}}}}\n");
    repo.write("environments/test.pins.yaml", &pins);
    repo.render();
    let workload = "clusters/home/test/one/app/workload.yaml";
    assert!(repo.has(workload));
    repo.remove("environments/test.pins.yaml");
    repo.run(["render"]).exits(3).says("GEN0803").says("the workload of `one` in test");
    assert!(repo.has(workload));
    repo.run(["render", "--allow-removals"]).exits(0);
    assert!(!repo.has(workload));
}

#[test]
fn a_renamed_cluster_is_no_removal() {
    let repo = repo();
    let before = repo.files();
    repo.edit("environments/test.yaml", "home", "lab");
    let said = repo.run(["render"]).exits(3).says("GEN0803");
    assert!(said.stderr.contains("clusters/home/test/one"), "{}", said.stderr);
    assert_eq!(changes(&before, &repo.files()), ["environments/test.yaml"]);
    repo.run(["render", "--allow-removals"]).exits(0);
    retired(&repo);
    assert!(repo.has("clusters/lab/test/one/app") && repo.has("clusters/lab/flux/gen-test.yaml"));
}

#[test]
fn what_is_selected_limits_what_is_written() {
    let repo = repo();
    repo.edit("gen.yaml", "version: 1\n", "version: 1\ndefaults: {labels: {team: x}}\n");
    let before = repo.files();
    let shown = |args: &[&str]| {
        let said: crate::support::Said = repo.command(args).output().expect("gen runs").into();
        let said = said.exits(0);
        (changes(&before, &repo.files()), said)
    };
    let below = |changed: &[String], folders: &[&str]| {
        for path in changed {
            assert!(folders.iter().any(|folder| path.starts_with(folder)), "{path}");
        }
        assert!(!changed.is_empty());
    };
    let (changed, _) = shown(&["render", "--env", "dev", "--app", "one"]);
    below(&changed, &["clusters/home/dev/one/", "clusters/home/flux/gen-dev."]);
    let (changed, _) = shown(&["render", "--app", "one"]);
    below(
        &changed,
        &["clusters/home/dev/one/", "clusters/home/test/one/", "clusters/home/flux/gen-"],
    );
    let (changed, _) = shown(&["render", "--env", "test"]);
    below(&changed, &["clusters/home/test/", "clusters/home/dev/one/", "clusters/home/flux/gen-"]);
    // All is read all the same: an error of an app that is not selected is one.
    repo.edit("apps/two.yaml", "port", "prot");
    repo.run(["render", "--app", "one"]).exits(3).says("GEN0312").says("apps/two.yaml");
    repo.run(["render", "--app", "ones"]).exits(3);
    repo.edit("apps/two.yaml", "prot", "port");
    repo.run(["render", "--app", "ones"]).exits(64).says("GEN0602").says("`one`");
    repo.run(["render", "--env", "dve"]).exits(64).says("GEN0601").says("`dev`");
}

/// A new app that is rendered alone leaves no hole in the entry: Flux would look for folders in vain.
#[test]
fn the_entry_names_only_what_is_there() {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        "version: 1\nrepository: https://git.example/g.git\napps:\n  a: {source: https://git.example/a.git, image: registry.example/a}\n  b: {source: https://git.example/b.git, image: registry.example/b}\n",
    );
    repo.write("environments/dev.yaml", "cluster: home\n");
    repo.run(["render", "--app", "a"]).exits(0);
    assert_eq!(entry(&repo, "dev"), ["a-dev-access", "a-dev"]);
    repo.run(["render", "--app", "b"]).exits(0);
    assert_eq!(entry(&repo, "dev"), ["a-dev-access", "a-dev", "b-dev-access", "b-dev"]);
    repo.run(["render", "--check"]).exits(0);
}

#[test]
fn nothing_outside_the_tree_changes() {
    let repo = repo();
    let outside = |repo: &Repo| {
        let mut files = crate::support::snapshot(repo.path());
        files.retain(|path, _| !path.starts_with("clusters/") && !path.starts_with(".gen/"));
        files
    };
    let before = outside(&repo);
    repo.edit("apps/one.yaml", "8080", "9090");
    repo.render();
    repo.run(["render", "--check"]).exits(0);
    repo.run(["render", "--stdout"]).exits(0);
    repo.run(["run", "one", "--env", "dev"]).exits(0);
    repo.run(["template", "list"]).exits(0);
    repo.run(["explain"]).exits(0);
    assert_eq!(changes(&before, &outside(&repo)), ["apps/one.yaml"]);
    // Git is told to look away from what only this checkout needs.
    assert_eq!(repo.read(".gen/.gitignore"), "*\n");
    let left: Vec<String> = crate::support::snapshot(&repo.at(".gen")).into_keys().collect();
    assert_eq!(left, [".gitignore", "last", "lock", "stat"]);
}

/// `--check`, `--stdout` and everything that only reads make no folder of their own, even in a checkout that cannot be written to.
#[test]
fn reading_writes_nothing() {
    let repo = repo();
    repo.remove_folder(".gen");
    let before = crate::support::snapshot(repo.path());
    repo.run(["render", "--check"]).exits(0);
    repo.run(["render", "--stdout"]).exits(0);
    assert!(!repo.has(".gen"));
    assert_eq!(changes(&before, &crate::support::snapshot(repo.path())), [""; 0]);
}
