//! The deploy task of `deploy: git`, by its very script, against a bare repository; and what follows: promotion by commits and by
//! branches, and the way back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::git::{commit, git, init};
use crate::server::{Server, deployment, deployment_path, kustomization, kustomization_path};
use crate::support::wait::until_every;
use crate::support::{GEN, Repo, digest};

const URL: &str = "https://git.example/team/gitops.git";

fn image(digit: char) -> String {
    format!("registry.example/team/shop@{}", digest(digit))
}

/// A checkout, the bare repository that it follows, and a cluster that shows what is pushed there.
struct Team {
    repo: Repo,
    server: Server,
}

impl Team {
    fn new() -> Self {
        let server = Server::start();
        let repo = Repo::new()
            .file(
                "gen.yaml",
                format!("version: 1\nrepository: {URL}\nimages: {{gen: \"registry.example/tools/gen@{}\"}}\napps:\n  shop: {{source: https://git.example/team/shop.git, image: registry.example/team/shop, port: 8080, finally: [rollback]}}\n  till: {{source: https://git.example/team/till.git, image: registry.example/team/till}}\n", digest('0')),
            )
            .file(
                "environments/dev.yaml",
                "run: commit\nflux: {retry: 1s, source: {interval: 1s}}\n",
            )
            .file("environments/staging.yaml", "promotesFrom: dev\n")
            .file(
                "environments/prod.yaml",
                "promotesFrom: staging\npipeline: [deploy-app]\n",
            )
            .file("environments/prod.pins.yaml", format!("apps: {{shop: {{image: \"{}\"}}}}\n", image('9')));
        init(&repo);
        let team = Self { repo, server };
        let bare = team.bare();
        let bare = bare.to_str().expect("UTF-8");
        git(&team.repo, &["init", "--quiet", "--bare", bare]);
        let address = format!("url.file://{bare}.insteadOf");
        git(&team.repo, &["config", "--global", &address, URL]);
        git(&team.repo, &["remote", "add", "origin", URL]);
        commit(&team.repo, "Begin");
        git(&team.repo, &["push", "--quiet", "--set-upstream", "origin", "main"]);
        std::fs::write(team.repo.outside().join("kubeconfig"), team.server.kubeconfig())
            .expect("a file");
        team
    }

    fn bare(&self) -> PathBuf {
        self.repo.outside().join("bare.git")
    }

    fn remote(&self, arguments: &[&str]) -> String {
        let bare = self.bare();
        let first = ["-C", bare.to_str().expect("UTF-8")];
        git(&self.repo, &[&first, arguments].concat())
    }

    /// A task of an environment: its script, and the variables of its step.
    fn task(&self, environment: &str, name: &str) -> (String, BTreeMap<String, String>) {
        let path = format!("clusters/{environment}/{environment}/shop/app/pipeline.yaml");
        let text = self.repo.read(&path);
        let mut documents = serde_yaml::Deserializer::from_str(&text)
            .map(|document| -> Value { serde::Deserialize::deserialize(document).expect("YAML") });
        let task = documents.find(|object| object["metadata"]["name"] == name).expect("the task");
        let env = task["spec"]["stepTemplate"]["env"].as_array().expect("variables");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let env = env.iter().map(|one| (text(&one["name"]), text(&one["value"])));
        (text(&task["spec"]["steps"][0]["script"]), env.collect())
    }

    /// Runs the deploy task as its pod would, with an image.
    fn deploy(&self, environment: &str, image: &str) -> Output {
        self.run(environment, "shop-deploy-app", image, &[("IMAGE", image)])
    }

    /// Takes an image back in dev for the one before.
    fn roll_back(&self, from: &str, to: &str) -> Output {
        let given = [("IMAGE", from), ("PREVIOUS", to)];
        self.run("dev", "shop-rollback", to, &given)
    }

    /// What the last deploy task gave as the image before.
    fn previous(&self) -> String {
        let file = self.repo.outside().join("pod/previous");
        std::fs::read_to_string(file).expect("a result")
    }

