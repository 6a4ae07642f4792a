//! An image on its way: pinned and pushed, applied by Flux, deployed by the task's own script, promoted from stage to stage by commits
//! alone, and taken back by `git revert`. A bare repository is the git host; everything else is the real thing.

use std::process::Command;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use serde_json::Value;

use crate::cluster::{Cluster, User, cluster};
use crate::deploy::{account, kubectl};
use crate::flux::Source;
use crate::support::play::{Play, Shell};
use crate::support::{GEN, Repo, Said, text};

const STAGES: [&str; 3] = ["trip-dev", "trip-staging", "trip-prod"];

/// Somebody with a checkout of the repository that Flux follows.
struct Team<'a> {
    cluster: &'a Cluster,
    source: Source<'a>,
    checkout: Repo,
    home: Repo,
    app: String,
}

impl<'a> Team<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let namespace = cluster.namespace("journey");
        let team = Self {
            cluster,
            source: Source::bare(cluster, &namespace),
            checkout: Repo::empty(),
            home: Repo::empty(),
            app: format!("{namespace}-shop"),
        };
        // The address is that of a git host, which on this machine is a folder.
        let settings = "[user]\nname = Ada\nemail = ada@example.test\n[init]\ndefaultBranch = main\n[url \"file:///\"]\ninsteadOf = https://local.test/\n";
        team.home.write(".gitconfig", settings);
        let (app, url) = (&team.app, team.source.url());
        let digest = "0".repeat(64);
        team.checkout.write(
            "gen.yaml",
            format!(
                "version: 1\nrepository: {{url: {url}, branch: main}}\nflux: {{namespace: {namespace}}}\nimages: {{gen: 'registry.example/tools/gen@sha256:{digest}'}}\napps:\n  {app}: {{source: https://git.example/team/shop.git, image: registry.example/team/shop, port: 8080, pipeline: [fetch-source, build-image: {{builder: mock}}, deploy-app]}}\n"
            ),
        );
        let stages = [
            "",
            "pipeline: none\npromotesFrom: trip-dev\n",
            "pipeline: none\npromotesFrom: trip-staging\npromote: {via: branch}\n",
        ];
        for (stage, more) in STAGES.iter().zip(stages) {
            team.checkout.write(
                &format!("environments/{stage}.yaml"),
                format!("cluster: homelab\ndeploy: git\nrun: none\nflux: {{retry: 2s}}\n{more}"),
            );
        }
        team.git(&["init", "--quiet"]);
        team.git(&["remote", "add", "origin", &url]);
        team
    }

    fn image(digit: char) -> String {
        format!("registry.example/team/shop@sha256:{}", String::from(digit).repeat(64))
    }

    /// The team's own settings, and nothing of the machine's.
    fn at_home(&self, mut command: Command) -> Command {
        command
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("KUBECONFIG", self.cluster.kubeconfig(User::Admin));
        command
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.checkout.path()).args(arguments);
        let output = self.at_home(command).output().expect("git runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[track_caller]
    fn gen_(&self, arguments: &[&str]) -> Said {
        let mut command = self.at_home(self.checkout.command(arguments));
        Said::from(command.output().expect("gen runs")).exits(0)
    }

    /// What the host's branch is at.
    fn head(&self) -> String {
        self.source.git(&["rev-parse", "main"]).trim().to_owned()
    }

    /// Flux has seen the branch, and nothing is left to do.
    #[track_caller]
    fn applied(&self) {
        self.cluster.poke();
        self.source.wait(&self.head());
    }

    fn deployment(&self, stage: &str) -> Option<Value> {
        let namespace = format!("{}-{stage}", self.app);
        let answer = self.cluster.admin().get("apps/v1", "Deployment", &namespace, &self.app);
        (answer.status != 404).then(|| answer.expect_ok())
    }

    /// Which image each stage's Deployment has; none where there is no Deployment.
    fn images(&self) -> [Option<String>; 3] {
        STAGES.map(|stage| {
            let image = "/spec/template/spec/containers/0/image";
            self.deployment(stage).map(|live| text(&live, image).to_owned())
        })
    }

    #[track_caller]
    fn runs(&self, digits: [Option<char>; 3]) {
        assert_eq!(self.images(), digits.map(|digit| digit.map(Self::image)));
    }

    /// As the git host merges a pull request.
    fn merge(&self, branch: &str) {
        self.git(&["fetch", "--quiet"]);
        let theirs = format!("origin/{branch}");
        self.git(&["merge", "--quiet", "--no-ff", "--message=Merge", &theirs]);
        self.git(&["push", "--quiet", "origin", "main"]);
    }

    /// To prod, by way of a branch: until it is merged, nothing changes there.
    fn promote_to_prod(&self) {
        let before = (self.head(), self.images());
        self.gen_(&["promote", &self.app, "--to", STAGES[2], "--push"]);
        assert_eq!((self.head(), self.images()), before);
        let list = ["branch", "--format=%(refname:short)", "--no-merged=main"];
        let branches = self.source.git(&list);
        let branch = branches.trim();
        assert!(branch.starts_with("gen/"), "{branches}");
        self.merge(branch);
        self.applied();
    }

    /// The deploy task's own script, as its own account, while Flux follows the branch.
    fn deploy(&self, kubectl: &std::path::PathBuf, shell: Shell, image: &str) {
        let name = format!("{}-deploy-app", self.app);
        let objects = self.checkout.objects();
        let task = objects
            .iter()
            .find(|object| object.kind() == "Task" && object.name() == name)
            .expect("a deploy task");
        let mut play = Play::new(&task.value)
            .param("image", image)
            .program("gen", &format!("exec '{GEN}' \"$@\""))
            .file(
                "/account/config",
                account(self.cluster, kubectl, task.namespace(), &name),
            )
            .file("/var/run/secrets/git/username", "team")
            .file("/var/run/secrets/git/password", "not-asked-for")
            // The host is a folder here.
            .variable("GIT_ALLOW_PROTOCOL", "https:file")
            .shell(shell);
        let config = play.place("/account/config");
        play = play.variable("KUBECONFIG", config.to_str().expect("UTF-8"));
        let home = self.home.path().to_str().expect("UTF-8");
        play = play.variable("HOME", home);
        let (over, is_over) = std::sync::mpsc::channel::<()>();
        let played = std::thread::scope(|scope| {
            scope.spawn(move || {
                let moment = Duration::from_millis(500);
                while is_over.recv_timeout(moment) == Err(RecvTimeoutError::Timeout) {
                    self.cluster.poke();
                }
            });
            let played = play.run();
            drop(over);
            played
        });
        let played = played.succeeds();
        let said = &played.step("deploy").stdout;
        let wanted = format!("{} in {} runs {image}", self.app, STAGES[0]);
        assert!(said.contains(&wanted), "{played:#?}");
    }
}

