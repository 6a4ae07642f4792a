//! What a commit that changes one of 200 apps costs the real kustomize-controller, with the source split into an artifact for each
//! app and with one source for all (`tests/bench/diff`). No goal is checked here.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cluster::{Cluster, cluster};
use crate::flux::{Source, is_at};
use crate::speed::processor_time;
use crate::support::wait::{quiet, until};
use crate::support::{Repo, text};

const APPS: usize = 200;

/// How long the controller may take for all of them.
const PATIENCE: Duration = Duration::from_mins(15);

/// After the last that was to come, so long for whatever else may come.
const QUIET: Duration = Duration::from_secs(2);

fn app(number: usize) -> String {
    format!("pace{number}")
}

fn spec(namespace: &str) -> String {
    let mut spec = format!(
        "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {namespace}}}\napps:\n"
    );
    for number in 0..APPS {
        let name = app(number);
        // A CronJob: no pods come up, so what is measured is Flux.
        let _ = writeln!(
            spec,
            "  {name}: {{source: https://git.example/team/{name}.git, image: 'registry.example/team/{name}@sha256:{}', workload: {{cronjob: {{schedule: '0 3 * * *'}}}}, env: {{TURN: '0'}}}}",
            "5".repeat(64)
        );
    }
    spec
}

struct Fleet<'a> {
    cluster: &'a Cluster,
    source: Source<'a>,
    controller: u32,
}

impl Fleet<'_> {
    fn until(&self, mut is_so: impl FnMut() -> bool) {
        assert!(until(PATIENCE, &mut is_so), "{}", self.source.told());
    }

    /// Commits what is rendered, and waits until every Kustomization has it.
    fn bring(&self, environment: &str, follow: bool) {
        let repo = self.source.repo();
        repo.write("environments/pace.yaml", environment);
        repo.render();
        let (start, before) = (Instant::now(), processor_time(self.controller));
        let commit = self.source.commit();
        if follow {
            self.source.follow("./clusters/pace/flux");
        }
        self.until(|| {
            let all = self.source.kustomizations();
            all.len() == 2 * APPS + 1 && all.iter().all(|each| is_at(each, &commit))
        });
        println!(
            "  all {APPS} apps: {:.1} s, {:.1} s of the controller's processor time",
            start.elapsed().as_secs_f64(),
            processor_time(self.controller) - before
        );
    }

    fn turn(&self, number: usize) -> String {
        let name = app(number);
        let live = self.cluster.admin().get("batch/v1", "CronJob", &format!("{name}-pace"), &name);
        let value = "/spec/jobTemplate/spec/template/spec/containers/0/env/0/value";
        text(&live.body, value).to_owned()
    }

    /// Changes one app. `is_settled` says of all Kustomizations whether the commit is behind them.
    fn change(&self, what: &str, number: usize, is_settled: impl Fn(&[Value], &str) -> bool) {
        let repo = self.source.repo();
        let name = app(number);
        let line = repo.read("gen.yaml");
        let line = line
            .lines()
            .find(|line| line.starts_with(&format!("  {name}: ")))
            .expect("the app")
            .to_owned();
        let turn = format!("{}", number + 1);
        repo.edit("gen.yaml", &line, &line.replace("TURN: '0'", &format!("TURN: '{turn}'")));
        repo.render();
        let (start, before) = (Instant::now(), processor_time(self.controller));
        let commit = self.source.commit();
        self.until(|| self.turn(number) == turn);
        let applied = start.elapsed();
        self.until(|| is_settled(&self.source.kustomizations(), &commit));
        let settled = start.elapsed();
        quiet(QUIET, PATIENCE, || self.source.kustomizations(), PartialEq::eq);
        println!(
            "{what}, one of {APPS} apps changed: applied after {:.1} s, everything reconciled after {:.1} s, {:.2} s of the controller's processor time",
            applied.as_secs_f64(),
            settled.as_secs_f64(),
            processor_time(self.controller) - before
        );
    }
}

#[test]
#[ignore = "a measurement: tests/bench/diff runs it"]
fn one_of_two_hundred_apps() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("pace");
    let fleet = Fleet {
        cluster,
        source: Source::new(cluster, Repo::in_memory(), &namespace),
        controller: cluster.process("kustomize-controller"),
    };
    fleet.source.repo().write("gen.yaml", spec(&namespace));
    println!("a source for each app");
    fleet.bring("pipeline: none\napis: [artifact-generator]\n", true);
    for number in [20, 120, 70] {
        let of_app = [app(number) + "-pace", app(number) + "-pace-access"];
        fleet.change("  split", number, |all, commit| {
            let mut concerned = all.iter().filter(|each| {
                let name = text(each, "/metadata/name");
                name == "flux-system" || of_app.iter().any(|one| one == name)
            });
            concerned.all(|each| is_at(each, commit))
        });
    }
    println!("one source for all");
    fleet.bring("pipeline: none\n", false);
    fleet.change("  whole", 40, |all, commit| all.iter().all(|each| is_at(each, commit)));
}
