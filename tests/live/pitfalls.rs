//! What gen's rules about Flux predict, as the real kustomize-controller shows it: the bad half of each rule's own case
//! (tests/check/rules), applied as it stands, and for most of them the good half as a control.
//!
//! Not here: rules about what Flux's other controllers do (`flux-unknown-events`), about what is safe (`secret-in-clear`), about flags of
//! its controllers (`flux-other-namespace`), and about etcd's limit (`flux-inventory`).

use serde_json::{Value, json};

use crate::cluster::{Cluster, cluster, eventually};
use crate::flux::{Source, ready};
use crate::requests::Caller;
use crate::rule_cases::{files, read};
use crate::support::{Repo, text};

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";

/// A half of a case, applied.
struct Play<'a> {
    source: Source<'a>,
    /// The namespace of what the Kustomizations apply.
    shop: String,
    /// The Kustomizations of the case, by name.
    objects: Vec<Value>,
}

impl<'a> Play<'a> {
    /// Commits the files of a half, and applies its Kustomizations and sources, but for those in `later`.
    fn new(cluster: &'a Cluster, rule: &str, half: &str, later: &[&str]) -> Self {
        let (flux, shop) = (cluster.namespace("pitfall"), cluster.namespace("shop"));
        let half = half
            .replace("namespace: flux-system", &format!("namespace: {flux}"))
            .replace("namespace: shop", &format!("namespace: {shop}"))
            .replace("shops.example.org", &format!("shops.{shop}.example"))
            .replace("example.org", &format!("{shop}.example"));
        let source = Source::new(cluster, Repo::empty(), &flux);
        let mut objects = Vec::new();
        for (path, text) in files(&half) {
            if path == "case.yaml" {
                objects.extend(documents(&text));
            } else {
                source.repo().write(path, text);
            }
        }
        source.commit();
        let [git, _] = source.bootstrap("./");
        if !objects.iter().any(|object| text(object, "/kind") == "GitRepository") {
            cluster.admin().create(&git).expect_ok();
        }
        let play = Self { source, shop, objects };
        assert!(!play.objects.is_empty(), "{rule}: no object of Flux");
        for object in &play.objects {
            if !later.contains(&text(object, "/metadata/name")) {
                cluster.admin().create(object).expect_ok();
            }
        }
        cluster.poke();
        play
    }

    fn admin(&self) -> Caller<'a> {
        self.source.cluster().admin()
    }

    fn create(&self, name: &str) {
        let mut all = self.objects.iter();
        let object = all.find(|object| text(object, "/metadata/name") == name);
        self.admin().create(object.expect("the case has it")).expect_ok();
        self.source.cluster().poke();
    }

    /// Waits until a Kustomization has failed with a message that has this part.
    #[track_caller]
    fn fails(&self, name: &str, part: &str) {
        eventually(
            || {
                let object = self.source.kustomization(name);
                let (status, message) = ready(&object);
                (status == "False" && message.contains(part)).then_some(())
            },
            || {
                let status = &self.source.kustomization(name)["status"];
                format!("`{name}` does not fail with `{part}`: {status} {}", self.source.told())
            },
        );
    }

    /// Waits until a Kustomization is ready.
    #[track_caller]
    fn succeeds(&self, name: &str) {
        eventually(
            || (ready(&self.source.kustomization(name)).0 == "True").then_some(()),
            || format!("`{name}` is not ready: {}", self.source.told()),
        );
    }

    /// Has one Kustomization applied again.
    #[track_caller]
    fn again(&self, name: &str) {
        let field = "/status/lastHandledReconcileAt";
        let object = self.source.kustomization(name);
        let at = format!("{}+", text(&object, field));
        let change = json!({"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": at}}});
        self.admin().merge(&object, "test", &change).expect_ok();
        eventually(
            || (text(&self.source.kustomization(name), field) == at).then_some(()),
            || self.source.told(),
        );
    }

    fn get(&self, api: &str, kind: &str, name: &str) -> Option<Value> {
        let answer = self.admin().get(api, kind, &self.shop, name);
        (answer.status != 404).then(|| answer.expect_ok())
    }

    fn map(&self, name: &str) -> Option<Value> {
        self.get("v1", "ConfigMap", name)
    }
}

fn documents(text: &str) -> Vec<Value> {
    let all = text.split("---\n").filter(|text| !text.trim().is_empty());
    all.map(|text| serde_yaml::from_str(text).expect("YAML")).collect()
}

