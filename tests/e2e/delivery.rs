//! A homelab around the node: the GitOps repository and the demo application's source behind a git server, a clone of each here, Flux that
//! follows the former, and runs of the pipeline.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, eventually};
use crate::flux::ready;
use crate::homelab::{ENVIRONMENTS, spec};
use crate::images::folder;
use crate::run::{Run, ended};
use crate::support::{Repo, Said, documents, text};

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";
const TEKTON: &str = "tekton.dev/v1";
pub const APP: &str = "demo-app";

/// The clones and what belongs to them.
pub struct Delivery<'a> {
    pub cluster: &'a Cluster,
    /// The GitOps repository's clone.
    pub gitops: Repo,
    /// The demo application's.
    pub source: Repo,
}

/// Runs git, and gives its output.
pub fn git(at: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(at).args(args);
    let output = identity(&mut command).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// A git that knows who commits, and nothing of this machine.
fn identity(command: &mut Command) -> &mut Command {
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.test")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.test")])
}

fn bare(name: &str) -> PathBuf {
    folder().join("git").join(name)
}

/// Puts a folder under git, with a bare repository that the git server serves.
pub fn publish(clone: &Path, name: &str) {
    let bare = bare(name);
    let at = bare.to_str().expect("UTF-8");
    git(clone, &["init", "--quiet", "--bare", "--initial-branch=main", at]);
    git(clone, &["init", "--quiet", "--initial-branch=main"]);
    git(clone, &["remote", "add", "origin", at]);
}

impl<'a> Delivery<'a> {
    /// `gen init --demo`, with this node's addresses; committed, pushed, followed by Flux.
    pub fn begin(cluster: &'a Cluster) -> Self {
        let gitops = Repo::empty();
        gitops.run(["init", ".", "--demo"]).exits(0);
        let source = Repo::copy(&gitops.at("demo-app-source"));
        gitops.remove_folder("demo-app-source");
        gitops.remove_folder("environments");
        gitops.write("gen.yaml", spec());
        for (name, text) in ENVIRONMENTS {
            gitops.write(&format!("environments/{name}.yaml"), text);
        }
        publish(gitops.path(), "gitops.git");
        publish(source.path(), "demo-app.git");
        let delivery = Self { cluster, gitops, source };
        delivery.push_source("The demo application");
        delivery
    }

    /// The same with clones of somebody else's.
    pub fn of_another(&self) -> Self {
        let cloned = |name: &str| {
            let clone = Repo::empty();
            let from = bare(name);
            let from = from.to_str().expect("UTF-8");
            git(clone.path(), &["clone", "--quiet", from, "."]);
            clone
        };
        Self { cluster: self.cluster, gitops: cloned("gitops.git"), source: cloned("demo-app.git") }
    }

    /// Takes over what was pushed meanwhile, as a person does before the next change.
    pub fn pull(&self) {
        git(self.gitops.path(), &["pull", "--quiet", "--rebase", "origin", "main"]);
    }

    /// gen, as a person calls it here: with a kubeconfig and a name for commits.
    pub fn generate<const N: usize>(&self, args: [&str; N]) -> Said {
        self.call(&args)
    }

    /// The same with any number of arguments.
    pub fn call(&self, args: &[&str]) -> Said {
        let mut command = self.gitops.command(args);
        command.env("KUBECONFIG", self.cluster.kubeconfig(User::Admin));
        identity(&mut command).output().expect("gen runs").into()
    }

    /// Commits everything of the source, and pushes it. The result is the commit.
    pub fn push_source(&self, message: &str) -> String {
        let at = self.source.path();
        git(at, &["add", "--all"]);
        git(at, &["commit", "--quiet", "--allow-empty", &format!("--message={message}")]);
        git(at, &["push", "--quiet", "origin", "main"]);
        git(at, &["rev-parse", "HEAD"])
    }

    /// Commits and pushes by gen, and waits until Flux has applied it.
    pub fn commit(&self) -> String {
        self.generate(["commit", "--push"]).exits(0);
        self.applied()
    }

    /// Waits until Flux has applied what was pushed last. The result is that commit.
    pub fn applied(&self) -> String {
        // A deploy task may push another meanwhile.
        let head = || git(&bare("gitops.git"), &["rev-parse", "main"]);
        self.cluster.poke();
        // Those of other repositories have commits of their own.
        let all = || -> Vec<Value> {
            let all = self.cluster.admin().list(KUSTOMIZE, "Kustomization", "flux-system");
            let is_ours = |each: &Value| text(each, "/spec/sourceRef/name") == "flux-system";
            all.into_iter().filter(is_ours).collect()
        };
        let told = || {
            all().iter().fold(String::new(), |told, each| {
                format!("{told}\n{}: {:?}", text(each, "/metadata/name"), ready(each))
            })
        };
        eventually(
            || {
                let commit = head();
                let at = |each: &Value| {
                    text(each, "/status/lastAppliedRevision").ends_with(&commit)
                        && ready(each).0 == "True"
                };
                let all = all();
                (!all.is_empty() && all.iter().all(at)).then_some(commit)
            },
            told,
        )
    }

