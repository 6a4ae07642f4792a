//! What holds for whatever a spec says: values come out as they went in, and a render that is repeated changes nothing.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use gitops_gen::diagnostics::Sources;
use gitops_gen::yaml::{Limits, Value, read_documents};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::{Repo, digest};

/// Texts that break generators which put values into text.
#[rustfmt::skip] // as a table, not a line each
const HOSTILE: &[&str] = &[
    "line one\nline two\n", "---\nkind: Secret\n---\n", "\n---\n", "...", "{{ app.name }}", "{{", "}}", "{% raw %}", "{# x #}",
    "\"quoted\"", "'single'", "\"", "'", "back\\slash", "\\n", "$(touch /tmp/pwned)", "`touch /tmp/pwned`", "${X}", "$$X", "${X:=y}",
    "a: b", "- a", "# not a comment", "a # b", "key: [", "{a: b}", "[]", "&anchor", "*alias", "!!python/object x", "|", ">-", "%TAG",
    "@at", "yes", "no", "on", "null", "~", "1e3", "012", "0o7", "0x1F", "12:30:45", "2026-01-01", "1_000", ".inf", "NaN", "=", "<<",
    " leading", "trailing ", "tab\there", "\ttab first", "\n", "\n\n\n", "\r\n", "a\rb", "ünïcödé", "世界", "👋🏽", "\u{202e}reversed",
    "zero\u{200b}width", "\u{feff}bom", "\u{e000}0\u{e001}", "\u{e000}", "\u{e100}", "a\u{e101}", "\u{2028}", "\u{85}", "\u{1b}[31mred", "\u{7f}", "\u{1}",
    "x: y\n  z: w\n bad: indentation", "  indented\nless", "ends with colon:", ":", "-", "?", "? a", "<script>", "'; DROP TABLE x; --",
    "%s%n", "\u{fffd}", "\u{10ffff}",
];

