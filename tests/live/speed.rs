//! How fast `gen diff` is beside `kubectl diff --server-side`, and beside `flux diff kustomization` where flux is on the PATH, on the
//! same objects of the same API server, in one run (`tests/bench/diff`). No goal is checked here: ratios are printed beside the goals.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use gitops_gen::change::Applier;
use gitops_gen::change::live::{MANAGER, as_flux_sends};
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster};
use crate::compared::tree;
use crate::requests::Apply;
use crate::support::needs::{tool, variable, which};
use crate::support::wait::until_every;
use crate::support::{Repo, text};

/// Objects that each app brings beside its workload.
const EXTRA: usize = 14;

/// Runs of each measurement, on both sides, one after the other in turn.
const RUNS: u32 = 3;

/// A run of a program.
struct Ran {
    took: Duration,
    /// Seconds of the processor, without its children's.
    processor: f64,
    /// Megabytes.
    peak: u64,
    status: i32,
    stdout: String,
    stderr: String,
}

/// A fleet in the cluster, as Flux would have applied it.
struct Fleet {
    cluster: &'static Cluster,
    repo: Repo,
    objects: Vec<Value>,
}

fn app(namespace: &str, number: usize) -> String {
    format!("{namespace}-{number}")
}

impl Fleet {
    fn new(cluster: &'static Cluster, apps: usize) -> Self {
        let namespace = cluster.namespace("speed");
        let repo = Repo::in_memory();
        let mut spec = format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\nflux: {{namespace: {namespace}}}\napps:\n"
        );
        for number in 0..apps {
            let name = app(&namespace, number);
            let _ = writeln!(
                spec,
                "  {name}: {{source: https://git.example/team/{name}.git, image: 'registry.example/team/{name}@sha256:{}', port: 8080, replicas: 2, extra: manifests/{name}, env: {{LEVEL: info}}}}",
                "5".repeat(64)
            );
            for extra in 0..EXTRA {
                let text = format!(
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings-{extra}}}\ndata: {{a: '1', b: '{}'}}\n",
                    "x".repeat(400)
                );
                repo.write(&format!("manifests/{name}/settings-{extra}.yaml"), text);
            }
        }
        repo.write("gen.yaml", spec);
        repo.write("environments/dev.yaml", "pipeline: none\ndeploy: git\nrun: none\n");
        repo.render();
        // Flux's own entry applies the Kustomizations.
        let entry = Applier { namespace: namespace.clone(), name: "flux-system".to_owned() };
        let objects: Vec<Value> = tree(&repo.at("clusters"), "dev")
            .into_iter()
            .map(|object| {
                as_flux_sends(object.body, Some(object.applier.as_deref().unwrap_or(&entry)))
            })
            .collect();
        let fleet = Self { cluster, repo, objects };
        fleet.apply();
        fleet
    }

    /// Flux's own work without Flux, which has no source here and so leaves it alone.
    fn apply(&self) {
        let (first, rest): (Vec<&Value>, Vec<&Value>) =
            self.objects.iter().partition(|object| text(object, "/kind") == "Namespace");
        for objects in [first, rest] {
            let work = Mutex::new(objects);
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        loop {
                            let Some(object) = work.lock().unwrap().pop() else {
                                return;
                            };
                            let how = Apply { manager: MANAGER, dry_run: false };
                            self.cluster.admin().apply(object, how).expect_ok();
                            if text(object, "/kind") == "Kustomization" {
                                self.inventory(object);
                            }
                        }
                    });
                }
            });
        }
    }

    /// As Flux keeps it: what is gone from the tree is looked for there. It holds nothing that is gone.
    fn inventory(&self, kustomization: &Value) {
        let path = format!("{}/status", self.cluster.kinds().path_of(kustomization));
        let status = json!({"status": {"inventory": {"entries": []}}});
        self.cluster
            .admin()
            .request(http::Method::PATCH, &path, "application/merge-patch+json", Some(&status))
            .expect_ok();
    }

    /// Changes objects as somebody else: a label that nearly all of them have, and by which nothing is looked for.
    fn edit(&self, which: impl Fn(usize, &Value) -> bool) {
        for (number, object) in self.objects.iter().enumerate() {
            if which(number, object) {
                let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
                let mut names = labels.into_iter().flat_map(|labels| labels.keys());
                let name = names.find(|name| {
                    name.starts_with("app.kubernetes.io/") && !name.ends_with("managed-by")
                });
                let change = match (name, object["kind"].as_str()) {
                    (Some(name), _) => json!({"metadata": {"labels": {name: "edited"}}}),
                    (None, Some("Kustomization")) => json!({"spec": {"interval": "7m"}}),
                    (None, _) => panic!("nothing to edit in {object:#}"),
                };
                self.cluster.admin().merge(object, "somebody", &change).expect_ok();
            }
        }
    }

    fn gen_diff(&self, program: &Path) -> Ran {
        let mut command = Command::new(program);
        command
            .arg("-C")
            .arg(self.repo.path())
            .args(["diff", "--env", "dev", "-o", "json", "--context", self.cluster.context()])
            .arg("--kubeconfig")
            .arg(self.cluster.kubeconfig(User::Admin));
        run(command)
    }

    fn kubectl_diff(&self, kubectl: &Path) -> Ran {
        let mut file = String::new();
        for object in &self.objects {
            let _ = writeln!(file, "---\n{object}");
        }
        self.repo.write("all.yaml", file);
        let mut command = Command::new(kubectl);
        command
            .args(["diff", "--server-side", "--force-conflicts", "--field-manager", MANAGER, "-f"])
            .arg(self.repo.at("all.yaml"))
            .arg("--kubeconfig")
            .arg(self.cluster.kubeconfig(User::Admin));
        run(command)
    }
}