    /// The Secret that `deploy: git` pushes with, in a namespace that Flux will take over.
    pub fn give_deploy_key(&self, namespace: &str) {
        let admin = self.cluster.admin();
        let made =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        admin.create(&made).expect_ok();
        admin
            .create(&json!({
                "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/basic-auth",
                "metadata": {"name": "gitops-deploy-key", "namespace": namespace},
                "stringData": {"username": "deploy", "password": "may-push-to-the-gitops-repository"},
            }))
            .expect_ok();
    }

    /// `flux bootstrap --path=clusters/homelab/flux`.
    pub fn bootstrap(&self) {
        self.follow("flux-system", "./clusters/homelab/flux");
        self.applied();
    }

    /// Lets Flux follow a folder of the repository that has a name.
    pub fn follow(&self, name: &str, path: &str) {
        let metadata = json!({"name": name, "namespace": "flux-system"});
        let (repository, interval) =
            if name == "flux-system" { ("gitops", "1m") } else { (name, "5s") };
        let admin = self.cluster.admin();
        admin
            .create(&json!({
                "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": metadata,
                "spec": {"interval": interval, "url": format!("http://git.gen.test:3000/{repository}.git"), "ref": {"branch": "main"}},
            }))
            .expect_ok();
        admin
            .create(&json!({
                "apiVersion": KUSTOMIZE, "kind": "Kustomization", "metadata": metadata,
                "spec": {
                    "interval": "10m", "retryInterval": "5s", "prune": true, "path": path,
                    "sourceRef": {"kind": "GitRepository", "name": name},
                },
            }))
            .expect_ok();
    }

    /// `gen run APP --env E | kubectl create -f -`, then waits for its end.
    pub fn run(&self, app: &str, environment: &str) -> Run {
        self.end_of(&self.begin_run(["run", app, "--env", environment]))
    }

    /// `gen run … | kubectl create -f -`. The result is the run.
    pub fn begin_run<const N: usize>(&self, args: [&str; N]) -> Value {
        let printed = self.generate(args).exits(0).stdout;
        let admin = self.cluster.admin();
        admin.create(&documents(&printed)[0]).expect_ok()
    }

    /// Waits for the end of a run.
    pub fn end_of(&self, run: &Value) -> Run {
        ended(self.cluster, text(run, "/metadata/namespace"), text(run, "/metadata/name"))
    }

    /// The run that a commit has started in an environment with `run: commit`: the one that is not known yet.
    pub fn committed_run(&self, namespace: &str, known: &[String]) -> Run {
        let name = eventually(
            || self.runs(namespace).into_iter().find(|name| !known.contains(name)),
            || format!("no run but {known:?} in {namespace}"),
        );
        ended(self.cluster, namespace, &name)
    }

    /// The runs of a namespace.
    pub fn runs(&self, namespace: &str) -> Vec<String> {
        let runs = self.cluster.admin().list(TEKTON, "PipelineRun", namespace);
        runs.iter().map(|run| text(run, "/metadata/name").to_owned()).collect()
    }

    /// The image that the app's Deployment runs in an environment, when it is rolled out.
    pub fn deployed(&self, environment: &str) -> String {
        let namespace = format!("{APP}-{environment}");
        let get = || self.cluster.admin().get("apps/v1", "Deployment", &namespace, APP).expect_ok();
        eventually(
            || {
                let now = get();
                let status = &now["status"];
                let wanted = &now["spec"]["replicas"];
                let done = status["observedGeneration"] == now["metadata"]["generation"]
                    && ["replicas", "updatedReplicas", "availableReplicas"]
                        .iter()
                        .all(|field| status[field] == *wanted);
                done.then(|| text(&now, "/spec/template/spec/containers/0/image").to_owned())
            },
            || get()["status"].to_string(),
        )
    }

    /// The app's answer through its Service: status and body.
    pub fn ask(&self, environment: &str, path: &str) -> std::io::Result<(u16, String)> {
        let service = self
            .cluster
            .admin()
            .get("v1", "Service", &format!("{APP}-{environment}"), APP)
            .expect_ok();
        ask(text(&service, "/spec/clusterIP"), path)
    }
}

/// One GET to an address of the cluster.
pub fn ask(address: &str, path: &str) -> std::io::Result<(u16, String)> {
    send(address, &format!("GET {path} HTTP/1.1"), "")
}

/// One request to an address of the cluster, which is its first line, and maybe more of its head; the answer's status and body.
pub fn send(address: &str, head: &str, body: &str) -> std::io::Result<(u16, String)> {
    send_at(&format!("{address}:8080"), head, body)
}

/// One GET to an address with its port.
pub fn ask_at(target: &str, path: &str) -> std::io::Result<(u16, String)> {
    send_at(target, &format!("GET {path} HTTP/1.1"), "")
}

fn send_at(target: &str, head: &str, body: &str) -> std::io::Result<(u16, String)> {
    use std::io::{Read as _, Write as _};
    let timeout = std::time::Duration::from_secs(10);
    let address = target;
    let target = target.parse().map_err(std::io::Error::other)?;
    let mut stream = std::net::TcpStream::connect_timeout(&target, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    write!(
        stream,
        "{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
    Ok((status.unwrap_or_default(), body))
}
