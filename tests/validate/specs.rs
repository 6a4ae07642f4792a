//! Specs made from the table of keys: every key that gen declares is met, with values from `values`. What gen refuses is left out of
//! the spec, app by app, until it accepts the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use gitops_gen::check::Gate;
use gitops_gen::diagnostics::{Diagnostics, Kind, Severity, Sources, SpecError};
use gitops_gen::files::Memory;
use gitops_gen::fleet::prepare;
use gitops_gen::ops::rendering::{Rendering, Standing};
use gitops_gen::spec::table::{Object, Shape};
use gitops_gen::spec::{app, environment, task_common};
use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::values::{LITERALS, text};

/// What gen accepted of a spec, and what it rendered.
pub struct Accepted {
    /// The apps, by name.
    pub apps: BTreeMap<String, Value>,
    pub environment: Value,
    /// The number of keys and apps that it refused.
    pub refused: usize,
    /// Content by path.
    pub tree: Vec<(String, String)>,
    /// What `gen render` would not write of it, though the spec is right.
    pub doomed: Vec<String>,
}

/// What a rendering gave: content by path, and what the gate says of it.
type Rendered = (Vec<(String, String)>, Vec<String>);

/// In every form that is accepted.
const REPOSITORIES: &[&str] = &[
    "https://git.example/team/gitops.git",
    "http://git.lan:3000/gitops",
    "ssh://git@git.example:22/team/gitops.git",
    "git@git.example:team/gitops.git",
    "git@git.example:/srv/gitops.git",
];

/// Makes a spec of `count` apps and renders what gen accepts of it.
pub fn accepted(seed: u64, count: usize) -> Accepted {
    let mut random = Random::new(seed);
    let plain = plain_environment(&mut random);
    let mut environment = plain.clone();
    let table = self::environment();
    for _ in 0..random.below(3) {
        let field = random.pick(&table.fields);
        // An override's name must be an app's, and a patch has to meet something.
        if !matches!(field.key.as_str(), "cluster" | "promotesFrom" | "apps" | "patches") {
            environment[&field.key] = value(&field.shape, &mut random, 0);
        }
    }
    let mut apps: BTreeMap<String, Value> =
        (0..count).map(|n| (format!("a{n}"), an_app(&mut random))).collect();
    let repository = *random.pick(REPOSITORIES);
    let mut refused = 0;
    // Every turn leaves something out.
    loop {
        let blamed = match render(repository, &apps, &environment) {
            Ok((tree, doomed)) => return Accepted { apps, environment, refused, tree, doomed },
            Err(blamed) => blamed,
        };
        for (name, key) in &blamed.keys {
            let app = apps.get_mut(name).and_then(Value::as_object_mut);
            let is_gone = app.is_some_and(|app| app.remove(key).is_some());
            refused += usize::from(is_gone);
            if is_gone && matches!(key.as_str(), "source" | "image") {
                apps.remove(name);
            }
        }
        for name in &blamed.apps {
            refused += usize::from(apps.remove(name).is_some());
        }
        if blamed.keys.is_empty() && blamed.apps.is_empty() {
            assert!(environment != plain, "nothing is to blame for {}", blamed.shown);
            environment.clone_from(&plain);
            refused += 1;
        }
    }
}

fn plain_environment(random: &mut Random) -> Value {
    let mut made = json!({
        "cluster": "home",
        "apis": ["triggers", "prometheus", "image-automation"],
        "run": random.pick(&["none", "commit", "webhook"]),
        "deploy": random.pick(&["git", "kubectl"]),
        "flux": {"source": {"create": random.below(2) == 0}},
    });
    if random.below(3) == 0 {
        made["apis"] = json!(["triggers", "prometheus", "gateway", "helm"]);
        made["gateway"] = json!({"name": "public", "namespace": "gateways"});
    }
    if random.below(3) == 0 {
        let apps = random.below(2) == 0;
        made["proxy"] =
            json!({"https": "http://proxy.example:3128", "no": [".corp.example"], "apps": apps});
        made["ca"] = json!({"configMap": "corp-ca", "apps": apps});
    }
    made
}

/// What gen says against a spec.
struct Blamed {
    /// Keys of apps.
    keys: BTreeSet<(String, String)>,
    /// Apps as a whole.
    apps: BTreeSet<String>,
    shown: String,
}