/// The bad half of a case, and the good one.
fn case(rule: &str) -> (String, String) {
    read(rule).unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn what_fails_for_ever_fails() {
    let Some(cluster) = cluster() else { return };
    let fails: [(&str, &str, &str); 7] = [
        ("flux-unknown-dependency", "b", "not found"),
        ("flux-dependency-cycle", "a", "dependency"),
        ("flux-dependency-cycle", "b", "dependency"),
        ("flux-no-source", "a", "not found"),
        ("flux-no-path", "b", "kustomization path not found"),
        ("flux-no-name", "a", "name"),
        ("flux-substitution", "a", "variable not set (strict mode): \"HOTS\""),
    ];
    for (rule, name, part) in fails {
        Play::new(cluster, rule, &case(rule).0, &[]).fails(name, part);
    }
    // The source of flux-no-source's good half is on a host that is not there.
    let good = [
        ("flux-unknown-dependency", vec!["a", "b"]),
        ("flux-dependency-cycle", vec!["a", "b"]),
        ("flux-no-path", vec!["a", "b"]),
    ];
    for (rule, names) in good {
        let (_, good) = case(rule);
        // Paths that the case leaves out, because no rule asks for them.
        let good = format!("{good}\n# file: a/more.yaml\n{MAP}# file: b/more.yaml\n{MAP}");
        let play = Play::new(cluster, rule, &good, &[]);
        for name in names {
            play.succeeds(name);
        }
    }
}

const MAP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: shop}\ndata: {a: b}\n";

/// Without a dependency it is luck which comes first.
#[test]
fn what_comes_too_early_fails_until_the_next_turn() {
    let Some(cluster) = cluster() else { return };
    let (bad, _) = case("flux-definition-later");
    let play = Play::new(cluster, "flux-definition-later", &bad, &["a"]);
    play.fails("b", "no matches for kind \"Shop\"");
    play.create("a");
    play.succeeds("a");
    assert_eq!(ready(&play.source.kustomization("b")).0, "False", "{}", play.source.told());

    let (bad, good) = case("flux-namespace-later");
    // Its namespace is the only one that the cluster must not have yet.
    let late = |half: &str| {
        half.replace("name: shop", "name: late-shop")
            .replace("namespace: shop", "namespace: late-shop")
    };
    let play = Play::new(cluster, "flux-namespace-later", &late(&bad), &["a"]);
    play.fails("b", "namespace");
    play.create("a");
    play.succeeds("a");
    assert_eq!(ready(&play.source.kustomization("b")).0, "False", "{}", play.source.told());
    play.again("b");
    play.succeeds("b");
    let good = late(&good).replace("late-shop", "late-shop-too");
    let play = Play::new(cluster, "flux-namespace-later", &good, &["a"]);
    play.fails("b", "dependency");
    play.create("a");
    play.succeeds("a");
    play.succeeds("b");
}

#[test]
fn what_is_applied_otherwise_than_meant_is() {
    let Some(cluster) = cluster() else { return };
    let play = Play::new(
        cluster,
        "flux-suspended",
        &(case("flux-suspended").0 + "\n# file: a/more.yaml\n" + MAP),
        &[],
    );
    play.source.commit();
    let control = Play::new(
        cluster,
        "flux-suspended",
        &(case("flux-suspended").1 + "\n# file: a/more.yaml\n" + MAP),
        &[],
    );
    control.succeeds("a");
    assert!(control.map("more").is_some());
    assert!(play.map("more").is_none(), "a suspended one applies nothing");
    assert_eq!(text(&play.source.kustomization("a"), "/status/lastAppliedRevision"), "");

    for (half, stays) in [(case("flux-not-pruned").0, true), (case("flux-not-pruned").1, false)] {
        let half = format!(
            "{half}\n# file: a/more.yaml\n{MAP}# file: a/other.yaml\n{}",
            MAP.replace("more", "other")
        );
        let play = Play::new(cluster, "flux-not-pruned", &half, &[]);
        play.succeeds("a");
        std::fs::remove_file(play.source.repo().at("a/more.yaml")).expect("it is there");
        let commit = play.source.commit();
        eventually(
            || {
                text(&play.source.kustomization("a"), "/status/lastAppliedRevision")
                    .ends_with(&commit)
                    .then_some(())
            },
            || play.source.told(),
        );
        assert_eq!(play.map("more").is_some(), stays, "prune: {}", !stays);
    }
}

/// Each makes the object its own at its turn.
#[test]
fn two_owners_take_an_object_from_each_other() {
    let Some(cluster) = cluster() else { return };
    let play = Play::new(cluster, "flux-two-owners", &case("flux-two-owners").0, &[]);
    play.succeeds("a");
    play.succeeds("b");
    let owner = || {
        let object = play.map("one").expect("it is there");
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"].clone()
    };
    for name in ["a", "b", "a"] {
        play.again(name);
        play.succeeds(name);
        assert_eq!(owner(), name);
    }
}

#[test]
fn flux_takes_back_what_an_autoscaler_sets() {
    let Some(cluster) = cluster() else { return };
    for (half, expected) in [(case("flux-scaled-twice").0, 2), (case("flux-scaled-twice").1, 4)] {
        let deployment = format!("# file: a/web.yaml\n{half}\n");
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: flux-system}\nspec: {interval: 10m, path: ./a, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n";
        let play = Play::new(cluster, "flux-scaled-twice", &format!("{flux}{deployment}"), &[]);
        play.succeeds("a");
        let web = play.get("apps/v1", "Deployment", "web").expect("it is there");
        // As an autoscaler does, which has a field manager of its own.
        play.admin().merge(&web, "vpa", &json!({"spec": {"replicas": 4}})).expect_ok();
        play.again("a");
        play.succeeds("a");
        let web = play.get("apps/v1", "Deployment", "web").expect("it is there");
        assert_eq!(web["spec"]["replicas"], expected);
    }
}

