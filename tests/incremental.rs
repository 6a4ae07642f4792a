//! A render of what was rendered before does again only what its input changed, and comes to the same as a render of everything.
//!
//! What is known of a unit is kept under the digest of what it was rendered from. So the law is: two states of a spec under which a
//! unit has one digest render it to the same bytes. And the other way round, edits that no rendering reads change no digest.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gitops_gen::diagnostics::Sources;
use gitops_gen::files::Memory;
use gitops_gen::fleet::prepare;
use gitops_gen::manifests::entry_folder;
use gitops_gen::ops::rendering::{Rendering, read_by_all, read_by_entry, read_by_unit};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use support::{Repo, digest};

const ROOT: &str = "version: 1
repository: {url: https://git.example/team/gitops.git, branch: main}
defaults:
  resources: {cpu: 100m, memory: 128Mi}
include: [apps/*.yaml]
";

const SHOP: &str = "apps:
  shop:
    source: {url: https://git.example/team/shop.git, branch: main}
    image: registry.example/team/shop
    port: 8080
    health: /health
    metrics: /metrics
    env: {LEVEL: info, GREETING: hello}
    files: {/etc/shop/a.conf: one}
    pipeline:
      - fetch-source
      - unit-test: {image: docker.io/library/busybox:1.37.0, script: 'true', timeout: 5m}
      - build-image
      - deploy-app
    notify: {slack: {channel: '#deploys', secret: slack-token}}
    trigger: github
";

const JOBS: &str = "apps:
  jobs:
    source: https://git.example/team/jobs.git
    image: registry.example/team/jobs
    workload: {cronjob: {schedule: '10 2 * * *'}}
    labels: {team: blue}
    extra: extra/jobs
  store:
    source: https://git.example/team/store.git
    image: registry.example/team/store
    port: 5000
    workload: statefulset
    storage: [{name: data, mount: /data, size: 1Gi}]
    replicas: 1
";

fn start() -> BTreeMap<String, String> {
    let pins = |letter: char| {
        let pin = |app: &str| {
            format!("  {app}: {{image: 'registry.example/team/{app}@{}'}}\n", digest(letter))
        };
        format!("apps:\n{}{}{}", pin("jobs"), pin("shop"), pin("store"))
    };
    [
        ("gen.yaml", ROOT.to_owned()),
        ("apps/shop.yaml", SHOP.to_owned()),
        ("apps/jobs.yaml", JOBS.to_owned()),
        (
            "extra/jobs/config.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: one}\n".to_owned(),
        ),
        (
            "environments/dev.yaml",
            "cluster: home\ndeploy: git\nimages: {gen: registry.example/tools/gen:1}\nrun: commit\napis: [prometheus]\napps:\n  '*': {replicas: 1}\n  shop: {env: {LEVEL: debug}}\n".to_owned(),
        ),
        (
            "environments/prod.yaml",
            "cluster: home\npromotesFrom: dev\nrun: none\npipeline: []\napps:\n  shop: {replicas: 2}\npatches:\n  - target: {kind: Deployment, name: shop}\n    merge: {spec: {minReadySeconds: 5}}\n".to_owned(),
        ),
        ("environments/dev.pins.yaml", pins('a')),
        ("environments/prod.pins.yaml", pins('b')),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .into()
}

/// A line that an edit puts in the place of another, or behind it.
const LINES: &[&str] = &[
    "# a comment",
    "",
    "    host: shop.example",
    "    replicas: 3",
    "    port: 9090",
    "    env: {LEVEL: warn}",
    "    env: {OTHER: {field: metadata.name}}",
    "    egress: [{to: 10.0.0.0/8, ports: [443]}]",
    "    scale: {min: 2, max: 4}",
    "    labels: {team: green}",
    "    resources: {memory: 256Mi}",
    "    health: /healthy",
    "    security: {level: baseline, reason: it needs it}",
    "  shop: {env: {LEVEL: trace}}",
    "  jobs: {labels: {team: red}}",
    "  '*': {resources: {cpu: 200m}}",
    "  store: null",
    "namespace: team-{{ env }}",
    "ingress: nginx",
    "history: {succeeded: 3, failed: 3}",
    "quota: {cpu: '4', memory: 8Gi}",
    "tekton: {setSecurityContext: true}",
    "images: {kubectl: registry.example/tools/kubectl:2}",
    "flux: {interval: 5m}",
    "  - {target: {kind: CronJob}, merge: {spec: {suspend: true}}}",
    "data: {a: two}",
    "kind: Service",
    "  ports: []",
];

/// Words that are changed where they stand.
const WORDS: &[(&str, &str)] = &[
    ("info", "warn"),
    ("8080", "8081"),
    ("/health", "/up"),
    ("busybox:1.37.0", "busybox:1.36.0"),
    ("'true'", "'false'"),
    ("10 2 * * *", "20 3 * * *"),
    ("1Gi", "2Gi"),
    ("aaaa", "cccc"),
    ("bbbb", "dddd"),
    ("minReadySeconds: 5", "minReadySeconds: 7"),
    ("one", "two"),
    ("blue", "green"),
    ("main", "trunk"),
    ("run: commit", "run: webhook"),
    ("deploy: git", "deploy: kubectl"),
    ("[prometheus]", "[prometheus, triggers]"),
    ("cluster: home", "cluster: other"),
    ("replicas: 1", "replicas: 2"),
    (": ", ":  "),
];

#[derive(Debug, Clone)]
enum Edit {
    Put(usize, usize, usize, bool),
    Drop(usize, usize),
    Word(usize, usize),
    Template(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = || any::<usize>();
    prop_oneof![
        (at(), at(), at(), any::<bool>())
            .prop_map(|(file, line, what, over)| Edit::Put(file, line, what, over)),
        (at(), at()).prop_map(|(file, line)| Edit::Drop(file, line)),
        (at(), at()).prop_map(|(file, word)| Edit::Word(file, word)),
        (at(), at()).prop_map(|(file, word)| Edit::Word(file, word)),
        at().prop_map(Edit::Template),
    ]
}

fn apply(files: &mut BTreeMap<String, String>, edit: &Edit) {
    let paths: Vec<String> = files.keys().cloned().collect();
    let at = |index: usize| paths[index % paths.len()].clone();
    match *edit {
        Edit::Put(file, line, what, over) => {
            let text = files.get_mut(&at(file)).expect("it is there");
            let mut lines: Vec<&str> = text.lines().collect();
            let line = line % (lines.len() + 1);
            if over && line < lines.len() {
                lines.remove(line);
            }
            lines.insert(line, LINES[what % LINES.len()]);
            *text = lines.join("\n") + "\n";
        }
        Edit::Drop(file, line) => {
            let text = files.get_mut(&at(file)).expect("it is there");
            let mut lines: Vec<&str> = text.lines().collect();
            if !lines.is_empty() {
                lines.remove(line % lines.len());
            }
            *text = lines.join("\n") + "\n";
        }
        Edit::Word(file, word) => {
            // From a word on, the first that the file has, so that nearly every edit changes something.
            let text = files.get_mut(&at(file)).expect("it is there");
            let words = WORDS.iter().cycle().skip(word % WORDS.len());
            for (from, to) in words.take(WORDS.len()) {
                let (from, to) = if text.contains(from) { (from, to) } else { (to, from) };
                if text.contains(from) {
                    *text = text.replacen(from, to, 1);
                    break;
                }
            }
        }
        Edit::Template(which) => {
            let names = ["workload/service.yaml", "flux/kustomizations.yaml"];
            let name = names[which % names.len()];
            let path = format!("templates/{name}");
            if files.remove(&path).is_none() {
                let built_in = gitops_gen::template::BUILT_IN.iter();
                let (_, text) =
                    built_in.into_iter().find(|(known, _)| *known == name).expect("it is built in");
                files.insert(path, format!("{text}\n# {which}\n"));
            }
        }
    }
}

/// Folders by their path, each with the digest of what it was rendered from; nothing for a spec with errors. `see` is given each
/// folder that it `wants`, by path and digest, with what came of it.
fn rendered(
    files: &BTreeMap<String, String>,
    wants: &mut dyn FnMut(&str, &str) -> bool,
    see: &mut dyn FnMut(&str, &str, String),
) -> Option<BTreeMap<String, String>> {
    let texts = files.iter();
    let texts = texts.map(|(path, text)| (path.clone(), Arc::from(text.as_str())));
    let memory = Memory(texts.collect());
    let (fleet, _) = prepare(&memory, &mut Sources::default()).ok()?;
    let all: Vec<_> = fleet.environments.iter().collect();
    let rendering = Rendering::new(&fleet, &memory).of(&all, &[]);
    let mut digests = BTreeMap::new();
    for prepared in &fleet.environments {
        let base = read_by_all(&fleet, prepared);
        for app in &prepared.apps {
            let manifests = rendering.manifests(app).ok()?;
            let digest = read_by_unit(base.clone(), prepared, app, &manifests);
            let path = app.folder();
            if wants(&path, &digest) {
                let (folder, facts, warnings) = rendering.unit(prepared, app, &manifests).ok()?;
                let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
                see(&path, &digest, format!("{folder:?} {facts:?} {warnings:?}"));
            }
            digests.insert(path, digest);
        }
        let has_shared = rendering.shared(prepared).ok()?.is_some();
        let entry = rendering.entry(prepared, prepared.apps.iter(), Vec::new(), has_shared);
        let digest = read_by_entry(base, &entry);
        let (folder, record) = entry_folder(&prepared.environment);
        let path = format!("{folder}/{record}");
        if wants(&path, &digest) {
            see(&path, &digest, format!("{:?}", entry.render().ok()?));
        }
        digests.insert(path, digest);
    }
    Some(digests)
}

/// What a walk through edits met.
#[derive(Debug, Default)]
struct Met {
    specs: u32,
    rendered: usize,
    compared: u32,
}

/// Edits one after the other, each on what the one before left, and from time to time from the start again, so that errors and odd
/// states do not pile up.
fn walk(seed: u8, edits: u32) -> Met {
    let mut known: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut met = Met::default();
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]),
    );
    let mut files = start();
    for number in 0..edits {
        let edit = edit().new_tree(&mut runner).expect("an edit").current();
        let mut next = files.clone();
        apply(&mut next, &edit);
        // All that is new, and by turns a sixth of what is known.
        let mut shown: Vec<(String, String, String)> = Vec::new();
        let mut turn = number;
        let mut wants = |path: &str, digest: &str| {
            turn += 1;
            turn % 6 == 0 || !known.contains_key(&(path.to_owned(), digest.to_owned()))
        };
        let mut see = |path: &str, digest: &str, text: String| {
            shown.push((path.to_owned(), digest.to_owned(), text));
        };
        let digests = rendered(&next, &mut wants, &mut see);
        met.specs += u32::from(digests.is_some());
        for (path, digest, text) in shown {
            if let Some(before) = known.get(&(path.clone(), digest.clone())) {
                met.compared += 1;
                assert_eq!(
                    *before, text,
                    "{path} after edit {number} of {seed}, {edit:?}: one digest, two renderings"
                );
            } else {
                known.insert((path, digest), text);
            }
        }
        let is_good = digests.is_some();
        if number % 30 == 29 {
            files = start();
        } else if is_good {
            files = next;
        }
    }
    met.rendered = known.len();
    met
}

#[test]
fn one_digest_is_one_rendering() {
    let edits: u32 = if std::env::var_os("GEN_SOAK").is_some() { 100_000 } else { 2_000 };
    let walks = 4;
    let met: Vec<Met> = std::thread::scope(|scope| {
        let walks =
            (0..walks).map(|seed| scope.spawn(move || walk(seed, edits / u32::from(walks))));
        let walks: Vec<_> = walks.collect();
        let joined = walks.into_iter().map(|walk| walk.join().expect("the law holds"));
        joined.collect()
    });
    // Enough specs were without errors, enough folders new, and enough known, for this to show anything.
    let specs: u32 = met.iter().map(|met| met.specs).sum();
    let new: usize = met.iter().map(|met| met.rendered).sum();
    let compared: u32 = met.iter().map(|met| met.compared).sum();
    assert!(specs > edits / 3 && new > 300 && compared > edits / 4, "{edits} edits: {met:?}");
}

/// The digests of a spec without errors.
fn digests(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    rendered(files, &mut |_, _| false, &mut |_, _, _| ()).expect("the spec is without errors")
}

/// Which folders have another digest after an edit: a replacement in a file.
fn changed_by(path: &str, from: &str, to: &str) -> Vec<String> {
    let before = digests(&start());
    let mut files = start();
    let text = files.get_mut(path).expect("it is there");
    assert!(text.contains(from), "{path} has no `{from}`");
    *text = text.replacen(from, to, 1);
    let after = digests(&files);
    let changed = after.into_iter().filter(|(folder, digest)| before.get(folder) != Some(digest));
    changed.map(|(folder, _)| folder).collect()
}

#[test]
fn an_edit_renders_what_reads_it() {
    let none: [&str; 0] = [];
    let dev = ["jobs", "shop", "store"].map(|app| format!("clusters/home/dev/{app}"));
    let (dev, shop) =
        (dev.each_ref().map(String::as_str), ["clusters/home/dev/shop", "clusters/home/prod/shop"]);
    // A comment or a blank line, wherever it stands.
    for path in start().keys().filter(|path| !path.starts_with("extra/")) {
        let text = &start()[path];
        let second = text.lines().nth(1).expect("it has two lines");
        assert_eq!(changed_by(path, second, &format!("\n# a comment\n{second}")), none, "{path}");
    }
    // A pin: its unit, and no entry.
    assert_eq!(
        changed_by("environments/prod.pins.yaml", "shop@sha256:b", "shop@sha256:c"),
        [shop[1]]
    );
    // An app: its units. A key of its override: one.
    assert_eq!(changed_by("apps/shop.yaml", "hello", "good day"), shop);
    assert_eq!(changed_by("environments/dev.yaml", "debug", "trace"), [shop[0]]);
    // An override of all: the apps that have what it says. A setting of the environment: all of it.
    assert_eq!(
        changed_by("environments/dev.yaml", "{replicas: 1}", "{replicas: 2}"),
        [dev[1], dev[2]]
    );
    assert_eq!(
        changed_by("environments/dev.yaml", "tools/gen:1", "tools/gen:2"),
        [
            "clusters/home/dev/jobs",
            "clusters/home/dev/shop",
            "clusters/home/dev/store",
            "clusters/home/flux/gen-dev.lock.json"
        ]
    );
    // Raw manifests: the app that has them.
    assert_eq!(
        changed_by("extra/jobs/config.yaml", "one", "two"),
        ["clusters/home/dev/jobs", "clusters/home/prod/jobs"]
    );
    // A default: every unit, and no entry.
    let all = changed_by("gen.yaml", "100m", "200m");
    assert_eq!(all.len(), 6, "{all:?}");
    assert!(dev.iter().all(|folder| all.iter().any(|changed| changed == folder)), "{all:?}");
}

/// The same by the program: what it says that it rendered, and what then stands there.
#[test]
fn the_program_says_what_it_rendered() {
    let repo = start().into_iter().fold(Repo::new(), |repo, (path, text)| repo.file(&path, text));
    let render = |wanted: &str| {
        repo.run(["render", "-v"]).status(0).stdout(wanted);
        // Everything again, without what is known.
        repo.run(["render", "--check", "--verify"]).status(0);
        // What was only just written is not trusted, so it is looked at once more when it has stood for a while.
        support::wait::until_older(repo.root(), Duration::from_millis(50));
        repo.run(["render", "-v"]).status(0).stdout("0 files written");
    };
    render("rendered 6 units, 0 known");
    render("rendered 0 units, 6 known");
    let edit = |path: &str, from: &str, to: &str| {
        let text = repo.read(path);
        assert!(text.contains(from), "{path} has no `{from}`");
        std::fs::write(repo.root().join(path), text.replacen(from, to, 1))
            .expect("it can be written");
    };
    edit("environments/dev.yaml", "cluster:", "# a comment\n\ncluster:");
    render("rendered 0 units, 6 known");
    edit("environments/dev.pins.yaml", "shop@sha256:a", "shop@sha256:d");
    render("rendered 1 unit, 5 known");
    edit("apps/shop.yaml", "hello", "good day");
    render("rendered 2 units, 4 known");
    edit("environments/dev.yaml", "debug", "trace");
    render("rendered 1 unit, 5 known");
    edit("gen.yaml", "100m", "200m");
    render("rendered 6 units, 0 known");
}
