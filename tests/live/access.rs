//! Derived access is enough and no more, as the API server's own authorizer says: each service account of every tree is impersonated,
//! and asks for what it is for (allowed) and for what it is not (denied). What accounts are for is written down here, not derived.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster};
use crate::installed::{Installed, installed};
use crate::requests::Apply;
use crate::support::{Rendered, is_soak, text};

/// One action, as an access review asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    pub verb: &'static str,
    pub group: String,
    /// With its subresource behind a slash, as in rules.
    pub resource: String,
    /// Empty for what belongs to the whole cluster.
    pub namespace: String,
    /// Empty for all.
    pub name: String,
}

impl Action {
    pub fn review(&self) -> Value {
        let (resource, part) = self.resource.split_once('/').unwrap_or((&self.resource, ""));
        json!({
            "verb": self.verb, "group": self.group, "resource": resource, "subresource": part,
            "namespace": self.namespace, "name": self.name,
        })
    }
}

fn actions(
    verbs: &[&'static str],
    (group, resource): (&str, &str),
    namespace: &str,
    name: &str,
) -> Vec<Action> {
    verbs
        .iter()
        .map(|verb| Action {
            verb,
            group: group.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.to_owned(),
            // A new object's name is not known when it is decided.
            name: if *verb == "create" { String::new() } else { name.to_owned() },
        })
        .collect()
}

fn group(object: &Value) -> &str {
    text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group)
}

/// An account of an app, and what of the tree belongs to that app.
struct Subject<'a> {
    tree: &'a Installed,
    account: &'a Rendered,
    app: &'a str,
    unit: Vec<&'a Rendered>,
}

impl Subject<'_> {
    /// Whether Flux applies with it.
    fn applies(&self) -> bool {
        let environment = text(&self.account.value, "/metadata/labels/gitops-gen.dev~1environment");
        self.account.name() == format!("{}-{environment}", self.app)
    }

    /// Where the app's pipeline runs; nowhere where it has none.
    fn pipeline_namespace(&self) -> &str {
        self.unit
            .iter()
            .find(|object| object.kind() == "Pipeline")
            .map_or("", |object| object.namespace())
    }

    /// The objects that Flux applies with the app's account.
    fn applied(&self) -> impl Iterator<Item = &Rendered> {
        self.unit.iter().copied().filter(|object| {
            let folder = object.path.split('/').nth(3);
            !object.inner && (folder == Some("app") || folder == Some("run"))
        })
    }

    /// What it has to be able to do.
    fn needs(&self, cluster: &Cluster) -> BTreeSet<Action> {
        if self.applies() {
            return self.needs_to_apply(cluster);
        }
        let ci = self.pipeline_namespace();
        let triggers = "triggers.tekton.dev";
        let read = ["get", "list", "watch"];
        let role = self.account.name().strip_prefix(self.app).unwrap_or_default();
        let needs = match role {
            // kubectl apply of the workload, then rollout status.
            "-deploy-app" => self
                .unit
                .iter()
                .filter(|object| object.inner && object.kind() != "PipelineRun")
                .flat_map(|workload| {
                    let kind = (text(&workload.value, "/apiVersion"), workload.kind());
                    let (plural, _) = cluster.kinds().resource(kind.0, kind.1).expect("its kind");
                    let verbs = ["create", "get", "list", "patch", "watch"];
                    actions(
                        &verbs,
                        (group(&workload.value), plural),
                        workload.namespace(),
                        self.app,
                    )
                })
                .collect(),
            "-report" => actions(&["get", "list"], ("tekton.dev", "taskruns"), ci, ""),
            "-notify-slack" | "-notify-email" => {
                actions(&["get"], ("tekton.dev", "pipelineruns"), ci, "")
            }
            // The listener of all apps acts as this account.
            "-listener" if self.unit.iter().any(|object| object.kind() == "Trigger") => {
                actions(&["create"], ("tekton.dev", "pipelineruns"), ci, "")
            }
            "listener" if self.app.is_empty() => self.needs_of_all(),
            "-listener" => {
                let mut needs = actions(&["create"], ("tekton.dev", "pipelineruns"), ci, "");
                needs.extend(actions(&["create", "patch"], ("", "events"), ci, ""));
                needs.extend(actions(&read, ("", "configmaps"), ci, ""));
                for kind in [
                    "eventlisteners",
                    "triggers",
                    "triggerbindings",
                    "triggertemplates",
                    "interceptors",
                ] {
                    needs.extend(actions(&read, (triggers, kind), ci, ""));
                }
                for kind in ["clustertriggerbindings", "clusterinterceptors"] {
                    needs.extend(actions(&read, (triggers, kind), "", ""));
                }
                needs
            }
            "" if self.app == "api" => {
                actions(&["get", "patch"], ("", "configmaps"), self.account.namespace(), "leader")
            }
            _ => Vec::new(),
        };
        needs.into_iter().collect()
    }

    /// The same for the listener of all apps.
    fn needs_of_all(&self) -> Vec<Action> {
        let home = self.account.namespace();
        let read = ["get", "list", "watch"];
        let mut needs = actions(&["create", "patch"], ("", "events"), home, "");
        needs.extend(actions(&read, ("", "configmaps"), home, ""));
        for kind in [
            "eventlisteners",
            "triggers",
            "triggerbindings",
            "triggertemplates",
            "interceptors",
            "clustertriggerbindings",
            "clusterinterceptors",
        ] {
            needs.extend(actions(&read, ("triggers.tekton.dev", kind), "", ""));
        }
        let triggers = self.tree.objects.iter().filter(|object| object.kind() == "Trigger");
        let accounts = triggers.flat_map(|trigger| {
            let name = text(&trigger.value, "/spec/serviceAccountName");
            actions(&["impersonate"], ("", "serviceaccounts"), trigger.namespace(), name)
        });
        needs.extend(accounts);
        needs
    }

    fn needs_to_apply(&self, cluster: &Cluster) -> BTreeSet<Action> {
        let mut needs = BTreeSet::new();
        for object in self.applied() {
            let (api, kind) = (text(&object.value, "/apiVersion"), object.kind());
            let (plural, _) = cluster.kinds().resource(api, kind).expect("its kind");
            let of = (group(&object.value), plural);
            let verbs = ["get", "create", "patch", "delete"];
            needs.extend(actions(&verbs, of, object.namespace(), object.name()));
        }
        needs
    }
}

