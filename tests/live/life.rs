//! A tree over its life, as `gen diff` sees it and as Flux then does it: the first run, nothing, an app that goes, and what an
//! account needs to be told all that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use gitops_gen::change::{Change, Class, Desired};
use gitops_gen::cluster::{Comparison, NoProgress, Options, Scope, compare};
use gitops_gen::diagnostics::ClusterError;
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster, eventually};
use crate::compared::{connect, impersonating, options, scope, tree};
use crate::flux::Source;
use crate::support::{Repo, text};

/// An environment of this test alone: where no inventory says what is whose, gen's label with the environment does.
const ENVIRONMENT: &str = "life";

/// Two apps, one with a volume, in namespaces of this test alone.
fn spec(namespace: &str, apps: &[&str]) -> String {
    let mut spec = format!(
        "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {namespace}}}\napps:\n"
    );
    for app in apps {
        let _ = writeln!(
            spec,
            "  {app}: {{source: https://git.example/team/{app}.git, image: 'registry.example/team/{app}@sha256:{}', port: 8080, storage: [{{name: data, size: 1Gi, mount: /data}}]}}",
            "5".repeat(64)
        );
    }
    spec
}

struct Story<'a> {
    cluster: &'static Cluster,
    source: Source<'a>,
}

impl Story<'_> {
    fn desired(&self) -> Vec<Desired> {
        tree(&self.source.repo().at("clusters"), ENVIRONMENT)
    }

    fn scope(&self, desired: &[Desired]) -> Scope {
        let names: Vec<&str> = desired
            .iter()
            .filter(|object| object.identity.kind == "Kustomization")
            .map(|object| object.identity.name.as_str())
            .collect();
        let mut scope = scope(self.source.namespace(), &names);
        ENVIRONMENT.clone_into(&mut scope.environments[0].environment);
        scope
    }

    fn compare_with(&self, kubeconfig: &Path, options: &Options) -> Comparison {
        let desired = self.desired();
        let scope = self.scope(&desired);
        let given = desired.len();
        let said = compare(&connect(kubeconfig), desired, &scope, options, &NoProgress)
            .unwrap_or_else(|error| panic!("{error}"));
        // Every object is in one class.
        let objects: BTreeSet<String> = said
            .changes
            .iter()
            .filter(|change| change.path.is_some())
            .map(|change| change.identity.to_string())
            .collect();
        assert_eq!(objects.len(), given);
        said
    }

    fn compare(&self) -> Comparison {
        self.compare_with(self.cluster.kubeconfig(User::Admin), &options())
    }

    fn is_there(&self, change: &Change, apis: &BTreeMap<String, String>) -> bool {
        let identity = &change.identity;
        let namespace = identity.namespace.as_deref().unwrap_or_default();
        let api = &apis[&identity.kind];
        let answer = self.cluster.admin().get(api, &identity.kind, namespace, &identity.name);
        answer.status == 200 && answer.body.pointer("/metadata/deletionTimestamp").is_none()
    }
}

fn in_class(said: &Comparison, class: Class) -> Vec<String> {
    said.changes
        .iter()
        .filter(|change| change.class == class)
        .map(|change| change.identity.to_string())
        .collect()
}

#[test]
fn a_tree_over_its_life() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("life");
    let (kept, removed) = (format!("{namespace}-kept"), format!("{namespace}-gone"));
    let source = Source::new(cluster, Repo::empty(), &namespace);
    let repo = source.repo();
    repo.write("gen.yaml", spec(&namespace, &[&kept, &removed]));
    repo.write(
        &format!("environments/{ENVIRONMENT}.yaml"),
        "pipeline: none\ndeploy: git\nrun: none\n",
    );
    repo.render();
    let story = Story { cluster, source };
    let apis: BTreeMap<String, String> = story
        .desired()
        .iter()
        .map(|object| (object.identity.kind.clone(), object.api_version.clone()))
        .collect();

    first_run(&story);
    let commit = story.source.commit();
    story.source.follow(&format!("./clusters/{ENVIRONMENT}/flux"));
    story.source.wait(&commit);
    let said = settled(&story);
    println!("{} objects after Flux applied them: {:?}", said.changes.len(), said.requests);

    rights(&story);
    removal(&story, &kept, &removed, &apis);
}