const PAUSED: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  paused: PAUSED
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.example/web:1}]}
";

fn kustomization(name: &str, more: &str) -> String {
    format!(
        "---\napiVersion: {KUSTOMIZE}\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {{interval: 10m, retryInterval: 10m, path: ./{name}, prune: true, sourceRef: {{kind: GitRepository, name: flux-system}}{more}}}\n"
    )
}

#[test]
fn what_never_becomes_ready_holds_back_what_depends_on_it() {
    let Some(cluster) = cluster() else { return };
    let flux = kustomization("a", ", wait: true, timeout: 5s")
        + &kustomization("b", ", dependsOn: [{name: a}]");
    let half = |paused: &str| {
        format!(
            "{flux}# file: a/web.yaml\n{}# file: b/more.yaml\n{MAP}",
            PAUSED.replace("PAUSED", paused)
        )
    };
    let play = Play::new(cluster, "flux-never-ready", &half("true"), &[]);
    play.fails("a", "health check failed");
    play.fails("b", "dependency");
    assert!(play.map("more").is_none());
    let play = Play::new(cluster, "flux-never-ready", &half("false"), &[]);
    play.succeeds("a");
    eventually(|| play.map("more"), || play.source.told());

    // A suspended Job counts as ready, by a rule of Flux's own (fluxcd/pkg, runtime/statusreaders/job.go).
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: load, namespace: shop}\nspec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: load, image: registry.example/load:1}]}}}\n";
    let half = format!("{flux}# file: a/job.yaml\n{job}# file: b/more.yaml\n{MAP}");
    Play::new(cluster, "flux-never-ready", &half, &[]).succeeds("a");
}

#[test]
fn health_checks_beside_wait_are_not_made() {
    let Some(cluster) = cluster() else { return };
    let files = format!("# file: a/more.yaml\n{MAP}");
    let checks = ", healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: shop}], timeout: 5s";
    let play = Play::new(
        cluster,
        "flux-checks-ignored",
        &(kustomization("a", &format!("{checks}, wait: true")) + &files),
        &[],
    );
    play.succeeds("a");
    let play =
        Play::new(cluster, "flux-checks-ignored", &(kustomization("a", checks) + &files), &[]);
    play.fails("a", "health check failed");
}

#[test]
fn what_moves_is_pruned_by_the_old_one_first() {
    let Some(cluster) = cluster() else { return };
    let flux = kustomization("old", "") + &kustomization("new", "");
    let other = MAP.replace("more", "other");
    for (annotations, is_kept) in
        [("", false), (", annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}", true)]
    {
        let map = MAP.replace("namespace: shop", &format!("namespace: shop{annotations}"));
        let half = format!(
            "{flux}# file: old/more.yaml\n{map}# file: old/other.yaml\n{other}# file: new/third.yaml\n{}",
            MAP.replace("more", "third")
        );
        let play = Play::new(cluster, "flux-moved", &half, &[]);
        play.succeeds("old");
        play.succeeds("new");
        let uid = |map: &Value| text(map, "/metadata/uid").to_owned();
        let before = uid(&play.map("more").expect("it is there"));
        // The new one is held, so that the old one comes first for sure.
        let suspend = |is: bool| {
            let object = play.source.kustomization("new");
            play.admin().merge(&object, "test", &json!({"spec": {"suspend": is}})).expect_ok();
        };
        suspend(true);
        let repo = play.source.repo();
        std::fs::rename(repo.at("old/more.yaml"), repo.at("new/more.yaml")).expect("it moves");
        let commit = play.source.commit();
        eventually(
            || {
                text(&play.source.kustomization("old"), "/status/lastAppliedRevision")
                    .ends_with(&commit)
                    .then_some(())
            },
            || play.source.told(),
        );
        assert_eq!(play.map("more").is_some(), is_kept);
        suspend(false);
        let after = eventually(
            || {
                play.map("more").filter(|map| {
                    map["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] == "new"
                })
            },
            || play.source.told(),
        );
        assert_eq!(uid(&after) == before, is_kept, "{annotations}");
    }
}

/// Flux reads a Secret as what it is before it looks for `sops`, which is no field of it: so only values that are no base64 are noticed.
#[test]
fn what_is_encrypted_is_refused_or_applied_as_it_is() {
    let Some(cluster) = cluster() else { return };
    let (bad, _) = case("flux-not-decrypted");
    let play = Play::new(cluster, "flux-not-decrypted", &bad.replace("stringData", "data"), &[]);
    play.fails("a", "is SOPS encrypted, configuring decryption is required");
    let play = Play::new(cluster, "flux-not-decrypted", &bad, &[]);
    play.succeeds("a");
    let secret = play.get("v1", "Secret", "db").expect("it is there");
    // The beginning of `ENC[AES256_GCM`.
    assert!(text(&secret, "/data/password").starts_with("RU5DW0FFUzI1Nl9HQ0"), "{secret}");
}