/// A text in double quotes with every character that YAML could take amiss as an escape. JSON is YAML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// One spec with the text in every field that takes any text.
fn spec(text: &str) -> String {
    // Where an empty text is refused, white space alone is too.
    let full = quoted(&format!("x{text}"));
    let text = quoted(text);
    format!(
        "version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: https://git.example/team/shop.git
    image: registry.example/team/shop
    port: 8080
    command: [/bin/run, {text}]
    args: [{text}, --, {text}]
    env: {{A: {text}, B: {{value: {text}}}}}
    files: {{/etc/shop/a: {text}, /etc/shop/b: \"x\"}}
    annotations: {{example.test/a: {text}}}
    security: {{level: baseline, reason: {full}}}
    build: {{args: {{ARGUMENT: {text}}}, target: final}}
    notify: {{slack: {{channel: {full}, secret: slack}}}}
    pipeline:
      - fetch-source
      - own:
          image: registry.example/tools/own@{digest}
          script: {script}
          env: {{C: {text}}}
          services: [{{name: db, image: registry.example/tools/db@{digest}, args: [{text}], env: {{D: {text}}}}}]
      - shebang: {{image: registry.example/tools/own@{digest}, script: {shebang}}}
      - reference: {{ref: task, params: {{p: {text}}}}}
      - resolved: {{ref: {{resolver: git, params: {{url: {text}, pathInRepo: task.yaml}}}}}}
      - build-image
      - deploy-app
",
        digest = digest('b'),
        script = quoted(&format!("echo begin\n{}\necho end", unquoted(&text))),
        shebang = quoted(&format!("#!/usr/bin/env python3\n{}", unquoted(&text))),
    )
}

/// Back from `quoted`, so that one place knows the form.
fn unquoted(text: &str) -> String {
    serde_yaml::from_str(text).unwrap()
}

fn repo(text: &str) -> Repo {
    Repo::new()
        .file("gen.yaml", spec(text))
        .file("environments/dev.yaml", "deploy: kubectl\nrun: commit\n")
        .file("environments/prod.yaml", "promotesFrom: dev\n")
        .file(
            "environments/prod.pins.yaml",
            format!("apps: {{shop: {{image: \"registry.example/team/shop@{}\"}}}}\n", digest('a')),
        )
}

/// All documents of all YAML files, by both readers.
fn documents(repo: &Repo) -> Vec<serde_json::Value> {
    let mut all = Vec::new();
    for (path, content) in repo.clusters() {
        if Path::new(&path).extension().is_none_or(|e| e != "yaml") {
            continue;
        }
        let text = String::from_utf8(content).unwrap();
        let file = Sources::default().add(path.as_str(), text.as_str());
        let ours: Vec<Value> = read_documents(file, &text, Limits::default())
            .unwrap_or_else(|problems| panic!("{path}: {problems}"))
            .iter()
            .map(gitops_gen::yaml::Node::to_value)
            .collect();
        let theirs: Vec<serde_json::Value> = serde_yaml::Deserializer::from_str(&text)
            .map(|document| serde::Deserialize::deserialize(document).unwrap())
            .collect();
        let same = theirs.iter().cloned().map(Value::from).eq(ours);
        assert!(same, "{path} reads differently");
        all.extend(theirs);
    }
    all
}

/// Every text of a value: keys and scalars.
fn texts(value: &serde_json::Value, all: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => all.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        serde_json::Value::Object(map) => map.values().for_each(|item| texts(item, all)),
        _ => {}
    }
}

/// Kind and name of every object.
fn identities(documents: &[serde_json::Value]) -> Vec<String> {
    let name = |d: &serde_json::Value| format!("{} {}", d["kind"], d["metadata"]["namespace"]);
    documents.iter().map(name).collect()
}

fn holds(documents: &[serde_json::Value], text: &str, times: usize) {
    let mut all = Vec::new();
    for document in documents {
        texts(document, &mut all);
    }
    // The workload of `deploy: kubectl` travels as text in a ConfigMap.
    let inner: Vec<serde_json::Value> = documents
        .iter()
        .filter_map(|d| d["data"]["workload.yaml"].as_str())
        .map(|text| serde_yaml::from_str(text).unwrap())
        .collect();
    assert_eq!(inner.len(), 1);
    for document in &inner {
        texts(document, &mut all);
    }
    let found = all.iter().filter(|found| *found == text).count();
    assert!(found >= times, "{text:?} is there {found} times of {times}");
}

#[test]
fn values_never_become_structure() {
    let plain = repo("harmless text");
    plain.run(["render", "--verify"]).status(0);
    let plain = documents(&plain);
    let wanted = identities(&plain);
    // As often as the harmless text stands there by itself: in containers, files, tasks, annotations.
    let mut all = Vec::new();
    for document in &plain {
        texts(document, &mut all);
    }
    let times = all.iter().filter(|text| *text == "harmless text").count();
    assert!(times >= 10, "{times}");
    std::thread::scope(|scope| {
        for chunk in HOSTILE.chunks(HOSTILE.len().div_ceil(4)) {
            let (wanted, plain) = (&wanted, &plain);
            scope.spawn(move || {
                for text in chunk {
                    let repo = repo(text);
                    let ran = repo.run(["render", "--verify"]);
                    assert_eq!(ran.status, 0, "{text:?}: {}", ran.stderr);
                    let documents = documents(&repo);
                    assert_eq!(identities(&documents), *wanted, "{text:?}");
                    assert_eq!(documents.len(), plain.len());
                    holds(&documents, text, times);
                    repo.run(["render", "--check"]).status(0);
                }
            });
        }
    });
    assert!(!Path::new("/tmp/pwned").exists());
}

#[test]
fn a_text_with_a_nul_is_refused() {
    let ran = repo("a\0b").run(["render"]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
}

#[derive(Debug, Clone)]
struct Part(String);

fn part(options: Vec<(&'static str, u32)>) -> BoxedStrategy<Part> {
    let weighted = options
        .into_iter()
        .map(|(text, weight)| (weight, Just(Part(text.to_owned())).boxed()))
        .collect::<Vec<_>>();
    proptest::strategy::Union::new_weighted(weighted).boxed()
}

/// A few lines of an app; most go together, and those that do not must be refused in order.
fn app() -> BoxedStrategy<String> {
    let one_of = |lines: &'static [&'static str]| {
        let mut options: Vec<(&str, u32)> = lines.iter().map(|line| (*line, 1)).collect();
        options.push(("", u32::try_from(lines.len()).unwrap()));
        part(options)
    };
    let keys: Vec<BoxedStrategy<Part>> = vec![
        one_of(&["port: 8080", "port: 80"]),
        one_of(&[
            "workload: statefulset",
            "workload: none",
            "workload: {cronjob: {schedule: '@daily'}}",
        ]),
        one_of(&["health: /health", "health: /h\n    ready: /r"]),
        one_of(&["metrics: /metrics"]),
        one_of(&["host: '{{ app }}.{{ env }}.example'", "host: a.example\n    tls: cert"]),
        one_of(&["replicas: 0", "replicas: 3"]),
        one_of(&["scale: {max: 3}", "scale: {min: 2, max: 9, cpu: 50}"]),
        one_of(&["env: {A: b, C: {secret: s, key: k}}", "env: {YES: 'no'}"]),
        one_of(&["files: {/etc/a: 'x'}"]),
        one_of(&["storage: [{name: data, size: 1Gi, mount: /data}]"]),
        one_of(&["egress: []", "egress: [{host: a.b.svc, port: 1}]"]),
        one_of(&["security: {level: baseline, reason: old}"]),
        one_of(&[
            "pipeline: [fetch-source]",
            "pipeline: [fetch-source, build-image, deploy-app, integration-test]",
            "pipeline: [[fetch-source, build-image], scan-image]",
            "pipeline: []",
        ]),
        one_of(&["trigger: github", "trigger: gitea"]),
        one_of(&["serviceAccount: default"]),
        one_of(&["workspace: {shared: true}"]),
        one_of(&["labels: {team: a}", "annotations: {a: 'b: c'}"]),
        one_of(&["notify: {slack: {channel: '#a', secret: s}}"]),
        one_of(&["permissions: [{resources: [configmaps], verbs: [get]}]"]),
        one_of(&["onRemove: delete"]),
    ];
    keys.prop_map(|parts| {
        let lines = parts.iter().filter(|part| !part.0.is_empty());
        lines.fold(String::new(), |mut text, part| {
            let _ = writeln!(text, "    {}", part.0);
            text
        })
    })
    .boxed()
}

fn environment() -> BoxedStrategy<String> {
    let one_of = |lines: &'static [&'static str]| {
        let mut options: Vec<(&str, u32)> = lines.iter().map(|line| (*line, 1)).collect();
        options.push(("", 1));
        part(options)
    };
    let keys: Vec<BoxedStrategy<Part>> = vec![
        one_of(&["deploy: kubectl", "deploy: git"]),
        one_of(&["run: webhook", "run: commit", "run: none"]),
        one_of(&[
            "apis: [triggers, prometheus]",
            "apis: [gateway]\ngateway: {name: g, namespace: n}",
            "apis: [artifact-generator]",
        ]),
        one_of(&["pipeline: none", "pipeline: [integration-test]"]),
        one_of(&["namespace: shared", "namespace: '{{ env }}-{{ app }}'"]),
        one_of(&["cluster: one"]),
        one_of(&["apps: {'*': {grace: 5}}", "apps: {'*': {scale: {max: 4}}}"]),
        one_of(&["quota: {cpu: 4}", "limits: {memory: 1Gi}"]),
        one_of(&["flux: {source: {create: true}}"]),
    ];
    keys.prop_map(|parts| {
        let lines = parts.iter().filter(|part| !part.0.is_empty());
        let text = lines.fold(String::new(), |text, part| text + &part.0 + "\n");
        if text.is_empty() { "{}\n".to_owned() } else { text }
    })
    .boxed()
}

/// Specs from pieces, most of them right: twice the same bytes, nothing to do the second time, and errors in order.
#[test]
fn renders_repeat() {
    let apps = prop::collection::vec(app(), 1..4);
    let environments = prop::collection::vec((environment(), any::<bool>()), 1..4);
    let soak = std::env::var("GEN_SOAK").is_ok_and(|value| value == "1");
    let mut runner = TestRunner::new(ProptestConfig {
        cases: if soak { 5_000 } else { 60 },
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcomes = std::cell::RefCell::new(BTreeSet::new());
    let result = runner.run(&(apps, environments), |(apps, environments)| {
        let make = || {
            let mut root = "version: 1\nrepository: https://git.example/g\napps:\n".to_owned();
            for (number, app) in apps.iter().enumerate() {
                let _ = write!(
                    root,
                    "  app-{number}:\n    source: https://git.example/{number}\n    image: r.example/a{number}\n{app}"
                );
            }
            let mut repo = Repo::new().file("gen.yaml", root);
            for (number, (text, is_pinned)) in environments.iter().enumerate() {
                repo = repo.file(&format!("environments/e{number}.yaml"), text);
                if *is_pinned && !text.contains("kubectl") {
                    let pin = format!(
                        "apps: {{app-0: {{image: \"r.example/a0@{}\"}}}}\n",
                        digest('c')
                    );
                    repo = repo.file(&format!("environments/e{number}.pins.yaml"), pin);
                }
            }
            repo
        };
        let (one, other) = (make(), make());
        let ran = one.run(["render", "--verify"]);
        let again = other.run(["render"]);
        outcomes.borrow_mut().insert(ran.status);
        prop_assert!(matches!(ran.status, 0 | 3), "{}\n{}", ran.status, ran.stderr);
        prop_assert_eq!(ran.status, again.status);
        prop_assert_eq!(&ran.stderr, &again.stderr);
        prop_assert_eq!(one.clusters(), other.clusters());
        if ran.status == 0 {
            let check = one.run(["render", "--check"]);
            prop_assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
            let before = one.clusters();
            let second = one.run(["render"]);
            prop_assert!(second.stdout.contains("0 files written"), "{}", second.stdout);
            prop_assert_eq!(before, one.clusters());
        } else {
            prop_assert!(one.clusters().is_empty());
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(outcomes.borrow().contains(&0), "no spec was right");
}
