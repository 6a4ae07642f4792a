//! Which folders of a checkout are apps: one, or several of a monorepo.

use std::collections::BTreeMap;

use super::checkout::{Checkout, folder, is_dockerfile, is_own, join, name};
use super::language::{Language, languages};

/// An app's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The folder; empty for the checkout itself.
    pub folder: String,
    /// The path of its Dockerfile.
    pub dockerfile: Option<String>,
    /// What it may be called.
    pub name: String,
}

/// The apps, and what was seen and is none.
#[derive(Debug, Default)]
pub struct Roots {
    /// The apps, by their paths.
    pub all: Vec<Root>,
    /// Dockerfiles of no app, with the reason.
    pub left: Vec<(String, &'static str)>,
}

/// The most apps of a checkout.
const MOST: usize = 50;
/// The depth of folders in which apps are looked for.
const DEEPEST: usize = 4;
/// Folders that hold the means of building, and no app of their name.
const MEANS: [&str; 9] =
    ["docker", "build", "deploy", "container", "containers", "ci", "infra", "images", "ops"];
/// Folders whose images are not deployed.
const BESIDE: [&str; 8] =
    ["test", "tests", "testdata", "docs", "examples", "example", "fixtures", "e2e"];

/// The apps of a checkout.
#[must_use]
pub fn roots(checkout: &Checkout) -> Roots {
    let mut found = Roots::default();
    for (place, files) in dockerfiles(checkout, &mut found) {
        let (root, named) = match owner(checkout, &place) {
            Some(above) if above != place => {
                let own = name(&place);
                let name = if MEANS.contains(&own) { name(&above) } else { own };
                let name = name.to_owned();
                (above, name)
            }
            _ => (place.clone(), name(&place).to_owned()),
        };
        let (files, beside) = own_images(files);
        found.left.extend(beside.into_iter().map(|path| (path, "the one beside it is used")));
        let is_one = files.len() == 1;
        found.all.extend(files.into_iter().map(|path| {
            let name = if is_one { named.clone() } else { image_name(&path).to_owned() };
            Root { folder: root.clone(), dockerfile: Some(path), name }
        }));
    }
    // A Dockerfile of the means, where the app has one in its own folder.
    let own: Vec<Root> = found.all.clone();
    let is_beside = |root: &Root| {
        let at = root.dockerfile.as_deref().map(folder);
        at != Some(&root.folder)
            && own.iter().any(|other| {
                other.folder == root.folder
                    && other.dockerfile.as_deref().map(folder) == Some(&root.folder)
            })
    };
    let (left, all) = std::mem::take(&mut found.all).into_iter().partition(is_beside);
    found.all = all;
    let left: Vec<Root> = left;
    let paths = left.into_iter().filter_map(|root| root.dockerfile);
    found.left.extend(paths.map(|path| (path, "the one in the app's own folder is used")));
    if found.all.is_empty() {
        found.all = without(checkout);
    }
    for root in found.all.drain(found.all.len().min(MOST)..) {
        found.left.push((root.dockerfile.unwrap_or(root.folder), "more than 50 apps"));
    }
    found
}

/// The Dockerfiles by folder, the best first.
fn dockerfiles(checkout: &Checkout, found: &mut Roots) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in checkout.paths.iter().filter(|path| is_dockerfile(path)) {
        let at = folder(path);
        let parts = || at.split('/').filter(|part| !part.is_empty());
        if !parts().all(is_own) {
            continue;
        }
        if parts().count() > DEEPEST {
            found.left.push((path.clone(), "deeper than 4 folders"));
        } else if parts().any(|part| BESIDE.contains(&part)) {
            found.left.push((path.clone(), "of tests, examples or documentation"));
        } else {
            all.entry(at.to_owned()).or_default().push(path.clone());
        }
    }
    let rank = |path: &String| {
        let name = name(path).to_ascii_lowercase();
        (name != "dockerfile", name != "containerfile", stage_rank(image_name(path)))
    };
    for files in all.values_mut() {
        files.sort_by_key(rank);
    }
    all
}

/// `api` of `api.Dockerfile` or `Dockerfile.api`; empty for a plain one.
fn image_name(path: &str) -> &str {
    let name = name(path);
    let before = name.strip_suffix("Dockerfile").and_then(|name| name.strip_suffix('.'));
    before.or_else(|| name.strip_prefix("Dockerfile.")).unwrap_or_default()
}

