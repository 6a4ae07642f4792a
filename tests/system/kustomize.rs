//! The tree without gen: every folder with a kustomization.yaml builds under `kubectl kustomize`, and yields the objects that its files
//! hold. Needs `GEN_TEST_KUBECTL`, as `make test` sets it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::needs::tool;
use crate::support::{Repo, documents, list, project, snapshot, specs, text};

/// Objects by identity. Kustomize sorts them its own way.
fn by_identity(values: Vec<Value>) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for value in values {
        let identity = ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"]
            .map(|pointer| text(&value, pointer))
            .join(" ");
        assert!(all.insert(identity.clone(), value).is_none(), "{identity} twice");
    }
    all
}

/// Builds every folder below; how many objects came of how many folders.
fn build_all(kubectl: &Path, clusters: &Path) -> (usize, usize) {
    let (mut folders, mut count) = (0, 0);
    for path in snapshot(clusters).keys() {
        let Some(folder) = path.strip_suffix("/kustomization.yaml") else {
            continue;
        };
        let folder = clusters.join(folder);
        let output =
            Command::new(kubectl).arg("kustomize").arg(&folder).output().expect("kubectl runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{path}: {stderr}");
        assert!(stderr.is_empty(), "{path}: {stderr}");
        let built = by_identity(documents(&String::from_utf8(output.stdout).expect("UTF-8")));
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
        let listed = documents(&read("kustomization.yaml"));
        let names: Vec<&str> =
            list(&listed[0], "/resources").iter().filter_map(Value::as_str).collect();
        let written = by_identity(names.iter().flat_map(|name| documents(&read(name))).collect());
        assert!(!written.is_empty(), "{path}");
        assert_eq!(built.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>(), "{path}");
        for (identity, object) in &written {
            assert_eq!(built[identity], *object, "{path}: {identity}");
        }
        // Every file of the folder is listed.
        let there: Vec<String> = snapshot(&folder).into_keys().collect();
        for name in there.iter().filter(|name| *name != "kustomization.yaml" && !name.contains('/'))
        {
            let record = name.ends_with(".lock.json");
            assert!(record || names.contains(&name.as_str()), "{path} does not list {name}");
        }
        folders += 1;
        count += written.len();
    }
    (folders, count)
}

#[test]
fn every_folder_builds_to_the_same_objects() {
    let Some(kubectl) = tool("GEN_TEST_KUBECTL", "kubectl") else {
        return;
    };
    let kubectl = kubectl.as_path();
    let mut sums = build_all(kubectl, &project().join("clusters"));
    for (_, files) in specs::ALL {
        let repo = Repo::new(files);
        repo.render();
        let (folders, count) = build_all(kubectl, &repo.at("clusters"));
        sums = (sums.0 + folders, sums.1 + count);
    }
    println!("{} folders build to their {} objects", sums.0, sums.1);
}