/// Every account of a tree.
fn subjects(tree: &Installed) -> Vec<Subject<'_>> {
    let label = |object: &Rendered, name: &str| {
        text(&object.value, &format!("/metadata/labels/{name}")).to_owned()
    };
    let accounts = tree.objects.iter().filter(|object| object.kind() == "ServiceAccount");
    accounts
        .map(|account| {
            let environment = label(account, "gitops-gen.dev~1environment");
            let app = text(&account.value, "/metadata/labels/app.kubernetes.io~1name");
            let folder = format!("/{environment}/{app}/");
            let unit = tree.objects.iter().filter(|object| object.path.contains(&folder)).collect();
            Subject { tree, account, app, unit }
        })
        .collect()
}

/// In each namespace: group, resource, verbs.
const HERE: &[(&str, &str, &[&str])] = &[
    ("", "secrets", &["get", "list", "watch", "create", "patch", "delete"]),
    ("", "pods", &["create", "delete", "patch"]),
    ("", "pods/exec", &["create", "get"]),
    ("", "pods/attach", &["create"]),
    ("", "pods/portforward", &["create"]),
    ("", "pods/ephemeralcontainers", &["patch"]),
    ("", "pods/log", &["get"]),
    ("", "serviceaccounts", &["impersonate", "create", "patch", "delete"]),
    ("", "serviceaccounts/token", &["create"]),
    ("", "configmaps", &["deletecollection", "update"]),
    ("", "services", &["update"]),
    ("", "services/proxy", &["get"]),
    ("apps", "deployments", &["update", "deletecollection"]),
    ("apps", "deployments/scale", &["patch"]),
    ("apps", "daemonsets", &["create"]),
    ("batch", "jobs", &["create"]),
    ("rbac.authorization.k8s.io", "roles", &["create", "patch", "bind", "escalate"]),
    ("rbac.authorization.k8s.io", "rolebindings", &["create", "patch", "delete"]),
    ("networking.k8s.io", "networkpolicies", &["update"]),
    ("tekton.dev", "taskruns", &["create", "delete"]),
    ("tekton.dev", "pipelineruns", &["update", "deletecollection"]),
    ("kustomize.toolkit.fluxcd.io", "kustomizations", &["get", "create", "patch", "delete"]),
    ("source.toolkit.fluxcd.io", "gitrepositories", &["patch"]),
    ("*", "*", &["*"]),
];

