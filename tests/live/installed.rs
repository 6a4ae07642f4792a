//! Rendered trees on the control plane: the namespaces, accounts, Roles, quotas and limits of this repository's and of the specs', side by
//! side. Namespaces and what belongs to the whole cluster get a name of the tree's own, so that no two meet.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::cluster::{Cluster, eventually};
use crate::requests::Apply;
use crate::support::{Rendered, text, trees};

/// The objects of one cluster of one tree, with the namespaces that they have here.
pub struct Installed {
    /// The tree's name and the cluster's.
    pub title: String,
    /// All objects, renamed; only what [`is_ground`] is applied.
    pub objects: Vec<Rendered>,
    prefix: String,
}

impl Installed {
    /// What a namespace of the tree is called here.
    pub fn namespace(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Kinds that say who may do what and what a pod may be.
fn is_ground(object: &Rendered) -> bool {
    let kinds = [
        "Namespace",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
        "ResourceQuota",
        "LimitRange",
    ];
    kinds.contains(&object.kind()) && !object.inner
}

/// Renames namespaces wherever an object names one, and what belongs to the whole cluster.
fn rename(value: &mut Value, prefix: &str) {
    let kind = text(value, "/kind").to_owned();
    let put = |value: &mut Value, pointer: &str| {
        if let Some(Value::String(name)) = value.pointer_mut(pointer) {
            name.insert_str(0, prefix);
        }
    };
    put(value, "/metadata/namespace");
    if ["Namespace", "ClusterRole", "ClusterRoleBinding"].contains(&kind.as_str()) {
        put(value, "/metadata/name");
    }
    if kind == "ClusterRoleBinding" {
        put(value, "/roleRef/name");
    }
    let subjects = value.pointer_mut("/subjects").and_then(Value::as_array_mut);
    for subject in subjects.into_iter().flatten() {
        put(subject, "/namespace");
    }
}

/// Every tree of the project's own, applied once for all tests.
pub fn installed(cluster: &Cluster) -> &'static [Installed] {
    static ALL: OnceLock<Vec<Installed>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        // The examples look like the others, and the questions asked of each account are many.
        let own = trees().iter().filter(|(tree, _)| !tree.starts_with("example "));
        for (tree, objects) in own {
            let clusters: BTreeSet<&str> = objects.iter().map(Rendered::cluster).collect();
            for name in clusters {
                let prefix = format!("t{}-", all.len());
                let mut objects: Vec<Rendered> =
                    objects.iter().filter(|object| object.cluster() == name).cloned().collect();
                for object in &mut objects {
                    rename(&mut object.value, &prefix);
                }
                all.push(Installed { title: format!("{tree}, {name}"), objects, prefix });
            }
        }
        for each in &all {
            each.apply(cluster);
        }
        all
    })
}

impl Installed {
    fn apply(&self, cluster: &Cluster) {
        let admin = cluster.admin();
        let ground = || self.objects.iter().filter(|object| is_ground(object));
        // Namespaces that are there before gen: Flux's, and those that somebody else made.
        let own: BTreeSet<&str> =
            ground().filter(|object| object.kind() == "Namespace").map(Rendered::name).collect();
        let named: BTreeSet<&str> = self.objects.iter().map(Rendered::namespace).collect();
        for name in named.difference(&own).filter(|name| !name.is_empty()) {
            let namespace =
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            admin.create(&namespace).expect_ok();
        }
        let how = Apply { manager: "kustomize-controller", dry_run: false };
        let (namespaces, rest): (Vec<_>, Vec<_>) =
            ground().partition(|object| object.kind() == "Namespace");
        for object in namespaces.into_iter().chain(rest) {
            // Without gen's mark: nobody follows these trees, and a diff of another test is not to take them for its own.
            let mut object = object.value.clone();
            if let Some(labels) =
                object.pointer_mut("/metadata/labels").and_then(Value::as_object_mut)
            {
                labels.remove("app.kubernetes.io/managed-by");
                labels.remove("gitops-gen.dev/environment");
            }
            admin.apply(&object, how).expect_ok();
        }
        // A quota counts from when its controller has seen it, and every pod has an account, which another makes.
        for quota in ground().filter(|object| object.kind() == "ResourceQuota") {
            let path = cluster.kinds().path_of(&quota.value);
            let is_counted = || admin.get_path(&path).body.pointer("/status/hard").is_some();
            eventually(|| is_counted().then_some(()), || format!("{path} is not counted"));
        }
        for name in own {
            let path = cluster.kinds().path("v1", "ServiceAccount", name, "default");
            let is_there = || admin.get_path(&path).status == 200;
            eventually(|| is_there().then_some(()), || format!("no {path}"));
        }
    }
}