#[test]
fn an_image_travels_by_commits_and_comes_back() {
    let (Some(cluster), Some(kubectl)) = (cluster(), kubectl()) else {
        return;
    };
    let team = Team::new(cluster);
    let app = team.app.as_str();
    let set = |digit| {
        let image = Team::image(digit);
        team.gen_(&["set", app, "--env", STAGES[0], "--image", &image]);
        team.gen_(&["commit", "--push"]);
    };
    set('1');
    team.source.follow("./clusters/homelab/flux");
    team.applied();
    team.runs([Some('1'), None, None]);

    set('2');
    team.applied();
    team.runs([Some('2'), None, None]);

    team.gen_(&["promote", app, "--to", STAGES[1], "--push"]);
    team.applied();
    team.runs([Some('2'), Some('2'), None]);
    team.promote_to_prod();
    team.runs([Some('2'), Some('2'), Some('2')]);

    let mut last = '2';
    for (shell, digit) in Shell::all().into_iter().zip(['3', '4']) {
        team.deploy(&kubectl, shell, &Team::image(digit));
        team.runs([Some(digit), Some('2'), Some('2')]);
        last = digit;
    }
    team.git(&["pull", "--quiet", "--ff-only", "origin", "main"]);
    team.gen_(&["promote", app, "--to", STAGES[1], "--push"]);
    team.applied();
    team.promote_to_prod();
    team.runs([Some(last); 3]);

    // Back, by git alone: prod only, since that is what the commit changed.
    team.git(&["revert", "--no-edit", "--mainline=1", "HEAD"]);
    team.git(&["push", "--quiet", "origin", "main"]);
    team.applied();
    team.runs([Some(last), Some(last), Some('2')]);
    team.gen_(&["render", "--check"]);
    let log = team.gen_(&["log", app, "--env", STAGES[2]]).stdout;
    let moves = log.lines().filter(|line| line.contains(" → ")).count();
    assert_eq!(moves, 3, "there, further, and back:\n{log}");
}