/// In namespaces of others, likewise.
const ELSEWHERE: &[(&str, &str, &[&str])] = &[
    ("", "secrets", &["get", "list"]),
    ("", "configmaps", &["get", "create", "patch", "delete"]),
    ("apps", "deployments", &["get", "create", "patch"]),
    ("rbac.authorization.k8s.io", "rolebindings", &["create"]),
    ("kustomize.toolkit.fluxcd.io", "kustomizations", &["patch"]),
];

/// For the whole cluster, likewise.
const CLUSTER: &[(&str, &str, &[&str])] = &[
    ("", "namespaces", &["create", "delete", "patch"]),
    ("", "nodes", &["get", "list"]),
    ("", "nodes/proxy", &["get"]),
    ("", "persistentvolumes", &["create"]),
    ("", "users", &["impersonate"]),
    ("", "groups", &["impersonate"]),
    ("rbac.authorization.k8s.io", "clusterroles", &["create", "patch", "bind", "escalate"]),
    ("rbac.authorization.k8s.io", "clusterrolebindings", &["create", "patch"]),
    ("apiextensions.k8s.io", "customresourcedefinitions", &["create"]),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations", &["delete"]),
    ("certificates.k8s.io", "certificatesigningrequests/approval", &["update"]),
    ("", "secrets", &["list"]),
    ("", "pods", &["list"]),
    ("*", "*", &["*"]),
];

/// Actions that lead further or read what is secret, in a namespace and in the whole cluster.
pub fn dangerous(namespace: &str) -> BTreeSet<Action> {
    let mut probes = BTreeSet::new();
    for (group, resource, verbs) in HERE {
        probes.extend(actions(verbs, (group, resource), namespace, ""));
    }
    for (group, resource, verbs) in CLUSTER {
        probes.extend(actions(verbs, (group, resource), "", ""));
    }
    probes
}

/// Actions that lead further, read what is secret, or touch what is not the app's own: in each namespace, and for the whole cluster.
fn probes(subject: &Subject) -> BTreeSet<Action> {
    let tree = subject.tree;
    let mut own: BTreeSet<&str> = subject.unit.iter().map(|object| object.namespace()).collect();
    own.insert(subject.account.namespace());
    own.remove("");
    let foreign = tree
        .objects
        .iter()
        .find(|object| object.kind() == "Namespace" && !own.contains(object.name()));
    let flux = tree.namespace("flux-system");
    let mut probes = BTreeSet::new();
    for namespace in own {
        for (group, resource, verbs) in HERE {
            probes.extend(actions(verbs, (group, resource), namespace, ""));
        }
    }
    let foreign = foreign.map(Rendered::name);
    for namespace in foreign.into_iter().chain([flux.as_str(), "kube-system"]) {
        for (group, resource, verbs) in ELSEWHERE {
            probes.extend(actions(verbs, (group, resource), namespace, ""));
        }
    }
    for (group, resource, verbs) in CLUSTER {
        probes.extend(actions(verbs, (group, resource), "", ""));
    }
    probes
}

/// What an account needs and may do, and what it is denied; what is wrong with that.
fn problems(cluster: &Cluster, subject: &Subject) -> (usize, usize, Vec<String>) {
    let account = subject.account;
    let caller = cluster.as_user(User::Account(account.namespace(), account.name()));
    let title = format!("{}: {}", subject.tree.title, account.title());
    let needs = subject.needs(cluster);
    let mut wrong = Vec::new();
    for action in &needs {
        if !caller.may(&action.review()) {
            wrong.push(format!("{title} may not {action:?}"));
        }
    }
    // Nothing that is needed makes more possible than itself: the same elsewhere, and under another name where a name limits it.
    let mut denied = probes(subject);
    for action in &needs {
        if !action.namespace.is_empty() {
            let namespace = "kube-system".to_owned();
            denied.insert(Action { namespace, ..action.clone() });
        }
        if !subject.applies() && !subject.app.is_empty() && action.name == subject.app {
            let name = format!("{}-other", action.name);
            denied.insert(Action { name, ..action.clone() });
        }
    }
    denied.retain(|action| !needs.contains(action));
    // All of them for this repository's accounts and in long runs, else a third but no fewer than forty, which is enough to find what a
    // rule gives too much.
    let all = is_soak() || subject.tree.title.starts_with("this repository");
    let mut denied: Vec<Action> = denied.into_iter().collect();
    if !all {
        let step = (denied.len() / 40).clamp(1, 3);
        denied = denied.into_iter().step_by(step).collect();
    }
    for action in &denied {
        if caller.may(&action.review()) {
            wrong.push(format!("{title} may {action:?}"));
        }
    }
    (needs.len(), denied.len(), wrong)
}

