//! A tree as Flux reads it.

use std::collections::BTreeMap;

use crate::change::{Applied, applied, assemble, standing};
use crate::diagnostics::Diagnostics;
use crate::files::Memory;
use crate::tree::{Folder, Owner, Record};

fn folder(path: &str, record: &str, app: Option<&str>, files: &[(&str, &str)]) -> Folder {
    Folder {
        path: path.to_owned(),
        record: record.to_owned(),
        owner: Owner { environment: "dev".to_owned(), app: app.map(str::to_owned), retired: false },
        files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
    }
}

fn config(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\n")
}

fn kustomization(names: &str) -> String {
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: {names}\n"
    )
}

fn flux(name: &str, path: &str, source: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {{path: {path}, sourceRef: {source}}}\n"
    )
}

fn told(folders: Vec<Applied>) -> Vec<String> {
    let told = |object: crate::change::Desired| {
        let applier = object.applier.map_or_else(String::new, |applier| {
            format!(" by {}/{}", applier.namespace, applier.name)
        });
        format!("{} {:?}{applier}", object.identity, object.app)
    };
    assemble(folders).into_iter().map(told).collect()
}

#[test]
fn what_is_not_listed_or_not_pointed_to_is_not_applied() {
    let entry = format!(
        "{}---\n{}",
        flux(
            "shop-dev-access",
            "./deploy/clusters/home/dev/shop/access",
            "{kind: GitRepository, name: x}"
        ),
        flux("shop-dev", "./deploy/clusters/home/dev/shop/app", "{kind: GitRepository, name: x}")
    );
    let unit = folder(
        "clusters/home/dev/shop",
        "gen.lock.json",
        Some("shop"),
        &[
            ("access/kustomization.yaml", &kustomization("[a.yaml]")),
            ("access/a.yaml", &config("a")),
            ("access/b.yaml", &config("not-listed")),
            ("app/kustomization.yaml", &kustomization("[./c.yml]")),
            (
                "app/c.yml",
                &format!(
                    "apiVersion: v1\nkind: List\nitems:\n- {}",
                    config("c").replace('\n', "\n  ")
                ),
            ),
            ("run/kustomization.yaml", &kustomization("[d.yaml]")),
            ("run/d.yaml", &config("not-pointed-to")),
        ],
    );
    let entry =
        folder("clusters/home/flux", "gen-dev.lock.json", None, &[("gen-dev.yaml", &entry)]);
    insta::assert_debug_snapshot!(told(vec![applied(&unit).unwrap(), applied(&entry).unwrap()]), @r#"
    [
        "ConfigMap shop/a Some(\"shop\") by flux-system/shop-dev-access",
        "ConfigMap shop/c Some(\"shop\") by flux-system/shop-dev",
        "Kustomization flux-system/shop-dev-access Some(\"shop\")",
        "Kustomization flux-system/shop-dev Some(\"shop\")",
    ]
    "#);
    // A part of a tree without an entry is taken as it is.
    assert_eq!(told(vec![applied(&unit).unwrap()]).len(), 3);
}

#[test]
fn an_artifact_leads_to_the_folder_that_it_is_made_of() {
    let generator = "apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: gen-dev, namespace: flux-system}
spec: {artifacts: [{name: shop-dev, copy: [{from: '@repository/clusters/home/dev/shop/**', to: '@artifact/'}]}]}
";
    let entry = format!(
        "{generator}---\n{}",
        flux("shop-dev", "./app", "{kind: ExternalArtifact, name: shop-dev}")
    );
    let unit = folder(
        "clusters/home/dev/shop",
        "gen.lock.json",
        Some("shop"),
        &[("app/kustomization.yaml", &kustomization("[a.yaml]")), ("app/a.yaml", &config("a"))],
    );
    let entry =
        folder("clusters/home/flux", "gen-dev.lock.json", None, &[("gen-dev.yaml", &entry)]);
    let told = told(vec![applied(&unit).unwrap(), applied(&entry).unwrap()]);
    assert_eq!(told[0], "ConfigMap shop/a Some(\"shop\") by flux-system/shop-dev");
}

/// Reads a tree of one unit from files that anybody may have changed.
fn read(files: &[(&str, &str)]) -> Result<Vec<String>, Diagnostics> {
    let path = "clusters/home/dev/shop";
    let recorded = folder(
        path,
        "gen.lock.json",
        Some("shop"),
        &[("app/kustomization.yaml", ""), ("app/a.yaml", "")],
    );
    let texts: BTreeMap<String, std::sync::Arc<str>> =
        files.iter().map(|(name, text)| (format!("{path}/{name}"), (*text).into())).collect();
    let folder = standing(&Memory(texts), path, "gen.lock.json", &Record::of(&recorded, "0.1.0"))?;
    Ok(told(vec![applied(&folder)?]))
}

#[test]
fn a_foreign_file_that_is_listed_is_applied() {
    let found = read(&[
        ("app/kustomization.yaml", &kustomization("[a.yaml, mine.yaml]")),
        ("app/a.yaml", &config("a")),
        ("app/mine.yaml", &config("mine")),
        ("app/other.yaml", &config("other")),
    ]);
    assert_eq!(found.unwrap().len(), 2);
}

#[test]
fn a_broken_tree_is_an_error_and_never_an_empty_one() {
    let (good, list) = (config("a"), kustomization("[a.yaml]"));
    let mut messages = String::new();
    for files in [
        vec![("app/a.yaml", good.as_str())],
        vec![("app/kustomization.yaml", list.as_str())],
        vec![("app/kustomization.yaml", &list), ("app/a.yaml", "a: [b")],
        vec![("app/kustomization.yaml", &list), ("app/a.yaml", "[]")],
        vec![
            ("app/kustomization.yaml", &list),
            ("app/a.yaml", "kind: ConfigMap\nmetadata: {name: a}\n"),
        ],
        vec![("app/kustomization.yaml", "resources: [../../other]"), ("app/a.yaml", &good)],
        vec![
            ("app/kustomization.yaml", "resources: ['https://git.example/x.yaml']"),
            ("app/a.yaml", &good),
        ],
        vec![
            ("app/kustomization.yaml", "resources: [a.yaml]\nnamePrefix: x-\n"),
            ("app/a.yaml", &good),
        ],
        vec![("app/kustomization.yaml", "a: b\n---\nc: d\n"), ("app/a.yaml", &good)],
    ] {
        messages.push_str(&read(&files).expect_err("it is broken").to_string());
        messages.push('\n');
    }
    insta::assert_snapshot!(messages);
}