/// Nothing is there: everything is created, namespaces first, and nothing in them is asked about.
fn first_run(story: &Story) {
    let said = story.compare();
    assert!(said.complete, "{:?}", said.problems);
    assert_eq!(in_class(&said, Class::Created).len(), said.changes.len());
    let first: Vec<&str> =
        said.changes.iter().map(|change| change.identity.kind.as_str()).collect();
    let namespaces = first.iter().filter(|kind| **kind == "Namespace").count();
    assert!(namespaces >= 2);
    assert!(first[..namespaces].iter().all(|kind| *kind == "Namespace"), "{first:?}");
    for change in &said.changes {
        let is_inside = change
            .identity
            .namespace
            .as_deref()
            .is_some_and(|namespace| namespace != story.source.namespace());
        let is_unvalidated =
            change.reason.as_deref().is_some_and(|reason| reason.starts_with("not validated"));
        assert_eq!(is_inside, is_unvalidated, "{}", change.identity);
    }
}

/// Flux has applied the tree: nothing differs. Controllers may still be writing for a moment.
fn settled(story: &Story) -> Comparison {
    eventually(
        || {
            let said = story.compare();
            let is_clean =
                said.complete && said.changes.iter().all(|change| change.class == Class::Unchanged);
            is_clean.then_some(said)
        },
        || {
            let said = story.compare();
            let differs = said.changes.iter().filter(|change| change.class != Class::Unchanged);
            format!("{:?} {:?}", differs.collect::<Vec<_>>(), said.problems)
        },
    )
}

/// Who may do nothing is told what is missing; with the role that gen prints, and with no more, everything can be asked.
#[allow(clippy::too_many_lines, reason = "one story, told once")]
fn rights(story: &Story) {
    let folder = tempfile::tempdir().expect("a folder");
    let user = format!("gen-diff-{}", story.source.namespace());
    let kubeconfig = impersonating(story.cluster, folder.path(), &user);
    let said = story.compare_with(&kubeconfig, &options());
    assert!(!said.complete);
    assert_eq!(in_class(&said, Class::NotCompared).len(), said.changes.len());
    let missing = said.problems.iter().find_map(|problem| match problem {
        ClusterError::Forbidden { missing } => Some(missing.clone()),
        _ => None,
    });
    let missing = missing.expect("what is missing");
    assert!(missing.contains("get services"), "{missing}");
    let admin = story.cluster.admin();
    let name = format!("gen-diff-{}", story.source.namespace());
    let grant = |role: &str| {
        let mut role: Value = serde_yaml::from_str(role).expect("YAML");
        role["metadata"]["name"] = name.as_str().into();
        let how = crate::requests::Apply { manager: "test", dry_run: false };
        admin.apply(&role, how).expect_ok();
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}]});
        admin.apply(&binding, how).expect_ok();
    };

    // The role for `--read-only` holds no right to write, and shows that nothing differs.
    let read_only = Options { read_only: true, ..options() };
    let said = story.compare_with(&kubeconfig, &read_only);
    let role = said.role.expect("a role");
    assert!(!role.contains("patch") && !role.contains("create"), "{role}");
    grant(&role);
    let all_seen = |options: &Options| {
        eventually(
            || {
                let said = story.compare_with(&kubeconfig, options);
                said.complete.then_some(said)
            },
            || {
                let said = story.compare_with(&kubeconfig, options);
                let unknown = in_class(&said, Class::NotCompared);
                format!("{unknown:?} {:?}", said.problems)
            },
        )
    };
    let said = all_seen(&read_only);
    assert_eq!(in_class(&said, Class::Unchanged).len(), said.changes.len());
    assert_eq!(said.requests.dry_runs, 0);

    // A difference that is plain is told, and that it is not verified; one that only a dry-run can tell is not known.
    let service = |name: &str| {
        story
            .desired()
            .into_iter()
            .find(|object| {
                object.identity.kind == "Service" && object.identity.name.ends_with(name)
            })
            .expect("a service")
    };
    let (plain, hidden) = (service("kept"), service("gone"));
    admin
        .merge(
            &plain.body,
            "somebody",
            &json!({"metadata": {"labels": {"app.kubernetes.io/name": "x"}}}),
        )
        .expect_ok();
    admin
        .merge(&hidden.body, "kubectl-edit", &json!({"metadata": {"labels": {"more": "x"}}}))
        .expect_ok();
    let said = story.compare_with(&kubeconfig, &read_only);
    assert!(!said.complete);
    assert_eq!(in_class(&said, Class::Changed), [plain.identity.to_string()]);
    assert_eq!(in_class(&said, Class::NotCompared), [hidden.identity.to_string()]);

    // With these rights a dry-run is refused: those two are not compared, all others are.
    let said = story.compare_with(&kubeconfig, &options());
    assert!(!said.complete);
    assert_eq!(in_class(&said, Class::NotCompared).len(), 2);
    let error = said.problems.first().expect("a problem").to_string();
    assert!(error.starts_with("missing permissions: patch services"), "{error}");
    grant(&said.role.expect("a role"));
    let said = all_seen(&options());
    assert_eq!(in_class(&said, Class::Changed).len(), 2);
    for identity in [plain, hidden] {
        admin
            .merge(
                &identity.body,
                "kubectl-edit",
                &json!({"metadata": {"labels": {"more": null, "app.kubernetes.io/name":
                text(&identity.body, "/metadata/labels/app.kubernetes.io~1name")}}}),
            )
            .expect_ok();
    }
}