impl Fleet {
    /// Asks of one Kustomization after the other, as flux does: a process each. The worst status is that of all.
    fn flux_diff(&self, flux: &Path) -> Ran {
        let mut all = Ran {
            took: Duration::ZERO,
            processor: 0.0,
            peak: 0,
            status: 0,
            stdout: String::new(),
            stderr: String::new(),
        };
        let is_kustomization = |object: &&Value| text(object, "/kind") == "Kustomization";
        for object in self.objects.iter().filter(is_kustomization) {
            let mut command = Command::new(flux);
            command
                .args(["diff", "kustomization", text(object, "/metadata/name")])
                .args(["--namespace", text(object, "/metadata/namespace")])
                .arg("--path")
                .arg(self.repo.at(text(object, "/spec/path")))
                .arg("--progress-bar=false")
                .args(["--context", self.cluster.context(), "--kubeconfig"])
                .arg(self.cluster.kubeconfig(User::Admin));
            let ran = run(command);
            all.took += ran.took;
            all.processor += ran.processor;
            all.peak = all.peak.max(ran.peak);
            all.status = all.status.max(ran.status);
            all.stdout.push_str(&ran.stdout);
            all.stderr.push_str(&ran.stderr);
        }
        all
    }
}

/// What a process has used of the processor so far, in seconds: proc(5), in ticks of which Linux has a hundred a second.
pub fn processor_time(pid: u32) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; behind it, the times are the 12th and 13th field.
    let fields = told.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<u32>().ok()).map(|ticks| f64::from(ticks) / 100.0).sum()
}

fn run(mut command: Command) -> Ran {
    let [stdout, stderr] = [(); 2].map(|()| tempfile::NamedTempFile::new().expect("a file"));
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(stdout.reopen().expect("the file"))
        .stderr(stderr.reopen().expect("the file"))
        .spawn()
        .expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, mut processor) = (0, 0.0);
    let ended = until_every(Duration::from_millis(2), Duration::MAX, || {
        let ended = child.try_wait().expect("a child");
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        processor = processor_time(child.id()).max(processor);
        ended
    });
    let ended = ended.expect("it ends");
    Ran {
        took: start.elapsed(),
        processor,
        peak: peak / 1024,
        status: ended.code().unwrap_or(-1),
        stdout: std::fs::read_to_string(stdout.path()).unwrap_or_default(),
        stderr: std::fs::read_to_string(stderr.path()).unwrap_or_default(),
    }
}

