//! The pictures of the pages: true, readable on light and dark backgrounds, without anything from elsewhere.

use std::collections::BTreeSet;
use std::path::Path;

use crate::markup::tags;
use crate::page::{gen_in, keep_file, pages, read, root};

/// The pictures, by their paths in the project.
fn pictures() -> Vec<String> {
    let mut pictures = Vec::new();
    for entry in std::fs::read_dir(root().join("docs/pictures")).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        pictures.push(format!("docs/pictures/{name}"));
    }
    pictures.sort();
    pictures
}

#[test]
fn the_environments_are_those_of_this_repository() {
    let (status, out, err) = gen_in(root(), &["graph", "-o", "svg"]);
    assert_eq!((status, err.as_str()), (0, ""));
    keep_file("docs/pictures/environments.svg", &out);
}

#[test]
fn pictures_stand_alone() {
    let pictures = pictures();
    assert!(pictures.len() >= 5, "{pictures:?}");
    for path in pictures {
        let text = read(&path);
        let mut open = Vec::new();
        for tag in tags(&text) {
            if let Some(name) = tag.name.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "{path}");
            } else if !tag.is_empty {
                open.push(tag.name.clone());
            }
            let is_foreign = |value: &str| value.contains("://") && !value.ends_with("/2000/svg");
            for (name, value) in &tag.attributes {
                assert!(
                    name != "href" && !name.starts_with("on") && !is_foreign(value),
                    "{path}: {name}"
                );
            }
            assert!(!["script", "image", "foreignobject"].contains(&tag.name.as_str()), "{path}");
        }
        assert!(open.is_empty(), "{path}: {open:?}");
        assert!(text.contains("<title"), "{path} has no title");
        assert!(text.contains("prefers-color-scheme"), "{path} has no dark colours");
        assert!(!text.contains("url(") && !text.contains("@import"), "{path} loads something");
        assert!(text.len() < 20_000, "{path}: {} bytes", text.len());
    }
}

#[test]
fn each_is_shown_and_described() {
    let mut shown = BTreeSet::new();
    for page in pages() {
        for part in read(&page).split("![").skip(1) {
            let (text, rest) = part.split_once("](").expect("a picture");
            let (path, _) = rest.split_once(')').expect("a path");
            assert!(text.len() > 40, "{page}: {path} is described by `{text}`");
            let name = path.rsplit('/').next().expect("a name");
            shown.insert(format!("docs/pictures/{name}"));
        }
    }
    assert_eq!(shown.into_iter().collect::<Vec<_>>(), pictures());
}

/// The text of a picture, a line each.
fn words(path: &str) -> Vec<String> {
    let text = read(path);
    let parts = text.split("<text").skip(1).filter_map(|part| part.split_once('>'));
    parts.filter_map(|(_, rest)| rest.split('<').next()).map(str::to_owned).collect()
}

/// The accounts that the picture names are those that are rendered, in the namespaces that it says.
#[test]
fn the_accounts_are_real() {
    let access = ["accounts", "apply"]
        .map(|name| read(&format!("clusters/homelab/dev/demo-app/access/{name}.yaml")));
    let access = access.concat();
    let words = words("docs/pictures/permissions.svg");
    let mut found = 0;
    for pair in words.windows(2) {
        let [name, detail] = pair else { continue };
        let Some(namespace) = detail.strip_prefix("of ").and_then(|rest| rest.split(':').next())
        else {
            continue;
        };
        // Flux's own, which gen does not render.
        if name == "kustomize-controller" {
            continue;
        }
        let account =
            format!("kind: ServiceAccount\nmetadata:\n  name: {name}\n  namespace: {namespace}\n");
        let (_, rest) = access.split_once(&account).unwrap_or_else(|| panic!("no {account}"));
        let object = rest.split("\n---\n").next().expect("an object");
        // The one that Flux uses has no pods.
        if namespace != "flux-system" {
            let may_nothing = words.iter().skip_while(|word| *word != name).nth(2);
            let has_token = object.contains("automountServiceAccountToken: true");
            assert_eq!(may_nothing.map(String::as_str) == Some("nothing"), !has_token, "{name}");
        }
        found += 1;
    }
    assert_eq!(found, 5, "{words:?}");
    for rule in [
        "  - create\n",
        "  - patch\n",
        "  resourceNames:\n  - demo-app\n",
        "  - pipelineruns\n  verbs:\n  - get\n---",
    ] {
        assert!(access.contains(rule), "{rule}");
    }
}

#[test]
fn the_files_and_folders_are_real() {
    let words =
        [words("docs/pictures/delivery.svg"), words("docs/pictures/ownership.svg")].concat();
    let mut found = 0;
    for word in words.iter().flat_map(|line| line.split([' ', ','])) {
        let path = word.replace("dev.pins.yaml", "environments/staging.pins.yaml");
        let path = path.replace("*.yaml", "dev.yaml").replace("*.pins.yaml", "prod.pins.yaml");
        let is_file =
            Path::new(&path).extension().is_some_and(|end| end == "yaml" || end == "json");
        let is_path = path.ends_with('/') || is_file;
        // Only where they are needed.
        if !is_path || path == "crds/" {
            continue;
        }
        let path = path.replace("gen.lock.json", "clusters/homelab/dev/demo-app/gen.lock.json");
        assert!(root().join(&path).exists(), "{path}");
        found += 1;
    }
    assert!(found >= 8, "{words:?}");
}
