//! The guides' specs: every YAML block with `apps:` is a gen.yaml but for its first lines, and renders.

use std::collections::BTreeMap;
use std::path::Path;

use crate::page::{blocks, gen_in, keep, read, root};

const PAGE: &str = "docs/guides/apps.md";

/// What such a block leaves out.
const HEAD: &str = "version: 1\nrepository: https://git.example/team/gitops.git\n";

/// The stages that it is rendered for; the digest is for what they build.
const STAGES: [(&str, &str); 2] = [
    ("dev", "apis: [triggers, prometheus, helm]\nrun: webhook\n"),
    ("prod", "promotesFrom: dev\napis: [helm]\n"),
];

#[test]
fn the_specs_of_the_guide_to_real_apps_render() {
    let page = read(PAGE);
    let page = page.replace(&section(&page), "");
    let specs: Vec<String> =
        blocks(&page, "yaml").into_iter().filter(|block| block.contains("apps:\n")).collect();
    assert!(specs.len() >= 4, "{} specs", specs.len());
    for spec in specs {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("it is written");
        };
        write("gen.yaml", &format!("{HEAD}{spec}"));
        for (name, text) in STAGES {
            write(&format!("environments/{name}.yaml"), text);
        }
        let pin = format!("registry.example/shop/shop@sha256:{}", "a".repeat(64));
        if spec.contains("registry.example/shop/shop") {
            write("environments/prod.pins.yaml", &format!("apps: {{shop: {{image: '{pin}'}}}}\n"));
        }
        let (status, out, errors) = gen_in(folder.path(), &["render"]);
        assert_eq!(status, 0, "{spec}\n{errors}");
        assert!(out.contains("prod  clusters/prod"), "{out}");
    }
}

/// The section with thirty services, whose specs are those of a golden case.
fn section(page: &str) -> String {
    let start = page.find("## Thirty services").expect("the section");
    let end = page[start + 3..].find("\n## ").expect("another section");
    page[start..=start + 3 + end].to_owned()
}

/// The golden case.
const CASE: &str = "tests/golden/real-monorepo/in";

#[test]
fn the_thirty_services_of_the_guide_are_those_of_the_case() {
    let section = section(&read(PAGE));
    let files = ["gen.yaml", "apps/checkout.yaml", "environments/dev.yaml"];
    let shown = blocks(&section, "yaml");
    assert_eq!(shown.len(), files.len());
    for (shown, file) in shown.iter().zip(files) {
        assert_eq!(*shown, read(&format!("{CASE}/{file}")), "{file}");
    }
    let [console] = &blocks(&section, "console")[..] else { panic!("one block") };
    let (command, output) = console.split_once('\n').expect("a command and its output");
    let words = command.strip_prefix("$ gen ").and_then(|line| line.strip_suffix(" > run.yaml"));
    let words: Vec<&str> = words.expect("a call of gen").split(' ').collect();
    let (status, out, said) = gen_in(&root().join(CASE), &words);
    assert_eq!((status, out.matches("kind: PipelineRun").count()), (0, 1), "{said}");
    keep(PAGE, &format!("{command}\n{output}"), &format!("{command}\n{said}"));
}

/// The lines of each app in the files under apps/, without blank ones and comments.
fn lines_of_apps() -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    let folder = root().join(CASE).join("apps");
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file");
        let mut app = None;
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let indent = line.len() - line.trim_start().len();
            if indent == 2 {
                let name = line.trim_start().split(':').next().expect("a name").to_owned();
                assert!(!all.contains_key(&name), "{name}");
                app = Some(name);
            }
            if let Some(app) = app.as_ref().filter(|_| !line.trim().is_empty()) {
                *all.entry(app.clone()).or_default() += 1;
            }
        }
    }
    all
}

#[test]
fn thirty_services_are_short() {
    let lines = lines_of_apps();
    assert_eq!(lines.len(), 30);
    let most = lines.iter().max_by_key(|(_, lines)| **lines).expect("an app");
    assert!(*most.1 <= 12, "{most:?}");
    let of_apps: usize = lines.values().sum();
    let mut rest = 0;
    for entry in walkdir::WalkDir::new(root().join(CASE)) {
        let path = entry.expect("an entry").into_path();
        let is_spec = path.extension().is_some_and(|end| end == "yaml")
            && !path.to_string_lossy().ends_with(".pins.yaml");
        if !is_spec {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        for word in ["patches:", "extra:", "merge:", "json:"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
        rest += if path.parent().is_some_and(|folder| folder.ends_with(Path::new("apps"))) {
            0
        } else {
            text.lines().count()
        };
    }
    assert!(of_apps + rest <= 30 * 6, "{of_apps} and {rest}");
}