/// 0 for a name that may be an app's; the others are of one app's images, the best first.
fn stage_rank(name: &str) -> usize {
    const STAGES: [&str; 10] =
        ["prod", "release", "stag", "alpine", "slim", "ci", "test", "dev", "local", "debug"];
    let name = name.to_ascii_lowercase();
    STAGES.iter().position(|part| name.contains(part)).map_or(0, |at| at + 1)
}

/// The Dockerfiles of a folder that are each an app's, and those that are not used.
fn own_images(files: Vec<String>) -> (Vec<String>, Vec<String>) {
    let is_app = |path: &String| !image_name(path).is_empty() && stage_rank(image_name(path)) == 0;
    if files.iter().filter(|path| is_app(path)).count() > 1
        && files.iter().all(|path| !image_name(path).is_empty())
    {
        return files.into_iter().partition(is_app);
    }
    let mut own = files;
    let beside = own.split_off(1);
    (own, beside)
}

/// The nearest folder, from this one upwards, with the files of a language.
fn owner(checkout: &Checkout, place: &str) -> Option<String> {
    let mut at = place;
    loop {
        let is_app = |(language, _): &(Language, _)| *language != Language::Static || at == place;
        if languages(checkout, at, &[]).iter().any(is_app) {
            return Some(at.to_owned());
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

/// The apps of a checkout without a Dockerfile.
fn without(checkout: &Checkout) -> Vec<Root> {
    let root = |folder: &str| Root {
        folder: folder.to_owned(),
        dockerfile: None,
        name: name(folder).to_owned(),
    };
    let is_procfile = |at: &str| checkout.has(at, "Procfile");
    if !languages(checkout, "", &[]).is_empty() || is_procfile("") {
        return vec![root("")];
    }
    let mut folders: Vec<&str> = Vec::new();
    for path in &checkout.paths {
        let at = folder(path);
        let parts: Vec<&str> = at.split('/').filter(|part| !part.is_empty()).collect();
        let is_near = (1..=2).contains(&parts.len());
        let is_app = parts.iter().all(|part| is_own(part) && !BESIDE.contains(part));
        if is_near && is_app && folders.last() != Some(&at) && !folders.contains(&at) {
            folders.push(at);
        }
    }
    let is_app = |at: &&str| {
        let all = languages(checkout, at, &[]);
        all.iter().any(|(language, _)| *language != Language::Static) || is_procfile(at)
    };
    let all: Vec<&str> = folders.into_iter().filter(is_app).collect();
    let is_outer = |at: &&&str| {
        !all.iter().any(|other| at.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')))
    };
    all.iter().filter(is_outer).map(|at| root(at)).collect()
}

/// The path of a Dockerfile, relative to its app's folder.
#[must_use]
pub fn relative<'p>(root: &Root, path: &'p str) -> &'p str {
    path.strip_prefix(&join(&root.folder, "")).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Vec<String> {
        let mut paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        paths.sort();
        let found = roots(&Checkout { paths, ..Checkout::default() });
        found
            .all
            .into_iter()
            .map(|root| {
                format!("{} {} {}", root.name, root.folder, root.dockerfile.unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn each_dockerfile_is_of_the_nearest_app() {
        assert_eq!(of(&["Dockerfile", "go.mod"]), ["  Dockerfile"]);
        assert_eq!(of(&["go.mod", "docker/Dockerfile"]), ["  docker/Dockerfile"]);
        let commands = ["go.mod", "cmd/api/Dockerfile", "cmd/worker/Dockerfile"];
        assert_eq!(of(&commands), ["api  cmd/api/Dockerfile", "worker  cmd/worker/Dockerfile"]);
        let services = ["a/go.mod", "a/Dockerfile", "b/Dockerfile", "b/package.json"];
        assert_eq!(of(&services), ["a a a/Dockerfile", "b b b/Dockerfile"]);
        assert_eq!(
            of(&["Dockerfile", "Dockerfile.dev", "go.mod", "docker/dev/Dockerfile"]),
            ["  Dockerfile"]
        );
        let named =
            ["go.mod", "build/api.Dockerfile", "build/dev.Dockerfile", "build/Dockerfile.job"];
        assert_eq!(of(&named), ["job  build/Dockerfile.job", "api  build/api.Dockerfile"]);
        assert_eq!(of(&["go.mod", "Dockerfile.dev", "Dockerfile.prod"]), ["  Dockerfile.prod"]);
        assert_eq!(of(&["tests/Dockerfile", "x/node_modules/y/Dockerfile"]), [""; 0]);
        assert_eq!(
            of(&["web/package.json", "api/go.mod", "api/x/go.mod"]),
            ["api api ", "web web "]
        );
    }
}
