//! A git repository that Flux follows, as `flux bootstrap` sets it up: a GitRepository and an entry Kustomization, both named
//! `flux-system`, in a namespace of the test's own.

#![allow(dead_code, reason = "each test uses a part of what several share")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cluster::{Cluster, eventually};
use crate::support::{Repo, list, text};

const SOURCE: &str = "source.toolkit.fluxcd.io/v1";
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";

/// The repository.
pub struct Source<'a> {
    cluster: &'a Cluster,
    repo: Repo,
    namespace: String,
}

impl<'a> Source<'a> {
    /// Puts a repository under git. Flux's objects are to live in that namespace, which has to exist and which gen.yaml has to name
    /// as `flux.namespace`.
    pub fn new(cluster: &'a Cluster, repo: Repo, namespace: &str) -> Self {
        let source = Self { cluster, repo, namespace: namespace.to_owned() };
        source.git(&["init", "--quiet", "--initial-branch=main"]);
        source
    }

    /// A bare repository, as on a git host: what is pushed there is what Flux sees after [`Cluster::poke`].
    pub fn bare(cluster: &'a Cluster, namespace: &str) -> Self {
        let source = Self { cluster, repo: Repo::empty(), namespace: namespace.to_owned() };
        source.git(&["init", "--quiet", "--bare", "--initial-branch=main"]);
        source
    }

    /// The working tree: edit, render, then [`Self::commit`].
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Where Flux runs.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// Where Flux's objects are.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// A URL that Flux gets this repository by, for `repository:` in gen.yaml.
    pub fn url(&self) -> String {
        url(self.repo.path())
    }

    /// Runs git in the repository.
    pub fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.repo.path())
            .args(["-c", "user.name=test", "-c", "user.email=test@example.test"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"])
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .expect("git runs");
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Commits everything, changed or not, and has it offered to Flux. The result is the commit's hash.
    pub fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=test"]);
        self.cluster.poke();
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// What `flux bootstrap --path` applies: the source and the entry.
    pub fn bootstrap(&self, path: &str) -> [Value; 2] {
        let metadata = json!({"name": "flux-system", "namespace": self.namespace});
        let source = json!({
            "apiVersion": SOURCE, "kind": "GitRepository", "metadata": metadata,
            "spec": {"interval": "1m", "url": self.url(), "ref": {"branch": "main"}},
        });
        let entry = json!({
            "apiVersion": KUSTOMIZE, "kind": "Kustomization", "metadata": metadata,
            "spec": {
                "interval": "10m", "prune": true, "path": path,
                "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
            },
        });
        [source, entry]
    }

    /// Has Flux follow a folder.
    pub fn follow(&self, path: &str) {
        for object in self.bootstrap(path) {
            self.cluster.admin().create(&object).expect_ok();
        }
        self.cluster.poke();
    }

    /// The Kustomizations of this namespace.
    pub fn kustomizations(&self) -> Vec<Value> {
        self.cluster.admin().list(KUSTOMIZE, "Kustomization", &self.namespace)
    }

    /// One Kustomization.
    #[track_caller]
    pub fn kustomization(&self, name: &str) -> Value {
        self.cluster.admin().get(KUSTOMIZE, "Kustomization", &self.namespace, name).expect_ok()
    }

    /// Waits until the entry and every other Kustomization of this namespace is ready at a commit.
    #[track_caller]
    pub fn wait(&self, commit: &str) {
        eventually(
            || {
                let all = self.kustomizations();
                let entry =
                    all.iter().find(|each| text(each, "/metadata/name") == "flux-system")?;
                (is_at(entry, commit) && all.iter().all(|each| is_at(each, commit))).then_some(())
            },
            || self.told(),
        );
    }

    /// What every Kustomization says.
    pub fn told(&self) -> String {
        self.kustomizations().iter().fold(String::new(), |all, each| {
            let (status, message) = ready(each);
            let name = text(each, "/metadata/name");
            let revision = text(each, "/status/lastAppliedRevision");
            format!("{all}\n{name} at {revision}: {status} {message}")
        })
    }

    /// Has Flux apply every Kustomization again now, and waits until it has.
    #[track_caller]
    pub fn reconcile(&self) {
        let field = "/status/lastHandledReconcileAt";
        let admin = self.cluster.admin();
        let asked: Vec<(String, String)> = self
            .kustomizations()
            .iter()
            .map(|each| {
                let at = format!("{}+", text(each, field));
                let annotation = json!({"reconcile.fluxcd.io/requestedAt": at});
                let change = json!({"metadata": {"annotations": annotation}});
                admin.merge(each, "flux", &change).expect_ok();
                (text(each, "/metadata/name").to_owned(), at)
            })
            .collect();
        let is_done = |(name, at): &(String, String)| {
            let now = self.kustomization(name);
            text(&now, field) == at && ready(&now).0 != "Unknown"
        };
        eventually(|| asked.iter().all(is_done).then_some(()), || self.told());
    }
}

/// What Flux follows a folder of this machine by.
pub fn url(folder: &Path) -> String {
    format!("https://local.test{}", folder.display())
}

/// Status and message of the condition Ready.
pub fn ready(object: &Value) -> (&str, &str) {
    let conditions = list(object, "/status/conditions");
    conditions
        .iter()
        .find(|condition| text(condition, "/type") == "Ready")
        .map_or(("Unknown", ""), |condition| {
            (text(condition, "/status"), text(condition, "/message"))
        })
}

/// Whether a Kustomization has applied a commit and is ready.
pub fn is_at(object: &Value, commit: &str) -> bool {
    let seen = object.pointer("/status/observedGeneration");
    let revision = match text(object, "/spec/sourceRef/kind") {
        // An ExternalArtifact's revision says its content, whose origin is kept beside it.
        "ExternalArtifact" => text(object, "/status/lastAppliedOriginRevision"),
        _ => text(object, "/status/lastAppliedRevision"),
    };
    ready(object).0 == "True"
        && seen == object.pointer("/metadata/generation")
        && revision.ends_with(commit)
}