#[test]
fn every_account_may_do_what_it_is_for_and_nothing_else() {
    let Some(cluster) = cluster() else { return };
    let all: Vec<Subject> = installed(cluster).iter().flat_map(subjects).collect();
    let asked: Vec<_> = all.par_iter().map(|subject| problems(cluster, subject)).collect();
    let wrong: Vec<&str> =
        asked.iter().flat_map(|(_, _, wrong)| wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let fewest = asked.iter().map(|(_, denied, _)| *denied).min().unwrap_or(0);
    assert!(fewest >= 40, "{fewest}");
    let needs: usize = asked.iter().map(|(needs, _, _)| needs).sum();
    let denied: usize = asked.iter().map(|(_, denied, _)| denied).sum();
    println!(
        "{} accounts: {needs} actions allowed, {denied} denied, at least {fewest} each",
        all.len()
    );
}

/// More than a question: each object of the app's folders is applied by the account that Flux applies it with, dry.
#[test]
fn every_apply_account_applies_its_folder() {
    let Some(cluster) = cluster() else { return };
    let all: Vec<Subject> =
        installed(cluster).iter().flat_map(subjects).filter(Subject::applies).collect();
    let how = Apply { manager: "kustomize-controller", dry_run: true };
    let asked: Vec<(String, bool)> = all
        .par_iter()
        .flat_map_iter(|subject| {
            let caller =
                cluster.as_user(User::Account(subject.account.namespace(), subject.account.name()));
            subject
                .applied()
                // Flux decrypts them first.
                .filter(|object| object.value.get("sops").is_none())
                .map(move |object| {
                    let answer = caller.apply(&object.value, how);
                    (format!("{}: {}", object.title(), answer.message()), answer.is_ok())
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let refused: Vec<&str> =
        asked.iter().filter(|(_, is_ok)| !is_ok).map(|(said, _)| said.as_str()).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(asked.len() > 200, "{}", asked.len());
    println!("{} objects applied by {} accounts", asked.len(), all.len());
}

/// What would be said of an account with a right too few or too many.
#[test]
fn a_missing_and_a_spare_right_are_told() {
    let Some(cluster) = cluster() else { return };
    let tree = &installed(cluster)[0];
    let all = subjects(tree);
    let find = |ending: &str| {
        all.iter().find(|subject| subject.account.name().ends_with(ending)).expect(ending)
    };
    // An account that is known for less: it lacks what the listener needs.
    let listener = find("-listener");
    let nobody = Subject {
        tree,
        account: find("-pipeline").account,
        app: listener.app,
        unit: listener.unit.clone(),
    };
    let nobody = cluster.as_user(User::Account(nobody.account.namespace(), nobody.account.name()));
    let needs = listener.needs(cluster);
    assert!(needs.len() > 20 && needs.iter().all(|action| !nobody.may(&action.review())));
    // And one that may do everything: each probe asks for something that can be had.
    let admin = cluster.admin();
    let probes = probes(listener);
    assert!(probes.iter().all(|action| admin.may(&action.review())));
    // A right that no rule of the tree gives is noticed.
    let namespace = listener.account.namespace();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "spare", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "namespace": namespace, "name": "spare"}],
    });
    admin.create(&binding).expect_ok();
    let spare = cluster.as_user(User::Account(namespace, "spare"));
    let found = probes.iter().filter(|action| spare.may(&action.review()));
    assert!(found.count() > 10);
}