fn render(
    repository: &str,
    apps: &BTreeMap<String, Value>,
    environment: &Value,
) -> Result<Rendered, Blamed> {
    if apps.is_empty() {
        return Ok(Rendered::default());
    }
    // A key a line, so that what is refused is known by its line.
    let mut spec = format!("version: 1\nrepository: {repository}\napps:\n");
    let mut lines: Vec<Option<(&str, Option<&str>)>> = vec![None; 4];
    for (name, app) in apps {
        let _ = writeln!(spec, "  {name}:");
        lines.push(Some((name, None)));
        for (key, value) in app.as_object().into_iter().flatten() {
            let _ = writeln!(spec, "    {key}: {value}");
            lines.push(Some((name, Some(key))));
        }
    }
    let image = format!("registry.example/team/app@sha256:{}", "a".repeat(64));
    // Without an image, a workload is left out.
    // With `deploy: kubectl`, the run sets the image.
    let is_pinned = |app: &Value| {
        environment["deploy"] != json!("kubectl")
            && app["image"].as_str().is_some_and(|image| !image.contains([':', '@']))
            && app["workload"] != json!("none")
            && app["workload"]["none"].is_null()
    };
    let pinned = apps.iter().filter(|(_, app)| is_pinned(app));
    let pins: Map<String, Value> =
        pinned.map(|(name, _)| (name.clone(), json!({"image": image}))).collect();
    let (environment, pins) = (environment.to_string(), json!({"apps": pins}).to_string());
    let files = Memory::new([
        ("gen.yaml", spec.as_str()),
        ("environments/dev.yaml", &environment),
        ("environments/dev.pins.yaml", &pins),
    ]);
    let mut sources = Sources::default();
    let blame = |found: &Diagnostics, sources: &Sources| {
        let mut blamed =
            Blamed { keys: BTreeSet::new(), apps: BTreeSet::new(), shown: String::new() };
        for diagnostic in found.iter().filter(|found| found.severity == Severity::Error) {
            let notes = diagnostic.notes.iter().map(|note| note.at);
            let mut spans = std::iter::once(diagnostic.at).chain(notes).flatten();
            let line = spans.find_map(|span| {
                let is_spec = !span.is_built_in() && &*sources.file(span.file).path == "gen.yaml";
                is_spec.then(|| lines.get(span.start.line as usize).copied().flatten())?
            });
            match line {
                Some((name, Some(key))) => {
                    blamed.keys.insert((name.to_owned(), key.to_owned()));
                }
                Some((name, None)) => {
                    blamed.apps.insert(name.to_owned());
                }
                None => {
                    // It names an app, or is about the environment.
                    let shown = diagnostic.kind.to_string();
                    let named = apps.keys().filter(|name| shown.contains(&format!("`{name}`")));
                    blamed.apps.extend(named.cloned());
                    let _ = writeln!(blamed.shown, "{shown}");
                }
            }
        }
        blamed
    };
    let (fleet, _) = prepare(&files, &mut sources).map_err(|found| blame(&found, &sources))?;
    let selected: Vec<_> = fleet.environments.iter().collect();
    // Open, so that Kubernetes and Tekton judge what it would keep out.
    let gate = Gate { is_open: true, ..Gate::default() };
    let rendering = Rendering::new(&fleet, &files).of(&selected, &[]);
    let rendering = Rendering { gate: Some(&gate), ..rendering };
    let folders =
        rendering.each(&Standing::default(), |rendered| (rendered.folder, rendered.warnings));
    let folders = folders.map_err(|found| blame(&found, &sources))?;
    let (mut tree, mut doomed) = (Vec::new(), Vec::new());
    for (folder, warnings) in folders {
        let kinds = warnings.iter().map(|warning| &warning.kind);
        let is_doomed = |kind: &&Kind| matches!(kind, Kind::Spec(SpecError::Doomed { .. }));
        doomed.extend(kinds.filter(is_doomed).map(ToString::to_string));
        let path = folder.path;
        tree.extend(folder.files.into_iter().map(|(name, text)| (format!("{path}/{name}"), text)));
    }
    Ok((tree, doomed))
}

fn an_app(random: &mut Random) -> Value {
    let mut made =
        json!({"source": "https://git.example/team/app.git", "image": "registry.example/team/app"});
    match random.below(8) {
        0..4 => made["port"] = json!(8080),
        4 => joined(&mut made, random),
        _ => {}
    }
    let table = app();
    for _ in 0..=random.below(16) {
        let field = random.pick(&table.fields);
        // A folder of raw manifests would have to be there.
        if field.key != "extra" {
            made[&field.key] = value(&field.shape, random, 0);
        }
    }
    // A pipeline is most of what is rendered, and does not depend on most other keys.
    if made["pipeline"].is_null() && random.below(4) > 0 {
        made["pipeline"] = json!("none");
    }
    made
}

/// Keys whose values name each other, which chance alone does not bring together.
fn joined(made: &mut Value, random: &mut Random) {
    let table = app();
    let sidecars = table.field("sidecars").map(|field| &field.shape);
    let mut proxy = match sidecars {
        Some(Shape::Map(_, sidecar)) => value(sidecar, random, 3),
        _ => json!({}),
    };
    proxy["image"] = json!("docker.io/envoyproxy/envoy:v1.36.0");
    made["ports"] =
        json!({"http": 8080, "grpc": 9090, "admin": {"port": 9901, "container": "proxy"}});
    made["sidecars"] = json!({"proxy": proxy});
    made["processes"] = json!({"api": {"ports": {"http": 9000, "grpc": 9001}}, "worker": {}});
    made["host"] = json!("{{ app }}.example");
    let port = random.pick(&["http", "grpc"]);
    made["routes"] = json!([
        {"path": "/api", "process": "api"},
        {"host": "{{ app }}.api.example", "process": "api", "port": port},
    ]);
    made["permissions"] = json!([
        {"resources": ["services"], "verbs": ["list"], "in": "cluster", "reason": "it shows them"},
        {"resources": ["configmaps"], "verbs": ["get"]},
    ]);
}