    /// Runs a task as its pod would, with the values that it is given. The cluster runs an image as soon as something is pushed.
    fn run(&self, environment: &str, task: &str, runs: &str, given: &[(&str, &str)]) -> Output {
        let (script, mut env) = self.task(environment, task);
        let outside = self.repo.outside();
        let pod = outside.join("pod");
        std::fs::create_dir_all(&pod).expect("a folder");
        let file = pod.join("script");
        std::fs::write(&file, &script).expect("a file");
        let bin = PathBuf::from(GEN);
        let bin = bin.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: PathBuf| path.display().to_string();
        for (name, value) in [
            ("RESULT_PREVIOUS", text(pod.join("previous"))),
            ("HOME", text(outside.join("home"))),
            ("TMPDIR", text(pod.clone())),
            ("CLONE", text(pod.join("clone"))),
            ("KUBECONFIG", text(outside.join("kubeconfig"))),
            ("PATH", format!("{bin}:{path}")),
            // The bare repository is a folder here.
            ("GIT_ALLOW_PROTOCOL", "https:file".to_owned()),
            ("WAIT", "5s".to_owned()),
        ] {
            env.insert(name.to_owned(), value);
        }
        for (name, value) in given {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
        let before = self.remote(&["rev-parse", "main"]);
        let mut child = Command::new("sh")
            .arg(&file)
            .env_clear()
            .envs(env)
            .current_dir(&pod)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        // Flux follows the branch.
        let pause = Duration::from_millis(50);
        let ended = until_every(pause, Duration::from_mins(2), || {
            let head = self.remote(&["rev-parse", "main"]);
            if head != before {
                let name = "shop-dev";
                let (flux, running) = (kustomization(name, &head), deployment(name, "shop", runs));
                self.server.set(&kustomization_path(name), 200, flux);
                self.server.set(&deployment_path(name, "shop"), 200, running);
            }
            child.try_wait().expect("a child")
        });
        ended.expect("the task ends");
        child.wait_with_output().expect("its output")
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_task_ships_its_digest_and_nothing_else() {
    let team = Team::new();
    let run = |text: &str| -> String {
        let name = text.lines().find_map(|line| line.strip_prefix("  name: "));
        name.expect("a run has a name").to_owned()
    };
    let run_path = "clusters/dev/dev/shop/run/run.yaml";
    let first_run = run(&team.repo.read(run_path));
    // Somebody changed another app, and nobody has rendered it yet.
    let text = team.repo.read("gen.yaml").replace("team/till}", "team/till, port: 9090}");
    std::fs::write(team.repo.root().join("gen.yaml"), text).expect("a file");
    git(&team.repo, &["commit", "--quiet", "--all", "--message", "Not rendered"]);
    git(&team.repo, &["push", "--quiet"]);
    let before = team.remote(&["rev-parse", "main"]);
    let output = team.deploy("dev", &image('1'));
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains(&format!("shop in dev runs {}", image('1'))),
        "{}",
        said(&output)
    );
    assert_eq!(team.remote(&["rev-list", "--count", &format!("{before}..main")]), "1");
    let changed = team.remote(&["diff", "--name-only", &before, "main"]);
    for path in changed.lines() {
        let ours = ["environments/dev.pins.yaml", "clusters/dev/dev/shop/", "clusters/dev/flux/"];
        assert!(ours.iter().any(|own| path.starts_with(own)), "{path} was shipped\n{changed}");
    }
    assert!(changed.contains("environments/dev.pins.yaml"), "{changed}");
    let message = team.remote(&["log", "-1", "--format=%an%n%B", "main"]);
    for line in ["shop pipeline", "Gen-Env: dev", "Gen-App: shop"] {
        assert!(message.lines().any(|found| found == line), "{message}");
    }
    // The commit that a run makes never starts it again.
    assert_eq!(run(&team.remote(&["show", &format!("main:{run_path}")])), first_run);
    // A second attempt finds it done.
    let head = team.remote(&["rev-parse", "main"]);
    let output = team.deploy("dev", &image('1'));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(team.remote(&["rev-parse", "main"]), head);
}

#[test]
fn a_failed_run_pins_what_was_pinned_before() {
    let team = Team::new();
    let ships = |digit: char| {
        let output = team.deploy("dev", &image(digit));
        assert!(output.status.success(), "{}", said(&output));
        team.previous()
    };
    let goes_back = |from: char, to: &str, says: &str| {
        let output = team.roll_back(&image(from), to);
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains(says), "{}", said(&output));
    };
    let head = || team.remote(&["rev-parse", "main"]);
    let pins = || team.remote(&["show", "main:environments/dev.pins.yaml"]);
    assert_eq!(ships('1'), "none");
    goes_back('1', "none", "there is none to go back to");
    assert_eq!(ships('2'), image('1'));
    let second = head();
    goes_back('2', &image('1'), &format!("shop in dev runs {}", image('1')));
    assert!(pins().contains(&image('1')), "{}", pins());
    // By a commit of its own, which is rendered as any other.
    let count = team.remote(&["rev-list", "--count", &format!("{second}..main")]);
    assert_eq!(count, "1");
    git(&team.repo, &["pull", "--quiet"]);
    team.repo.run(["render", "--check"]).status(0);
    // Once more, and where somebody has pinned another since: nothing is taken back.
    let back = head();
    goes_back('2', &image('1'), "is pinned by now: it stays");
    goes_back('3', &image('2'), "is pinned by now: it stays");
    assert_eq!(ships('1'), image('1'));
    goes_back('1', &image('1'), "there is nothing to take back");
    assert_eq!(head(), back);
    // Where a pull request decides, nothing is known.
    let output = team.deploy("prod", &image('2'));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(team.previous(), "none");
}

#[test]
fn the_task_refuses_what_it_would_ship_along() {
    let team = Team::new();
    let output = team.deploy("dev", &image('1'));
    assert!(output.status.success(), "{}", said(&output));
    git(&team.repo, &["pull", "--quiet"]);
    let text = team.repo.read("gen.yaml").replace("port: 8080", "port: 8081");
    std::fs::write(team.repo.root().join("gen.yaml"), text).expect("a file");
    git(&team.repo, &["commit", "--quiet", "--all", "--message", "Not rendered"]);
    git(&team.repo, &["push", "--quiet"]);
    let head = team.remote(&["rev-parse", "main"]);
    let output = team.deploy("dev", &image('2'));
    assert!(!output.status.success());
    assert!(said(&output).contains("GEN1112"), "{}", said(&output));
    let output = team.deploy("dev", "registry.example/team/shop:v1");
    assert!(said(&output).contains("is no image with a digest"), "{}", said(&output));
    assert!(!output.status.success());
    assert_eq!(team.remote(&["rev-parse", "main"]), head);
}

#[test]
fn where_a_pull_request_is_wanted_the_task_pushes_a_branch() {
    let team = Team::new();
    let head = team.remote(&["rev-parse", "main"]);
    let output = team.deploy("prod", &image('2'));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(team.remote(&["rev-parse", "main"]), head);
    let branch = format!("gen/shop-prod-{}", "2".repeat(12));
    let pins = team.remote(&["show", &format!("{branch}:environments/prod.pins.yaml")]);
    assert!(pins.contains(&image('2')), "{pins}");
    // Nothing in the cluster is asked: what becomes of it is the pull request's business.
    assert!(team.server.asked().is_empty());
}

#[test]
fn an_image_goes_through_the_stages_by_commits_alone() {
    let team = Team::new();
    let output = team.deploy("dev", &image('1'));
    assert!(output.status.success(), "{}", said(&output));
    git(&team.repo, &["pull", "--quiet"]);
    // To staging by a commit.
    let told = team.repo.run(["promote", "shop", "--to", "staging", "--push"]).status(0);
    assert!(told.stdout.contains("pushed to origin/main"), "{}", told.stdout);
    let pins = team.remote(&["show", "main:environments/staging.pins.yaml"]);
    assert!(pins.contains(&image('1')), "{pins}");
    let workload = "main:clusters/staging/staging/shop/app/workload.yaml";
    assert!(team.remote(&["show", workload]).contains(&image('1')));
    // To prod by a branch; the checkout stays as it was.
    let head = team.remote(&["rev-parse", "main"]);
    let told = team.repo.run(["promote", "shop", "--to", "prod", "--push", "-o", "json"]).status(0);
    let json: Value = serde_json::from_str(&told.stdout).expect("one JSON value");
    assert_eq!(json["command"], "promote");
    assert_eq!(team.remote(&["rev-parse", "main"]), head);
    assert_eq!(git(&team.repo, &["status", "--porcelain"]), "");
    let branches = team.remote(&["branch", "--list", "gen/*", "--format=%(refname:short)"]);
    assert!(branches.starts_with("gen/shop-prod-"), "{branches}");
    let prod = "clusters/prod/prod/shop/app/workload.yaml";
    assert!(team.remote(&["show", &format!("{branches}:{prod}")]).contains(&image('1')));
    // Merged as the host would.
    git(&team.repo, &["fetch", "--quiet"]);
    git(
        &team.repo,
        &["merge", "--quiet", "--no-ff", "--message", "Merge", &format!("origin/{branches}")],
    );
    git(&team.repo, &["push", "--quiet"]);
    team.repo.run(["promote", "shop", "--to", "prod", "--check"]).status(0);
    team.repo.run(["render", "--check"]).status(0);
    // And back, by git alone.
    git(&team.repo, &["revert", "--no-edit", "--mainline", "1", "HEAD"]);
    assert!(team.repo.read(prod).contains(&image('9')));
    team.repo.run(["render", "--check"]).status(0);
    let log = team.repo.run(["log", "shop", "--env", "prod"]).status(0);
    assert!(
        log.stdout.contains("shop in prod: image registry.example/team/shop@sha256:111111111111… → sha256:999999999999…"),
        "{}",
        log.stdout
    );
    // A branch of one's own choice, for a stage that takes commits.
    let output = team.deploy("dev", &image('3'));
    assert!(output.status.success(), "{}", said(&output));
}