/// An app goes: what is said to be pruned is what Flux deletes, what is said to be kept stays.
fn removal(story: &Story, kept: &str, removed: &str, apis: &BTreeMap<String, String>) {
    let repo = story.source.repo();
    repo.write("gen.yaml", spec(story.source.namespace(), &[kept]));
    repo.run(["render", "--allow-removals"]).exits(0);
    let said = story.compare();
    assert!(said.complete, "{:?}", said.problems);
    let pruned: Vec<&Change> = of_class(&said, Class::Pruned);
    let kinds: BTreeSet<&str> = pruned.iter().map(|change| change.identity.kind.as_str()).collect();
    for kind in ["Kustomization", "Deployment", "Service", "NetworkPolicy"] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
    assert!(
        pruned.iter().all(|change| change.identity.to_string().contains(removed)),
        "{pruned:?}"
    );
    let stays = of_class(&said, Class::Kept);
    let commit = story.source.commit();
    eventually(
        || pruned.iter().all(|change| !story.is_there(change, apis)).then_some(()),
        || {
            let left: Vec<String> = pruned
                .iter()
                .filter(|change| story.is_there(change, apis))
                .map(|change| change.identity.to_string())
                .collect();
            format!("still there: {left:?}{}", story.source.told())
        },
    );
    story.source.wait(&commit);
    for change in &stays {
        assert!(story.is_there(change, apis), "{} is gone", change.identity);
    }
    let said = settled_but_kept(story);
    println!(
        "{} objects pruned as predicted, {} kept as predicted; afterwards {} unchanged",
        pruned.len(),
        stays.len(),
        in_class(&said, Class::Unchanged).len()
    );
}

fn of_class(said: &Comparison, class: Class) -> Vec<&Change> {
    said.changes.iter().filter(|change| change.class == class).collect()
}

fn settled_but_kept(story: &Story) -> Comparison {
    eventually(
        || {
            let said = story.compare();
            let is_clean = said
                .changes
                .iter()
                .all(|change| matches!(change.class, Class::Unchanged | Class::Kept));
            (said.complete && is_clean).then_some(said)
        },
        || format!("{:?}", of_class(&story.compare(), Class::Changed)),
    )
}
