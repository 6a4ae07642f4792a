//! What gen and Flux's client say of a tree, in the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cluster::{Cluster, User};
use crate::support::{Repo, Said, list, text};

/// The objects that become something, by situation: `changed Deployment/NAMESPACE/NAME`.
pub type Changes = BTreeMap<String, BTreeSet<String>>;

/// Flux's client, and where Flux is.
pub struct Peer<'a> {
    pub cluster: &'a Cluster,
    pub flux: PathBuf,
    pub namespace: String,
}

impl Peer<'_> {
    /// Runs it.
    pub fn command(&self, args: &[&str]) -> Said {
        let mut command = Command::new(&self.flux);
        command.args(args).arg("--kubeconfig").arg(self.cluster.kubeconfig(User::Admin));
        Said::from(command.output().expect("flux runs"))
    }

    /// What Flux would do with a tree, from its entry on.
    pub fn diff(&self, tree: &Path) -> Changes {
        let namespace = &self.namespace;
        let path = format!("{}/clusters/home/flux", tree.display());
        let source = format!("GitRepository/{namespace}/flux-system={}", tree.display());
        let said = self.command(&[
            "diff",
            "kustomization",
            "flux-system",
            "--namespace",
            namespace,
            "--path",
            &path,
            "--recursive",
            "--local-sources",
            &source,
            "--progress-bar=false",
            "--timeout=5m",
        ]);
        let mut changes = Changes::new();
        for line in said.stdout.lines() {
            let Some((object, verb)) =
                line.strip_prefix("► ").and_then(|rest| rest.rsplit_once(' '))
            else {
                continue;
            };
            let class = match verb {
                "drifted" => "changed",
                "deleted" => "pruned",
                other => other,
            };
            changes.entry(situation(object)).or_default().insert(format!("{class} {object}"));
        }
        said.exits(i32::from(!changes.is_empty()));
        changes
    }
}

/// Which app an object `KIND/NAMESPACE/NAME` belongs to, by its namespace.
fn situation(object: &str) -> String {
    let mut parts = object.split('/').skip(1);
    let of = parts.next().unwrap_or_default();
    of.strip_suffix("-peer").unwrap_or(of).to_owned()
}

/// What gen says.
pub fn diff(cluster: &Cluster, repo: &Repo) -> Changes {
    let mut command = repo.command(["diff", "-o", "json", "--kubeconfig"]);
    command.arg(cluster.kubeconfig(User::Admin));
    let said = Said::from(command.output().expect("gen runs"));
    let value: Value = serde_json::from_str(&said.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", said.stdout, said.stderr));
    assert_eq!(value["complete"], true, "{}", said.stdout);
    let mut changes = Changes::new();
    for change in list(&value, "/changes") {
        let (class, namespace) = (text(change, "/class"), text(change, "/namespace"));
        let parts = [text(change, "/kind"), namespace, text(change, "/name")];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if class != "unchanged" {
            let object = parts.join("/");
            changes.entry(situation(&object)).or_default().insert(format!("{class} {object}"));
        }
    }
    changes
}