/// Some value of a shape, or nearly.
fn value(shape: &Shape, random: &mut Random, depth: usize) -> Value {
    match shape {
        Shape::Text(check) => json!(text(*check, random)),
        Shape::Literal => match random.below(4) {
            0 => json!(random.below(70_000)),
            1 => json!(random.below(2) == 0),
            _ => json!(*random.pick(LITERALS)),
        },
        Shape::Bool => json!(random.below(2) == 0),
        Shape::Int(low, high) => {
            let some = low.saturating_add(i64::try_from(random.below(50)).expect("small"));
            json!(*random.pick(&[*low, *high, *low + 1, some.min(*high), some.min(*high)]))
        }
        Shape::Word(words) => json!(random.pick(words).0),
        Shape::Choice(words) => json!(*random.pick(words)),
        Shape::List(item) => {
            let items = (0..random.below(4)).map(|_| value(item, random, depth + 1));
            Value::Array(items.collect())
        }
        Shape::Map(check, item) => {
            let entries = (0..random.below(4))
                .map(|_| (text(*check, random), value(item, random, depth + 1)));
            Value::Object(entries.collect())
        }
        Shape::Short(object) if random.below(3) == 0 => {
            value(&object.fields[0].shape, random, depth)
        }
        Shape::Short(object) | Shape::Object(object) => mapping(object, random, depth),
        Shape::Variant(words) => {
            let (word, object) = random.pick(words);
            if random.below(3) == 0 {
                json!(word)
            } else {
                json!({word.as_str(): value(&object.settings(), random, depth)})
            }
        }
        Shape::Reference(_) if random.below(2) == 0 => json!(*random.pick(LITERALS)),
        Shape::Reference(object) => {
            let field = random.pick(&object.fields);
            let mut made =
                Map::from_iter([(field.key.clone(), value(&field.shape, random, depth + 1))]);
            // `{secret: NAME, key: KEY}`: most sources need a second key.
            if object.field("key").is_some() && field.key != "key" {
                made.insert("key".to_owned(), json!("password"));
            }
            Value::Object(made)
        }
        Shape::Tasks => tasks(random, depth),
        Shape::Either(first, second) => {
            let shape = if random.below(2) == 0 { first } else { second };
            value(shape, random, depth)
        }
        Shape::Free => json!({"a": *random.pick(LITERALS)}),
    }
}

/// The required keys, and some of the others.
fn mapping(object: &Arc<Object>, random: &mut Random, depth: usize) -> Value {
    let mut made = Map::new();
    let few = if depth > 3 { 6 } else { 3 };
    for field in &object.fields {
        if field.required || random.below(few) == 0 {
            made.insert(field.key.clone(), value(&field.shape, random, depth + 1));
        }
    }
    Value::Object(made)
}

/// A pipeline, around an inline task with keys at random.
fn tasks(random: &mut Random, depth: usize) -> Value {
    let mut inline = json!({"image": "docker.io/library/python:3.12-slim", "script": "pytest -q"});
    for _ in 0..random.below(4) {
        let field = random.pick(&task_common().fields);
        inline[&field.key] = value(&field.shape, random, depth + 1);
    }
    let mut all = vec![json!("fetch-source"), json!({"check": inline})];
    if random.below(2) == 0 {
        all.push(json!("build-image"));
        all.push(json!("deploy-app"));
    }
    Value::Array(all)
}

/// The faults, each with the app that it is about; faults of one kind once.
pub fn explain(lines: &[String], apps: &BTreeMap<String, (Value, Value)>) -> String {
    let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for line in lines {
        let mut parts = line.splitn(3, ": ");
        let (path, name, message) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let kind = name.split(' ').next().unwrap_or_default();
        let general: String =
            message.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(90).collect();
        let found = kinds.entry(format!("{kind}: {general}")).or_default();
        found.0 += 1;
        if found.0 == 1 {
            let round = path
                .split("/clusters/")
                .next()
                .and_then(|start| start.rsplit('/').next())
                .unwrap_or_default();
            let app = path.split('/').find_map(|part| apps.get(&format!("{round}/{part}")));
            found.1 = match app {
                Some((app, environment)) => format!("{message}\n    {app}\n    in {environment}"),
                None => format!("{message}\n    {path}"),
            };
        }
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut out = format!("{} kinds of faults\n", kinds.len());
    for (count, text) in kinds {
        let _ = writeln!(out, "{count} x {text}");
    }
    out
}
