//! The guides' specs: every YAML block with `apps:` is a gen.yaml but for its first lines, and renders.

use crate::page::{blocks, gen_in, read};

/// What such a block leaves out.
const HEAD: &str = "version: 1\nrepository: https://git.example/team/gitops.git\n";

/// The stages that it is rendered for; the digest is for what they build.
const STAGES: [(&str, &str); 2] = [
    ("dev", "apis: [triggers, prometheus, helm]\nrun: webhook\n"),
    ("prod", "promotesFrom: dev\napis: [helm]\n"),
];

#[test]
fn the_specs_of_the_guide_to_real_apps_render() {
    let page = read("docs/guides/apps.md");
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