/// The run in the middle: what else the machine does slows some down, and on both sides alike.
fn median(mut runs: Vec<Ran>) -> Ran {
    runs.sort_by_key(|ran| ran.took);
    runs.swap_remove(runs.len() / 2)
}

fn asked(ran: &Ran) -> String {
    let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    told.get("requests").map_or_else(String::new, Value::to_string)
}

fn programs() -> Option<(PathBuf, PathBuf)> {
    let program = variable("GEN_BENCH_GEN", "make bench")?;
    Some((program.into(), tool("GEN_TEST_KUBECTL", "kubectl")?))
}

#[test]
#[ignore = "a measurement: tests/bench/diff runs it"]
fn a_thousand_objects_beside_kubectl() {
    let (Some(cluster), Some((program, kubectl))) = (cluster(), programs()) else {
        return;
    };
    let fleet = Fleet::new(cluster, 40);
    println!("{} objects in 40 namespaces", fleet.objects.len());
    let server = cluster.process("kube-apiserver");
    let flux = which("flux");
    if flux.is_none() {
        println!(
            "not measured: `flux diff kustomization`, for which flux would have to be on the PATH"
        );
    }
    let beside = |what: &str, goal: &str, status: i32| {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut spent = [0.0; 2];
        for _ in 0..RUNS {
            let start = processor_time(server);
            ours.push(fleet.gen_diff(&program));
            let between = processor_time(server);
            theirs.push(fleet.kubectl_diff(&kubectl));
            spent[0] += between - start;
            spent[1] += processor_time(server) - between;
        }
        for ran in ours.iter().chain(&theirs) {
            assert_eq!(ran.status, status, "{}{}", ran.stdout, ran.stderr);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "{what}: gen diff {:.2} s ({:.2} s of processor, {} MB, {}); kubectl diff {:.2} s ({:.2} s of processor, {} MB): {:.1} times as fast{goal}",
            ours.took.as_secs_f64(),
            ours.processor,
            ours.peak,
            asked(&ours),
            theirs.took.as_secs_f64(),
            theirs.processor,
            theirs.peak,
            theirs.took.as_secs_f64() / ours.took.as_secs_f64()
        );
        let [of_ours, of_theirs] = spent.map(|all| all / f64::from(RUNS));
        println!(
            "  of the server's processor: {of_ours:.2} s for gen, {of_theirs:.2} s for kubectl"
        );
        let Some(flux) = &flux else { return };
        let ran = fleet.flux_diff(flux);
        assert_eq!(ran.status, status, "{}{}", ran.stdout, ran.stderr);
        println!(
            "  flux diff kustomization, one after the other: {:.1} s ({:.1} s of processor, {} MB): {:.0} times as fast",
            ran.took.as_secs_f64(),
            ran.processor,
            ran.peak,
            ran.took.as_secs_f64() / ours.took.as_secs_f64()
        );
    };
    beside("no drift", " (goal 15)", 0);
    fleet.edit(|number, _| number == fleet.objects.len() / 2);
    beside("one changed", "", 1);
    fleet.edit(|_, _| true);
    beside("all changed", " (goal 4)", 1);
}

#[test]
#[ignore = "a measurement: tests/bench/diff runs it"]
fn ten_thousand_objects() {
    let (Some(cluster), Some((program, _))) = (cluster(), programs()) else {
        return;
    };
    let fleet = Fleet::new(cluster, 400);
    let ran = median((0..RUNS).map(|_| fleet.gen_diff(&program)).collect());
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    println!(
        "{} objects without drift: {:.2} s ({:.2} s of processor), peak {} MB (goal 300), {}",
        fleet.objects.len(),
        ran.took.as_secs_f64(),
        ran.processor,
        ran.peak,
        asked(&ran)
    );
}
